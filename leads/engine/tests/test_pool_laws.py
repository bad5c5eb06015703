"""Semantics 8 as laws on random pools."""

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from leads.engine.availability import Line, Seat
from leads.engine.state import Load, PoolState, S, Turn
from leads.engine.turns import LIMIT, after_pick, choose, credit, least_loaded, take_turn

WEIGHTS = st.lists(st.integers(1, 40), min_size=1, max_size=8)
ANY_WEIGHTS = st.lists(st.integers(1, 1000), min_size=1, max_size=8)


def seats(weights: list[int]) -> tuple[Seat, ...]:
    return tuple(Seat(f"m{i}", weight, i, False) for i, weight in enumerate(weights))


def turn(
    state: PoolState, available: tuple[Seat, ...], **options: object
) -> tuple[Seat, PoolState]:
    """One pick with all available members suitable."""
    weight = sum(seat.weight for seat in available)
    picked = choose(available, available, weight, state.turns)
    return picked, after_pick(state, available, picked, **options)


@given(ANY_WEIGHTS, st.integers(1, 120))
@settings(deadline=None)
def test_every_count_stays_within_one_lead_of_its_exact_share(
    weights: list[int], picks: int
) -> None:
    members = seats(weights)
    total = sum(weights)
    counts = dict.fromkeys(members, 0)
    state = PoolState()
    for number in range(1, picks + 1):
        picked, state = turn(state, members)
        counts[picked] += 1
        for seat, count in counts.items():
            assert abs(count - Fraction(seat.weight * number, total)) <= 1


@given(st.integers(1, 12), st.integers(1, 60))
def test_counts_of_equal_members_differ_by_at_most_one(size: int, picks: int) -> None:
    members = seats([7] * size)
    counts = dict.fromkeys(members, 0)
    state = PoolState()
    for _ in range(picks):
        picked, state = turn(state, members)
        counts[picked] += 1
        assert max(counts.values()) - min(counts.values()) <= 1


@given(WEIGHTS, st.data())
@settings(deadline=None)
def test_nobody_is_owed_or_owes_more_than_three_leads_as_members_come_and_go(
    weights: list[int], data: st.DataObject
) -> None:
    members = seats(weights)
    state = PoolState()
    for _ in range(60):
        mask = data.draw(st.integers(1, 2 ** len(members) - 1))
        available = tuple(seat for i, seat in enumerate(members) if mask >> i & 1)
        picked, after = turn(state, available)
        assert picked in available
        for seat in members:
            if seat not in available:
                assert after.turns.get(seat.rep) == state.turns.get(seat.rep)
        state = after
        assert all(-LIMIT <= one.owed <= LIMIT for one in state.turns.values())


@given(WEIGHTS, st.lists(st.integers(-LIMIT, LIMIT), min_size=8, max_size=8))
def test_a_pick_gives_out_exactly_what_it_takes_unless_clamped(
    weights: list[int], owed: list[int]
) -> None:
    members = seats(weights)
    turns = {seat.rep: Turn(units, 0) for seat, units in zip(members, owed, strict=False)}
    state = PoolState(turns=turns)
    _, after = turn(state, members)
    if all(abs(one.owed) < LIMIT for one in after.turns.values()):
        before = sum(one.owed for one in state.turns.values())
        assert sum(one.owed for one in after.turns.values()) == before


@given(
    ANY_WEIGHTS,
    st.lists(st.integers(-LIMIT, LIMIT), min_size=8, max_size=8),
    st.booleans(),
    st.lists(st.integers(0, 255), min_size=3, max_size=3),
)
def test_picking_at_once_is_the_defined_pick(
    weights: list[int], owed: list[int], equal: bool, masks: list[int]
) -> None:
    members = seats([5] * len(weights) if equal else weights)
    line, weight = Line(members), sum(seat.weight for seat in members)
    turns = {
        seat.rep: Turn(units, i % 3)
        for i, (seat, units) in enumerate(zip(members, owed, strict=False))
    }
    state = PoolState(picks=9, turns=turns | {"gone": Turn(5, 5)})
    for mask in masks:
        suitable = tuple(s for s in members if mask >> s.position & 1) or members
        picked = choose(members, suitable, weight, state.turns)
        expected = picked, after_pick(state, members, picked)
        assert take_turn(state, line, suitable) == expected
        _, state = take_turn(state, line, suitable)


