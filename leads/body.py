"""The body of a lead: reading JSON within bounds, and whether what was read is a lead (api.md).

Only the shape is checked here: types, sizes, unknown members, and that the lead names somebody.
Dirty values (an unknown country, a phone that is none) pass; `leads.normalise` warns of them.
"""

import json
import math
from collections import Counter
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import NoReturn, TypeAlias

from leads.errors import Fault, InvalidLead
from territories.text import clean_text

#: Members that hold text.
TEXT_FIELDS = (
    "external_id", "source", "lead_type", "email", "first_name", "last_name", "phone", "title",
    "company", "website", "country", "state", "city", "postal_code", "industry", "language",
    "campaign", "account", "owner",
)  # fmt: skip
NUMBER_FIELDS = ("employees", "annual_revenue", "score")
FIELDS = (
    *TEXT_FIELDS, *NUMBER_FIELDS, "product_interest", "crm_ids", "received_at", "custom",
)  # fmt: skip
#: A lead names somebody when one of these shows something.
IDENTIFYING = ("email", "phone", "company", "external_id")

#: A lead's body, as bytes (semantics 2).
MAX_LEAD_BYTES = 64 * 1024
MAX_TEXT = 10_000
#: Both are indexed together; PostgreSQL takes 2,704 bytes for an index row.
MAX_IDENTITY = 320
MAX_INTEGER = 2**63 - 1
MAX_NUMBER = 10**15
MAX_FLOAT = 10**300
MAX_ITEMS = 200
MAX_NAME = 100
#: Each proposal costs about as much as a whole lead.
MAX_PROPOSALS = 20
_LIMITS = {"external_id": MAX_IDENTITY, "source": MAX_IDENTITY}

_SYNONYMS = {
    "organisation": "company", "organization": "company", "company_name": "company",
    "account_name": "company", "zip": "postal_code", "zip_code": "postal_code",
    "zipcode": "postal_code", "postcode": "postal_code", "province": "state", "region": "state",
    "job_title": "title", "mobile": "phone", "telephone": "phone", "mail": "email",
    "email_address": "email", "domain": "website", "url": "website", "revenue": "annual_revenue",
    "headcount": "employees", "type": "lead_type", "locale": "language", "id": "external_id",
    "surname": "last_name", "given_name": "first_name", "products": "product_interest",
}  # fmt: skip

Report: TypeAlias = Callable[[str, str, str], None]


def check_lead(body: object, *, pointer: str = "", partial: bool = False) -> list[Fault]:
    """Every fault of a lead's body, in its order; none for a body that can be taken.

    `pointer` is where the body stands in a larger one. A `partial` body (a change of fields)
    need not name anybody."""
    if not isinstance(body, Mapping):
        return [Fault(pointer, "invalid_type", f"a lead must be an object, not {_kind(body)}")]
    faults: list[Fault] = []

    def report(place: str, code: str, detail: str) -> None:
        faults.append(Fault(pointer + place, code, detail))

    proposals = 0
    for name, value in body.items():
        check = _CHECKS.get(name)
        if check is None:
            proposals += 1
            report(_member(name), "unknown_member", _unknown(name, proposals <= MAX_PROPOSALS))
        elif value is not None:
            check(name, value, report)
    if not partial and _names_nobody(body):
        report("", "names_nobody", f"give at least one of {', '.join(IDENTIFYING)}")
    return faults


def _names_nobody(body: Mapping[str, object]) -> bool:
    """Whether nothing visible identifies the lead; a value of a wrong type is its own fault."""
    for name in IDENTIFYING:
        value = body.get(name)
        if value is not None and (not isinstance(value, str) or clean_text(value[:MAX_TEXT])):
            return False
    return True


def _unknown(name: str, propose: bool) -> str:
    shown = _shown(name)
    if not propose:
        return f'unknown member "{shown}"'
    plain = shown.strip().casefold().replace("-", "_").replace(" ", "_")
    near = [_SYNONYMS[plain]] if plain in _SYNONYMS else get_close_matches(plain, FIELDS, n=1)
    if near:
        return f'unknown member "{shown}"; did you mean "{near[0]}"?'
    return f'unknown member "{shown}"; fields of your own go into "custom"'


def _shown(name: str) -> str:
    """`name` fit for a message: short, without characters that show nothing or break it."""
    return clean_text(name[:MAX_NAME])


def _member(name: str) -> str:
    """The RFC 6901 step to a member; lone surrogates, which cannot be sent, become U+FFFD."""
    name = name.encode("utf-8", "replace").decode() if not name.isascii() else name
    return "/" + name.replace("~", "~0").replace("/", "~1")


