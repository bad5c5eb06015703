"""Whose turn it is in a pool, and what everybody is owed after it (semantics 8).

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

`choose` and `after_pick` are the definition. `take_turn` does both in one pass for the usual case,
in which everybody available is suitable; the laws hold it to the definition.
"""

from collections.abc import Mapping, Sequence

from .availability import Seat
from .state import NO_LOAD, NO_TURN, Load, PoolState, S, Turn

LIMIT = 3 * S


def take_turn(state: PoolState, available: Sequence[Seat], weight: int) -> tuple[Seat, PoolState]:
    """The pick among available members who are all suitable, and the state after it; `weight` is
    the sum of their weights."""
    turns = dict(state.turns)
    standings = [turns.get(seat[0], NO_TURN) for seat in available]
    first = available[0][1]
    picked = _first_of_equals if weight == first * len(available) else _first_of_weighted
    best = picked(available, standings, weight)
    given = gain = mine = 0
    for (rep, share, _, _), (owed, last_pick) in zip(available, standings, strict=True):
        if share != mine:
            mine, gain = share, share * S // weight
        given += gain
        owed += gain
        if owed > LIMIT:
            owed = LIMIT
        turns[rep] = Turn(owed, last_pick)
    rep, share, _, _ = available[best]
    owed = standings[best][0] + share * S // weight - given
    turns[rep] = Turn(max(-LIMIT, min(owed, LIMIT)), state.picks + 1)
    return available[best], PoolState(picks=state.picks + 1, turns=turns)


def _first_of_equals(available: Sequence[Seat], standings: Sequence[Turn], weight: int) -> int:
    """Of equal weights whoever is owed most has the earliest deadline, and is always eligible."""
    best, most, last = 0, *standings[0]
    for number, (owed, last_pick) in enumerate(standings):
        if owed > most or (owed == most and last_pick < last):
            best, most, last = number, owed, last_pick
    return best


def _first_of_weighted(available: Sequence[Seat], standings: Sequence[Turn], weight: int) -> int:
    total = 0
    for standing in standings:
        total += standing[0]
    best, least, last, share = 0, 0, 0, 0
    for number, (owed, last_pick) in enumerate(standings):
        mine = available[number][1]
        if owed * weight >= mine * total:
            order = (S - owed) * share - least * mine
            if not share or order < 0 or (order == 0 and last_pick < last):
                best, least, last, share = number, S - owed, last_pick, mine
    return best


def choose(
    available: Sequence[Seat],
    suitable: Sequence[Seat],
    weight: int,
    turns: Mapping[str, Turn],
) -> Seat:
    """Whose turn it is; `weight` is the sum over the available, `suitable` is not empty."""
    total = 0
    for rep, _, _, _ in available:
        total += turns.get(rep, NO_TURN)[0]
    best: Seat | None = None
    least = last = 0
    for everyone in (False, True):
        for seat in suitable:
            rep, share, _, _ = seat
            owed, last_pick = turns.get(rep, NO_TURN)
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
    ceiling = min(make_up_limit * S, LIMIT) if absent else 0
    turns = dict(state.turns)
    away = [seat for seat in absent if turns.get(seat.rep, NO_TURN)[0] < ceiling]
    weight = 0
    for seat in available:
        weight += seat.weight
    for seat in away:
        weight += seat.weight
    given = 0
    for seat in available:
        owed, last_pick = turns.get(seat.rep, NO_TURN)
        share = seat.weight * S // weight
        given += share
        owed += share
        turns[seat.rep] = Turn(min(owed, LIMIT), last_pick)
    for seat in away:
        owed, last_pick = turns.get(seat.rep, NO_TURN)
        share = min(seat.weight * S // weight, ceiling - owed)
        given += share
        turns[seat.rep] = Turn(owed + share, last_pick)
    owed, _ = state.turns.get(picked.rep, NO_TURN)
    owed += picked.weight * S // weight - given
    picks = state.picks + 1
    turns[picked.rep] = Turn(max(-LIMIT, min(owed, LIMIT)), picks)
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
