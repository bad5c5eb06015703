"""What applying a document would change, computed without writing (`config plan`).

A listed object is compared, key by key, with what is stored: an omitted key stands for its
default, so the document says what is. What a section does not list is left alone; with prune
objects are deactivated, and absences and pool members removed. `draft` also checks what only
the resulting whole can tell (`territories.document.checks`).
"""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from .checks import check_result
from .clean import check_sound_keys, cleaned
from .export import objects_of
from .faults import Fault, Place
from .kinds import REQUIRED, Reading
from .listed import Item, read_items
from .rows import Object, table_of
from .schema import KEYED, SECTIONS, identity_of, struct_of

Op = Literal["create", "update", "deactivate", "delete"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One object's change: `kind` is its section, `fields` key → [before, after]. A created
    object shows what differs from a fresh one, a removed one what it was."""

    op: Op
    kind: str
    key: str
    fields: dict[str, list[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a document changes, in its order, or why it cannot be applied: with any fault
    nothing is changed."""

    changes: list[Change] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One object before (None: it is new) and after (None: it is removed). `place` is where
    the document lists it, or its section."""

    section: str
    identity: str
    before: Object | None
    after: Object | None
    place: Place

    @property
    def keys(self) -> list[str]:
        """The keys that differ, in the document's order."""
        before, after = self.before, self.after
        return [
            name
            for name in table_of(self.section).keys
            if before is None or after is None or not same(before[name], after[name])
        ]


def plan(document: Any, *, prune: bool = False) -> Plan:
    """What `apply` would do with a document (plain data), or its faults. Writes nothing."""
    edits, faults = draft(document, prune=prune)
    if faults:
        return Plan(faults=faults)
    return Plan(changes=[change_of(edit) for edit in edits])


def draft(document: Any, *, prune: bool) -> tuple[list[Edit], list[Fault]]:
    """The edits that bring the configuration to the document, and the document's faults."""
    items, faults = read_items(document)
    reading = Reading(known={}, faults=faults)
    present = [name for name in SECTIONS if isinstance(document, dict) and name in document]
    stored: dict[str, dict[str, Object]] = {}
    edits: list[Edit] = []
    for section in present:
        listed = [item for item in items if item.section == section]
        stored[section] = _stored(section, listed, prune=prune)
        for item in listed:
            edit = _edit(item, stored[section].get(item.identity), reading, prune=prune)
            if edit is not None:
                edits.append(edit)
        if prune and section != "settings":
            edits.extend(_pruned(section, stored[section], {item.identity for item in listed}))
    check_result(stored, edits, items, reading)
    return edits, _in_order(reading.faults)


def _stored(section: str, listed: Collection[Item], *, prune: bool) -> dict[str, Object]:
    """The stored objects that the document may change; of accounts only those it lists."""
    keys = {item.identity for item in listed} if section == "accounts" and not prune else None
    return {identity_of(section, made): made for made in objects_of(section, keys)}


def _edit(item: Item, before: Object | None, reading: Reading, *, prune: bool) -> Edit | None:
    """The edit that makes an object what the document says; None for none or a fault."""
    after = item.made
    if item.faulty:
        table = table_of(item.section)
        check_sound_keys(table, after, item.faulty, item.place, reading)
        return None
    if item.section == "pools" and before is not None and not prune:
        after = _with_other_members(after, before)
    if before is not None and same(before, after):
        return None
    normal = cleaned(table_of(item.section), after, item.place, reading)
    if normal is None or (before is not None and same(before, normal)):
        return None
    return Edit(
        section=item.section, identity=item.identity, before=before, after=normal, place=item.place
    )


def _with_other_members(pool: Object, before: Object) -> Object:
    """The pool with the members that it has and the document does not list, at the end."""
    listed = {member["rep"] for member in pool["members"]}
    others = [member for member in before["members"] if member["rep"] not in listed]
    return {**pool, "members": pool["members"] + others}


def _pruned(section: str, stored: Mapping[str, Object], listed: Collection[str]) -> Iterator[Edit]:
    """Edits for what a section does not list: deactivated, absences removed."""
    for identity, before in stored.items():
        if identity in listed or (section in KEYED and not before["active"]):
            continue
        after = {**before, "active": False} if section in KEYED else None
        yield Edit(section=section, identity=identity, before=before, after=after, place=(section,))


def same(one: Any, other: Any) -> bool:
    """Whether two values of a document are the same; true is not 1, the order of keys means
    nothing."""
    if one is other:
        return True
    if isinstance(one, dict | list) or isinstance(other, dict | list):
        return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    return type(one) is type(other) and bool(one == other)


def change_of(edit: Edit) -> Change:
    """The edit as it is shown."""
    return Change(
        op=_op(edit), kind=edit.section, key=edit.identity, fields=dict(_shown_fields(edit))
    )


def _op(edit: Edit) -> Op:
    if edit.before is None:
        return "create"
    if edit.after is None:
        return "delete"
    if edit.keys == ["active"] and edit.after["active"] is False:
        return "deactivate"
    return "update"


def _shown_fields(edit: Edit) -> Iterator[tuple[str, list[Any]]]:
    fields = {one.name: one for one in struct_of(edit.section).fields}
    for name in edit.keys:
        before = edit.before[name] if edit.before else None
        after = edit.after[name] if edit.after else None
        default = fields[name].default
        if edit.before is None and default is not REQUIRED and same(after, default):
            continue
        if edit.after is None and before is None:
            continue
        if name != "key":
            yield name, [before, after]


def _in_order(faults: list[Fault]) -> list[Fault]:
    """The faults in the order of the sections and their objects, each once."""
    rank = {name: index for index, name in enumerate(("version", *SECTIONS))}

    def where(fault: Fault) -> tuple[int, int]:
        section, _, rest = fault.pointer.removeprefix("/").partition("/")
        index = rest.partition("/")[0]
        return rank.get(section, -1), int(index) if index.isdecimal() else -1

    return sorted(dict.fromkeys(faults), key=where)