@given(WEIGHTS, st.integers(0, 80), st.integers(1, 40))
def test_a_newcomer_has_a_turn_within_the_next_round_and_is_not_flooded(
    weights: list[int], picks: int, weight: int
) -> None:
    members = seats(weights)
    state = PoolState()
    for _ in range(picks):
        _, state = turn(state, members)
    newcomer = Seat("new", weight, len(members), False)
    everybody = (*members, newcomer)
    round_length = -(-sum(seat.weight for seat in everybody) // weight)
    got = 0
    for _ in range(round_length + 1):
        picked, state = turn(state, everybody)
        got += picked is newcomer
    assert 1 <= got <= 3


@given(st.lists(st.just(1), min_size=3, max_size=8), st.integers(0, 40), st.data())
def test_nobody_is_skipped_when_a_member_leaves(
    weights: list[int], picks: int, data: st.DataObject
) -> None:
    members = seats(weights)
    state = PoolState()
    for _ in range(picks):
        _, state = turn(state, members)
    gone = data.draw(st.sampled_from(members))
    left = tuple(seat for seat in members if seat is not gone)
    served = set()
    for _ in range(2 * len(left)):
        picked, state = turn(state, left)
        served.add(picked)
    assert served == set(left)


@given(WEIGHTS, st.integers(0, 60), st.integers(1, 3))
def test_making_up_stops_at_the_limit(weights: list[int], picks: int, limit: int) -> None:
    members = seats(weights)
    away = Seat("away", 5, 99, False)
    state = PoolState()
    for _ in range(picks):
        picked, state = turn(state, members, absent=(away,), make_up_limit=limit)
        assert picked is not away
        assert 0 <= state.turns[away.rep].owed <= limit * S


def test_an_absent_member_earns_nothing_without_a_make_up_limit() -> None:
    ana, ben = seats([1, 1])
    _, state = turn(PoolState(), (ana,), absent=(ben,), make_up_limit=0)
    assert ben.rep not in state.turns


def test_the_units_are_those_of_the_specification() -> None:
    ana, ben = seats([2, 1])
    picked, state = turn(PoolState(), (ana, ben))
    assert picked is ana
    assert state.picks == 1
    assert state.turns == {"m0": Turn(2 * S // 3 - S, 1), "m1": Turn(S // 3, 0)}


def test_equal_weights_turn_in_position_order() -> None:
    members = seats([1, 1, 1])
    state, order = PoolState(), []
    for _ in range(6):
        picked, state = turn(state, members)
        order.append(picked.rep)
    assert order == ["m0", "m1", "m2", "m0", "m1", "m2"]


def test_a_suitable_member_who_is_not_eligible_is_picked_when_no_other_is_suitable() -> None:
    ana, ben = seats([1, 1])
    state = PoolState(turns={"m0": Turn(-2 * S, 3), "m1": Turn(2 * S, 1)})
    assert choose((ana, ben), (ana,), 2, state.turns) is ana


def test_a_credit_owes_one_lead_more_and_never_above_three() -> None:
    state = credit(PoolState(picks=4, turns={"ana": Turn(0, 4)}), "ana")
    assert state == PoolState(picks=4, turns={"ana": Turn(S, 4)})
    assert credit(PoolState(turns={"ana": Turn(LIMIT, 1)}), "ana").turns["ana"].owed == LIMIT


@given(st.lists(st.tuples(st.integers(1, 1000), st.integers(0, 500)), min_size=1, max_size=8))
def test_least_loaded_keeps_exactly_those_with_the_fewest_leads_per_weight(
    reps: list[tuple[int, int]],
) -> None:
    members = seats([weight for weight, _ in reps])
    loads = {seat.rep: Load(open=count) for seat, (_, count) in zip(members, reps, strict=True)}
    least = min(Fraction(count, weight) for weight, count in reps)
    wanted = {s for s, (w, c) in zip(members, reps, strict=True) if Fraction(c, w) == least}
    assert set(least_loaded(members, loads)) == wanted
