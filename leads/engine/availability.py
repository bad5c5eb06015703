"""Who is available at an instant (semantics 7).

What depends on configuration and time alone (active, absent, off hours) is worked out once and
kept for as long as it surely stays so; what depends on the lead or on loads is looked at each
time. The order of reasons, where several hold: inactive, absent, off hours, at capacity, then
declined or breached.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from .config import Config, Pool, Rep
from .decision import Ruled
from .sla import DAY, OpenHours, instant_of, microseconds
from .state import NO_LOAD, Load, S
from .vocabulary import Exclusion, Reason

#: What a fallback gives as its reason when a rep or a whole pool is out for this.
REASONS = {
    Exclusion.INACTIVE: Reason.REP_INACTIVE,
    Exclusion.ABSENT: Reason.REP_ABSENT,
    Exclusion.OFF_HOURS: Reason.REP_OFF_HOURS,
    Exclusion.AT_CAPACITY: Reason.REP_AT_CAPACITY,
    Exclusion.NO_SKILL: Reason.NO_SKILL_MATCH,
}

NOBODY: frozenset[str] = frozenset()
#: Later than any absence ends or any calendar is looked at.
FOREVER = 2**62


def reason_for(exclusion: Exclusion) -> Reason:
    """The reason of a fallback after this exclusion; paused, declined and breached have none of
    their own."""
    return REASONS.get(exclusion, Reason.NOBODY_AVAILABLE)


def over_cap(rep: Rep, load: Load) -> bool:
    """Whether the rep may get no further lead."""
    if rep.max_open is not None and load.open >= rep.max_open:
        return True
    return rep.max_per_day is not None and load.today >= rep.max_per_day


class Seat(NamedTuple):
    """A member of a pool made ready; a tuple, since picks unpack every one."""

    rep: str
    weight: int
    position: int
    capped: bool


class Line:
    """Available members with what is the same for every pick among them: the sum of weights, each
    one's gain from a lead, the sum of gains, and whether all weigh the same."""

    __slots__ = (
        "equal",
        "gains",
        "given",
        "numbers",
        "places",
        "reps",
        "seats",
        "weight",
        "weights",
    )

    def __init__(self, seats: tuple[Seat, ...]) -> None:
        self.seats = seats
        self.reps = tuple(seat.rep for seat in seats)
        self.places = {rep: number for number, rep in enumerate(self.reps)}
        self.numbers = range(len(seats))
        self.weights = tuple(seat.weight for seat in seats)
        self.weight = weight = sum(self.weights)
        self.gains = tuple(seat.weight * S // weight for seat in seats)
        self.given = sum(self.gains)
        self.equal = len(set(self.gains)) == 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """Who of a pool's members is there, valid from `since` until before `until`."""

    since: int
    until: int
    line: Line
    out: tuple[tuple[Seat, Exclusion], ...]
    ruled: tuple[Ruled, ...]
    absent: tuple[Seat, ...]
    capped: tuple[str, ...]


class Roster:
    """The reps, calendars and pools of a configuration, with what is known about now."""

    __slots__ = ("_absences", "_benches", "_hours", "_reps", "_seats", "pools")

    def __init__(self, config: Config) -> None:
        self._reps = config.reps
        self.pools = config.pools
        calendars = {
            key: OpenHours(calendar)
            for key, calendar in config.calendars.items()
            if calendar.active
        }
        self._hours: dict[str, OpenHours | None] = {
            rep.key: calendars.get(rep.calendar or "") for rep in config.reps.values()
        }
        self._absences = {
            rep.key: tuple(_spans(rep)) for rep in config.reps.values() if rep.absences
        }
        self._benches: dict[tuple[str, bool], Bench] = {}
        self._seats = {pool.key: self._seated(pool) for pool in config.pools.values()}

    def _seated(self, pool: Pool) -> tuple[Seat, ...]:
        seats: list[Seat] = []
        for position, member in enumerate(pool.members):
            rep = self._reps.get(member.rep)
            seats.append(Seat(member.rep, member.weight, position, rep is not None and rep.capped))
        return tuple(seats)

    def hours(self, rep: str) -> OpenHours | None:
        """The open hours of a rep; None is always open."""
        return self._hours.get(rep)

    def standing(self, rep: str, at: int, *, hours: bool) -> tuple[Exclusion | None, int]:
        """Why the rep is not there at the instant, if so, and until when that surely holds."""
        known = self._reps.get(rep)
        if known is None or not known.active:
            return Exclusion.INACTIVE, FOREVER
        until = FOREVER
        for start, end in self._absences.get(rep, ()):
            if start <= at < end:
                return Exclusion.ABSENT, end
            if at < start:
                until = min(until, start)
        calendar = self._hours.get(rep) if hours else None
        if calendar is None:
            return None, until
        is_open, change = calendar.state_at(at)
        return (None if is_open else Exclusion.OFF_HOURS), min(until, change)

    def exclusion(
        self,
        rep: str,
        at: int,
        *,
        hours: bool,
        load: Load | None = None,
        ruled_out: Mapping[str, str] | None = None,
    ) -> Exclusion | None:
        """Why a named rep cannot have the lead now, or None. `load` only where caps count."""
        exclusion, _ = self.standing(rep, at, hours=hours)
        if exclusion is None and load is not None and over_cap(self._reps[rep], load):
            return Exclusion.AT_CAPACITY
        if exclusion is None and ruled_out and rep in ruled_out:
            return lead_exclusion(ruled_out[rep])
        return exclusion

    def full(self, reps: Sequence[str], loads: Mapping[str, Load]) -> frozenset[str]:
        """Those of the capped reps who may get no further lead."""
        known = self._reps
        full = [rep for rep in reps if over_cap(known[rep], loads.get(rep, NO_LOAD))]
        return frozenset(full) if full else NOBODY

    def seats(self, pool: str) -> tuple[Seat, ...]:
        return self._seats[pool]

    def bench(self, pool: str, at: int, *, hours: bool) -> Bench:
        """Who of the pool's members is there at the instant."""
        kept = self._benches.get((pool, hours))
        if kept is not None and kept.since <= at < kept.until:
            return kept
        # Two threads may both work it out; either answer is right, and the swap is atomic.
        bench = self._benches[pool, hours] = self._seat_bench(pool, at, hours=hours)
        return bench

    def _seat_bench(self, pool: str, at: int, *, hours: bool) -> Bench:
        present: list[Seat] = []
        out: list[tuple[Seat, Exclusion]] = []
        until = at + DAY
        for seat in self._seats[pool]:
            exclusion, change = self.standing(seat.rep, at, hours=hours)
            until = min(until, change)
            if exclusion is None and seat.weight <= 0:
                exclusion = Exclusion.PAUSED
            if exclusion is None:
                present.append(seat)
            else:
                out.append((seat, exclusion))
        return Bench(
            since=at,
            until=until,
            line=Line(tuple(present)),
            out=tuple(out),
            ruled=tuple(self.ruled(seat.rep, why, at, pool) for seat, why in out),
            absent=tuple(s for s, why in out if why is Exclusion.ABSENT and s.weight > 0),
            capped=tuple(seat.rep for seat in present if seat.capped),
        )

    def ruled(self, rep: str, why: Exclusion, at: int, pool: str | None = None) -> Ruled:
        """The note of a rep ruled out; an absence's end is known at no cost."""
        until = self.back_at(rep, at, why) if why is Exclusion.ABSENT else None
        return Ruled(rep=rep, reason=why, pool=pool, until=until)

    def back_at(self, rep: str, at: int, exclusion: Exclusion) -> datetime | None:
        """When an absence or closed hours end, where that is known."""
        if exclusion is Exclusion.ABSENT:
            ends = [end for start, end in self._absences.get(rep, ()) if start <= at < end]
            return instant_of(ends[0]) if ends and ends[0] < FOREVER else None
        if exclusion is Exclusion.OFF_HOURS:
            calendar = self._hours.get(rep)
            return calendar.next_opening(at) if calendar is not None else None
        return None


def lead_exclusion(word: str) -> Exclusion:
    """What happened between this lead and a rep: declined or breached."""
    return Exclusion.DECLINED if word == Exclusion.DECLINED.value else Exclusion.BREACHED


def _spans(rep: Rep) -> list[tuple[int, int]]:
    """The rep's absences, those that meet joined, in order."""
    spans: list[tuple[int, int]] = []
    for absence in sorted(rep.absences, key=lambda absence: absence.start):
        start = microseconds(absence.start)
        end = FOREVER if absence.end is None else microseconds(absence.end)
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        elif start < end:
            spans.append((start, end))
    return spans
