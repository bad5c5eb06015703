"""Which member of a pool has the next turn (semantics 8).

Earliest eligible virtual deadline first (Stoica and Abdel-Wahab, 1995), with one lead as the
quantum, kept as what each member is owed in units of `S` = lcm(1..40) a lead:

* a member is eligible while it is not ahead of its share: owed * W >= weight * T, where W and T
  are the sums of weights and of what is owed over the available members;
* among the suitable and eligible the earliest deadline, least (S - owed) / weight, has the lead;
  ties by longest without a pick, then by position; among all suitable ones when none is eligible;
* then each available member earns its share of the lead, the picked one pays what was given.

Invariants: fractions are compared as whole numbers, by crosswise products; the sum over the
earners is unchanged by a pick (but for the clamp); nobody is owed or owes more than three leads; a
member who is away keeps what it is owed, or, with a make-up limit, goes on earning up to that.

"Available" is present and below its caps; "suitable" has the skills and neither declined nor
breached the lead. A member who is available but not suitable earns its share all the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .availability import Bench, Roster, Seat, lead_exclusion, reason_for
from .config import Pool, Rep
from .state import NO_LOAD, NO_TURN, Load, PoolState, S, State, Turn
from .vocabulary import Distribution, Exclusion, Reason

LIMIT = 3 * S


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """The skills that a lead calls for: of each group one will do; with `any_of` one group will."""

    groups: tuple[frozenset[str], ...]
    any_of: bool = False
    unknown: tuple[str, ...] = ()

    def met_by(self, skills: frozenset[str]) -> bool:
        if not self.groups:
            return True
        met = (not group.isdisjoint(skills) for group in self.groups)
        return any(met) if self.any_of else all(met)


@dataclass(frozen=True, slots=True, kw_only=True)
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

    __slots__ = ("_reps", "_roster")

    def __init__(self, roster: Roster, reps: Mapping[str, Rep]) -> None:
        self._roster = roster
        self._reps = reps

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
        if bench.capped and not last_resort:
            available = tuple(s for s in available if not self._full(s, loads, out))
            suitable, weight = available, sum(seat.weight for seat in available)
        if needs is not None or state.ruled_out:
            suitable = tuple(s for s in available if not self._unsuitable(s, needs, state, out))
        if not suitable:
            reason = self._why_nobody(bench, out, needs)
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
        kept = self._company_seat(pool, state, suitable)
        before = state.pool(pool.key)
        if kept is None and pool.distribution is Distribution.LEAST_LOADED:
            suitable = least_loaded(suitable, loads)
        seat = kept or choose(available, suitable, weight, before.turns)
        absent = bench.absent if pool.make_up_limit else ()
        return Pick(
            pool=pool.key,
            rep=seat.rep,
            state=before,
            moved=after_pick(before, available, seat, absent, pool.make_up_limit),
            bench=bench,
            out=out,
            company=kept is not None,
        )

    @staticmethod
    def _loads(pool: Pool, bench: Bench, state: State, *, last_resort: bool) -> Mapping[str, Load]:
        if pool.distribution is Distribution.LEAST_LOADED and bench.present:
            return state.loads(tuple(seat.rep for seat in bench.present))
        if bench.capped and not last_resort:
            return state.loads(bench.capped)
        return {}

    def _full(
        self, seat: Seat, loads: Mapping[str, Load], out: list[tuple[Seat, Exclusion]]
    ) -> bool:
        if not seat.capped or not self._roster.at_capacity(seat.rep, loads):
            return False
        out.append((seat, Exclusion.AT_CAPACITY))
        return True

    def _unsuitable(
        self, seat: Seat, needs: Needs | None, state: State, out: list[tuple[Seat, Exclusion]]
    ) -> bool:
        word = state.ruled_out.get(seat.rep)
        if word is not None:
            out.append((seat, lead_exclusion(word)))
            return True
        if needs is None or needs.met_by(self._reps[seat.rep].skills):
            return False
        out.append((seat, Exclusion.NO_SKILL))
        return True

    def _why_nobody(
        self, bench: Bench, out: Sequence[tuple[Seat, Exclusion]], needs: Needs | None
    ) -> Reason:
        """The one reason for which all are out; a skill that no member has comes before all."""
        everybody = (*bench.out, *out)
        if needs is not None and not any(
            needs.met_by(self._reps[seat.rep].skills)
            for seat, _ in everybody
            if seat.rep in self._reps
        ):
            return Reason.NO_SKILL_MATCH
        reasons = {reason_for(exclusion) for _, exclusion in everybody}
        return reasons.pop() if len(reasons) == 1 else Reason.NOBODY_AVAILABLE

    @staticmethod
    def _company_seat(pool: Pool, state: State, suitable: Sequence[Seat]) -> Seat | None:
        """The suitable member who has the company's newest open lead, if the pool keeps these."""
        if pool.keep_company_together_days is None:
            return None
        seats = {seat.rep: seat for seat in suitable}
        return next((seats[rep] for rep in state.company_owners(pool.key) if rep in seats), None)


