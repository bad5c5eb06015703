"""Held leads wait in a queue until somebody of their rule is available or the hold is over.

The oldest is tried first, each in a transaction of its own and under its row lock, which other
workers pass by: no lead is released twice. What cannot be released is found without locks
beforehand, on a desk that writes nothing, so a long queue costs a scan little. A new lead that a
pool could take is decided after those that wait for the pool (`before_new_lead`): it never
overtakes one that could be served.
"""

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from leads import snapshot
from leads.engine.explanations import explanation
from leads.engine.vocabulary import LeadStatus, Mode
from leads.models import Lead
from territories.revisions import Actor

from .cases import case_of, each_case
from .decide import Case, Decided, facts_of, state_of, write_decision
from .desk import Desk, at_desk
from .holds import hold_from_json

#: Who releases leads when time passes.
WORKER = Actor(kind="task", name="scheduler")


def queue(pool: str | None = None) -> "QuerySet[Lead]":
    """The leads that wait by a rule's hold, oldest first; of one pool if named."""
    leads = Lead.objects.filter(status=LeadStatus.HELD.value, hold_until__isnull=False)
    return (leads if pool is None else leads.filter(hold_pool=pool)).order_by("id")


def release_due(*, now: datetime, actor: Actor = WORKER) -> int:
    """Give every held lead that somebody can take, or whose hold is over, to whom its rule says;
    return how many left the queue. Nothing moves unless routing is live."""
    router = snapshot.live()
    settings = router.config.settings
    if settings is None or settings.mode is not Mode.LIVE or not queue().exists():
        return 0
    ready = list(_ready(Desk.dry(router=router, now=now)))
    return sum(at_desk(partial(_release, lead_id=pk), actor=actor, now=now) for pk in ready)


def _ready(desk: Desk) -> Iterator[UUID]:
    """The leads that would leave the queue now, as far as can be seen without locks."""
    for case in each_case(desk, queue()):
        decision = resume(desk, case).decision
        if decision.hold is None:
            desk.standing.apply(decision, domain=case.lead.domain)
            yield case.lead.pk


def resume(desk: Desk, case: Case) -> Decided:
    """What a held lead's rule comes to now; `decision.hold` is set when it goes on waiting."""
    hold = hold_from_json(case.lead.hold or {})
    facts, state = facts_of(desk, case), state_of(desk, case)
    decision = desk.router.resume(facts, state, desk.now, hold)
    return Decided(
        decision=decision,
        facts=facts,
        state=state.record(),
        explanation=explanation(decision, desk.config),
        trace=decision.trace,
        hold=hold,
    )


def _release(desk: Desk, *, lead_id: UUID) -> bool:
    """Take one lead off the queue; False when another worker has it or nobody is there."""
    skip = connection.features.has_select_for_update_skip_locked
    rows = queue().filter(pk=lead_id).select_for_update(skip_locked=skip, no_key=True)
    lead = rows.first()
    return lead is not None and _resume_on(desk, lead)


def _resume_on(desk: Desk, lead: Lead) -> bool:
    case = case_of(desk, lead)
    decided = resume(desk, case)
    if decided.decision.hold is not None and decided.decision.hold == decided.hold:
        return False
    write_decision(desk, case, decided)
    lead.updated_at = desk.now
    desk.writes.change(lead)
    return decided.decision.hold is None


def before_new_lead(desk: Desk, pool: str) -> bool:
    """Serve those that wait for a pool before a new lead is picked from it; return whether the
    pool moved. The pool is locked already, so nobody serves them at the same time."""
    served = False
    waiting = queue(pool)
    if desk.standing.locked:
        waiting = waiting.select_for_update(no_key=True)
    for lead in waiting:
        if lead.pk not in desk.writes.changed:
            served |= _resume_on(desk, lead)
    return served
