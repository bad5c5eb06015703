"""The simulator: a lead and an instant in, the decision and its whole trace out, nothing kept."""

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from leads.errors import InvalidLead
from leads.models import Lead
from leads.services import intake

from .base import RecordAdmin, posted, show_faults
from .cells import badge, pretty
from .lead_form import SimulatorForm, values_of
from .lead_page import shown_steps


def simulator_page(admin: RecordAdmin, request: HttpRequest) -> HttpResponse:
    """The form, filled with a past lead's details where `?lead=` names one; with the answer."""
    admin.require(request)
    past = _past_lead(request.GET.get("lead", ""))
    initial = {**values_of(past), "as_new": True} if past else {}
    form = SimulatorForm(posted(request), initial=initial)
    answer = _answer(form) if form.is_valid() else None
    return admin.page(
        request,
        "lead/simulator.html",
        title="Simulator",
        form=form,
        past=past,
        answer=answer,
        answer_text=pretty({k: v for k, v in answer.items() if k != "trace"}) if answer else "",
        status_badge=badge(answer["status"]) if answer else "",
        steps=shown_steps(answer["trace"]) if answer else [],
        cancel_url=admin.page_url("changelist"),
    )


def _past_lead(lead_id: str) -> Lead | None:
    try:
        return Lead.objects.filter(pk=UUID(lead_id)).first()
    except (ValueError, ValidationError):
        return None


def _answer(form: SimulatorForm) -> dict[str, Any] | None:
    """What would become of the lead, or None with the faults on the form."""
    at = form.cleaned_data["at"] or timezone.now()
    try:
        return intake.dry_run(body=form.body(), now=at, as_new=form.cleaned_data["as_new"])
    except InvalidLead as error:
        show_faults(form, error.faults)
        return None
