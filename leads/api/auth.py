"""Who calls, and what they may do: API keys by scope, admin users by permission."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, CSRFCheck

from leads.models import ApiKey
from leads.models.api_key import Scope

from .problems import CHALLENGE, Problem

SCHEME = "bearer"

# What an admin user needs in place of a key's scope.
PERMISSIONS: dict[str, str] = {
    Scope.LEADS_WRITE: "leads.change_lead",
    Scope.LEADS_READ: "leads.view_lead",
    Scope.OUTCOMES_WRITE: "leads.add_outcome",
    Scope.CONFIG_READ: "territories.view_rule",
    Scope.CONFIG_WRITE: "territories.change_rule",
    Scope.REPORTS_READ: "leads.view_assignment",
}

if TYPE_CHECKING:

    class ApiRequest(HttpRequest):
        """A request whose caller is known: `auth` is the key, or None where `user` signed in."""

        auth: ApiKey | None
        id: str
else:
    ApiRequest = HttpRequest


def unauthenticated(detail: str) -> Problem:
    """Return the problem of a caller who is not known: 401 with a challenge."""
    return Problem(401, detail, headers={"WWW-Authenticate": CHALLENGE})


class ApiKeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer <key>`: one indexed read a request."""

    def authenticate(self, request: HttpRequest) -> tuple[Any, ApiKey | None] | None:  # type: ignore[override]
        """Return the anonymous user and the key's row; None where no key was sent.

        Raises a 401 Problem for a key that is unknown or not valid now and from there.
        """
        header = request.META.get("HTTP_AUTHORIZATION", "")
        if not header:
            return None
        scheme, _, text = header.partition(" ")
        key = ApiKey.objects.find(text.strip()) if scheme.lower() == SCHEME else None
        if key is None:
            raise unauthenticated("The key is unknown.")
        now = timezone.now()
        refusal = key.refusal(now=now, address=request.META.get("REMOTE_ADDR"))
        if refusal is not None:
            raise unauthenticated(refusal)
        key.note_use(now=now)
        return AnonymousUser(), key


class SessionAuthentication(BaseAuthentication):
    """An admin user's session, with the CSRF token that pages send as `X-CSRFToken`."""

    def authenticate(self, request: HttpRequest) -> tuple[Any, ApiKey | None] | None:  # type: ignore[override]
        """Return the user of the session; None where there is none.

        Raises a 403 Problem unless an unsafe request carries the token.
        """
        if not request.user.is_authenticated:
            return None
        try:
            check: Any = CSRFCheck(lambda _: HttpResponse())
            check.process_request(request)
            reason = check.process_view(request, None, (), {})
        except (SuspiciousOperation, UnreadablePostError) as error:
            # The check looks for the token in a form; a broken one holds none.
            raise Problem(403, "CSRF failed: the body is unreadable.") from error
        if reason:
            raise Problem(403, f"CSRF failed: {reason}")
        return request.user, None


AUTHENTICATORS = (ApiKeyAuthentication, SessionAuthentication)


def identify(request: ApiRequest) -> None:
    """Set the request's `user` and `auth`; raise a 401 Problem for nobody."""
    for authenticator in AUTHENTICATORS:
        found = authenticator().authenticate(request)
        if found is not None:
            request.user, request.auth = found
            return
    raise unauthenticated("Send a key: Authorization: Bearer <key>.")


def require_scope(request: ApiRequest, scopes: Mapping[str, Scope]) -> None:
    """Raise a 403 Problem unless the caller has the scope that the method needs."""
    scope = scopes.get("GET" if request.method == "HEAD" else str(request.method))
    if scope is None:
        return
    if request.auth is not None:
        allowed = request.auth.has_scope(scope)
    else:
        allowed = request.user.has_perm(PERMISSIONS[scope])
    if not allowed:
        raise Problem(403, f"This needs the scope {scope.value}.")
