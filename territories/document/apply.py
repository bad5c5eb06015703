"""Applies a document: one transaction, one revision, all of it or nothing.

Theory of operation
-------------------
The configuration is locked, the document is drafted against it (as `plan` does) and any fault
refuses it. Then the edits are written in phases, so that every reference names a stored object
and every check of the models sees a state that is allowed:

1. new objects, section by section, those referred to first; a team comes before its reps, so
   its manager waits for 2;
2. changes, but for those that switch a rep or a pool off;
3. the settings (their people are there and active now);
4. rules: those switched off, then other changes, then new ones, since each may take a
   priority that one before gave up;
5. reps and pools switched off, now that the settings no longer need them; absences removed.

The rows go through the audited bulk writes of the models, which validate once more and write
the history. What they refuse all the same becomes a fault with its place.
"""

from collections.abc import Callable, Sequence
from typing import Any

from django.db import transaction

from territories.revisions import lock_configuration, require_open_change

from .faults import InvalidDocument
from .plan import Edit, Plan, change_of, draft
from .store import create, remove, update

#: Sections in the order in which new objects are stored: what others refer to comes first.
_ORDER = (
    "value_lists",
    "calendars",
    "skills",
    "teams",
    "reps",
    "sla_policies",
    "pools",
    "territories",
    "accounts",
    "absences",
    "definitions",
)
#: Keys that refer to a section which comes later.
_LATER = {"teams": ("manager",)}

#: What the settings name must be active; what a rule gives up is its priority.
_SWITCHED_LAST = frozenset({"reps", "pools", "rules"})

Wanted = Callable[[Edit], bool]


def apply(document: Any, *, prune: bool = False) -> Plan:
    """Bring the configuration to the document (plain data); what was changed is the answer.

    Runs inside an open `revision()`; a document that changes nothing makes no revision. Raises
    InvalidDocument with every fault, having changed nothing."""
    require_open_change()
    with transaction.atomic():
        lock_configuration()
        edits, faults = draft(document, prune=prune)
        if faults:
            raise InvalidDocument(faults)
        _write(edits)
        return Plan(changes=[change_of(edit) for edit in edits])


def _write(edits: Sequence[Edit]) -> None:
    for section in _ORDER:
        create(section, _of(edits, section, _is_new), without=_LATER.get(section, ()))
    for section in _ORDER:
        waiting = [edit for edit in _of(edits, section, _is_new) if _waits(edit)]
        update(section, [*_of(edits, section, _is_change), *waiting])
    update("settings", _of(edits, "settings", _is_change))
    create("settings", _of(edits, "settings", _is_new))
    for wanted in (_switches_off, _is_change):
        update("rules", _of(edits, "rules", wanted))
    create("rules", _of(edits, "rules", _is_new))
    for section in _ORDER:
        update(section, _of(edits, section, _switches_off))
        remove(section, _of(edits, section, _is_removed))


def _of(edits: Sequence[Edit], section: str, wanted: Wanted) -> list[Edit]:
    return [edit for edit in edits if edit.section == section and wanted(edit)]


def _is_new(edit: Edit) -> bool:
    return edit.before is None


def _switches_off(edit: Edit) -> bool:
    """Whether an object becomes inactive of a kind whose place in line depends on it."""
    return bool(
        edit.section in _SWITCHED_LAST
        and edit.before
        and edit.after
        and edit.before.get("active")
        and edit.after.get("active") is False
    )


def _is_change(edit: Edit) -> bool:
    return bool(edit.before and edit.after) and not _switches_off(edit)


def _is_removed(edit: Edit) -> bool:
    return edit.after is None


def _waits(edit: Edit) -> bool:
    """Whether a new object has a reference that could not be stored with it."""
    return any(edit.after and edit.after[key] for key in _LATER.get(edit.section, ()))
