"""The steps of a decision as people and programs read them (api.md, `trace`).

Each function gives the step or steps of one stage; `data` holds what is needed to check it, `text`
says it in plain English. Steps are made only in runs that explain.
"""

from .accounts import STEPS, ranked
from .boundaries import SPECIFICITY
from .compiled import ReadyDefinition
from .config import Rule, Target
from .decision import Decision, Hold, TraceStep
from .descriptions import describe, first_failure
from .explanations import (
    REASON_WORDS,
    explanation,
    minutes_words,
    pool_name,
    rep_name,
    rule_name,
)
from .rules import ReadyRule
from .run import Hit, Miss, Outcome, Run
from .territories import overlaps
from .trace_pools import outcome_steps, pool_steps
from .vocabulary import LeadStatus, Reason, Result, RoutingModel, Step

__all__ = ["explanation", "outcome_steps", "pool_steps"]


def unconfigured() -> TraceStep:
    """There is no configuration to decide on."""
    text = "There is no configuration yet; the lead is held."
    return TraceStep(step=Step.ASSIGN, subject=None, result=Result.SKIPPED, text=text)


def account(run: Run) -> TraceStep:
    """Which account the lead belongs to, with every account that was found at the same step."""
    hit = run.account
    if hit is None:
        text = "No known account has the lead's identifiers."
        return TraceStep(
            step=Step.MATCH_ACCOUNT, subject=None, result=Result.NOT_MATCHED, text=text
        )
    hits = ranked(run.state.accounts, run.lead)
    owner = hit.owner
    data: dict[str, object] = {
        "by": STEPS.get(hit.step, ""),
        "matched_on": hit.matched_on,
        "hits": [one.key for one in hits],
        "owner": None if owner is None else owner.rep or owner.pool,
        "inherited_from": hit.inherited_from,
    }
    others = [one.name for one in hits[1:]]
    also = f"; {', '.join(others)} matched too and ranked lower" if others else ""
    text = f"{hit.name} matched by {STEPS.get(hit.step, 'its key')} ({hit.matched_on}){also}."
    return TraceStep(
        step=Step.MATCH_ACCOUNT, subject=hit.key, result=Result.MATCHED, data=data, text=text
    )


def no_definition(run: Run) -> TraceStep:
    """No definition covers the lead's type."""
    kind = run.lead.raw("lead_type") or "no type"
    text = f"No definition covers a lead of {kind}, so it is routed."
    data = {"lead_type": run.lead.raw("lead_type")}
    return TraceStep(step=Step.QUALIFY, subject=None, result=Result.SKIPPED, data=data, text=text)


def qualified(run: Run, ready: ReadyDefinition, *, holds: bool, triggered: bool) -> TraceStep:
    """Whether the lead is qualified under its definition, and if not why."""
    name = ready.definition.name
    data: dict[str, object] = {}
    if holds and triggered:
        result, text = Result.PASSED, f"The lead qualifies under '{name}'."
    elif holds:
        result = Result.NOT_MATCHED
        text = f"'{name}' looks at leads when they are created only; this is an update."
        data["trigger"] = ready.definition.trigger.value
    else:
        result = Result.NOT_MATCHED
        failure = first_failure(ready.node, run.lead)
        missing = ready.missing(run.lead)
        data["missing"] = missing
        if failure is not None:
            data.update(_test_data(failure.field, failure.op, failure.value, failure.actual))
            text = f"The lead does not qualify under '{name}': it {failure.text}."
        else:
            text = f"The lead does not qualify under '{name}': {', '.join(missing)} missing."
    return TraceStep(
        step=Step.QUALIFY, subject=ready.definition.key, result=result, data=data, text=text
    )


