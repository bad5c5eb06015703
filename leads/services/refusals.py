"""Refused bodies: kept for a while, mended by a person, submitted again."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from leads.body import MAX_LEAD_BYTES, parse_json
from leads.errors import Conflict, Fault, NotFound
from leads.ids import uuid7
from leads.models import RefusedSubmission
from leads.models.refused import KEEP_DAYS
from territories.revisions import Actor

from .intake import Receipt, receive_lead, storable


def keep(
    *, body: bytes, faults: Sequence[Fault], path: str, actor: Actor, now: datetime
) -> RefusedSubmission | None:
    """Keep a refused body as bytes for 30 days; None where it is larger than a lead may be."""
    if len(body) > MAX_LEAD_BYTES:
        return None
    return RefusedSubmission.objects.create(
        id=uuid7(now),
        at=now,
        path=path,
        body=body,
        faults=storable([asdict(fault) for fault in faults]),
        expires_at=now + timedelta(days=KEEP_DAYS),
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_name=actor.name,
    )


def resubmit(*, refused_id: UUID, body: bytes, actor: Actor, now: datetime) -> Receipt:
    """Receive a mended body; the refused submission then names its lead.

    Raises NotFound, Conflict when it was resubmitted before, and InvalidLead when it is still
    at fault (nothing is changed then)."""
    with transaction.atomic():
        refused = RefusedSubmission.objects.select_for_update().filter(pk=refused_id).first()
        if refused is None:
            raise NotFound("no such refused submission")
        if refused.resolved_at is not None:
            raise Conflict("this submission was received already")
        receipt = receive_lead(
            body=parse_json(body, max_bytes=MAX_LEAD_BYTES), actor=actor, now=now
        )
        refused.resolved_at, refused.lead = now, receipt.lead
        refused.save(update_fields=["resolved_at", "lead"])
        return receipt


def purge(*, now: datetime) -> int:
    """Delete the bodies whose time is over; return how many there were."""
    return RefusedSubmission.objects.filter(expires_at__lte=now).delete()[0]
