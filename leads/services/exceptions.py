"""Exceptions are looked into by people; what they found closes them (semantics 6 and 10)."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction

from leads.engine.vocabulary import LeadStatus, Reason
from leads.ids import uuid7
from leads.models import Lead, RoutingException
from territories.models import Rep, RoutingSettings
from territories.revisions import Actor


def resolve_exceptions(
    *, exception_ids: Collection[UUID], note: str, actor: Actor, now: datetime
) -> int:
    """Resolve those of the exceptions that are open; return how many there were.

    One statement: of two people who resolve the same one, the first is named."""
    still_open = RoutingException.objects.filter(pk__in=exception_ids, resolved_at__isnull=True)
    return still_open.update(resolved_at=now, resolved_by=actor.name, note=note)


def note_inactive_owners(*, now: datetime) -> int:
    """Open an exception for each inactive rep who has open leads, unless one is open; return how
    many were opened. An exception whose rep has none left is resolved."""
    owners = Lead.objects.filter(status=LeadStatus.ASSIGNED.value, owner__active=False)
    with transaction.atomic():
        # Locked, so that two workers open one exception between them.
        settings = RoutingSettings.objects.select_for_update().first()
        if settings is None:
            return 0
        standing = RoutingException.objects.filter(rep__isnull=False, resolved_at__isnull=True)
        left = set(owners.values_list("owner_id", flat=True).distinct())
        known = set(standing.values_list("rep_id", flat=True))
        standing.exclude(rep_id__in=left).update(
            resolved_at=now, resolved_by="system", note="No open leads are left."
        )
        new = Rep.objects.filter(pk__in=left - known).order_by("key")
        RoutingException.objects.bulk_create(
            RoutingException(
                id=uuid7(now),
                reason=Reason.REP_INACTIVE.value,
                rep=rep,
                owner_id=settings.exceptions_owner_id,
                opened_at=now,
                note=f"{rep.name} is inactive and has open leads.",
            )
            for rep in new
        )
        return len(new)
