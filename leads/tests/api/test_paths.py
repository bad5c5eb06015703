"""Paths, methods and queries that do not exist: a problem document each time."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import override_settings

from .conftest import BASE, Caller, assert_problem

pytestmark = pytest.mark.django_db

NOWHERE = "00000000-0000-7000-8000-000000000000"


@pytest.mark.parametrize(
    "path",
    [
        "nothing/",
        "leads",
        "leads/1/",
        "leads/not-a-lead/",
        f"leads/{NOWHERE}x/",
        f"leads/{NOWHERE}/nothing/",
        "leads/%00/",
        "leads/%ff%fe/",
        "jobs/x/",
        "revisions/-1/",
        "revisions/x/",
        "reps/a%00b/",
        "reps/a b/",
        "reports/nothing/",
        "../../etc/passwd",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "TRACE"])
def test_an_unknown_path_is_404_for_anybody(path: str, method: str) -> None:
    assert_problem(Caller(None).call(method, path), 404)


def test_a_missing_slash_is_hinted_at() -> None:
    problem = assert_problem(Caller(None).get("leads"), 404)

    assert "slash" in problem["detail"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", f"leads/{NOWHERE}/"),
        ("GET", f"leads/{NOWHERE}/assignments/"),
        ("GET", f"leads/{NOWHERE}/trace/"),
        ("PATCH", f"leads/{NOWHERE}/"),
        ("POST", f"leads/{NOWHERE}/contacted/"),
        ("GET", f"jobs/{NOWHERE}/"),
        ("GET", f"jobs/{NOWHERE}/results/"),
        ("GET", "revisions/7/"),
        ("GET", f"revisions/{10**30}/"),
        ("GET", "reps/nobody/"),
        ("DELETE", "reps/nobody/absences/1/"),
        ("DELETE", f"reps/nobody/absences/{10**30}/"),
    ],
)
def test_a_thing_that_does_not_exist_is_404(caller: Caller, method: str, path: str) -> None:
    body = {} if method in ("PATCH", "POST") else None

    assert_problem(caller.call(method, path, body), 404)


def test_a_reassignment_of_nothing_is_404(caller: Caller, company: None) -> None:
    body = {"to": {"rep": "ana"}, "reason": "other"}

    assert_problem(caller.post(f"leads/{NOWHERE}/reassign/", body), 404)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "TRACE", "BREW"])
def test_another_method_is_405_and_names_the_right_ones(caller: Caller, method: str) -> None:
    response = caller.call(method, "leads/")

    assert_problem(response, 405)
    assert "POST" in response.headers["Allow"]


def test_head_answers_like_get_without_a_body(caller: Caller) -> None:
    response = caller.call("HEAD", "leads/")

    assert response.status_code == 200
    assert response.content == b""


@pytest.mark.parametrize(
    "query",
    [
        "status=asigned",
        "model=nothing",
        "fallback=maybe",
        "sla_state=late",
        "created_after=yesterday",
        "created_before=2026-13-45",
        "created_after=9999-99-99T00:00:00Z",
        "owner=%00",
        "email=a%00b",
        "limit=0",
        "limit=-1",
        "limit=1000000",
        "limit=99999999999999999999",
        "limit=x",
        "cursor=x",
        "cursor=%00",
        "cursor=bjp4",
        "cursor=bjoAAA",
        "ownr=ana",
        "%00=1",
    ],
)
def test_a_wrong_query_is_400(caller: Caller, query: str) -> None:
    problem = assert_problem(caller.get(f"leads/?{query}"), 400)

    assert len(problem["errors"]) == 1


def test_every_fault_of_a_query_is_listed(caller: Caller) -> None:
    problem = assert_problem(caller.get("leads/?status=x&model=y&ownr=z"), 400)

    assert len(problem["errors"]) == 3
    assert any("did you mean 'owner'" in fault["detail"] for fault in problem["errors"])


@pytest.mark.parametrize("query", ["%ff=%fe", "a=" + "x" * 5000, "&&&==", "owner=" + "x" * 5000])
def test_a_broken_query_is_400(caller: Caller, query: str) -> None:
    assert caller.get(f"leads/?{query}").status_code in (200, 400)


def test_a_wrong_host_is_a_problem(caller: Caller) -> None:
    with override_settings(ALLOWED_HOSTS=["desk.example.com"]):
        response = caller.call("GET", f"{BASE}leads/", headers={"Host": "evil.example.com"})

    assert_problem(response, 400)
    assert settings.ALLOWED_HOSTS


def test_an_unexpected_failure_is_a_problem_with_an_id(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("defect")

    monkeypatch.setattr("leads.api.leads.select_leads", fail)
    caller.client.raise_request_exception = False

    problem = assert_problem(caller.get("leads/"), 500)

    assert "defect" not in str(problem)
