"""Who can take a lead now, and how much they have: for lists and pages, locking nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from leads import snapshot
from leads.engine.availability import over_cap
from leads.engine.state import NO_LOAD, Load
from leads.engine.vocabulary import Exclusion

from .standing import Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class RepStanding:
    """One rep at an instant: `reason` says why no lead can be taken, `until` how long, if known.

    Open hours and caps count here; rules and pools may leave either aside (semantics 7)."""

    reason: Exclusion | None
    until: datetime | None
    load: Load

    @property
    def is_available(self) -> bool:
        """Whether the rep can take a lead."""
        return self.reason is None


def rep_standings(keys: Iterable[str], *, now: datetime) -> dict[str, RepStanding]:
    """Return the standing of reps by key, with one read for all loads."""
    router = snapshot.live()
    known = [key for key in keys if key in router.config.reps]
    loads = Standing(router.config, now, locked=False).loads(known) if known else {}
    standings = {}
    for key in known:
        load = loads.get(key, NO_LOAD)
        reason = router.available(key, now)
        if reason is None and over_cap(router.config.reps[key], load):
            reason = Exclusion.AT_CAPACITY
        until = router.back_at(key, now, reason) if reason else None
        standings[key] = RepStanding(reason=reason, until=until, load=load)
    return standings
