"""What people do to routed leads: reassign, contact, outcome; and proof of what was decided."""

from datetime import timedelta
from decimal import Decimal

import pytest

from leads.engine.state import S
from leads.errors import InvalidLead, NotFound
from leads.ids import uuid7
from leads.models import Assignment, Contact, Job, Lead, PoolState, SlaClock
from leads.models.base import ImmutableRow
from leads.services import (
    answers,
    bulk_reassign,
    explain,
    intake,
    job_runs,
    jobs,
    ledger,
    replay,
)
from leads.tests.company import NOON, TESTER, company, configure

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead():
    configure()
    body = {"email": "a@x.example", "country": "DE"}
    return intake.receive_lead(body=body, actor=TESTER, now=NOON).lead


def reassign(lead, reason="workload", to=None):
    return ledger.reassign(
        lead_id=lead.pk, to=to or {"rep": "cat"}, reason=reason, actor=TESTER, now=NOON
    )


def test_a_reassigned_lead_has_a_new_line_and_a_new_clock(lead):
    changed = reassign(lead)
    assert (changed.owner_id, changed.status) == ("cat", "assigned")
    lines = answers.ledger(changed)
    assert [line["kind"] for line in lines] == ["routed", "reassigned"]
    assert lines[1]["reason"] == "workload"
    assert lines[1]["previous_owner"] == "ana"
    assert SlaClock.objects.filter(stopped_at__isnull=True).get().owner == "cat"


def test_choosing_a_pool_by_hand_uses_no_turn(lead):
    before = PoolState.objects.get(pool="dach")
    assert reassign(lead, to={"pool": "dach"}).owner_id == "ben"
    after = PoolState.objects.get(pool="dach")
    assert (before.picks, before.turns) == (after.picks, after.turns)


def test_a_lead_given_back_to_the_rules_is_decided_anew(lead):
    assert reassign(lead, to={"rule": True}).rule == "places"


@pytest.mark.parametrize(
    ("to", "pointer"),
    [
        ({"rep": "nobody"}, "/to/rep"),
        ({"rep": "sam"}, "/to/rep"),
        ({"pool": "none"}, "/to/pool"),
        ({}, "/to"),
    ],
)
def test_a_target_that_cannot_take_it_is_refused_by_place(lead, to, pointer):
    with pytest.raises(InvalidLead) as error:
        reassign(lead, to=to or {"team": "emea"})
    assert error.value.faults[0].pointer == pointer
    assert Assignment.objects.count() == 1


def test_an_unknown_reason_is_refused(lead):
    with pytest.raises(InvalidLead, match="wrong_territory"):
        reassign(lead, reason="because")


def test_an_unknown_lead_is_not_found(lead):
    with pytest.raises(NotFound):
        ledger.record_contact(lead_id=uuid7(NOON), actor=TESTER, now=NOON)


def test_spam_gives_its_turn_back_once(lead):
    reassign(lead, reason="spam")
    owed = PoolState.objects.get(pool="dach").turns["ana"][0]
    assert owed == -S // 2 + S
    reassign(lead, reason="spam", to={"rep": "ben"})
    assert PoolState.objects.get(pool="dach").turns["ana"][0] == owed


def test_the_first_contact_stops_the_clock_and_later_ones_are_kept(lead):
    for minutes in (30, 90):
        ledger.record_contact(
            lead_id=lead.pk,
            at=NOON + timedelta(minutes=minutes),
            channel="phone",
            actor=TESTER,
            now=NOON + timedelta(minutes=minutes),
        )
    clock = SlaClock.objects.get()
    assert clock.response_seconds == clock.response_business_seconds == 1800
    assert Contact.objects.count() == 2
    assert Lead.objects.get().sla_state == "met"


def test_an_outcome_closes_the_lead_and_may_be_corrected(lead):
    def outcome(status, **more):
        return ledger.record_outcome(lead_id=lead.pk, status=status, actor=TESTER, now=NOON, **more)

    won = outcome("converted", amount=Decimal("12.50"), currency="EUR")
    assert (won.status, won.amount, won.closed_at) == ("closed", Decimal("12.50"), NOON)
    again = outcome("accepted")
    assert (again.status, again.closed_at, again.owner_id) == ("assigned", None, "ana")
    assert [row.status for row in lead.outcomes.all()] == ["converted", "accepted"]


def test_a_corrected_owner_does_not_reopen_a_closed_lead(lead):
    ledger.record_outcome(lead_id=lead.pk, status="lost", actor=TESTER, now=NOON)
    changed = reassign(lead, reason="wrong_territory")
    assert (changed.status, changed.owner_id) == ("closed", "cat")
    assert Lead.objects.get().closed_at == NOON


def test_ledger_lines_are_immutable(lead):
    line = Assignment.objects.get()
    line.owner_id = "cat"
    with pytest.raises(ImmutableRow):
        line.save()
    with pytest.raises(ImmutableRow):
        line.delete()


