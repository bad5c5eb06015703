"""Rows → document: the live configuration, or the one of any past revision from its history.

Live routing loads its configuration through here, so rows are read as tuples of columns and
put together by plain loops; no model object is made. Objects are sorted by key (rules and
definitions by priority, absences by rep and start), so one configuration has one document.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any

from django.db.models import Max, QuerySet

from territories.models import Configuration
from territories.models.history import DELETED
from territories.revisions import current_revision

from .parts import Part
from .rows import Object, Table, table_of
from .schema import SECTIONS, USUAL_SECTIONS, VERSION, identity_of

Row = tuple[Any, ...]
Keys = Collection[Any] | None
#: Gives the rows of a model whose column is one of the keys (None: all), live or as they stood.
Rows = Callable[[type[Configuration], str, Keys], QuerySet]
#: Keys in one `IN (…)`, below SQLite's limit of variables in a statement.
_CHUNK = 500

_BY_PRIORITY = frozenset({"rules", "definitions"})


def export_document(sections: Collection[str] | None = None) -> dict[str, Any]:
    """The live configuration as a document: every section but accounts, or the ones named.

    Every key is spelled out; before the first configuration there are no settings. Raises
    ValueError for a section that does not exist."""
    revision = current_revision()
    document = _document(_live, sections)
    newest = current_revision()
    if newest == revision:
        return document
    # Somebody saved between two of the tables. History does not move while it is read.
    return document_at(newest, sections)


def document_at(revision: int, sections: Collection[str] | None = None) -> dict[str, Any]:
    """The document as `export_document` gave it at that revision, rebuilt from history."""
    return _document(rows_at(revision), sections)


def objects_of(section: str, keys: Keys = None) -> list[Object]:
    """The live objects of one section, or those of them with these primary keys."""
    return list(read_objects(table_of(section), _live, keys).values())


def _live(model: type[Configuration], column: str, keys: Keys) -> QuerySet:
    rows: QuerySet = model.objects.all()
    return rows if keys is None else rows.filter(**{f"{column}__in": keys})


def rows_at(revision: int) -> Rows:
    """Rows of history: of each object the newest one up to the revision, unless it tells of a
    removal."""

    def rows(model: type[Configuration], column: str, keys: Keys) -> QuerySet:
        history = model.history.all().order_by()
        pk = model._meta.pk.attname
        past = history.filter(revision_id__lte=revision)
        if keys is not None:
            named = history.filter(**{f"{column}__in": keys}).values(pk)
            past = past.filter(**{f"{pk}__in": named})
        newest = past.values(pk).annotate(newest=Max("history_id")).values("newest")
        found = history.filter(history_id__in=newest).exclude(history_type=DELETED)
        return found if keys is None else found.filter(**{f"{column}__in": keys})

    return rows


def _document(rows: Rows, sections: Collection[str] | None) -> dict[str, Any]:
    wanted = USUAL_SECTIONS if sections is None else sections
    for section in wanted:
        if section not in SECTIONS:
            raise ValueError(f"no section {section}; there are {', '.join(SECTIONS)}")
    document: dict[str, Any] = {"version": VERSION}
    for section in SECTIONS:
        if section in wanted:
            objects = list(read_objects(table_of(section), rows).values())
            if section != "settings":
                document[section] = objects
            elif objects:
                document[section] = objects[0]
    return document


def read_objects(table: Table, rows: Rows, keys: Keys = None) -> dict[Any, Object]:
    """The objects of a table, or those with these primary keys, by it and in their order."""
    pk = table.model._meta.pk.attname
    objects = _objects(table, _read(rows, table.model, pk, (pk, *table.names), (pk,), keys))
    for part in table.parts:
        _join(part, rows, objects, keys)
    rank = _rank(table.section)
    found = dict(sorted(objects.items(), key=lambda item: rank(item[1])))
    return _each_once(found) if table.section == "absences" else found


def _each_once(absences: dict[Any, Object]) -> dict[Any, Object]:
    """Absences without repetitions: the same one twice means no more than once."""
    first = {identity_of("absences", made): pk for pk, made in reversed(absences.items())}
    return {pk: made for pk, made in absences.items() if first[identity_of("absences", made)] == pk}


def _read(
    rows: Rows,
    model: type[Configuration],
    column: str,
    names: Collection[str],
    order: Collection[str],
    keys: Keys,
) -> Iterator[Row]:
    """The rows whose `column` is one of `keys` (None: all), as tuples of `names`."""
    if keys is None:
        yield from rows(model, column, None).order_by(*order).values_list(*names)
        return
    ordered = sorted(keys)
    for start in range(0, len(ordered), _CHUNK):
        found = rows(model, column, ordered[start : start + _CHUNK])
        yield from found.order_by(*order).values_list(*names)


def _objects(table: Table, rows: Iterable[Row]) -> dict[Any, Object]:
    """Objects by primary key, with every key in its order; those made of parts wait empty."""
    places = dict.fromkeys(table.keys)
    plain, loaded, width = [], [], 1
    for column in table.columns:
        if column.load is None:
            plain.append((column.key, width))
        else:
            loaded.append((column.key, column.load, slice(width, width + len(column.names))))
        width += len(column.names)
    objects = {}
    for row in rows:
        made: Object = dict(places)
        for key, index in plain:
            made[key] = row[index]
        for key, load, span in loaded:
            made[key] = load(*row[span])
        objects[row[0]] = made
    return objects


def _join(part: Part, rows: Rows, objects: dict[Any, Object], keys: Keys) -> None:
    """Put the part's rows into their objects."""
    names = (part.parent_id, *part.columns)
    rows_of: dict[Any, list[Row]] = {key: [] for key in objects}
    for row in _read(rows, part.model, part.parent_id, names, part.order, keys):
        if row[0] in rows_of:
            rows_of[row[0]].append(row[1:])
    for key, found in rows_of.items():
        part.join(objects[key], found)


def _rank(section: str) -> Callable[[Object], Any]:
    """What the objects of a section are sorted by."""
    if section == "settings":
        return lambda made: 0
    if section == "absences":
        return lambda made: (made["rep"], made["start"], made["end"] or "9999")
    if section in _BY_PRIORITY:
        return lambda made: (made["priority"], made["key"])
    return lambda made: made["key"]
