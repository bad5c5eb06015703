"""The list of leads and a lead's page: who has it, and everything that led there."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leads.models import Assignment, Lead
from leads.services import ledger
from leads.tests.admin_desk import receive, sign_in, text_of
from leads.tests.company import NOON, TESTER, company, configure

pytestmark = pytest.mark.django_db

LIST = "/leads/lead/"


@pytest.fixture
def desk():
    configure()
    return sign_in()


def page_of(lead):
    return f"{LIST}{lead.pk}/change/"


def queries(client, url):
    with CaptureQueriesContext(
        connection,
    ) as context:
        assert client.get(url).status_code == 200
    return len(context)


def test_the_list_asks_the_same_number_of_questions_for_any_number_of_leads(desk):
    receive(email="first@x.example", country="DE")
    desk.get(LIST)
    before = queries(desk, LIST)
    for number in range(12):
        receive(email=f"p{number}@firm{number}.example", country="DE", source=f"s{number}")
    assert queries(desk, LIST) == before


def test_a_leads_page_asks_the_same_number_of_questions_for_any_number_of_lines(desk):
    lead = receive(email="a@x.example", country="DE")
    desk.get(page_of(lead))
    before = queries(desk, page_of(lead))
    for owner in ("cat", "ben", "cat"):
        ledger.reassign(
            lead_id=lead.pk, to={"rep": owner}, reason="workload", actor=TESTER, now=NOON
        )
        ledger.record_contact(lead_id=lead.pk, channel="call", actor=TESTER, now=NOON)
    # The names of earlier owners are one question more than nobody's.
    assert queries(desk, page_of(lead)) <= before + 1


def test_the_newest_lead_comes_first(desk):
    old, new = receive(email="old@x.example"), receive(email="new@x.example")
    rows = [lead.pk for lead in desk.get(LIST).context["cl"].result_list]
    assert rows == [new.pk, old.pk]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=assigned", {"de", "gb", "fr"}),
        ("status=nurture", {"low"}),
        ("owner=ben", {"gb"}),
        ("rule=places", {"de"}),
        ("model=direct", {"gb"}),
        ("territory=germany", {"de"}),
        ("fallback=yes", {"fr"}),
        ("fallback=no", {"de", "gb", "low"}),
        ("sla_state=running", {"de", "gb", "fr"}),
        ("source=web", {"de"}),
        ("created_at_from=2026-06-10&created_at_to=2026-06-10", {"de", "gb", "fr", "low"}),
        ("created_at_from=2026-06-11", set()),
        ("created_at_to=2026-06-09", set()),
        ("created_at_from=yesterday", {"de", "gb", "fr", "low"}),
        ("rule=no-such-rule", set()),
        ("q=de@x.example", {"de"}),
        ("q=widgets+great", {"gb"}),
        ("q=nobody", set()),
    ],
)
def test_leads_are_found_by_filters_and_words(desk, query, found):
    receive(email="de@x.example", first_name="de", country="DE", source="web")
    receive(email="gb@y.example", first_name="gb", country="GB", company="Great Widgets & Co")
    receive(email="fr@z.example", first_name="fr", country="FR")
    receive(email="low@w.example", first_name="low", lead_type="content", score=1)
    rows = desk.get(f"{LIST}?{query}").context["cl"].result_list
    assert {lead.first_name for lead in rows} == found


def test_a_lead_is_found_by_its_id(desk):
    lead = receive(email="a@x.example")
    receive(email="b@x.example")
    rows = desk.get(f"{LIST}?q={lead.pk}").context["cl"].result_list
    assert [row.pk for row in rows] == [lead.pk]


def test_an_empty_list_says_what_to_do_next(desk):
    assert "POST /api/v1/leads/" in text_of(desk.get(LIST))


def test_a_list_that_a_filter_emptied_does_not_claim_that_there_is_nothing(desk):
    receive(email="a@x.example")
    assert "No leads yet" not in text_of(desk.get(f"{LIST}?q=nobody"))


def test_a_banner_says_that_there_is_no_configuration():
    assert "There is no configuration yet" in text_of(sign_in().get(LIST))


@pytest.mark.parametrize(
    ("mode", "said"), [("paused", "Routing is paused"), ("shadow", "Routing is in shadow")]
)
def test_a_banner_says_that_nobody_is_assigned(mode, said):
    configure(company(settings={"mode": mode}))
    assert said in text_of(sign_in().get(LIST))


def test_there_is_no_banner_while_routing_is_live(desk):
    assert "desk-note" not in text_of(desk.get(LIST))


def test_the_timeline_shows_each_rule_with_why_it_did_not_match(desk):
    lead = receive(email="a@x.example", country="DE", company="Muster")
    page = text_of(desk.get(page_of(lead)))
    assert "Received" in page
    assert "account.tier" in page  # why rule 10 was passed over
    assert "Territories" in page
    assert "Assigned: Ana Ruiz" in page
    assert "Ben Ode is available" in page  # the member who was not picked


def test_the_timeline_says_who_was_ruled_out_and_why():
    made = company(
        absences=[
            {"rep": "ana", "start": NOON - timedelta(days=1), "end": NOON + timedelta(days=9)}
        ]
    )
    made["absences"][0] |= {
        name: made["absences"][0][name].isoformat() for name in ("start", "end")
    }
    configure(made)
    lead = receive(email="a@x.example", country="DE")
    page = text_of(sign_in().get(page_of(lead)))
    assert "Assigned: Ben Ode" in page
    assert "rep_absent" in page


def test_the_timeline_shows_reassignments_contacts_outcomes_and_exceptions(desk):
    lead = receive(email="a@x.example", country="FR")
    ledger.reassign(
        lead_id=lead.pk,
        to={"rep": "ben"},
        reason="wrong_territory",
        note="France is Ben's",
        actor=TESTER,
        now=NOON,
    )
    ledger.record_contact(lead_id=lead.pk, channel="call", actor=TESTER, now=NOON)
    ledger.record_outcome(
        lead_id=lead.pk, status="converted", amount=900, currency="EUR", actor=TESTER, now=NOON
    )
    page = text_of(desk.get(page_of(lead)))
    for said in (
        "Assigned by a fallback: Cat Wu",
        "Exception: territory uncovered",
        "Reassigned: Ben Ode",
        "wrong territory",
        "France is Ben&#x27;s",
        "Contacted by call",
        "Converted",
        "900.00 EUR",
    ):
        assert said in page, said


def test_what_a_lead_says_is_shown_as_text_and_never_as_markup(desk):
    evil = "<script>alert(1)</script>"
    lead = receive(
        email="a@x.example", company=evil, first_name=evil, custom={evil: evil}, country=evil
    )
    for url in (LIST, page_of(lead), f"{LIST}{lead.pk}/explain/", f"{LIST}{lead.pk}/edit/",
                f"{LIST}simulate/?lead={lead.pk}", "/leads/assignment/"):  # fmt: skip
        assert evil not in desk.get(url).content.decode(), url


def test_a_page_holds_no_inline_script_and_asks_no_other_host(desk):
    lead = receive(email="a@x.example", country="DE")
    page = desk.get(page_of(lead)).content.decode()
    assert not re.search(r"<script(?![^>]*\ssrc=)", page)
    assert not re.search(r"(?:src|href|action)=.(?:https?:)?//", page)


def test_the_explanation_shows_every_step_of_the_latest_decision(desk):
    lead = receive(email="a@x.example", country="DE")
    page = text_of(desk.get(f"{LIST}{lead.pk}/explain/"))
    for step in (
        "normalise",
        "deduplicate",
        "match_account",
        "qualify",
        "territory",
        "rule",
        "pool",
    ):
        assert f"<td>{step}</td>" in page, step


def test_an_earlier_decision_is_explained_by_its_line(desk):
    lead = receive(email="a@x.example", country="DE")
    first = Assignment.objects.get()
    ledger.reassign(lead_id=lead.pk, to={"rep": "cat"}, reason="workload", actor=TESTER, now=NOON)
    assert "<td>rule</td>" not in text_of(desk.get(f"{LIST}{lead.pk}/explain/"))
    assert "<td>rule</td>" in text_of(desk.get(f"{LIST}{lead.pk}/explain/?line={first.pk}"))


@pytest.mark.parametrize("line", ["nonsense", uuid4()])
def test_a_line_that_is_none_of_the_leads_is_not_found(desk, line):
    lead = receive(email="a@x.example")
    assert desk.get(f"{LIST}{lead.pk}/explain/?line={line}").status_code == 404


@pytest.mark.parametrize("key", ["nonsense", uuid4()])
def test_a_lead_that_is_not_there_is_not_found(desk, key):
    assert desk.get(f"{LIST}{key}/change/").status_code == 404


def test_leads_are_never_deleted_in_the_admin(desk):
    lead = receive(email="a@x.example")
    assert desk.post(f"{LIST}{lead.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Lead.objects.exists()
