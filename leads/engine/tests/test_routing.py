"""How a rule finds an owner, and what happens when it finds nobody (semantics 6 and 7)."""

from datetime import date, timedelta
from typing import Any

import pytest

from leads.engine.config import (
    Absence,
    Boundary,
    Calendar,
    Config,
    FallbackStep,
    RouteTo,
    SlaPolicy,
    Target,
    Team,
    Territory,
)
from leads.engine.decision import Decision
from leads.engine.router import Router, route
from leads.engine.state import AccountHit, Load, RecordedState
from leads.engine.vocabulary import (
    AssignmentKind,
    Clock,
    LeadStatus,
    Reason,
    RoutingModel,
)

from .build import (
    NEXT,
    NOW,
    TO_ACCOUNT,
    TO_TERRITORY,
    config,
    pool,
    rep,
    rule,
    to_pool,
    to_rep,
)

AWAY = (Absence(start=NOW - timedelta(days=1), end=NOW + timedelta(days=3), reason="vacation"),)
CLOSED = Calendar(key="closed", name="Closed", timezone="UTC", week=(((0, 60),),) * 7)
MANAGER = FallbackStep(manager=True)
DACH = Territory(
    key="dach", name="DACH", assign_to=Target(pool="sdr"), boundaries=(Boundary(country="DE"),)
)
SDR = pool("sdr", "ana", "ben")


def decide(made: Config, facts: dict[str, Any] | None = None, **state: Any) -> Decision:
    return route(facts or {}, made, RecordedState(**state), NOW)


def summary(decision: Decision) -> tuple[object, ...]:
    return decision.owner, decision.rule, decision.model, decision.reason


def account(owner: Target | None = None, **values: Any) -> AccountHit:
    return AccountHit(
        key="acme", name="Acme", step=3, matched_on="acme.example", owner=owner, **values
    )


def test_without_a_configuration_a_lead_is_held_with_no_owner() -> None:
    decision = route({}, Config(revision=0), RecordedState(), NOW, explain=True)
    assert (decision.status, decision.kind, decision.owner) == ("held", "held", None)
    assert [step.step for step in decision.trace] == ["assign"]


def test_the_first_rule_by_priority_that_matches_decides() -> None:
    made = config(
        ["ana", "ben"],
        [
            rule(30, to_rep("ben")),
            rule(20, to_rep("ana"), {"field": "country", "op": "eq", "value": "DE"}),
            rule(10, to_rep("ana"), active=False),
        ],
    )
    assert summary(decide(made, {"country": "DE"}))[:2] == ("ana", "r20")
    assert summary(decide(made, {"country": "FR"}))[:2] == ("ben", "r30")


def test_rules_count_within_their_dates_in_the_settings_zone() -> None:
    tomorrow = date(2026, 11, 24)
    made = config(
        ["ana", "ben"],
        [rule(1, to_rep("ana"), effective_from=tomorrow), rule(2, to_rep("ben"))],
        settings={"timezone": "Pacific/Auckland"},  # there it is tomorrow from 11:00 UTC
    )
    late = NOW + timedelta(hours=2)
    assert decide(made).owner == "ben"
    assert route({}, made, RecordedState(), late).owner == "ana"


def test_an_account_rule_goes_to_the_owner_or_the_role() -> None:
    role = RouteTo(model=RoutingModel.ACCOUNT_OWNER, role="sdr")
    made = config(["ana", "ben"], [rule(1, role), rule(2, TO_ACCOUNT), rule(3, to_rep("carl"))])
    owned = account(Target(rep="ana"))
    both = account(Target(rep="ana"), roles={"sdr": Target(rep="ben")})
    assert decide(made, accounts=(both,)).rule == "r1"
    assert decide(made, accounts=(both,)).owner == "ben"
    assert decide(made, accounts=(owned,)).owner == "ana"
    assert decide(made, accounts=(owned,)).exceptions == ()
    assert decide(made).owner == "carl"


def test_an_unowned_account_opens_an_exception_though_a_later_rule_routes() -> None:
    made = config(["ana"], [rule(1, TO_ACCOUNT), rule(2, to_rep("ana"))])
    decision = decide(made, accounts=(account(),))
    assert summary(decision) == ("ana", "r2", "direct", None)
    assert (decision.kind, decision.is_fallback) == (AssignmentKind.ROUTED, False)
    assert decision.exceptions == (Reason.ACCOUNT_UNOWNED,)
    assert decision.account == "acme"


def test_an_uncovered_place_opens_an_exception_though_a_later_rule_routes() -> None:
    made = config(["ana"], [rule(1, TO_TERRITORY), rule(2, to_rep("ana"))], territories=[DACH])
    assert decide(made, {"country": "FR"}).exceptions == (Reason.TERRITORY_UNCOVERED,)
    assert decide(made).exceptions == ()


