"""What callers are told about leads: the shapes of api.md, from rows or from a decision."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from leads import snapshot
from leads.engine.config import Config
from leads.models import Assignment, Lead
from territories.models import Rep

#: Marks a line that decided without assigning.
SHADOW_NOTE = "Shadow mode, nothing was assigned. "


def rfc3339(instant: datetime | None) -> str | None:
    """An instant in UTC with a Z, to the second unless it has a fraction."""
    if instant is None:
        return None
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def owner_answer(key: str | None, config: Config) -> dict[str, Any] | None:
    """An owner by key, as api.md shows it."""
    rep = config.reps.get(key or "")
    if rep is None:
        return None
    return {
        "key": rep.key,
        "name": rep.name,
        "email": rep.email,
        "external_id": rep.external_id or None,
    }


def assignment_answer(line: Assignment) -> dict[str, Any]:
    """A ledger line as the `assignment` member of an answer."""
    rule = {"key": line.rule, "name": line.rule_name, "priority": line.rule_priority}
    return {
        "id": str(line.id),
        "at": rfc3339(line.at),
        "kind": line.kind,
        "rule": rule if line.rule else None,
        "model": line.model or None,
        "territory": line.territory or None,
        "account": line.account or None,
        "pool": line.pool or None,
        "is_fallback": line.is_fallback,
        "fallback_reason": line.fallback_reason or None,
        "revision": line.revision,
        "sla": {"policy": line.sla, "due_at": rfc3339(line.due_at)} if line.sla else None,
    }


def lead_answer(
    lead: Lead, line: Assignment | None, *, config: Config, created: bool
) -> dict[str, Any]:
    """The answer of `POST leads/` for a lead and the line it stands by."""
    return {
        "id": str(lead.pk),
        "created": created,
        "status": lead.status,
        "owner": owner_answer(lead.owner_id, config),
        "assignment": assignment_answer(line) if line else None,
        "warnings": list(lead.warnings),
        "explanation": line.explanation if line else "",
    }


def stored_answers(leads: Sequence[Lead]) -> list[dict[str, Any]]:
    """The answers of stored leads, in order, with one read for all their lines."""
    wanted = [lead.assignment_id for lead in leads if lead.assignment_id]
    lines = Assignment.objects.defer("facts", "state").in_bulk(wanted)
    config = snapshot.live().config
    return [
        lead_answer(
            lead,
            lines.get(lead.assignment_id) if lead.assignment_id else None,
            config=config,
            created=False,
        )
        | lead_fields(lead)
        for lead in leads
    ]


def stored_answer(lead: Lead) -> dict[str, Any]:
    """The answer of one stored lead."""
    return stored_answers([lead])[0]


def lead_fields(lead: Lead) -> dict[str, Any]:
    """What a reader may want to know of a stored lead beside its answer."""
    return {
        "lead": {name: getattr(lead, column) for name, column in FIELD_COLUMNS.items()}
        | {"received_at": rfc3339(lead.received_at)},
        "created_at": rfc3339(lead.created_at),
        "updated_at": rfc3339(lead.updated_at),
        "responded_at": rfc3339(lead.responded_at),
        "closed_at": rfc3339(lead.closed_at),
        "sla_state": lead.sla_state,
        "outcome": outcome_answer(lead),
    }


def outcome_answer(lead: Lead) -> dict[str, Any] | None:
    """The outcome that stands for a lead, or None."""
    if not lead.outcome:
        return None
    return {
        "status": lead.outcome,
        "at": rfc3339(lead.outcome_at),
        "amount": None if lead.amount is None else float(lead.amount),
        "currency": lead.currency or None,
    }


#: Lead members of the API and the columns that hold them.
FIELD_COLUMNS = {
    **{
        name: name
        for name in (
            "external_id", "source", "lead_type", "email", "first_name", "last_name", "phone",
            "title", "company", "website", "country", "state", "city", "postal_code", "industry",
            "employees", "annual_revenue", "product_interest", "language", "score", "campaign",
            "crm_ids", "custom",
        )
    },
    "account": "account_ref",
    "owner": "owner_ref",
}  # fmt: skip


def ledger(lead: Lead) -> list[dict[str, Any]]:
    """The ownership ledger, oldest first."""
    config = snapshot.live().config
    return [
        ledger_line(line, config)
        for line in lead.assignments.defer("facts", "state").order_by("id")
    ]


def ledger_line(line: Assignment, config: Config) -> dict[str, Any]:
    """One line of the ledger: an assignment with its owner, who did it and why."""
    return assignment_answer(line) | {
        "owner": owner_answer(line.owner_id, config),
        "previous_owner": line.previous_owner or None,
        "reason": line.reason or None,
        "note": line.note or None,
        "by": {"kind": line.actor_kind, "id": line.actor_id, "name": line.actor_name},
        "shadow": line.shadow,
        "explanation": line.explanation,
    }


def names_of(keys: Iterable[str]) -> Mapping[str, str]:
    """Names of reps by key, for pages."""
    return dict(Rep.objects.filter(pk__in=set(keys)).values_list("key", "name"))
