"""Refused submissions: why each was refused, its body as it came, mended and submitted again."""

import json
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextareaWidget

from leads.errors import Busy, Conflict, InvalidLead
from leads.models import RefusedSubmission
from leads.services import refusals
from territories.revisions import actor_of

from .base import RecordAdmin, posted, show_faults
from .cells import badge, link, moment
from .filters import OpenFilter
from .record_page import Table, Text, record_page


class MendForm(forms.Form):
    """The body, to be mended."""

    body = forms.CharField(
        strip=False,
        widget=UnfoldAdminTextareaWidget({"rows": 16, "spellcheck": "false"}),
        help_text="One lead as a JSON object.",
    )


@admin.register(RefusedSubmission)
class RefusedSubmissionAdmin(RecordAdmin):
    """Bodies that could not be taken, kept for 30 days."""

    list_display = ("when", "first_fault", "faults_count", "sender", "path", "state_badge")
    list_filter = (OpenFilter,)
    search_fields = ("path", "actor_name")
    ordering = ("-id",)
    list_title = "Refused submissions, newest first"
    empty_title = "No refused submissions"
    empty_text = "A body that the API refuses is kept here for 30 days, to be mended."

    def get_queryset(self, request: HttpRequest) -> Any:
        rows = super().get_queryset(request).select_related("lead")
        match = request.resolver_match
        is_list = match is not None and match.url_name == self.page_name("changelist")
        return rows.defer("body") if is_list else rows

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        self.require(request)
        row = self.row_or_404(request, object_id)
        text = bytes(row.body).decode(errors="replace")
        may_mend = (
            row.resolved_at is None
            and self.may(request, "change")
            and request.user.has_perm("leads.add_lead")
        )
        form = None
        if may_mend:
            form = MendForm(posted(request), initial={"body": indented(text)})
            if form.is_valid() and (answer := self._resubmit(request, row, form)):
                return answer
        elif request.method == "POST":
            raise PermissionDenied
        faults = [
            (fault["pointer"] or "(the whole)", fault["code"], fault["detail"])
            for fault in row.faults
        ]
        return record_page(
            self,
            request,
            row,
            template="refused.html",
            facts=[
                ("Refused", moment(row.at)),
                ("Sent to", row.path),
                ("By", f"{row.actor_name or 'nobody'} ({row.actor_kind or 'unknown'})"),
                ("Kept until", moment(row.expires_at)),
                ("Received after all", moment(row.resolved_at)),
                ("Lead", link("leads_lead", row.lead_id, row.lead)),
            ],
            tables=[Table(title="Why", head=("Place", "Code", "Fault"), rows=faults)],
            texts=[Text(title="As it came", text=text, fold=form is not None)],
            form=form,
        )

    def _resubmit(
        self, request: HttpRequest, row: RefusedSubmission, form: MendForm
    ) -> HttpResponse | None:
        """The lead's page, or None with what is still wrong on the form."""
        try:
            receipt = refusals.resubmit(
                refused_id=row.pk,
                body=form.cleaned_data["body"].encode(errors="replace"),
                actor=actor_of(request),
                now=timezone.now(),
            )
        except InvalidLead as error:
            show_faults(form, error.faults)
            return None
        except (Busy, Conflict) as error:
            form.add_error(None, f"Not submitted: {error}.")
            return None
        messages.success(request, f"Received. {receipt.answer['explanation']}")
        if request.user.has_perm("leads.view_lead"):
            return HttpResponseRedirect(reverse("admin:leads_lead_change", args=[receipt.lead_id]))
        return HttpResponseRedirect(self.page_url("changelist"))

    # --- Columns --------------------------------------------------------------------------

    @display(description="Refused", ordering="id")
    def when(self, row: RefusedSubmission) -> SafeString:
        return moment(row.at)

    @display(description="First fault")
    def first_fault(self, row: RefusedSubmission) -> str:
        return f"{row.faults[0]['pointer']} {row.faults[0]['detail']}" if row.faults else "–"

    @display(description="Faults")
    def faults_count(self, row: RefusedSubmission) -> int:
        return len(row.faults)

    @display(description="Sent by")
    def sender(self, row: RefusedSubmission) -> str:
        return row.actor_name or "–"

    @display(description="State")
    def state_badge(self, row: RefusedSubmission) -> SafeString:
        return badge("received" if row.resolved_at else "open")


def indented(text: str) -> str:
    """JSON with one member a line; anything else as it is."""
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text
