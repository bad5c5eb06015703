"""Sixty days at the demo company: leads arrive, are answered, corrected and closed, and now and
then the configuration changes; each thing at its time, by the services that do it for real.

A queue of events in the order of their instants. What an event leads to is put into the queue,
and what would come after the present is left out. Events are written a few hundred a
transaction; a change of the configuration is one of its own, so that it is committed before the
next lead.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from heapq import heappop, heappush
from itertools import count
from random import Random
from typing import Any
from uuid import UUID

from django.db import transaction

from leads import snapshot
from leads.body import check_lead, parse_json
from leads.engine.config import Calendar, SlaPolicy
from leads.engine.sla import due_at
from leads.engine.vocabulary import Clock, LeadStatus
from leads.errors import Fault, InvalidLead
from leads.models import Assignment, Lead
from leads.services import clocks, holding, ledger, refusals
from leads.services.intake import Receipt, receive_lead
from territories import document as configuration
from territories.models import ActorKind
from territories.revisions import Actor, revision

from . import people
from .arrivals import Arrivals
from .changes import CHANGES, ConfigChange
from .sites import Site

EVENTS_A_TRANSACTION = 250
STORY_DAYS = 60
REFUSED_COUNT = 14
AGAIN_SHARE, RESPONSE_SHARE, CORRECTION_SHARE = 0.08, 0.9, 0.055
#: What becomes of a lead that was responded to; the rest is still open.
ACCEPTED_SHARE, REJECTED_SHARE = 0.66, 0.13
CONVERTED_SHARE, LOST_SHARE = 0.36, 0.4
#: Reasons to hand a lead on, by weight.
CORRECTIONS = {
    "wrong_territory": 24, "wrong_account": 15, "wrong_skill": 13, "wrong_segment": 9,
    "workload": 20, "absence": 9, "config_fixed": 6, "other": 4,
}  # fmt: skip
REJECTIONS = {
    "spam": 4, "duplicate": 3, "not_a_lead": 4, "misrouted": 4, "no budget": 6, "student": 2,
}  # fmt: skip
LOSSES = ("price", "chose a competitor", "no decision", "timing")
CHANNELS = ("phone", "email", "meeting")
CURRENCIES = {"US": "USD", "CA": "USD", "MX": "USD", "BR": "USD", "GB": "GBP"}

Happening = Callable[[datetime], None]


@dataclass(slots=True)
class Story:
    """Plays the company's last days; `totals` counts what happened."""

    random: Random
    document: Mapping[str, Any]
    company_domain: str
    now: datetime
    days: int = STORY_DAYS
    totals: dict[str, int] = field(default_factory=dict)
    _queue: list[tuple[datetime, int, Happening, bool]] = field(default_factory=list)
    _known_calendars: Mapping[str, Calendar] = field(default_factory=dict)
    _numbers: Any = field(default_factory=count)

    def play(self, *, leads: int, said: Callable[[int], None]) -> None:
        """Route `leads` leads and all that follows; `said` is told how many are through."""
        start = self.now - timedelta(days=self.days)
        arrivals = Arrivals(self.random, self.document["accounts"], self.company_domain)
        for instant, site in arrivals.instants(leads, start, self.now - timedelta(minutes=2)):
            self._at(instant, self._arrival(arrivals, site))
        for _ in range(REFUSED_COUNT):
            instant = start + self.random.random() * (self.now - start)
            self._at(max(instant, self.now - timedelta(days=28)), self._refusal(arrivals))
        for hour in range(self.days * 24):
            self._at(start + timedelta(hours=hour), self._time_passes)
        for change in CHANGES:
            ago = timedelta(days=change.days_ago * self.days / STORY_DAYS)
            self._at(self.now - ago, self._config_change(change), alone=True)
        while self._queue:
            self._do_some()
            said(self.totals.get("leads", 0))

    def _at(self, instant: datetime, happening: Happening, *, alone: bool = False) -> None:
        if instant < self.now:
            heappush(self._queue, (instant, next(self._numbers), happening, alone))

    def _do_some(self) -> None:
        """The next event that wants a transaction of its own, or those before it."""
        if self._queue[0][3]:
            instant, _, happening, _ = heappop(self._queue)
            happening(instant)
            return
        with transaction.atomic():
            for _ in range(EVENTS_A_TRANSACTION):
                if not self._queue or self._queue[0][3]:
                    return
                instant, _, happening, _ = heappop(self._queue)
                happening(instant)

    def _counted(self, what: str) -> None:
        self.totals[what] = self.totals.get(what, 0) + 1

    # --- what happens --------------------------------------------------------------------

    def _time_passes(self, instant: datetime) -> None:
        """What the scheduler does: held leads are released, late ones handed on."""
        moved = holding.release_due(now=instant) + clocks.scan(now=instant).breached
        if not moved:
            return
        lines = Assignment.objects.filter(at=instant, owner__isnull=False)
        for line in lines.filter(kind__in=["released", "fallback", "sla_reassigned"]):
            self._at(self._response_time(str(line.owner_id), instant), self._response(line.lead_id))
            self._counted("released" if line.kind != "sla_reassigned" else "late, handed on")

    def _arrival(self, arrivals: Arrivals, site: Site) -> Happening:
        body = arrivals.body(site)
        again = arrivals.again(body) if self.random.random() < AGAIN_SHARE else None

        def happen(instant: datetime) -> None:
            receipt = receive_lead(body=body, actor=_actor(), now=instant)
            self._counted("leads")
            self._counted(receipt.lead.status)
            self._follow(receipt, instant)
            if again is not None:
                later = instant + timedelta(days=1 + self.random.random() * 24)
                self._at(later, self._return(again))

        return happen

    def _return(self, body: Mapping[str, Any]) -> Happening:
        def happen(instant: datetime) -> None:
            receipt = receive_lead(body=body, actor=_actor(), now=instant)
            self._counted("came again")
            if receipt.lead.responded_at is None:
                self._follow(receipt, instant)

        return happen

    def _follow(self, receipt: Receipt, instant: datetime) -> None:
        """Plan what the owner of a lead is going to do."""
        lead, random = receipt.lead, self.random
        if lead.status != LeadStatus.ASSIGNED.value or lead.owner_id is None:
            return
        if random.random() < CORRECTION_SHARE:
            later = instant + timedelta(hours=1 + random.random() * 30)
            self._at(later, self._correction(lead.pk))
        if random.random() < RESPONSE_SHARE:
            self._at(self._response_time(lead.owner_id, instant), self._response(lead.pk))

    def _response_time(self, rep: str, start: datetime) -> datetime:
        """When a rep gets to it: so many minutes of their open hours later."""
        calendar = self._calendars().get(people.calendar_of(rep))
        # Some answer within minutes, some within a day; who is which does not change.
        habit = 2.2 + (sum(map(ord, rep)) % 7) * 0.3
        minutes = max(int(self.random.lognormvariate(habit, 1.1)), 1)
        pace = SlaPolicy(
            key="pace", name="pace", respond_within_minutes=minutes, clock=Clock.BUSINESS
        )
        return due_at(pace, calendar, start)

    def _calendars(self) -> Mapping[str, Calendar]:
        # The story changes none of them.
        if not self._known_calendars:
            self._known_calendars = snapshot.live().config.calendars
        return self._known_calendars

    def _response(self, lead_id: UUID) -> Happening:
        def happen(instant: datetime) -> None:
            lead = Lead.objects.get(pk=lead_id)
            if lead.status != LeadStatus.ASSIGNED.value or lead.owner_id is None:
                return
            name = people.name_of(lead.owner_id)
            ledger.record_contact(
                lead_id=lead_id,
                by=name,
                channel=self.random.choice(CHANNELS),
                actor=_actor(name),
                now=instant,
            )
            self._counted("responses")
            self._plan_outcome(lead, instant)

        return happen

    def _plan_outcome(self, lead: Lead, instant: datetime) -> None:
        random, draw = self.random, self.random.random()
        if draw < REJECTED_SHARE:
            reasons = random.choices(list(REJECTIONS), list(REJECTIONS.values()))
            later = instant + timedelta(hours=2 + random.random() * 70)
            self._at(later, self._outcome(lead.pk, "rejected", reason=reasons[0]))
        elif draw < REJECTED_SHARE + ACCEPTED_SHARE:
            later = instant + timedelta(hours=1 + random.random() * 50)
            self._at(later, self._outcome(lead.pk, "accepted"))
            self._plan_end(lead, later)

    def _plan_end(self, lead: Lead, instant: datetime) -> None:
        random, draw = self.random, self.random.random()
        later = instant + timedelta(days=2 + random.gammavariate(2.0, 6.0))
        if draw < CONVERTED_SHARE:
            amount = Decimal(int(random.lognormvariate(9.1, 0.9)) // 10 * 10)
            currency = CURRENCIES.get(lead.country, "EUR")
            ending = self._outcome(lead.pk, "converted", amount=amount, currency=currency)
            self._at(later, ending)
        elif draw < CONVERTED_SHARE + LOST_SHARE:
            self._at(later, self._outcome(lead.pk, "lost", reason=random.choice(LOSSES)))

    def _outcome(self, lead_id: UUID, status: str, **said: Any) -> Happening:
        def happen(instant: datetime) -> None:
            ledger.record_outcome(
                lead_id=lead_id, status=status, source="demo", actor=_actor(), now=instant, **said
            )
            self._counted(status if status != "accepted" else "accepted by reps")

        return happen

    def _correction(self, lead_id: UUID) -> Happening:
        def happen(instant: datetime) -> None:
            lead = Lead.objects.get(pk=lead_id)
            if lead.status != LeadStatus.ASSIGNED.value or lead.owner_id is None:
                return
            (reason,) = self.random.choices(list(CORRECTIONS), list(CORRECTIONS.values()))
            to = self._somebody_else(lead.owner_id, same_team=not reason.startswith("wrong"))
            self._hand_over(lead, to, reason, instant)
            self._counted("corrections")

        return happen

    def _hand_over(self, lead: Lead, to: str, reason: str, instant: datetime) -> None:
        boss = people.name_of(people.TEAMS[people.team_of(str(lead.owner_id))][1])
        ledger.reassign(
            lead_id=lead.pk, to={"rep": to}, reason=reason, actor=_actor(boss), now=instant
        )
        self._at(self._response_time(to, instant), self._response(lead.pk))

    def _somebody_else(self, rep: str, *, same_team: bool) -> str:
        team = people.team_of(rep)
        others = [one for one in people.TEAMS if (one == team) == same_team]
        members = [one for name in others for one in people.members_of(name)]
        return self.random.choice([one for one in members if one not in (rep, people.LEAVER)])

    def _refusal(self, arrivals: Arrivals) -> Happening:
        raw = arrivals.refused()

        def happen(instant: datetime) -> None:
            path = "/api/v1/leads/"
            refusals.keep(body=raw, faults=_faults_of(raw), path=path, actor=_actor(), now=instant)
            self._counted("refused")

        return happen

    def _config_change(self, change: ConfigChange) -> Happening:
        def happen(instant: datetime) -> None:
            apply_at(
                change.make(self.document, self.now),
                by=people.name_of(change.by),
                reason=change.reason,
                at=instant,
            )
            if change.hands_over is not None:
                self._at(instant, self._leaving(change.hands_over))

        return happen

    def _leaving(self, rep: str) -> Happening:
        def happen(instant: datetime) -> None:
            left = Lead.objects.filter(owner_id=rep, status=LeadStatus.ASSIGNED.value)
            for lead in left.order_by("id"):
                self._hand_over(lead, self._somebody_else(rep, same_team=True), "rep_left", instant)
                self._counted("handed over")

        return happen


def apply_at(document: Mapping[str, Any], *, by: str, reason: str, at: datetime) -> None:
    """Apply a document as the revision that it would have been at an instant."""
    actor = Actor(kind=ActorKind.COMMAND, id="demo", name=by)
    with revision(actor=actor, reason=reason, source="demo", at=at):
        configuration.apply(document)


def _actor(name: str = "demo") -> Actor:
    return Actor(kind=ActorKind.COMMAND, id="demo", name=name)


def _faults_of(raw: bytes) -> list[Fault]:
    try:
        return check_lead(parse_json(raw))
    except InvalidLead as error:
        return list(error.faults)
