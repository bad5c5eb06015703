"""Leads: received, listed, read, changed."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone

from leads import snapshot
from leads.errors import InvalidLead
from leads.models import Lead
from leads.models.api_key import Scope
from leads.services import answers, explain, intake, ledger, refusals
from leads.services.selection import select_leads
from territories.revisions import actor_of

from .auth import ApiRequest
from .base import ApiView, json_response
from .describe import PAGE, reads, writes
from .fields import read_shape
from .filters import FILTERS, PARAMETERS, read_filters
from .pagination import PAGE_PARAMETERS, page_of, read_page
from .query import Query
from .requests import ContactedBody, OutcomeBody, ReassignBody
from .shapes import LeadAnswer, LeadBody, LedgerLine, StoredLead, TraceStepShape, page_shape


class LeadsView(ApiView):
    """`leads/`: receive one, list them."""

    scopes = {"GET": Scope.LEADS_READ, "POST": Scope.LEADS_WRITE}
    parameters = (*FILTERS, *PAGE_PARAMETERS)

    @writes("leads_receive", LeadBody, {201: LeadAnswer, 200: LeadAnswer})
    def post(self, request: ApiRequest) -> HttpResponse:
        """Receive and route one lead: 201 for a new one, 200 for a known one."""
        receipt = intake.receive_lead(body=self.json(), actor=actor_of(request), now=timezone.now())
        return json_response(receipt.answer, status=201 if receipt.created else 200)

    def note_refusal(self, error: Exception) -> None:
        """Keep the body of a refused lead, so that nobody's interest is lost."""
        if isinstance(error, InvalidLead) and self.request.method == "POST":
            refusals.keep(
                body=self.body,
                faults=error.faults,
                actor=actor_of(self.request),
                path=self.request.path,
                now=timezone.now(),
            )

    @reads("leads_list", page_shape("Lead", StoredLead(many=True)), parameters=(*PARAMETERS, *PAGE))
    def get(self, request: ApiRequest) -> HttpResponse:
        """Return a page of leads, newest first."""
        query = Query(request.GET, known=self.parameters)
        filters, page = read_filters(query), read_page(query)
        query.refuse_faults()
        rows = select_leads(filters)
        return json_response(page_of(request, rows, page, answers.stored_answers, order="-id"))


class LeadView(ApiView):
    """`leads/{id}/`: one lead."""

    scopes = {"GET": Scope.LEADS_READ, "PATCH": Scope.LEADS_WRITE}

    @reads("leads_read", StoredLead, named=True)
    def get(self, request: ApiRequest, lead_id: UUID) -> HttpResponse:
        """Return one lead, as answered when it was received."""
        return json_response(answers.stored_answer(lead_of(lead_id)))

    @writes("leads_change", LeadBody, {200: LeadAnswer}, named=True, posted=False)
    def patch(self, request: ApiRequest, lead_id: UUID) -> HttpResponse:
        """Change fields of a lead; this may qualify and route it."""
        receipt = intake.update_lead(
            lead_id=lead_id,
            body=self.json(),
            actor=actor_of(request),
            now=timezone.now(),
        )
        return json_response(receipt.answer)


class LedgerView(ApiView):
    """`leads/{id}/assignments/`: who had the lead, oldest first."""

    scopes = {"GET": Scope.LEADS_READ}
    parameters = PAGE_PARAMETERS

    @reads(
        "leads_assignments",
        page_shape("Assignment", LedgerLine(many=True)),
        parameters=PAGE,
        named=True,
    )
    def get(self, request: ApiRequest, lead_id: UUID) -> HttpResponse:
        """Return a page of the lead's ownership ledger."""
        query = Query(request.GET, known=self.parameters)
        page = read_page(query)
        query.refuse_faults()
        lines = lead_of(lead_id).assignments.defer("facts", "state")
        config = snapshot.live().config
        return json_response(
            page_of(
                request,
                lines,
                page,
                lambda rows: [answers.ledger_line(line, config) for line in rows],
                order="id",
            )
        )


class TraceView(ApiView):
    """`leads/{id}/trace/`: how its latest decision was made."""

    scopes = {"GET": Scope.LEADS_READ}

    @reads("leads_trace", TraceStepShape(many=True), named=True)
    def get(self, request: ApiRequest, lead_id: UUID) -> HttpResponse:
        """Return the steps of the lead's latest decision, in order."""
        return json_response(explain.trace(lead_of(lead_id)))


class ContactedView(ApiView):
    """`leads/{id}/contacted/`: somebody responded."""

    scopes = {"POST": Scope.OUTCOMES_WRITE}

    @writes("leads_contacted", ContactedBody, {200: StoredLead}, named=True)
    def post(self, request: ApiRequest, lead_id: UUID) -> HttpResponse:
        """Record a response to the lead; the first one stops the clock."""
        members = read_shape(ContactedBody, self.json() if self.body else {})
        lead = ledger.record_contact(
            lead_id=lead_id, actor=actor_of(request), now=timezone.now(), **members
        )
        return json_response(answers.stored_answer(lead))


class ReassignView(ApiView):
    """`leads/{id}/reassign/`: another owner."""

    scopes = {"POST": Scope.LEADS_WRITE}

    @writes("leads_reassign", ReassignBody, {200: StoredLead}, named=True)
    def post(self, request: ApiRequest, lead_id: UUID) -> HttpResponse:
        """Give the lead to a rep, to a pool or to the rules, with a reason."""
        members = read_shape(ReassignBody, self.json())
        lead = ledger.reassign(
            lead_id=lead_id, actor=actor_of(request), now=timezone.now(), **members
        )
        return json_response(answers.stored_answer(lead))


class OutcomeView(ApiView):
    """`leads/{id}/outcome/`: what became of the lead."""

    scopes = {"POST": Scope.OUTCOMES_WRITE}

    @writes("leads_outcome", OutcomeBody, {200: StoredLead}, named=True)
    def post(self, request: ApiRequest, lead_id: UUID) -> HttpResponse:
        """Record the lead's outcome; converted, rejected and lost close it."""
        members = read_shape(OutcomeBody, self.json())
        lead = ledger.record_outcome(
            lead_id=lead_id, actor=actor_of(request), now=timezone.now(), **members
        )
        return json_response(answers.stored_answer(lead))


def lead_of(lead_id: UUID) -> Lead:
    """Return a lead; raise DoesNotExist, which is answered 404."""
    return Lead.objects.get(pk=lead_id)