def choose(
    available: Sequence[Seat],
    suitable: Sequence[Seat],
    weight: int,
    turns: Mapping[str, Turn],
) -> Seat:
    """Whose turn it is; `weight` is the sum over the available, `suitable` is not empty."""
    total = 0
    for seat in available:
        total += turns.get(seat.rep, NO_TURN)[0]
    best: Seat | None = None
    least = last = 0
    for everyone in (False, True):
        for seat in suitable:
            owed, last_pick = turns.get(seat.rep, NO_TURN)
            share = seat.weight
            if not everyone and owed * weight < share * total:
                continue
            deadline = S - owed
            if best is not None:
                mine, other = deadline * best.weight, least * share
                if mine > other or (mine == other and last_pick >= last):
                    continue
            best, least, last = seat, deadline, last_pick
        if best is not None:
            return best
    raise ValueError("no suitable member to choose from")


def after_pick(
    state: PoolState,
    available: Sequence[Seat],
    picked: Seat,
    absent: Sequence[Seat] = (),
    make_up_limit: int = 0,
) -> PoolState:
    """The pool's state after a pick: each earner's share added, the picked member's pay taken.

    Absent members earn, as if they were available, until they are owed `make_up_limit` leads."""
    turns = dict(state.turns)
    earners = available
    ceiling = min(make_up_limit * S, LIMIT)
    if absent and make_up_limit:
        earning = [s for s in absent if turns.get(s.rep, NO_TURN)[0] < ceiling]
        earners = [*available, *earning]
    weight = 0
    for seat in earners:
        weight += seat.weight
    given = 0
    picks = state.picks + 1
    present = len(available)
    for number, seat in enumerate(earners):
        owed, last_pick = turns.get(seat.rep, NO_TURN)
        share = seat.weight * S // weight
        if number >= present:
            share = min(share, ceiling - owed)
        given += share
        turns[seat.rep] = Turn(min(owed + share, LIMIT), last_pick)
    owed, _ = state.turns.get(picked.rep, NO_TURN)
    pay = given - picked.weight * S // weight
    turns[picked.rep] = Turn(max(-LIMIT, min(owed - pay, LIMIT)), picks)
    return PoolState(picks=picks, turns=turns)


def least_loaded(seats: Sequence[Seat], loads: Mapping[str, Load]) -> tuple[Seat, ...]:
    """Those with the fewest open leads per weight."""
    best: list[Seat] = []
    for seat in seats:
        mine = loads.get(seat.rep, NO_LOAD).open
        if best:
            other = loads.get(best[0].rep, NO_LOAD).open
            ahead = mine * best[0].weight - other * seat.weight
            if ahead > 0:
                continue
            if ahead < 0:
                best.clear()
        best.append(seat)
    return tuple(best)


def credit(state: PoolState, rep: str) -> PoolState:
    """The state after a lead was handed back as no lead at all: it is owed to the rep again."""
    owed, last_pick = state.turns.get(rep, NO_TURN)
    turns = {**state.turns, rep: Turn(min(owed + S, LIMIT), last_pick)}
    return PoolState(picks=state.picks, turns=turns)
