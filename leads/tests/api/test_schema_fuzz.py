"""Requests generated from the API's own description: nothing fails, every answer is described."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    response_schema_conformance,
    status_code_conformance,
)

from leads.models import ApiKey
from leads.models.api_key import Scope
from routing_admin.wsgi import application

from .conftest import DOCUMENT, configure

CHECKS = [not_a_server_error, status_code_conformance, response_schema_conformance]
DESCRIBED = schemathesis.openapi.from_dict(SchemaGenerator().get_schema(request=None, public=True))
DESCRIBED.app = application
OPERATIONS = {
    operation.label: operation
    for operation in (result.ok() for result in DESCRIBED.get_all_operations())
    if "/health/" not in operation.label and "/schema/" not in operation.label
}


@pytest.fixture(autouse=True)
def _open_connection() -> Iterator[None]:
    """Keep the test's connection, which a server's handler closes after each request."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.django_db
@pytest.mark.parametrize("label", OPERATIONS)
def test_generated_requests_are_answered_as_described(label: str) -> None:
    configure(DOCUMENT)
    _, key = ApiKey.objects.issue(name="fuzz", scopes=Scope.values)
    seen = []

    @given(case=OPERATIONS[label].as_strategy())
    @settings(
        max_examples=10,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def ask(case: Any) -> None:
        response = case.call(headers={"Authorization": f"Bearer {key}"})
        case.validate_response(response, checks=CHECKS)
        seen.append(response.status_code)

    ask()
    assert seen