def territory(run: Run) -> TraceStep:
    """Where the lead lies, by which boundary, and territories that tie with it."""
    place = run.place
    if place is None:
        where = run.lead.raw("country")
        text = f"No territory covers the lead ({f'country {where}' if where else 'no country'})."
        return TraceStep(step=Step.TERRITORY, subject=None, result=Result.NOT_MATCHED, text=text)
    fits = run.compiled.territories.fits(run.lead, run.today)
    best, tied = fits[0], overlaps(fits)
    target = place.assign_to
    data: dict[str, object] = {
        "boundary": best.entry.text,
        "specificity": SPECIFICITY[best.kind],
        "fits": [fit.entry.place.territory.key for fit in fits],
        "overlaps": list(tied),
        "ancestors": list(place.keys[1:]),
        "assign_to": None if target is None else target.rep or target.pool,
        "assigned_by": place.assigned_by,
    }
    text = f"The lead lies in {place.territory.name}, by {best.entry.text}."
    if tied:
        text += f" {', '.join(tied)} overlap; the first by key was taken."
    return TraceStep(
        step=Step.TERRITORY,
        subject=place.territory.key,
        result=Result.MATCHED,
        data=data,
        text=text,
    )


def rule_not_in_effect(ready: ReadyRule) -> TraceStep:
    """Today is outside the rule's dates."""
    rule = ready.rule
    start, end = rule.effective_from, rule.effective_to
    data: dict[str, object] = {
        "priority": rule.priority,
        "effective_from": start.isoformat() if start else None,
        "effective_to": end.isoformat() if end else None,
    }
    return TraceStep(
        step=Step.RULE,
        subject=rule.key,
        result=Result.SKIPPED,
        reason="not_in_effect",
        data=data,
        text=f"{rule_name(rule)} is not in effect today.",
    )


def rule_matched(run: Run, ready: ReadyRule) -> TraceStep:
    """The rule's conditions hold."""
    rule = ready.rule
    return TraceStep(
        step=Step.RULE,
        subject=rule.key,
        result=Result.MATCHED,
        data={"priority": rule.priority},
        text=f"{rule_name(rule)} matched ({describe(ready.node)}).",
    )


def rule_not_matched(run: Run, ready: ReadyRule) -> TraceStep:
    """The rule's conditions do not hold, with the first test that failed."""
    rule = ready.rule
    failure = first_failure(ready.node, run.lead)
    data: dict[str, object] = {"priority": rule.priority}
    text = f"{rule_name(rule)} did not match."
    if failure is not None:
        data |= _test_data(failure.field, failure.op, failure.value, failure.actual)
        text = f"{rule_name(rule)} did not match: it {failure.text}."
    return TraceStep(
        step=Step.RULE, subject=rule.key, result=Result.NOT_MATCHED, data=data, text=text
    )


def account_not_applicable(run: Run, rule: Rule) -> TraceStep:
    """The rule wants an account's owner, and there is none."""
    hit, role = run.account, rule.route_to.role
    if hit is None:
        return _passed_over(rule, None, "no account matched")
    if hit.owner is None:
        return _passed_over(rule, Reason.ACCOUNT_UNOWNED, f"{hit.name} has no owner")
    return _passed_over(rule, None, f"{hit.name} has nobody in the role {role}")


def territory_not_applicable(run: Run, rule: Rule) -> TraceStep:
    """The rule wants a territory's assignee, and there is none."""
    why = "no territory covers the lead"
    if run.place is not None:
        why = f"{run.place.territory.name} and the territories above it are assigned to nobody"
    return _passed_over(rule, Reason.TERRITORY_UNCOVERED, why)


def _passed_over(rule: Rule, reason: Reason | None, why: str) -> TraceStep:
    model = rule.route_to.model or RoutingModel.DIRECT
    return TraceStep(
        step=Step.RULE,
        subject=rule.key,
        result=Result.SKIPPED,
        reason=reason.value if reason is not None else "model_not_applicable",
        data={"priority": rule.priority, "model": model.value},
        text=f"{rule_name(rule)} was passed over: {why}.",
    )


