"""The operators' families, the words people use for them, and the values that each takes."""

import re
from collections.abc import Collection
from datetime import date, datetime
from difflib import get_close_matches

from .config import Scalar
from .vocabulary import FIELDS, FieldKind, Op

EQUALITY = frozenset({Op.EQ, Op.NE, Op.IN, Op.NOT_IN, Op.INCLUDES, Op.INCLUDES_ALL, Op.EXCLUDES})
LISTS = frozenset({Op.IN, Op.NOT_IN})
SCALARS = frozenset({Op.EQ, Op.NE})
ORDERING = frozenset({Op.GT, Op.GTE, Op.LT, Op.LTE, Op.BETWEEN})
BLANKS = frozenset({Op.IS_BLANK, Op.IS_NOT_BLANK})
SUBSTRINGS = frozenset(
    {Op.CONTAINS, Op.NOT_CONTAINS, Op.STARTS_WITH, Op.NOT_STARTS_WITH, Op.ENDS_WITH}
)

TEXTS = frozenset({FieldKind.TEXT, FieldKind.COUNTRY, FieldKind.STATE, FieldKind.MULTI})

#: What people write for an operator that has another name here.
SYNONYMS = {
    "like": Op.CONTAINS, "ilike": Op.CONTAINS, "matches": Op.CONTAINS, "regex": Op.CONTAINS,
    "has": Op.CONTAINS, "substring": Op.CONTAINS, "icontains": Op.CONTAINS,
    "not_like": Op.NOT_CONTAINS, "is": Op.EQ, "equals": Op.EQ, "equal": Op.EQ, "=": Op.EQ,
    "==": Op.EQ, "===": Op.EQ, "exact": Op.EQ, "iexact": Op.EQ, "is_not": Op.NE, "not": Op.NE,
    "neq": Op.NE, "!=": Op.NE, "<>": Op.NE, "not_equals": Op.NE, "not_equal": Op.NE,
    "one_of": Op.IN, "any_of": Op.IN, "is_any_of": Op.IN, "none_of": Op.NOT_IN, "nin": Op.NOT_IN,
    ">": Op.GT, ">=": Op.GTE, "<": Op.LT, "<=": Op.LTE, "ge": Op.GTE, "le": Op.LTE,
    "greater_than": Op.GT, "less_than": Op.LT, "more_than": Op.GT, "at_least": Op.GTE,
    "at_most": Op.LTE, "range": Op.BETWEEN, "prefix": Op.STARTS_WITH, "startswith": Op.STARTS_WITH,
    "begins_with": Op.STARTS_WITH, "suffix": Op.ENDS_WITH, "endswith": Op.ENDS_WITH,
    "includes_any": Op.INCLUDES, "has_all": Op.INCLUDES_ALL, "contains_all": Op.INCLUDES_ALL,
    "not_includes": Op.EXCLUDES, "empty": Op.IS_BLANK, "is_empty": Op.IS_BLANK,
    "is_null": Op.IS_BLANK, "isnull": Op.IS_BLANK, "null": Op.IS_BLANK, "blank": Op.IS_BLANK,
    "missing": Op.IS_BLANK, "exists": Op.IS_NOT_BLANK, "not_empty": Op.IS_NOT_BLANK,
    "is_not_empty": Op.IS_NOT_BLANK, "not_blank": Op.IS_NOT_BLANK, "not_null": Op.IS_NOT_BLANK,
    "is_not_null": Op.IS_NOT_BLANK, "present": Op.IS_NOT_BLANK,
}  # fmt: skip

ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
ISO_DATETIME = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}")


def field_kind(name: str) -> FieldKind | None:
    """What the field holds; None when no lead has such a field."""
    if name.startswith("custom.") and name[7:].strip():
        return FieldKind.CUSTOM
    return FIELDS.get(name)


def is_iso_date(text: str) -> bool:
    """Whether the text is an ISO 8601 calendar date, with or without a time."""
    try:
        if ISO_DATE.match(text):
            date.fromisoformat(text)
            return True
        if ISO_DATETIME.match(text):
            datetime.fromisoformat(text)
            return True
    except ValueError:
        pass
    return False


def suggestion(word: str, known: Collection[str]) -> str:
    """`; did you mean "…"?` with the nearest known word, or nothing."""
    near = get_close_matches(word.casefold(), list(known), n=1, cutoff=0.6)
    return f'; did you mean "{near[0]}"?' if near else ""


def type_fault(op: Op, kind: FieldKind, value: Scalar) -> str | None:
    """What is wrong with the type of one value for this operator and field."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    dated = isinstance(value, str) and is_iso_date(value)
    if op in ORDERING:
        return _ordering_fault(kind, number=number, dated=dated)
    if op in SUBSTRINGS:
        return "must be text" if isinstance(value, bool) else None
    if kind is FieldKind.FLAG and not isinstance(value, bool):
        return "must be true or false"
    if kind is FieldKind.NUMBER and not number:
        return "must be a number"
    if kind is FieldKind.DATE and not dated:
        return "must be an ISO date"
    if kind in TEXTS and not isinstance(value, str):
        return "must be text"
    return None


def _ordering_fault(kind: FieldKind, *, number: bool, dated: bool) -> str | None:
    if kind is FieldKind.FLAG:
        return "true and false cannot be compared by size"
    if kind is FieldKind.NUMBER and not number:
        return "must be a number"
    if kind is FieldKind.DATE and not dated:
        return "must be an ISO date"
    if not number and not dated:
        return "must be a number or an ISO date"
    return None


def backwards(low: object, high: object) -> bool:
    """Whether the two ends of a between are in the wrong order."""
    if isinstance(low, str) and isinstance(high, str):
        return low[:10] > high[:10]
    numbers = int | float
    return isinstance(low, numbers) and isinstance(high, numbers) and low > high
