"""Countries, subdivisions and postal codes as people write them → ISO 3166 and match keys.

Theory of operation: names compare by their letters (`territories.text.letters`). The tables
come from pycountry (ISO 3166-1 and 3166-2) plus `territories.place_names`, are built at the
first question and stay; answers are cached, bounded, so a repeated name costs a dictionary
look-up. Within a country a code beats a name, and a first-level subdivision beats a lower one
of the same name (Madrid: the community, not the province).
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import groupby

import pycountry

from .place_names import COUNTRY_ALIASES, SUBDIVISION_ALIASES
from .text import fold, letters

_CODE = re.compile(r"^\s*([A-Za-z]{2})[-\s_.]+([A-Za-z0-9]{1,3})\s*$")
_BRACKETS = re.compile(r"\s*[\[(]([^\])]*)[\])]")
_FOREIGN_CODE = re.compile(r"\s*\b[A-Z]{2}-\w{2,3}$")
_TYPE_ENDING = re.compile(
    r"(?:s?\slän|\s(?:sheng|shi|zizhiqu|sar|kray|oblast'|respublika)"
    r"|-(?:gwangyeoksi|teukbyeolsi|teukbyeoljachido|do))$",
    re.IGNORECASE,
)
#: Words people put around a name ("State of California", "Tokyo Prefecture").
_TYPE_WORDS = frozenset({
    "the", "of", "state", "province", "prov", "region", "county", "co", "canton", "kanton",
    "prefecture", "territory", "governorate", "department", "emirate", "oblast", "republic",
    "district", "land", "bundesland",
})  # fmt: skip
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})


#: No name of a place is longer; longer text is answered without filling the caches.
_LONGEST_NAME = 100


def country_code(text: str) -> str | None:
    """The ISO 3166-1 alpha-2 code that a code of 2 or 3 letters, an English name, a usual
    alias or an endonym means; None where it means none."""
    return _country_code(text) if len(text) <= _LONGEST_NAME else None


def subdivision_code(country: str, text: str) -> str | None:
    """The ISO 3166-2 code (`US-CA`) that `text` means within `country` (alpha-2): the full
    code, its local part or a name. None where it means none, or one of another country."""
    return _subdivision_code(country, text) if len(text) <= _LONGEST_NAME else None


def subdivisions_anywhere(text: str) -> tuple[str, ...]:
    """The ISO 3166-2 codes that `text` may mean where the country is not known, sorted: one for
    a full code (`us-ca`) and for what one country alone knows ("Bayern"), several for the like
    of "CA"."""
    return _subdivisions_anywhere(text) if len(text) <= _LONGEST_NAME else ()


@lru_cache(maxsize=8192)
def _country_code(text: str) -> str | None:
    key = letters(text)
    return _countries().get(key) or _countries().get(key.removeprefix("the"))


@lru_cache(maxsize=8192)
def _subdivision_code(country: str, text: str) -> str | None:
    table = _subdivisions().get(country)
    if table is None:
        return None
    full = _CODE.match(text)
    if full and full[1].upper() == country and letters(full[2]) in table.codes:
        return table.codes[letters(full[2])]
    key = letters(text)
    found = table.codes.get(key) or table.names.get(key)
    return found or table.names.get(_without_type_words(text))


@lru_cache(maxsize=8192)
def _subdivisions_anywhere(text: str) -> tuple[str, ...]:
    full = _CODE.match(text)
    if full and (found := subdivision_code(full[1].upper(), text)):
        return (found,)
    # Asked without the cache: one text would fill it with an entry for each country.
    find = _subdivision_code.__wrapped__
    return tuple(sorted({code for one in _subdivisions() if (code := find(one, text))}))


@lru_cache(maxsize=512)
def country_name(code: str) -> str:
    """The short English name of an alpha-2 code ("Germany", "South Korea"); the code where it
    is unknown."""
    found = pycountry.countries.get(alpha_2=code)
    return str(getattr(found, "common_name", found.name)) if found else code


@cache
def known_countries() -> tuple[str, ...]:
    """The short English names of all countries, for proposals."""
    return tuple(country_name(country.alpha_2) for country in pycountry.countries)


@lru_cache(maxsize=8192)
def subdivision_name(code: str) -> str:
    """The name of an ISO 3166-2 code ("California"); the code where it is unknown."""
    found = pycountry.subdivisions.get(code=code)
    return next(_spellings(found.name)) if found else code


def postal_key(text: str) -> str:
    """The form in which postal codes compare: upper-cased, without white space and hyphens."""
    if text.isalnum():
        return text.upper()
    return "".join(char for char in text if not (char.isspace() or char in _HYPHENS)).upper()


_HYPHENS = frozenset("-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d")


@cache
def _countries() -> dict[str, str]:
    """Letters of every name and code → alpha-2."""
    table: dict[str, str] = {}
    for country in pycountry.countries:
        names = [country.name, getattr(country, "official_name", ""), country.alpha_3]
        names.append(getattr(country, "common_name", ""))
        for name in names:
            for spelling in _country_spellings(name):
                table.setdefault(letters(spelling), country.alpha_2)
    for code, aliases in COUNTRY_ALIASES.items():
        for name in aliases.split("|"):
            table[letters(name)] = code
            table.setdefault(letters(name.translate(_UMLAUTS)), code)
    for country in pycountry.countries:
        table[country.alpha_2.lower()] = country.alpha_2
    table.pop("", None)
    return table


def _country_spellings(name: str) -> Iterator[str]:
    """`name`, and the same turned round at its comma, without brackets, and with "St"."""
    if not name:
        return
    yield name
    if ", " in name:
        head, tail = name.split(", ", 1)
        yield f"{tail.removeprefix('The ')} {head}"
    yield _BRACKETS.sub("", name)
    if "Saint " in name:
        yield name.replace("Saint ", "St ")


class _Subdivisions:
    """The subdivisions of one country: letters of the local code, and of names → full code."""

    __slots__ = ("codes", "names")

    def __init__(self) -> None:
        self.codes: dict[str, str] = {}
        self.names: dict[str, str] = {}


@cache
def _subdivisions() -> dict[str, _Subdivisions]:
    """Alpha-2 → its subdivisions, first levels first."""
    tables: dict[str, _Subdivisions] = {}
    ordered = sorted(pycountry.subdivisions, key=lambda s: (bool(s.parent_code), s.code))
    for _, level in groupby(ordered, key=lambda s: bool(s.parent_code)):
        subdivisions = list(level)
        for subdivision in subdivisions:
            table = tables.setdefault(subdivision.country_code, _Subdivisions())
            table.codes[letters(subdivision.code[3:])] = subdivision.code
            table.names.setdefault(letters(subdivision.name), subdivision.code)
        for subdivision in subdivisions:
            for spelling in _spellings(subdivision.name):
                names = tables[subdivision.country_code].names
                names.setdefault(letters(spelling), subdivision.code)
    for code, aliases in SUBDIVISION_ALIASES.items():
        for name in aliases.split("|"):
            tables[code[:2]].names[letters(name)] = code
    return tables


def _spellings(name: str) -> Iterator[str]:
    """The ways to write an ISO 3166-2 name, the plainest first.

    "Wales [Cymru GB-CYM]" → Wales, Cymru; "Madrid, Comunidad de" → Comunidad de Madrid, Madrid;
    "Skåne län [SE-12]" → Skåne län, Skåne; "Thüringen" → also Thueringen."""
    plain = _BRACKETS.sub("", name)
    head, _, tail = plain.partition(", ")
    yield f"{tail} {head}" if tail and " and " not in tail and " y " not in tail else plain
    yield plain
    yield head
    yield from (f"{tail} {head}", _TYPE_ENDING.sub("", plain), plain.translate(_UMLAUTS))
    for inner in _BRACKETS.findall(name):
        if without_code := _FOREIGN_CODE.sub("", inner):
            yield without_code


def _without_type_words(text: str) -> str:
    """The letters of `text` without words such as "State of"; "" where nothing else is left."""
    words = re.split(r"[\W_]+", fold(text))
    return "".join(word for word in words if word not in _TYPE_WORDS)
