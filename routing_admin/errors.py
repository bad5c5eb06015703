"""Answers to requests that no view could answer: problem documents for the API, else pages.

Problem documents are RFC 9457, with the members of the API's own.
"""

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt

TITLES = {
    400: "Bad request",
    403: "Forbidden",
    404: "Not found",
    413: "Content too large",
    429: "Too many requests",
    500: "Internal error",
}
DETAILS = {
    400: "The request could not be understood.",
    403: "You may not do this.",
    404: "There is nothing at this address.",
    413: "The request is larger than this server accepts.",
    429: "Too many attempts. Try again in a quarter of an hour.",
    500: "Something went wrong on our side. The request's id helps to find it in the log.",
}


def answer(request: HttpRequest, status: int) -> HttpResponse:
    """A problem document under /api/, a small page elsewhere."""
    members: dict[str, Any] = {
        "type": "about:blank",
        "title": TITLES[status],
        "status": status,
        "detail": DETAILS[status],
        "request_id": getattr(request, "id", None),
        "errors": [],
    }
    if request.path_info.startswith("/api/"):
        return JsonResponse(members, status=status, content_type="application/problem+json")
    return render(request, "problem.html", {"problem": members}, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(request, 413 if isinstance(exception, RequestDataTooBig) else 400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(request, 403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return answer(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(request, 404)


@csrf_exempt
def missing(request: HttpRequest, rest: str) -> HttpResponse:
    """The view of addresses that nothing answers."""
    return answer(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    return answer(request, 500)


def locked_out(request: HttpRequest, credentials: object, *args: object) -> HttpResponse:
    """The answer to a sign-in after too many failures (called by django-axes)."""
    response = answer(request, 429)
    response["Retry-After"] = "900"
    return response
