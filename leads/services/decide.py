"""Deciding one case: modes, a named owner, or the engine; and writing down what came of it.

The engine knows nothing of modes and named owners: both are the caller's word over the rules
(semantics 2).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from leads.engine.config import Config, Rep, Value
from leads.engine.decision import Decision, Hold, TraceStep
from leads.engine.explanations import explanation
from leads.engine.state import AccountHit, RecordedState, Recorder
from leads.engine.vocabulary import (
    AssignmentKind,
    Exclusion,
    LeadStatus,
    Mode,
    Result,
    RoutingModel,
    Step,
)
from leads.models import Assignment, Lead
from leads.normalise import NormalisedLead

from .answers import SHADOW_NOTE
from .desk import Desk
from .known import Match
from .standing import LeadState

PAUSED_TEXT = "Routing is paused; the lead is kept and will be routed when it resumes."


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One lead to decide: its row, what is known of it and the accounts it may belong to."""

    lead: Lead
    normalised: NormalisedLead
    match: Match
    hits: Sequence[AccountHit] = ()
    known: bool = False
    ruled_out: Mapping[str, str] = field(default_factory=dict)
    rerouted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A decision with what it read, in the form that replays it, and why in a sentence.

    `state` is None where the engine was not asked: a mode or a person decided. `hold` is the one
    that a held lead resumed. `warnings` are about the submission, such as a named owner who is
    away."""

    decision: Decision
    facts: Mapping[str, Value]
    state: RecordedState | None
    explanation: str
    warnings: Sequence[Mapping[str, str]] = ()
    trace: Sequence[TraceStep] = ()
    hold: Hold | None = None


def facts_of(desk: Desk, case: Case) -> dict[str, Value]:
    """The facts that the engine reads: the normalised lead and what storing it has shown."""
    age = desk.now - case.lead.created_at
    return {**case.normalised.facts, "is_update": case.known, "age_days": max(age.days, 0)}


def state_of(desk: Desk, case: Case) -> Recorder:
    """The engine's view of the world for one case; it remembers what was asked."""
    state = LeadState(
        desk.standing,
        domain=case.normalised.domain,
        accounts=case.hits,
        owner=case.lead.owner_id,
        ruled_out=case.ruled_out,
        was_qualified=case.rerouted,
    )
    return Recorder(state)


def decide(desk: Desk, case: Case, *, owner_named: object = None, explain: bool = False) -> Decided:
    """The decision for a case that is to be routed now."""
    if desk.mode is Mode.PAUSED:
        return held(desk, case, PAUSED_TEXT)
    rep, warnings = named_owner(desk, owner_named)
    if rep is not None:
        return explicit(desk, case, rep)
    facts, state = facts_of(desk, case), state_of(desk, case)
    decision = desk.router.route(facts, state, desk.now, explain=explain)
    return Decided(
        decision=decision,
        facts=facts,
        state=state.record(),
        explanation=explanation(decision, desk.config),
        warnings=warnings,
        trace=decision.trace,
    )


def named_owner(desk: Desk, named: object) -> tuple[Rep | None, list[dict[str, str]]]:
    """The active, present rep that a submission names by key, e-mail or external id; or a
    warning that says why it is routed normally."""
    if not isinstance(named, str) or not named.strip():
        return None, []
    rep = find_rep(desk.config, named.strip())
    if rep is None:
        code, why = "unknown", f"no rep {named.strip()!r}"
    else:
        away = desk.router.away(rep.key, desk.now)
        if away is None:
            return rep, []
        code = "inactive" if away is Exclusion.INACTIVE else "absent"
        why = f"{rep.name} is {code}"
    detail = f"The named owner is not available ({why}); the lead was routed by the rules."
    return None, [{"field": "owner", "code": code, "detail": detail}]


def find_rep(config: Config, named: str) -> Rep | None:
    """The rep with this key, else e-mail, else external id."""
    if named in config.reps:
        return config.reps[named]
    folded = named.casefold()
    by_mail = (rep for rep in config.reps.values() if rep.email and rep.email.casefold() == folded)
    by_id = (rep for rep in config.reps.values() if rep.external_id == named)
    return next(by_mail, None) or next(by_id, None)


def explicit(desk: Desk, case: Case, rep: Rep) -> Decided:
    """The caller named the owner: exactly that rep, no rule, pools untouched."""
    router = desk.router
    facts, state = facts_of(desk, case), state_of(desk, case)
    account = router.account_of(state, facts)
    definition = router.qualifies(facts, state, desk.now).definition
    sla, due_at = router.clock(owner=rep.key, start=desk.now, rule=None, definition=definition)
    decision = Decision(
        status=LeadStatus.ASSIGNED,
        kind=AssignmentKind.EXPLICIT,
        owner=rep.key,
        model=RoutingModel.DIRECT,
        account=account,
        definition=definition.key if definition else None,
        qualified=True,
        sla=sla,
        due_at=due_at,
    )
    text = f"The submission named {rep.name} as owner."
    step = TraceStep(step=Step.ASSIGN, subject=rep.key, result=Result.PICKED, text=text)
    return Decided(decision=decision, facts=facts, state=None, explanation=text, trace=(step,))


def held(desk: Desk, case: Case, text: str) -> Decided:
    """Nothing is decided: the lead is kept without an owner."""
    decision = Decision(status=LeadStatus.HELD, kind=AssignmentKind.HELD, owner=None)
    step = TraceStep(step=Step.ASSIGN, subject=None, result=Result.SKIPPED, text=text)
    return Decided(
        decision=decision,
        facts=facts_of(desk, case),
        state=None,
        explanation=text,
        trace=(step,),
    )


def write_decision(
    desk: Desk, case: Case, decided: Decided, *, kind: AssignmentKind | None = None
) -> Assignment:
    """The ledger line of a decision; the lead's row follows it."""
    lead = case.lead
    lead.warnings = [*lead.warnings, *map(dict, decided.warnings)]
    shadow = SHADOW_NOTE if desk.mode is Mode.SHADOW else ""
    return desk.assign(
        lead,
        decided.decision,
        facts=decided.facts,
        state=decided.state,
        explanation=shadow + decided.explanation,
        kind=kind,
        resumed=decided.hold,
    )
