"""Bodies that cannot be read: a problem document each time, never a failure."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pytest
from django.db import OperationalError
from django.test import RequestFactory

from leads.api import bodies
from leads.api.problems import Problem
from leads.models import Lead, RefusedSubmission

from .conftest import Caller, assert_problem

pytestmark = pytest.mark.django_db

LEAD = {"email": "ada@example.com"}
KIB = 1024

UNREADABLE = {
    "not JSON": b"{",
    "empty": b"",
    "a list": b"[]",
    "text": b'"lead"',
    "null": b"null",
    "a number": b"1",
    "two values": b"{}{}",
    "invalid UTF-8": b'{"email": "\xff\xfe@example.com"}',
    "UTF-16": '{"email": "a@example.com"}'.encode("utf-16"),
    "duplicate keys": b'{"email": "a@example.com", "email": "b@example.com"}',
    "not a number": b'{"email": "a@example.com", "score": NaN}',
    "infinite": b'{"email": "a@example.com", "score": 1e999}',
    "huge integer": b'{"email": "a@example.com", "employees": ' + b"9" * 5000 + b"}",
    "65 bits": b'{"email": "a@example.com", "employees": 18446744073709551616}',
    "deep lists": b"[" * 30_000 + b"]" * 30_000,
    "deep objects": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "deep custom": b'{"email": "a@example.com", "custom": ' + b'{"a":' * 60 + b"1" + b"}" * 61,
}
POSTS = [
    "leads/",
    "leads/bulk/",
    "leads/bulk-reassign/",
    "route/",
    "config/plan/",
    "config/apply/",
    "reps/ana/absences/",
]


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize("name", UNREADABLE)
def test_an_unreadable_body_is_400_everywhere(caller: Caller, path: str, name: str) -> None:
    response = caller.post(path, raw=UNREADABLE[name])

    assert assert_problem(response, 400)["errors"]


@pytest.mark.parametrize(
    "media_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "multipart/form-data",
        "application/xml",
        "application/json; charset=utf-16",
        "application/x-ndjson",
        "nonsense",
    ],
)
def test_another_media_type_is_415(caller: Caller, media_type: str) -> None:
    response = caller.post("leads/", LEAD, media_type=media_type)

    assert_problem(response, 415)
    assert not Lead.objects.exists()


@pytest.mark.parametrize(
    "media_type", ["application/json", "application/json; charset=utf-8", "APPLICATION/JSON", ""]
)
def test_json_in_utf_8_is_taken(caller: Caller, media_type: str) -> None:
    assert caller.post("leads/", LEAD, media_type=media_type).status_code == 201


def test_a_lead_of_64_kib_is_taken_and_one_byte_more_is_413(caller: Caller) -> None:
    empty = len(json.dumps({**LEAD, "custom": {}}).encode())
    names = {f"field{i}": "x" * 9_000 for i in range(7)}
    body = {**LEAD, "custom": names}
    body["custom"]["rest"] = ""
    room = 64 * KIB - len(json.dumps(body).encode())
    body["custom"]["rest"] = "x" * room
    assert empty < 64 * KIB

    assert caller.post("leads/", body).status_code == 201
    body["custom"]["rest"] += "x"
    assert_problem(caller.post("leads/", body), 413)


@pytest.mark.parametrize("path", [*POSTS, "leads/00000000-0000-7000-8000-000000000000/outcome/"])
def test_ten_megabytes_are_refused(caller: Caller, path: str) -> None:
    raw = b'{"email": "' + b"a" * 10_000_000 + b'"}'

    response = caller.post(path, raw=raw)

    assert response.status_code in (400, 413)
    assert_problem(response, response.status_code)


def request(body: bytes, **environ: Any) -> Any:
    made = RequestFactory().generic("POST", "/", body, content_type="application/json")
    made.META.update(environ)
    return made


def test_a_body_shorter_than_its_length_is_400() -> None:
    made = RequestFactory().generic("POST", "/", b"{}", content_type="application/json")
    made.META["CONTENT_LENGTH"] = "100"

    with pytest.raises(Problem) as caught:
        bodies.read_body(made, limit=KIB)
    assert caught.value.status == 400


@pytest.mark.parametrize("length", ["-1", "1e3", "٣", "x"])
def test_a_length_that_is_no_number_is_400(length: str) -> None:
    with pytest.raises(Problem) as caught:
        bodies.read_body(request(b"{}", CONTENT_LENGTH=length), limit=KIB)
    assert caught.value.status == 400


def chunked(body: bytes) -> Any:
    made = request(b"", HTTP_TRANSFER_ENCODING="chunked")
    made.META.pop("CONTENT_LENGTH", None)
    made.META["wsgi.input"] = BytesIO(body)
    made.META["wsgi.input_terminated"] = True
    return made


def test_a_chunked_body_is_read_to_its_end() -> None:
    assert bodies.read_body(chunked(b"{}"), limit=KIB) == b"{}"


def test_a_chunked_body_has_the_same_limit() -> None:
    with pytest.raises(Problem) as caught:
        bodies.read_body(chunked(b"x" * (KIB + 1)), limit=KIB)
    assert caught.value.status == 413


def test_a_declared_length_above_the_limit_is_413_however_little_comes() -> None:
    with pytest.raises(Problem) as caught:
        bodies.read_body(request(b"{}", CONTENT_LENGTH=str(10**30)), limit=KIB)
    assert caught.value.status == 413


def test_a_refused_lead_is_kept_as_it_came(caller: Caller) -> None:
    raw = b'{"email": 5, "compnay": "Acme"}'

    problem = assert_problem(caller.post("leads/", raw=raw), 400)

    kept = RefusedSubmission.objects.get()
    assert bytes(kept.body) == raw
    assert len(kept.faults) == len(problem["errors"]) == 2
    assert kept.actor_kind == "api_key"


def test_a_refused_lead_that_cannot_be_kept_is_to_be_sent_again(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_: object) -> None:
        raise OperationalError

    monkeypatch.setattr("leads.services.refusals.keep", fail)

    response = caller.post("leads/", {"compnay": "Acme"})

    assert_problem(response, 503)
    assert response.headers["Retry-After"]


def test_a_refused_lead_of_nobody_known_is_not_kept() -> None:
    assert_problem(Caller(None).post("leads/", {"compnay": "Acme"}), 401)

    assert not RefusedSubmission.objects.exists()


def test_a_dry_run_keeps_nothing(caller: Caller) -> None:
    assert_problem(caller.post("route/", {"compnay": "Acme"}), 400)

    assert not RefusedSubmission.objects.exists()
