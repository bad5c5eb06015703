"""A lead by hand: submitted or edited through the same service as any other lead."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone

from leads.errors import Busy, Conflict, InvalidLead
from leads.services import intake
from leads.services.intake import Receipt
from territories.revisions import actor_of

from .base import RecordAdmin, posted, show_faults
from .lead_form import EditForm, LeadForm, values_of


def add_page(admin: RecordAdmin, request: HttpRequest) -> HttpResponse:
    """The form of a new lead; what was received is shown on its page."""
    admin.require(request, "add")
    form = LeadForm(posted(request))
    if form.is_valid():
        receipt = received(
            form,
            lambda: intake.receive_lead(
                body=form.body(), actor=actor_of(request), now=timezone.now()
            ),
        )
        if receipt is not None:
            return _to_lead(admin, request, receipt, "Received." if receipt.created else KNOWN)
    return admin.page(
        request,
        "lead/form.html",
        title="Add lead",
        form=form,
        submit="Submit lead",
        lead_note="The lead is routed at once, by the live configuration, as if it came by API.",
        cancel_url=admin.page_url("changelist"),
    )


KNOWN = "A lead with this identity is known; it was updated."


def edit_page(admin: RecordAdmin, request: HttpRequest, object_id: UUID) -> HttpResponse:
    """The form of a stored lead's details; a change may qualify and route it."""
    admin.require(request, "change")
    lead = admin.row_or_404(request, object_id)
    form = EditForm(posted(request), initial=values_of(lead))
    if form.is_valid():
        receipt = received(
            form,
            lambda: intake.update_lead(
                lead_id=lead.pk,
                body=form.changes(),
                actor=actor_of(request),
                now=timezone.now(),
            ),
        )
        if receipt is not None:
            return _to_lead(admin, request, receipt, "Saved.")
    return admin.page(
        request,
        "lead/form.html",
        title="Edit details",
        original=lead,
        form=form,
        submit="Save",
        lead_note=(
            "Its owner stays, unless the change makes the lead qualify. To change the owner, "
            "reassign it."
        ),
        cancel_url=admin.page_url("change", lead.pk),
    )


def received(form: LeadForm, call: Callable[[], Receipt]) -> Receipt | None:
    """What the service answered, or None with its faults on the form."""
    try:
        return call()
    except InvalidLead as error:
        show_faults(form, error.faults)
    except (Busy, Conflict) as error:
        form.add_error(None, f"Not saved: {error}.")
    return None


def _to_lead(admin: RecordAdmin, request: HttpRequest, receipt: Receipt, done: str) -> HttpResponse:
    messages.success(request, f"{done} {receipt.answer['explanation']}")
    return HttpResponseRedirect(admin.page_url("change", receipt.lead_id))
