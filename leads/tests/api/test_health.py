"""Health for probes, the API's description, limits per key."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.core.management import call_command
from django.utils import timezone

from leads.models import WorkerHeartbeat

from .conftest import Caller, assert_problem

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the broker be there without a server."""
    monkeypatch.setattr("leads.api.health._check_broker", lambda: "ok")


class TestHealth:
    """`health/…`."""

    @pytest.mark.parametrize("path", ["health/live", "health/live/"])
    def test_live_needs_no_key_and_no_database(
        self, path: str, django_assert_num_queries: Any
    ) -> None:
        with django_assert_num_queries(0):
            response = Caller(None).get(path)

        assert response.status_code == 200
        assert response.data == {"status": "ok"}

    @pytest.mark.parametrize("path", ["health/ready", "health/ready/"])
    def test_ready_with_a_worker_is_ok(self, path: str) -> None:
        WorkerHeartbeat.objects.beat(name="worker", now=timezone.now())

        response = Caller(None).get(path)

        assert response.status_code == 200
        assert response.data == {
            "status": "ok",
            "checks": {"database": "ok", "broker": "ok", "migrations": "ok", "worker": "ok"},
        }

    def test_a_worker_that_stopped_beating_is_away(self) -> None:
        WorkerHeartbeat.objects.beat(name="worker", now=timezone.now() - timedelta(minutes=5))

        response = Caller(None).get("health/ready")

        assert response.status_code == 200
        assert response.data["status"] == "degraded"
        assert response.data["checks"]["worker"] == "away"

    def test_a_broker_that_fails_is_503(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail() -> str:
            raise ConnectionRefusedError

        monkeypatch.setattr("leads.api.health._check_broker", fail)

        response = Caller(None).get("health/ready")

        assert response.status_code == 503
        assert int(response.headers["Retry-After"]) > 0
        assert response.data["checks"]["broker"] == "failed"

    def test_a_database_that_fails_is_503(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail() -> str:
            raise OSError

        monkeypatch.setattr("leads.api.health._check_database", fail)

        response = Caller(None).get("health/ready")

        assert response.status_code == 503
        assert response.data["checks"]["database"] == "failed"

    def test_another_method_is_405(self) -> None:
        assert_problem(Caller(None).post("health/ready"), 405)


class TestLimits:
    """Requests a minute."""

    def test_the_limit_is_told_and_kept(self, make_caller: Callable[..., Caller]) -> None:
        caller = make_caller(rate_limit=2)

        with time_machine.travel("2026-11-22T09:00:15Z", tick=False):
            first = caller.get("leads/")
            caller.get("leads/")
            third = caller.get("leads/")

        assert first.headers["RateLimit-Policy"] == '"key";q=2;w=60'
        assert first.headers["RateLimit"] == '"key";r=1;t=45'
        assert_problem(third, 429)
        assert third.headers["Retry-After"] == "45"
        assert third.headers["RateLimit"] == '"key";r=0;t=45'

    def test_the_next_minute_starts_anew(self, make_caller: Callable[..., Caller]) -> None:
        caller = make_caller(rate_limit=1)
        with time_machine.travel("2026-11-22T09:00:15Z", tick=False):
            caller.get("leads/")
            assert_problem(caller.get("leads/"), 429)

        with time_machine.travel("2026-11-22T09:01:00Z", tick=False):
            assert caller.get("leads/").status_code == 200

    def test_each_key_counts_alone(self, make_caller: Callable[..., Caller]) -> None:
        one = make_caller(name="one", rate_limit=1)
        two = make_caller(name="two", rate_limit=1)
        one.get("leads/")

        assert two.get("leads/").status_code == 200

    def test_without_a_limit_there_are_no_headers(self, caller: Caller) -> None:
        assert "RateLimit" not in caller.get("leads/").headers

    def test_a_cache_that_is_away_limits_nobody(
        self, make_caller: Callable[..., Caller], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        caller = make_caller(rate_limit=1)

        def fail(*_: object, **__: object) -> None:
            raise ConnectionError

        monkeypatch.setattr(cache, "incr", fail)

        assert caller.get("leads/").status_code == 200
        assert caller.get("leads/").status_code == 200


class TestDescription:
    """The OpenAPI document and its pages."""

    def test_the_document_is_valid_and_without_warnings(self, tmp_path: Any) -> None:
        call_command(
            "spectacular", validate=True, fail_on_warn=True, file=str(tmp_path / "schema.yaml")
        )

    def test_it_names_every_endpoint(self) -> None:
        response = Caller(None).get("schema/?format=json")

        paths = response.json()["paths"]
        assert response.status_code == 200
        assert set(paths["/api/v1/leads/"]) == {"get", "post"}
        assert "/api/v1/reps/{key}/absences/{absence_id}/" in paths
        receive = paths["/api/v1/leads/"]["post"]
        assert {"200", "201", "400", "401", "403", "413", "415", "422", "429", "503"} <= set(
            receive["responses"]
        )

    @pytest.mark.parametrize(
        ("method", "path", "status"),
        [
            ("POST", "schema/", 405),
            ("PUT", "docs/", 405),
            ("GET", "schema/?format=xml", 404),
        ],
    )
    def test_its_failures_are_problems_too(self, method: str, path: str, status: int) -> None:
        assert_problem(Caller(None).call(method, path), status)

    def test_the_pages_load_nothing_from_elsewhere(self) -> None:
        page = Caller(None).get("docs/")

        assert page.status_code == 200
        text = page.content.decode()
        assert "<script>" not in text
        assert "//cdn" not in text
