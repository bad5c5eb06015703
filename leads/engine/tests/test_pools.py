"""Who of a pool is picked, and why nobody is (semantics 6 and 7)."""

from datetime import timedelta
from typing import Any

import pytest

from leads.engine.config import (
    Absence,
    Calendar,
    Config,
    RouteTo,
    Skill,
)
from leads.engine.decision import Decision
from leads.engine.router import route
from leads.engine.state import Load, RecordedState
from leads.engine.vocabulary import (
    Distribution,
    Reason,
    RoutingModel,
)

from .build import (
    NOW,
    config,
    pool,
    rep,
    rule,
    to_pool,
)

AWAY = (Absence(start=NOW - timedelta(days=1), end=NOW + timedelta(days=3), reason="vacation"),)
CLOSED = Calendar(key="closed", name="Closed", timezone="UTC", week=(((0, 60),),) * 7)
SDR = pool("sdr", "ana", "ben")


def decide(made: Config, facts: dict[str, Any] | None = None, **state: Any) -> Decision:
    return route(facts or {}, made, RecordedState(**state), NOW)


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ([], Reason.POOL_EMPTY),
        ([rep("a", active=False), rep("b", active=False)], Reason.REP_INACTIVE),
        ([rep("a", absences=AWAY)], Reason.REP_ABSENT),
        ([rep("a", calendar="closed")], Reason.REP_OFF_HOURS),
        ([rep("a", max_open=0), rep("b", max_per_day=0)], Reason.REP_AT_CAPACITY),
        ([rep("a", max_open=0), rep("b", active=False)], Reason.NOBODY_AVAILABLE),
    ],
)
def test_a_pool_has_the_reason_that_all_its_members_share(
    members: list[Any], reason: Reason
) -> None:
    made = config(
        members,
        [rule(1, to_pool("p"))],
        pools=[pool("p", *[one.key for one in members], working_hours_only=True)],
        calendars=[CLOSED],
    )
    assert decide(made).reason is reason


def test_a_paused_member_and_an_inactive_pool_give_nobody() -> None:
    paused = config(["ana"], [rule(1, to_pool("p"))], pools=[pool("p", ("ana", 0))])
    assert decide(paused).reason is Reason.NOBODY_AVAILABLE
    inactive = config(["ana"], [rule(1, to_pool("p"))], pools=[pool("p", "ana", active=False)])
    assert decide(inactive).reason is Reason.POOL_EMPTY


def test_caps_bind_members_of_pools_and_loads_are_asked_of_the_capped_only() -> None:
    class Counting(RecordedState):
        asked: list[tuple[str, ...]] = []

        def loads(self, reps: Any) -> Any:
            self.asked.append(tuple(reps))
            return {"ana": Load(open=5)}

    made = config([rep("ana", max_open=5), "ben"], [rule(1, to_pool("sdr"))], pools=[SDR])
    assert route({}, made, Counting(), NOW).owner == "ben"
    assert Counting.asked == [("ana",)]


def test_whoever_declined_or_breached_the_lead_is_passed_over_but_earns_a_share() -> None:
    made = config(["ana", "ben"], [rule(1, to_pool("sdr"))], pools=[SDR])
    decision = decide(made, ruled_out={"ana": "declined"})
    assert decision.owner == "ben"
    assert decision.pools["sdr"].turns["ana"].owed > 0
    both = decide(made, ruled_out={"ana": "declined", "ben": "breached"})
    assert both.reason is Reason.NOBODY_AVAILABLE
    assert [one.reason for one in both.ruled] == ["declined", "breached"]


def test_members_with_the_skills_are_suitable() -> None:
    skills = [Skill(key="german", name="Deutsch"), Skill(key="crm", name="CRM")]
    people = [rep("ana", skills=frozenset({"german"})), rep("ben", skills=frozenset({"crm"}))]

    def way(*, any_of: bool) -> RouteTo:
        match = ("language", "product_interest")
        return RouteTo(model=RoutingModel.SKILLS, pool="sdr", match=match, match_any=any_of)

    def made(*, any_of: bool = False) -> Config:
        return config(people, [rule(1, way(any_of=any_of))], pools=[SDR], skills=skills)

    assert decide(made(), {"product_interest": ("crm", "jam")}).owner == "ben"
    assert decide(made(), {"language": "DEUTSCH"}).owner == "ana"
    assert decide(made(), {"language": "klingon"}).owner == "ana"
    both = {"language": "german", "product_interest": ("crm",)}
    assert decide(made(), both).reason is Reason.NO_SKILL_MATCH
    assert decide(made(any_of=True), both).reason is None


def test_a_lead_of_the_same_company_stays_together_while_its_owner_is_available() -> None:
    together = pool("sdr", "ana", "ben", keep_company_together_days=30)
    made = config(["ana", "ben"], [rule(1, to_pool("sdr"))], pools=[together])
    companies = {"sdr": ("gone", "ben")}
    assert decide(made, companies=companies).owner == "ben"
    apart = config(["ana", "ben"], [rule(1, to_pool("sdr"))], pools=[SDR])
    assert decide(apart, companies=companies).owner == "ana"
    away = config(["ana", rep("ben", absences=AWAY)], [rule(1, to_pool("sdr"))], pools=[together])
    assert decide(away, companies=companies).owner == "ana"


def test_least_loaded_picks_the_fewest_open_leads_per_weight() -> None:
    loaded = pool("p", ("ana", 1), ("ben", 3), distribution=Distribution.LEAST_LOADED)
    made = config(["ana", "ben"], [rule(1, to_pool("p"))], pools=[loaded])
    loads = {"ana": Load(open=1), "ben": Load(open=2)}
    assert decide(made, rep_loads=loads).owner == "ben"
    loads["ben"] = Load(open=4)
    assert decide(made, rep_loads=loads).owner == "ana"
