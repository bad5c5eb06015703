"""Exceptions are looked into by people; what they found closes them (semantics 6)."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from leads.models import RoutingException
from territories.revisions import Actor


def resolve_exceptions(
    *, exception_ids: Collection[UUID], note: str, actor: Actor, now: datetime
) -> int:
    """Resolve those of the exceptions that are open; return how many there were.

    One statement: of two people who resolve the same one, the first is named."""
    still_open = RoutingException.objects.filter(pk__in=exception_ids, resolved_at__isnull=True)
    return still_open.update(resolved_at=now, resolved_by=actor.name, note=note)
