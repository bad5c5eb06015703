"""Leads come in: routed, kept, updated, merged; never lost."""

from datetime import timedelta

import pytest

from leads.errors import Conflict, InvalidLead
from leads.models import (
    Assignment,
    Lead,
    OutboxEvent,
    PoolState,
    RoutingException,
    SlaClock,
    Submission,
)
from leads.services import intake, ledger, release
from leads.tests.company import NOON, TESTER, company, configure

pytestmark = pytest.mark.django_db


def receive(now=NOON, **body):
    return intake.receive_lead(body=body, actor=TESTER, now=now)


def test_without_any_configuration_a_lead_is_held_without_an_owner():
    answer = receive(email="a@acme.example").answer
    assert (answer["status"], answer["owner"]) == ("held", None)
    assert Lead.objects.get().status == "held"


def test_an_owned_account_beats_the_territory():
    configure()
    answer = receive(email="x@acme.example", country="Germany").answer
    assert answer["owner"]["key"] == "ana"
    assert answer["assignment"]["model"] == "account_owner"
    assert answer["assignment"]["account"] == "acme"
    assert answer["assignment"]["rule"] == {
        "key": "named",
        "name": "Named accounts",
        "priority": 10,
    }
    assert answer["assignment"]["sla"]["due_at"] == "2026-06-10T12:05:00Z"
    assert "Named accounts" in answer["explanation"]


def test_a_lead_leaves_one_row_of_each_kind():
    configure()
    receive(email="x@other.example", country="DE")
    assert Assignment.objects.count() == Submission.objects.count() == 1
    assert SlaClock.objects.get().policy == "day"
    assert [event.event for event in OutboxEvent.objects.all()] == ["lead.assigned"]
    assert not RoutingException.objects.exists()


def test_a_pool_takes_turns_and_keeps_them():
    configure()
    owners = [
        receive(email=f"p{n}@firm{n}.example", country="DE").answer["owner"]["key"]
        for n in range(4)
    ]
    assert owners == ["ana", "ben", "ana", "ben"]
    assert PoolState.objects.get(pool="dach").picks == 4


def test_a_batch_takes_the_same_turns_as_one_by_one():
    configure()
    bodies = [{"email": f"p{n}@firm{n}.example", "country": "DE"} for n in range(40)]
    receipts = intake.receive_leads(bodies=bodies, actor=TESTER, now=NOON)
    owners = [receipt.answer["owner"]["key"] for receipt in receipts]
    assert owners == ["ana", "ben"] * 20
    assert Assignment.objects.count() == 40


def test_one_bad_lead_of_a_batch_harms_no_other():
    configure()
    bodies = [{"email": "a@x.example"}, {"emial": "b@x.example"}, {"email": "c@x.example"}]
    first, second, third = intake.receive_leads(bodies=bodies, actor=TESTER, now=NOON)
    assert isinstance(second, InvalidLead)
    assert first.created
    assert third.created
    assert Lead.objects.count() == 2


def test_the_same_person_twice_in_a_batch_is_one_lead():
    configure()
    bodies = [{"email": "a@x.example"}, {"email": "A@X.example", "city": "Bonn"}]
    first, second = intake.receive_leads(bodies=bodies, actor=TESTER, now=NOON)
    assert first.lead_id == second.lead_id
    assert (first.created, second.created) == (True, False)
    lead = Lead.objects.get()
    assert (lead.city, lead.submissions_count) == ("Bonn", 2)
    assert Assignment.objects.count() == 1


def test_a_known_lead_keeps_its_owner_and_its_fields_are_updated():
    configure()
    first = receive(email="a@x.example", country="DE", title="CTO")
    second = receive(now=NOON + timedelta(days=1), email="a@x.example", city="Bonn")
    assert not second.created
    assert second.answer["id"] == first.answer["id"]
    assert second.answer["owner"] == first.answer["owner"]
    lead = Lead.objects.get()
    assert (lead.city, lead.title, lead.country) == ("Bonn", "CTO", "DE")
    assert Submission.objects.filter(created=False).get().changed == {"city": ["", "Bonn"]}


