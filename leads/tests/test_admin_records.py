"""The ledger, exceptions, refused bodies, jobs, keys and the rotation, as the admin shows them."""

import json
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from leads.body import check_lead
from leads.models import (
    ApiKey,
    Assignment,
    Job,
    Lead,
    PoolState,
    RefusedSubmission,
    RoutingException,
)
from leads.services import job_runs, jobs, ledger, refusals
from leads.tests.admin_desk import receive, sign_in, text_of
from leads.tests.company import NOON, TESTER, company, configure

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    configure()
    return sign_in()


def refuse(body: bytes) -> RefusedSubmission:
    faults = check_lead(json.loads(body))
    row = refusals.keep(body=body, faults=faults, path="/api/v1/leads/", actor=TESTER, now=NOON)
    assert row is not None
    return row


def fill(number):
    receive(email=f"p{number}@firm{number}.example", country="FR")
    receive(email=f"q{number}@firm{number}.example", country="DE")
    refuse(b'{"emial": "x"}')
    jobs.create_bulk_job(lines=[b'{"email": "a@b.example"}'], actor=TESTER, now=NOON)
    ApiKey.objects.issue(name=f"key {number}", scopes=["leads:read"])


LISTS = ("assignment", "routingexception", "refusedsubmission", "job", "apikey", "poolstate")


@pytest.mark.parametrize("kind", LISTS)
def test_a_list_asks_the_same_number_of_questions_for_any_number_of_rows(desk, kind):
    url = f"/leads/{kind}/"
    fill(0)
    desk.get(url)
    counts = []
    for number in (1, 5, 6, 7):
        fill(number)
        with CaptureQueriesContext(connection) as context:
            assert desk.get(url).status_code == 200
        counts.append(len(context))
    assert counts[0] == counts[-1]


@pytest.mark.parametrize("kind", [*LISTS, "lead"])
def test_an_empty_list_says_why_it_is_empty(desk, kind):
    assert "desk-empty" in text_of(desk.get(f"/leads/{kind}/"))


# --- Assignment history -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "owners"),
    [
        ("owner=ana", ["ana"]),
        ("rule=places", ["ana"]),
        ("model=territory", ["ana"]),
        ("territory=germany", ["ana"]),
        ("pool=dach", ["ana"]),
        ("kind=reassigned", ["ben"]),
        ("fallback=yes", ["cat"]),
        ("at_from=2026-06-11", []),
        ("at_from=2026-06-10&at_to=2026-06-10", ["ana", "ben", "cat"]),
        ("q=widgets", ["ana"]),
        ("q=fr@y.example", ["ben", "cat"]),
        ("q=nobody", []),
    ],
)
def test_lines_are_found_by_filters_and_by_their_lead(desk, query, owners):
    receive(email="de@x.example", country="DE", company="Widgets")
    french = receive(email="fr@y.example", country="FR")
    ledger.reassign(lead_id=french.pk, to={"rep": "ben"}, reason="workload", actor=TESTER, now=NOON)
    # A line by hand keeps the place of the lead, not the rule.
    rows = desk.get(f"/leads/assignment/?{query}").context["cl"].result_list
    assert sorted(line.owner_id for line in rows) == owners


def test_a_line_is_found_by_the_id_of_its_lead(desk):
    lead = receive(email="a@x.example")
    receive(email="b@x.example")
    rows = desk.get(f"/leads/assignment/?q={lead.pk}").context["cl"].result_list
    assert [line.lead_id for line in rows] == [lead.pk]


def test_a_line_shows_what_was_read_and_that_the_decision_comes_out_again(desk):
    receive(email="a@x.example", country="DE")
    receive(email="b@y.example", country="DE")
    line = Assignment.objects.order_by("id").last()
    page = text_of(desk.get(f"/leads/assignment/{line.pk}/change/"))
    assert "the same decision came out again" in page
    assert "Turns of dach after 1 picks" in page
    assert "-0.50" in page
    assert "email_domain" in page


def test_a_forged_line_shows_what_differs(desk):
    receive(email="a@x.example", country="DE")
    Assignment.objects.update(rule="rest")
    line = Assignment.objects.get()
    page = text_of(desk.get(f"/leads/assignment/{line.pk}/change/"))
    assert "a different decision came out" in page
    assert "<td>rest</td><td>places</td>" in page


def test_a_line_by_hand_is_not_replayed(desk):
    lead = receive(email="a@x.example", owner="ben")
    line = lead.assignments.get()
    assert "somebody chose" in text_of(desk.get(f"/leads/assignment/{line.pk}/change/"))


