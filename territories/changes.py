"""What one revision changed: each object before and after, and in words.

Read from history alone: the objects that have a row of the revision, as they stood at the
revision before and at it, compared key by key as `config plan` does. Rows that belong to an
object (members, boundaries, identifiers …) are part of its change.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from territories.document.export import read_objects, rows_at
from territories.document.kinds import NOUNS
from territories.document.plan import Change, Edit, Op, change_of
from territories.document.rows import Object, Table, table_of
from territories.document.schema import SECTIONS, identity_of
from territories.models import Rep, Revision

#: Lists longer than this are not spelt out in a sentence.
_SPELT = 8
_EVENTS: dict[Op, str] = {
    "create": "added",
    "deactivate": "switched off",
    "delete": "removed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectChange:
    """One object's part of a revision. `kind` is its section of the document, `fields` key →
    [before, after] in the document's form, `text` one sentence."""

    kind: str
    key: str
    op: Op
    fields: dict[str, list[Any]]
    text: str


def changes_of(revision: Revision | int) -> list[ObjectChange]:
    """What the revision changed, in the order of the document; empty for an unknown one."""
    number = revision if isinstance(revision, int) else revision.number
    edits = [edit for section in SECTIONS for edit in _edits(table_of(section), number)]
    names = _rep_names(edits)
    return [_object_change(edit, change_of(edit), names) for edit in edits]


def _edits(table: Table, number: int) -> Iterator[Edit]:
    """The edits of one section: what has a row of the revision, before and after."""
    keys = _touched(table, number)
    if not keys:
        return
    before = read_objects(table, rows_at(number - 1), keys)
    after = read_objects(table, rows_at(number), keys)
    edits = (
        Edit(
            section=table.section,
            identity=identity_of(table.section, made),
            before=before.get(key),
            after=after.get(key),
            place=(table.section,),
        )
        for key, made in {**before, **after}.items()
    )
    yield from sorted((edit for edit in edits if edit.keys), key=lambda edit: edit.identity)


def _touched(table: Table, number: int) -> set[Any]:
    """Primary keys of the section's objects that the revision has a row of, or of a part."""
    sources = [(table.model, table.model._meta.pk.attname)]
    sources += [(part.model, part.parent_id) for part in table.parts]
    return {
        key
        for model, column in sources
        for key in model.history.filter(revision_id=number)
        .order_by()
        .values_list(column, flat=True)
    }


def _rep_names(edits: list[Edit]) -> Mapping[str, str]:
    """Names of the reps that the sentences speak of (a key names the same rep for ever)."""
    keys: set[str] = set()
    for edit in edits:
        for made in (edit.before or {}, edit.after or {}):
            keys.update(member["rep"] for member in made.get("members", ()))
            if edit.section == "absences" and made:
                keys.add(made["rep"])
    return dict(Rep.objects.filter(pk__in=keys).values_list("key", "name")) if keys else {}


def _object_change(edit: Edit, change: Change, names: Mapping[str, str]) -> ObjectChange:
    return ObjectChange(
        kind=change.kind,
        key=change.key,
        op=change.op,
        fields=change.fields,
        text=_sentence(edit, change, names),
    )


def _sentence(edit: Edit, change: Change, names: Mapping[str, str]) -> str:
    """Such as: Rule 'DACH inbound': priority 40 → 30, switched on."""
    subject = _subject(edit, names)
    if change.op in _EVENTS:
        return f"{subject} {_EVENTS[change.op]}"
    parts = [
        words
        for name, (before, after) in change.fields.items()
        for words in _field_words(name, before, after, names)
    ]
    return f"{subject}: {', '.join(parts)}"


def _subject(edit: Edit, names: Mapping[str, str]) -> str:
    made = edit.after or edit.before or {}
    noun = NOUNS[edit.section]
    noun = noun[:1].upper() + noun[1:]
    if edit.section == "settings":
        return noun
    if edit.section == "absences":
        end = f"to {_time(made['end'])}" if made["end"] else "until further notice"
        rep = names.get(made["rep"], made["rep"])
        return f"Absence of {rep} from {_time(made['start'])} {end}"
    return f"{noun} '{made['name']}'"


def _time(text: str) -> str:
    return text[:16].replace("T", " ") + " UTC"


def _field_words(name: str, before: Any, after: Any, names: Mapping[str, str]) -> Iterator[str]:
    label = name.replace("_", " ")
    if name == "active":
        yield "switched on" if after else "switched off"
    elif name == "members":
        yield from _member_words(before or [], after or [], names)
    elif isinstance(before, list) and isinstance(after, list):
        yield from _list_words(label, before, after)
    elif isinstance(before, dict | list) or isinstance(after, dict | list):
        yield from _tree_words(label, before, after)
    else:
        yield f"{label} {_word(before)} → {_word(after)}"


def _member_words(
    before: list[Object], after: list[Object], names: Mapping[str, str]
) -> Iterator[str]:
    old = {member["rep"]: member["weight"] for member in before}
    new = {member["rep"]: member["weight"] for member in after}
    for rep, weight in new.items():
        who = f"member {names.get(rep, rep)}"
        if rep not in old:
            yield f"{who} added (weight {weight})"
        elif old[rep] != weight:
            yield f"{who} weight {old[rep]} → {weight}"
    for rep in old:
        if rep not in new:
            yield f"member {names.get(rep, rep)} removed"
    if [rep for rep in old if rep in new] != [rep for rep in new if rep in old]:
        yield "members reordered"


def _list_words(label: str, before: list[Any], after: list[Any]) -> Iterator[str]:
    added = [item for item in after if item not in before]
    removed = [item for item in before if item not in after]
    if not added and not removed:
        yield f"{label} reordered"
    for items, event in ((added, "added"), (removed, "removed")):
        if len(items) > _SPELT:
            yield f"{len(items)} {label} {event}"
        elif items:
            yield f"{label} {', '.join(map(_word, items))} {event}"


def _tree_words(label: str, before: Any, after: Any) -> Iterator[str]:
    """Targets are spelt out; a condition tree is not (`fields` has it)."""
    words = [_target(before), _target(after)]
    yield f"{label} {words[0]} → {words[1]}" if all(words) else f"{label} changed"


def _target(value: Any) -> str | None:
    """A target or an owner in words; None for what is none."""
    if value is None:
        return "none"
    if isinstance(value, str):
        return value
    if isinstance(value, dict) and len(value) == 1 and value.keys() <= {"pool", "rep"}:
        ((kind, key),) = value.items()
        return f"{kind} {key}"
    return None


def _word(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict) and len(value) == 1:  # a step of a fallback
        ((name, argument),) = value.items()
        words = name.replace("_", " ")
        return words if argument is True else f"{words} {argument}"
    if isinstance(value, dict):  # a boundary
        return " ".join(str(part) for part in value.values() if part not in (None, [], False))
    return str(value)
