"""The trace of a lead: recomputed from the record, with what happened before the engine.

A decision keeps what it read, not prose: the steps are made when somebody reads them, by the
same function that decided, on the configuration of that revision.
"""

from typing import Any

from leads.engine.decision import TraceStep
from leads.engine.vocabulary import Result, Step
from leads.models import Assignment, Lead

from . import replay
from .answers import lead_answer
from .decide import Case, Decided
from .desk import Desk


def steps_json(steps: Any) -> list[dict[str, Any]]:
    """Trace steps in the shape of api.md."""
    return [
        {
            "step": step.step.value,
            "subject": step.subject,
            "result": step.result.value,
            "reason": step.reason,
            "data": dict(step.data),
            "text": step.text,
        }
        for step in steps
    ]


def normalise_step(warnings: list[Any]) -> TraceStep:
    """What normalising found to be dirty."""
    text = "All values were understood."
    if warnings:
        text = " ".join(str(warning.get("detail", "")) for warning in warnings)
    return TraceStep(
        step=Step.NORMALISE,
        subject=None,
        result=Result.PASSED,
        data={"warnings": list(warnings)},
        text=text,
    )


def deduplicate_step(known: str | None, by: str) -> TraceStep:
    """Whether the lead was known, and by what."""
    if known is None:
        return TraceStep(
            step=Step.DEDUPLICATE,
            subject=None,
            result=Result.NOT_MATCHED,
            text="No known lead has this external id or e-mail.",
        )
    return TraceStep(
        step=Step.DEDUPLICATE,
        subject=known,
        result=Result.MATCHED,
        data={"by": by},
        text=f"The lead is known by its {by.replace('_', ' ')}.",
    )


def stored_line(lead: Lead) -> Assignment | None:
    """The stored line that a lead stands by."""
    return Assignment.objects.filter(pk=lead.assignment_id).first() if lead.assignment_id else None


def trace(lead: Lead) -> list[dict[str, Any]]:
    """The trace of a lead's latest decision."""
    line = stored_line(lead)
    if line is None:
        return steps_json([normalise_step(lead.warnings)])
    return trace_of_line(lead, line)


def trace_of_line(lead: Lead, line: Assignment) -> list[dict[str, Any]]:
    """The trace of one line of a lead's ledger."""
    was_known = bool(line.facts.get("is_update"))
    steps = [
        normalise_step(lead.warnings),
        deduplicate_step(str(lead.pk) if was_known else None, "earlier submission"),
    ]
    if replay.is_replayable(line):
        steps += replay.replay(line, explain=True).decision.trace
    else:
        steps.append(_said(line))
    return steps_json(steps)


def _said(line: Assignment) -> TraceStep:
    """The one step of a line that somebody chose."""
    return TraceStep(
        step=Step.ASSIGN,
        subject=line.owner_id,
        result=Result.PICKED if line.owner_id else Result.SKIPPED,
        reason=line.reason or None,
        data={"kind": line.kind, "by": line.actor_name},
        text=line.explanation,
    )


def dry_answer(desk: Desk, case: Case, decided: Decided | None) -> dict[str, Any]:
    """The dry run's answer: as `POST leads/` without id, with the trace."""
    lead, match = case.lead, case.match
    stored = match.lead
    steps = [
        normalise_step(list(case.normalised.warnings)),
        deduplicate_step(str(stored.pk) if stored else None, match.by),
    ]
    if decided is None:
        line = stored_line(lead)
        steps.append(_stays(lead))
    else:
        lead.warnings = [*lead.warnings, *map(dict, decided.warnings)]
        line = desk.assign(
            lead,
            decided.decision,
            facts=decided.facts,
            state=decided.state,
            explanation=decided.explanation,
        )
        steps += decided.trace
    answer = lead_answer(lead, line, config=desk.config, created=stored is None)
    del answer["id"]
    if decided is not None and answer["assignment"] is not None:
        del answer["assignment"]["id"]
    return answer | {"trace": steps_json(steps)}


def _stays(lead: Lead) -> TraceStep:
    return TraceStep(
        step=Step.ASSIGN,
        subject=lead.owner_id,
        result=Result.SKIPPED,
        text="The lead is known and stays with its owner.",
    )
