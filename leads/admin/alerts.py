"""The alert log: what was told to whom, what came of it, and another try for what was given up."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import action
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold.decorators import display

from leads.models import Alert
from leads.models.alert import AlertKind, AlertState
from leads.services.alerts import send_again

from .base import Page, RecordAdmin
from .cells import badge, link, moment
from .filters import ChoiceFilter, Choices
from .record_page import record_page

GIVEN_UP = (AlertState.FAILED.value, AlertState.DEAD.value)


class StateFilter(ChoiceFilter):
    title = "state"
    parameter_name = column = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return list(AlertState.choices)


class KindFilter(ChoiceFilter):
    title = "kind"
    parameter_name = column = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return list(AlertKind.choices)


@admin.register(Alert)
class AlertAdmin(RecordAdmin):
    """Alerts, newest first; failed and dead ones can be sent again, one or many."""

    list_display = ("made", "rep_link", "kind", "way", "state_badge", "error_text", "lead_link")
    list_filter = (StateFilter, KindFilter)
    search_fields = ("rep__name", "rep__key", "lead__email", "lead__company")
    ordering = ("-id",)
    actions = ("send_selected_again",)
    list_title = "Alerts, newest first"
    empty_title = "No alerts yet"
    empty_text = "Each new lead, warning and breach alerts the people concerned."

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Alert]":
        return super().get_queryset(request).select_related("rep", "channel", "lead")

    def pages(self) -> Iterable[Page]:
        return (("<uuid:object_id>/again/", "again", self.again_view),)

    def has_send_alerts_permission(self, request: HttpRequest) -> bool:
        """Whether sending again is offered: the admin asks by this name."""
        return self.may(request, "change")

    @action(description="Send selected again", permissions=["send_alerts"])
    def send_selected_again(self, request: HttpRequest, queryset: "QuerySet[Alert]") -> None:
        self._send_again(request, list(queryset.values_list("pk", flat=True)))

    def again_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Send one alert again; asked by the form on its page."""
        self.require(request, "change")
        row = self.row_or_404(request, object_id)
        if request.method == "POST":
            self._send_again(request, [row.pk])
        return HttpResponseRedirect(self.page_url("change", row.pk))

    def _send_again(self, request: HttpRequest, keys: list[Any]) -> None:
        count = send_again(alert_ids=keys, now=timezone.now())
        text = f"{count} will be sent again." if count else "Only failed and dead ones can be."
        messages.success(request, text)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        self.require(request)
        row = self.row_or_404(request, object_id)
        return record_page(
            self,
            request,
            row,
            facts=[
                ("Lead", self.lead_link(row)),
                ("Rep", self.rep_link(row)),
                ("Kind", row.kind),
                ("By", self.way(row)),
                ("State", self.state_badge(row)),
                ("Error", row.error or "–"),
                ("Tries", row.attempts),
                ("Made", moment(row.created_at)),
                (
                    "Next try",
                    moment(row.next_try_at if row.state in ("pending", "failed") else None),
                ),
                ("Sent", moment(row.sent_at)),
            ],
            template="alert.html",
            again_url=self._again_url(request, row),
        )

    def _again_url(self, request: HttpRequest, row: Alert) -> str:
        if row.state in GIVEN_UP and self.may(request, "change"):
            return self.page_url("again", row.pk)
        return ""

    # --- Columns --------------------------------------------------------------------------

    @display(description="When", ordering="id")
    def made(self, row: Alert) -> SafeString:
        return moment(row.created_at)

    @display(description="Rep")
    def rep_link(self, row: Alert) -> SafeString:
        return link("territories_rep", row.rep_id, row.rep.name)

    @display(description="By")
    def way(self, row: Alert) -> str:
        return row.channel.name if row.channel else "e-mail"

    @display(description="State")
    def state_badge(self, row: Alert) -> SafeString:
        return badge(row.state)

    @display(description="Error")
    def error_text(self, row: Alert) -> str:
        return row.error[:80] or "–"

    @display(description="Lead")
    def lead_link(self, row: Alert) -> SafeString:
        return link("leads_lead", row.lead_id, row.lead)
