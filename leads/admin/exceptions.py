"""Exceptions: what needed a fallback, a hold or a person, and who looks into it."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import action, helpers
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextareaWidget

from leads.models import RoutingException
from leads.models.exception import REASONS
from leads.services.exceptions import resolve_exceptions
from territories.revisions import actor_of

from .base import Button, Page, RecordAdmin, posted
from .cells import NOTHING, age, badge, link, moment
from .filters import ChoiceFilter, Choices, OpenFilter, OwnerFilter
from .record_page import record_page


class ReasonFilter(ChoiceFilter):
    title = "reason"
    parameter_name = column = "reason"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [(value, value.replace("_", " ")) for value, _ in REASONS]


class NoteForm(forms.Form):
    """What was found, for whoever asks later."""

    note = forms.CharField(
        required=False,
        max_length=2000,
        widget=UnfoldAdminTextareaWidget({"rows": 3}),
        help_text="What was found, and what was done about it.",
    )


@admin.register(RoutingException)
class RoutingExceptionAdmin(RecordAdmin):
    """An inbox: open ones first to be seen, each with its lead, its owner and its age."""

    list_display = ("reason_text", "lead_link", "owner_name", "age", "opened", "state_badge")
    list_filter = (OpenFilter, ReasonFilter, OwnerFilter)
    search_fields = ("lead__email", "lead__company", "lead__last_name", "note")
    list_select_related = ("lead", "owner", "rep")
    ordering = ("-id",)
    actions = ("resolve_selected",)
    list_title = "Exceptions, newest first"
    empty_title = "No exceptions"
    empty_text = "A fallback, a lead that no territory covers and the like open one here."

    def pages(self) -> Iterable[Page]:
        return (("<uuid:object_id>/resolve/", "resolve", self.resolve_view),)

    def get_queryset(self, request: HttpRequest) -> "QuerySet[RoutingException]":
        return super().get_queryset(request).select_related(*self.list_select_related)

    def has_change_exceptions_permission(self, request: HttpRequest) -> bool:
        """Whether resolving is offered: the admin asks by this name."""
        return self.may(request, "change")

    @action(description="Resolve selected…", permissions=["change_exceptions"])
    def resolve_selected(
        self, request: HttpRequest, queryset: "QuerySet[RoutingException]"
    ) -> HttpResponse:
        form = NoteForm(request.POST if "stage" in request.POST else None)
        ids = list(queryset.filter(resolved_at__isnull=True).values_list("pk", flat=True))
        if form.is_valid():
            self._resolve(request, ids, form)
            return HttpResponseRedirect(request.get_full_path())
        return self.page(
            request,
            "exception/resolve.html",
            title="Resolve exceptions",
            form=form,
            count=len(ids),
            selected=request.POST.getlist(helpers.ACTION_CHECKBOX_NAME),
            select_across=request.POST.get("select_across", "0"),
            checkbox_name=helpers.ACTION_CHECKBOX_NAME,
            cancel_url=request.get_full_path(),
        )

    def resolve_view(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        """Resolve one exception, with a note."""
        self.require(request, "change")
        row = self.row_or_404(request, object_id)
        form = NoteForm(posted(request))
        if form.is_valid():
            self._resolve(request, [row.pk], form)
            return HttpResponseRedirect(self.page_url("changelist"))
        return self.page(
            request,
            "exception/resolve.html",
            title="Resolve",
            original=row,
            form=form,
            count=1,
            cancel_url=self.page_url("change", row.pk),
        )

    def _resolve(self, request: HttpRequest, ids: list[UUID], form: NoteForm) -> None:
        count = resolve_exceptions(
            exception_ids=ids,
            note=form.cleaned_data["note"],
            actor=actor_of(request),
            now=timezone.now(),
        )
        text = f"{count} resolved." if count else "Nothing to do: resolved already."
        messages.success(request, text)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        self.require(request)
        row = self.row_or_404(request, object_id)
        buttons = []
        if row.resolved_at is None and self.may(request, "change"):
            url = self.page_url("resolve", row.pk)
            buttons = [Button(label="Resolve…", url=url, icon="task_alt", primary=True)]
        return record_page(
            self,
            request,
            row,
            facts=[
                ("Reason", row.reason.replace("_", " ")),
                ("Lead", link("leads_lead", row.lead_id, row.lead)),
                ("Assignment", link("leads_assignment", row.assignment_id)),
                ("Rep", link("territories_rep", row.rep_id)),
                ("Reviewed by", link("territories_rep", row.owner_id, row.owner)),
                ("Opened", moment(row.opened_at)),
                ("Resolved", moment(row.resolved_at)),
                ("Resolved by", row.resolved_by or "–"),
                ("Note", row.note or "–"),
            ],
            buttons=buttons,
        )

    # --- Columns --------------------------------------------------------------------------

    @display(description="Reason")
    def reason_text(self, row: RoutingException) -> str:
        return row.reason.replace("_", " ")

    @display(description="Lead or rep")
    def lead_link(self, row: RoutingException) -> SafeString:
        if row.lead_id:
            return link("leads_lead", row.lead_id, row.lead)
        return link("territories_rep", row.rep_id, row.rep.name if row.rep else "")

    @display(description="Owner")
    def owner_name(self, row: RoutingException) -> str:
        return row.owner.name if row.owner else NOTHING

    @display(description="Age")
    def age(self, row: RoutingException) -> str:
        return age(row.opened_at, row.resolved_at or timezone.now())

    @display(description="Opened", ordering="id")
    def opened(self, row: RoutingException) -> SafeString:
        return moment(row.opened_at)

    @display(description="State")
    def state_badge(self, row: RoutingException) -> SafeString:
        return badge("resolved" if row.resolved_at else "open")
