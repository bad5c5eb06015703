"""Texts and lists of texts, and what any JSON value may hold."""

import unicodedata
from collections.abc import Collection
from difflib import get_close_matches
from typing import Any

from django.core.exceptions import ValidationError

from territories.text import clean_text

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


def clean_texts(value: Any) -> list[str]:
    """Return a list of texts, cleaned, each once, in order."""
    if not isinstance(value, list | tuple):
        raise ValidationError("Must be a list of texts.", code="wrong_type")
    for item in value:
        if not isinstance(item, str):
            raise ValidationError(f"“{item}” must be text.", code="wrong_type")
    cleaned = [clean_text(item) for item in value]
    if not all(cleaned):
        raise ValidationError("A value may not be blank.", code="blank")
    return list(dict.fromkeys(cleaned))


def clean_choices(value: Any, choices: Collection[str]) -> list[str]:
    """Return a list of texts of which each is one of `choices`."""
    texts = clean_texts(value)
    for text in texts:
        if text not in choices:
            near = did_you_mean(text, choices)
            raise ValidationError(f"“{text}” is not one of {', '.join(choices)}{near}.")
    return texts


def did_you_mean(word: str, known: Collection[str]) -> str:
    """Return `; did you mean “…”?` with the nearest known word, or nothing."""
    names = {name.casefold(): name for name in known}
    near = get_close_matches(word.casefold(), names, n=1)
    return f"; did you mean “{names[near[0]]}”?" if near else ""
