"""What a submission about a known lead calls for: usually nothing, since its owner keeps it.

It is routed when the caller names another owner; when it was waiting without a decision (no
configuration, a pause that has ended) or as nurture and now qualifies; when its owner left; and
when it re-engages under a definition that asks for it (semantics 2).
"""

from dataclasses import replace

from leads.engine.decision import Decision, TraceStep
from leads.engine.vocabulary import AssignmentKind, LeadStatus, Mode, Result, Step

from .decide import Case, Decided, decide, explicit, facts_of, named_owner, state_of
from .desk import Desk


def needs_routing(
    desk: Desk, case: Case, *, owner_named: object = None, explain: bool = False
) -> Decided | None:
    """The new decision for a known lead, or None where it stays as it is."""
    if desk.mode is Mode.PAUSED or (desk.mode is Mode.SHADOW and case.lead.assignment_id):
        return None
    rep, warnings = named_owner(desk, owner_named)
    case.lead.warnings = [*case.lead.warnings, *warnings]
    status = LeadStatus(case.lead.status)
    if rep is not None and status is not LeadStatus.CLOSED:
        same = status is LeadStatus.ASSIGNED and case.lead.owner_id == rep.key
        return None if same else explicit(desk, case, rep)
    match status:
        case LeadStatus.CLOSED:
            return _reopened(desk, case, explain)
        case LeadStatus.NURTURE:
            return _qualified_now(desk, case, explain)
        case LeadStatus.HELD:
            waits = case.lead.hold_until is not None
            return None if waits else _moved(case, decide(desk, case, explain=explain))
        case LeadStatus.ASSIGNED:
            return _owned(desk, case, explain)


def _qualified_now(desk: Desk, case: Case, explain: bool) -> Decided | None:
    """Routed if the update makes it qualify; otherwise it stays where it is."""
    if not desk.router.qualifies(facts_of(desk, case), state_of(desk, case), desk.now).qualified:
        return None
    return _moved(case, decide(desk, case, explain=explain))


def _moved(case: Case, decided: Decided) -> Decided | None:
    """The decision, unless it parks the lead where it is parked already: that is no new line,
    and a pool of window owners has had its turn."""
    parked = decided.decision.status in (LeadStatus.NURTURE, LeadStatus.HELD)
    waits = decided.decision.hold is not None
    same = parked and not waits and decided.decision.status.value == case.lead.status
    return None if same and case.lead.assignment_id else decided


def _owned(desk: Desk, case: Case, explain: bool) -> Decided | None:
    owner = case.lead.owner_id
    rep = desk.config.reps.get(owner or "")
    if rep is None or not rep.active:
        return decide(desk, replace(case, rerouted=True), explain=explain)
    if not _reengages(desk, case):
        return None
    if desk.router.away(rep.key, desk.now) is None:
        return _kept(desk, case)
    return decide(desk, replace(case, rerouted=True), explain=explain)


def _reopened(desk: Desk, case: Case, explain: bool) -> Decided | None:
    if not _reengages(desk, case):
        return None
    return decide(desk, replace(case, rerouted=True), explain=explain)


def _reengages(desk: Desk, case: Case) -> bool:
    """Whether the lead qualifies under a definition that has leads come back."""
    engaged = replace(case, rerouted=True)
    standing = desk.router.qualifies(facts_of(desk, case), state_of(desk, engaged), desk.now)
    definition = standing.definition
    return standing.qualified and definition is not None and definition.reengage


def _kept(desk: Desk, case: Case) -> Decided:
    """The owner stays, is alerted and gets a new clock: a line of the ledger of its own."""
    lead, router = case.lead, desk.router
    facts, state = facts_of(desk, case), state_of(desk, replace(case, rerouted=True))
    definition = router.qualifies(facts, state, desk.now).definition
    owner = str(lead.owner_id)
    rule = router.rule(lead.rule) if lead.rule else None
    sla, due_at = router.clock(owner=owner, start=desk.now, rule=rule, definition=definition)
    text = f"The lead came back and {desk.config.reps[owner].name}, who has it, keeps it."
    decision = Decision(
        status=LeadStatus.ASSIGNED,
        kind=AssignmentKind.ROUTED,
        owner=owner,
        account=lead.account_id,
        territory=lead.territory or None,
        definition=definition.key if definition else None,
        qualified=True,
        sla=sla,
        due_at=due_at,
    )
    step = TraceStep(step=Step.ASSIGN, subject=owner, result=Result.PICKED, text=text)
    return Decided(
        decision=decision,
        facts=facts,
        state=None,
        explanation=text,
        trace=(step,),
    )
