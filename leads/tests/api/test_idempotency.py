"""Repeated POSTs with an Idempotency-Key: one work, one answer."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from leads.models import ApiKey, IdempotencyRecord, Lead, Submission
from leads.models.api_key import Scope

from .conftest import Caller, assert_problem

LEAD = {"email": "ada@example.com", "country": "DE"}


def post(caller: Caller, body: object, key: str = "k1", path: str = "leads/") -> Any:
    return caller.post(path, body, headers={"Idempotency-Key": key})


@pytest.mark.django_db
class TestReplay:
    """The second answer is the first one."""

    def test_the_same_key_and_body_give_the_stored_answer(
        self, caller: Caller, company: None
    ) -> None:
        first = post(caller, LEAD)
        second = post(caller, LEAD)

        assert (first.status_code, second.status_code) == (201, 201)
        assert second.content == first.content
        assert "Idempotent-Replay" not in first.headers
        assert second.headers["Idempotent-Replay"] == "true"
        assert second.headers["Content-Type"] == "application/json"
        assert Submission.objects.count() == 1

    def test_another_body_is_422_and_does_nothing(self, caller: Caller, company: None) -> None:
        post(caller, LEAD)

        assert_problem(post(caller, {"email": "bob@example.com"}), 422)

        assert Lead.objects.count() == 1
        assert post(caller, LEAD).headers["Idempotent-Replay"] == "true"

    def test_another_path_or_caller_is_another_scope(
        self, caller: Caller, make_caller: Callable[..., Caller], company: None
    ) -> None:
        other = make_caller(name="other")
        post(caller, LEAD)

        assert "Idempotent-Replay" not in post(caller, LEAD, path="route/").headers
        assert "Idempotent-Replay" not in post(other, LEAD).headers

    def test_a_refusal_is_replayed_too(self, caller: Caller) -> None:
        first = post(caller, {"compnay": "Acme"})
        second = post(caller, {"compnay": "Acme"})

        assert_problem(first, 400)
        assert second.content == first.content
        assert second.headers["Idempotent-Replay"] == "true"
        assert second.headers["Content-Type"] == "application/problem+json"

    def test_the_location_of_a_job_is_replayed(self, caller: Caller, company: None) -> None:
        options = {
            "raw": b'{"email": "a@example.com"}\n',
            "media_type": "application/x-ndjson",
            "headers": {"Idempotency-Key": "k1"},
        }

        first = caller.post("leads/bulk/", **options)
        second = caller.post("leads/bulk/", **options)

        assert first.status_code == second.status_code == 202
        assert second.headers["Location"] == first.headers["Location"]

    def test_a_failure_of_the_server_is_not_stored(
        self, caller: Caller, company: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as broken:
            broken.setattr("leads.services.intake.receive_lead", _busy)
            assert_problem(post(caller, LEAD), 503)

        assert post(caller, LEAD).status_code == 201

    def test_a_refused_caller_is_not_stored(
        self, make_caller: Callable[..., Caller], company: None
    ) -> None:
        caller = make_caller(Scope.LEADS_READ)
        assert_problem(post(caller, LEAD), 403)
        key = ApiKey.objects.get()
        key.scopes = [Scope.LEADS_WRITE]
        key.save()

        assert post(caller, LEAD).status_code == 201

    @pytest.mark.parametrize("key", ["", " ", "a" * 256, "é", "a\tb"])
    def test_a_malformed_key_is_400(self, caller: Caller, key: str) -> None:
        assert_problem(post(caller, LEAD, key=key), 400)
        assert not Lead.objects.exists()

    def test_a_key_of_255_characters_is_taken(self, caller: Caller) -> None:
        assert post(caller, LEAD, key="a" * 255).status_code == 201

    def test_after_a_day_the_key_is_free_again(self, caller: Caller, company: None) -> None:
        start = timezone.now()
        with time_machine.travel(start, tick=False):
            post(caller, LEAD)
        with time_machine.travel(start + timedelta(hours=24, seconds=1), tick=False):
            again = post(caller, {"email": "bob@example.com"})

        assert again.status_code == 201
        assert IdempotencyRecord.objects.count() == 1

    def test_a_purge_takes_what_is_over(self, caller: Caller) -> None:
        post(caller, LEAD)
        now = timezone.now()

        assert IdempotencyRecord.objects.purge(now=now) == 0
        assert IdempotencyRecord.objects.purge(now=now + timedelta(days=1)) == 1

    @pytest.mark.django_db(transaction=True)
    def test_the_key_costs_four_statements(
        self, caller: Caller, company: None, django_assert_max_num_queries: Any
    ) -> None:
        post(caller, LEAD)  # the key's last use, the compiled configuration
        with django_assert_max_num_queries(20) as plain:
            caller.post("leads/", {"email": "b@example.com", "country": "DE"})
        with django_assert_max_num_queries(20) as keyed:
            post(caller, {"email": "c@example.com", "country": "DE"}, key="k2")

        # Claim, answer, and the savepoint that the work's transaction becomes.
        assert len(keyed) - len(plain) <= 4


def _busy(**_: object) -> None:
    from leads.errors import Busy

    raise Busy


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_the_second_waits_and_replays(caller: Caller, company: None) -> None:
    responses = at_once(8, lambda: post(caller, LEAD))

    assert {response.status_code for response in responses} == {201}
    assert len({response.content for response in responses}) == 1
    replays = [r for r in responses if "Idempotent-Replay" in r.headers]
    assert len(replays) == 7
    assert Submission.objects.count() == 1


def at_once(count: int, call: Callable[[], Any]) -> list[Any]:
    """Return the results of `count` calls from as many threads that start together."""
    barrier = threading.Barrier(count)
    results: list[Any] = []

    def run() -> None:
        barrier.wait()
        try:
            results.append(call())
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
