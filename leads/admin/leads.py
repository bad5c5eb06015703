"""Leads: the list, and the addresses of what can be done with them."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.contrib.admin import action
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold.decorators import display

from leads import snapshot
from leads.engine.vocabulary import Mode
from leads.models import Lead
from leads.services import release

from . import bulk, lead_actions, lead_add, lead_page, releasing, simulator
from .base import Button, Page, RecordAdmin
from .cells import NOTHING, badge, moment, sla_state, two_lines
from .filters import (
    FallbackFilter,
    ModelFilter,
    OwnerFilter,
    PeriodFilter,
    RuleFilter,
    SlaFilter,
    SourceFilter,
    StatusFilter,
    TerritoryFilter,
)

#: What the list shows; the rest of a lead's row is wide.
LIST_COLUMNS = (
    "id", "first_name", "last_name", "email", "company", "phone", "external_id", "status",
    "owner__name", "rule", "model", "is_fallback", "due_at", "responded_at", "breached_at",
    "created_at",
)  # fmt: skip


#: A search shows the newest of these.
MAX_FOUND = 1000


@admin.register(Lead)
class LeadAdmin(RecordAdmin):
    """Leads, newest first. A lead's page is its timeline."""

    list_display = (
        "person",
        "company",
        "status_badge",
        "owner_name",
        "rule",
        "model_name",
        "fallback_mark",
        "sla_badge",
        "created",
    )
    list_filter = (
        StatusFilter,
        OwnerFilter,
        RuleFilter,
        ModelFilter,
        TerritoryFilter,
        FallbackFilter,
        SlaFilter,
        SourceFilter,
        ("created_at", PeriodFilter),
    )
    search_fields = ("email", "company", "last_name", "first_name", "phone", "external_id")
    search_help_text = "Name, company, e-mail, phone, external id or the lead's own id"
    ordering = ("-id",)
    actions = ("reassign_selected",)
    list_before_template = "admin/leads/lead/banner.html"
    list_title = "Leads, newest first"
    empty_title = "No leads yet"
    empty_text = (
        "Send one with POST /api/v1/leads/ (make a key under API keys first), run "
        "“manage.py route FILE --commit”, or add one here."
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.may(request, "add")

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Lead]":
        leads = super().get_queryset(request).select_related("owner")
        match = request.resolver_match
        is_list = match is not None and match.url_name == self.page_name("changelist")
        return leads.only(*LIST_COLUMNS) if is_list else leads

    def get_search_results(
        self, request: HttpRequest, queryset: "QuerySet[Any]", search_term: str
    ) -> tuple["QuerySet[Any]", bool]:
        """An id or a whole e-mail finds its rows by index; words are looked for in every text."""
        term = search_term.strip()
        try:
            return queryset.filter(pk=UUID(term)), False
        except ValueError:
            pass
        if "@" in term:
            # The condition repeats the partial index's, so that the index is used.
            exact = Q(email=term.lower()) & ~Q(email_domain="")
            if Lead.objects.filter(exact).exists():
                return queryset.filter(exact), False
        found, _ = super().get_search_results(request, queryset, term)
        if not term:
            return found, False
        # Looked for once, not for the count and the page apiece: no index helps words.
        newest = list(found.order_by("-id").values_list("pk", flat=True)[:MAX_FOUND])
        return queryset.filter(pk__in=newest), False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        banner = self.banner(request) if request.method == "GET" else {}
        return super().changelist_view(request, {**banner, **(extra_context or {})})

    def banner(self, request: HttpRequest) -> dict[str, Any]:
        """What the list says while leads are not routed, or some still wait from such a time."""
        settings = snapshot.live().config.settings
        waiting = release.waiting().values("pk")[:1].exists()
        return {
            "routing_mode": settings.mode.value if settings else "unconfigured",
            "is_live": settings is not None and settings.mode is Mode.LIVE,
            "release_url": self.page_url("release") if waiting else "",
            "may_change": self.may(request, "change"),
            "settings_url": reverse(
                f"{self.admin_site.name}:territories_routingsettings_changelist"
            ),
        }

    def pages(self) -> Iterable[Page]:
        one = "<uuid:object_id>"
        return (
            ("simulate/", "simulate", self.simulate_view),
            ("release/", "release", self.release_view),
            (f"{one}/edit/", "edit", self.edit_view),
            (f"{one}/reassign/", "reassign", self.reassign_view),
            (f"{one}/contacted/", "contacted", self.contacted_view),
            (f"{one}/outcome/", "outcome", self.outcome_view),
            (f"{one}/explain/", "explain", self.explain_view),
        )

    def buttons(self, request: HttpRequest, lead: Lead) -> Sequence[Button]:
        """What the person may do with a lead, on its page."""
        looks = [
            Button(label="Explain", url=self.page_url("explain", lead.pk), icon="account_tree"),
            Button(
                label="Simulate again",
                url=f"{self.page_url('simulate')}?lead={lead.pk}",
                icon="science",
            ),
        ]
        if not self.may(request, "change"):
            return looks
        return [
            Button(
                label="Reassign",
                url=self.page_url("reassign", lead.pk),
                icon="swap_horiz",
                primary=True,
            ),
            Button(label="Contacted", url=self.page_url("contacted", lead.pk), icon="call"),
            Button(label="Outcome", url=self.page_url("outcome", lead.pk), icon="flag"),
            Button(label="Edit details", url=self.page_url("edit", lead.pk), icon="edit"),
            *looks,
        ]

    # --- Pages; each stands in a file of its own ------------------------------------------

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        return lead_add.add_page(self, request)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        return lead_page.lead_page(self, request, object_id)

    def edit_view(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        return lead_add.edit_page(self, request, object_id)

    def reassign_view(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        return lead_actions.reassign_page(self, request, object_id)

    def contacted_view(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        return lead_actions.contacted_page(self, request, object_id)

    def outcome_view(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        return lead_actions.outcome_page(self, request, object_id)

    def explain_view(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        return lead_page.explain_page(self, request, object_id)

    def simulate_view(self, request: HttpRequest) -> HttpResponse:
        return simulator.simulator_page(self, request)

    def release_view(self, request: HttpRequest) -> HttpResponse:
        return releasing.release_page(self, request)

    # --- Bulk -----------------------------------------------------------------------------

    def has_change_leads_permission(self, request: HttpRequest) -> bool:
        """Whether bulk actions are offered: the admin asks by this name."""
        return self.may(request, "change")

    @action(description="Reassign selected…", permissions=["change_leads"])
    def reassign_selected(
        self, request: HttpRequest, queryset: "QuerySet[Lead]"
    ) -> HttpResponse | None:
        return bulk.reassign_selected(self, request, queryset)

    # --- Columns --------------------------------------------------------------------------

    @display(description="Lead")
    def person(self, lead: Lead) -> SafeString:
        name = str(lead)
        return two_lines(name, lead.email if lead.email != name else lead.external_id)

    @display(description="Status")
    def status_badge(self, lead: Lead) -> SafeString:
        return badge(lead.status)

    @display(description="Owner")
    def owner_name(self, lead: Lead) -> str:
        return lead.owner.name if lead.owner else NOTHING

    @display(description="Model")
    def model_name(self, lead: Lead) -> str:
        return lead.model.replace("_", " ") or NOTHING

    @display(description="Fallback")
    def fallback_mark(self, lead: Lead) -> SafeString:
        return badge("fallback" if lead.is_fallback else "")

    @display(description="SLA")
    def sla_badge(self, lead: Lead) -> SafeString:
        state = sla_state(lead, timezone.now())
        return badge("" if state == "none" else state)

    @display(description="Created", ordering="id")
    def created(self, lead: Lead) -> SafeString:
        return moment(lead.created_at)
