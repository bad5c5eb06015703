"""The document's objects in canonical form, with every fault of their own shape.

Three passes: what the sections list (so that references may point forward), each object by the
schema, and each object that is new or changed through its model, which normalises and checks
what a stored field allows. References count as good when their object stands in the document,
faulty or not, or in the database.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .export import objects_of
from .faults import Fault, Place, fault_at, pointer_of, quoted
from .kinds import NOUNS, Reading, refuse_unknown_keys
from .parse import too_deep
from .rows import Object, table_of
from .schema import KEYED, SECTIONS, VERSION, identity_of, struct_of

#: Keys in one `IN (…)`, below SQLite's limit of variables in a statement.
_CHUNK = 500


@dataclass(slots=True, kw_only=True)
class Item:
    """One object that the document lists; what is wrong stands as None, or as it could be
    read, under its key in `faulty`."""

    section: str
    identity: str
    place: Place
    made: Object
    faulty: frozenset[str]


class Known(Mapping[str, Collection[str]]):
    """The keys that references may name, by section: in the document or in the database.

    Of accounts, which can be many, only those that the document names are looked up."""

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self._raw = raw
        self._keys: dict[str, set[str]] = {}

    def __getitem__(self, section: str) -> Collection[str]:
        if section not in self._keys:
            self._keys[section] = self._listed(section, "key") | self._stored(section)
        return self._keys[section]

    def __iter__(self) -> Iterator[str]:
        return iter(KEYED)

    def __len__(self) -> int:
        return len(KEYED)

    def _listed(self, section: str, name: str) -> set[str]:
        entries = self._raw.get(section)
        entries = entries if isinstance(entries, list) else []
        named = (entry.get(name) for entry in entries if isinstance(entry, dict))
        return {str(key) for key in named if isinstance(key, str | int)}

    def _stored(self, section: str) -> set[str]:
        rows = table_of(section).model.objects.all()
        if section != "accounts":
            return set(rows.values_list("pk", flat=True))
        parents = sorted(self._listed("accounts", "parent"))
        found: set[str] = set()
        for start in range(0, len(parents), _CHUNK):
            named = rows.filter(pk__in=parents[start : start + _CHUNK])
            found.update(named.values_list("pk", flat=True))
        return found


def read_items(document: object) -> tuple[list[Item], list[Fault]]:
    """The objects of a document (plain data), and its faults in its order."""
    if not isinstance(document, dict):
        return [], [fault_at((), "the document must be a mapping", "type")]
    depth = too_deep(document)
    if depth is not None:
        return [], [depth]
    reading = Reading(known=Known(document))
    refuse_unknown_keys(document, ("version", *SECTIONS), (), reading)
    if document.get("version", VERSION) != VERSION or document.get("version") is True:
        detail = f"must be {VERSION}, the only version there is"
        reading.fault(("version",), detail, "version")
    items: list[Item] = []
    for section in SECTIONS:
        if section in document:
            items.extend(_section(section, document[section], reading))
    return items, reading.faults


def _section(section: str, raw: Any, reading: Reading) -> Iterator[Item]:
    if section == "settings":
        yield from _settings(raw, reading)
        return
    if not isinstance(raw, list):
        reading.fault((section,), "must be a list; [] is the empty one", "type")
        return
    first: dict[str, Place] = {}
    for index, entry in enumerate(raw):
        item = _item(section, entry, (section, index), reading)
        if item is None:
            continue
        if item.identity in first:
            _refuse_twice(item, first[item.identity], reading)
            continue
        first[item.identity] = item.place
        yield item


def _item(section: str, entry: Any, place: Place, reading: Reading) -> Item | None:
    """The object at a place; None where not even its key can be read."""
    before = len(reading.faults)
    made = reading.read(struct_of(section), entry, place)
    if made is None or (section in KEYED and made["key"] is None):
        return None
    faulty = _faulty_keys(reading.faults[before:], place)
    if section == "absences" and faulty:
        return None
    identity = identity_of(section, made)
    return Item(section=section, identity=identity, place=place, made=made, faulty=faulty)


def _faulty_keys(faults: Iterable[Fault], place: Place) -> frozenset[str]:
    """The keys of the object at `place` that faults lie in."""
    start = f"{pointer_of(place)}/"
    return frozenset(fault.pointer.removeprefix(start).split("/")[0] for fault in faults)


def _refuse_twice(item: Item, first: Place, reading: Reading) -> None:
    noun = NOUNS[item.section]
    where = (*item.place, "key") if item.section in KEYED else item.place
    detail = f"the {noun} {quoted(item.identity)} is listed already, at {first[0]}[{first[1]}]"
    reading.fault(where, detail, "duplicate_key")


def _settings(raw: Any, reading: Reading) -> Iterator[Item]:
    """The settings; once there are some, the two required keys may be left out and stay."""
    if isinstance(raw, dict):
        for stored in objects_of("settings"):
            kept = {name: stored[name] for name in ("fallback", "exceptions_owner")}
            raw = {**kept, **raw}
    item = _item("settings", raw, ("settings",), reading)
    if item is not None:
        yield item
