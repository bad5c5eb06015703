"""One object through its model: normalised as the admin would, or its faults.

The model's own validation of single rows runs here, on objects that are never saved, so that
`plan` finds what `apply` would and both store one form (Germany → DE). References and other
rows are left out: the document's own objects may not be stored yet.
"""

from collections.abc import Collection, Iterator
from functools import partial

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError

from territories.models import Configuration
from territories.models.base import collect

from .faults import Place
from .kinds import Reading
from .parts import Part
from .routes import place_of
from .rows import Columns, Object, Table


def cleaned(table: Table, made: Object, place: Place, reading: Reading) -> Object | None:
    """The object in the form it would be stored in; None after noting its faults at `place`."""
    before = len(reading.faults)
    instance = table.model(**table.dump(made))
    _note_all(_faults(instance), table, place, reading)
    normal = {**dict.fromkeys(table.keys), **table.load(vars(instance))}
    for part in table.parts:
        rows = list(_part_rows(part, made, place, reading))
        part.join(normal, [tuple(row[name] for name in part.columns) for row in rows])
    return None if len(reading.faults) > before else normal


def check_sound_keys(
    table: Table, made: Object, faulty: Collection[str], place: Place, reading: Reading
) -> None:
    """Note the faults of an object's other keys where some are faulty already."""
    sound = [key for key in table.keys if key not in faulty]
    instance = table.model(**table.dump(made, sound))
    skipped = {
        name
        for column in table.columns
        if column.key in faulty
        for name in (*column.names, *(name.removesuffix("_id") for name in column.names))
    }
    _note_all(_field_faults(instance, skipped), table, place, reading)
    for part in table.parts:
        if not set(part.keys) & set(faulty):
            list(_part_rows(part, made, place, reading))


def _part_rows(part: Part, made: Object, place: Place, reading: Reading) -> Iterator[Columns]:
    """The cleaned rows of a part; where its identities are unique, each once."""
    seen = set()
    for within, row in part.split(made):
        child = part.model(**row, **{part.parent_id: made["key"]})
        for name, errors in _faults(child).items():
            for error in errors:
                _note(error, (*place, *within, *_row_place(part, name)), reading)
        clean = {name: getattr(child, name) for name in part.columns}
        if not (part.distinct and part.identify(clean) in seen):
            seen.add(part.identify(clean))
            yield clean


Faults = dict[str, list[ValidationError]]


def _faults(instance: Configuration) -> Faults:
    """What the model says of the row by itself, by field."""
    faults = _field_faults(instance)
    for name, errors in collect(instance.clean_values).items():
        faults.setdefault(name, errors)
    return faults


def _field_faults(instance: Configuration, skipped: Collection[str] = ()) -> Faults:
    """What the model says of the fields of the row, one by one."""
    others = {f.name for f in instance._meta.concrete_fields if f.is_relation or f.primary_key}
    return collect(partial(instance.clean_fields, exclude={*others, *skipped}))


def _note_all(faults: Faults, table: Table, place: Place, reading: Reading) -> None:
    for name, errors in faults.items():
        for error in errors:
            _note(error, (*place, *_key_place(table.key_of(name))), reading)


def _key_place(key: str | None) -> Place:
    return () if key is None or key == NON_FIELD_ERRORS else (key,)


def _row_place(part: Part, name: str) -> Place:
    """The place of a row's field within the row, where the document shows it by name."""
    return (name,) if name in part.fields else ()


def _note(error: ValidationError, place: Place, reading: Reading) -> None:
    """Note a model's error, with the place within JSON where it carries one."""
    path = (error.params or {}).get("path", "") if isinstance(error.params, dict) else ""
    code = error.code or "invalid"
    for message in error.messages:
        reading.fault((*place, *place_of(str(path))), _sentence(message), code)


def _sentence(message: str) -> str:
    """A model's message as a fault's detail: no full stop, and no capital that begins it."""
    text = message.rstrip(".")
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


def note_refusal(error: ValidationError, place: Place, reading: Reading, table: Table) -> None:
    """Note what a model said of a row while it was written."""
    _note_all(error.update_error_dict({}), table, place, reading)
