"""What is due now: leads that wait for a first response, by the time that is left."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold.decorators import display

from leads.models import SlaClock
from leads.services.clocks import due_now
from territories.models import SlaPolicy

from .base import RecordAdmin
from .cells import age, badge, link, moment
from .filters import ChoiceFilter, Choices, OwnerFilter


class ClockOwnerFilter(OwnerFilter):
    column = "owner"


class PolicyFilter(ChoiceFilter):
    title = "SLA policy"
    parameter_name = column = "policy"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return list(SlaPolicy.objects.order_by("name").values_list("key", "name"))


@admin.register(SlaClock)
class SlaClockAdmin(RecordAdmin):
    """Clocks that run, the most pressing first; those that ran out stand on top."""

    list_display = ("lead_link", "owner_link", "policy", "time_left", "due", "started", "state")
    list_display_links = None
    list_filter = (ClockOwnerFilter, PolicyFilter)
    search_fields = ("lead__email", "lead__company", "lead__last_name")
    ordering = ("due_at",)
    list_title = "Due now, by the time that is left"
    empty_title = "Nothing is due"
    empty_text = "Every lead with a response time was responded to."

    def get_queryset(self, request: HttpRequest) -> "QuerySet[SlaClock]":
        return due_now()

    @display(description="Lead")
    def lead_link(self, clock: SlaClock) -> SafeString:
        return link("leads_lead", clock.lead_id, clock.lead)

    @display(description="Owner")
    def owner_link(self, clock: SlaClock) -> SafeString:
        return link("territories_rep", clock.lead.owner_id, clock.lead.owner)

    @display(description="Time left")
    def time_left(self, clock: SlaClock) -> str:
        now = timezone.now()
        return f"late by {age(clock.due_at, now)}" if clock.due_at < now else _left(clock, now)

    @display(description="Due", ordering="due_at")
    def due(self, clock: SlaClock) -> SafeString:
        return moment(clock.due_at)

    @display(description="Started")
    def started(self, clock: SlaClock) -> SafeString:
        return moment(clock.started_at)

    @display(description="State")
    def state(self, clock: SlaClock) -> SafeString:
        if clock.breached_at is not None:
            return badge("breached")
        return badge("overdue" if clock.due_at < timezone.now() else "running")


def _left(clock: SlaClock, now: datetime) -> str:
    return age(now, clock.due_at)
