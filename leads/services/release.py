"""Leads that were kept without a decision - routing was paused, in shadow, or not configured -
are routed oldest first, after a preview (semantics 2). Leads that wait in a queue by a rule's
`hold_minutes` are not among them."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from leads import snapshot
from leads.engine.vocabulary import AssignmentKind, LeadStatus, Mode
from leads.errors import Conflict
from leads.models import Lead
from territories.revisions import Actor

from .cases import cases_of, each_case
from .decide import decide, write_decision
from .desk import Desk, at_desk

BATCH = 200


def waiting() -> "QuerySet[Lead]":
    """The leads that nothing was decided for yet, oldest first."""
    return Lead.objects.filter(
        status=LeadStatus.HELD.value, hold_until__isnull=True, closed_at__isnull=True
    ).order_by("id")


def release_preview(*, now: datetime, limit: int | None = None) -> dict[str, Any]:
    """How many leads wait, and who would get how many of the oldest `limit` of them; nothing is
    written."""
    desk = Desk.dry(router=snapshot.live(), now=now)
    gains: Counter[str] = Counter()
    for case in each_case(desk, waiting()[:limit]):
        decision = decide(desk, case).decision
        desk.standing.apply(decision, domain=case.lead.domain)
        gains[decision.owner or ""] += 1
    by_rep = [{"rep": rep or None, "leads": count} for rep, count in sorted(gains.items())]
    return {"total": waiting().count(), "by_rep": by_rep}


def release_held(*, actor: Actor, now: datetime, limit: int | None = None) -> int:
    """Route the waiting leads, oldest first; return how many were released.

    Raises Conflict while routing is not live."""
    settings = snapshot.live().config.settings
    if settings is None or settings.mode is not Mode.LIVE:
        raise Conflict("routing is not live: set the mode to live first")
    released = 0
    for ids in _batches(limit):
        released += at_desk(partial(_release, ids=ids), actor=actor, now=now)
    return released


def _batches(limit: int | None) -> Iterator[list[UUID]]:
    ids = list(waiting().values_list("pk", flat=True)[:limit])
    for start in range(0, len(ids), BATCH):
        yield ids[start : start + BATCH]


def _release(desk: Desk, ids: list[UUID]) -> int:
    # Under the row locks, since another person may press the same button.
    leads = list(waiting().filter(pk__in=ids).select_for_update(no_key=True))
    for case in cases_of(desk, leads):
        write_decision(desk, case, decide(desk, case), kind=AssignmentKind.RELEASED)
        case.lead.updated_at = desk.now
        desk.writes.change(case.lead)
    return len(leads)
