"""How far members of a pool drift from what is due to them while others come and go."""

import random

from leads.engine.availability import Seat
from leads.engine.state import PoolState
from leads.engine.turns import after_pick, choose

from .report import Row, shown

#: At each pick, how likely a member leaves or comes back.
CHANGE = 0.05


def run(*, quick: bool) -> list[Row]:
    """The largest distance, in leads, between what a member got and the sum of the shares due
    while available, over random pools."""
    trials, picks = (5, 100) if quick else (200, 1_000)
    chance = random.Random(8)
    drift = max(_drift(chance, picks) for _ in range(trials))
    return [shown("fairness", "largest drift", drift, "leads", f"{trials} pools, {picks} picks")]


def _drift(chance: random.Random, picks: int) -> float:
    seats = [Seat(f"m{n}", chance.randint(1, 40), n, False) for n in range(chance.randint(2, 9))]
    away: set[str] = set()
    due = dict.fromkeys((seat.rep for seat in seats), 0.0)
    worst, state = 0.0, PoolState()
    for _ in range(picks):
        for seat in seats:
            if chance.random() < CHANGE:
                away ^= {seat.rep}
        available = tuple(seat for seat in seats if seat.rep not in away)
        if not available:
            continue
        weight = sum(seat.weight for seat in available)
        picked = choose(available, available, weight, state.turns)
        state = after_pick(state, available, picked)
        for seat in available:
            due[seat.rep] += seat.weight / weight
        due[picked.rep] -= 1
        worst = max(worst, *map(abs, due.values()))
    return worst
