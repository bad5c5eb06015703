"""Leads by filter: the list of the API and bulk reassignment choose by the same words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Q, QuerySet

from leads.engine.vocabulary import LeadStatus
from leads.models import Lead
from leads.normalise import normalise_lead

#: Filters that are a column's value.
COLUMNS = {
    "owner": "owner_id",
    "status": "status",
    "rule": "rule",
    "model": "model",
    "territory": "territory",
    "account": "account_id",
    "fallback": "is_fallback",
    "source": "source",
    "email": "email",
    "external_id": "external_id",
    "created_after": "created_at__gte",
    "created_before": "created_at__lt",
}
#: The states of `Lead.sla_state`.
SLA_STATES: dict[str, Q] = {
    "breached": Q(breached_at__isnull=False),
    "none": Q(breached_at__isnull=True)
    & (Q(due_at__isnull=True) | Q(responded_at__isnull=True, status=LeadStatus.CLOSED.value)),
    "running": Q(breached_at__isnull=True, due_at__isnull=False, responded_at__isnull=True)
    & ~Q(status=LeadStatus.CLOSED.value),
    "met": Q(breached_at__isnull=True, due_at__isnull=False, responded_at__isnull=False),
}
#: Every filter there is.
FILTERS = frozenset({*COLUMNS, "sla_state"})
#: Filters whose columns hold the normal form of what was sent.
NORMALISED = frozenset({"source", "email", "external_id"})


def select_leads(filters: Mapping[str, Any]) -> QuerySet[Lead]:
    """Return the leads that every filter fits, in no order. Names are those of api.md.

    `created_after` takes in its instant, `created_before` does not, so that windows that follow
    one another share no lead. Times may be text, as a job keeps them."""
    chosen = Q()
    for name, value in filters.items():
        if name == "sla_state":
            chosen &= SLA_STATES[value]
        else:
            chosen &= Q(**{COLUMNS[name]: _as_stored(name, value)})
    return Lead.objects.filter(chosen)


def _as_stored(name: str, value: Any) -> Any:
    return normalise_lead({name: value}).fields[name] if name in NORMALISED else value
