"""Held leads: released oldest first when somebody comes, passed on when the time is over."""

from datetime import timedelta

import pytest

from leads.models import Assignment, Lead, OutboxEvent
from leads.services import explain, holding, intake, ledger, replay
from leads.tests.company import NOON, TESTER, company, configure

pytestmark = pytest.mark.django_db


def absence(rep, start=NOON - timedelta(days=1), end=NOON + timedelta(hours=1)):
    return {"rep": rep, "start": start.isoformat(), "end": end.isoformat()}


def holding_company(**changes):
    """Leads from GB wait an hour for Ben's pool, then go to its manager."""
    rule = {
        "key": "rest",
        "name": "The rest",
        "priority": 30,
        "conditions": {"field": "country", "op": "eq", "value": "GB"},
        "route_to": {"pool": "uk"},
        "fallback": [{"hold_minutes": 120}, {"manager": True}],
    }
    pools = [
        *company()["pools"],
        {"key": "uk", "name": "UK", "members": [{"rep": "ben"}]},
    ]
    changes.setdefault("absences", [absence("ben")])
    return company(rules=[rule], pools=pools, **changes)


def receive(number, now=NOON, **more):
    body = {"email": f"p{number}@firm{number}.example", "country": "GB", **more}
    return intake.receive_lead(body=body, actor=TESTER, now=now)


def test_a_lead_waits_for_somebody_of_its_rule():
    configure(holding_company())
    answer = receive(1).answer
    assert (answer["status"], answer["owner"]) == ("held", None)
    assert answer["assignment"]["fallback_reason"] == "rep_absent"
    lead = Lead.objects.get()
    assert (lead.hold_pool, lead.hold_until) == ("uk", NOON + timedelta(minutes=120))


def test_nothing_is_released_while_nobody_is_there():
    configure(holding_company())
    receive(1)
    assert holding.release_due(now=NOON + timedelta(minutes=30)) == 0
    assert Assignment.objects.count() == 1


def test_held_leads_are_released_oldest_first_when_the_absence_ends():
    configure(holding_company())
    ids = [receive(n, now=NOON + timedelta(minutes=n)).lead_id for n in range(3)]
    later = NOON + timedelta(minutes=61)
    assert holding.release_due(now=later) == 3
    lines = Assignment.objects.filter(kind="released").order_by("id")
    assert [line.lead_id for line in lines] == ids
    assert {line.owner_id for line in lines} == {"ben"}
    assert all(line.due_at == later + timedelta(days=1) for line in lines)
    assert holding.release_due(now=later) == 0


def test_a_release_replays_and_explains_itself():
    configure(holding_company())
    lead = receive(1).lead
    holding.release_due(now=NOON + timedelta(minutes=61))
    lead.refresh_from_db()
    line = Assignment.objects.get(kind="released")
    assert replay.replay(line).same
    assert explain.trace(lead)[-1]["subject"] == "ben"


def test_an_absence_taken_back_releases_at_once():
    configure(holding_company())
    receive(1)
    configure({"version": 1, "absences": []}, prune=True)
    assert holding.release_due(now=NOON + timedelta(minutes=1)) == 1


def test_a_cap_that_frees_releases_one():
    made = holding_company()
    made["reps"][2] |= {"max_open": 1}
    made["absences"] = []
    configure(made)
    first = receive(1).lead
    receive(2)
    receive(3)
    later = NOON + timedelta(minutes=5)
    assert holding.release_due(now=later) == 0
    ledger.record_outcome(lead_id=first.pk, status="lost", actor=TESTER, now=later)
    assert holding.release_due(now=later) == 1
    assert Lead.objects.filter(owner="ben", status="assigned").count() == 1


def test_a_hold_that_is_over_goes_on_with_the_next_step():
    configure(holding_company(absences=[absence("ben", end=NOON + timedelta(days=2))]))
    receive(1)
    assert holding.release_due(now=NOON + timedelta(minutes=121)) == 1
    line = Assignment.objects.order_by("id").last()
    assert (line.owner_id, line.kind, line.fallback_reason) == ("maria", "fallback", "hold_expired")
    assert replay.replay(line).same


def test_a_new_lead_does_not_overtake_those_that_wait():
    configure(holding_company())
    waiting = receive(1).lead_id
    later = NOON + timedelta(minutes=61)
    made = holding_company()
    made["reps"][2] |= {"max_per_day": 1}
    configure(made)
    answer = receive(2, now=later).answer
    assert answer["status"] == "held"
    assert Lead.objects.get(pk=waiting).owner_id == "ben"


def test_a_changed_rule_routes_the_held_lead_anew():
    made = holding_company()
    configure(made)
    receive(1)
    made["rules"][0] |= {"route_to": {"rep": "cat"}}
    configure(made)
    assert holding.release_due(now=NOON + timedelta(minutes=1)) == 1
    assert Lead.objects.get().owner_id == "cat"


def test_nothing_is_released_while_routing_is_paused():
    configure(holding_company())
    receive(1)
    configure(holding_company(settings={"mode": "paused"}))
    assert holding.release_due(now=NOON + timedelta(hours=5)) == 0


def test_a_release_tells_the_new_owner():
    configure(holding_company())
    receive(1)
    holding.release_due(now=NOON + timedelta(minutes=61))
    events = [event.event for event in OutboxEvent.objects.order_by("id")]
    assert events == ["lead.held", "exception.opened", "lead.assigned"] or events == [
        "exception.opened",
        "lead.held",
        "lead.assigned",
    ]
