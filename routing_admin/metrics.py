"""Prometheus figures, for those who may see them."""

import secrets
from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django_prometheus.exports import ExportToDjangoView

from .env import is_loopback


def metrics(request: HttpRequest) -> HttpResponse:
    """The figures of this process, for the bearer of METRICS_TOKEN.

    Without a token set: for callers on this machine, and only where the whole site is for this
    machine alone, since behind a proxy every caller looks local. All others get 404.
    """
    if not _may_see(request):
        raise Http404
    response: HttpResponse = ExportToDjangoView(request)
    return response


def _may_see(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "").encode()
        return secrets.compare_digest(given, f"Bearer {settings.METRICS_TOKEN}".encode())
    site = urlsplit(settings.BASE_URL).hostname or ""
    return is_loopback(site) and is_loopback(request.META.get("REMOTE_ADDR", ""))
