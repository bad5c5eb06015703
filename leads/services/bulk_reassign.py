"""Many leads change hands at once: by filter, with a preview by rep, as a job (semantics 10)."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from leads import snapshot
from leads.engine.vocabulary import LeadStatus
from leads.errors import Fault, InvalidLead
from leads.models import Job, Lead
from territories.revisions import Actor

from . import jobs
from .cases import cases_of
from .decide import Case
from .desk import Desk, at_desk
from .ledger import check_reason, reassign_at
from .selection import FILTERS, select_leads

MAX_REFUSED_SHOWN = 100


def choose(filters: Mapping[str, Any], *, only_uncontacted: bool) -> "QuerySet[Lead]":
    """The open leads that a filter names. Raises InvalidLead for a name there is not."""
    unknown = [name for name in filters if name not in FILTERS]
    if unknown:
        known = ", ".join(sorted(FILTERS))
        raise InvalidLead(
            [Fault(f"/filter/{name}", "unknown_member", f"filters are {known}") for name in unknown]
        )
    leads = select_leads(filters).exclude(status=LeadStatus.CLOSED.value)
    return leads.filter(responded_at__isnull=True) if only_uncontacted else leads


def preview(
    *,
    filters: Mapping[str, Any],
    to: Mapping[str, object],
    reason: str,
    only_uncontacted: bool,
    actor: Actor,
    now: datetime,
) -> dict[str, Any]:
    """How many leads each rep would lose and gain; nothing is written."""
    ids = list(choose(filters, only_uncontacted=only_uncontacted).values_list("pk", flat=True))
    return preview_leads(lead_ids=ids, to=to, reason=reason, actor=actor, now=now)


def preview_leads(
    *,
    lead_ids: Sequence[UUID],
    to: Mapping[str, object],
    reason: str,
    actor: Actor,
    now: datetime,
) -> dict[str, Any]:
    """How many of these leads each rep would lose and gain; nothing is written.

    Every lead is decided as it would be, on one desk whose writes are thrown away."""
    check_reason(reason)
    loses: Counter[str] = Counter()
    gains: Counter[str] = Counter()
    refused: list[dict[str, Any]] = []
    desk = Desk.dry(router=snapshot.live(), actor=actor, now=now)
    for start in range(0, len(lead_ids), jobs.CHUNK_LINES):
        chunk = lead_ids[start : start + jobs.CHUNK_LINES]
        # Oldest first, as the job will do it: turns are taken in that order.
        for lead, case in _cases(desk, Lead.objects.filter(pk__in=chunk).order_by("id"), to):
            before = lead.owner_id
            try:
                line = reassign_at(desk, lead, to=to, reason=check_reason(reason), case=case)
            except InvalidLead as error:
                refused.append({"lead": str(lead.pk), "detail": error.faults[0].detail})
                continue
            loses[before or ""] += 1
            gains[line.owner_id or ""] += 1
    reps = sorted(set(loses) | set(gains))
    return {
        "total": len(lead_ids),
        "by_rep": [{"rep": rep or None, "loses": loses[rep], "gains": gains[rep]} for rep in reps],
        "refused": refused[:MAX_REFUSED_SHOWN],
    }


def start(
    *,
    filters: Mapping[str, Any],
    to: Mapping[str, object],
    reason: str,
    only_uncontacted: bool,
    actor: Actor,
    now: datetime,
) -> Job:
    """A job that reassigns what the filter names now."""
    check_reason(reason)
    leads = choose(filters, only_uncontacted=only_uncontacted).order_by("id")
    params = {
        "filter": dict(filters),
        "to": dict(to),
        "reason": reason,
        "only_uncontacted": only_uncontacted,
    }
    ids = list(leads.values_list("pk", flat=True))
    return jobs.create_reassign_job(lead_ids=ids, params=params, actor=actor, now=now)


def run_chunk(
    params: Mapping[str, Any], ids: Sequence[UUID], actor: Actor, now: datetime
) -> Iterator[dict[str, Any]]:
    """Reassign these leads, oldest first, in one transaction; a result for each."""
    yield from at_desk(lambda desk: _run(desk, params, ids), actor=actor, now=now)


def _run(desk: Desk, params: Mapping[str, Any], ids: Sequence[UUID]) -> list[dict[str, Any]]:
    reason = check_reason(params["reason"])
    rows = Lead.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("id")
    leads = {lead.pk: (lead, case) for lead, case in _cases(desk, rows, params["to"])}
    results: list[dict[str, Any]] = []
    for lead_id in ids:
        lead, case = leads.get(lead_id, (None, None))
        if lead is None or not _still_wanted(lead, params):
            results.append({"status": 200, "lead": str(lead_id), "owner": None, "skipped": True})
            continue
        try:
            line = reassign_at(desk, lead, to=params["to"], reason=reason, case=case)
        except InvalidLead as error:
            detail = error.faults[0].detail
            results.append({"status": 409, "lead": str(lead_id), "detail": detail})
            continue
        results.append({"status": 200, "lead": str(lead_id), "owner": line.owner_id})
    return results


def _cases(
    desk: Desk, rows: "QuerySet[Lead]", to: Mapping[str, object]
) -> list[tuple[Lead, Case | None]]:
    """The leads, each with its case where the rules will decide: one look-up for all."""
    leads = list(rows)
    cases = cases_of(desk, leads) if "rule" in to else [None] * len(leads)
    return list(zip(leads, cases, strict=True))


def _still_wanted(lead: Lead, params: Mapping[str, Any]) -> bool:
    """Whether nobody closed or contacted the lead since the job was made."""
    contacted = params.get("only_uncontacted") and lead.responded_at is not None
    return lead.status != LeadStatus.CLOSED.value and not contacted
