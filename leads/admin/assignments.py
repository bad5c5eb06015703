"""The assignment history: every line of the ledger, and whether its decision comes out again."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from leads.engine.errors import EngineError
from leads.engine.state import S
from leads.models import Assignment, Lead
from leads.services import replay

from .base import Button, RecordAdmin
from .cells import NOTHING, link, moment, plain, pretty
from .filters import (
    FallbackFilter,
    KindFilter,
    ModelFilter,
    OwnerFilter,
    PeriodFilter,
    PoolFilter,
    RuleFilter,
    TerritoryFilter,
)
from .record_page import Table, Text, record_page

LIST_COLUMNS = (
    "id", "at", "kind", "rule", "model", "territory", "pool", "is_fallback", "fallback_reason",
    "reason", "shadow", "owner__name", "lead__first_name", "lead__last_name", "lead__email",
    "lead__company", "lead__phone", "lead__external_id",
)  # fmt: skip
LEAD_TEXTS = ("email", "company", "last_name", "first_name", "external_id")
#: Leads that a search looks up; more than a person reads.
MAX_LEADS_FOUND = 1000


class RepFilter(OwnerFilter):
    title = "rep"


@admin.register(Assignment)
class AssignmentAdmin(RecordAdmin):
    """Who got which lead, when, by which rule and why; newest first."""

    list_display = (
        "when",
        "lead_link",
        "kind_label",
        "owner_name",
        "rule",
        "model_name",
        "territory",
        "pool",
        "fallback_label",
        "reason",
    )
    list_filter = (
        RepFilter,
        RuleFilter,
        ModelFilter,
        TerritoryFilter,
        PoolFilter,
        KindFilter,
        FallbackFilter,
        ("at", PeriodFilter),
    )
    search_fields = ("lead__email",)
    search_help_text = "Of a lead: name, company, e-mail, external id, or its id"
    ordering = ("-id",)
    list_title = "Assignment history, newest first"
    empty_title = "No assignments yet"
    empty_text = "Every lead that comes in writes a line here. Add a lead under Leads."

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Assignment]":
        lines = super().get_queryset(request).select_related("owner", "lead")
        match = request.resolver_match
        is_list = match is not None and match.url_name == self.page_name("changelist")
        return lines.only(*LIST_COLUMNS) if is_list else lines

    def get_search_results(
        self, request: HttpRequest, queryset: "QuerySet[Any]", search_term: str
    ) -> tuple["QuerySet[Any]", bool]:
        """The lines of the leads that the words name; an id is a line's or a lead's."""
        term = search_term.strip()
        if not term:
            return queryset, False
        try:
            return queryset.filter(Q(pk=UUID(term)) | Q(lead_id=UUID(term))), False
        except ValueError:
            pass
        leads = Lead.objects.order_by("-id")
        for word in term.split():
            leads = leads.filter(_any_text(word))
        return queryset.filter(
            lead_id__in=list(leads.values_list("pk", flat=True)[:MAX_LEADS_FOUND])
        ), False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        self.require(request)
        line = self.row_or_404(request, object_id)
        verdict, differences = replayed(line)
        facts = sorted((name, plain(value)) for name, value in line.facts.items())
        tables = [
            Table(
                title="Facts that the decision read",
                head=("Fact", "Value"),
                rows=facts,
                empty="None are kept: a person or a caller chose.",
            ),
            *state_tables(line.state),
        ]
        if differences:
            head = ("", "Recorded", "Again")
            tables.insert(0, Table(title="Differences", head=head, rows=differences))
        return record_page(
            self,
            request,
            line,
            facts=[*_facts(line), ("Replay", verdict)],
            tables=tables,
            texts=[Text(title="State as recorded", text=pretty(line.state), fold=True)],
            buttons=self.buttons(request, line),
        )

    def buttons(self, request: HttpRequest, line: Assignment) -> list[Button]:
        """The way to the lead and to the steps of this line."""
        if not request.user.has_perm("leads.view_lead"):
            return []
        lead_admin = self.admin_site.get_model_admin(Lead)
        steps = f"{lead_admin.page_url('explain', line.lead_id)}?line={line.pk}"  # type: ignore[attr-defined]
        lead = lead_admin.page_url("change", line.lead_id)  # type: ignore[attr-defined]
        return [
            Button(label="The lead", url=lead, icon="contacts", primary=True),
            Button(label="Explain", url=steps, icon="account_tree"),
        ]

    # --- Columns --------------------------------------------------------------------------

    @display(description="Lead")
    def lead_link(self, line: Assignment) -> SafeString:
        return link("leads_lead", line.lead_id, line.lead)

    @display(description="At", ordering="id")
    def when(self, line: Assignment) -> SafeString:
        return moment(line.at)

    @display(description="Kind")
    def kind_label(self, line: Assignment) -> str:
        kind = line.kind.replace("_", " ")
        return f"{kind} (shadow)" if line.shadow else kind

    @display(description="Rep")
    def owner_name(self, line: Assignment) -> str:
        return line.owner.name if line.owner else NOTHING

    @display(description="Model")
    def model_name(self, line: Assignment) -> str:
        return line.model.replace("_", " ") or NOTHING

    @display(description="Fallback")
    def fallback_label(self, line: Assignment) -> str:
        if not line.is_fallback:
            return NOTHING
        return line.fallback_reason.replace("_", " ") or "fallback"


def _any_text(word: str) -> Q:
    found = Q()
    for name in LEAD_TEXTS:
        found |= Q(**{f"{name}__icontains": word})
    return found


def replayed(line: Assignment) -> tuple[str, list[tuple[str, str, str]]]:
    """Whether the decision of a line comes out again, in words; and what differs."""
    if not replay.is_replayable(line):
        return "not a decision of the engine: somebody chose, or its facts were erased", []
    try:
        result = replay.replay(line)
    except EngineError as error:
        return f"cannot be made again: {error}", []
    if result.same:
        return "the same decision came out again", []
    rows = [(name, was or "–", now or "–") for name, (was, now) in result.differs.items()]
    return "a different decision came out: a defect", rows


def _facts(line: Assignment) -> Iterator[tuple[str, Any]]:
    rule = format_html("{} {}", line.rule_priority, line.rule_name) if line.rule else ""
    yield "Lead", link("leads_lead", line.lead_id, line.lead)
    yield "At", moment(line.at)
    yield (
        "Kind",
        f"{line.kind.replace('_', ' ')}{' (shadow: nobody was assigned)' if line.shadow else ''}",
    )
    yield "Owner", link("territories_rep", line.owner_id, line.owner.name if line.owner else "")
    yield "Owner before", link("territories_rep", line.previous_owner)
    yield "Why", line.explanation or "–"
    yield "Rule", link("territories_rule", line.rule, rule)
    yield "Model", line.model.replace("_", " ") or "–"
    yield "Territory", link("territories_territory", line.territory)
    yield "Account", link("territories_account", line.account)
    yield "Pool", link("territories_pool", line.pool)
    yield "Turn used of", link("territories_pool", line.picked_from)
    yield "Definition", link("territories_definition", line.definition)
    yield "Fallback", line.fallback_reason.replace("_", " ") if line.is_fallback else "no"
    yield "Reason", line.reason.replace("_", " ") or "–"
    yield "Note", line.note or "–"
    yield "SLA", link("territories_slapolicy", line.sla)
    yield "Respond by", moment(line.due_at)
    yield "Revision", line.revision
    yield "By", f"{line.actor_name or 'nobody'} ({line.actor_kind or 'unknown'})"


def state_tables(state: dict[str, Any]) -> Iterator[Table]:
    """What the decision read beside the lead: turns, loads and accounts, as tables."""
    for pool, record in sorted(state.get("pools", {}).items()):
        rows = [
            (link("territories_rep", rep), f"{owed / S:.2f}", last or "never")
            for rep, (owed, last) in sorted(record["turns"].items())
        ]
        title = f"Turns of {pool} after {record['picks']} picks"
        yield Table(title=title, head=("Rep", "Owed, in leads", "Last pick"), rows=rows,
                    empty="Nobody had a turn yet.")  # fmt: skip
    if loads := state.get("loads"):
        rows = [(link("territories_rep", rep), *load) for rep, load in sorted(loads.items())]
        yield Table(title="Loads", head=("Rep", "Open leads", "Today"), rows=rows)
    if accounts := state.get("accounts"):
        rows = [(link("territories_account", hit["key"], hit["name"]), hit["step"],
                 hit["matched_on"]) for hit in accounts]  # fmt: skip
        yield Table(title="Accounts found", head=("Account", "Step", "By"), rows=rows)
