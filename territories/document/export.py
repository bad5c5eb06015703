"""Rows → document: the live configuration, or the one of any past revision from its history.

Live routing loads its configuration through here, so rows are read as tuples of columns and
put together by plain loops; no model object is made. Objects are sorted by key (rules and
definitions by priority, absences by rep and start), so one configuration has one document.
"""

from collections.abc import Callable, Collection, Iterable
from typing import Any

from django.db.models import Max, Model, QuerySet

from .parts import Part
from .rows import Object, Table, table_of
from .schema import SECTIONS, USUAL_SECTIONS, VERSION

Row = tuple[Any, ...]
#: Gives the rows of a model to read, live or as they stood.
Rows = Callable[[type[Model]], QuerySet]
#: Keys in one `IN (…)`, below SQLite's limit of variables in a statement.
_CHUNK = 500

_BY_PRIORITY = frozenset({"rules", "definitions"})


def export_document(sections: Collection[str] | None = None) -> dict[str, Any]:
    """The live configuration as a document: every section but accounts, or the ones named.

    Every key is spelled out; before the first configuration there are no settings. Raises
    ValueError for a section that does not exist."""
    return _document(_live, sections)


def document_at(revision: int, sections: Collection[str] | None = None) -> dict[str, Any]:
    """The document as `export_document` gave it at that revision, rebuilt from history."""
    return _document(_at(revision), sections)


def objects_of(section: str, keys: Collection[str] | None = None) -> list[Object]:
    """The live objects of one section, or those of them with these keys."""
    return _section(table_of(section), _live, keys)


def _live(model: type[Model]) -> QuerySet:
    return model.objects.all()  # type: ignore[attr-defined]


def _at(revision: int) -> Rows:
    """Rows of history: of each object the newest one up to the revision, unless it tells of a
    removal."""

    def rows(model: type[Model]) -> QuerySet:
        history = model.history.all()  # type: ignore[attr-defined]
        newest = (
            history.filter(revision_id__lte=revision)
            .order_by()
            .values(model._meta.pk.attname)
            .annotate(newest=Max("history_id"))
            .values("newest")
        )
        return history.filter(history_id__in=newest).exclude(history_type="-").order_by()

    return rows


def _document(rows: Rows, sections: Collection[str] | None) -> dict[str, Any]:
    wanted = USUAL_SECTIONS if sections is None else sections
    for section in wanted:
        if section not in SECTIONS:
            raise ValueError(f"no section {section}; there are {', '.join(SECTIONS)}")
    document: dict[str, Any] = {"version": VERSION}
    for section in SECTIONS:
        if section in wanted:
            objects = _section(table_of(section), rows)
            if section != "settings":
                document[section] = objects
            elif objects:
                document[section] = objects[0]
    return document


def _section(table: Table, rows: Rows, keys: Collection[str] | None = None) -> list[Object]:
    pk = table.model._meta.pk.attname
    objects = _objects(table, _read(rows(table.model), pk, table.names, keys))
    if table.parts:
        by_key = {made["key"]: made for made in objects}
        for part in table.parts:
            _join(part, rows(part.model), by_key, keys)
    return sorted(objects, key=_rank(table.section))


def _read(
    rows: QuerySet, column: str, names: Iterable[str], keys: Collection[str] | None
) -> Iterable[Row]:
    """The rows whose `column` is one of `keys` (None: all), as tuples of `names`."""
    values = rows.values_list(*names)
    if keys is None:
        yield from values.iterator(chunk_size=5000)
        return
    ordered = sorted(keys)
    for start in range(0, len(ordered), _CHUNK):
        yield from values.filter(**{f"{column}__in": ordered[start : start + _CHUNK]})


def _objects(table: Table, rows: Iterable[Row]) -> list[Object]:
    """Objects with every key in its order; those made of parts wait empty."""
    places = dict.fromkeys(table.keys)
    plain, loaded, width = [], [], 0
    for column in table.columns:
        if column.load is None:
            plain.append((column.key, width))
        else:
            loaded.append((column.key, column.load, slice(width, width + len(column.names))))
        width += len(column.names)
    objects = []
    for row in rows:
        made: Object = dict(places)
        for key, index in plain:
            made[key] = row[index]
        for key, load, span in loaded:
            made[key] = load(*row[span])
        objects.append(made)
    return objects


def _join(
    part: Part, rows: QuerySet, by_key: dict[str, Object], keys: Collection[str] | None
) -> None:
    """Put the part's rows into their objects."""
    names = (part.parent_id, *part.columns)
    rows_of: dict[str, list[Row]] = {key: [] for key in by_key}
    for parent, *row in _read(rows.order_by(*part.order), part.parent_id, names, keys):
        if parent in rows_of:
            rows_of[parent].append(tuple(row))
    for key, found in rows_of.items():
        part.join(by_key[key], found)


def _rank(section: str) -> Callable[[Object], Any]:
    """What the objects of a section are sorted by."""
    if section == "settings":
        return lambda made: 0
    if section == "absences":
        return lambda made: (made["rep"], made["start"], made["end"] or "9999")
    if section in _BY_PRIORITY:
        return lambda made: (made["priority"], made["key"])
    return lambda made: made["key"]
