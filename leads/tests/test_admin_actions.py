"""What people do to leads in the admin: each button is a service call, its faults on the form."""

import json

import pytest
from django.test import Client
from django.utils import timezone

from leads.models import Assignment, Contact, Job, Lead, Outcome, PoolState, Submission
from leads.services import release
from leads.tests.admin_desk import receive, sign_in, text_of
from leads.tests.company import company, configure

pytestmark = pytest.mark.django_db

LIST = "/leads/lead/"


@pytest.fixture
def desk():
    configure()
    return sign_in()


@pytest.fixture
def lead(desk):
    return receive(email="a@x.example", country="DE")


def act(client, lead, what, **data):
    return client.post(f"{LIST}{lead.pk}/{what}/", data)


def test_an_added_lead_is_routed_and_its_page_says_why(desk):
    said = {
        "email": "New@X.example",
        "country": "Germany",
        "product_interest": "german\nfrench\n",
        "employees": "12",
        "custom_name": ["vip", "size", "tags", ""],
        "custom_value": ["yes", "7", "a, b", ""],
        "custom_kind": ["flag", "number", "list", "text"],
        "crm_ids_name": ["sf"],
        "crm_ids_value": ["00Q1"],
    }
    response = desk.post(f"{LIST}add/", said, follow=True)
    lead = Lead.objects.get()
    assert response.redirect_chain == [(f"{LIST}{lead.pk}/change/", 302)]
    assert (lead.owner_id, lead.country, lead.employees) == ("ana", "DE", 12)
    assert lead.product_interest == ["german", "french"]
    assert lead.custom == {"vip": True, "size": 7, "tags": ["a", "b"]}
    assert lead.crm_ids == {"sf": "00Q1"}
    assert "Territory Germany" in text_of(response)


def test_a_lead_of_a_person_carries_the_person(desk):
    desk.post(f"{LIST}add/", {"email": "a@x.example"})
    line = Assignment.objects.get()
    assert (line.actor_kind, line.actor_name) == ("user", "boss")
    assert Submission.objects.get().body == {"email": "a@x.example"}


def test_a_lead_that_names_nobody_is_refused_on_the_form(desk):
    response = desk.post(f"{LIST}add/", {"country": "DE"})
    assert "Give at least one of" in text_of(response)
    assert not Lead.objects.exists()


def test_faults_stand_at_their_fields(desk):
    response = desk.post(
        f"{LIST}add/",
        {
            "email": "a@x.example",
            "annual_revenue": "1e30",
            "external_id": "x" * 400,
            "custom_name": ["n", "", "n"],
            "custom_value": ["x", "lost", "y"],
            "custom_kind": ["number", "text", "text"],
        },
    )
    errors = response.context["form"].errors
    assert errors["custom"] == ["n: “x” is no number.", "Give “lost” a name."]
    response = desk.post(
        f"{LIST}add/",
        {"email": "a@x.example", "annual_revenue": "1e30", "external_id": "x" * 400},
    )
    assert set(response.context["form"].errors) == {"annual_revenue", "external_id"}
    assert not Lead.objects.exists()


def test_a_known_lead_is_updated_instead_of_added_twice(desk):
    receive(timezone.now(), email="a@x.example")
    response = desk.post(f"{LIST}add/", {"email": "a@x.example", "city": "Bonn"}, follow=True)
    assert Lead.objects.get().city == "Bonn"
    assert "is known" in text_of(response)


def form_values(page):
    """What a browser would send back of an untouched form."""
    form = page.context["form"]
    values = {}
    for field in form:
        value = field.value()
        if field.name in ("custom", "crm_ids"):
            continue
        values[field.name] = "" if value is None else value
    return values


