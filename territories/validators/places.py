"""Countries, subdivisions, postal patterns and domains, as codes."""

import re
from typing import Any

from django.core.exceptions import ValidationError

from territories.names import clean_domain
from territories.places import country_code, country_name, postal_key, subdivision_code

from .text import clean_texts

MAX_POSTAL_LENGTH = 12


def clean_country(text: str) -> str:
    """Return the ISO 3166-1 alpha-2 code of a code or an English name."""
    code = country_code(text)
    if code is None:
        raise ValidationError(f"“{text}” is not a country.", code="country")
    return code


def clean_subdivision(country: str, text: str) -> str:
    """Return the ISO 3166-2 code of a subdivision of `country` (alpha-2)."""
    code = subdivision_code(country, text)
    if code is None:
        raise ValidationError(
            f"“{text}” is not a subdivision of {country_name(country)}.", code="subdivision"
        )
    return code


def clean_postal(value: Any) -> list[str]:
    """Return postal patterns upper-cased: exact, `prefix*`, `low..high`; each once."""
    patterns = [_clean_pattern(text) for text in clean_texts(value)]
    return list(dict.fromkeys(patterns))


def _clean_pattern(text: str) -> str:
    pattern = text.upper()
    if ".." in pattern:
        low, _, high = pattern.partition("..")
        low, high = low.strip(), high.strip()
        _check_range(pattern, postal_key(low), postal_key(high))
        return f"{low}..{high}"
    _check_code(pattern, postal_key(pattern.removesuffix("*")))
    return pattern


def _check_code(pattern: str, code: str) -> None:
    if not code or len(code) > MAX_POSTAL_LENGTH or not (code.isascii() and code.isalnum()):
        raise ValidationError(
            f"“{pattern}” is not a postal code, a prefix (SW1*) or a range (10000..14999).",
            code="postal",
        )


def _check_range(pattern: str, low: str, high: str) -> None:
    _check_code(pattern, low)
    _check_code(pattern, high)
    if _shape(low) != _shape(high):
        raise ValidationError(
            f"“{pattern}”: both ends must have the same length and form.", code="postal"
        )
    if low > high:
        raise ValidationError(f"“{pattern}”: the low end comes first.", code="postal")


def _shape(code: str) -> str:
    return re.sub(r"[A-Z]", "A", re.sub(r"[0-9]", "0", code))


def clean_domain_name(text: str) -> str:
    """Return the host in lower-case ASCII. Refuses public suffixes and what is no domain."""
    domain = clean_domain(text)
    if domain is None:
        raise ValidationError(
            f"“{text}” is not a company's domain such as acme.com.", code="domain"
        )
    return domain


def clean_members(kind: str, value: Any) -> list[str]:
    """Return the values of a value list: countries as codes for a region, clean domains."""
    texts = clean_texts(value)
    clean = {"region": clean_country, "domain": clean_domain_name}.get(kind)
    return list(dict.fromkeys(map(clean, texts))) if clean else texts
