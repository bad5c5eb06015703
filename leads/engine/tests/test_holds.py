"""A lead that waits for somebody, and what becomes of it (semantics 6 and 7)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from leads.engine.config import Absence, Config, FallbackStep, Rep
from leads.engine.decision import Hold
from leads.engine.router import Router
from leads.engine.state import RecordedState
from leads.engine.vocabulary import AssignmentKind, LeadStatus, Reason

from .build import NEXT, NOW, config, rep, rule, to_rep

SOON = NOW + timedelta(minutes=5)
LATE = NOW + timedelta(minutes=10)
HOLD = FallbackStep(hold_minutes=10)
STATE = RecordedState()


def away(until: Any) -> Rep:
    return rep("ana", absences=(Absence(start=NOW - timedelta(days=1), end=until),))


def made(ana: Rep, *steps: FallbackStep, **values: Any) -> Config:
    first = rule(1, to_rep("ana"), fallback=(HOLD, *steps), **values)
    return config([ana, "ben"], [first, rule(2, to_rep("ben"))])


def held(configured: Config) -> Hold:
    decision = Router(configured).route({}, STATE, NOW)
    assert decision.hold is not None
    return decision.hold


def test_a_hold_keeps_the_lead_with_its_rule_and_reason() -> None:
    decision = Router(made(away(None))).route({}, STATE, NOW)
    assert (decision.status, decision.kind) == (LeadStatus.HELD, AssignmentKind.HELD)
    assert (decision.owner, decision.rule, decision.reason) == (None, "r1", Reason.REP_ABSENT)
    assert decision.exceptions == (Reason.REP_ABSENT,)
    assert decision.hold is not None
    assert (decision.hold.until, decision.hold.next_step, decision.hold.rep) == (LATE, 1, "ana")
    assert decision.due_at is None


def test_a_held_lead_is_released_when_somebody_is_available() -> None:
    configured = made(away(SOON))
    decision = Router(configured).resume({}, STATE, SOON, held(configured))
    assert (decision.owner, decision.kind) == ("ana", AssignmentKind.RELEASED)
    assert (decision.rule, decision.reason, decision.is_fallback) == ("r1", None, False)


def test_a_held_lead_waits_on_and_opens_nothing_new() -> None:
    configured = made(away(None))
    hold = held(configured)
    decision = Router(configured).resume({}, STATE, SOON, hold)
    assert (decision.status, decision.hold, decision.exceptions) == (LeadStatus.HELD, hold, ())
    assert decision.pools == {}


def test_an_expired_hold_goes_on_with_the_next_step() -> None:
    configured = made(away(None), FallbackStep(rep="ben"))
    decision = Router(configured).resume({}, STATE, LATE, held(configured))
    assert (decision.owner, decision.rule) == ("ben", "r1")
    assert (decision.kind, decision.reason) == (AssignmentKind.FALLBACK, Reason.HOLD_EXPIRED)
    assert decision.exceptions == (Reason.HOLD_EXPIRED,)


def test_an_expired_hold_without_a_next_step_is_the_global_fallback() -> None:
    configured = made(away(None))
    decision = Router(configured).resume({}, STATE, LATE, held(configured))
    assert (decision.owner, decision.rule, decision.model) == ("carl", None, None)
    assert decision.reason is Reason.HOLD_EXPIRED


def test_an_expired_hold_may_pass_the_lead_to_the_next_rule() -> None:
    configured = made(away(None), NEXT)
    decision = Router(configured).resume({}, STATE, LATE, held(configured))
    assert (decision.owner, decision.rule, decision.reason) == ("ben", "r2", Reason.HOLD_EXPIRED)


def test_a_lead_held_after_next_rule_keeps_the_first_reason() -> None:
    rules = [
        rule(1, to_rep("ben"), fallback=(NEXT,)),
        rule(2, to_rep("ana"), fallback=(HOLD,)),
    ]
    configured = config([away(SOON), rep("ben", active=False)], rules)
    hold = held(configured)
    assert (hold.rule, hold.reason, hold.after_next_rule) == ("r2", Reason.REP_INACTIVE, True)
    decision = Router(configured).resume({}, STATE, SOON, hold)
    assert (decision.owner, decision.reason) == ("ana", Reason.REP_INACTIVE)


def test_a_changed_or_removed_rule_is_not_resumed() -> None:
    before = made(away(None))
    hold = held(before)
    changed = replace(before, rules=(replace(before.rules[0], priority=9), before.rules[1]))
    decision = Router(changed).resume({}, STATE, SOON, hold)
    assert (decision.owner, decision.rule) == ("ben", "r2")
    assert decision.kind is AssignmentKind.RELEASED
    removed = replace(before, rules=before.rules[1:])
    assert Router(removed).resume({}, STATE, SOON, hold).rule == "r2"
