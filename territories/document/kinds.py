"""The kinds of value a document may hold: each reads plain data into its one canonical form.

A kind knows shape and meaning (a slug, a date, a reference); what the stored field allows
beyond that (length, choices, bounds) is checked by the field itself when the object is built,
so it is said once. Numbers given for text are taken as the text they were: YAML and JSON whole
numbers have one spelling. A kind raises `Wrong` for itself; containers add the place.
"""

import math
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from .faults import Fault, Place, Suggestions, fault_at, quoted

#: What one object of a section is called in a sentence.
NOUNS = {
    "settings": "settings",
    "value_lists": "value list",
    "calendars": "calendar",
    "skills": "skill",
    "teams": "team",
    "reps": "rep",
    "absences": "absence",
    "pools": "pool",
    "territories": "territory",
    "accounts": "account",
    "sla_policies": "SLA policy",
    "definitions": "definition",
    "rules": "rule",
}
#: PostgreSQL's integer; SQLite would take more.
MAX_INTEGER = 2_147_483_647

_SLUG = re.compile(r"[A-Za-z0-9_-]{1,100}\Z")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class Wrong(ValueError):
    """A value that a kind cannot take."""

    def __init__(self, detail: str, code: str = "invalid") -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code


@dataclass(slots=True, kw_only=True)
class Reading:
    """One reading of a document: what exists (by section: in the document or the database)
    and the faults found so far."""

    known: Mapping[str, Collection[str]]
    faults: list[Fault] = field(default_factory=list)
    suggestions: Suggestions = field(default_factory=Suggestions)

    def fault(self, at: Place, detail: str, code: str = "invalid") -> None:
        """Note a fault."""
        self.faults.append(fault_at(at, detail, code))

    def read(self, kind: "Kind", value: Any, at: Place) -> Any:
        """The value in canonical form; None after noting what is wrong with it."""
        try:
            return kind.read(value, at, self)
        except Wrong as wrong:
            self.fault(at, wrong.detail, wrong.code)
            return None

    def near(self, word: object, names: Collection[str]) -> str:
        """`; did you mean …?` or nothing."""
        return self.suggestions.near(word, names)


class Kind:
    """A kind of value. `empty` is what null stands for; kinds without one refuse null."""

    def read(self, value: Any, at: Place, reading: Reading) -> Any:
        """The value in canonical form; raises Wrong."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Optional(Kind):
    """The same, or null."""

    kind: Kind

    def read(self, value: Any, at: Place, reading: Reading) -> Any:
        return None if value is None or value == "" else self.kind.read(value, at, reading)


def text_of(value: Any) -> str:
    """The text that a scalar stands for; raises Wrong for one that has several spellings."""
    if isinstance(value, str):
        if _UNSTORABLE.search(value):
            raise Wrong("has a character that cannot be stored (NUL or half of a pair)")
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, bool | float):
        raise Wrong(f"must be text; write it in quotes: {quoted(value)}", "type")
    raise Wrong("must be text" if value is not None else "must be text, not null", "type")


@dataclass(frozen=True, slots=True)
class Text(Kind):
    """Text that says something."""

    def read(self, value: Any, at: Place, reading: Reading) -> str:
        text = text_of(value)
        if not text.strip():
            raise Wrong("must not be blank", "blank")
        return text


@dataclass(frozen=True, slots=True)
class Normal(Kind):
    """Text that `normalise` brings into one form, None where it means nothing."""

    normalise: Callable[[str], str | None]
    what: str

    def read(self, value: Any, at: Place, reading: Reading) -> str:
        text = text_of(value)
        normal = self.normalise(text)
        if not normal:
            raise Wrong(f"{quoted(text)} is not {self.what}")
        return normal


@dataclass(frozen=True, slots=True)
class Slug(Kind):
    """A key: 1 to 100 letters, digits, `-` and `_`."""

    def read(self, value: Any, at: Place, reading: Reading) -> str:
        text = text_of(value)
        if not _SLUG.match(text):
            raise Wrong(
                f"{quoted(text)} is not a key: 1 to 100 letters, digits, hyphens, underscores"
            )
        return text


@dataclass(frozen=True, slots=True)
class Ref(Kind):
    """The key of an object of another section, which exists or stands in the document."""

    section: str

    def read(self, value: Any, at: Place, reading: Reading) -> str:
        text = text_of(value)
        known = reading.known[self.section]
        if text not in known:
            near = reading.near(text, known)
            raise Wrong(f"no {NOUNS[self.section]} {quoted(text)}{near}", "unknown_reference")
        return text


@dataclass(frozen=True, slots=True)
class Choice(Kind):
    """One of a few words."""

    words: tuple[str, ...]

    def read(self, value: Any, at: Place, reading: Reading) -> str:
        if value in self.words and isinstance(value, str):
            return value
        near = reading.near(value, self.words) if isinstance(value, str) else ""
        words = ", ".join(self.words)
        raise Wrong(f"{quoted(value)} is not one of {words}{near}", "choice")


@dataclass(frozen=True, slots=True)
class Flag(Kind):
    """true or false."""

    def read(self, value: Any, at: Place, reading: Reading) -> bool:
        if isinstance(value, bool):
            return value
        raise Wrong("must be true or false", "type")


@dataclass(frozen=True, slots=True)
class Whole(Kind):
    """A whole number, both ends included."""

    least: int = 0
    most: int = MAX_INTEGER

    def read(self, value: Any, at: Place, reading: Reading) -> int:
        if isinstance(value, float) and math.isfinite(value) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise Wrong("must be a whole number", "type")
        if not self.least <= value <= self.most:
            raise Wrong(f"must be from {self.least} to {self.most}", "range")
        return value


@dataclass(frozen=True, slots=True)
class Day(Kind):
    """A date, as ISO 8601 text."""

    def read(self, value: Any, at: Place, reading: Reading) -> str:
        if isinstance(value, date) and not isinstance(value, datetime):
            return value.isoformat()
        if isinstance(value, str) and _DATE.match(value):
            try:
                return date.fromisoformat(value).isoformat()
            except ValueError:
                pass
        raise Wrong(f"{quoted(value)} is not a date such as 2026-01-31", "type")


@dataclass(frozen=True, slots=True)
class Instant(Kind):
    """A time with its offset, as RFC 3339 text in UTC."""

    def read(self, value: Any, at: Place, reading: Reading) -> str:
        try:
            moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
            if moment.tzinfo is None:
                raise Wrong(f"{quoted(value)} lacks its offset: end it with Z or +01:00", "type")
            return instant_text(moment)
        except (TypeError, ValueError, OverflowError) as error:
            if isinstance(error, Wrong):
                raise
            raise Wrong(
                f"{quoted(value)} is not a time such as 2026-01-31T09:00:00+01:00", "type"
            ) from None


def instant_text(moment: datetime) -> str:
    """RFC 3339 in UTC with Z; microseconds only where there are any."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