def test_a_decision_replays_to_itself_after_the_configuration_changed(lead):
    made = company()
    made["territories"][0]["assign_to"] = {"rep": "cat"}
    configure(made)
    line = Assignment.objects.get()
    assert replay.replay(line).same
    assert replay.replay(line).decision.owner == "ana"


def test_a_record_that_was_tampered_with_does_not_replay(lead):
    Assignment.objects.filter(pk=lead.assignment_id).update(owner="cat")
    assert replay.replay(Assignment.objects.get()).differs == {"owner": ("cat", "ana")}


def test_the_trace_names_every_rule_tried_with_its_first_failed_test(lead):
    steps = explain.trace(lead)
    rules = {step["subject"]: step for step in steps if step["step"] == "rule"}
    assert rules["named"]["result"] == "not_matched"
    assert rules["places"]["result"] == "matched"
    members = {step["subject"]: step["result"] for step in steps if step["step"] == "pool"}
    assert members["ana"] == "picked"
    assert steps[-1]["step"] == "assign"


def test_bulk_reassign_previews_by_rep_and_runs_as_a_job(lead):
    for n in range(5):
        body = {"email": f"p{n}@firm{n}.example", "country": "DE"}
        intake.receive_lead(body=body, actor=TESTER, now=NOON)
    wanted = {
        "filters": {"owner": "ana"},
        "to": {"rep": "cat"},
        "reason": "absence",
        "only_uncontacted": True,
        "actor": TESTER,
        "now": NOON,
    }
    shown = bulk_reassign.preview(**wanted)
    assert shown["total"] == 3
    assert {"rep": "cat", "loses": 0, "gains": 3} in shown["by_rep"]
    assert Lead.objects.filter(owner="ana").count() == 3
    job = bulk_reassign.start(**wanted)
    job_runs.run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.total, job.done, job.failed) == ("done", 3, 3, 0)
    assert not Lead.objects.filter(owner="ana").exists()


def test_a_bulk_job_routes_its_lines_and_keeps_what_it_refused():
    configure()
    lines = [b'{"email": "a@x.example"}', b"", b"{broken", b'{"emial": "b@x.example"}']
    job = jobs.create_bulk_job(lines=iter(lines), actor=TESTER, now=NOON)
    assert job.total == 3
    job_runs.run_job(job.pk)
    job = Job.objects.get()
    assert (job.state, job.done, job.failed) == ("done", 3, 2)
    assert [error["line"] for error in job.errors] == [3, 4]
    results = b"".join(jobs.results_of(job)).splitlines()
    assert len(results) == 3


def test_a_finished_job_is_not_run_twice():
    configure()
    job = jobs.create_bulk_job(lines=iter([b'{"phone": "+49 30 901820"}']), actor=TESTER, now=NOON)
    job_runs.run_job(job.pk)
    job_runs.run_job(job.pk)
    assert Lead.objects.count() == 1


def test_only_what_the_engine_decided_is_replayed(lead):
    body = {"email": "b@y.example", "owner": "cat"}
    named = intake.receive_lead(body=body, actor=TESTER, now=NOON).lead
    reassign(lead)
    lines = {line.kind: replay.is_replayable(line) for line in Assignment.objects.all()}
    assert lines == {"routed": True, "explicit": False, "reassigned": False}
    assert named.assignments.get().facts["email"] == "b@y.example"
    reassign(lead, to={"rule": True})
    assert replay.replay(Assignment.objects.order_by("id").last()).same


def test_many_leads_given_to_a_pool_by_hand_go_round_and_the_pool_stays():
    configure()
    bodies = [{"email": f"p{n}@firm{n}.example", "owner": "cat"} for n in range(6)]
    intake.receive_leads(bodies=bodies, actor=TESTER, now=NOON)
    wanted = {
        "filters": {"owner": "cat"},
        "to": {"pool": "dach"},
        "reason": "absence",
        "only_uncontacted": False,
        "actor": TESTER,
        "now": NOON,
    }
    shown = {row["rep"]: row["gains"] for row in bulk_reassign.preview(**wanted)["by_rep"]}
    assert shown == {"ana": 3, "ben": 3, "cat": 0}
    job_runs.run_job(bulk_reassign.start(**wanted).pk)
    assert Lead.objects.filter(owner="ana").count() == Lead.objects.filter(owner="ben").count() == 3
    assert not PoolState.objects.filter(picks__gt=0).exists()


def test_a_bulk_reassignment_looks_accounts_up_once_a_batch(django_assert_max_num_queries):
    configure()
    bodies = [{"email": f"p{n}@firm{n}.example", "country": "DE"} for n in range(30)]
    receipts = intake.receive_leads(bodies=bodies, actor=TESTER, now=NOON)
    with django_assert_max_num_queries(60):
        bulk_reassign.preview_leads(
            lead_ids=[receipt.lead_id for receipt in receipts],
            to={"rule": True},
            reason="config_fixed",
            actor=TESTER,
            now=NOON,
        )
