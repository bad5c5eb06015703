"""One decision in the engine, at growing numbers of rules, and against zen-engine."""

import importlib.util
import json
from collections.abc import Callable
from functools import partial
from typing import Any

from . import world
from .clock import interleaved, processor_seconds
from .report import Row, at_least, at_most, missing, shown

SIZES = (10, 1_000, 10_000)
BENCH = "engine"


def run(*, quick: bool) -> list[Row]:
    """Microseconds a decision: facts normalised already, account hits, ten thousand boundaries,
    a weighted pool whose turns are kept, the state recorded for replay."""
    decisions, repeats = (200, 1) if quick else (5_000, 7)
    boundaries = 500 if quick else 10_000
    works = {
        f"{size} rules": _decisions(size, boundaries, decisions)
        for size in (SIZES[:2] if quick else SIZES)
    }
    compared = 10 if quick else 1_000
    table = _zen(compared, 20 if quick else 1_000)
    if table is not None:
        works["zen-engine"] = table
        works["ours, same table"] = _decisions(compared, boundaries, decisions)
    spent = interleaved(works, repeats=repeats)
    rows = [shown(BENCH, name, cost, "µs a decision") for name, cost in spent.items()]
    if not quick:
        growth = spent["10000 rules"] / spent["10 rules"]
        rows.append(at_most(BENCH, "10,000 rules : 10 rules", growth, "×", 2))
    if table is None:
        rows.append(missing(BENCH, "against zen-engine", "zen-engine is not installed"))
    else:
        share = spent["zen-engine"] / spent["ours, same table"]
        rows.append(at_least(BENCH, "zen-engine : ours, 1,000 rules", share, "×", 20))
    return rows


def _decisions(size: int, boundaries: int, count: int) -> Callable[[], float]:
    """A function that decides `count` leads and returns microseconds of processor time each."""
    from leads.engine.router import Router  # noqa: PLC0415 - Django is set up by then
    from leads.engine.state import RecordedState, Recorder  # noqa: PLC0415
    from leads.snapshot import config_from_document  # noqa: PLC0415

    made = world.document(rules=size, boundaries=boundaries)
    router = Router(config_from_document(made, 1))
    cases = [_case(number, size) for number in range(count)]
    pools: dict[str, Any] = {}

    def decide() -> None:
        for facts, accounts in cases:
            state = Recorder(RecordedState(accounts=accounts, pool_states=pools))
            decision = router.route(facts, state, world.NOW)
            pools.update(decision.pools)
            state.record()

    return lambda: processor_seconds(decide) / count * 1e6


def _case(number: int, rules: int) -> tuple[dict[str, Any], list[Any]]:
    from leads.engine.config import Target  # noqa: PLC0415
    from leads.engine.state import AccountHit  # noqa: PLC0415
    from leads.normalise import normalise_lead  # noqa: PLC0415

    lead = normalise_lead(world.lead(number, rules=rules))
    hits = []
    if number % 2:
        hits = [
            AccountHit(
                key=f"account{number}",
                name=f"Account {number}",
                step=3,
                matched_on=lead.domain,
                owner=Target(rep=f"rep-{number % 500}"),
                owner_active=True,
                tier="key",
            )
        ]
    return {**lead.facts, "is_update": False, "age_days": 0}, hits


def _zen(size: int, count: int) -> Callable[[], float] | None:
    """A function that evaluates `count` leads by zen-engine's decision table of the same rules.

    The table knows the conditions alone: no territory, no pool, no turns, no record."""
    if importlib.util.find_spec("zen") is None:
        return None
    zen: Any = importlib.import_module("zen")
    decision = zen.ZenEngine().create_decision(json.dumps(_decision_table(size)))
    facts = [_zen_facts(number, size) for number in range(count)]
    found = decision.evaluate(facts[0])["result"]
    assert str(found["rule"]).startswith("rule-"), found  # noqa: S101 - else it measures nothing

    def evaluate() -> None:
        for one in facts:
            decision.evaluate(one)

    return lambda: processor_seconds(evaluate) / count * 1e6


def _zen_facts(number: int, rules: int) -> dict[str, Any]:
    body = world.lead(number, rules=rules)
    return {name: body[name] for name in ("country", "industry", "lead_type", "employees")}


def _decision_table(size: int) -> dict[str, Any]:
    columns = ("country", "industry", "lead_type", "employees")
    rules = []
    for number in range(size):
        wanted = world.cells(number)
        rules.append(
            {
                "_id": f"r{number}",
                "country": ", ".join(json.dumps(one) for one in wanted["countries"]),
                "industry": json.dumps(wanted["industry"]),
                "lead_type": json.dumps(wanted["lead_type"]),
                "employees": f">= {wanted['employees']}" if "employees" in wanted else "",
                "rule": json.dumps(f"rule-{number}"),
            }
        )
    content = {
        "hitPolicy": "first",
        "inputs": [{"id": name, "name": name, "field": name} for name in columns],
        "outputs": [{"id": "rule", "name": "rule", "field": "rule"}],
        "rules": rules,
    }
    node = partial(dict, position={"x": 0, "y": 0})
    return {
        "contentType": "application/vnd.gorules.decision",
        "nodes": [
            node(id="in", name="in", type="inputNode"),
            node(id="table", name="table", type="decisionTableNode", content=content),
            node(id="out", name="out", type="outputNode"),
        ],
        "edges": [
            {"id": "a", "sourceId": "in", "targetId": "table", "type": "edge"},
            {"id": "b", "sourceId": "table", "targetId": "out", "type": "edge"},
        ],
    }