def test_editing_sends_only_what_was_changed_and_clears_what_was_emptied(desk):
    lead = receive(email="a@x.example", country="Germany", city="Bonn", custom={"a": 1, "b": "x"})
    url = f"{LIST}{lead.pk}/edit/"
    values = form_values(desk.get(url))
    assert values["country"] == "Germany"
    values |= {
        "city": "",
        "title": "CTO",
        "custom_name": ["a"],
        "custom_value": ["1"],
        "custom_kind": ["number"],
    }
    assert desk.post(url, values).status_code == 302
    lead.refresh_from_db()
    assert (lead.city, lead.title, lead.country) == ("", "CTO", "DE")
    assert lead.custom == {"a": 1}
    assert Submission.objects.order_by("at", "id").last().body == {
        "city": None,
        "title": "CTO",
        "custom": {"a": 1, "b": None},
    }


def test_editing_may_qualify_and_route_a_lead(desk):
    lead = receive(email="a@x.example", lead_type="content", score=1, country="DE")
    url = f"{LIST}{lead.pk}/edit/"
    assert lead.status == "nurture"
    desk.post(url, form_values(desk.get(url)) | {"score": "80"})
    lead.refresh_from_db()
    assert (lead.status, lead.owner_id) == ("assigned", "ana")


def test_a_lead_cannot_be_edited_into_another(desk):
    receive(external_id="1", source="web")
    second = receive(external_id="2", source="web")
    url = f"{LIST}{second.pk}/edit/"
    response = desk.post(url, form_values(desk.get(url)) | {"external_id": "1"})
    assert "external_id" in text_of(response)
    second.refresh_from_db()
    assert second.external_id == "2"


@pytest.mark.parametrize(
    ("target", "owner"),
    [
        ({"target": "rep", "rep": "cat"}, "cat"),
        ({"target": "pool", "pool": "marketing"}, "maria"),
        ({"target": "rule"}, "ben"),
    ],
)
def test_a_lead_is_reassigned_to_a_rep_a_pool_or_the_rules(desk, lead, target, owner):
    response = act(desk, lead, "reassign", **target, reason="workload", note="Ana is full")
    assert response.status_code == 302
    lead.refresh_from_db()
    assert lead.owner_id == owner
    line = Assignment.objects.order_by("id").last()
    assert (line.kind, line.reason, line.note) == ("reassigned", "workload", "Ana is full")
    assert line.actor_name == "boss"


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"target": "rep", "rep": "cat"}, "reason"),
        ({"target": "rep", "reason": "workload"}, "rep"),
        ({"target": "pool", "reason": "workload"}, "pool"),
        ({"target": "rep", "rep": "sam", "reason": "workload"}, "rep"),
        ({"target": "rep", "rep": "nobody", "reason": "workload"}, "rep"),
        ({"target": "moon", "reason": "workload"}, "target"),
        ({"target": "rep", "rep": "cat", "reason": "whim"}, "reason"),
    ],
)
def test_a_reassignment_that_cannot_be_stays_on_the_form(desk, lead, data, field):
    response = act(desk, lead, "reassign", **data)
    assert field in response.context["form"].errors
    assert Assignment.objects.count() == 1


def test_a_pool_without_anybody_says_so_at_the_pool(desk, lead):
    made = company()
    made["pools"].append({"key": "empty", "name": "Empty", "members": []})
    configure(made)
    response = act(desk, lead, "reassign", target="pool", pool="empty", reason="workload")
    assert "available" in str(response.context["form"].errors["pool"])


def test_a_contact_stops_the_clock(desk, lead):
    assert act(desk, lead, "contacted", channel="call").status_code == 302
    lead.refresh_from_db()
    assert lead.responded_at is not None
    assert (Contact.objects.get().channel, Contact.objects.get().by) == ("call", "boss")


def test_a_contact_of_tomorrow_is_refused(desk, lead):
    response = act(desk, lead, "contacted", at="2999-01-01T10:00")
    assert "still to come" in text_of(response)
    assert not Contact.objects.exists()


