"""Leads that were kept while routing was not live are released, oldest first, after a preview."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone

from leads import snapshot
from leads.engine.vocabulary import Mode
from leads.errors import Busy, Conflict
from leads.services import release
from leads.services.answers import names_of
from territories.revisions import actor_of

from .base import RecordAdmin

#: Released by one press: a request that a person waits for.
AT_ONCE = 500


def release_page(admin: RecordAdmin, request: HttpRequest) -> HttpResponse:
    """Who would get the oldest waiting leads; the button releases them."""
    admin.require(request, "change")
    if request.method == "POST":
        return _release(admin, request)
    settings = snapshot.live().config.settings
    is_live = settings is not None and settings.mode is Mode.LIVE
    preview = release.release_preview(now=timezone.now(), limit=AT_ONCE) if is_live else None
    rows = preview["by_rep"] if preview else []
    names = names_of(row["rep"] for row in rows if row["rep"])
    return admin.page(
        request,
        "lead/release.html",
        title="Release held leads",
        is_live=is_live,
        total=preview["total"] if preview else release.waiting().count(),
        at_once=AT_ONCE,
        rows=[(names.get(row["rep"], row["rep"]) or "nobody yet", row["leads"]) for row in rows],
        cancel_url=admin.page_url("changelist"),
    )


def _release(admin: RecordAdmin, request: HttpRequest) -> HttpResponse:
    try:
        count = release.release_held(actor=actor_of(request), now=timezone.now(), limit=AT_ONCE)
    except (Busy, Conflict) as error:
        messages.error(request, f"Nothing was released: {error}.")
        return HttpResponseRedirect(admin.page_url("release"))
    messages.success(request, f"{count} leads were released, the oldest first.")
    left = release.waiting().exists()
    return HttpResponseRedirect(admin.page_url("release" if left else "changelist"))
