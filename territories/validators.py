"""Checks of single values; each raises ValidationError with a sentence a person can act on."""

import unicodedata
from typing import Any

from django.core.exceptions import ValidationError

#: How deep stored JSON may nest; far beyond any condition a person writes.
MAX_JSON_DEPTH = 64
MAX_JSON_NUMBER = 2**63 - 1


def check_text(text: str, *, lines: bool = False) -> None:
    """Refuse control characters and lone surrogates; with `lines`, line breaks and tabs pass."""
    for character in text:
        category = unicodedata.category(character)
        if category == "Cs" or (category == "Cc" and not (lines and character in "\r\n\t")):
            raise ValidationError(
                f"Control characters are not allowed (found U+{ord(character):04X}).",
                code="control_character",
            )


def check_json(value: Any, depth: int = 0) -> None:
    """Refuse control characters in any string, numbers past 64 bits and too deep nesting."""
    if depth > MAX_JSON_DEPTH:
        raise ValidationError(f"Nested deeper than {MAX_JSON_DEPTH} levels.", code="too_deep")
    if isinstance(value, str):
        check_text(value, lines=True)
    elif isinstance(value, int | float) and abs(value) > MAX_JSON_NUMBER:
        raise ValidationError("A number is too large.", code="too_large")
    elif isinstance(value, dict):
        for name, item in value.items():
            check_text(str(name))
            check_json(item, depth + 1)
    elif isinstance(value, list | tuple):
        for item in value:
            check_json(item, depth + 1)
