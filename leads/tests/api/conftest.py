"""A small company, a key with every scope, and a client that speaks JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from leads.models import ApiKey
from leads.models.api_key import Scope
from territories import document as documents
from territories.revisions import Actor, revision

BASE = "/api/v1/"
COMMAND = Actor(kind="command", name="test")

DOCUMENT: dict[str, Any] = {
    "version": 1,
    "settings": {
        "timezone": "UTC",
        "mode": "live",
        "fallback": {"pool": "catch-all"},
        "exceptions_owner": "maria",
    },
    "teams": [{"key": "emea", "name": "EMEA", "manager": "maria"}],
    "reps": [
        {"key": "ana", "name": "Ana Ruiz", "email": "ana@example.com", "team": "emea"},
        {"key": "ben", "name": "Ben Ode", "email": "ben@example.com", "team": "emea"},
        {"key": "maria", "name": "Maria Sol", "email": "maria@example.com"},
    ],
    "pools": [
        {"key": "dach-sdr", "name": "DACH SDRs", "members": [{"rep": "ana"}, {"rep": "ben"}]},
        {"key": "catch-all", "name": "Catch all", "members": [{"rep": "maria"}]},
    ],
    "sla_policies": [{"key": "demo", "name": "Demo", "respond_within_minutes": 5}],
    "rules": [
        {
            "key": "dach",
            "name": "DACH inbound",
            "priority": 40,
            "conditions": {"field": "country", "op": "in", "value": ["DE", "AT", "CH"]},
            "route_to": {"pool": "dach-sdr"},
            "fallback": [{"pool": "catch-all"}],
            "sla": "demo",
        }
    ],
}


class Caller:
    """Calls the API with one key; answers carry `.data`, the parsed body."""

    def __init__(self, key: str | None, **defaults: Any) -> None:
        self.client = Client(**defaults)
        self.headers = {"Authorization": f"Bearer {key}"} if key else {}

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        raw: bytes | None = None,
        media_type: str = "application/json",
        headers: dict[str, str] | None = None,
    ) -> Any:
        """Return the response to one request; `path` is below /api/v1/ unless it is absolute."""
        data = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        response = self.client.generic(
            method,
            path if path.startswith("/") else BASE + path,
            data,
            content_type=media_type,
            headers={**self.headers, **(headers or {})},
        )
        kind = response.headers.get("Content-Type", "")
        is_json = kind in ("application/json", "application/problem+json") and method != "HEAD"
        response.data = json.loads(response.content) if is_json else None
        return response

    def get(self, path: str, **options: Any) -> Any:
        """Return the response to a GET."""
        return self.call("GET", path, **options)

    def post(self, path: str, body: object = None, **options: Any) -> Any:
        """Return the response to a POST."""
        return self.call("POST", path, body, **options)


@pytest.fixture
def make_caller(db: None) -> Callable[..., Caller]:
    """Return a function that makes a caller whose new key has the given scopes."""

    def make(*scopes: str, name: str = "test", **options: Any) -> Caller:
        _, key = ApiKey.objects.issue(name=name, scopes=scopes or Scope.values, **options)
        return Caller(key)

    return make


@pytest.fixture
def caller(make_caller: Callable[..., Caller]) -> Caller:
    """Return a caller that may do everything."""
    return make_caller()


@pytest.fixture
def company(db: None) -> None:
    """Put a small configuration into force."""
    configure(DOCUMENT)


def configure(document: dict[str, Any]) -> None:
    """Apply a configuration document."""
    with revision(actor=COMMAND, reason="test"):
        documents.apply(document)


def assert_problem(response: Any, status: int) -> dict[str, Any]:
    """Return the problem document of a response after checking its status and its shape."""
    assert response.status_code == status, response.content[:500]
    assert response.headers["Content-Type"] == "application/problem+json"
    problem: dict[str, Any] = response.data
    assert set(problem) == {"type", "title", "status", "detail", "request_id", "errors"}
    assert problem["status"] == status
    assert problem["request_id"]
    for fault in problem["errors"]:
        assert set(fault) == {"pointer", "code", "detail"}
        assert fault["pointer"] == "" or fault["pointer"].startswith("/")
    return problem
