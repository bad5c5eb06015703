"""Decisions written down: assigned, held, nurtured, and the global fallback (semantics 6 and 9)."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from . import trace
from .compiled import Compiled
from .config import Definition, Rule
from .decision import Decision, Hold
from .errors import NoOpenTime
from .fallbacks import Wait
from .qualify import window_owner
from .rules import rule_digest
from .run import Hit, Miss, Run
from .sla import due_in
from .state import PoolState
from .vocabulary import AssignmentKind, LeadStatus, Reason

GLOBAL, EXCEPTIONS_OWNER = "global_fallback", "exceptions_owner"

Clock = tuple[str | None, datetime | None]


def clock(
    compiled: Compiled,
    owner: str,
    start: datetime,
    rule: Rule | None,
    definition: Definition | None,
) -> Clock:
    """The SLA policy's key and when the response is due: the rule's policy, else the definition's,
    else the default. The time is None on a calendar that never opens."""
    policy = compiled.policy(rule, definition)
    if policy is None:
        return None, None
    try:
        return policy.key, due_in(policy, compiled.roster.hours(owner), start)
    except NoOpenTime:
        return policy.key, None


def assigned(
    run: Run,
    hit: Hit,
    *,
    rule: Rule | None,
    reason: Reason | None = None,
    kind: AssignmentKind = AssignmentKind.ROUTED,
) -> Decision:
    """The lead goes to somebody; with a reason it is a fallback."""
    sla, due_at = clock(run.compiled, hit.rep, run.now, rule, run.definition)
    pick = hit.pick
    decision = Decision(
        status=LeadStatus.ASSIGNED,
        kind=kind if reason is None else AssignmentKind.FALLBACK,
        owner=hit.rep,
        rule=rule.key if rule is not None else None,
        model=rule.route_to.model if rule is not None else None,
        territory=run.place.territory.key if run.place is not None else None,
        account=run.account.key if run.account is not None else None,
        pool=pick.pool if pick is not None else None,
        is_fallback=reason is not None,
        reason=reason,
        definition=run.definition.key if run.definition is not None else None,
        qualified=True,
        sla=sla,
        due_at=due_at,
        exceptions=_exceptions(run, reason),
        pools=_moved(hit),
        picked_from=pick.pool if pick is not None else None,
        ruled=run.ruled,
        warnings=_warnings(sla, due_at),
        fallback_via=hit.via,
        trace=run.steps,
    )
    if run.explain:
        run.steps.append(trace.assign(run, decision))
    return decision


def waiting(run: Run, rule: Rule, wait: Wait, miss: Miss, first: Reason | None) -> Decision:
    """A fallback step holds the lead until somebody comes or the minutes are over."""
    hold = Hold(
        rule=rule.key,
        pool=miss.target.pool,
        rep=miss.target.rep,
        until=run.now + timedelta(minutes=wait.minutes),
        next_step=wait.next_step,
        reason=first or miss.reason,
        rule_digest=rule_digest(rule),
        after_next_rule=first is not None,
    )
    if run.explain:
        run.steps.append(trace.hold(run, hold, wait.minutes))
    return _held(run, rule, hold, exceptions=_exceptions(run, hold.reason))


def held_on(run: Run, rule: Rule, hold: Hold) -> Decision:
    """The lead waits on as before, with whoever has it; nothing moves and nothing is opened."""
    owner = run.state.owner
    return _parked(
        run,
        LeadStatus.HELD,
        hit=None if owner is None else Hit(rep=owner),
        rule=rule,
        pool=hold.pool,
        hold=hold,
        reason=hold.reason,
    )


def _held(run: Run, rule: Rule, hold: Hold, *, exceptions: tuple[Reason, ...]) -> Decision:
    """The lead waits in the queue; the window owner has it, if there is one."""
    return _parked(
        run,
        LeadStatus.HELD,
        hit=window_owner(run),
        rule=rule,
        pool=hold.pool,
        hold=hold,
        reason=hold.reason,
        exceptions=exceptions,
    )


def nurtured(run: Run, rule: Rule | None = None) -> Decision:
    """The lead is not qualified, or a rule sends it to nurture: the window owner has it."""
    return _parked(
        run,
        LeadStatus.NURTURE,
        hit=window_owner(run),
        rule=rule,
        exceptions=_exceptions(run, None),
    )


def _parked(
    run: Run,
    status: LeadStatus,
    *,
    hit: Hit | None,
    rule: Rule | None,
    exceptions: tuple[Reason, ...] = (),
    pool: str | None = None,
    hold: Hold | None = None,
    reason: Reason | None = None,
) -> Decision:
    pick = hit.pick if hit is not None else None
    decision = Decision(
        status=status,
        kind=AssignmentKind.HELD,
        owner=hit.rep if hit is not None else None,
        rule=rule.key if rule is not None else None,
        model=rule.route_to.model if rule is not None else None,
        territory=run.place.territory.key if run.place is not None else None,
        account=run.account.key if run.account is not None else None,
        pool=pool or (pick.pool if pick is not None else None),
        is_fallback=reason is not None,
        reason=reason,
        definition=run.definition.key if run.definition is not None else None,
        qualified=status is LeadStatus.HELD or rule is not None,
        hold=hold,
        exceptions=exceptions,
        pools=_moved(hit),
        picked_from=pick.pool if pick is not None else None,
        ruled=run.ruled,
        trace=run.steps,
    )
    if run.explain:
        run.steps.append(trace.assign(run, decision))
    return decision


def last_resort(run: Run, reason: Reason) -> Decision:
    """The global fallback: its pool or rep when active and present, else the exceptions owner."""
    settings = run.compiled.config.settings
    assert settings is not None  # noqa: S101 - without settings no run is started
    hit: Hit | None = None
    target = settings.fallback
    if target.rep is not None:
        if run.rep(target.rep, None) is None:
            hit = Hit(rep=target.rep, via=GLOBAL)
    else:
        pick = run.pick(target.pool or "", last_resort=True)
        if run.explain:
            run.steps += trace.pool_steps(run, pick)
        if pick.rep is not None:
            hit = Hit(rep=pick.rep, pick=pick, via=GLOBAL)
    if hit is None:
        hit = Hit(rep=settings.exceptions_owner, via=EXCEPTIONS_OWNER)
    if run.explain:
        run.steps.append(trace.last_resort(run, hit, reason))
    return assigned(run, hit, rule=None, reason=reason)


def unconfigured(*, explain: bool) -> Decision:
    """Before the first configuration a lead is held, with no owner."""
    return Decision(
        status=LeadStatus.HELD,
        kind=AssignmentKind.HELD,
        owner=None,
        trace=(trace.unconfigured(),) if explain else (),
    )


def _exceptions(run: Run, reason: Reason | None) -> tuple[Reason, ...]:
    opened = run.exceptions
    if reason is None:
        return tuple(opened) if opened else ()
    return (reason, *(one for one in opened if one is not reason))


def _moved(hit: Hit | None) -> Mapping[str, PoolState]:
    pick = hit.pick if hit is not None else None
    return {} if pick is None or pick.moved is None else {pick.pool: pick.moved}


def _warnings(sla: str | None, due_at: datetime | None) -> tuple[dict[str, str], ...]:
    if sla is None or due_at is not None:
        return ()
    detail = "The owner's calendar does not open within two years; no response time was set."
    return ({"field": "sla", "code": "no_open_time", "detail": detail},)
