"""The history of one object with its rows (members, boundaries …): who changed what, when.

Read from the history tables in a number of queries that does not grow with the history, and
compared in memory.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models

from territories.models import (
    Absence,
    Account,
    AccountIdentifier,
    AccountRole,
    Boundary,
    Configuration,
    Pool,
    PoolMember,
    Rep,
    RepSkill,
    Revision,
    Territory,
)
from territories.models.history import DELETED
from territories.words import NOTHING, value_words

#: The rows that belong to an object: their model and the column that says to which.
PARTS: Mapping[type[Configuration], tuple[tuple[type[Configuration], str], ...]] = {
    Pool: ((PoolMember, "pool_id"),),
    Territory: ((Boundary, "territory_id"),),
    Account: ((AccountIdentifier, "account_id"), (AccountRole, "account_id")),
    Rep: ((RepSkill, "rep_id"), (Absence, "rep_id")),
}
#: A part's model → the column that says to which object it belongs.
OWNER_COLUMNS = dict(pair for pairs in PARTS.values() for pair in pairs)


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """One value before and after, in words. `name` is the field, "" for a row of a part."""

    name: str
    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What one revision changed about the object."""

    revision: Revision
    changes: list[FieldChange]


def newest_revision(instance: Configuration) -> int:
    """Return the number of the newest revision that touched the object or a row of it, 0 when
    there is none."""
    return max((number for number in _numbers(instance) if number), default=0)


def _numbers(instance: Configuration) -> Iterator[int | None]:
    for rows in _histories(instance):
        yield rows.aggregate(newest=models.Max("revision_id"))["newest"]


def _histories(instance: Configuration) -> Iterator[models.QuerySet]:
    """The history rows of the object, then of each of its parts."""
    model = type(instance)
    yield model.history.filter(**{model._meta.pk.attname: instance.pk})
    for part, column in PARTS.get(model, ()):
        yield part.history.filter(**{column: instance.pk})


def entries_of(instance: Configuration, *, after: int = 0) -> list[Entry]:
    """Return the object's history, newest first; `after` leaves out revisions up to that one."""
    rows = [row for history in _histories(instance) for row in history.select_related("revision")]
    rows.sort(key=lambda row: (row.revision_id, row.history_id))
    revisions: dict[int, Revision] = {}
    changes: dict[int, list[FieldChange]] = {}
    standing: dict[tuple[type, Any], Any] = {}
    for row in rows:
        place = (row.instance_type, getattr(row, row.instance_type._meta.pk.attname))
        before = standing.get(place)
        found = changes.setdefault(row.revision_id, [])
        revisions[row.revision_id] = row.revision
        if row.instance_type is type(instance):
            found += _field_changes(before, row)
        else:
            found += _part_changes(before, row)
        standing[place] = row
    return [
        Entry(revision=revisions[number], changes=changes[number])
        for number in sorted(changes, reverse=True)
        if number > after
    ]


def _field_changes(before: Any, row: Any) -> Iterator[FieldChange]:
    model = row.instance_type
    for field in model._meta.concrete_fields:
        if field.name in model.DERIVED or (field.primary_key and before is not None):
            continue
        old = value_words(field, getattr(before, field.attname)) if before else NOTHING
        new = value_words(field, getattr(row, field.attname))
        if old != new:
            label = str(field.verbose_name)
            label = label[:1].upper() + label[1:]
            yield FieldChange(name=field.name, label=label, before=old, after=new)


def _part_changes(before: Any, row: Any) -> Iterator[FieldChange]:
    old = NOTHING if before is None or before.history_type == DELETED else _row_words(before)
    new = NOTHING if row.history_type == DELETED else _row_words(row)
    if old != new:
        label = row.instance_type._meta.verbose_name
        yield FieldChange(name="", label=label[:1].upper() + label[1:], before=old, after=new)


def _row_words(row: Any) -> str:
    """A member, a boundary …, without the object it belongs to."""
    skipped = {"id", OWNER_COLUMNS[row.instance_type], *row.instance_type.DERIVED}
    texts = [
        value_words(field, getattr(row, field.attname))
        for field in row.instance_type._meta.concrete_fields
        if field.attname not in skipped
    ]
    return ", ".join(text for text in texts if text != NOTHING)
