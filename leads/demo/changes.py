"""What the demo company changed in its configuration over the sixty days, as partial documents."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from . import people

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigChange:
    """One later revision: so many days before the present, by whom, why, and what.

    `hands_over` is the rep whose open leads go to others with it."""

    days_ago: float
    by: str
    reason: str
    make: Callable[[Document, datetime], dict[str, Any]]
    hands_over: str | None = None


def _one(document: Document, section: str, key: str, **fields: Any) -> dict[str, Any]:
    """A document of one object with fields changed; the base document is brought along."""
    found: dict[str, Any] = next(one for one in document[section] if one["key"] == key)
    found.update(fields)
    return {"version": 1, section: [found]}


def _specialists_first(document: Document, now: datetime) -> dict[str, Any]:
    return _one(document, "rules", "gas-analysis", priority=35)


def _time_off(document: Document, now: datetime) -> dict[str, Any]:
    start = (now + timedelta(days=25)).replace(hour=0, minute=0, second=0, microsecond=0)
    end = start + timedelta(days=12)
    absence = {
        "rep": "nuria-salvat",
        "start": start.isoformat(),
        "end": end.isoformat(),
        "reason": "vacation",
    }
    return {"version": 1, "absences": [absence]}


def _rep_leaves(document: Document, now: datetime) -> dict[str, Any]:
    pool = next(one for one in document["pools"] if one["key"] == "us-west-sdr")
    staying = [member for member in pool["members"] if member["rep"] != people.LEAVER]
    changed = _one(document, "pools", "us-west-sdr", members=staying)
    return changed | _one(document, "reps", people.LEAVER, active=False)


def _new_competitor(document: Document, now: datetime) -> dict[str, Any]:
    known = next(one for one in document["value_lists"] if one["key"] == "competitors")
    values = [*known["values"], "probe-and-sons.example"]
    return _one(document, "value_lists", "competitors", values=values)


def _more_weight(document: Document, now: datetime) -> dict[str, Any]:
    pool = next(one for one in document["pools"] if one["key"] == "dach-sdr")
    members = [
        member | {"weight": 2} if member["rep"] == "mats-deruyter" else member
        for member in pool["members"]
    ]
    return _one(document, "pools", "dach-sdr", members=members)


def _hold_for_specialists(document: Document, now: datetime) -> dict[str, Any]:
    steps = [{"hold_minutes": 2880}, {"next_rule": True}]
    return _one(document, "rules", "gas-analysis", fallback=steps)


CHANGES: Sequence[ConfigChange] = (
    ConfigChange(
        days_ago=41,
        by="denise-albright",
        reason="Gas analysis needs specialists, whoever the account belongs to",
        make=_specialists_first,
    ),
    ConfigChange(
        days_ago=30, by="claire-montclar", reason="Vacation of Núria Salvat", make=_time_off
    ),
    ConfigChange(
        days_ago=18,
        by="marcus-okafor",
        reason="Derek Moss leaves the company",
        make=_rep_leaves,
        hands_over=people.LEAVER,
    ),
    ConfigChange(
        days_ago=10,
        by="oliver-hartnell",
        reason="A competitor signed up for the webinar",
        make=_new_competitor,
    ),
    ConfigChange(
        days_ago=5,
        by="greta-lindholm",
        reason="Mats is up to speed and takes a full share",
        make=_more_weight,
    ),
    ConfigChange(
        days_ago=1.2,
        by="denise-albright",
        reason="Gas leads wait for a specialist instead of going to the territory",
        make=_hold_for_specialists,
    ),
)