def fallback_steps(run: Run, outcome: Outcome, target: Target, via: str) -> list[TraceStep]:
    """What one target of a rule's fallback came to, with the members of its pool."""
    config = run.compiled.config
    steps = outcome_steps(run, outcome, target, None)
    name = rep_name(config, target.rep) if target.rep else pool_name(config, target.pool)
    if isinstance(outcome, Miss):
        result, reason, owner = Result.FAILED, outcome.reason.value, None
        text = f"Fallback {via} {name}: {REASON_WORDS[outcome.reason]}."
    else:
        result, reason, owner = Result.PICKED, None, outcome.rep
        text = f"Fallback {via}: {rep_name(config, owner)} takes the lead."
    step = TraceStep(
        step=Step.FALLBACK,
        subject=target.rep or target.pool,
        result=result,
        reason=reason,
        data={"via": via, "owner": owner},
        text=text,
    )
    return [*steps, step]


def fallback_skipped(via: str, why: str) -> TraceStep:
    """A step of the fallback that has nobody to ask."""
    return TraceStep(
        step=Step.FALLBACK,
        subject=None,
        result=Result.SKIPPED,
        data={"via": via},
        text=f"Fallback {via} was passed over: {why}.",
    )


def next_rule(rule: Rule) -> TraceStep:
    """The rule passes the lead on."""
    return TraceStep(
        step=Step.FALLBACK,
        subject=rule.key,
        result=Result.PASSED,
        data={"via": "next_rule"},
        text=f"{rule_name(rule)} passes the lead on to the next rule that matches.",
    )


def hold(run: Run, held: Hold, minutes: int) -> TraceStep:
    """The lead waits."""
    return TraceStep(
        step=Step.FALLBACK,
        subject=held.rule,
        result=Result.PASSED,
        reason=held.reason.value,
        data={"via": "hold", "until": held.until.isoformat(), "pool": held.pool, "rep": held.rep},
        text=f"The lead is held for {minutes_words(minutes)}, or until somebody is available.",
    )


def resumed(run: Run, ready: ReadyRule, held: Hold) -> TraceStep:
    """A held lead goes on with its own rule."""
    return TraceStep(
        step=Step.RULE,
        subject=ready.rule.key,
        result=Result.MATCHED,
        data={"priority": ready.rule.priority, "held_until": held.until.isoformat()},
        text=f"{rule_name(ready.rule)} held the lead and is tried again.",
    )


def hold_expired(run: Run, rule: Rule, held: Hold) -> TraceStep:
    """Nobody came while the lead was held."""
    return TraceStep(
        step=Step.FALLBACK,
        subject=rule.key,
        result=Result.FAILED,
        reason=Reason.HOLD_EXPIRED.value,
        data={"via": "hold", "until": held.until.isoformat()},
        text="The hold is over and nobody was available.",
    )


def last_resort(run: Run, hit: Hit, reason: Reason) -> TraceStep:
    """The global fallback."""
    name = rep_name(run.compiled.config, hit.rep)
    return TraceStep(
        step=Step.FALLBACK,
        subject=hit.rep,
        result=Result.PICKED,
        reason=reason.value,
        data={"via": hit.via},
        text=f"The global fallback gives the lead to {name}, since {REASON_WORDS[reason]}.",
    )


def assign(run: Run, decision: Decision) -> TraceStep:
    """How it ends."""
    name = rep_name(run.compiled.config, decision.owner)
    texts = {
        LeadStatus.ASSIGNED: f"Assigned to {name}.",
        LeadStatus.HELD: "Held in the queue.",
        LeadStatus.NURTURE: f"Kept as nurture with {name}."
        if decision.owner
        else "Kept as nurture.",
    }
    data: dict[str, object] = {
        "status": decision.status.value,
        "kind": decision.kind.value,
        "rule": decision.rule,
        "model": decision.model.value if decision.model is not None else None,
        "pool": decision.pool,
        "sla": decision.sla,
        "due_at": decision.due_at.isoformat() if decision.due_at is not None else None,
    }
    return TraceStep(
        step=Step.ASSIGN,
        subject=decision.owner,
        result=Result.PICKED if decision.owner is not None else Result.SKIPPED,
        reason=decision.reason.value if decision.reason is not None else None,
        data=data,
        text=texts[decision.status],
    )


def _test_data(field: str, op: str, value: object, actual: object) -> dict[str, object]:
    return {"field": field, "op": str(op), "value": value, "actual": actual}
