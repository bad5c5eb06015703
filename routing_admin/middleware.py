"""What every request passes: proxy headers, an id, one line in the log, the content policy."""

import ipaddress
import re
import time
import uuid
from collections.abc import Callable, Iterable

import structlog
from csp.constants import UNSAFE_EVAL, UNSAFE_INLINE
from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from .env import Network

Handler = Callable[[HttpRequest], HttpResponse]
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_SANE_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
log = structlog.get_logger("request")


class ProxyMiddleware:
    """Takes the caller's address and scheme from X-Forwarded-* of trusted proxies, else drops them.

    The caller is the last address of X-Forwarded-For that is no trusted proxy: what stands
    before it was written by the caller.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response
        self.trusted: list[Network] = settings.TRUSTED_PROXIES

    def __call__(self, request: HttpRequest) -> HttpResponse:
        meta = request.META
        sender = _address(meta.get("REMOTE_ADDR", ""))
        if sender is not None and self._trusts(sender):
            forwarded = meta.get("HTTP_X_FORWARDED_FOR", "").split(",")
            meta["REMOTE_ADDR"] = str(self._caller(sender, reversed(forwarded)))
        else:
            for name in ("FOR", "PROTO", "HOST", "PORT"):
                meta.pop(f"HTTP_X_FORWARDED_{name}", None)
        return self.get_response(request)

    def _trusts(self, address: Address) -> bool:
        return any(address in network for network in self.trusted)

    def _caller(self, sender: Address, hops: Iterable[str]) -> Address:
        caller = sender
        for hop in hops:
            address = _address(hop.strip())
            if address is None:
                break
            caller = address
            if not self._trusts(address):
                break
        return caller


def _address(text: str) -> Address | None:
    """The address in the text; an IPv4 one in IPv6 clothes as IPv4; None when it is none."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


class RequestMiddleware:
    """Gives each request an `id` (X-Request-ID where it is sane), answers it, logs one line."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        request_id = given if _SANE_ID.fullmatch(given) else uuid.uuid4().hex
        request.id = request_id  # type: ignore[attr-defined]
        started = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self.get_response(request)
            response["X-Request-ID"] = request_id
            match = request.resolver_match
            log.info(
                "request",
                method=request.method,
                route=match.route if match else None,  # the path may hold personal data
                status=response.status_code,
                milliseconds=round((time.perf_counter() - started) * 1000, 1),
            )
        return response


#: Answers of the API are no pages: nothing is to be loaded or framed from them.
DOCUMENTATION = "/api/v1/docs/"
API_POLICY = "default-src 'none'; frame-ancestors 'none'"


class PolicyMiddleware(CSPMiddleware):
    """Strict content policy; wider only where a page of others needs it.

    Alpine in the admin's theme evaluates expressions ('unsafe-eval'), and the theme writes its
    colours as an inline style. The API's documentation page styles inline too.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        path = request.path_info
        if path.startswith("/api/") and not path.startswith(DOCUMENTATION):
            response.headers["Content-Security-Policy"] = API_POLICY
            return response
        answered: HttpResponseBase = super().process_response(request, response)
        return answered

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts: PolicyParts = super().get_policy_parts(request, response, report_only)
        if parts.config is None and parts.replace is None and not report_only:
            parts.update = {**_exceptions(request.path_info), **(parts.update or {})}
        return parts


def _exceptions(path: str) -> dict[str, list[str]]:
    if path.startswith(DOCUMENTATION):
        return {"style-src": [UNSAFE_INLINE]}
    if path.startswith(("/api/", "/l/", "/metrics", settings.STATIC_URL)):
        return {}
    return {"script-src": [UNSAFE_EVAL], "style-src": [UNSAFE_INLINE]}
