"""How endpoints describe themselves in the OpenAPI document."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema

from .problems import MEDIA_TYPE
from .shapes import ProblemShape

REASONS = {
    400: "The body or a parameter is wrong; every fault is listed.",
    401: "No key, or one that is not valid here and now.",
    403: "The key lacks the scope.",
    404: "There is no such thing.",
    405: "The method is not allowed here.",
    409: "The change does not fit the present state.",
    413: "The body is too large.",
    415: "The media type is not taken.",
    422: "The Idempotency-Key was used with another body.",
    429: "The key's limit is used up; see Retry-After.",
    503: "Not available now; see Retry-After.",
}
GUARDED = (401, 403, 405, 429, 503)
READING = (*GUARDED, 400)
WRITING = (*GUARDED, 400, 409, 413, 415)

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="Repeats within 24 hours are given the first answer.",
)


class KeyScheme(OpenApiAuthenticationExtension):
    """The API key as a security scheme."""

    target_class = "leads.api.auth.ApiKeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        """Return the bearer scheme."""
        return {"type": "http", "scheme": "bearer", "description": "A key with scopes."}


class SessionScheme(OpenApiAuthenticationExtension):
    """An admin user's session as a security scheme."""

    target_class = "leads.api.auth.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        """Return the cookie scheme."""
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}


def problems(statuses: Iterable[int]) -> dict[tuple[int, str], OpenApiResponse]:
    """Return the descriptions of failures by status and media type."""
    return {
        (status, MEDIA_TYPE): OpenApiResponse(ProblemShape, description=REASONS[status])
        for status in sorted(set(statuses))
    }


def text_parameter(name: str, description: str, **options: Any) -> OpenApiParameter:
    """Return the description of a query parameter."""
    return OpenApiParameter(name, OpenApiTypes.STR, description=description, **options)


PAGE = (
    text_parameter("cursor", "From `next` or `previous` of another page."),
    OpenApiParameter("limit", OpenApiTypes.INT, description="Rows of a page, 1 to 200 (50)."),
)


def reads(
    operation: str, answer: Any, *, parameters: Iterable[OpenApiParameter] = (), named: bool = False
) -> Callable[[Any], Any]:
    """Describe a GET; `named` where its path names a thing that may not exist."""
    statuses = (*READING, 404) if named else READING
    return extend_schema(
        operation_id=operation,
        parameters=list(parameters),
        responses={**_success(answer, 200), **problems(statuses)},
    )


def writes(
    operation: str,
    body: Any,
    answers: Mapping[int, Any],
    *,
    named: bool = False,
    posted: bool = True,
) -> Callable[[Any], Any]:
    """Describe a POST (`posted`), PATCH or DELETE with its body and its answers by status."""
    statuses = [*WRITING, *([404] if named else []), *([422] if posted else [])]
    responses: dict[Any, Any] = {}
    for status, answer in answers.items():
        responses.update(_success(answer, status))
    return extend_schema(
        operation_id=operation,
        parameters=[IDEMPOTENCY_KEY] if posted else [],
        request=body,
        responses={**responses, **problems(statuses)},
    )


def _success(answer: Any, status: int) -> dict[Any, Any]:
    if isinstance(answer, Mapping):
        return {(status, media_type): shape for media_type, shape in answer.items()}
    return {status: answer}
