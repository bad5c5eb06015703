"""Many leads in one call, jobs, and many reassigned at once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from leads.models import Job, Lead, RefusedSubmission
from leads.services import job_runs

from .conftest import Caller, assert_problem

pytestmark = pytest.mark.django_db

NDJSON = "application/x-ndjson"


def lines(*bodies: object) -> bytes:
    return b"".join(json.dumps(body).encode() + b"\n" for body in bodies)


class TestBulk:
    """`POST leads/bulk/` as JSON."""

    def test_each_lead_is_answered_in_order_and_a_bad_one_harms_none(
        self, caller: Caller, company: None
    ) -> None:
        leads = [
            {"email": "a@example.com", "country": "DE"},
            {"email": 5, "emial": "x"},
            {"email": "b@example.com", "country": "DE"},
            {"email": "A@example.com"},
            None,
            "text",
        ]

        response = caller.post("leads/bulk/", {"leads": leads})

        results = response.data["results"]
        assert response.status_code == 200
        assert [result["status"] for result in results] == [201, 400, 201, 200, 400, 400]
        assert results[3]["body"]["id"] == results[0]["body"]["id"]
        pointers = {fault["pointer"] for fault in results[1]["body"]["errors"]}
        assert pointers == {"/leads/1/email", "/leads/1/emial"}
        assert Lead.objects.count() == 2
        assert RefusedSubmission.objects.count() == 3

    def test_a_lead_above_64_kib_is_413_and_harms_none(self, caller: Caller) -> None:
        big = {"email": "big@example.com", "custom": {f"f{i}": "x" * 9_900 for i in range(7)}}

        response = caller.post("leads/bulk/", {"leads": [big, {"email": "a@example.com"}]})

        assert [result["status"] for result in response.data["results"]] == [413, 201]

    def test_no_leads_are_no_results(self, caller: Caller) -> None:
        assert caller.post("leads/bulk/", {"leads": []}).data == {"results": []}

    def test_more_than_a_thousand_are_413(self, caller: Caller) -> None:
        leads = [{"email": "a@example.com"}] * 1_001

        assert_problem(caller.post("leads/bulk/", {"leads": leads}), 413)
        assert not Lead.objects.exists()

    @pytest.mark.parametrize(
        ("body", "pointers"),
        [
            ({}, {"/leads"}),
            ({"leads": {}}, {"/leads"}),
            ({"leads": None}, {"/leads"}),
            ({"leads": [], "laeds": []}, {"/laeds"}),
            ([], {""}),
        ],
    )
    def test_a_wrong_envelope_is_400(
        self, caller: Caller, body: object, pointers: set[str]
    ) -> None:
        problem = assert_problem(caller.post("leads/bulk/", body), 400)

        assert {fault["pointer"] for fault in problem["errors"]} == pointers


class TestJobs:
    """`POST leads/bulk/` as lines, and the job it makes."""

    def test_lines_become_a_job_with_results(self, caller: Caller, company: None) -> None:
        raw = lines({"email": "a@example.com", "country": "DE"}, {"emial": "x"}) + b"{\n\n"

        started = caller.post("leads/bulk/", raw=raw, media_type=NDJSON)

        job = started.data
        assert started.status_code == 202
        assert started.headers["Location"].endswith(f"/api/v1/jobs/{job['id']}/")
        assert (job["state"], job["total"], job["done"]) == ("queued", 3, 0)

        job_runs.run_job(Job.objects.get().pk)
        done = caller.get(f"jobs/{job['id']}/").data
        assert (done["state"], done["done"], done["failed"]) == ("done", 3, 2)
        assert len(done["errors"]) == 2

        response = caller.get(done["results"].removeprefix("http://testserver"))
        assert response.headers["Content-Type"] == NDJSON
        results = [json.loads(line) for line in response.getvalue().splitlines()]
        assert [result["status"] for result in results] == [201, 400, 400]
        assert results[0]["body"]["owner"]["key"] == "ana"

    @pytest.mark.parametrize("raw", [b"", b"\n\n", b"   "])
    def test_no_lines_are_400(self, caller: Caller, raw: bytes) -> None:
        assert_problem(caller.post("leads/bulk/", raw=raw, media_type=NDJSON), 400)
        assert not Job.objects.exists()

    def test_more_than_100_000_lines_are_413(self, caller: Caller) -> None:
        raw = b"{}\n" * 100_001

        assert_problem(caller.post("leads/bulk/", raw=raw, media_type=NDJSON), 413)

    def test_lines_of_any_bytes_make_a_job(self, caller: Caller, company: None) -> None:
        raw = b"\xff\xfe\n\x00\n[1]\nnull\n" + b"[" * 5_000 + b'\n{"\\u0000\\ud800": 1}\n'

        started = caller.post("leads/bulk/", raw=raw, media_type=NDJSON)
        job_runs.run_job(Job.objects.get().pk)

        assert caller.get(f"jobs/{started.data['id']}/").data["failed"] == 6


class TestBulkReassign:
    """`POST leads/bulk-reassign/`."""

    @pytest.fixture
    def body(self, caller: Caller, company: None) -> dict[str, Any]:
        for index in range(4):
            caller.post("leads/", {"email": f"p{index}@example.com", "country": "DE"})
        return {"filter": {"owner": "ana"}, "to": {"rep": "ben"}, "reason": "rep_left"}

    def test_a_preview_counts_by_rep_and_changes_nothing(
        self, caller: Caller, body: dict[str, Any]
    ) -> None:
        response = caller.post("leads/bulk-reassign/", {**body, "preview": True})

        assert response.status_code == 200
        assert response.data["total"] == 2
        assert response.data["by_rep"] == [
            {"rep": "ana", "loses": 2, "gains": 0},
            {"rep": "ben", "loses": 0, "gains": 2},
        ]
        assert Lead.objects.filter(owner_id="ana").count() == 2

    def test_the_job_moves_them(self, caller: Caller, body: dict[str, Any]) -> None:
        response = caller.post("leads/bulk-reassign/", body)
        job_runs.run_job(Job.objects.get().pk)

        assert response.status_code == 202
        assert response.headers["Location"]
        assert caller.get(f"jobs/{response.data['id']}/").data["done"] == 2
        assert not Lead.objects.filter(owner_id="ana").exists()

    def test_only_uncontacted_leaves_the_contacted(
        self, caller: Caller, body: dict[str, Any]
    ) -> None:
        lead = Lead.objects.filter(owner_id="ana").first()
        assert lead is not None
        caller.post(f"leads/{lead.pk}/contacted/")

        body |= {"only_uncontacted": True, "preview": True}
        assert caller.post("leads/bulk-reassign/", body).data["total"] == 1

    @pytest.mark.parametrize(
        ("filters", "total"),
        [
            ({"email": "P1@EXAMPLE.com"}, 1),
            ({"sla_state": "running"}, 4),
            ({"fallback": False, "status": "assigned"}, 4),
            ({"created_after": "2020-01-01T00:00:00Z"}, 4),
            ({"created_before": "2020-01-01"}, 0),
        ],
    )
    def test_filters_are_those_of_the_list(
        self, caller: Caller, body: dict[str, Any], filters: dict[str, Any], total: int
    ) -> None:
        body |= {"filter": filters, "preview": True}

        assert caller.post("leads/bulk-reassign/", body).data["total"] == total

    @pytest.mark.parametrize(
        ("change", "pointer"),
        [
            ({"filter": {}}, "/filter"),
            ({"filter": {"ownr": "ana"}}, "/filter"),
            ({"filter": {"owner": 5}}, "/filter/owner"),
            ({"filter": {"status": "x"}}, "/filter"),
            ({"filter": []}, "/filter"),
            ({"to": {"rep": 5}}, "/to/rep"),
            ({"reason": "because"}, "/reason"),
            ({"preview": "yes"}, "/preview"),
            ({"only_uncontacted": 1}, "/only_uncontacted"),
            ({"fliter": {}}, "/fliter"),
        ],
    )
    def test_a_wrong_body_is_400(
        self, caller: Caller, body: dict[str, Any], change: dict[str, Any], pointer: str
    ) -> None:
        problem = assert_problem(caller.post("leads/bulk-reassign/", {**body, **change}), 400)

        assert pointer in {fault["pointer"] for fault in problem["errors"]}