def test_a_territory_rule_picks_from_the_assignee() -> None:
    made = config(["ana", "ben"], [rule(1, TO_TERRITORY)], pools=[SDR], territories=[DACH])
    decision = decide(made, {"country": "DE"})
    assert (decision.owner, decision.territory, decision.pool) == ("ana", "dach", "sdr")
    assert decision.pools["sdr"].picks == 1


def test_the_global_fallback_says_why_it_was_needed() -> None:
    none = config()
    assert summary(decide(none)) == ("carl", None, None, Reason.NO_RULE_MATCHED)
    territory = config((), [rule(1, TO_TERRITORY)])
    assert decide(territory, {"country": "FR"}).reason is Reason.TERRITORY_UNCOVERED
    assert decide(territory).reason is Reason.TERRITORY_UNCOVERED
    applied = config([rep("ana", absences=AWAY)], [rule(1, to_rep("ana")), rule(2, TO_TERRITORY)])
    decision = decide(applied, {"country": "FR"})
    assert summary(decision) == ("carl", None, None, Reason.REP_ABSENT)
    assert decision.exceptions == (Reason.REP_ABSENT,)
    assert (decision.kind, decision.is_fallback) == (AssignmentKind.FALLBACK, True)
    assert decision.pools["catch-all"].picks == 1


def test_the_global_fallback_ignores_hours_and_caps_but_not_absence() -> None:
    busy = rep("carl", calendar="closed", max_open=0)
    made = config([busy], calendars=[CLOSED])
    assert decide(made).owner == "carl"
    away = config([rep("carl", absences=AWAY)])
    decision = decide(away)
    assert (decision.owner, decision.fallback_via) == ("maria", "exceptions_owner")


def test_a_rep_may_be_the_global_fallback() -> None:
    settings = {"fallback": Target(rep="ana")}
    assert decide(config(["ana"], settings=settings)).owner == "ana"
    assert decide(config([rep("ana", active=False)], settings=settings)).owner == "maria"


@pytest.mark.parametrize(
    ("values", "options", "load", "reason"),
    [
        ({"active": False}, {}, 0, Reason.REP_INACTIVE),
        ({"absences": AWAY}, {}, 0, Reason.REP_ABSENT),
        ({"calendar": "closed"}, {"working_hours_only": True}, 0, Reason.REP_OFF_HOURS),
        ({"calendar": "closed"}, {}, 0, None),
        ({"max_open": 2}, {"respect_caps": True}, 2, Reason.REP_AT_CAPACITY),
        ({"max_open": 2}, {"respect_caps": True}, 1, None),
        ({"max_open": 2}, {}, 2, None),
        ({"max_per_day": 0}, {"respect_caps": True}, 0, Reason.REP_AT_CAPACITY),
    ],
)
def test_a_named_rep_is_available_or_out_for_a_reason(
    values: dict[str, Any], options: dict[str, Any], load: int, reason: Reason | None
) -> None:
    made = config([rep("ana", **values)], [rule(1, to_rep("ana"), **options)], calendars=[CLOSED])
    decision = decide(made, rep_loads={"ana": Load(open=load)})
    assert decision.reason is reason
    assert decision.owner == ("carl" if reason else "ana")


def test_backups_stand_in_at_most_three_deep_and_none_twice() -> None:
    def made(*keys: str) -> Config:
        line = [
            rep(key, backup=backup, active=key in ("e", "d"))
            for key, backup in zip(keys, (*keys[1:], keys[0]), strict=True)
        ]
        return config(line, [rule(1, to_rep("a"))])

    decision = decide(made("a", "b", "c", "d"))
    assert summary(decision) == ("d", "r1", "direct", Reason.REP_INACTIVE)
    assert (decision.kind, decision.fallback_via) == (AssignmentKind.FALLBACK, "backup")
    assert decide(made("a", "b", "c", "x", "e")).owner == "carl"
    assert decide(made("a", "b")).owner == "carl"


def test_the_manager_of_the_team_stands_in() -> None:
    team = Team(key="emea", name="EMEA", manager="maria")
    out = [rep("ana", team="emea", active=False), rep("ben", active=False)]
    for target in (to_rep("ana"), to_pool("sdr")):
        made = config(out, [rule(1, target, fallback=(MANAGER,))], pools=[SDR], teams=[team])
        assert decide(made).owner == "maria"
        assert decide(made).reason is Reason.REP_INACTIVE
    nobody = config(out, [rule(1, to_rep("ben"), fallback=(MANAGER,))], teams=[team])
    assert decide(nobody).fallback_via == "global_fallback"


def test_a_fallback_step_may_name_a_pool_or_a_rep() -> None:
    to_other = FallbackStep(pool="sdr")
    made = config(
        ["ana", "ben", rep("out", active=False)],
        [rule(1, to_rep("out"), fallback=(FallbackStep(rep="out"), to_other))],
        pools=[SDR],
    )
    decision = decide(made)
    assert summary(decision) == ("ana", "r1", "direct", Reason.REP_INACTIVE)
    assert (decision.pool, decision.picked_from) == ("sdr", "sdr")