def test_after_the_window_the_same_mail_is_a_new_lead():
    configure()
    receive(email="a@x.example")
    assert receive(now=NOON + timedelta(days=91), email="a@x.example").created


def test_external_id_wins_over_mail_with_a_warning():
    configure()
    first = receive(email="a@x.example", external_id="1", source="web")
    receive(email="b@x.example", external_id="2", source="web")
    third = receive(email="b@x.example", external_id="1", source="web")
    assert third.lead_id == first.lead_id
    assert [warning["code"] for warning in third.answer["warnings"]] == ["conflict"]


def test_dirty_mail_addresses_name_nobody():
    configure()
    assert receive(email="n/a", company="One").created
    assert receive(email="n/a", company="Two").created


def test_dirty_data_is_kept_and_routed_on_what_is_known():
    configure()
    answer = receive(email="a@x.example", country="Atlantis", phone="none").answer
    assert answer["status"] == "assigned"
    assert {warning["field"] for warning in answer["warnings"]} == {"country", "phone"}
    assert Lead.objects.get().country == "Atlantis"


def test_a_named_owner_gets_the_lead_and_pools_do_not_move():
    configure()
    answer = receive(email="a@x.example", country="DE", owner="cat").answer
    assert answer["owner"]["key"] == "cat"
    assert (answer["assignment"]["kind"], answer["assignment"]["model"]) == ("explicit", "direct")
    assert answer["assignment"]["rule"] is None
    assert not PoolState.objects.exists()


@pytest.mark.parametrize("named", ["sam", "nobody"])
def test_an_unavailable_named_owner_is_a_warning_and_the_rules_decide(named):
    configure()
    answer = receive(email="a@x.example", country="DE", owner=named).answer
    assert answer["owner"]["key"] == "ana"
    assert [warning["field"] for warning in answer["warnings"]] == ["owner"]


def test_a_lead_below_the_definition_is_nurtured_by_the_window_owner():
    configure()
    answer = receive(email="a@x.example", lead_type="content", score=10).answer
    assert (answer["status"], answer["owner"]["key"]) == ("nurture", "maria")
    assert answer["assignment"]["sla"] is None


def test_an_update_that_makes_a_lead_qualify_routes_it():
    configure()
    receive(email="a@x.example", lead_type="content", score=10, country="DE")
    answer = receive(email="a@x.example", lead_type="content", score=80).answer
    assert (answer["status"], answer["owner"]["key"]) == ("assigned", "ana")
    assert answer["assignment"]["rule"]["key"] == "places"


def test_a_closed_lead_that_comes_back_is_routed_anew():
    configure()
    first = receive(email="a@x.example", lead_type="demo_request", country="DE")
    ledger.record_outcome(lead_id=first.lead_id, status="lost", actor=TESTER, now=NOON)
    answer = receive(
        now=NOON + timedelta(days=1), email="a@x.example", lead_type="demo_request"
    ).answer
    assert answer["status"] == "assigned"
    assert Assignment.objects.count() == 2


def test_an_open_lead_that_comes_back_keeps_its_owner_with_a_new_clock():
    configure()
    first = receive(email="a@x.example", lead_type="demo_request", country="DE")
    later = NOON + timedelta(hours=1)
    second = receive(now=later, email="a@x.example", lead_type="demo_request")
    assert second.answer["owner"] == first.answer["owner"]
    assert Assignment.objects.count() == 2
    assert SlaClock.objects.filter(stopped_at__isnull=True).get().started_at == later


def test_a_closed_lead_without_reengagement_stays_closed():
    configure()
    first = receive(email="a@x.example", country="DE")
    ledger.record_outcome(lead_id=first.lead_id, status="lost", actor=TESTER, now=NOON)
    assert receive(email="a@x.example").answer["status"] == "closed"


def test_a_known_lead_whose_owner_left_is_routed_anew():
    configure()
    first = receive(email="a@x.example", country="DE")
    made = company()
    made["reps"][1] |= {"active": False}
    configure(made)
    second = receive(email="a@x.example")
    assert first.answer["owner"]["key"] == "ana"
    assert second.answer["owner"]["key"] == "ben"


