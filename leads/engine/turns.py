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

`choose` and `after_pick` are the definition. `take_turn` does both at once for the usual case, in
which nobody makes up for an absence; the laws hold it to the definition.
"""

from collections.abc import Iterator, Mapping, Sequence
from operator import add

from .availability import Line, Seat
from .state import NO_LOAD, NO_TURN, Load, PoolState, S, Turn

LIMIT = 3 * S


class Standings(Mapping[str, Turn]):
    """Turns as a pick leaves them: of the members of one line in columns, of others as they were.

    A pick that follows another among the same members then copies two columns, where a mapping of
    turns would be taken apart and made again. Not to be changed."""

    __slots__ = ("last_picks", "line", "others", "owed")

    def __init__(
        self, line: Line, owed: list[int], last_picks: list[int], others: Mapping[str, Turn]
    ) -> None:
        self.line = line
        self.owed = owed
        self.last_picks = last_picks
        self.others = others

    def __getitem__(self, rep: str) -> Turn:
        number = self.line.places.get(rep)
        if number is None:
            return self.others[rep]
        return Turn(self.owed[number], self.last_picks[number])

    def __iter__(self) -> Iterator[str]:
        yield from self.line.reps
        yield from (rep for rep in self.others if rep not in self.line.places)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __repr__(self) -> str:
        return repr(dict(self))


def take_turn(state: PoolState, line: Line, suitable: Sequence[Seat]) -> tuple[Seat, PoolState]:
    """The pick among the suitable of the available members, and the state after it."""
    turns = state.turns
    if turns.__class__ is Standings and turns.line is line:
        before, last_picks, others = turns.owed, turns.last_picks.copy(), turns.others
    else:
        standings = [turns.get(rep, NO_TURN) for rep in line.reps]
        before, last_picks = [turn[0] for turn in standings], [turn[1] for turn in standings]
        others = dict(turns)
    if len(suitable) == 1:
        best = line.places[suitable[0][0]]
    elif line.equal and suitable is line.seats:
        best = _first_of_equals(before, last_picks)
    else:
        best = _first_of_weighted(line, suitable, before, last_picks)
    owed = list(map(add, before, line.gains))
    owed[best] -= line.given
    last_picks[best] = picks = state.picks + 1
    if max(owed) > LIMIT or owed[best] < -LIMIT:
        owed = [max(-LIMIT, min(units, LIMIT)) for units in owed]
    moved = PoolState(picks=picks, turns=Standings(line, owed, last_picks, others))
    return line.seats[best], moved


def _first_of_equals(owed: Sequence[int], last_picks: Sequence[int]) -> int:
    """Of equal weights whoever is owed most has the earliest deadline, and is always eligible."""
    most = max(owed)
    best = owed.index(most)
    for number in range(best + 1, len(owed)):
        if owed[number] == most and last_picks[number] < last_picks[best]:
            best = number
    return best


def _first_of_weighted(
    line: Line, suitable: Sequence[Seat], owed: Sequence[int], last_picks: Sequence[int]
) -> int:
    total, weight, weights = sum(owed), line.weight, line.weights
    places: Sequence[int]
    if suitable is line.seats:
        places = line.numbers
    else:
        places = [line.places[seat[0]] for seat in suitable]
    if total:
        eligible = [n for n in places if owed[n] * weight >= weights[n] * total]
    else:
        eligible = [n for n in places if owed[n] >= 0]
    best = least = share = 0
    for number in eligible or places:
        units, mine = owed[number], weights[number]
        if mine == share:  # the same weight: whoever is owed more
            order = S - units - least
        else:
            order = (S - units) * share - least * mine
        if not share or order < 0 or (order == 0 and last_picks[number] < last_picks[best]):
            best, least, share = number, S - units, mine
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
