"""Nobody sees or does in the admin of leads what they were not given."""

import pytest
from django.test import Client

from leads.models import (
    ApiKey,
    Assignment,
    Job,
    Lead,
    PoolState,
    RefusedSubmission,
    RoutingException,
)
from leads.services import jobs, refusals
from leads.tests.admin_desk import receive, sign_in, text_of
from leads.tests.company import NOON, TESTER, configure

pytestmark = pytest.mark.django_db

KINDS = {
    "lead": Lead,
    "assignment": Assignment,
    "routingexception": RoutingException,
    "refusedsubmission": RefusedSubmission,
    "job": Job,
    "apikey": ApiKey,
    "poolstate": PoolState,
}


@pytest.fixture(autouse=True)
def _rows():
    configure()
    receive(email="a@x.example", country="FR")
    receive(email="b@x.example", country="DE")
    refusals.keep(body=b"{}", faults=[], path="/x", actor=TESTER, now=NOON)
    jobs.create_bulk_job(lines=[b"{}"], actor=TESTER, now=NOON)
    ApiKey.objects.issue(name="k", scopes=["leads:read"])


def of(kind):
    return f"/leads/{kind}/{KINDS[kind].objects.first().pk}/"


@pytest.mark.parametrize("kind", KINDS)
def test_whoever_may_not_see_a_kind_sees_neither_list_nor_page(kind):
    stranger = sign_in("view_outcome")
    for url in (f"/leads/{kind}/", f"{of(kind)}change/"):
        assert stranger.get(url).status_code == 403, url


@pytest.mark.parametrize("kind", KINDS)
def test_whoever_may_see_a_kind_sees_list_and_page(kind):
    reader = sign_in(f"view_{kind}")
    for url in (f"/leads/{kind}/", f"{of(kind)}change/"):
        assert reader.get(url).status_code == 200, url


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_edits_or_deletes_a_row(kind):
    boss = sign_in()
    assert boss.post(f"{of(kind)}delete/", {"post": "yes"}).status_code == 403
    before = KINDS[kind].objects.values().first()
    boss.post(f"{of(kind)}change/", {"status": "closed", "owner": "cat", "name": "x"})
    assert KINDS[kind].objects.values().get(pk=before[KINDS[kind]._meta.pk.attname]) == before


LEAD_PAGES = ("edit", "reassign", "contacted", "outcome")


@pytest.mark.parametrize("page", LEAD_PAGES)
def test_a_reader_of_leads_cannot_act_on_them(page):
    reader = sign_in("view_lead")
    url = f"{of('lead')}{page}/"
    assert reader.get(url).status_code == 403
    assert reader.post(url, {"status": "lost", "city": "x"}).status_code == 403
    assert page.capitalize() not in text_of(reader.get(f"{of('lead')}change/")).split("Timeline")[0]


@pytest.mark.parametrize("page", LEAD_PAGES)
def test_an_editor_of_leads_may_act_on_them(page):
    assert sign_in("change_lead").get(f"{of('lead')}{page}/").status_code == 200


def test_a_reader_of_leads_may_explain_and_simulate():
    reader = sign_in("view_lead")
    for url in (f"{of('lead')}explain/", "/leads/lead/simulate/"):
        assert reader.get(url).status_code == 200, url


@pytest.mark.parametrize(
    ("url", "needed"),
    [
        ("/leads/lead/add/", "add_lead"),
        ("/leads/lead/release/", "change_lead"),
        ("/leads/apikey/add/", "add_apikey"),
        ("{apikey}revoke/", "change_apikey"),
        ("{routingexception}resolve/", "change_routingexception"),
    ],
)
def test_a_page_that_does_something_needs_its_permission(url, needed):
    url = url.format(apikey=of("apikey"), routingexception=of("routingexception"))
    kind = needed.partition("_")[2]
    assert sign_in(f"view_{kind}").get(url).status_code == 403
    assert sign_in(f"view_{kind}", needed).get(url).status_code == 200


def test_a_reader_is_offered_no_bulk_reassignment():
    reader = sign_in("view_lead")
    body = {"action": "reassign_selected", "_selected_action": [str(Lead.objects.first().pk)]}
    said = {"stage": "confirm", "target": "rep", "rep": "cat", "reason": "workload"}
    reader.post("/leads/lead/", body | said)
    assert not Lead.objects.filter(owner="cat", is_fallback=False).exists()
    assert Job.objects.count() == 1


def test_a_reader_cannot_resubmit_a_refused_body():
    reader = sign_in("view_refusedsubmission")
    body = {"body": '{"email": "c@x.example"}'}
    assert reader.post(f"{of('refusedsubmission')}change/", body).status_code == 403
    mender = sign_in("view_refusedsubmission", "change_refusedsubmission")
    assert mender.post(f"{of('refusedsubmission')}change/", body).status_code == 403
    assert Lead.objects.count() == 2


def test_results_of_jobs_need_the_permission_to_see_jobs():
    assert sign_in("view_lead").get(f"{of('job')}results/").status_code == 403


def test_who_is_not_signed_in_is_asked_to():
    for url in (f"{of('lead')}change/", "/leads/lead/simulate/", f"{of('lead')}reassign/"):
        response = Client().get(url)
        assert response.status_code == 302
        assert response["Location"].startswith("/login/")
