"""Who of a pool gets a lead: its members who are available and suitable, in turn (semantics 7, 8).

"Available" is present and below its caps; "suitable" has the skills and neither declined nor
breached the lead. A member who is available but not suitable earns its share all the same, so a
lead that only one speaks the language of costs that one a turn and nobody else theirs.

Order of questions: who is there (kept while it stays so), loads of the capped, skills and what
happened before, who has the company's other leads, and last the pool's own state, which callers
lock. The turns themselves are `turns`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .availability import Bench, Roster, Seat, lead_exclusion, reason_for
from .config import Pool
from .state import Load, PoolState, State
from .turns import after_pick, choose, credit, least_loaded, take_turn
from .vocabulary import Distribution, Exclusion, Reason

__all__ = ["Needs", "Pick", "Pools", "credit"]

LEAST_LOADED = Distribution.LEAST_LOADED


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
    pool as it was, `moved` as the pick leaves it; `out` those ruled out beside `bench.out`."""

    pool: str
    rep: str | None = None
    reason: Reason | None = None
    state: PoolState | None = None
    moved: PoolState | None = None
    bench: Bench | None = None
    out: Sequence[tuple[Seat, Exclusion]] = ()
    company: bool = False


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
        available, suitable, weight = bench.present, bench.present, bench.weight
        loads = self._loads(pool, bench, state, last_resort=last_resort)
        out: list[tuple[Seat, Exclusion]] = []
        if bench.capped and not last_resort and self._any_full(bench, loads):
            available = tuple(s for s in available if not self._full(s, loads, out))
            suitable, weight = available, sum(seat.weight for seat in available)
        if needs is not None or state.ruled_out:
            suitable = tuple(s for s in available if not _unsuitable(s, needs, state, out))
        if not suitable:
            reason = _why_nobody(bench, out, needs)
            return Pick(pool=key, reason=reason, bench=bench, out=out)
        return self._pick(pool, state, bench, (available, suitable, weight), loads, out)

    def _pick(
        self,
        pool: Pool,
        state: State,
        bench: Bench,
        choice: tuple[tuple[Seat, ...], tuple[Seat, ...], int],
        loads: Mapping[str, Load],
        out: Sequence[tuple[Seat, Exclusion]],
    ) -> Pick:
        available, suitable, weight = choice
        company = pool.keep_company_together_days is not None
        kept = _company_seat(pool, state, suitable) if company else None
        before = state.pool(pool.key)
        absent = bench.absent if pool.make_up_limit else ()
        if pool.distribution is LEAST_LOADED and kept is None:
            suitable = least_loaded(suitable, loads)
        if suitable is available and kept is None and not absent:
            seat, moved = take_turn(before, available, weight)
        else:
            seat = kept or choose(available, suitable, weight, before.turns)
            moved = after_pick(before, available, seat, absent, pool.make_up_limit)
        return Pick(
            pool=pool.key,
            rep=seat.rep,
            state=before,
            moved=moved,
            bench=bench,
            out=out,
            company=kept is not None,
        )

    @staticmethod
    def _loads(pool: Pool, bench: Bench, state: State, *, last_resort: bool) -> Mapping[str, Load]:
        if pool.distribution is LEAST_LOADED and bench.present:
            return state.loads(tuple(seat.rep for seat in bench.present))
        if bench.capped and not last_resort:
            return state.loads(bench.capped)
        return {}

    def _any_full(self, bench: Bench, loads: Mapping[str, Load]) -> bool:
        at_capacity = self._roster.at_capacity
        return any(at_capacity(rep, loads) for rep in bench.capped)

    def _full(
        self, seat: Seat, loads: Mapping[str, Load], out: list[tuple[Seat, Exclusion]]
    ) -> bool:
        if not seat.capped or not self._roster.at_capacity(seat.rep, loads):
            return False
        out.append((seat, Exclusion.AT_CAPACITY))
        return True


def _company_seat(pool: Pool, state: State, suitable: Sequence[Seat]) -> Seat | None:
    """The suitable member who has the company's newest open lead."""
    seats = {seat.rep: seat for seat in suitable}
    return next((seats[rep] for rep in state.company_owners(pool.key) if rep in seats), None)


def _unsuitable(
    seat: Seat, needs: Needs | None, state: State, out: list[tuple[Seat, Exclusion]]
) -> bool:
    word = state.ruled_out.get(seat.rep)
    if word is not None:
        out.append((seat, lead_exclusion(word)))
        return True
    if needs is None or seat.rep in needs.able:
        return False
    out.append((seat, Exclusion.NO_SKILL))
    return True


def _why_nobody(bench: Bench, out: Sequence[tuple[Seat, Exclusion]], needs: Needs | None) -> Reason:
    """The one reason for which all are out; a skill that no member has comes before all."""
    everybody = (*bench.out, *out)
    if needs is not None and not any(seat.rep in needs.able for seat, _ in everybody):
        return Reason.NO_SKILL_MATCH
    reasons = {reason_for(exclusion) for _, exclusion in everybody}
    return reasons.pop() if len(reasons) == 1 else Reason.NOBODY_AVAILABLE