def test_an_outcome_closes_the_lead_with_its_amount(desk, lead):
    act(desk, lead, "outcome", status="converted", amount="1200.50", currency="eur")
    lead.refresh_from_db()
    assert (lead.status, lead.outcome, str(lead.amount), lead.currency) == (
        "closed", "converted", "1200.50", "EUR",
    )  # fmt: skip
    assert Outcome.objects.get().source == "admin"


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({}, "status"),
        ({"status": "won"}, "status"),
        ({"status": "converted", "amount": "-1"}, "amount"),
        ({"status": "converted", "amount": "lots"}, "amount"),
        ({"status": "converted", "currency": "euro"}, "currency"),
    ],
)
def test_an_outcome_that_cannot_be_stays_on_the_form(desk, lead, data, field):
    assert field in act(desk, lead, "outcome", **data).context["form"].errors
    assert not Outcome.objects.exists()


def bulk(client, leads, stage="", **data):
    ids = [str(lead.pk) for lead in leads]
    body = {"action": "reassign_selected", "_selected_action": ids, **data}
    return client.post(LIST, body | ({"stage": stage} if stage else {}))


@pytest.fixture
def three(desk):
    return [receive(email=f"p{n}@x{n}.example", country="DE") for n in range(3)]


TO_CAT = {"target": "rep", "rep": "cat", "reason": "rep_left"}


def test_selected_leads_are_previewed_by_rep_before_anything_moves(desk, three):
    assert "Reassign 3 leads" in text_of(bulk(desk, three))
    response = bulk(desk, three, "preview", **TO_CAT)
    assert {name: (gives, gets) for name, gives, gets in response.context["by_rep"]} == {
        "Ana Ruiz": (2, 0),
        "Ben Ode": (1, 0),
        "Cat Wu": (0, 3),
    }
    assert Assignment.objects.count() == 3
    assert not Job.objects.exists()


def test_confirmed_leads_are_reassigned_by_a_job(desk, three):
    response = bulk(desk, three, "confirm", **TO_CAT)
    job = Job.objects.get()
    assert response["Location"] == f"/leads/job/{job.pk}/change/"
    assert (job.state, job.done, job.failed) == ("done", 3, 0)
    assert set(Lead.objects.values_list("owner_id", flat=True)) == {"cat"}
    assert set(Assignment.objects.filter(kind="reassigned").values_list("reason", flat=True)) == {
        "rep_left"
    }


def test_a_bulk_without_a_target_goes_nowhere(desk, three):
    response = bulk(desk, three, "confirm", target="rep", reason="workload")
    assert "rep" in response.context["form"].errors
    assert not Job.objects.exists()


def test_closed_and_contacted_leads_of_the_selection_are_left_alone(desk, three):
    act(desk, three[0], "outcome", status="lost")
    act(desk, three[1], "contacted")
    bulk(desk, three, "confirm", **TO_CAT, only_uncontacted="on")
    owners = [Lead.objects.get(pk=lead.pk).owner_id for lead in three]
    assert owners == [three[0].owner_id, three[1].owner_id, "cat"]


def test_a_bulk_of_closed_leads_only_makes_no_job(desk, lead):
    act(desk, lead, "outcome", status="lost")
    bulk(desk, [lead], "confirm", **TO_CAT)
    assert not Job.objects.exists()


def test_all_that_match_a_filter_can_be_chosen_at_once(desk, three):
    other = receive(email="gb@x.example", country="GB")
    ids = [str(three[0].pk)]
    body = {"action": "reassign_selected", "_selected_action": ids, "select_across": "1"}
    desk.post(f"{LIST}?rule=places", body | {"stage": "confirm"} | TO_CAT)
    assert Lead.objects.filter(owner="cat").count() == 3
    other.refresh_from_db()
    assert other.owner_id == "ben"


def test_a_large_bulk_is_left_to_the_workers(
    desk, three, monkeypatch, django_capture_on_commit_callbacks
):
    woken = []
    monkeypatch.setattr("leads.admin.bulk.AT_ONCE", 2)
    monkeypatch.setattr("leads.tasks.run_job.delay", woken.append)
    with django_capture_on_commit_callbacks(execute=True):
        bulk(desk, three, "confirm", **TO_CAT)
    job = Job.objects.get()
    assert (job.state, woken) == ("queued", [str(job.pk)])


