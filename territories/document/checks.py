"""Checks of the configuration that a document would result in: what no single object tells."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from territories.models import Account

from .export import objects_of
from .faults import Place
from .kinds import Reading
from .listed import Item
from .rows import Object

if TYPE_CHECKING:
    from .plan import Edit


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The objects of the sections that the document has, as they would be, and where it
    lists them. Objects with faults are left out: what they would be is not known."""

    objects: Mapping[str, Mapping[str, Object]]
    places: Mapping[tuple[str, str], Place]

    def __getitem__(self, section: str) -> Mapping[str, Object]:
        return self.objects.get(section, {})


def check_result(
    stored: Mapping[str, Mapping[str, Object]],
    edits: "Sequence[Edit]",
    items: Collection[Item],
    reading: Reading,
) -> None:
    """Note the faults of the resulting whole."""
    result = _result(stored, edits, items)
    _check_priorities(result, reading)
    _check_cycles("territories", _parents(result["territories"]), result, reading)
    if result["accounts"]:
        stored_parents = Account.objects.exclude(parent=None).values_list("key", "parent_id")
        parents = {**dict(stored_parents), **_parents(result["accounts"])}
        _check_cycles("accounts", parents, result, reading)
    _check_people(result, edits, reading)


def _result(
    stored: Mapping[str, Mapping[str, Object]],
    edits: "Sequence[Edit]",
    items: Collection[Item],
) -> Result:
    objects = {section: dict(made) for section, made in stored.items()}
    for edit in edits:
        if edit.after is None:
            objects[edit.section].pop(edit.identity, None)
        else:
            objects[edit.section][edit.identity] = edit.after
    for item in items:
        if item.faulty:
            objects[item.section].pop(item.identity, None)
    places = {(item.section, item.identity): item.place for item in items}
    return Result(objects=objects, places=places)


def _check_priorities(result: Result, reading: Reading) -> None:
    """Rule priority is unique among active rules."""
    first: dict[int, str] = {}
    rules = [rule for rule in result["rules"].values() if rule["active"]]
    listed = {key: place for (section, key), place in result.places.items() if section == "rules"}
    # Rules that the document does not list come first: the fault is the listed one's.
    for rule in sorted(rules, key=lambda rule: _position(listed.get(rule["key"]))):
        key = rule["key"]
        other = first.setdefault(rule["priority"], key)
        if other != key and key in listed:
            detail = f'{rule["priority"]} is the priority of the active rule "{other}" too'
            reading.fault((*listed[key], "priority"), detail, "duplicate_priority")


def _position(place: Place | None) -> int:
    return int(place[1]) if place else -1


def _parents(objects: Mapping[str, Object]) -> dict[str, str | None]:
    return {key: made["parent"] for key, made in objects.items()}


def _check_cycles(
    section: str, parents: Mapping[str, str | None], result: Result, reading: Reading
) -> None:
    """Nobody is their own ancestor; each cycle is named once, at an object that is listed."""
    settled: set[str] = set()
    for key in result[section]:
        path: list[str] = []
        at: str | None = key
        while at is not None and at not in settled and at not in path:
            path.append(at)
            at = parents.get(at)
        if at is not None and at in path:
            cycle = path[path.index(at) :]
            where = _first_place(section, cycle, result)
            words = " → ".join([*cycle, at])
            reading.fault((*where, "parent"), f"makes a circle of parents: {words}", "cycle")
        settled.update(path)


def _first_place(section: str, keys: Sequence[str], result: Result) -> Place:
    places = [result.places[section, key] for key in keys if (section, key) in result.places]
    return min(places, default=(section,), key=_position)


def _check_people(result: Result, edits: "Sequence[Edit]", reading: Reading) -> None:
    """The exceptions owner and the global fallback are active: routing ends with somebody."""
    for settings in [*result["settings"].values()] or _stored_settings(edits):
        owner = ("reps", settings["exceptions_owner"], "exceptions_owner", "exceptions owner")
        fallback = settings["fallback"]
        kind = "pools" if "pool" in fallback else "reps"
        last = (kind, next(iter(fallback.values())), "fallback", "global fallback")
        for section, key, name, words in (owner, last):
            if _is_off(section, key, result):
                place = _place_of(section, key, name, result)
                reading.fault(place, f'"{key}" is the {words} and must be active', "inactive")


def _stored_settings(edits: "Sequence[Edit]") -> list[Object]:
    """The stored settings, where an edit switches something off: else they are as good as they
    were."""
    off = (edit.after is not None and edit.after.get("active") is False for edit in edits)
    return objects_of("settings") if any(off) else []


def _is_off(section: str, key: str, result: Result) -> bool:
    """Whether the object would be inactive; a faulty entry is given the benefit of doubt."""
    made = result[section].get(key)
    if made is None and (section, key) not in result.places:
        made = next(iter(objects_of(section, [key])), None)
    return made is not None and not made["active"]


def _place_of(section: str, key: str, name: str, result: Result) -> Place:
    """Where to say it: in the settings, else where the object is listed or not listed."""
    if ("settings", "settings") in result.places:
        return ("settings", name)
    place = result.places.get((section, key))
    return (*place, "active") if place else (section,)
