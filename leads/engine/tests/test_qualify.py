"""Whether a lead is qualified, and who has it until it is routed (semantics 2)."""

from datetime import timedelta
from typing import Any

import pytest

from leads.engine.config import Absence, Config, Definition, SlaPolicy, Target
from leads.engine.decision import Decision
from leads.engine.router import Router, route
from leads.engine.state import RecordedState
from leads.engine.vocabulary import AssignmentKind, LeadStatus, Trigger

from .build import NOW, config, pool, rep, rule, to_rep

SCORED = {"field": "score", "op": "gte", "value": 50}
GOOD = {"score": 80, "email": "a@acme.example", "lead_type": "demo"}


def definition(key: str = "mql", **values: Any) -> Definition:
    values = {
        "priority": 10,
        "conditions": SCORED,
        "required_fields": ("email",),
        "window_owner": Target(pool="ops"),
    } | values
    return Definition(key=key, name=key.upper(), **values)


def made(*definitions: Definition, reps: Any = ("ana", "mo", "flo"), **values: Any) -> Config:
    return config(
        reps,
        [rule(1, to_rep("ana"))],
        pools=[pool("ops", "mo", "flo")],
        definitions=definitions,
        **values,
    )


def decide(configured: Config, facts: dict[str, Any], **state: Any) -> Decision:
    return route(facts, configured, RecordedState(**state), NOW)


def test_a_qualified_lead_is_routed() -> None:
    decision = decide(made(definition()), GOOD)
    assert (decision.owner, decision.status, decision.qualified) == ("ana", "assigned", True)
    assert decision.definition == "mql"


@pytest.mark.parametrize(
    "lacking", [{"score": 10}, {"email": None}, {"score": None}, {"email": "  "}]
)
def test_other_leads_are_nurture_of_the_window_owner_and_its_pool_moves(
    lacking: dict[str, Any],
) -> None:
    decision = decide(made(definition()), GOOD | lacking)
    assert (decision.status, decision.owner) == (LeadStatus.NURTURE, "mo")
    assert (decision.rule, decision.model, decision.sla) == (None, None, None)
    assert (decision.qualified, decision.is_fallback) == (False, False)
    assert decision.kind is AssignmentKind.HELD
    assert decision.pools["ops"].picks == 1


def test_the_first_definition_by_priority_that_covers_the_type_decides() -> None:
    demo = definition("demo", priority=2, lead_types=("Demo",), required_fields=("phone",))
    anything = definition("any", priority=3, conditions=None)
    event = definition("event", priority=1, lead_types=("event",))
    old = definition("old", priority=0, conditions=SCORED, active=False)
    configured = made(anything, demo, event, old)
    assert decide(configured, GOOD).definition == "demo"
    assert decide(configured, GOOD).status is LeadStatus.NURTURE
    assert decide(configured, GOOD | {"lead_type": "webinar"}).definition == "any"
    assert decide(configured, GOOD | {"lead_type": None}).owner == "ana"


def test_a_lead_whose_type_no_definition_covers_is_routed() -> None:
    decision = decide(made(definition(lead_types=("event",))), {"lead_type": "demo"})
    assert (decision.owner, decision.definition) == ("ana", None)


def test_an_update_routes_a_lead_only_where_the_definition_looks_at_updates() -> None:
    update = GOOD | {"is_update": True}
    assert decide(made(definition()), update).status is LeadStatus.NURTURE
    assert decide(made(definition()), update, was_qualified=True).owner == "ana"
    both = definition(trigger=Trigger.CREATE_OR_UPDATE)
    assert decide(made(both), update).owner == "ana"


def test_qualification_can_be_asked_for_alone() -> None:
    router = Router(made(definition()))
    update = GOOD | {"is_update": True}
    answer = router.qualifies(update, RecordedState(), NOW)
    assert (answer.holds, answer.triggered, answer.qualified) == (True, False, False)
    assert answer.definition == router.definition("mql")
    assert router.qualifies(GOOD, RecordedState(), NOW).qualified


def test_a_present_owner_keeps_a_nurture_lead_and_no_pool_moves() -> None:
    decision = decide(made(definition()), {"score": 1}, owner="flo")
    assert (decision.owner, decision.pools) == ("flo", {})
    reps = ["ana", "mo", rep("flo", active=False)]
    assert decide(made(definition(), reps=reps), {"score": 1}, owner="flo").owner == "mo"


def test_a_named_window_owner_has_the_lead_while_active_else_a_backup() -> None:
    away = (Absence(start=NOW - timedelta(days=1), end=None),)
    named = definition(window_owner=Target(rep="mo"))
    absent = ["ana", rep("mo", absences=away)]
    assert decide(made(named, reps=absent), {}).owner == "mo"
    gone = ["ana", rep("mo", active=False, backup="flo"), "flo"]
    assert decide(made(named, reps=gone), {}).owner == "flo"
    nobody = ["ana", rep("mo", active=False)]
    assert decide(made(named, reps=nobody), {}).owner is None
    assert decide(made(definition(window_owner=None)), {}).owner is None


def test_a_window_pool_that_is_full_or_closed_still_gives_an_owner() -> None:
    capped = ["ana", rep("mo", max_open=0), rep("flo", max_open=0)]
    assert decide(made(definition(), reps=capped), {}).owner == "mo"


def test_the_definitions_sla_stands_where_the_rule_has_none() -> None:
    policy = SlaPolicy(key="mql-sla", name="MQL", respond_within_minutes=5)
    decision = decide(made(definition(sla="mql-sla"), sla_policies=[policy]), GOOD)
    assert (decision.sla, decision.due_at) == ("mql-sla", NOW + timedelta(minutes=5))