def test_the_simulator_answers_with_the_whole_trace_and_writes_nothing(desk):
    response = desk.post(f"{LIST}simulate/", {"email": "a@x.example", "country": "DE"})
    page = text_of(response)
    assert "Ana Ruiz" in page
    assert "<td>pool</td>" in page
    assert not Lead.objects.exists()
    assert not PoolState.objects.exists()


def test_the_simulator_decides_at_the_instant_it_is_given():
    made = company(absences=[{"rep": "ana", "start": "2026-06-01T00:00:00Z",
                              "end": "2026-06-05T00:00:00Z"}])  # fmt: skip
    configure(made)
    desk = sign_in()
    said = {"email": "a@x.example", "country": "DE"}
    away = desk.post(f"{LIST}simulate/", said | {"at": "2026-06-02T10:00"})
    back = desk.post(f"{LIST}simulate/", said | {"at": "2026-06-10T10:00"})
    assert away.context["answer"]["owner"]["key"] == "ben"
    assert back.context["answer"]["owner"]["key"] == "ana"


def test_a_past_lead_is_simulated_again_as_it_came(desk):
    lead = receive(timezone.now(), email="a@x.example", country="DE")
    url = f"{LIST}simulate/?lead={lead.pk}"
    page = desk.get(url)
    values = form_values(page)
    assert values["email"] == "a@x.example"
    assert values.pop("as_new") is True
    answer = desk.post(url, values | {"as_new": "on"}).context["answer"]
    assert answer["created"] is True
    assert answer["owner"]["key"] == "ben"  # the next in turn, as for any new lead
    known = desk.post(url, values).context["answer"]
    assert (known["created"], known["owner"]["key"]) == (False, "ana")
    assert Assignment.objects.count() == 1


def test_the_simulator_shows_faults_on_the_form(desk):
    response = desk.post(f"{LIST}simulate/", {"country": "DE"})
    assert "Give at least one of" in text_of(response)


def test_leads_kept_while_paused_are_previewed_and_released(desk):
    configure(company(settings={"mode": "paused"}))
    for number in range(2):
        receive(email=f"p{number}@x{number}.example", country="DE")
    assert "Routing is not live" in text_of(desk.get(f"{LIST}release/"))
    desk.post(f"{LIST}release/")
    assert release.waiting().count() == 2
    configure()
    assert "Release held leads" in text_of(desk.get(LIST))
    page = desk.get(f"{LIST}release/")
    assert dict(page.context["rows"]) == {"Ana Ruiz": 1, "Ben Ode": 1}
    assert release.waiting().count() == 2
    desk.post(f"{LIST}release/")
    assert not release.waiting().exists()
    assert set(Assignment.objects.filter(kind="released").values_list("owner", flat=True)) == {
        "ana",
        "ben",
    }


def test_a_release_does_the_oldest_first_and_no_more_than_it_says(desk, monkeypatch):
    configure(company(settings={"mode": "paused"}))
    first, second = (receive(email=f"p{n}@x{n}.example", country="DE") for n in range(2))
    configure()
    monkeypatch.setattr("leads.admin.releasing.AT_ONCE", 1)
    assert desk.post(f"{LIST}release/")["Location"] == f"{LIST}release/"
    assert [lead.pk for lead in release.waiting()] == [second.pk]
    assert Lead.objects.get(pk=first.pk).status == "assigned"


def test_a_form_without_the_token_is_refused(desk, lead):
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = desk.cookies
    for url in (f"{LIST}{lead.pk}/contacted/", f"{LIST}add/", f"{LIST}release/", LIST):
        assert strict.post(url, {"channel": "call"}).status_code == 403, url
    assert not Contact.objects.exists()


def test_naughty_text_is_taken_or_refused_and_never_breaks_a_page(desk):
    for text in ("\u202e\u0000x", "'; DROP TABLE leads; --", "𝕒" * 50, "{{ 7*7 }}", "\ud7ff" * 9):
        body = {"company": text, "email": text, "custom_name": [text], "custom_value": [text],
                "custom_kind": ["text"]}  # fmt: skip
        assert desk.post(f"{LIST}add/", body).status_code in (200, 302), json.dumps(text)
        assert desk.get(f"{LIST}", {"q": text}).status_code == 200