def _kind(value: object) -> str:
    """What a JSON value is, in words."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, str):
        return "text"
    if isinstance(value, int | float):
        return "a number"
    return "an object" if isinstance(value, Mapping) else "a list"


def _check_text(name: str, value: object, report: Report) -> None:
    _text(f"/{name}", value, _LIMITS.get(name, MAX_TEXT), report)


def _text(place: str, value: object, limit: int, report: Report) -> None:
    if not isinstance(value, str):
        report(place, "invalid_type", f"must be text, not {_kind(value)}")
    elif len(value) > limit or (not value.isascii() and len(clean_text(value)) > limit):
        report(place, "too_long", f"must not be longer than {limit:,} characters")


def _check_integer(name: str, value: object, report: Report) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        kind = "a fraction" if isinstance(value, float) else _kind(value)
        report(f"/{name}", "invalid_type", f"must be a whole number, not {kind}")
    elif abs(value) > MAX_INTEGER:
        report(f"/{name}", "too_large", "does not fit in 64 bits")


def _check_number(name: str, value: object, report: Report) -> None:
    _number(f"/{name}", value, MAX_NUMBER, report)


def _number(place: str, value: object, limit: int, report: Report) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        report(place, "invalid_type", f"must be a number, not {_kind(value)}")
    elif isinstance(value, float) and not math.isfinite(value):
        report(place, "not_finite", "must be a finite number")
    elif abs(value) > limit:
        report(place, "too_large", f"must not be beyond {limit:,} either way")


def _check_texts(name: str, value: object, report: Report) -> None:
    _texts(f"/{name}", value, report)


def _texts(place: str, value: object, report: Report) -> None:
    if not isinstance(value, list | tuple):
        report(place, "invalid_type", f"must be a list of texts, not {_kind(value)}")
    elif len(value) > MAX_ITEMS:
        report(place, "too_long", f"must not hold more than {MAX_ITEMS} texts")
    else:
        for index, one in enumerate(value):
            if one is not None:
                _text(f"{place}/{index}", one, MAX_TEXT, report)


def _members(name: str, value: object, report: Report) -> list[tuple[str, object]]:
    """The members of an object whose names and number are in order, with their places."""
    if not isinstance(value, Mapping):
        report(f"/{name}", "invalid_type", f"must be an object, not {_kind(value)}")
        return []
    if len(value) > MAX_ITEMS:
        report(f"/{name}", "too_large", f"must not have more than {MAX_ITEMS} members")
        return []
    members: list[tuple[str, object]] = []
    for key, one in value.items():
        place = f"/{name}{_member(key)}"
        if len(key) > MAX_NAME:
            report(place, "too_long", f"a name must not be longer than {MAX_NAME} characters")
        elif not clean_text(key):
            report(place, "invalid", "a name must show something")
        elif one is not None:
            members.append((place, one))
    return members


def _check_custom(name: str, value: object, report: Report) -> None:
    for place, one in _members(name, value, report):
        if isinstance(one, bool):
            continue
        if isinstance(one, str):
            _text(place, one, MAX_TEXT, report)
        elif isinstance(one, int | float):
            # Whole numbers are often ids of another system; fractions stop where a float does.
            _number(place, one, MAX_INTEGER if isinstance(one, int) else MAX_FLOAT, report)
        elif isinstance(one, list | tuple):
            _texts(place, one, report)
        else:
            detail = "must be text, a number, true or false, or a list of texts, not an object"
            report(place, "invalid_type", detail)


def _check_crm_ids(name: str, value: object, report: Report) -> None:
    for place, one in _members(name, value, report):
        _text(place, one, MAX_TEXT, report)


_CHECKS: dict[str, Callable[[str, object, Report], None]] = {
    **dict.fromkeys((*TEXT_FIELDS, "received_at"), _check_text),
    "employees": _check_integer,
    "annual_revenue": _check_number,
    "score": _check_number,
    "product_interest": _check_texts,
    "custom": _check_custom,
    "crm_ids": _check_crm_ids,
}


def parse_json(raw: bytes, *, max_bytes: int | None = None, max_depth: int = 32) -> object:
    """The value of a JSON text in UTF-8 (a byte order mark is passed over).

    Raises InvalidLead with one fault at "": `too_large` for more bytes than allowed and for
    numbers that do not fit in 64 bits, `not_json`, `not_finite`, `duplicate_key`, `too_deep`."""
    if max_bytes is not None and len(raw) > max_bytes:
        _refuse("too_large", f"larger than {max_bytes:,} bytes")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        _refuse("not_json", f"not UTF-8 at byte {error.start}")
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        _refuse("not_json", f"not JSON: {error.msg} (line {error.lineno}, column {error.colno})")
    except RecursionError:
        _refuse("too_deep", f"nested deeper than {max_depth} levels")
    # Brackets bound the depth from above, so few bodies need the walk.
    if text.count("{") + text.count("[") > max_depth and _is_deeper(value, max_depth):
        _refuse("too_deep", f"nested deeper than {max_depth} levels")
    return value


def _is_deeper(value: object, max_depth: int) -> bool:
    """Whether lists and objects are nested deeper than `max_depth`, level by level."""
    level: list[object] = [value]
    for _ in range(max_depth):
        below: list[object] = []
        for one in level:
            if isinstance(one, dict):
                below.extend(one.values())
            elif isinstance(one, list):
                below.extend(one)
        if not below:
            return False
        level = below
    return any(isinstance(one, dict | list) for one in level)


def _refuse(code: str, detail: str) -> NoReturn:
    raise InvalidLead([Fault("", code, detail)])


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) < len(pairs):
        (twice, _), *_ = Counter(name for name, _ in pairs).most_common(1)
        _refuse("duplicate_key", f'the member "{_shown(twice)}" is given twice')
    return members


def _integer(digits: str) -> int:
    if len(digits) > 20 or not -(2**63) <= (number := int(digits)) < 2**63:
        _refuse("too_large", f"the number {digits[:24]} does not fit in 64 bits")
    return number


def _float(digits: str) -> float:
    if not math.isfinite(number := float(digits)):
        _refuse("not_finite", f"the number {digits[:24]} is too large")
    return number


def _constant(name: str) -> NoReturn:
    _refuse("not_finite", f"{name} is no JSON number")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_float, parse_constant=_constant
)
