"""A lead's facts in the form that conditions compare, folded once a decision.

Every value becomes text to compare: NFKC, case-folded, white space folded; numbers as digits, true
and false as words; a multi-valued field a tuple of these; blank is None. A custom field of any
type thus equals a rule's value whether a form sent it as text or as a number, while true never
equals 1.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import TypeAlias

from .config import Value
from .state import AccountHit

Folded: TypeAlias = str | tuple[str, ...] | None

NUMBER = re.compile(r"[+-]?[0-9]{1,300}(\.[0-9]{1,300})?([eE][+-]?[0-9]{1,3})?\Z")
#: Above this a float no longer holds every whole number, so its digits would be invented.
EXACT_FLOAT = 2**53


def fold_text(text: str) -> str:
    """The text as it is compared; inner and outer white space is kept."""
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKC", text).casefold()
    return unicodedata.normalize("NFKC", folded)


def fold_scalar(value: object) -> str | None:
    """One value as text to compare, or None when it is blank."""
    if isinstance(value, str):
        return " ".join(fold_text(value).split()) or None
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and abs(value) < EXACT_FLOAT and value.is_integer():
        return str(int(value))
    return str(value)


def fold(value: Value) -> Folded:
    """A field's value as text to compare: one text, several, or None when blank."""
    if isinstance(value, tuple | list):
        return tuple(folded for one in value if (folded := fold_scalar(one)) is not None) or None
    return fold_scalar(value)


def as_number(value: object) -> int | float | None:
    """The number that a scalar is or spells, or None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value
    if isinstance(value, str) and NUMBER.match(value.strip()):
        text = value.strip()
        return int(text) if text.lstrip("+-").isdigit() else float(text)
    return None


def as_instant(value: object) -> datetime | date | None:
    """The date, or the instant in UTC, that a text spells in ISO 8601, or None.

    A time without an offset is read as UTC."""
    if not isinstance(value, str) or len(value) < 10:
        return None
    try:
        if len(value) == 10:
            return date.fromisoformat(value)
        instant = datetime.fromisoformat(value)
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


class Lead(dict[str, Folded]):
    """The facts of one lead during one decision: `lead[field]` is the folded value, made when
    first asked for; `lead.raw(field)` the value as given or derived.

    `regions` gives the keys and names of the region lists that hold a (folded) country, `account`
    is the matched account, `territory_keys` the resolved territory and its ancestors; until these
    are set, while territories are looked at, `territory.key` is blank."""

    __slots__ = ("account", "facts", "regions", "territory_keys")

    def __init__(
        self, facts: Mapping[str, Value], *, regions: Mapping[str, tuple[str, ...]]
    ) -> None:
        self.facts = facts
        self.regions = regions
        self.account: AccountHit | None = None
        self.territory_keys: tuple[str, ...] | None = None

    def __missing__(self, field: str) -> Folded:
        value = self.facts.get(field)
        # Most of what a decision reads is plain text that the caller has normalised already.
        if value.__class__ is str and value.isascii():
            known = self[field] = value.lower().strip() or None
            return known
        folded = fold(self.raw(field) if value is None else value)
        if field != "territory.key" or self.territory_keys is not None:
            self[field] = folded
        return folded

    def raw(self, field: str) -> Value:
        """The value of the field as given by the caller or derived; None when missing."""
        value = self.facts.get(field)
        if value is not None:
            return value
        if field == "region":
            country = self["country"]
            return self.regions.get(country) if isinstance(country, str) else None
        if field == "territory.key":
            return self.territory_keys
        return self._of_account(field) if field.startswith("account.") else None

    def _of_account(self, field: str) -> Value:
        hit = self.account
        if field == "account.matched":
            return hit is not None
        if hit is None:
            return None
        if field == "account.key":
            return hit.key
        if field == "account.owner":
            return None if hit.owner is None else hit.owner.rep or hit.owner.pool
        if field == "account.tier":
            return hit.tier
        return hit.industry if field == "account.industry" else None
