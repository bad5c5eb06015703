"""How the document's objects are stored: section ↔ table, key ↔ columns.

A key's columns follow from its kind: a reference is a foreign key's column, a target is a pair
of them, a date is a date, and text that may be missing is the empty string. Lists that are
rows of their own stand in `territories.document.parts`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from territories import models

from .kinds import Day, Field, Instant, Kind, ListOf, Optional, Ref, Text, instant_text
from .parts import PARTS, Part
from .routes import Conditions, Owner, RouteTo, Step, Target, canonical
from .schema import DAYS, HOLIDAYS, Hours, OrEmpty, struct_of

Columns = dict[str, Any]
Object = dict[str, Any]

MODELS: dict[str, type[models.Configuration]] = {
    "settings": models.RoutingSettings,
    "value_lists": models.ValueList,
    "calendars": models.Calendar,
    "skills": models.Skill,
    "teams": models.Team,
    "reps": models.Rep,
    "absences": models.Absence,
    "pools": models.Pool,
    "territories": models.Territory,
    "accounts": models.Account,
    "sla_policies": models.SlaPolicy,
    "definitions": models.Definition,
    "rules": models.Rule,
}
#: A pair of columns begins like this where it is not called like its key.
_PREFIXES = {"assign_to": "assign"}


def _same(value: Any) -> tuple[Any, ...]:
    return (value,)


@dataclass(frozen=True, slots=True)
class Column:
    """The columns of one key: `load` makes the document's value of theirs (None: the one
    column holds it as it is), `dump` gives theirs of the document's."""

    key: str
    names: tuple[str, ...]
    load: Callable[..., Any] | None = None
    dump: Callable[[Any], tuple[Any, ...]] = _same


@dataclass(frozen=True, slots=True)
class Table:
    """Where a section is stored."""

    section: str
    model: type[models.Configuration]
    columns: tuple[Column, ...]
    parts: tuple[Part, ...]
    #: Every key of an object, in the document's order.
    keys: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of every key, in order."""
        return tuple(name for column in self.columns for name in column.names)

    def key_of(self, name: str) -> str | None:
        """The document's key that a column or model field belongs to; None for no key's."""
        for column in self.columns:
            if name in column.names or f"{name}_id" in column.names:
                return column.key
        return None

    def dump(self, made: Object, keys: Iterable[str] | None = None) -> Columns:
        """The columns of an object, or of some of its keys."""
        wanted = None if keys is None else set(keys)
        return {
            name: value
            for column in self.columns
            if wanted is None or column.key in wanted
            for name, value in zip(column.names, column.dump(made[column.key]), strict=True)
        }

    def load(self, row: Mapping[str, Any]) -> Object:
        """The keys that are columns, from a mapping of columns."""
        return {
            column.key: column.load(*(row[name] for name in column.names))
            if column.load
            else row[column.names[0]]
            for column in self.columns
        }


def _or_none(value: Any) -> Any:
    return value or None


def _or_blank(value: Any) -> tuple[Any, ...]:
    return (value or "",)


def _from_day(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


def _to_day(value: str | None) -> tuple[date | None]:
    return (None if value is None else date.fromisoformat(value),)


def _from_instant(value: datetime | None) -> str | None:
    return None if value is None else instant_text(value)


def _to_instant(value: str | None) -> tuple[datetime | None]:
    return (None if value is None else datetime.fromisoformat(value),)


def _from_target(pool: str | None, rep: str | None) -> Object | None:
    if pool is not None:
        return {"pool": pool}
    return None if rep is None else {"rep": rep}


def _from_owner(pool: str | None, rep: str | None) -> Any:
    return rep if pool is None else {"pool": pool}


def _to_pair(value: Any) -> tuple[str | None, str | None]:
    if isinstance(value, str):
        return None, value
    target = value or {}
    return target.get("pool"), target.get("rep")


def _from_hours(value: Object | None) -> Object:
    stored = value or {}
    return {day: list(stored[day]) for day in DAYS if stored.get(day)}


def _from_holidays(value: Object | None) -> Object:
    stored = value or {}
    return {
        "country": stored.get("country") or None,
        "subdivision": stored.get("subdivision") or None,
        "dates": sorted(stored.get("dates") or ()),
    }


def _column(field: Field) -> Column:
    """How a key is stored, by its kind."""
    kind, name = _bare(field.kind), field.name
    if isinstance(kind, Ref):
        return Column(name, (f"{name}_id",))
    if isinstance(kind, Target | Owner):
        prefix = _PREFIXES.get(name, name)
        load = _from_target if isinstance(kind, Target) else _from_owner
        return Column(name, (f"{prefix}_pool_id", f"{prefix}_rep_id"), load, _to_pair)
    return Column(name, (name,), *_scalar(field, kind))


def _scalar(field: Field, kind: Kind) -> tuple[Any, ...]:
    """How a key of one column is loaded and dumped."""
    if isinstance(kind, Text) and isinstance(field.kind, Optional):
        return _or_none, _or_blank
    if isinstance(kind, Day):
        return _from_day, _to_day
    if isinstance(kind, Instant):
        return _from_instant, _to_instant
    if isinstance(kind, Hours):
        return (_from_hours,)
    if isinstance(kind, OrEmpty) and kind.struct is HOLIDAYS:
        return (_from_holidays,)
    if isinstance(kind, Conditions | RouteTo):
        return (canonical,)
    if isinstance(kind, ListOf) and isinstance(kind.item, Step):
        return (canonical,)
    return ()


def _bare(kind: Kind) -> Kind:
    return kind.kind if isinstance(kind, Optional) else kind


@cache
def table_of(section: str) -> Table:
    """Where a section is stored."""
    parts = PARTS.get(section, ())
    in_parts = {key for part in parts for key in part.keys}
    fields = struct_of(section).fields
    return Table(
        section=section,
        model=MODELS[section],
        columns=tuple(_column(field) for field in fields if field.name not in in_parts),
        parts=parts,
        keys=tuple(field.name for field in fields),
    )
