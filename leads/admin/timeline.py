"""A lead's history in one line of time: what came in, each decision with its steps, what people
did. Read from the rows and from the traces, nothing is kept for it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.safestring import SafeString

from leads.engine.errors import EngineError
from leads.models import Assignment, Contact, Lead, Outcome, RoutingException, Submission
from leads.services import explain, replay
from leads.services.answers import names_of

from .cells import moment, plain, pretty

#: Lines whose decision is made again for the page; older ones are a click away.
MAX_EXPLAINED = 5
#: So many steps in a row that came to nothing are folded into one.
FOLD_FROM = 4

STEP_NAMES = {
    "normalise": "Normalised",
    "deduplicate": "Known before?",
    "match_account": "Account",
    "qualify": "Qualified",
    "territory": "Territory",
    "rule": "Rule",
    "pool": "Pool",
    "fallback": "Fallback",
    "assign": "Assigned",
}
KIND_TITLES = {
    "routed": "Assigned",
    "fallback": "Assigned by a fallback",
    "held": "Held",
    "explicit": "Assigned as the submission said",
    "reassigned": "Reassigned",
    "sla_reassigned": "Reassigned, the SLA was breached",
    "released": "Released",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that happened. `tone` is how it is drawn; `steps` are groups of trace steps,
    folded where they came to nothing; `rows` are (label, value) facts."""

    at: datetime
    order: int
    icon: str
    title: str
    text: str = ""
    by: str = ""
    tone: str = ""
    rows: Sequence[tuple[str, str]] = ()
    body: str = ""
    steps: Sequence["Steps"] = ()
    line: UUID | None = None
    is_later_explained: bool = False

    @property
    def moment(self) -> SafeString:
        """When it was, as pages show it."""
        return moment(self.at)


@dataclass(slots=True)
class Steps:
    """Steps that are shown one by one, or behind one line when `fold`."""

    fold: bool
    steps: list[dict[str, Any]] = field(default_factory=list)


def timeline(lead: Lead) -> list[Entry]:
    """Everything that happened to a lead, oldest first."""
    lines = list(lead.assignments.order_by("id").select_related("owner"))
    names = names_of(line.previous_owner for line in lines if line.previous_owner)
    engine_made = [line.pk for line in lines if replay.is_replayable(line)]
    explained = set(engine_made[-MAX_EXPLAINED:])
    entries = [
        *map(_submission, lead.submissions.all()),
        *(_line(lead, line, names, explained) for line in lines),
        *map(_contact, lead.contacts.all()),
        *map(_outcome, lead.outcomes.all()),
        *_exceptions(lead),
    ]
    return sorted(entries, key=lambda entry: (entry.at, entry.order))


def _submission(row: Submission) -> Entry:
    title = "Received" if row.created else "Submitted again"
    changed = [
        (name.replace("_", " "), f"{plain(before)} → {plain(after)}")
        for name, (before, after) in row.changed.items()
    ]
    return Entry(
        at=row.at,
        order=0,
        icon="inbox",
        title=title,
        text=" ".join(str(warning.get("detail", "")) for warning in row.warnings),
        by=row.actor_name,
        tone="warning" if row.warnings else "",
        rows=changed,
        body=pretty(row.body),
    )


def _line(lead: Lead, line: Assignment, names: Any, explained: set[UUID]) -> Entry:
    owner = line.owner.name if line.owner else ""
    # What is held or nurtured stands with the window owner, where there is one.
    kept = "Kept with its window owner" if line.kind == "held" and owner else ""
    title = kept or KIND_TITLES.get(line.kind, line.kind)
    title = f"{title}: {owner}" if owner else title
    replayable = replay.is_replayable(line)
    return Entry(
        at=line.at,
        order=1,
        icon="person" if line.owner_id else "hourglass_top",
        title=f"{title} (shadow)" if line.shadow else title,
        text=line.explanation,
        by=line.actor_name,
        tone="warning" if line.is_fallback or line.kind == "held" else "good",
        rows=list(_line_rows(line, names)),
        steps=_steps(lead, line) if line.pk in explained else (),
        line=line.pk,
        is_later_explained=replayable and line.pk not in explained,
    )


def _line_rows(line: Assignment, names: Any) -> Iterator[tuple[str, str]]:
    shown = {
        "rule": f"{line.rule_priority} {line.rule_name}" if line.rule else "",
        "model": line.model.replace("_", " "),
        "territory": line.territory,
        "account": line.account,
        "pool": line.pool,
        "fallback reason": line.fallback_reason.replace("_", " "),
        "from": names.get(line.previous_owner, line.previous_owner),
        "reason": line.reason.replace("_", " "),
        "note": line.note,
        "revision": str(line.revision),
    }
    yield from ((name, value) for name, value in shown.items() if value)


def _steps(lead: Lead, line: Assignment) -> list[Steps]:
    """The steps of a line's decision, made again; what cannot be recomputed says so."""
    try:
        steps = explain.trace_of_line(lead, line)
    except EngineError as error:
        steps = [_broken(error)]
    return folded(steps)


def _broken(error: EngineError) -> dict[str, Any]:
    text = f"The steps cannot be made again: {error}."
    return {"step": "assign", "subject": None, "result": "failed", "reason": None, "text": text}


def folded(steps: Sequence[dict[str, Any]]) -> list[Steps]:
    """The steps in groups: runs of rules that did not match are folded when they are long."""
    groups: list[Steps] = []
    for step in steps:
        passed_over = step["step"] == "rule" and step["result"] in ("not_matched", "skipped")
        shown = step | {"name": STEP_NAMES.get(step["step"], step["step"])}
        if not groups or groups[-1].fold != passed_over:
            groups.append(Steps(fold=passed_over))
        groups[-1].steps.append(shown)
    for group in groups:
        group.fold = group.fold and len(group.steps) >= FOLD_FROM
    return groups


def _contact(row: Contact) -> Entry:
    return Entry(
        at=row.at,
        order=2,
        icon="call",
        title=f"Contacted by {row.channel}" if row.channel else "Contacted",
        by=row.by or row.actor_name,
        tone="good",
    )


def _outcome(row: Outcome) -> Entry:
    rows = [("amount", f"{row.amount:,.2f} {row.currency}".strip())] if row.amount else []
    rows += [("reason", row.reason)] if row.reason else []
    rows += [("source", row.source)] if row.source else []
    return Entry(
        at=row.at,
        order=3,
        icon="flag",
        title=row.status.capitalize(),
        by=row.actor_name,
        tone="good" if row.status in ("accepted", "converted") else "warning",
        rows=rows,
    )


def _exceptions(lead: Lead) -> Iterator[Entry]:
    for row in RoutingException.objects.filter(lead=lead).select_related("owner"):
        reason = row.reason.replace("_", " ")
        yield Entry(
            at=row.opened_at,
            order=2,
            icon="report",
            title=f"Exception: {reason}",
            text=f"For {row.owner.name} to review." if row.owner else "",
            tone="warning",
        )
        if row.resolved_at is not None:
            yield Entry(
                at=row.resolved_at,
                order=3,
                icon="task_alt",
                title=f"Exception resolved: {reason}",
                text=row.note,
                by=row.resolved_by,
                tone="good",
            )