# --- Exceptions ---------------------------------------------------------------------------


@pytest.fixture
def exception(desk):
    receive(email="a@x.example", country="FR")
    return RoutingException.objects.get()


def test_an_exception_is_resolved_with_a_note(desk, exception):
    url = f"/leads/routingexception/{exception.pk}/"
    assert "Resolve" in text_of(desk.get(f"{url}change/"))
    assert desk.post(f"{url}resolve/", {"note": "Made a territory"}).status_code == 302
    exception.refresh_from_db()
    assert (exception.resolved_by, exception.note) == ("boss", "Made a territory")
    assert exception.resolved_at is not None


def test_who_resolved_an_exception_first_stays_named(desk, exception):
    url = f"/leads/routingexception/{exception.pk}/resolve/"
    desk.post(url, {"note": "first"})
    desk.post(url, {"note": "second"})
    exception.refresh_from_db()
    assert exception.note == "first"


def test_selected_exceptions_are_resolved_after_a_note(desk, exception):
    receive(email="b@x.example", country="FR")
    ids = [str(row.pk) for row in RoutingException.objects.all()]
    body = {"action": "resolve_selected", "_selected_action": ids}
    assert "Resolve 2 exceptions" in text_of(desk.post("/leads/routingexception/", body))
    assert RoutingException.objects.filter(resolved_at__isnull=True).count() == 2
    desk.post("/leads/routingexception/", body | {"stage": "confirm", "note": "France is ours"})
    assert not RoutingException.objects.filter(resolved_at__isnull=True).exists()


def test_the_inbox_shows_open_exceptions_and_keeps_the_resolved(desk, exception):
    def shown(query=""):
        return len(desk.get(f"/leads/routingexception/{query}").context["cl"].result_list)

    assert (shown(), shown("?state=resolved"), shown("?reason=rep_absent")) == (1, 0, 0)
    desk.post(f"/leads/routingexception/{exception.pk}/resolve/", {"note": ""})
    assert (shown(), shown("?state=resolved"), shown("?state=all")) == (0, 1, 1)


# --- Refused submissions ------------------------------------------------------------------


def test_a_refused_body_is_shown_with_its_faults_mended_and_received(desk):
    row = refuse(b'{"emial": "a@x.example", "country": "DE"}')
    url = f"/leads/refusedsubmission/{row.pk}/change/"
    page = text_of(desk.get(url))
    assert "did you mean &quot;email&quot;?" in page
    mended = '{"email": "a@x.example", "country": "DE"}'
    response = desk.post(url, {"body": mended}, follow=True)
    lead = Lead.objects.get()
    assert response.redirect_chain == [(f"/leads/lead/{lead.pk}/change/", 302)]
    row.refresh_from_db()
    assert (row.lead_id, row.resolved_at is not None) == (lead.pk, True)
    assert desk.post(url, {"body": mended}).status_code == 403
    assert Lead.objects.count() == 1


@pytest.mark.parametrize("body", ['{"email": 5}', "{", "", "[]", '{"a": NaN}', "5", '"\x00"'])
def test_a_body_that_is_still_at_fault_stays_on_the_form(desk, body):
    row = refuse(b'{"emial": "a@x.example"}')
    response = desk.post(f"/leads/refusedsubmission/{row.pk}/change/", {"body": body})
    assert response.status_code == 200
    assert response.context["form"].errors
    assert not Lead.objects.exists()


def test_a_body_that_is_no_text_is_shown_as_far_as_it_can_be(desk):
    row = refusals.keep(body=b"\xff\xfe<b>", faults=[], path="/x", actor=TESTER, now=NOON)
    page = text_of(desk.get(f"/leads/refusedsubmission/{row.pk}/change/"))
    assert "��&lt;b&gt;" in page


# --- Jobs ---------------------------------------------------------------------------------


def test_a_job_shows_its_progress_its_errors_and_its_results(desk):
    lines = [b'{"email": "a@x.example"}', b'{"emial": 1}', b"{"]
    job = jobs.create_bulk_job(lines=lines, actor=TESTER, now=NOON)
    url = f"/leads/job/{job.pk}/"
    assert 'data-refresh="progress"' in text_of(desk.get(f"{url}change/"))
    job_runs.run_job(job.pk)
    page = text_of(desk.get(f"{url}change/"))
    assert "3 of 3 done, 2 failed" in page
    assert "data-refresh" not in page
    assert "did you mean &quot;email&quot;?" in page
    answer = desk.get(f"{url}results/")
    results = [json.loads(line) for line in b"".join(answer.streaming_content).splitlines()]
    assert [result["status"] for result in results] == [201, 400, 400]
    assert Job.objects.count() == 1