def test_a_switched_off_rule_does_not_govern_the_next_lead():
    configure()
    assert receive(email="a@acme.example").answer["owner"]["key"] == "ana"
    made = company()
    made["rules"][0] |= {"active": False}
    configure(made)
    answer = receive(email="b@acme.example").answer
    assert answer["assignment"]["rule"] is None
    assert answer["owner"]["key"] == "cat"


def test_the_global_fallback_opens_an_exception_with_its_owner():
    configure()
    answer = receive(email="a@x.example", country="France").answer
    assert answer["owner"]["key"] == "cat"
    assert answer["assignment"]["kind"] == "fallback"
    assert answer["assignment"]["is_fallback"] is True
    assert answer["assignment"]["fallback_reason"] == "territory_uncovered"
    opened = RoutingException.objects.get()
    assert (opened.reason, opened.owner_id) == ("territory_uncovered", "maria")


def test_paused_routing_keeps_leads_and_a_release_routes_them_oldest_first():
    configure(company(settings={"mode": "paused"}))
    first = receive(email="a@x.example", country="DE").answer
    receive(now=NOON + timedelta(minutes=1), email="b@y.example", country="DE")
    assert (first["status"], first["owner"], first["assignment"]["sla"]) == ("held", None, None)
    assert not OutboxEvent.objects.exists()
    configure()
    later = NOON + timedelta(hours=1)
    assert release.release_preview(now=later)["total"] == 2
    assert release.release_held(actor=TESTER, now=later) == 2
    owners = Assignment.objects.filter(kind="released").order_by("id")
    assert list(owners.values_list("owner", flat=True)) == ["ana", "ben"]


def test_shadow_routing_records_and_assigns_nothing():
    configure(company(settings={"mode": "shadow"}))
    answer = receive(email="a@x.example", country="DE").answer
    assert (answer["status"], answer["owner"]) == ("held", None)
    line = Assignment.objects.get()
    assert (line.shadow, line.owner_id, line.rule) == (True, "ana", "places")
    assert not PoolState.objects.filter(picks__gt=0).exists()
    assert not OutboxEvent.objects.exists()
    assert not SlaClock.objects.exists()


def test_a_dry_run_answers_the_same_and_writes_nothing():
    configure()
    body = {"email": "a@x.example", "country": "DE"}
    dry = intake.dry_run(body=body, now=NOON)
    assert not Lead.objects.exists()
    assert not PoolState.objects.exists()
    real = receive(**body).answer
    assert dry["owner"] == real["owner"]
    assert dry["explanation"] == real["explanation"]
    assert "id" not in dry
    assert {"normalise", "deduplicate", "rule", "pool", "assign"} <= {
        step["step"] for step in dry["trace"]
    }


def test_patching_a_lead_may_clear_a_field_and_route_it():
    configure()
    first = receive(email="a@x.example", lead_type="content", score=10, city="Bonn", country="DE")
    receipt = intake.update_lead(
        lead_id=first.lead_id, body={"score": 90, "city": None}, actor=TESTER, now=NOON
    )
    assert receipt.answer["status"] == "assigned"
    assert Lead.objects.get().city == ""


def test_a_patch_cannot_take_another_leads_identity():
    configure()
    receive(external_id="1", source="web")
    second = receive(external_id="2", source="web")
    with pytest.raises(Conflict, match="external_id"):
        intake.update_lead(
            lead_id=second.lead_id, body={"external_id": "1"}, actor=TESTER, now=NOON
        )


def test_a_named_owner_has_the_time_of_the_leads_definition():
    made = company()
    made["definitions"][1] |= {"sla": "fast"}
    configure(made)
    answer = receive(email="a@x.example", owner="cat", lead_type="demo_request").answer
    assert answer["assignment"]["sla"]["policy"] == "fast"
    assert receive(email="b@y.example", owner="cat").answer["assignment"]["sla"]["policy"] == "day"
