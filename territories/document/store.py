"""Writes edits through the audited bulk writes of the models; refusals become faults."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.models import F, QuerySet

from territories.models import Absence, Configuration, Rule

from .clean import note_refusal
from .faults import InvalidDocument, Place, fault_at
from .kinds import Reading
from .parts import Part
from .plan import Edit
from .rows import Table, table_of
from .schema import identity_of

#: A row to write, with the place in the document that it comes from.
Placed = tuple[Any, Place]
#: Keys in one `IN (…)`, below SQLite's limit of variables in a statement.
_CHUNK = 500


def create(section: str, edits: Sequence[Edit], *, without: Sequence[str] = ()) -> None:
    """Store new objects with their parts; the keys `without` stay empty for now."""
    if not edits:
        return
    table = table_of(section)
    empty = dict.fromkeys(without)
    rows = [
        (table.model(**table.dump({**edit.after, **empty})), edit.place)
        for edit in edits
        if edit.after
    ]
    _write(table, table.model.objects.bulk_create, rows)
    for part in table.parts:
        _write_part(table, part, edits)


def update(section: str, edits: Sequence[Edit]) -> None:
    """Store the changed keys of stored objects and their changed parts."""
    if not edits:
        return
    table = table_of(section)
    if section == "rules":
        _park_priorities([edit.identity for edit in edits if "priority" in edit.keys])
    stored = _stored(table, edits)
    rows: list[Placed] = []
    changed: dict[str, None] = {}
    for edit in edits:
        columns = table.dump(edit.after or {}, edit.keys)
        for name, value in columns.items():
            setattr(stored[edit.identity], name, value)
        if columns:
            rows.append((stored[edit.identity], edit.place))
            changed.update(dict.fromkeys(columns))
    if rows:
        write = partial(
            table.model.objects.bulk_update,
            fields=[name for name in changed if name != "key"],
        )
        _write(table, write, rows)
    for part in table.parts:
        _write_part(table, part, [edit for edit in edits if set(part.keys) & set(edit.keys)])


def remove(section: str, edits: Sequence[Edit]) -> None:
    """Remove stored rows (absences: objects with a key are never removed)."""
    if edits:
        table = table_of(section)
        wanted = {edit.identity for edit in edits}
        rows = _absences(table, edits)
        _delete(table.model, [row.pk for identity, row in rows if identity in wanted])


def _stored(table: Table, edits: Sequence[Edit]) -> dict[str, Any]:
    """The stored rows of the edits' objects, by identity."""
    manager = table.model.objects
    if table.section == "settings":
        return {"settings": manager.get()}
    if table.section == "absences":
        return dict(reversed(_absences(table, edits)))
    return dict(manager.stored(edit.identity for edit in edits))


def _absences(table: Table, edits: Sequence[Edit]) -> list[tuple[str, Any]]:
    """The absences of the edits' reps with their identities; one may be stored twice."""
    reps = sorted({(edit.before or edit.after or {})["rep"] for edit in edits})
    return [
        (identity_of("absences", table.load(vars(row))), row)
        for start in range(0, len(reps), _CHUNK)
        for row in Absence.objects.filter(rep_id__in=reps[start : start + _CHUNK]).order_by("id")
    ]


def _park_priorities(keys: Sequence[str]) -> None:
    """Move the priorities of rules out of each other's way until they get their new ones.

    Two rules may change places, and the database checks uniqueness row by row. These are not
    states of the configuration: history records what the transaction ends with."""
    for start in range(0, len(keys), _CHUNK):
        rules: QuerySet[Rule] = QuerySet(Rule).filter(
            pk__in=keys[start : start + _CHUNK], priority__gt=0
        )
        rules.update(priority=-F("priority"))


def _write_part(table: Table, part: Part, edits: Sequence[Edit]) -> None:
    """Bring the child rows of the edits' objects to what the edits say."""
    stored = _stored_children(part, [edit.identity for edit in edits])
    new: list[Placed] = []
    changed: list[Placed] = []
    for edit in edits:
        for within, columns in part.split(edit.after or {}):
            place = (*edit.place, *within)
            left = stored.get((edit.identity, part.identify(columns)))
            if not left:
                new.append((part.model(**columns, **{part.parent_id: edit.identity}), place))
            elif _assign(row := left.pop(0), columns):
                changed.append((row, place))
    _delete(part.model, [row.pk for rows in stored.values() for row in rows])
    manager = part.model.objects
    _write(table, partial(manager.bulk_update, fields=list(part.columns)), changed)
    _write(table, manager.bulk_create, new)


def _stored_children(part: Part, parents: Sequence[str]) -> dict[tuple[str, Any], list[Any]]:
    """Child rows by parent and identity, in their order."""
    found: dict[tuple[str, Any], list[Any]] = {}
    for start in range(0, len(parents), _CHUNK):
        rows = part.model.objects.filter(
            **{f"{part.parent_id}__in": parents[start : start + _CHUNK]}
        )
        for row in rows.order_by(*part.order):
            identity = (getattr(row, part.parent_id), part.identify(vars(row)))
            found.setdefault(identity, []).append(row)
    return found


def _assign(row: Configuration, columns: dict[str, Any]) -> bool:
    """Set the columns; whether any differed."""
    differs = any(getattr(row, name) != value for name, value in columns.items())
    for name, value in columns.items():
        setattr(row, name, value)
    return differs


def _delete(model: type[Configuration], keys: Sequence[Any]) -> None:
    for start in range(0, len(keys), _CHUNK):
        rows = model.objects.filter(pk__in=keys[start : start + _CHUNK])
        rows.delete()


def _write(table: Table, write: Callable[[list[Any]], Any], rows: Iterable[Placed]) -> None:
    """Write rows; a refusal raises InvalidDocument with the place of the row at fault."""
    placed = list(rows)
    if not placed:
        return
    try:
        write([row for row, _ in placed])
    except ValidationError as error:
        reading = Reading(known={})
        refused = getattr(error, "object", None)
        place = next((place for row, place in placed if row is refused), (table.section,))
        note_refusal(error, place, reading, table)
        raise InvalidDocument(reading.faults) from error
    except IntegrityError as error:
        detail = f"the database refused the change: {' '.join(str(error).split())[:200]}"
        raise InvalidDocument([fault_at((table.section,), detail, "integrity")]) from error
