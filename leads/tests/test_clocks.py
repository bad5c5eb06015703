"""SLA clocks: warned once, breached once, handed on as the policy says; never after a response."""

from datetime import timedelta

import pytest

from leads.models import Assignment, Lead, OutboxEvent, SlaClock
from leads.services import clocks, intake, ledger
from leads.services.selection import select_leads
from leads.tests.company import NOON, TESTER, company, configure

pytestmark = pytest.mark.django_db


def policy(**more):
    return {"key": "day", "name": "A day", "respond_within_minutes": 100, **more}


def start(**more):
    configure(company(sla_policies=[policy(**more), *company()["sla_policies"][1:]]))
    body = {"email": "a@x.example", "country": "DE"}
    return intake.receive_lead(body=body, actor=TESTER, now=NOON).lead


def scan(minutes):
    return clocks.scan(now=NOON + timedelta(minutes=minutes))


def events(name):
    return list(OutboxEvent.objects.filter(event=name).order_by("id"))


def test_the_owner_is_warned_once_at_the_percentage():
    start(warn_at_percent=80)
    assert scan(79) == clocks.ScanCounts()
    assert scan(80) == clocks.ScanCounts(warned=1)
    assert scan(81) == clocks.ScanCounts()
    assert [event.data["owner"] for event in events("sla.warning")] == ["ana"]


def test_a_breach_is_recorded_once():
    start(on_breach=["notify_owner", "notify_manager"])
    assert scan(100) == clocks.ScanCounts(breached=1)
    assert scan(101) == clocks.ScanCounts()
    assert [event.data["notify"] for event in events("sla.breached")] == [["owner", "manager"]]
    lead = Lead.objects.get()
    assert (lead.sla_state, lead.owner_id) == ("breached", "ana")


def test_a_late_scan_catches_up_without_a_warning_that_comes_too_late():
    start()
    assert scan(10_000) == clocks.ScanCounts(breached=1)
    assert not events("sla.warning")


@pytest.mark.parametrize("how", ["contacted", "closed"])
def test_responded_and_closed_leads_never_breach(how):
    lead = start()
    if how == "contacted":
        ledger.record_contact(lead_id=lead.pk, actor=TESTER, now=NOON)
    else:
        ledger.record_outcome(lead_id=lead.pk, status="lost", actor=TESTER, now=NOON)
    assert scan(1000) == clocks.ScanCounts()


def test_a_breach_hands_the_lead_on_without_those_who_had_it_and_then_to_the_manager():
    start(on_breach=["reassign"], max_reassignments=1)
    scan(100)
    scan(200)
    scan(300)
    scan(400)
    lines = Assignment.objects.order_by("id")
    assert [(line.kind, line.owner_id) for line in lines] == [
        ("routed", "ana"),
        ("sla_reassigned", "ben"),
        ("sla_reassigned", "maria"),
    ]
    assert {line.reason for line in lines[1:]} == {"sla_breach"}
    assert SlaClock.objects.filter(breached_at__isnull=False).count() == 3
    assert len(events("sla.breached")) == 3


def test_each_hand_over_has_a_fresh_clock():
    start(on_breach=["reassign"], max_reassignments=1)
    scan(100)
    clock = SlaClock.objects.get(stopped_at__isnull=True)
    assert (clock.owner, clock.due_at) == ("ben", NOON + timedelta(minutes=200))
    assert Lead.objects.get().sla_state == "running"


def test_a_response_after_the_breach_is_still_measured():
    lead = start()
    scan(100)
    ledger.record_contact(lead_id=lead.pk, actor=TESTER, now=NOON + timedelta(minutes=130))
    clock = SlaClock.objects.get()
    assert (clock.response_seconds, clock.breached_at) == (7800, NOON + timedelta(minutes=100))


def test_no_clock_fires_while_routing_is_not_live():
    start()
    configure(company(settings={"mode": "paused"}))
    assert scan(1000) == clocks.ScanCounts()
    configure()
    assert scan(1000) == clocks.ScanCounts(breached=1)


def test_what_is_due_is_sorted_by_the_time_left():
    start()
    intake.receive_lead(
        body={"email": "b@acme.example"}, actor=TESTER, now=NOON + timedelta(minutes=1)
    )
    due = clocks.due_now()
    assert [clock.policy for clock in due] == ["fast", "day"]


def test_a_rep_who_declined_is_not_asked_again():
    lead = start()
    rep = type(TESTER)(kind="link", id="ana", name="Ana Ruiz")
    changed = ledger.reassign(
        lead_id=lead.pk, to={"rule": True}, reason="workload", actor=rep, now=NOON
    )
    assert changed.owner_id == "ben"
    again = ledger.reassign(
        lead_id=lead.pk, to={"rule": True}, reason="workload", actor=TESTER, now=NOON
    )
    assert again.owner_id == "ben"


def test_a_lead_closed_without_a_response_has_no_clock_that_counts():
    lead = start()
    ledger.record_outcome(lead_id=lead.pk, status="lost", actor=TESTER, now=NOON)
    lead.refresh_from_db()
    assert lead.sla_state == "none"
    assert list(select_leads({"sla_state": "none"})) == [lead]
    assert not select_leads({"sla_state": "running"}).exists()
