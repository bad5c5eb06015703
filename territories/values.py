"""Values of conditions in the form in which leads hold them (semantics 3): "Germany" is DE.

A value that no lead could ever hold, such as an unknown country, is refused here with a sentence
that proposes a known one, so that a rule which saves can match.
"""

import re
from collections.abc import Callable
from difflib import get_close_matches
from typing import TypeAlias

from leads.engine.vocabulary import FIELDS, FieldKind

from .names import ascii_host, clean_domain
from .places import country_code, known_countries, postal_key, subdivisions_anywhere
from .text import clean_text

Scalar: TypeAlias = str | int | float | bool

_ADDRESS = re.compile(r"(?:.*<\s*)?(?:mailto:)?([^\s<>@]+)@([^\s<>@]+?)\s*>?", re.IGNORECASE)


def normalise_value(field: str, value: object) -> object:
    """`value` as a lead would hold it in `field`; a list element by element.

    Numbers, true and false are given back as they are: whether a field takes them is the
    vocabulary's affair. Raises ValueError with a sentence about the value."""
    if isinstance(value, list | tuple):
        return [normalise_value(field, one) for one in value]
    if not isinstance(value, str):
        return value
    text = clean_text(value)
    if not text:
        raise ValueError(f"{value!r} holds no visible text")
    special = _BY_FIELD.get(field) or _BY_KIND.get(FIELDS.get(field, FieldKind.CUSTOM))
    return special(text) if special else text


def _country(text: str) -> str:
    code = country_code(text)
    if code is None:
        near = get_close_matches(text.title(), known_countries(), n=1, cutoff=0.75)
        hint = f'; did you mean "{near[0]}"?' if near else "; give its ISO 3166-1 code or its name"
        raise ValueError(f'unknown country "{text}"{hint}')
    return code


def _state(text: str) -> str:
    """The ISO 3166-2 code; text that means none stays, as leads keep such a state too.

    Where several countries know it, the United States' is meant (only there are bare codes
    the custom: CA, TX); without it among them the full code has to be given."""
    codes = subdivisions_anywhere(text)
    if len(codes) <= 1:
        return codes[0] if codes else text
    for code in codes:
        if code.startswith("US-"):
            return code
    raise ValueError(f'state "{text}" may be {", ".join(codes[:-1])} or {codes[-1]}: say which')


def _email(text: str) -> str:
    address = _ADDRESS.fullmatch(text)
    return f"{address[1]}@{address[2]}".lower() if address else text.lower()


def _domain(text: str) -> str:
    return ascii_host(text) or clean_domain(text) or text.lower()


_BY_KIND: dict[FieldKind, Callable[[str], str]] = {
    FieldKind.COUNTRY: _country,
    FieldKind.STATE: _state,
    FieldKind.POSTAL: lambda text: postal_key(text) or text,
}
_BY_FIELD: dict[str, Callable[[str], str]] = {"email": _email, "email_domain": _domain}
