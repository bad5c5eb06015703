"""Naughty strings and wrong types in every text of the API: refused or taken, never a failure."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from leads import snapshot
from leads.body import NUMBER_FIELDS, TEXT_FIELDS

from .conftest import Caller, assert_problem

pytestmark = pytest.mark.django_db

LIST = Path(__file__).parents[4] / "shared/data/bad_input/blns.json"
WRONG: list[Any] = [None, True, 0, -1, 1.5, 10**18, "", "x", [], [[]], {}, {"a": None}]
NOT_NAUGHTY = ["\x00", "a\x00b", "\ud800", "\udfff\ud800", "\U000e0001", "\x7f\x80", "x" * 11_000]


@pytest.fixture
def company(company: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Compile the configuration once: a revision that is not committed is otherwise compiled for
    each of many calls."""
    router = snapshot.live()
    monkeypatch.setattr(snapshot, "live", lambda *_: router)


@cache
def naughty() -> list[str]:
    """Return the big list of naughty strings and some of our own; our own where it is absent."""
    listed = json.loads(LIST.read_text()) if LIST.exists() else []
    return [*listed, *NOT_NAUGHTY]


def some() -> list[str]:
    """Return every seventh of them, for places that all take the same way."""
    return [*naughty()[::7], *NOT_NAUGHTY]


def check(response: Any) -> None:
    """Accept success or a problem document below 500."""
    if response.status_code >= 400:
        assert response.status_code < 500, (response.status_code, response.content[:300])
        assert_problem(response, response.status_code)


def test_the_list_is_there_or_said_to_be_absent() -> None:
    if not LIST.exists():
        pytest.skip("the big list of naughty strings is not on this machine")
    assert len(naughty()) > 400


def test_naughty_strings_in_every_text_of_a_lead(caller: Caller, company: None) -> None:
    for index, text in enumerate(naughty()):
        body: dict[str, Any] = dict.fromkeys(TEXT_FIELDS, text)
        body |= {"product_interest": [text], "received_at": text}
        body |= {"crm_ids": {"crm": text}, "custom": {"note": text, "many": [text]}}
        body["external_id"] = f"{index}{text}"
        check(caller.post("leads/", body))
        check(caller.post("leads/bulk/", {"leads": [{"email": text}, {"company": text}]}))


def test_naughty_strings_as_names_of_members(caller: Caller, company: None) -> None:
    for text in naughty():
        check(caller.post("leads/", {"company": "x", text: 1}))
        check(caller.post("leads/", {"company": "x", "custom": {text: "v"}, "crm_ids": {text: ""}}))
    for text in some():
        check(caller.post("config/plan/", {text: 1}))
        check(caller.post("leads/bulk-reassign/", {"filter": {text: "x"}}))


def test_naughty_strings_in_small_bodies(caller: Caller, company: None) -> None:
    lead = caller.post("leads/", {"email": "a@example.com", "country": "DE"}).data["id"]
    for text in naughty():
        told = {"status": "accepted", "reason": text, "source": text}
        given = {"to": {"rep": "ana"}, "reason": "other", "note": text}
        check(caller.post(f"leads/{lead}/contacted/", {"by": text, "channel": text}))
        check(caller.post(f"leads/{lead}/outcome/", told))
        check(caller.post(f"leads/{lead}/reassign/", given))
        check(caller.call("PATCH", f"leads/{lead}/", {"city": text, "title": text}))
    for text in some():
        wrong = {"to": {"rep": text}, "reason": text, "note": text}
        check(caller.post(f"leads/{lead}/contacted/", {"at": text, "by": text}))
        check(caller.post(f"leads/{lead}/outcome/", {"status": text, "currency": text}))
        check(caller.post(f"leads/{lead}/reassign/", wrong))


def test_naughty_strings_in_configuration(caller: Caller, company: None) -> None:
    for text in naughty():
        document = {
            "version": 1,
            "skills": [{"key": text, "name": text, "kind": text}],
            "value_lists": [{"key": "l", "name": text, "kind": "other", "values": [text]}],
            text: [],
        }
        check(caller.post("config/plan/", {"document": document, "reason": text}))
    for text in some():
        absence = {"start": "2020-01-01T00:00:00Z", "end": "2020-01-02T00:00:00Z", "reason": text}
        check(caller.post("reps/ana/absences/", absence))
        named = {"version": 1, "skills": [{"key": "s", "name": text}]}
        check(caller.post("config/apply/", {"document": named, "reason": text}))


def test_naughty_strings_in_paths_and_queries(caller: Caller, company: None) -> None:
    for text in some():
        word = quote(text.encode("utf-8", "surrogatepass")[:500], safe="")
        check(caller.get(f"reps/{word}/"))
        check(caller.get(f"leads/{word}/"))
        for name in ("owner", "email", "status", "created_after", "cursor", "limit", word):
            check(caller.get(f"leads/?{name}={word}"))


def test_wrong_types_in_every_field(caller: Caller, company: None) -> None:
    for field in (*TEXT_FIELDS, *NUMBER_FIELDS, "product_interest", "crm_ids", "custom"):
        for value in WRONG:
            check(caller.post("leads/", {"company": "Acme", field: value}))
            check(caller.post("route/", {"company": "Acme", field: value}))


def test_wrong_types_in_small_bodies(caller: Caller, company: None) -> None:
    lead = caller.post("leads/", {"email": "a@example.com", "country": "DE"}).data["id"]
    shapes = {
        "contacted": ("at", "by", "channel"),
        "outcome": ("status", "at", "amount", "currency", "reason", "source"),
        "reassign": ("to", "reason", "note"),
    }
    for value in WRONG:
        for action, fields in shapes.items():
            check(caller.post(f"leads/{lead}/{action}/", value))
            for field in fields:
                check(caller.post(f"leads/{lead}/{action}/", {field: value}))
        check(caller.post("config/apply/", {"document": value, "reason": value, "prune": value}))
        check(caller.post("config/plan/", {"document": {"version": value, "rules": value}}))
        check(caller.post("leads/bulk/", {"leads": value}))
        check(caller.post("leads/bulk/", {"leads": [value]}))
        check(caller.post("leads/bulk-reassign/", {"filter": value, "to": value, "reason": value}))
        check(caller.post("leads/bulk-reassign/", {"filter": {"owner": value}}))
