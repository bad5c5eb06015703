"""What a file says of many leads at once: that they were contacted, what became of them.

A batch is one transaction under the row locks of its leads, taken in the order of their ids. What
is known already is not told again, so that a file can be read twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from leads.engine.vocabulary import OutcomeStatus
from leads.models import Contact, Lead
from territories.revisions import Actor

from .desk import Desk, at_desk
from .ledger import contact_at, outcome_at


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeFact:
    """What became of a lead; without a time, at the instant of telling."""

    status: OutcomeStatus
    at: datetime | None = None
    amount: Decimal | None = None
    currency: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactFact:
    """When a lead was responded to, by whom and how."""

    at: datetime
    by: str = ""
    channel: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is told of one lead."""

    lead_id: UUID
    contact: ContactFact | None = None
    outcome: OutcomeFact | None = None


def tell_of_leads(*, told: Sequence[Told], source: str, actor: Actor, now: datetime) -> None:
    """Record contacts and outcomes that are not recorded yet; the last word of a lead stands."""
    if told:
        at_desk(lambda desk: _tell(desk, told, source), actor=actor, now=now)


def _tell(desk: Desk, told: Sequence[Told], source: str) -> None:
    ids = {one.lead_id for one in told}
    rows = Lead.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True)
    leads = {lead.pk: lead for lead in rows}
    contacts = Contact.objects.filter(lead_id__in=ids).values_list("lead_id", "at")
    contacted = set(contacts) if any(one.contact for one in told) else set()
    for one in told:
        lead = leads[one.lead_id]
        if one.contact and (lead.pk, one.contact.at) not in contacted:
            contacted.add((lead.pk, one.contact.at))
            by, channel = one.contact.by, one.contact.channel
            contact_at(desk, lead, at=one.contact.at, by=by, channel=channel)
        if one.outcome and not _stands(lead, one.outcome):
            outcome_at(
                desk,
                lead,
                outcome=one.outcome.status,
                at=one.outcome.at,
                amount=one.outcome.amount,
                currency=one.outcome.currency,
                reason=one.outcome.reason,
                source=source,
            )


def _stands(lead: Lead, outcome: OutcomeFact) -> bool:
    """Whether a lead has the outcome already."""
    same = lead.outcome == outcome.status.value and lead.amount == outcome.amount
    return same and outcome.at in (None, lead.outcome_at)
