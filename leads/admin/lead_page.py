"""A lead's page: its timeline beside its facts; and the whole trace of one decision."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.safestring import SafeString

from leads.engine.errors import EngineError
from leads.models import Assignment, Lead
from leads.services import explain
from leads.services.answers import FIELD_COLUMNS

from .base import RecordAdmin
from .cells import badge, link, moment, plain, pretty, sla_state
from .timeline import STEP_NAMES, timeline


def lead_page(admin: Any, request: HttpRequest, object_id: str) -> HttpResponse:
    """The page of one lead. Raises Http404, PermissionDenied."""
    admin.require(request)
    lead = admin.row_or_404(request, object_id)
    return admin.page(
        request,
        "lead/page.html",
        title=str(lead),
        original=lead,
        lead=lead,
        buttons=admin.buttons(request, lead),
        entries=timeline(lead),
        routing=list(_routing(lead)),
        lead_facts=list(_facts(lead)),
        explain_url=admin.page_url("explain", lead.pk),
        warnings=lead.warnings,
        badges=_badges(lead),
        explanation=_explanation(lead),
    )


def _badges(lead: Lead) -> list[SafeString]:
    state = sla_state(lead, timezone.now())
    badges = [badge(lead.status)]
    badges += [badge("fallback")] if lead.is_fallback else []
    badges += [badge(state, f"SLA {state}")] if state != "none" else []
    return badges


def _explanation(lead: Lead) -> str:
    lines = Assignment.objects.filter(pk=lead.assignment_id) if lead.assignment_id else None
    return (lines.values_list("explanation", flat=True).first() or "") if lines else ""


def _routing(lead: Lead) -> Iterator[tuple[str, Any]]:
    """Where the lead stands now."""
    yield "Owner", link("territories_rep", lead.owner_id, lead.owner.name if lead.owner else "")
    yield "Rule", link("territories_rule", lead.rule)
    yield "Model", lead.model.replace("_", " ") or "–"
    yield "Territory", link("territories_territory", lead.territory)
    yield "Account", link("territories_account", lead.account_id)
    yield "Definition", link("territories_definition", lead.definition)
    yield "Fallback", plain(lead.is_fallback)
    yield "Respond by", moment(lead.due_at)
    yield "First response", moment(lead.responded_at)
    if lead.hold_until:
        yield "Held until", moment(lead.hold_until)
    if lead.outcome:
        amount = f", {lead.amount:,.2f} {lead.currency}" if lead.amount is not None else ""
        yield "Outcome", f"{lead.outcome}{amount}"


def _facts(lead: Lead) -> Iterator[tuple[str, Any, Any]]:
    """(label, value, value as it came where it differs) of every field that is filled."""
    for name, column in FIELD_COLUMNS.items():
        value = getattr(lead, column)
        if name == "custom":
            continue
        if value in (None, "", [], {}):
            continue
        original = lead.original.get(name)
        yield name.replace("_", " "), plain(value), plain(original) if original else ""
    for name, value in lead.custom.items():
        yield f"custom.{name}", plain(value), ""
    if lead.received_at:
        yield "received at", moment(lead.received_at), ""
    yield "created", moment(lead.created_at), ""
    yield "newest submission", moment(lead.submitted_at), ""
    yield "submissions", lead.submissions_count, ""
    yield "id", lead.pk, ""


def explain_page(admin: RecordAdmin, request: HttpRequest, object_id: UUID) -> HttpResponse:
    """The whole trace of the latest decision, or of the line that `?line=` names."""
    admin.require(request)
    lead = admin.row_or_404(request, object_id)
    wanted = request.GET.get("line") or lead.assignment_id
    line = line_of(lead, wanted) if wanted else None
    if wanted and line is None:
        raise Http404(f"no line {wanted}")
    try:
        steps = explain.trace_of_line(lead, line) if line else explain.trace(lead)
        problem = ""
    except EngineError as error:
        steps, problem = [], str(error)
    return admin.page(
        request,
        "lead/explain.html",
        title="Explain",
        original=lead,
        lead=lead,
        line=line,
        line_at=moment(line.at) if line else "",
        lines=lead.assignments.order_by("id").only("id", "kind", "owner_id", "explanation"),
        problem=problem,
        steps=shown_steps(steps),
        back_url=admin.page_url("change", lead.pk),
    )


def line_of(lead: Lead, line_id: Any) -> Assignment | None:
    """A line of this lead's ledger, or None; an id that is none finds none."""
    try:
        return lead.assignments.select_related("owner").filter(pk=line_id).first()
    except ValidationError:
        return None


def shown_steps(steps: Any) -> list[dict[str, Any]]:
    """Trace steps with their names and their data as people read it."""
    return [
        step
        | {
            "name": STEP_NAMES.get(step["step"], step["step"]),
            "data": pretty(step["data"]) if step["data"] else "",
        }
        for step in steps
    ]
