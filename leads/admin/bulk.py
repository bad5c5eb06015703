"""Reassign selected leads: choose a target, see who gains and loses, confirm; a job does it.

Each stage is posted to the list again with the same selection, as the admin's own actions do, so
that "all that match the filter" is chosen anew by the same filter.
"""

from collections import Counter
from functools import partial
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.admin import helpers
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from unfold.widgets import UnfoldBooleanWidget

from leads import tasks
from leads.engine.vocabulary import LeadStatus
from leads.errors import InvalidLead
from leads.models import Job, Lead
from leads.services import bulk_reassign, job_runs, jobs
from leads.services.answers import names_of
from territories.revisions import actor_of

from .base import RecordAdmin, show_faults
from .lead_actions import PLACES, ReassignForm

#: So many leads are decided for the preview; who loses is counted over all of them.
PREVIEWED = 500
#: So few are done at once, within the request.
AT_ONCE = 100


class BulkForm(ReassignForm):
    """One target and one reason for all selected leads."""

    only_uncontacted = forms.BooleanField(
        required=False,
        widget=UnfoldBooleanWidget(),
        help_text="Leave those alone whose owner has responded.",
    )
    field_order = ("target", "rep", "pool", "reason", "only_uncontacted")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["note"]


def reassign_selected(
    admin: RecordAdmin, request: HttpRequest, queryset: "QuerySet[Lead]"
) -> HttpResponse:
    """The form, the preview or the job, by the stage that was posted."""
    stage = request.POST.get("stage", "")
    form = BulkForm(request.POST if stage else None)
    ids = _chosen(queryset, only_uncontacted="only_uncontacted" in request.POST)
    context: dict[str, Any] = {}
    if stage and form.is_valid():
        try:
            if stage == "confirm":
                return _start(admin, request, form, ids)
            context = _preview(request, form, ids)
        except InvalidLead as error:
            show_faults(form, error.faults, PLACES)
    return admin.page(
        request,
        "lead/bulk_reassign.html",
        title="Reassign selected leads",
        form=form,
        total=len(ids),
        closed=queryset.filter(status=LeadStatus.CLOSED.value).count(),
        selected=request.POST.getlist(helpers.ACTION_CHECKBOX_NAME),
        select_across=request.POST.get("select_across", "0"),
        checkbox_name=helpers.ACTION_CHECKBOX_NAME,
        cancel_url=request.get_full_path(),
        **context,
    )


def _chosen(queryset: "QuerySet[Lead]", *, only_uncontacted: bool) -> list[UUID]:
    """The open ones of the selected leads, oldest first."""
    leads = queryset.exclude(status=LeadStatus.CLOSED.value)
    if only_uncontacted:
        leads = leads.filter(responded_at__isnull=True)
    return list(leads.order_by("id").values_list("pk", flat=True))


def _preview(request: HttpRequest, form: BulkForm, ids: list[UUID]) -> dict[str, Any]:
    """Who loses and gains how many; gains are of the oldest leads where they are many."""
    answer = bulk_reassign.preview_leads(
        lead_ids=ids[:PREVIEWED],
        to=form.to(),
        reason=form.cleaned_data["reason"],
        actor=actor_of(request),
        now=timezone.now(),
    )
    changes = {row["rep"] or "": (row["loses"], row["gains"]) for row in answer["by_rep"]}
    names = names_of(changes)
    return {
        "by_rep": [
            (names.get(rep, rep) or "nobody", loses, gains)
            for rep, (loses, gains) in changes.items()
        ],
        "refused": Counter(row["detail"] for row in answer["refused"]).most_common(),
        "previewed": min(len(ids), PREVIEWED),
        "is_part": len(ids) > PREVIEWED,
        "is_preview": True,
    }


def _start(
    admin: RecordAdmin, request: HttpRequest, form: BulkForm, ids: list[UUID]
) -> HttpResponse:
    """Make the job and go to its page; a small one is done at once."""
    if not ids:
        messages.warning(request, "No open lead was selected; nothing was changed.")
        return HttpResponseRedirect(admin.page_url("changelist"))
    said = form.cleaned_data
    params = {
        "filter": {},
        "to": dict(form.to()),
        "reason": said["reason"],
        "only_uncontacted": said["only_uncontacted"],
    }
    job = jobs.create_reassign_job(
        lead_ids=ids, params=params, actor=actor_of(request), now=timezone.now()
    )
    wake(job, count=len(ids))
    messages.success(request, f"{len(ids)} leads are being reassigned.")
    if request.user.has_perm("leads.view_job"):
        return HttpResponseRedirect(reverse("admin:leads_job_change", args=[job.pk]))
    return HttpResponseRedirect(admin.page_url("changelist"))


def wake(job: Job, *, count: int) -> None:
    """Do a small job now; leave a large one to the workers, who find it even if the message is
    lost."""
    if count <= AT_ONCE:
        job_runs.run_job(job.pk)
    else:
        transaction.on_commit(partial(tasks.run_job.delay, str(job.pk)), robust=True)