def test_next_rule_carries_the_deciding_rule_and_the_first_reason() -> None:
    made = config(
        [rep("ana", active=False), rep("ben", absences=AWAY), "cy"],
        [
            rule(1, to_rep("ana"), fallback=(NEXT,)),
            rule(2, to_rep("cy"), {"field": "country", "op": "eq", "value": "FR"}),
            rule(3, to_rep("ben"), fallback=(NEXT,)),
            rule(4, to_rep("cy")),
        ],
    )
    decision = decide(made)
    assert summary(decision) == ("cy", "r4", "direct", Reason.REP_INACTIVE)
    assert (decision.kind, decision.is_fallback) == (AssignmentKind.FALLBACK, True)
    assert decision.exceptions == (Reason.REP_INACTIVE,)


def test_next_rule_without_another_rule_ends_with_the_last_reason() -> None:
    made = config(
        [rep("ana", active=False), rep("ben", absences=AWAY)],
        [rule(1, to_rep("ana"), fallback=(NEXT,)), rule(2, to_rep("ben"), fallback=(NEXT,))],
    )
    assert summary(decide(made)) == ("carl", None, None, Reason.REP_ABSENT)


def test_keep_owner_leaves_the_lead_and_needs_one() -> None:
    made = config(
        ["ana", rep("ben", active=False)], [rule(1, RouteTo(model=None, keep_owner=True))]
    )
    decision = decide(made, owner="ana")
    assert summary(decision) == ("ana", "r1", None, None)
    assert decision.status is LeadStatus.ASSIGNED
    assert decide(made, owner="ben").reason is Reason.NOBODY_AVAILABLE
    assert decide(made).reason is Reason.NOBODY_AVAILABLE


def test_a_rule_may_send_a_lead_to_nurture() -> None:
    made = config(["ana"], [rule(1, RouteTo(model=None, nurture=True))])
    decision = decide(made, owner="ana")
    assert (decision.status, decision.owner, decision.rule) == (LeadStatus.NURTURE, "ana", "r1")
    assert (decision.sla, decision.is_fallback) == (None, False)


def test_the_sla_is_the_rules_else_the_default_on_the_owners_calendar() -> None:
    policies = [
        SlaPolicy(key="fast", name="Fast", respond_within_minutes=5),
        SlaPolicy(key="day", name="Day", respond_within_minutes=30, clock=Clock.BUSINESS),
        SlaPolicy(key="old", name="Old", respond_within_minutes=1, active=False),
    ]
    made = config(
        [rep("ana", calendar="closed"), "ben"],
        [
            rule(1, to_rep("ana"), {"field": "country", "op": "eq", "value": "DE"}, sla="fast"),
            rule(2, to_rep("ana"), {"field": "country", "op": "eq", "value": "FR"}, sla="old"),
        ],
        calendars=[CLOSED],
        sla_policies=policies,
        settings={"default_sla": "day"},
    )
    fast = decide(made, {"country": "DE"})
    assert (fast.sla, fast.due_at) == ("fast", NOW + timedelta(minutes=5))
    day = decide(made, {"country": "FR"})
    assert (day.sla, day.due_at) == ("day", NOW.replace(hour=0, minute=30) + timedelta(days=1))
    assert decide(made).due_at == NOW + timedelta(minutes=30)


def test_a_calendar_that_never_opens_sets_no_due_time_but_a_warning() -> None:
    never = Calendar(key="never", name="Never", timezone="UTC", week=((),) * 7)
    policy = SlaPolicy(key="s", name="S", respond_within_minutes=5, clock=Clock.BUSINESS)
    made = config(
        [rep("ana", calendar="never")],
        [rule(1, to_rep("ana"), sla="s")],
        calendars=[never],
        sla_policies=[policy],
    )
    decision = decide(made)
    assert (decision.owner, decision.sla, decision.due_at) == ("ana", "s", None)
    assert decision.warnings[0]["code"] == "no_open_time"


def test_a_router_answers_about_reps_pools_and_clocks() -> None:
    made = config(
        [rep("ana", absences=AWAY), "ben", rep("cy", active=False)], pools=[SDR], calendars=[CLOSED]
    )
    router = Router(made)
    assert [router.away(key, NOW) for key in ("ana", "ben", "cy")] == [
        "rep_absent", None, "rep_inactive",
    ]  # fmt: skip
    assert router.pick_by_hand("sdr", {}, RecordedState(), NOW).rep == "ben"
    assert router.clock(owner="ben", start=NOW, rule=None, definition=None) == (None, None)
    assert router.account_of(RecordedState(accounts=(account(),)), {}) == "acme"
