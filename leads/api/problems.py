"""Every failure of the API as one RFC 9457 problem document.

`problem_for` is the table from exceptions to statuses. Whatever is not in it is a defect: it is
logged with its traceback and answered 500, still as a problem document.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any

from django.core import exceptions as django_errors
from django.core.signals import got_request_exception
from django.db import DataError, IntegrityError, InterfaceError, OperationalError, models
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from rest_framework import exceptions as rest_errors

from leads.errors import Busy, Conflict, Fault, InvalidLead, NotFound, StaleConfiguration
from leads.snapshot import ConfigurationMoving
from territories import document as documents
from territories.document import InvalidDocument

logger = logging.getLogger(__name__)

# As RFC 9110 has them; Python's are those of an older text.
PHRASES = {413: "Content Too Large", 422: "Unprocessable Content"}
MEDIA_TYPE = "application/problem+json"
CHALLENGE = 'Bearer realm="api"'
RETRY_AFTER_SECONDS = 2


class Problem(Exception):
    """An answer other than success: a status, a sentence, and the faults of the body."""

    def __init__(
        self,
        status: int,
        detail: str,
        errors: Iterable[Fault] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})

    @property
    def title(self) -> str:
        """The status's standard phrase, as RFC 9457 asks for the type `about:blank`."""
        return PHRASES.get(self.status) or HTTPStatus(self.status).phrase

    def document(self, request_id: str) -> dict[str, Any]:
        """Return the problem document."""
        return {
            "type": "about:blank",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "request_id": request_id,
            "errors": [
                {"pointer": fault.pointer, "code": fault.code, "detail": fault.detail}
                for fault in self.errors
            ],
        }


def request_id_of(request: HttpRequest) -> str:
    """Return the id that the request middleware gave, by which the log finds the request."""
    return str(getattr(request, "id", ""))


def problem_response(request: HttpRequest, problem: Problem) -> HttpResponse:
    """Return the response that carries a problem."""
    return HttpResponse(
        json.dumps(problem.document(request_id_of(request))),
        status=problem.status,
        content_type=MEDIA_TYPE,
        headers=problem.headers,
    )


def invalid(faults: Iterable[Fault]) -> Problem:
    """Return the problem of a body with faults."""
    listed = tuple(faults)
    count = "one fault" if len(listed) == 1 else f"{len(listed)} faults"
    return Problem(400, f"The request has {count}.", listed)


def pointer_of(steps: Iterable[str | int]) -> str:
    """Return the JSON pointer (RFC 6901) of a path."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def document_fault(fault: documents.Fault) -> Fault:
    """Return a configuration document's fault with a pointer below `/document`."""
    detail = f"{fault.path}: {fault.detail}" if fault.path else fault.detail
    return Fault(f"/document{fault.pointer}", fault.code, detail)


def rest_faults(detail: Any, steps: tuple[str | int, ...] = ()) -> list[Fault]:
    """Return the faults in a REST framework error detail, which nests like the body does."""
    if isinstance(detail, dict):
        inner = [(step, value) for step, value in detail.items()]
        return [
            fault
            for step, value in inner
            for fault in rest_faults(value, steps if step == "non_field_errors" else (*steps, step))
        ]
    if isinstance(detail, list):
        return [
            fault
            for index, value in enumerate(detail)
            for fault in rest_faults(
                value, (*steps, index) if isinstance(value, dict | list) else steps
            )
        ]
    return [Fault(pointer_of(steps), getattr(detail, "code", "invalid") or "invalid", str(detail))]


def model_faults(error: django_errors.ValidationError) -> list[Fault]:
    """Return the faults of a model's validation, one a message."""
    if not hasattr(error, "error_dict"):
        return [
            Fault("", one.code or "invalid", " ".join(one.messages)) for one in error.error_list
        ]
    return [
        Fault(
            "" if name == django_errors.NON_FIELD_ERRORS else pointer_of([name]),
            one.code or "invalid",
            " ".join(one.messages),
        )
        for name, listed in error.error_dict.items()
        for one in listed
    ]


def _rest_problem(error: rest_errors.APIException) -> Problem:
    if isinstance(error, rest_errors.ValidationError):
        return invalid(rest_faults(error.detail))
    headers = {}
    if error.status_code == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = CHALLENGE
    return Problem(error.status_code, str(error.detail), headers=headers)


def _suspicious_problem(error: django_errors.SuspiciousOperation) -> Problem:
    if isinstance(error, django_errors.RequestDataTooBig):
        return Problem(413, "The body is too large.")
    return Problem(400, "The request is malformed.")


def _data_problem(error: Exception) -> Problem:
    # Validation should have met this value first: the log entry is what a defect report needs.
    logger.error("The database refused a value", exc_info=error)
    return Problem(400, "The request holds a value that cannot be stored.")


def _database_problem(error: Exception) -> Problem:
    logger.error("The database failed", exc_info=error)
    return unavailable("The database is not available.")


def unavailable(detail: str) -> Problem:
    """Return the problem of a service that will be back: 503 with `Retry-After`."""
    return Problem(503, detail, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})


# In order: the first type that fits decides, so special types come before general ones.
TABLE: tuple[tuple[type[Exception], Callable[[Any], Problem]], ...] = (
    (Problem, lambda error: error),
    (InvalidLead, lambda error: invalid(error.faults)),
    (InvalidDocument, lambda error: invalid(map(document_fault, error.faults))),
    (NotFound, lambda error: Problem(404, str(error) or "There is no such thing.")),
    (Http404, lambda error: Problem(404, "There is no such thing.")),
    (django_errors.ObjectDoesNotExist, lambda error: Problem(404, "There is no such thing.")),
    (Conflict, lambda error: Problem(409, error.detail)),
    (models.ProtectedError, lambda error: Problem(409, "Something else depends on it.")),
    (Busy, lambda error: unavailable("Too many calls wait for the same rows.")),
    (StaleConfiguration, lambda error: unavailable("The configuration is changing.")),
    (ConfigurationMoving, lambda error: unavailable("The configuration is changing.")),
    (rest_errors.APIException, _rest_problem),
    (django_errors.PermissionDenied, lambda error: Problem(403, "Not permitted.")),
    (django_errors.ValidationError, lambda error: invalid(model_faults(error))),
    (django_errors.SuspiciousOperation, _suspicious_problem),
    (UnreadablePostError, lambda error: Problem(400, "The body could not be read.")),
    (IntegrityError, lambda error: Problem(409, "Somebody else changed this; try again.")),
    (DataError, _data_problem),
    (OperationalError, _database_problem),
    (InterfaceError, _database_problem),
)


def problem_for(error: Exception) -> Problem | None:
    """Return the problem that an exception stands for, or None where it is a defect."""
    for kind, make in TABLE:
        if isinstance(error, kind):
            return make(error)
    return None


def failure_response(request: HttpRequest, error: Exception) -> HttpResponse:
    """Return the response to a request that raised; a defect is logged and signalled."""
    problem = problem_for(error)
    if problem is None:
        logger.error(
            "Unexpected failure in %s %s (request %s)",
            request.method,
            request.path,
            request_id_of(request),
            exc_info=error,
        )
        got_request_exception.send(sender=None, request=request)
        problem = Problem(500, "The server failed; the request id finds it in the log.")
    return problem_response(request, problem)
