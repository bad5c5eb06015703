"""Leads over HTTP: received, read, listed, changed, corrected."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from leads.models import Lead

from .conftest import Caller, assert_problem

pytestmark = pytest.mark.django_db

ADA = {"email": "Ada@Example.com", "country": "Germany", "source": "web", "company": "Acme"}


def uuid_of(response: Any) -> str:
    return str(response.data["id"])


class TestReceiving:
    """`POST leads/`."""

    def test_a_new_lead_is_201_with_its_owner_and_why(self, caller: Caller, company: None) -> None:
        response = caller.post("leads/", ADA)

        answer = response.data
        assert response.status_code == 201
        assert set(answer) == {
            "id",
            "created",
            "status",
            "owner",
            "assignment",
            "warnings",
            "explanation",
        }
        assert answer["created"] is True
        assert answer["status"] == "assigned"
        assert answer["owner"] == {
            "key": "ana",
            "name": "Ana Ruiz",
            "email": "ana@example.com",
            "external_id": None,
        }
        assignment = answer["assignment"]
        assert assignment["kind"] == "routed"
        assert assignment["rule"] == {"key": "dach", "name": "DACH inbound", "priority": 40}
        assert assignment["model"] == "round_robin"
        assert assignment["pool"] == "dach-sdr"
        assert assignment["is_fallback"] is False
        assert assignment["fallback_reason"] is None
        assert assignment["revision"] == 1
        assert assignment["sla"]["policy"] == "demo"
        assert assignment["sla"]["due_at"].endswith("Z")
        assert "DACH inbound" in answer["explanation"]

    def test_a_known_lead_is_200_and_keeps_its_owner(self, caller: Caller, company: None) -> None:
        first = caller.post("leads/", ADA)
        second = caller.post("leads/", {"email": "ada@example.com", "phone": "+4930123456"})

        assert second.status_code == 200
        assert second.data["created"] is False
        assert second.data["id"] == first.data["id"]
        assert second.data["owner"] == first.data["owner"]
        assert second.data["assignment"]["id"] == first.data["assignment"]["id"]

    def test_every_fault_is_listed_with_the_nearest_field(self, caller: Caller) -> None:
        body = {"email": 5, "compnay": "Acme", "employees": "many", "custom": {"a": {"b": 1}}}

        problem = assert_problem(caller.post("leads/", body), 400)

        pointers = {fault["pointer"] for fault in problem["errors"]}
        assert pointers == {"/email", "/compnay", "/employees", "/custom/a"}
        (typo,) = [fault for fault in problem["errors"] if fault["pointer"] == "/compnay"]
        assert "company" in typo["detail"]

    def test_without_any_configuration_a_lead_is_held(self, caller: Caller) -> None:
        response = caller.post("leads/", ADA)

        assert response.status_code == 201
        assert response.data["status"] == "held"
        assert response.data["owner"] is None

    def test_dirty_values_warn_and_route(self, caller: Caller, company: None) -> None:
        response = caller.post("leads/", {**ADA, "country": "Atlantis"})

        assert response.status_code == 201
        assert [w["field"] for w in response.data["warnings"]] == ["country"]

    def test_the_request_id_comes_back(self, caller: Caller) -> None:
        response = caller.post("leads/", {"compnay": "x"}, headers={"X-Request-ID": "abc-1"})

        assert response.headers["X-Request-ID"] == "abc-1"
        assert response.data["request_id"] == "abc-1"


class TestReading:
    """`GET leads/…`."""

    def test_one_lead_reads_as_it_was_answered(self, caller: Caller, company: None) -> None:
        posted = caller.post("leads/", ADA).data

        read = caller.get(f"leads/{posted['id']}/").data

        assert {name: read[name] for name in posted} == {**posted, "created": False}
        assert read["lead"]["email"] == "ada@example.com"
        assert read["lead"]["country"] == "DE"

    def test_an_id_in_capitals_is_the_same_lead(self, caller: Caller, company: None) -> None:
        lead = uuid_of(caller.post("leads/", ADA))

        assert caller.get(f"leads/{lead.upper()}/").data["id"] == lead

    def test_the_ledger_is_oldest_first(self, caller: Caller, company: None) -> None:
        lead = uuid_of(caller.post("leads/", ADA))
        body = {"to": {"rep": "ben"}, "reason": "workload", "note": "swap"}
        caller.post(f"leads/{lead}/reassign/", body)

        page = caller.get(f"leads/{lead}/assignments/").data

        assert [line["kind"] for line in page["results"]] == ["routed", "reassigned"]
        assert page["results"][1]["owner"]["key"] == "ben"
        assert page["results"][1]["reason"] == "workload"
        assert page["results"][1]["by"]["kind"] == "api_key"
        assert page["next"] is page["previous"] is None

    def test_the_trace_tells_every_step(self, caller: Caller, company: None) -> None:
        lead = uuid_of(caller.post("leads/", ADA))

        steps = caller.get(f"leads/{lead}/trace/").data

        assert {"step", "subject", "result", "reason", "data", "text"} == set(steps[0])
        assert steps[0]["step"] == "normalise"
        assert ("rule", "dach", "matched") in {
            (step["step"], step["subject"], step["result"]) for step in steps
        }

    def test_pages_walk_forth_and_back_newest_first(self, caller: Caller, company: None) -> None:
        ids = [uuid_of(caller.post("leads/", {"email": f"p{i}@example.com"})) for i in range(5)]
        newest = list(reversed(ids))

        first = caller.get("leads/?limit=2").data
        second = caller.get(first["next"].removeprefix("http://testserver")).data
        third = caller.get(second["next"].removeprefix("http://testserver")).data
        back = caller.get(third["previous"].removeprefix("http://testserver")).data

        assert [row["id"] for row in first["results"]] == newest[:2]
        assert [row["id"] for row in second["results"]] == newest[2:4]
        assert [row["id"] for row in third["results"]] == newest[4:]
        assert third["next"] is None
        assert first["previous"] is None
        assert [row["id"] for row in back["results"]] == newest[2:4]

    @pytest.mark.django_db(transaction=True)
    def test_a_page_costs_the_same_for_any_number_of_rows(
        self, caller: Caller, company: None, django_assert_max_num_queries: Any
    ) -> None:
        for index in range(12):
            caller.post("leads/", {"email": f"p{index}@example.com", "country": "DE"})
        with django_assert_max_num_queries(5):
            rows = caller.get("leads/").data["results"]
        assert len(rows) == 12

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("owner=ana", {"ada"}),
            ("owner=nobody", set()),
            ("status=assigned", {"ada", "bob"}),
            ("status=held", set()),
            ("rule=dach", {"ada"}),
            ("model=round_robin", {"ada"}),
            ("territory=x", set()),
            ("account=x", set()),
            ("fallback=true", {"bob"}),
            ("fallback=false", {"ada"}),
            ("sla_state=running", {"ada"}),
            ("sla_state=none", {"bob"}),
            ("source=web", {"ada"}),
            ("email=ADA@example.com", {"ada"}),
            ("email=Ada%20%3Cada@example.com%3E", {"ada"}),
            ("external_id=%20b-1", {"bob"}),
            ("created_after=2020-01-01", {"ada", "bob"}),
            ("created_after=2020-01-01T00:00:00Z", {"ada", "bob"}),
            ("created_before=2020-01-01T00:00:00+02:00", set()),
            ("status=assigned&fallback=true", {"bob"}),
        ],
    )
    def test_filters_choose(
        self, caller: Caller, company: None, query: str, found: set[str]
    ) -> None:
        caller.post("leads/", ADA)
        caller.post("leads/", {"email": "bob@example.com", "external_id": "b-1"})

        rows = caller.get(f"leads/?{query}").data["results"]

        assert {row["lead"]["email"].partition("@")[0] for row in rows} == found


class TestChanging:
    """PATCH, contacted, reassign, outcome."""

    @pytest.fixture
    def lead(self, caller: Caller, company: None) -> str:
        return uuid_of(caller.post("leads/", ADA))

    def test_fields_are_changed_and_null_clears(self, caller: Caller, lead: str) -> None:
        response = caller.call("PATCH", f"leads/{lead}/", {"city": "Berlin", "company": None})

        stored = Lead.objects.get(pk=lead)
        assert response.status_code == 200
        assert (stored.city, stored.company) == ("Berlin", "")

    @pytest.mark.parametrize(
        ("body", "pointer"),
        [
            ({"ctiy": "Berlin"}, "/ctiy"),
            ({"city": 5}, "/city"),
            ({"email": None, "company": None}, ""),
        ],
    )
    def test_a_wrong_change_is_400(
        self, caller: Caller, lead: str, body: object, pointer: str
    ) -> None:
        problem = assert_problem(caller.call("PATCH", f"leads/{lead}/", body), 400)

        assert pointer in {fault["pointer"] for fault in problem["errors"]}

    @pytest.mark.parametrize("body", [None, {}, {"by": "ana", "channel": "phone"}])
    def test_a_contact_stops_the_clock_once(self, caller: Caller, lead: str, body: object) -> None:
        assert caller.get(f"leads/{lead}/").data["sla_state"] == "running"

        first = caller.post(f"leads/{lead}/contacted/", body)
        second = caller.post(f"leads/{lead}/contacted/", body)

        assert first.status_code == second.status_code == 200
        assert second.data["sla_state"] == "met"
        assert second.data["responded_at"] == first.data["responded_at"]

    def test_reassigning_to_a_pool_and_to_the_rules(self, caller: Caller, lead: str) -> None:
        pool = caller.post(
            f"leads/{lead}/reassign/", {"to": {"pool": "catch-all"}, "reason": "other"}
        )
        rules = caller.post(f"leads/{lead}/reassign/", {"to": {"rule": True}, "reason": "other"})

        assert pool.data["owner"]["key"] == "maria"
        assert rules.data["owner"]["key"] in ("ana", "ben")
        assert rules.data["assignment"]["kind"] == "reassigned"

    @pytest.mark.parametrize(
        ("body", "pointers"),
        [
            ({}, {"/to", "/reason"}),
            ({"to": {"rep": "ana"}, "reason": "because"}, {"/reason"}),
            ({"to": {}, "reason": "other"}, {"/to"}),
            ({"to": {"rep": "ana", "pool": "x"}, "reason": "other"}, {"/to"}),
            ({"to": {"rule": False}, "reason": "other"}, {"/to"}),
            ({"to": {"rule": "yes"}, "reason": "other"}, {"/to/rule"}),
            ({"to": {"rep": "nobody"}, "reason": "other"}, {"/to/rep"}),
            ({"to": {"pool": "nothing"}, "reason": "other"}, {"/to/pool"}),
            ({"to": {"rep": "a\x00b"}, "reason": "other"}, {"/to/rep"}),
            ({"to": {"team": "emea"}, "reason": "other"}, {"/to/team"}),
            ({"to": "ana", "reason": "other", "nte": "x"}, {"/to", "/nte"}),
            ({"to": {"rep": "ana"}, "reason": "other", "note": 5}, {"/note"}),
        ],
    )
    def test_a_wrong_reassignment_lists_its_faults(
        self, caller: Caller, lead: str, body: object, pointers: set[str]
    ) -> None:
        problem = assert_problem(caller.post(f"leads/{lead}/reassign/", body), 400)

        assert {fault["pointer"] for fault in problem["errors"]} == pointers

    def test_a_wrong_reason_names_the_right_ones(self, caller: Caller, lead: str) -> None:
        body = {"to": {"rep": "ana"}, "reason": "because"}

        problem = assert_problem(caller.post(f"leads/{lead}/reassign/", body), 400)

        assert "wrong_territory" in problem["errors"][0]["detail"]

    def test_converted_closes_with_an_amount(self, caller: Caller, lead: str) -> None:
        body = {"status": "converted", "amount": 1200.5, "currency": "EUR"}

        response = caller.post(f"leads/{lead}/outcome/", body)

        assert response.status_code == 200
        assert response.data["status"] == "closed"
        assert response.data["outcome"]["amount"] == 1200.5
        assert response.data["outcome"]["currency"] == "EUR"

    @pytest.mark.parametrize(
        ("body", "pointers"),
        [
            ({}, {"/status"}),
            ({"status": "won"}, {"/status"}),
            ({"status": "converted", "amount": "much"}, {"/amount"}),
            ({"status": "converted", "amount": -1}, {"/amount"}),
            ({"status": "converted", "amount": 10**17}, {"/amount"}),
            ({"status": "converted", "amount": True}, {"/amount"}),
            ({"status": "converted", "amount": [1]}, {"/amount"}),
            ({"status": "converted", "currency": "Euro"}, {"/currency"}),
            ({"status": "lost", "at": "yesterday"}, {"/at"}),
            ({"status": "lost", "at": "0001-01-01T00:00:00+14:00"}, {"/at"}),
            ({"status": "lost", "at": "9999-12-31T23:59:59-14:00"}, {"/at"}),
            ({"status": "lost", "at": 5}, {"/at"}),
            ({"status": "lost", "reason": "\x00"}, {"/reason"}),
            ({"status": "lost", "reason": "\ud800"}, {"/reason"}),
            ({"status": ["lost"]}, {"/status"}),
            ({"statsu": "lost"}, {"/status", "/statsu"}),
        ],
    )
    def test_a_wrong_outcome_lists_its_faults(
        self, caller: Caller, lead: str, body: object, pointers: set[str]
    ) -> None:
        problem = assert_problem(caller.post(f"leads/{lead}/outcome/", body), 400)

        assert {fault["pointer"] for fault in problem["errors"]} == pointers

    @pytest.mark.parametrize(
        ("body", "pointer"),
        [
            ({"at": "now"}, "/at"),
            ({"by": 5}, "/by"),
            ({"channel": "x" * 201}, "/channel"),
            ({"chanel": "phone"}, "/chanel"),
            ([], ""),
        ],
    )
    def test_a_wrong_contact_is_400(
        self, caller: Caller, lead: str, body: object, pointer: str
    ) -> None:
        problem = assert_problem(caller.post(f"leads/{lead}/contacted/", body), 400)

        assert [fault["pointer"] for fault in problem["errors"]] == [pointer]


class TestDryRun:
    """`POST route/`."""

    def test_it_answers_like_receiving_and_stores_nothing(
        self, caller: Caller, company: None
    ) -> None:
        first = caller.post("route/", ADA)
        second = caller.post("route/", ADA)

        assert first.status_code == 200
        assert set(first.data) == {
            "created",
            "status",
            "owner",
            "assignment",
            "warnings",
            "explanation",
            "trace",
        }
        assert first.data["owner"]["key"] == second.data["owner"]["key"] == "ana"
        assert not Lead.objects.exists()

    def test_it_decides_at_an_instant(self, caller: Caller, company: None) -> None:
        at = "2027-03-01T09:00:00Z"

        answer = caller.post("route/", {**ADA, "at": at}).data

        assert answer["assignment"]["at"] == at
        assert answer["assignment"]["sla"]["due_at"] == "2027-03-01T09:05:00Z"

    def test_faults_of_the_instant_and_of_the_lead_come_together(self, caller: Caller) -> None:
        problem = assert_problem(caller.post("route/", {"at": "soon", "compnay": "x"}), 400)

        assert {f["pointer"] for f in problem["errors"]} == {"/at", "/compnay", ""}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("country", ["DE", "FR"])
def test_receiving_costs_at_most_ten_statements(
    caller: Caller, company: None, django_assert_max_num_queries: Any, country: str
) -> None:
    caller.post("leads/", {"email": "warm@example.com", "country": country})

    with django_assert_max_num_queries(20) as seen:
        response = caller.post("leads/", {"email": "b@acme.example", "country": country})

    assert response.status_code == 201
    marks = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")
    work = [query["sql"] for query in seen if not query["sql"].startswith(marks)]
    # SQLite has no writing CTE: there each table is a statement of its own.
    assert len(work) <= (14 if connection.vendor == "sqlite" else 10), work
