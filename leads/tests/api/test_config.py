"""The configuration over HTTP: the document, its revisions, reps and their absences."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import yaml
from django.utils import timezone

from leads.models import ApiKey
from leads.models.api_key import Scope
from territories.models import Absence, Rep, Revision

from .conftest import DOCUMENT, Caller, assert_problem

pytestmark = pytest.mark.django_db


def changed(priority: int) -> dict[str, Any]:
    rules = [{**DOCUMENT["rules"][0], "priority": priority}]
    return {"version": 1, "rules": rules}


class TestDocument:
    """`config/…`."""

    def test_it_is_exported_as_json_without_accounts(self, caller: Caller, company: None) -> None:
        document = caller.get("config/").data

        assert document["version"] == 1
        assert [rule["key"] for rule in document["rules"]] == ["dach"]
        assert "accounts" not in document

    @pytest.mark.parametrize(
        ("path", "accept"),
        [
            ("config/", "application/yaml"),
            ("config/", "text/html, application/yaml;q=0.9, application/json;q=0.1"),
            ("config/?format=yaml", "application/json"),
        ],
    )
    def test_it_is_exported_as_yaml(
        self, caller: Caller, company: None, path: str, accept: str
    ) -> None:
        response = caller.get(path, headers={"Accept": accept})

        assert response.headers["Content-Type"] == "application/yaml"
        assert yaml.safe_load(response.content)["rules"][0]["key"] == "dach"

    def test_sections_are_chosen(self, caller: Caller, company: None) -> None:
        document = caller.get("config/?sections=rules,accounts").data

        assert set(document) == {"version", "rules", "accounts"}

    @pytest.mark.parametrize("query", ["sections=rule", "sections=", "format=xml", "x=1"])
    def test_a_wrong_query_is_400(self, caller: Caller, query: str) -> None:
        assert_problem(caller.get(f"config/?{query}"), 400)

    def test_a_plan_names_the_changes_and_makes_none(self, caller: Caller, company: None) -> None:
        response = caller.post("config/plan/", {"document": changed(30)})

        assert response.status_code == 200
        assert response.data == {
            "revision": None,
            "changes": [
                {"op": "update", "kind": "rules", "key": "dach", "fields": {"priority": [40, 30]}}
            ],
        }
        assert Revision.objects.count() == 1

    def test_applying_makes_one_revision_by_the_key(self, caller: Caller, company: None) -> None:
        response = caller.post(
            "config/apply/", {"document": changed(30), "reason": "Q1 territories"}
        )

        assert response.status_code == 200
        assert response.data["revision"] == 2
        assert response.data["changes"][0]["fields"] == {"priority": [40, 30]}
        made = Revision.objects.get(number=2)
        assert (made.actor_kind, made.actor, made.reason) == ("api_key", "test", "Q1 territories")
        assert made.actor_id == str(ApiKey.objects.get().pk)

    def test_applying_the_same_again_makes_none(self, caller: Caller, company: None) -> None:
        body = {"document": changed(30), "reason": "again"}
        caller.post("config/apply/", body)

        response = caller.post("config/apply/", body)

        assert response.data == {"revision": None, "changes": []}
        assert Revision.objects.count() == 2

    def test_a_change_governs_the_very_next_lead(self, caller: Caller, company: None) -> None:
        lead = {"email": "a@example.com", "country": "DE"}
        assert caller.post("leads/", lead).data["assignment"]["rule"]["key"] == "dach"
        off = {"version": 1, "rules": [{**DOCUMENT["rules"][0], "active": False}]}

        caller.post("config/apply/", {"document": off, "reason": "off"})

        answer = caller.post("leads/", {**lead, "email": "b@example.com"}).data
        assert answer["assignment"]["rule"] is None
        assert answer["assignment"]["revision"] == 2

    def test_every_fault_has_a_pointer_and_nothing_is_changed(
        self, caller: Caller, company: None
    ) -> None:
        document = copy.deepcopy(DOCUMENT)
        document["rules"][0]["conditions"] = {"all": [{"field": "country", "op": "eqals"}]}
        document["rules"][0]["route_to"] = {"pool": "nothing"}
        document["reps"][0]["nmae"] = "Ana"

        for path in ("config/plan/", "config/apply/"):
            problem = assert_problem(caller.post(path, {"document": document, "reason": "x"}), 400)
            pointers = {fault["pointer"] for fault in problem["errors"]}
            assert "/document/rules/0/route_to/pool" in pointers
            assert "/document/rules/0/conditions/all/0/op" in pointers
            assert "/document/reps/0/nmae" in pointers
        assert Revision.objects.count() == 1

    @pytest.mark.parametrize(
        ("body", "pointers"),
        [
            ({}, {"/document", "/reason"}),
            ({"document": DOCUMENT}, {"/reason"}),
            ({"document": DOCUMENT, "reason": " "}, {"/reason"}),
            ({"document": [], "reason": "x"}, {"/document"}),
            ({"document": "version: 1", "reason": "x"}, {"/document"}),
            ({"document": DOCUMENT, "reason": "x", "prune": "no"}, {"/prune"}),
            ({"document": DOCUMENT, "reason": "x", "purne": True}, {"/purne"}),
            ({"document": {"version": 2}, "reason": "x"}, {"/document/version"}),
        ],
    )
    def test_a_wrong_body_is_400(self, caller: Caller, body: object, pointers: set[str]) -> None:
        problem = assert_problem(caller.post("config/apply/", body), 400)

        assert {fault["pointer"] for fault in problem["errors"]} == pointers

    def test_planning_needs_only_the_scope_to_read(
        self, make_caller: Callable[..., Caller], company: None
    ) -> None:
        caller = make_caller(Scope.CONFIG_READ)
        body = {"document": changed(30), "reason": "x"}

        assert caller.post("config/plan/", body).status_code == 200
        assert_problem(caller.post("config/apply/", body), 403)


class TestRevisions:
    """`revisions/…`."""

    def test_they_are_listed_newest_first(self, caller: Caller, company: None) -> None:
        caller.post("config/apply/", {"document": changed(30), "reason": "sooner"})

        page = caller.get("revisions/").data

        assert [row["number"] for row in page["results"]] == [2, 1]
        assert page["results"][0]["reason"] == "sooner"
        assert page["results"][0]["actor"]["kind"] == "api_key"
        assert page["results"][1]["actor"] == {"kind": "command", "id": "", "name": "test"}

    def test_pages_walk_to_the_end(self, caller: Caller, company: None) -> None:
        for priority in (30, 20, 10):
            caller.post("config/apply/", {"document": changed(priority), "reason": "x"})

        first = caller.get("revisions/?limit=3").data
        rest = caller.get(first["next"].removeprefix("http://testserver")).data

        assert [row["number"] for row in first["results"]] == [4, 3, 2]
        assert [row["number"] for row in rest["results"]] == [1]

    def test_one_shows_before_and_after(self, caller: Caller, company: None) -> None:
        caller.post("config/apply/", {"document": changed(30), "reason": "sooner"})

        detail = caller.get("revisions/2/").data

        (change,) = detail["changes"]
        assert (change["op"], change["kind"], change["key"]) == ("update", "rules", "dach")
        assert change["fields"] == {"priority": [40, 30]}
        assert change["text"]


class TestReps:
    """`reps/…`."""

    def test_a_rep_shows_availability_and_loads(self, caller: Caller, company: None) -> None:
        caller.post("leads/", {"email": "a@example.com", "country": "DE"})

        rep = caller.get("reps/ana/").data

        assert rep["key"] == "ana"
        assert rep["team"] == "emea"
        assert rep["availability"] == {"available": True, "reason": None, "until": None}
        assert (rep["open_leads"], rep["assigned_today"]) == (1, 1)

    @pytest.mark.django_db(transaction=True)
    def test_all_reps_are_listed_by_key_in_few_statements(
        self, caller: Caller, company: None, django_assert_max_num_queries: Any
    ) -> None:
        caller.get("reps/")
        with django_assert_max_num_queries(7):
            page = caller.get("reps/").data

        assert [row["key"] for row in page["results"]] == ["ana", "ben", "maria"]

    def test_time_off_makes_a_rep_absent_until_its_end(self, caller: Caller, company: None) -> None:
        now = timezone.now().replace(microsecond=0)
        end = (now + timedelta(days=2)).isoformat().replace("+00:00", "Z")
        body = {"start": now.isoformat(), "end": end, "reason": "vacation"}

        added = caller.post("reps/ana/absences/", body)

        assert added.status_code == 201
        assert added.data["end"] == end
        availability = caller.get("reps/ana/").data["availability"]
        assert availability == {"available": False, "reason": "rep_absent", "until": end}
        lead = caller.post("leads/", {"email": "a@example.com", "country": "DE"}).data
        assert lead["owner"]["key"] == "ben"

    def test_pushing_the_same_absence_twice_keeps_one(self, caller: Caller, company: None) -> None:
        body = {"start": "2027-01-01T00:00:00Z", "end": "2027-01-08T00:00:00Z"}
        first = caller.post("reps/ana/absences/", body)
        second = caller.post("reps/ana/absences/", {**body, "reason": "sick"})

        assert (first.status_code, second.status_code) == (201, 200)
        assert second.data == {**first.data, "reason": "sick"}
        assert Absence.objects.count() == 1

    def test_time_off_without_an_end(self, caller: Caller, company: None) -> None:
        response = caller.post("reps/ana/absences/", {"start": "2020-01-01T00:00:00Z"})

        assert response.data["end"] is None
        assert caller.get("reps/ana/").data["availability"]["until"] is None

    def test_time_off_is_taken_back(self, caller: Caller, company: None) -> None:
        absence = caller.post("reps/ana/absences/", {"start": "2020-01-01T00:00:00Z"}).data["id"]

        assert_problem(caller.call("DELETE", f"reps/ben/absences/{absence}/"), 404)
        assert caller.call("DELETE", f"reps/ana/absences/{absence}/").status_code == 204
        assert_problem(caller.call("DELETE", f"reps/ana/absences/{absence}/"), 404)
        assert caller.get("reps/ana/").data["availability"]["available"] is True

    @pytest.mark.parametrize(
        ("body", "pointers"),
        [
            ({}, {"/start"}),
            ({"start": "soon"}, {"/start"}),
            ({"start": "2027-01-02T00:00:00Z", "end": "2027-01-01T00:00:00Z"}, {"/end"}),
            ({"start": "2027-01-01T00:00:00Z", "ned": None}, {"/ned"}),
            ({"start": "2027-01-01T00:00:00Z", "reason": "x" * 201}, {"/reason"}),
            ({"start": "2027-01-01T00:00:00Z", "reason": "a\x01b"}, {"/reason"}),
            ({"start": 5, "end": []}, {"/start", "/end"}),
        ],
    )
    def test_wrong_time_off_is_400(
        self, caller: Caller, company: None, body: object, pointers: set[str]
    ) -> None:
        problem = assert_problem(caller.post("reps/ana/absences/", body), 400)

        assert {fault["pointer"] for fault in problem["errors"]} == pointers
        assert not Absence.objects.exists()

    def test_caps_are_set_and_lifted_in_revisions(self, caller: Caller, company: None) -> None:
        response = caller.call("PATCH", "reps/ana/", {"max_open": 0, "max_per_day": 10})

        assert response.status_code == 200
        assert response.data["availability"]["reason"] == "rep_at_capacity"
        assert caller.call("PATCH", "reps/ana/", {"max_open": None}).data["max_per_day"] == 10
        assert [r.actor_kind for r in Revision.objects.filter(number__gt=1)] == ["api_key"] * 2

    def test_a_rep_is_switched_off(self, caller: Caller, company: None) -> None:
        response = caller.call("PATCH", "reps/ana/", {"active": False})

        assert response.data["availability"]["reason"] == "rep_inactive"
        assert Rep.objects.get(pk="ana").active is False

    @pytest.mark.parametrize(
        ("body", "pointer"),
        [
            ({}, ""),
            ({"active": "no"}, "/active"),
            ({"active": None}, "/active"),
            ({"max_open": -1}, "/max_open"),
            ({"max_open": 1.5}, "/max_open"),
            ({"max_open": "5"}, "/max_open"),
            ({"max_open": True}, "/max_open"),
            ({"max_per_day": 2**31}, "/max_per_day"),
            ({"name": "Anna"}, "/name"),
            ([], ""),
        ],
    )
    def test_a_wrong_change_is_400(
        self, caller: Caller, company: None, body: object, pointer: str
    ) -> None:
        problem = assert_problem(caller.call("PATCH", "reps/ana/", body), 400)

        assert [fault["pointer"] for fault in problem["errors"]] == [pointer]
        assert Revision.objects.count() == 1

    def test_the_exceptions_owner_cannot_be_switched_off(
        self, caller: Caller, company: None
    ) -> None:
        assert_problem(caller.call("PATCH", "reps/maria/", {"active": False}), 400)
