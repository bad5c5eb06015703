"""The view all endpoints share: identity, scope, limits, idempotency, problems, JSON.

It keeps REST framework's authentication, permissions and documentation, and leaves its parsers
and renderers aside: bodies are read with bounds of their own, answers are plain JSON. That is less
work a request and leaves one place where errors are made.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cached_property, partial
from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from rest_framework.renderers import JSONRenderer
from rest_framework.views import APIView

from leads.body import MAX_LEAD_BYTES, parse_json
from leads.models.api_key import Scope

from . import bodies
from .auth import AUTHENTICATORS, ApiRequest, identify, require_scope
from .idempotency import HEADER as IDEMPOTENCY_HEADER
from .idempotency import answer_once, claim_of
from .problems import Problem, failure_response, problem_response
from .throttling import Usage, count_request


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no place in an answer")


def encode(data: object) -> str:
    """Return data as JSON in ASCII: characters that UTF-8 cannot carry stay escaped."""
    return json.dumps(data, default=_plain, allow_nan=False, separators=(",", ":"))


def json_response(
    data: object, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> HttpResponse:
    """Return a JSON response."""
    return HttpResponse(
        encode(data), status=status, content_type=bodies.JSON, headers=dict(headers or {})
    )


class ApiView(APIView):
    """Answers one path; subclasses write `get`, `post`, `patch` or `delete`.

    Handlers are given Django's own request, with the caller set on it.
    """

    request: ApiRequest  # type: ignore[assignment]

    # Empty on a path that is open to anybody.
    authentication_classes: ClassVar[tuple[type, ...]] = AUTHENTICATORS  # type: ignore[misc]
    renderer_classes = (JSONRenderer,)
    http_method_names: ClassVar[list[str]] = ["get", "head", "post", "patch", "delete"]  # type: ignore[misc]

    # The scope that each method needs.
    scopes: ClassVar[Mapping[str, Scope]] = {}
    # The media types and the size of a body.
    media_types: ClassVar[tuple[str, ...]] = (bodies.JSON,)
    body_limit: ClassVar[int] = MAX_LEAD_BYTES
    # The query parameters that are read; others are refused.
    parameters: ClassVar[tuple[str, ...]] = ()

    usage: Usage | None = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Return the answer to a request, whatever happens."""
        try:
            response = self.answer(*args, **kwargs)
        except Exception as error:
            response = self.handle_exception(error)
        if self.usage is not None:
            for name, value in self.usage.headers().items():
                response.headers.setdefault(name, value)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    def answer(self, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Return the answer to a request of somebody who may send it."""
        request = self.request
        method = str(request.method).lower()
        handler = getattr(self, method, None) if method in self.http_method_names else None
        if self.authentication_classes:
            identify(request)
            require_scope(request, self.scopes)
            if request.auth is not None:
                self.usage = count_request(request.auth)
        if handler is None:
            allow = {"Allow": ", ".join(self.allowed_methods)}
            raise Problem(405, f"{method.upper()[:20]} is not allowed here.", headers=allow)
        work: Callable[[], HttpResponse] = partial(handler, request, *args, **kwargs)
        if method != "post" or IDEMPOTENCY_HEADER not in request.META:
            return work()
        claim = claim_of(request, request.auth or request.user, self.body)
        return answer_once(claim, work, self.handle_exception)

    def handle_exception(self, error: Exception) -> HttpResponse:
        """Return the problem document of a failure."""
        try:
            self.note_refusal(error)
        except Exception as failure:
            # What should have been kept was not: the caller is told to send it again.
            return failure_response(self.request, failure)
        return failure_response(self.request, error)

    def note_refusal(self, error: Exception) -> None:
        """Keep what must not be lost of a request that is about to be refused."""

    @cached_property
    def media_type(self) -> str:
        """The body's media type; a 415 Problem is raised unless it is allowed."""
        return bodies.require_media_type(self.request, self.media_types)

    @cached_property
    def body(self) -> bytes:
        """The body's bytes, of an allowed media type and size; otherwise a Problem is raised."""
        bodies.require_media_type(self.request, self.media_types)
        return bodies.read_body(self.request, limit=self.body_limit)

    def json(self) -> Any:
        """Return the parsed body; InvalidLead is raised where it is not strict JSON."""
        return parse_json(self.body)


@csrf_exempt
def not_found(request: HttpRequest) -> HttpResponse:
    """Return a 404 problem, with a hint where only the final slash is missing."""
    hint = "" if request.path.endswith("/") else " Paths end with a slash."
    return problem_response(request, Problem(404, f"There is nothing at this path.{hint}"))