@dataclass(frozen=True, slots=True)
class ListOf(Kind):
    """A list of one kind; null is the empty list. `distinct` drops repetitions, keeping the
    first; `least` is how many there must be."""

    item: Kind
    distinct: bool = True
    least: int = 0

    def read(self, value: Any, at: Place, reading: Reading) -> list[Any]:
        if value is None:
            value = []
        if not isinstance(value, list | tuple):
            raise Wrong("must be a list", "type")
        if len(value) < self.least:
            raise Wrong("must not be empty", "blank")
        before = len(reading.faults)
        items = [reading.read(self.item, item, (*at, i)) for i, item in enumerate(value)]
        if self.distinct and len(reading.faults) == before:
            return list(dict.fromkeys(items))
        return items


#: A field without a default: the document must give it.
REQUIRED: Any = object()


@dataclass(frozen=True, slots=True)
class Field:
    """One key of an object: its kind, and its default (a list default is copied)."""

    name: str
    kind: Kind
    default: Any = REQUIRED

    def fresh(self) -> Any:
        """The default, of its own."""
        if isinstance(self.default, list):
            return list(self.default)
        return dict(self.default) if isinstance(self.default, dict) else self.default


@dataclass(frozen=True, slots=True)
class Struct(Kind):
    """A mapping with these keys and no others; omitted ones take their defaults."""

    fields: tuple[Field, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The keys, in order."""
        return tuple(field.name for field in self.fields)

    def read(self, value: Any, at: Place, reading: Reading) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise Wrong(f"must be a mapping with {', '.join(self.names[:3])} …", "type")
        refuse_unknown_keys(value, self.names, at, reading)
        return {field.name: self._field(field, value, at, reading) for field in self.fields}

    def _field(self, field: Field, value: dict[str, Any], at: Place, reading: Reading) -> Any:
        if field.name in value:
            return reading.read(field.kind, value[field.name], (*at, field.name))
        if field.default is REQUIRED:
            reading.fault((*at, field.name), "required", "required")
            return None
        return field.fresh()


def refuse_unknown_keys(
    value: Mapping[Any, Any], names: Collection[str], at: Place, reading: Reading
) -> None:
    """Note a fault for each key that is not one of `names`."""
    for key in value:
        if key not in names:
            near = reading.near(key, names)
            reading.fault((*at, str(key)), f"unknown key{near}", "unknown_key")
