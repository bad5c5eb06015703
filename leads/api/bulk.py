"""Many leads in one call: answered in order, or as a job; and many reassigned at once."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes

from leads.body import MAX_LEAD_BYTES
from leads.errors import Fault, InvalidLead
from leads.models.api_key import Scope
from leads.services import bulk_reassign, intake, jobs, refusals
from leads.services.intake import Receipt
from territories.revisions import actor_of

from . import bodies
from .auth import ApiRequest
from .base import ApiView, json_response
from .describe import writes
from .fields import read_shape
from .filters import read_filter_members
from .jobs import job_response
from .problems import Problem, invalid, pointer_of, request_id_of
from .requests import MAX_BULK_LEADS, BulkReassignBody
from .shapes import BulkAnswer, BulkBody, JobShape, ReassignPreview

MAX_LINES = 100_000


class LeadsBulkView(ApiView):
    """`leads/bulk/`: up to 1,000 leads at once, or up to 100,000 lines as a job."""

    scopes = {"POST": Scope.LEADS_WRITE}
    media_types = (bodies.JSON, bodies.NDJSON)
    body_limit = 64 * bodies.MIB

    @writes(
        "leads_bulk",
        {bodies.JSON: BulkBody, bodies.NDJSON: OpenApiTypes.STR},
        {200: BulkAnswer, 202: JobShape},
    )
    def post(self, request: ApiRequest) -> HttpResponse:
        """Receive many leads. One bad lead harms no other."""
        body = self.body
        if self.media_type == bodies.NDJSON:
            return self._start_job(body)
        leads = read_leads(self.json())
        fitting = [i for i, lead in enumerate(leads) if len(_bytes(lead)) <= MAX_LEAD_BYTES]
        receipts = intake.receive_leads(
            bodies=[leads[index] for index in fitting],
            actor=actor_of(request),
            now=timezone.now(),
        )
        by_index = dict(zip(fitting, receipts, strict=True))
        results = [self._result(i, lead, by_index.get(i)) for i, lead in enumerate(leads)]
        return json_response({"results": results})

    def note_refusal(self, error: Exception) -> None:
        """Keep a body that is refused as a whole, if it is no larger than a lead may be."""
        if isinstance(error, InvalidLead) and self.media_type == bodies.JSON:
            self._keep(self.body, error.faults)

    def _start_job(self, lines: bytes) -> HttpResponse:
        count = lines.count(b"\n") + (not lines.endswith(b"\n"))
        if not lines.strip():
            raise invalid([Fault("", "required", "The body holds no lines.")])
        if count > MAX_LINES:
            raise Problem(413, f"Send at most {MAX_LINES} lines, not {count}.")
        job = jobs.create_bulk_job(
            lines=io.BytesIO(lines), actor=actor_of(self.request), now=timezone.now()
        )
        return job_response(self.request, job)

    def _result(
        self, index: int, lead: object, receipt: Receipt | InvalidLead | None
    ) -> dict[str, Any]:
        if isinstance(receipt, Receipt):
            return {"status": 201 if receipt.created else 200, "body": receipt.answer}
        if receipt is None:
            place = Fault(f"/leads/{index}", "too_large", "A lead has at most 64 KiB.")
            problem = Problem(413, place.detail, [place])
        else:
            self._keep(_bytes(lead), receipt.faults)
            problem = invalid(
                Fault(f"/leads/{index}{fault.pointer}", fault.code, fault.detail)
                for fault in receipt.faults
            )
        request_id = request_id_of(self.request)
        return {"status": problem.status, "body": problem.document(request_id)}

    def _keep(self, body: bytes, faults: Sequence[Fault]) -> None:
        if len(body) > MAX_LEAD_BYTES:
            return
        request = self.request
        refusals.keep(
            body=body,
            faults=faults,
            actor=actor_of(request),
            path=request.path,
            now=timezone.now(),
        )


def read_leads(body: object) -> list[Any]:
    """Return the leads of `{"leads": [...]}`; raise InvalidLead, or a 413 Problem above 1,000."""
    if not isinstance(body, dict):
        raise InvalidLead([Fault("", "invalid", 'Must be an object: {"leads": [...]}.')])
    faults = [
        Fault(pointer_of([name]), "unknown_member", "Unknown member; did you mean 'leads'?")
        for name in body
        if name != "leads"
    ]
    leads = body.get("leads")
    if isinstance(leads, list) and not faults:
        return _bounded(leads)
    if not isinstance(leads, list):
        faults.append(Fault("/leads", "required", "Must be a list of leads."))
    raise InvalidLead(faults)


def _bounded(leads: list[Any]) -> list[Any]:
    if len(leads) > MAX_BULK_LEADS:
        place = Fault("/leads", "too_long", f"At most {MAX_BULK_LEADS} leads; more as NDJSON.")
        raise Problem(413, place.detail, [place])
    return leads


def _bytes(lead: object) -> bytes:
    """Return a lead's own JSON, as near to what was sent as parsing leaves it."""
    return json.dumps(lead, ensure_ascii=False, separators=(",", ":")).encode(
        errors="surrogatepass"
    )


class BulkReassignView(ApiView):
    """`leads/bulk-reassign/`: many leads to a rep, to a pool or to the rules."""

    scopes = {"POST": Scope.LEADS_WRITE}

    @writes("leads_bulk_reassign", BulkReassignBody, {200: ReassignPreview, 202: JobShape})
    def post(self, request: ApiRequest) -> HttpResponse:
        """Count by rep what would move (`preview`), or start the job that moves it."""
        members = read_shape(BulkReassignBody, self.json())
        members["filters"] = read_filter_members(members.pop("filter"))
        members |= {"actor": actor_of(request), "now": timezone.now()}
        if members.pop("preview"):
            return json_response(bulk_reassign.preview(**members))
        return job_response(request, bulk_reassign.start(**members))
