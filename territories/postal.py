"""What postal codes of the countries that leads come from most look like.

Codes are given as keys (`places.postal_key`). The table serves warnings only: a code that does
not fit is kept and routed on all the same.
"""

import re

from .places import postal_key

_FORMATS = {
    r"\d{4}": "AT AU BE BG CH CY DK GE HU LI LU LV MK NL NO NZ PH SI TN ZA",
    r"\d{5}": "CU CZ DE DO EE EG ES FI FR GR GT HR ID IT KE KW LK LT MA MC ME MX MY PE PK PL RS SA"
    " SE SK SM TH TR TW UA UY VA ZM",
    r"\d{6}": "BY CN CO EC IN KG KZ RO RU SG TJ TM UZ VN",
    r"\d{5}(?:\d{4})?": "PR US VI",
    r"\d{7}": "CL JP",
    r"\d{4}(?:\d{3})?": "PT",
    r"\d{5}(?:\d{3})?": "BR",
    r"\d{5}(?:\d{2})?": "IL",
    r"\d{5}\d?": "KR",
    r"\d{4}[A-Z]{2}": "NL",
    r"[A-Z]\d[A-Z](?:\d[A-Z]\d)?": "CA",
    r"[A-Z]\d[\dW](?:[A-Z\d]{4})?": "IE",
    r"(?:GIR0AA|[A-Z]{1,2}\d[A-Z\d]?(?:\d[A-Z]{2})?)": "GB GG IM JE",
    r"[A-Z]{3}\d{4}": "MT",
    r"(?:[A-Z]\d{4}[A-Z]{3}|\d{4})": "AR",
}
#: Letters that some countries still put in front, beside their alpha-2 code.
_PREFIXES = {"AT": "A", "BE": "B", "DE": "D", "ES": "E", "FI": "FIN", "FR": "F", "HU": "H",
             "IT": "I", "LU": "L", "NO": "N", "SE": "S"}  # fmt: skip


def _compiled() -> dict[str, re.Pattern[str]]:
    patterns: dict[str, list[str]] = {}
    for pattern, countries in _FORMATS.items():
        for country in countries.split():
            patterns.setdefault(country, []).append(pattern)
    return {country: re.compile("|".join(several)) for country, several in patterns.items()}


_PATTERNS = _compiled()


def fits_country(country: str, code: str) -> bool:
    """Whether a postal code (in any writing) looks like one of `country` (alpha-2); True for a
    country whose codes are not known here."""
    pattern = _PATTERNS.get(country)
    return pattern is None or pattern.fullmatch(postal_key(code)) is not None


def without_country(country: str, code: str) -> str:
    """`code`, in upper case, without the country put in front of it ("D-10115" is "10115"); as
    it is where that leaves no code of the country."""
    if fits_country(country, code):
        return code
    for prefix in (country, _PREFIXES.get(country, country)):
        bare = code.removeprefix(prefix).lstrip("- ")
        if bare != code and fits_country(country, bare):
            return bare
    return code
