"""One transaction at the routing desk: which configuration it decides on, what it holds locked,
what it is going to write.

`at_desk` runs a piece of work in a transaction and again, up to three times, when a newer
revision was committed meanwhile or the database ended a deadlock. The last attempt holds the
configuration still, so that a lead gets through however often people save.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from django.db import IntegrityError, OperationalError, connection, transaction

from leads import snapshot
from leads.engine.config import Config
from leads.engine.decision import Decision, Hold
from leads.engine.records import to_record
from leads.engine.router import Router
from leads.engine.state import RecordedState
from leads.engine.vocabulary import AssignmentKind, LeadStatus, Mode
from leads.errors import Busy, StaleConfiguration
from leads.ids import uuid7
from leads.models import Assignment, Lead, OutboxEvent, RoutingException, SlaClock
from leads.models import PoolState as PoolRow
from leads.models.rows import new_row
from leads.prepared import rows_of
from territories.revisions import (
    Actor,
    ConfigurationStamp,
    configuration_stamp,
    has_uncommitted_revision,
)

from .holds import hold_to_json
from .locks import LOCKS_SQL, lock_ids
from .standing import Standing, turns_to_json
from .store import STAMP_SQL, Writes

T = TypeVar("T")

ATTEMPTS = 4
#: Who makes decisions that are never written.
NOBODY = Actor(kind="system", name="nobody")
#: Serialisation failure and deadlock (PostgreSQL, appendix A).
RETRIED_STATES = frozenset({"40001", "40P01"})

#: Waits for the named locks, in their order, and reads the stamp.
BEGIN_SQL = STAMP_SQL.replace(" FROM", f", ({LOCKS_SQL}) FROM")

#: The event that tells of a line, by the status it leaves the lead in.
EVENTS = {
    LeadStatus.ASSIGNED: "lead.assigned",
    LeadStatus.HELD: "lead.held",
    LeadStatus.NURTURE: "lead.nurtured",
}


class Desk:
    """What one transaction knows and collects; `save` writes it."""

    def __init__(
        self,
        *,
        router: Router,
        stamp: ConfigurationStamp,
        actor: Actor,
        now: datetime,
        locked: bool = True,
    ) -> None:
        self.router = router
        self.stamp = stamp
        self.actor = actor
        self.now = now
        self.standing = Standing(router.config, now, locked=locked)
        self.writes = Writes()

    @classmethod
    def dry(cls, *, router: Router, now: datetime, actor: Actor = NOBODY) -> "Desk":
        """A desk for what-if: it locks nothing, and nobody saves it."""
        stamp = ConfigurationStamp(router.config.revision, "")
        return cls(router=router, stamp=stamp, actor=actor, now=now, locked=False)

    @property
    def config(self) -> Config:
        return self.router.config

    @property
    def mode(self) -> Mode:
        """What is done with decisions; live where there is no configuration to say."""
        return self.config.settings.mode if self.config.settings else Mode.LIVE

    def acted(self) -> dict[str, str]:
        """The columns that say who did it."""
        return {
            "actor_kind": self.actor.kind,
            "actor_id": self.actor.id,
            "actor_name": self.actor.name,
        }

    def assign(
        self,
        lead: Lead,
        decision: Decision,
        *,
        facts: Mapping[str, object],
        state: RecordedState | None,
        explanation: str,
        kind: AssignmentKind | None = None,
        reason: str = "",
        note: str = "",
        resumed: Hold | None = None,
    ) -> Assignment:
        """Write a decision into the ledger and onto the lead; open its clock and exceptions.

        Without a `state` the engine did not make it, and it is not replayed; `resumed` is the
        hold of a lead that was waiting."""
        shadow = self.mode is Mode.SHADOW
        line = self._line(lead, decision, kind or decision.kind)
        line.facts, line.state = dict(facts), to_record(state) if state else {}
        if resumed is not None:
            line.state["hold"] = hold_to_json(resumed)
        line.explanation, line.reason, line.note = explanation, reason, note
        line.shadow = shadow
        previous = lead.owner_id if lead.status == LeadStatus.ASSIGNED.value else None
        self.writes.add(line)
        if shadow:
            self._keep_in_shadow(lead, line)
            return line
        self.standing.lock_owner(decision.owner)
        self.standing.apply(decision, domain=lead.domain, was_open_with=previous)
        self._put_on_lead(lead, line, decision)
        self._start_clock(lead, line)
        self._open_exceptions(lead, line, decision)
        self._tell_of_line(lead, changed=bool(line.previous_owner))
        return line

    def _line(self, lead: Lead, decision: Decision, kind: AssignmentKind) -> Assignment:
        rule = self.router.rule(decision.rule) if decision.rule else None
        return new_row(
            Assignment,
            # Whoever waited for the lead's lock came later, whatever their clock said.
            id=uuid7(self.now, after=lead.assignment_id),
            lead_id=lead.pk,
            at=self.now,
            kind=kind.value,
            owner_id=decision.owner,
            previous_owner=lead.owner_id or "",
            rule=decision.rule or "",
            rule_name=rule.name if rule else "",
            rule_priority=rule.priority if rule else None,
            model=decision.model.value if decision.model else "",
            territory=decision.territory or "",
            account=decision.account or "",
            pool=decision.pool or "",
            picked_from=decision.picked_from or "",
            definition=decision.definition or "",
            is_fallback=decision.is_fallback,
            fallback_reason=decision.reason.value if decision.reason else "",
            revision=self.stamp.number,
            sla=decision.sla or "",
            due_at=decision.due_at,
            **self.acted(),
        )

    def _keep_in_shadow(self, lead: Lead, line: Assignment) -> None:
        if lead._state.adding:
            lead.status = LeadStatus.HELD.value
            lead.assignment_id = line.id

    def _put_on_lead(self, lead: Lead, line: Assignment, decision: Decision) -> None:
        reopened = lead.closed_at is not None and decision.status is not LeadStatus.CLOSED
        if reopened:
            lead.closed_at = None
        lead.status = decision.status.value
        lead.owner_id = line.owner_id
        lead.assignment_id = line.id
        if line.account:
            lead.account_id = line.account
        lead.definition, lead.qualified = line.definition, decision.qualified
        lead.rule, lead.model, lead.territory = line.rule, line.model, line.territory
        lead.is_fallback, lead.due_at = line.is_fallback, line.due_at
        lead.responded_at = lead.breached_at = None
        hold = decision.hold
        lead.hold_until = hold.until if hold else None
        lead.hold = hold_to_json(hold) if hold else None
        lead.hold_pool = hold.pool or "" if hold else ""

    def _start_clock(self, lead: Lead, line: Assignment) -> None:
        self.writes.stop_clocks(lead, at=self.now)
        if line.due_at is not None:
            self.writes.add(
                new_row(
                    SlaClock,
                    assignment_id=line.id,
                    lead_id=lead.pk,
                    policy=line.sla,
                    owner=line.owner_id or "",
                    started_at=line.at,
                    warn_at=self.router.warn_at(
                        policy=line.sla, owner=line.owner_id or "", start=line.at
                    ),
                    due_at=line.due_at,
                )
            )

    def _open_exceptions(self, lead: Lead, line: Assignment, decision: Decision) -> None:
        settings = self.config.settings
        for why in decision.exceptions:
            self.writes.add(
                new_row(
                    RoutingException,
                    id=uuid7(self.now),
                    reason=why.value,
                    lead_id=lead.pk,
                    assignment_id=line.id,
                    owner_id=settings.exceptions_owner if settings else None,
                    opened_at=self.now,
                )
            )
            self.tell("exception.opened", lead, {"reason": why.value})

    def _tell_of_line(self, lead: Lead, *, changed: bool) -> None:
        if self.mode is Mode.PAUSED:
            return
        event = EVENTS[LeadStatus(lead.status)] if lead.status in EVENTS else ""
        if changed and event == "lead.assigned":
            event = "lead.reassigned"
        if event:
            self.tell(event, lead)

    def tell(self, event: str, lead: Lead, data: Mapping[str, Any] | None = None) -> None:
        """Put an event of a lead into the outbox."""
        self.writes.add(
            new_row(
                OutboxEvent,
                id=uuid7(self.now),
                event=event,
                lead_id=lead.pk,
                assignment_id=lead.assignment_id,
                at=self.now,
                data=dict(data or {}),
            )
        )

    def save(self) -> None:
        """Write what was collected. Raises StaleConfiguration (see `store`)."""
        pools = [
            PoolRow(pool_id=key, picks=state.picks, turns=turns_to_json(state))
            for key, state in sorted(self.standing.moved.items())
        ]
        self.writes.save(pools=pools, stamp=self.stamp)


def at_desk(
    work: Callable[[Desk], T],
    *,
    actor: Actor,
    now: datetime,
    locks: Iterable[tuple[str, ...]] = (),
) -> T:
    """The result of `work` in one transaction, tried again when the world moved under it.

    `locks` are names held from the start, such as a lead's identity. Raises Busy when the
    attempts are used up."""
    names = list(locks)
    for attempt in range(ATTEMPTS):
        try:
            with transaction.atomic():
                stamp = _begin(names, still=attempt == ATTEMPTS - 1)
                desk = Desk(router=snapshot.live(stamp), stamp=stamp, actor=actor, now=now)
                result = work(desk)
                desk.save()
                return result
        except (StaleConfiguration, snapshot.ConfigurationMoving):
            continue
        except IntegrityError:
            # Another transaction took the same external id first; looking again finds it.
            if attempt == ATTEMPTS - 1:
                raise
        except OperationalError as error:
            if _is_final(error):
                raise Busy("the database is busy; try again") from error
    raise Busy("the configuration changes too fast; try again")


def _is_final(error: OperationalError) -> bool:
    """Whether trying again at once is no use; raises what is no matter of locks at all."""
    state = getattr(error.__cause__, "sqlstate", None)
    if state in RETRIED_STATES:
        return False
    if "locked" in str(error):  # SQLite gave up after its busy timeout
        return True
    raise error


def _begin(names: list[tuple[str, ...]], *, still: bool) -> ConfigurationStamp:
    """Take the named locks and read the stamp: one statement on PostgreSQL. With `still` no
    revision can be made until the transaction ends."""
    if connection.vendor != "postgresql":
        return configuration_stamp()
    if still:
        rows_of(f"{STAMP_SQL} FOR SHARE")
    found = rows_of(BEGIN_SQL, [lock_ids(names)])
    if not found:
        return configuration_stamp()
    number, epoch, _ = found[0]
    return ConfigurationStamp(number, epoch, has_uncommitted_revision())
