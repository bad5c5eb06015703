"""SLA clocks: the owner is warned, a breach is recorded once, and the policy's steps follow
(semantics 9).

A scan looks for clocks whose time has come, however late it is: what was missed during an outage
is caught up. Each clock is handled in a transaction of its own under its lead's row lock, and what
was done stands on the clock in that transaction, so nothing fires twice whoever scans. A clock
that is responded to, or whose lead was closed or handed on, is passed by.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db.models import Q, QuerySet

from leads import snapshot
from leads.engine.config import SlaPolicy
from leads.engine.vocabulary import AssignmentKind, LeadStatus, Mode, ReassignReason
from leads.models import Lead, SlaClock
from territories.revisions import Actor

from .cases import case_of
from .decide import Case, Decided, decide
from .desk import Desk, at_desk
from .holding import WORKER
from .ledger import by_hand
from .ruled_out import ruled_out

NOTIFY_OWNER, NOTIFY_MANAGER, REASSIGN = "notify_owner", "notify_manager", "reassign"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanCounts:
    """What one scan did."""

    warned: int = 0
    breached: int = 0


def running() -> "QuerySet[SlaClock]":
    """Clocks that still wait for a first response and were not breached yet."""
    return SlaClock.objects.filter(
        responded_at__isnull=True, stopped_at__isnull=True, breached_at__isnull=True
    )


def scan(*, now: datetime, actor: Actor = WORKER) -> ScanCounts:
    """Warn of and record what is due at an instant; nothing happens unless routing is live."""
    settings = snapshot.live().config.settings
    if settings is None or settings.mode is not Mode.LIVE:
        return ScanCounts()
    breached = _each(running().filter(due_at__lte=now).order_by("due_at"), _breach, actor, now)
    to_warn = running().filter(warned_at__isnull=True, warn_at__lte=now, due_at__gt=now)
    warned = _each(to_warn.order_by("warn_at"), _warn, actor, now)
    return ScanCounts(warned=warned, breached=breached)


def _each(
    clocks: "QuerySet[SlaClock]",
    act: Callable[[Desk, Lead, SlaClock], None],
    actor: Actor,
    now: datetime,
) -> int:
    pairs = list(clocks.values_list("pk", "lead_id"))
    return sum(
        at_desk(partial(_act, clock_id=pk, lead_id=lead, act=act), actor=actor, now=now)
        for pk, lead in pairs
    )


def _act(
    desk: Desk, *, clock_id: UUID, lead_id: UUID, act: Callable[[Desk, Lead, SlaClock], None]
) -> bool:
    """Act on a clock unless somebody responded, or another worker acted, in between."""
    lead = Lead.objects.select_for_update(no_key=True).get(pk=lead_id)
    clocks = running().filter(pk=clock_id).exclude(lead__status=LeadStatus.CLOSED.value)
    if act is _warn:
        clocks = clocks.filter(warned_at__isnull=True)
    clock = clocks.first()
    if clock is None:
        return False
    act(desk, lead, clock)
    return True


def _warn(desk: Desk, lead: Lead, clock: SlaClock) -> None:
    clock.warned_at = desk.now
    clock.save(update_fields=["warned_at"])
    desk.tell("sla.warning", lead, {"owner": clock.owner, "policy": clock.policy})


def _breach(desk: Desk, lead: Lead, clock: SlaClock) -> None:
    clock.breached_at = lead.breached_at = desk.now
    clock.save(update_fields=["breached_at"])
    lead.updated_at = desk.now
    policy = desk.config.sla_policies.get(clock.policy)
    steps = policy.on_breach if policy is not None else ()
    notify = [step.removeprefix("notify_") for step in steps if step != REASSIGN]
    data = {"owner": clock.owner, "policy": clock.policy, "notify": notify}
    desk.tell("sla.breached", lead, data)
    if policy is not None and REASSIGN in steps:
        _hand_on(desk, lead, policy, clock.owner)
    desk.writes.change(lead)


def _hand_on(desk: Desk, lead: Lead, policy: SlaPolicy, owner: str) -> None:
    """A new pick without those who had it; after the policy's number of these the manager; a
    manager who is late as well keeps it."""
    before = sum(1 for _ in _handed_on(lead))
    if before > policy.max_reassignments:
        return
    had = {**ruled_out(lead), owner: "breached"}
    case = case_of(desk, lead, ruled_out=had)
    manager = _manager(desk, owner)
    if before < policy.max_reassignments:
        decided = decide(desk, case)
    elif manager is not None:
        decided = _to_manager(desk, case, manager)
    else:
        return
    desk.assign(
        lead,
        decided.decision,
        facts=decided.facts,
        state=decided.state,
        explanation=f"The time to respond passed. {decided.explanation}",
        kind=AssignmentKind.SLA_REASSIGNED,
        reason=ReassignReason.SLA_BREACH.value,
    )


def _handed_on(lead: Lead) -> Iterator[str]:
    """The lines at the ledger's end that breaches made."""
    for kind in lead.assignments.order_by("-id").values_list("kind", flat=True):
        if kind != AssignmentKind.SLA_REASSIGNED.value:
            return
        yield kind


def _manager(desk: Desk, owner: str) -> str | None:
    """The active manager of the owner's team, else the owner of exceptions."""
    config = desk.config
    rep = config.reps.get(owner)
    team = config.teams.get(rep.team or "") if rep is not None else None
    settings = config.settings
    for key in (team.manager if team else None, settings.exceptions_owner if settings else None):
        if key and key in config.reps and config.reps[key].active and key != owner:
            return key
    return None


def _to_manager(desk: Desk, case: Case, manager: str) -> Decided:
    rep = desk.config.reps[manager]
    return by_hand(desk, case.lead, rep, text=f"It goes to {rep.name}, the manager.")


def due_now() -> "QuerySet[SlaClock]":
    """Clocks that wait for a response, breached ones too, by the time that is left."""
    waiting = SlaClock.objects.filter(responded_at__isnull=True, stopped_at__isnull=True)
    open_leads = ~Q(lead__status=LeadStatus.CLOSED.value)
    return waiting.filter(open_leads).select_related("lead", "lead__owner").order_by("due_at")
