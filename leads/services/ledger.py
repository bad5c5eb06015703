"""What people do to a routed lead: reassign it, say that it was contacted, say what became of it.

Each is one transaction under the lead's row lock. The ledger only grows: a correction is a new
line, and a pool that lost its turn to a lead that was none is owed it again, once.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from leads.engine.config import Rep
from leads.engine.decision import Decision
from leads.engine.pools import credit
from leads.engine.sla import elapsed_business_seconds
from leads.engine.vocabulary import (
    CREDITED_REASONS,
    AssignmentKind,
    Exclusion,
    LeadStatus,
    OutcomeStatus,
    ReassignReason,
    RoutingModel,
)
from leads.errors import Fault, InvalidLead, NotFound
from leads.ids import uuid7
from leads.models import Assignment, Contact, Lead, Outcome, SlaClock
from territories.revisions import Actor

from .cases import case_of
from .decide import Case, Decided, decide
from .desk import Desk, at_desk
from .ruled_out import LINK, ruled_out
from .standing import HandState

CLOSING = frozenset({OutcomeStatus.REJECTED, OutcomeStatus.CONVERTED, OutcomeStatus.LOST})
CREDITED = frozenset(reason.value for reason in CREDITED_REASONS)


def reassign(
    *,
    lead_id: UUID,
    to: Mapping[str, object],
    reason: str,
    note: str = "",
    actor: Actor,
    now: datetime,
) -> Lead:
    """Give a lead to a rep, to a pool's next member, or to the rules again; return it.

    `to` is `{"rep": key}`, `{"pool": key}` or `{"rule": True}`. A choice of a pool by hand does
    not use up its turn. Raises NotFound, and InvalidLead when the target cannot take it."""
    why = check_reason(reason)

    def work(desk: Desk) -> Lead:
        lead = _locked(lead_id)
        reassign_at(desk, lead, to=to, reason=why, note=note)
        return lead

    return at_desk(work, actor=actor, now=now)


def check_reason(reason: str) -> ReassignReason:
    """The reason, or InvalidLead that names those there are."""
    try:
        return ReassignReason(reason)
    except ValueError:
        known = ", ".join(ReassignReason)
        detail = f"unknown reason {reason!r}; the reasons are {known}"
        raise InvalidLead([Fault("/reason", "invalid", detail)]) from None


def reassign_at(
    desk: Desk,
    lead: Lead,
    *,
    to: Mapping[str, object],
    reason: ReassignReason,
    note: str = "",
    case: Case | None = None,
) -> Assignment:
    """Reassign a locked lead on a desk; the caller saves. `case` is the lead's where many were
    made at once. Raises InvalidLead."""
    if reason in CREDITED_REASONS:
        give_credit(desk, lead)
    closed_at = lead.closed_at
    decided = _target(desk, lead, to, case)
    line = desk.assign(
        lead,
        decided.decision,
        facts=decided.facts,
        state=decided.state,
        explanation=decided.explanation,
        kind=AssignmentKind.REASSIGNED,
        reason=reason.value,
        note=note,
    )
    if closed_at is not None:
        # The books are put right; the lead does not come to life again.
        lead.status, lead.closed_at = LeadStatus.CLOSED.value, closed_at
    lead.updated_at = desk.now
    desk.writes.change(lead)
    return line


def _locked(lead_id: UUID) -> Lead:
    lead = Lead.objects.select_for_update(no_key=True).filter(pk=lead_id).first()
    if lead is None:
        raise NotFound(f"no lead {lead_id}")
    return lead


def _target(desk: Desk, lead: Lead, to: Mapping[str, object], case: Case | None) -> Decided:
    if set(to) == {"rep"}:
        return _to_rep(desk, lead, str(to["rep"]))
    if set(to) == {"pool"}:
        return _to_pool(desk, lead, str(to["pool"]))
    if set(to) == {"rule"} and to["rule"] is True:
        case = case or case_of(desk, lead)
        return decide(desk, replace(case, ruled_out=_those_before(desk, lead)))
    detail = 'one of {"rep": key}, {"pool": key}, {"rule": true} is needed'
    raise InvalidLead([Fault("/to", "invalid", detail)])


def _those_before(desk: Desk, lead: Lead) -> dict[str, str]:
    """Who is not asked again; a rep who declines by the link of an alert is one of them."""
    declines = desk.actor.kind == LINK and lead.owner_id is not None
    return {**ruled_out(lead), **({str(lead.owner_id): "declined"} if declines else {})}


def _to_rep(desk: Desk, lead: Lead, key: str) -> Decided:
    rep = desk.config.reps.get(key)
    if rep is None:
        raise InvalidLead([Fault("/to/rep", "unknown", f"no rep {key!r}")])
    if desk.router.away(key, desk.now) is Exclusion.INACTIVE:
        raise InvalidLead([Fault("/to/rep", "inactive", f"{rep.name} is inactive")])
    return by_hand(desk, lead, rep, text=f"Reassigned to {rep.name} by {desk.actor.name}.")


def by_hand(desk: Desk, lead: Lead, rep: Rep, *, text: str, pool: str | None = None) -> Decided:
    """The decision that a person, or a step of a policy, names the owner by."""
    definition = desk.router.definition(lead.definition) if lead.definition else None
    rule = desk.router.rule(lead.rule) if lead.rule else None
    sla, due_at = desk.router.clock(owner=rep.key, start=desk.now, rule=rule, definition=definition)
    decision = Decision(
        status=LeadStatus.ASSIGNED,
        kind=AssignmentKind.REASSIGNED,
        owner=rep.key,
        model=None if pool else RoutingModel.DIRECT,
        territory=lead.territory or None,
        account=lead.account_id,
        pool=pool,
        definition=lead.definition or None,
        qualified=lead.qualified,
        sla=sla,
        due_at=due_at,
    )
    return Decided(decision=decision, facts={}, state=None, explanation=text)


def _to_pool(desk: Desk, lead: Lead, key: str) -> Decided:
    pool = desk.config.pools.get(key)
    if pool is None:
        raise InvalidLead([Fault("/to/pool", "unknown", f"no pool {key!r}")])
    pick = desk.router.pick_by_hand(key, {}, HandState(desk.standing), desk.now)
    if pick.rep is None or pick.moved is None:
        detail = f"nobody in {pool.name} is available"
        raise InvalidLead([Fault("/to/pool", "nobody_available", detail)])
    desk.standing.by_hand[key] = pick.moved
    owner = desk.config.reps[pick.rep]
    text = f"Reassigned to {pool.name} by {desk.actor.name}; {owner.name} was next."
    return by_hand(desk, lead, owner, text=text, pool=key)


def give_credit(desk: Desk, lead: Lead) -> None:
    """Owe the member of the last pool pick their turn again: the lead was none. Once a lead."""
    picks = Assignment.objects.filter(lead=lead, shadow=False).exclude(picked_from="")
    last = picks.order_by("-id").values_list("picked_from", "owner_id").first()
    if lead.credited or last is None or last[1] is None:
        return
    pool, rep = last
    state = desk.standing.pool(pool)
    desk.standing.credit(pool, credit(state, str(rep)))
    lead.credited = True
    desk.writes.change(lead)


def record_contact(
    *,
    lead_id: UUID,
    at: datetime | None = None,
    by: str = "",
    channel: str = "",
    actor: Actor,
    now: datetime,
) -> Lead:
    """Note that the owner reached out; the first time stops the clock. Raises NotFound."""

    def work(desk: Desk) -> Lead:
        lead = _locked(lead_id)
        contact_at(desk, lead, at=at, by=by, channel=channel)
        return lead

    return at_desk(work, actor=actor, now=now)


def contact_at(
    desk: Desk, lead: Lead, *, at: datetime | None = None, by: str = "", channel: str = ""
) -> None:
    """Note a contact of a locked lead on a desk; the caller saves."""
    moment = at or desk.now
    Contact.objects.create(
        id=uuid7(desk.now),
        lead=lead,
        assignment_id=lead.assignment_id,
        at=moment,
        by=by,
        channel=channel,
        recorded_at=desk.now,
        **desk.acted(),
    )
    if lead.responded_at is None:
        lead.responded_at = moment
        _stop_clock(desk, lead, moment)
        desk.tell("lead.contacted", lead, {"channel": channel})
    lead.updated_at = desk.now
    desk.writes.change(lead)


def _stop_clock(desk: Desk, lead: Lead, moment: datetime) -> None:
    clock = SlaClock.objects.filter(lead=lead, stopped_at__isnull=True).first()
    if clock is None or clock.responded_at is not None:
        return
    rep = desk.config.reps.get(clock.owner)
    calendar = desk.config.calendars.get(rep.calendar or "") if rep else None
    clock.responded_at = moment
    clock.response_seconds = max(int((moment - clock.started_at).total_seconds()), 0)
    clock.response_business_seconds = elapsed_business_seconds(calendar, clock.started_at, moment)
    clock.save(update_fields=["responded_at", "response_seconds", "response_business_seconds"])


def record_outcome(
    *,
    lead_id: UUID,
    status: str,
    at: datetime | None = None,
    amount: Decimal | None = None,
    currency: str | None = None,
    reason: str = "",
    source: str = "",
    actor: Actor,
    now: datetime,
) -> Lead:
    """Note what became of a lead; all but `accepted` close it, and a later word corrects it.

    Raises NotFound, and InvalidLead for an unknown status."""
    outcome = check_outcome(status)

    def work(desk: Desk) -> Lead:
        lead = _locked(lead_id)
        outcome_at(
            desk,
            lead,
            outcome=outcome,
            at=at,
            amount=amount,
            currency=currency or "",
            reason=reason,
            source=source,
        )
        return lead

    return at_desk(work, actor=actor, now=now)


def check_outcome(status: str) -> OutcomeStatus:
    """The status, or InvalidLead that names those there are."""
    try:
        return OutcomeStatus(status)
    except ValueError:
        detail = f"unknown status {status!r}; it is one of {', '.join(OutcomeStatus)}"
        raise InvalidLead([Fault("/status", "invalid", detail)]) from None


def outcome_at(
    desk: Desk,
    lead: Lead,
    *,
    outcome: OutcomeStatus,
    at: datetime | None = None,
    amount: Decimal | None = None,
    currency: str = "",
    reason: str = "",
    source: str = "",
) -> None:
    """Note what became of a locked lead on a desk; the caller saves."""
    moment = at or desk.now
    Outcome.objects.create(
        id=uuid7(desk.now),
        lead=lead,
        status=outcome.value,
        at=moment,
        amount=amount,
        currency=currency,
        reason=reason,
        source=source,
        recorded_at=desk.now,
        **desk.acted(),
    )
    if reason in CREDITED and outcome is OutcomeStatus.REJECTED:
        give_credit(desk, lead)
    _put_outcome(desk, lead, outcome, moment)
    lead.amount, lead.currency = amount, currency
    desk.tell("lead.outcome", lead, {"status": outcome.value})
    desk.writes.change(lead)


def _put_outcome(desk: Desk, lead: Lead, outcome: OutcomeStatus, moment: datetime) -> None:
    lead.outcome, lead.outcome_at = outcome.value, moment
    lead.updated_at = desk.now
    if outcome in CLOSING:
        lead.status, lead.closed_at = LeadStatus.CLOSED.value, moment
        lead.hold, lead.hold_until, lead.hold_pool = None, None, ""
        desk.writes.stop_clocks(lead, at=moment)
    elif lead.closed_at is not None:
        # Accepted after all: it is open again, with whom it was.
        lead.closed_at = None
        owned = lead.owner_id is not None
        lead.status = (LeadStatus.ASSIGNED if owned else LeadStatus.HELD).value