# --- API keys -----------------------------------------------------------------------------

KEY = {"name": "Website", "scopes": ["leads:write", "leads:read"]}


def test_a_new_key_is_shown_once_and_never_again(desk):
    response = desk.post(
        "/leads/apikey/add/",
        KEY
        | {
            "expires_at": "2999-01-01T00:00",
            "allowed_networks": "203.0.113.0/24\n2001:db8::/32",
            "rate_limit": "60",
        },
    )
    key = response.context["key"]
    assert key in text_of(response)
    assert "no-store" in response["Cache-Control"]
    row = ApiKey.objects.get()
    assert ApiKey.objects.find(key) == row
    assert (row.scopes, row.rate_limit, row.created_by) == (KEY["scopes"], 60, "boss")
    assert row.allowed_networks == ["203.0.113.0/24", "2001:db8::/32"]
    for url in ("/leads/apikey/", f"/leads/apikey/{row.pk}/change/"):
        page = text_of(desk.get(url))
        assert key not in page
        assert row.digest not in page
    assert key not in str(LogEntry.objects.values_list("change_message", "object_repr"))


def test_a_key_from_the_admin_opens_the_api(desk):
    key = desk.post("/leads/apikey/add/", KEY).context["key"]
    answer = Client().post(
        "/api/v1/leads/",
        {"email": "a@x.example"},
        content_type="application/json",
        headers={"authorization": f"Bearer {key}"},
    )
    assert answer.status_code == 201


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["leads:everything"]}, "scopes"),
        ({"expires_at": "2000-01-01T00:00"}, "expires_at"),
        ({"allowed_networks": "office"}, "allowed_networks"),
        ({"allowed_networks": "203.0.113.7/24"}, "allowed_networks"),
        ({"rate_limit": "0"}, "rate_limit"),
        ({"rate_limit": "99999999999"}, "rate_limit"),
    ],
)
def test_a_key_that_cannot_be_made_says_why(desk, change, field):
    response = desk.post("/leads/apikey/add/", KEY | change)
    assert field in response.context["form"].errors
    assert not ApiKey.objects.exists()


def test_a_name_in_use_is_refused_until_its_key_is_revoked(desk):
    desk.post("/leads/apikey/add/", KEY)
    again = desk.post("/leads/apikey/add/", KEY)
    assert "in use" in text_of(again)
    row = ApiKey.objects.get()
    assert "Revoke Website?" in text_of(desk.get(f"/leads/apikey/{row.pk}/revoke/"))
    desk.post(f"/leads/apikey/{row.pk}/revoke/")
    assert desk.post("/leads/apikey/add/", KEY).context["key"]


def test_a_revoked_key_is_refused_and_stays_on_record(desk):
    key = desk.post("/leads/apikey/add/", KEY).context["key"]
    row = ApiKey.objects.get()
    desk.post(f"/leads/apikey/{row.pk}/revoke/")
    row.refresh_from_db()
    first = row.revoked_at
    desk.post(f"/leads/apikey/{row.pk}/revoke/")
    row.refresh_from_db()
    assert row.revoked_at == first
    answer = Client().get("/api/v1/leads/", headers={"authorization": f"Bearer {key}"})
    assert answer.status_code == 401
    assert LogEntry.objects.filter(change_message__contains="Revoked").count() == 1


def test_an_expired_key_is_marked(desk):
    row, _ = ApiKey.objects.issue(
        name="old", scopes=["leads:read"], expires_at=timezone.now() - timedelta(days=1)
    )
    assert "expired" in text_of(desk.get(f"/leads/apikey/{row.pk}/change/"))


# --- Rotation -----------------------------------------------------------------------------


def test_the_rotation_shows_what_each_member_is_owed_in_leads(desk):
    receive(email="a@x.example", country="DE")
    page = text_of(desk.get("/leads/poolstate/dach/change/"))
    assert "+0.50" in page
    assert "-0.50" in page
    assert PoolState.objects.filter(pool="dach", picks=1).exists()


def test_a_member_who_left_keeps_a_place_in_the_rotation(desk):
    receive(email="a@x.example", country="DE")
    made = company()
    made["pools"][0]["members"] = [{"rep": "ben"}]
    configure(made, prune=True)
    assert "no longer a member" in text_of(desk.get("/leads/poolstate/dach/change/"))
