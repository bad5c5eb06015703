"""Who of a pool gets a lead: its members who are available and suitable, in turn (semantics 7, 8).

"Available" is present and below its caps; "suitable" has the skills and neither declined nor
breached the lead. A member who is available but not suitable earns its share all the same, so a
lead that only one speaks the language of costs that one a turn and nobody else theirs.

Order of questions: who is there (kept while it stays so), loads of the capped, skills and what
happened before, who has the company's other leads, and last the pool's own state, which callers
lock. The turns themselves are `turns`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .availability import Bench, Line, Roster, Seat, lead_exclusion, reason_for
from .config import Pool
from .state import Load, PoolState, State
from .turns import after_pick, choose, credit, least_loaded, take_turn
from .vocabulary import Distribution, Exclusion, Reason

__all__ = ["Needs", "Pick", "Pools", "credit"]

LEAST_LOADED = Distribution.LEAST_LOADED
NO_SKILL = Exclusion.NO_SKILL
NO_LOADS: Mapping[str, Load] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """The skills that a lead calls for: of each group one will do; with `any_of` one group will.
    `able` are the reps that have them, `unknown` the values that name no skill."""

    groups: tuple[frozenset[str], ...]
    any_of: bool = False
    able: frozenset[str] = frozenset()
    unknown: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class Pick:
    """What a pool came to. With `rep` None nobody could be picked, for `reason`. `state` is the
    pool as it was, `moved` as the pick leaves it; `out` those ruled out beside `bench.out`;
    `company` who has the company's other leads, if that decided."""

    pool: str
    rep: str | None = None
    reason: Reason | None = None
    state: PoolState | None = None
    moved: PoolState | None = None
    bench: Bench | None = None
    out: list[tuple[Seat, Exclusion]] = field(default_factory=list)
    company: Seat | None = None


class Pools:
    """The pools of a configuration; picks from them."""

    __slots__ = ("_roster",)

    def __init__(self, roster: Roster) -> None:
        self._roster = roster

    def pick(
        self,
        key: str,
        state: State,
        at: int,
        *,
        hours: bool = False,
        needs: Needs | None = None,
        last_resort: bool = False,
    ) -> Pick:
        """The pool's pick at the instant. `hours`: the rule wants working hours whatever the pool
        says; `last_resort` ignores working hours and caps."""
        pool = self._roster.pools.get(key)
        if pool is None or not pool.active or not pool.members:
            return Pick(pool=key, reason=Reason.POOL_EMPTY)
        hours = not last_resort and (hours or pool.working_hours_only)
        bench = self._roster.bench(key, at, hours=hours)
        pick = Pick(pool=key, bench=bench)
        line, loads = bench.line, self._loads(pool, bench, state, last_resort=last_resort)
        if bench.capped and not last_resort:
            line = self._below_caps(line, bench.capped, loads, pick)
        suitable = line.seats
        if state.ruled_out:
            suitable = _not_ruled_out(suitable, state, pick)
        if needs is not None and needs.groups:
            suitable = _with_skills(suitable, needs, pick)
        if not suitable:
            pick.reason = _why_nobody(bench, pick.out, needs)
            return pick
        if pool.keep_company_together_days is not None:
            pick.company = _company_seat(pool, state, suitable)
        if pool.distribution is LEAST_LOADED and pick.company is None:
            suitable = least_loaded(suitable, loads)
        _take(pick, pool, state.pool(key), line, suitable)
        return pick

    @staticmethod
    def _loads(pool: Pool, bench: Bench, state: State, *, last_resort: bool) -> Mapping[str, Load]:
        if pool.distribution is LEAST_LOADED and bench.line.seats:
            return state.loads(bench.line.reps)
        if bench.capped and not last_resort:
            return state.loads(bench.capped)
        return NO_LOADS

    def _below_caps(
        self, line: Line, capped: Sequence[str], loads: Mapping[str, Load], pick: Pick
    ) -> Line:
        full = self._roster.full(capped, loads)
        if not full:
            return line
        pick.out += [(seat, Exclusion.AT_CAPACITY) for seat in line.seats if seat.rep in full]
        return Line(tuple(seat for seat in line.seats if seat.rep not in full))


def _take(pick: Pick, pool: Pool, state: PoolState, line: Line, suitable: tuple[Seat, ...]) -> None:
    """Give the turn: the pick's rep and the pool's state before and after it."""
    if pick.company is not None:
        suitable = (pick.company,)
    absent = pick.bench.absent if pool.make_up_limit and pick.bench is not None else ()
    if absent:
        seat = choose(line.seats, suitable, line.weight, state.turns)
        pick.moved = after_pick(state, line.seats, seat, absent, pool.make_up_limit)
    else:
        seat, pick.moved = take_turn(state, line, suitable)
    pick.rep, pick.state = seat.rep, state


def _company_seat(pool: Pool, state: State, suitable: Sequence[Seat]) -> Seat | None:
    """The suitable member who has the company's newest open lead."""
    seats = {seat.rep: seat for seat in suitable}
    return next((seats[rep] for rep in state.company_owners(pool.key) if rep in seats), None)


def _not_ruled_out(seats: tuple[Seat, ...], state: State, pick: Pick) -> tuple[Seat, ...]:
    words = state.ruled_out
    pick.out += [(seat, lead_exclusion(words[seat[0]])) for seat in seats if seat[0] in words]
    return tuple([seat for seat in seats if seat[0] not in words])


def _with_skills(seats: tuple[Seat, ...], needs: Needs, pick: Pick) -> tuple[Seat, ...]:
    able = needs.able
    pick.out += [(seat, NO_SKILL) for seat in seats if seat[0] not in able]
    return tuple([seat for seat in seats if seat[0] in able])


def _why_nobody(bench: Bench, out: Sequence[tuple[Seat, Exclusion]], needs: Needs | None) -> Reason:
    """The one reason for which all are out; a skill that no member has comes before all."""
    everybody = (*bench.out, *out)
    if needs is not None and not any(seat.rep in needs.able for seat, _ in everybody):
        return Reason.NO_SKILL_MATCH
    reasons = {reason_for(exclusion) for _, exclusion in everybody}
    return reasons.pop() if len(reasons) == 1 else Reason.NOBODY_AVAILABLE
