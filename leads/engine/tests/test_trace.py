"""What people read of a decision (api.md, `trace` and `explanation`)."""

import json
from datetime import datetime, timedelta
from typing import Any

from leads.engine.config import (
    Absence,
    Boundary,
    Calendar,
    Config,
    RouteTo,
    Rule,
    Skill,
    Target,
    Territory,
)
from leads.engine.decision import Decision
from leads.engine.router import route
from leads.engine.state import AccountHit, RecordedState
from leads.engine.trace import explanation
from leads.engine.vocabulary import RoutingModel

from .build import BACKUP, NOW, TO_ACCOUNT, TO_TERRITORY, config, pool, rep, rule, to_pool, to_rep

VACATION = (
    Absence(
        start=NOW - timedelta(days=1),
        end=datetime.fromisoformat("2027-01-03T00:00:00+01:00"),
        reason="vacation",
    ),
)
GERMANY = {"field": "country", "op": "eq", "value": "DE"}
DACH = Territory(
    key="dach", name="DACH", assign_to=Target(pool="sdr"), boundaries=(Boundary(country="DE"),)
)


def dach_config() -> Config:
    inbound = Rule(
        key="dach",
        name="DACH inbound",
        priority=40,
        conditions=GERMANY,
        route_to=TO_TERRITORY,
        fallback=(BACKUP,),
    )
    named = rule(10, TO_ACCOUNT, {"field": "account.tier", "op": "in", "value": ["key"]})
    return config(
        ["ana", rep("ben", absences=VACATION)],
        [named, inbound],
        pools=[pool("sdr", "ben", "ana")],
        territories=[DACH],
        settings={"timezone": "Europe/Berlin"},
    )


def decide(made: Config, facts: dict[str, Any] | None = None, **state: Any) -> Decision:
    return route(facts or {}, made, RecordedState(**state), NOW, explain=True)


def texts(decision: Decision, step: str) -> list[str]:
    return [one.text for one in decision.trace if one.step == step]


def test_the_explanation_names_rule_territory_and_who_was_passed_over() -> None:
    decision = decide(dach_config(), {"country": "DE"})
    assert explanation(decision, dach_config()) == (
        "Rule 40 'DACH inbound' matched (country is DE). Territory DACH → pool Pool sdr. "
        "Ben is on vacation until 3 Jan; Ana was next."
    )


def test_every_rule_is_told_with_the_first_test_that_failed() -> None:
    decision = decide(dach_config(), {"country": "DE"})
    rules = [one for one in decision.trace if one.step == "rule"]
    assert [(one.subject, one.result) for one in rules] == [
        ("r10", "not_matched"), ("dach", "matched"),
    ]  # fmt: skip
    assert rules[0].data == {
        "priority": 10,
        "field": "account.tier",
        "op": "in",
        "value": ["key"],
        "actual": None,
    }
    assert "needs that account.tier is one of key; account.tier is blank" in rules[0].text


def test_every_member_of_the_pool_is_told_with_turns_or_reason() -> None:
    decision = decide(dach_config(), {"country": "DE"})
    members = [one for one in decision.trace if one.step == "pool"]
    assert [(one.subject, one.result, one.reason) for one in members] == [
        ("ben", "excluded", "rep_absent"), ("ana", "picked", None),
    ]  # fmt: skip
    assert members[1].data == {
        "pool": "sdr", "weight": 1, "owed": 0, "owed_leads": 0.0, "last_pick": 0,
    }  # fmt: skip
    assert members[0].text == "Ben is on vacation until 3 Jan."


def test_steps_come_in_the_order_of_the_path_and_are_json() -> None:
    decision = decide(dach_config(), {"country": "DE"})
    order = list(dict.fromkeys(one.step.value for one in decision.trace))
    assert order == ["match_account", "qualify", "territory", "rule", "pool", "assign"]
    for one in decision.trace:
        assert one.text
        json.dumps(dict(one.data), allow_nan=False)


def test_all_accounts_of_the_deciding_step_are_named() -> None:
    hits = [
        AccountHit(key=key, name=key.title(), step=3, matched_on="acme.example", tier=tier)
        for key, tier in (("acme", ""), ("zeta", "key"))
    ]
    decision = decide(dach_config(), accounts=tuple(hits))
    step = decision.trace[0]
    assert (step.subject, step.data["hits"]) == ("zeta", ["zeta", "acme"])
    assert "Acme matched too" in step.text


def test_a_rule_whose_model_does_not_apply_is_a_step_with_its_reason() -> None:
    made = config(["ana"], [rule(1, TO_TERRITORY), rule(2, TO_ACCOUNT), rule(3, to_rep("ana"))])
    unowned = AccountHit(key="acme", name="Acme", step=3, matched_on="acme.example")
    decision = decide(made, {"country": "FR"}, accounts=(unowned,))
    passed = [one for one in decision.trace if one.result == "skipped" and one.step == "rule"]
    assert [(one.subject, one.reason) for one in passed] == [
        ("r1", "territory_uncovered"), ("r2", "account_unowned"),
    ]  # fmt: skip


def test_overlapping_territories_are_reported() -> None:
    twin = Territory(
        key="alps", name="Alps", assign_to=Target(rep="ana"), boundaries=(Boundary(country="DE"),)
    )
    made = config(["ana"], [rule(1, TO_TERRITORY)], pools=[pool("sdr")], territories=[DACH, twin])
    decision = decide(made, {"country": "DE"})
    step = next(one for one in decision.trace if one.step == "territory")
    assert (step.subject, step.data["overlaps"]) == ("alps", ["alps", "dach"])


def test_values_that_name_no_skill_are_noted() -> None:
    way = RouteTo(model=RoutingModel.SKILLS, pool="sdr", match=("language",))
    made = config(
        ["ana"], [rule(1, way)], pools=[pool("sdr", "ana")], skills=[Skill(key="de", name="German")]
    )
    assert "klingon names no skill" in texts(decide(made, {"language": "klingon"}), "pool")[0]


def test_closed_hours_are_told_with_the_next_opening() -> None:
    closed = Calendar(key="c", name="C", timezone="UTC", week=(((0, 60),),) * 7)
    made = config(
        [rep("ana", calendar="c")],
        [rule(1, to_pool("p"))],
        pools=[pool("p", "ana", working_hours_only=True)],
        calendars=[closed],
    )
    assert texts(decide(made), "pool")[0] == "Ana is outside working hours until 24 Nov, 00:00 UTC."


def test_a_fallback_is_explained_by_its_reason_and_its_way() -> None:
    made = config([rep("ana", absences=VACATION, backup="carl")], [rule(1, to_rep("ana"))])
    assert explanation(decide(made), made) == (
        "Rule 1 'Rule r1' matched (every lead). Ana is on vacation until 2 Jan. "
        "A fallback was needed, since the reps asked are absent. Carl stands in as backup."
    )
    nothing = config()
    assert explanation(decide(nothing), nothing) == (
        "No rule matched. Carl takes it by the global fallback."
    )
