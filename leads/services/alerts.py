"""Alerts to people: made from the outbox, sent outside of every transaction, tried again.

1. `expand_outbox` turns each pending event into one alert a person and way, and marks the event
   done in the same transaction: each is made once, whoever works.
2. `send_due` claims one alert at a time. The claim is committed before anything is sent and moves
   the next try ahead: a worker that dies holds it up for some minutes and loses nothing. What it
   had sent is sent again under the same Message-ID.
3. A failure is tried again with growing pauses for a day, then the alert is dead and shown.
   An alert that is no longer true when its turn comes is skipped.
"""

import random
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Prefetch, QuerySet

from leads.engine.vocabulary import LeadStatus
from leads.ids import uuid7
from leads.models import Alert, AlertChannel, Assignment, OutboxEvent
from leads.models.alert import AlertKind, AlertState
from leads.secrets import SecretLost
from territories.models import Rep, RoutingSettings

from .alert_texts import compose
from .alert_ways import NotSent, RefusedUrl, send_mail, send_to

KINDS = {
    "lead.assigned": AlertKind.ASSIGNED,
    "lead.reassigned": AlertKind.REASSIGNED,
    "sla.warning": AlertKind.WARNING,
    "sla.breached": AlertKind.BREACH,
}
DAY = timedelta(hours=24)
#: How long a claimed alert is left to the worker that claimed it.
CLAIMED_FOR = timedelta(minutes=5)
SHORTEST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=6)
#: Waits are spread over this share of their length, so that a server that comes back is not met
#: by everything at once.
JITTER = 0.25
#: One run sends for so long at most: the worker has clocks to look after, too.
RUN_SECONDS = 20.0
LONGEST_ERROR = 500
TO_SEND = (AlertState.PENDING.value, AlertState.FAILED.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class SendCounts:
    """What one run did."""

    sent: int = 0
    failed: int = 0
    skipped: int = 0


# --- From events to alerts ----------------------------------------------------------------


def expand_outbox(*, now: datetime, limit: int = 500) -> int:
    """Make the alerts of the oldest pending events; return how many events were taken.

    An event of more than a day ago alerts nobody: after an outage the newest state matters."""
    skip = connection.features.has_select_for_update_skip_locked
    with transaction.atomic():
        pending = OutboxEvent.objects.filter(done_at__isnull=True).order_by("at", "id")
        events = list(pending.select_for_update(skip_locked=skip)[:limit])
        telling = [event for event in events if event.event in KINDS and event.at > now - DAY]
        Alert.objects.bulk_create(_alerts_of(telling, now))
        OutboxEvent.objects.filter(pk__in=[event.pk for event in events]).update(done_at=now)
    return len(events)


def _alerts_of(events: Sequence[OutboxEvent], now: datetime) -> Iterator[Alert]:
    owners = dict(
        Assignment.objects.filter(pk__in={event.assignment_id for event in events}).values_list(
            "pk", "owner_id"
        )
    )
    keys = {key for event in events if (key := _owner(event, owners))}
    people = _people(keys)
    managers = _managers(people.values()) if _escalates(events) else {}
    people |= _people(set(managers.values()) - set(people))
    for event in events:
        for key in _told(event, _owner(event, owners), managers):
            if key in people and people[key].active:
                yield from _alerts_to(people[key], event, now)


def _owner(event: OutboxEvent, owners: Mapping[UUID, str | None]) -> str | None:
    """Whose lead it was at the event, by key."""
    named = event.data.get("owner")
    return str(named) if named else owners.get(event.assignment_id) if event.assignment_id else None


def _escalates(events: Iterable[OutboxEvent]) -> bool:
    return any("manager" in event.data.get("notify", ()) for event in events)


def _told(event: OutboxEvent, owner: str | None, managers: dict[str, str]) -> list[str]:
    """The keys of those whom an event is told to, none twice."""
    if owner is None or event.lead_id is None:
        return []
    if event.event != "sla.breached":
        return [owner]
    notify = event.data.get("notify", ())
    told = [owner] if "owner" in notify else []
    manager = managers.get(owner) if "manager" in notify else None
    return [*told, manager] if manager is not None else told


def _people(keys: Collection[str]) -> dict[str, Rep]:
    channels = Prefetch(
        "alert_channels", AlertChannel.objects.filter(active=True), to_attr="ways_beside_mail"
    )
    reps = Rep.objects.filter(pk__in=keys).select_related("team__manager")
    return {rep.pk: rep for rep in reps.prefetch_related(channels)}


def _managers(reps: Iterable[Rep]) -> dict[str, str]:
    """Rep → who hears of their breaches: the team's manager, else the owner of exceptions."""
    settings = RoutingSettings.objects.first()
    last = settings.exceptions_owner_id if settings is not None else None
    found = {}
    for rep in reps:
        manager = rep.team.manager if rep.team is not None else None
        key = manager.pk if manager is not None and manager.active else None
        key = key if key not in (None, rep.pk) else last
        if key is not None and key != rep.pk:
            found[rep.pk] = key
    return found


def _alerts_to(rep: Rep, event: OutboxEvent, now: datetime) -> Iterator[Alert]:
    ways: list[AlertChannel | None] = [None] if rep.email else []
    ways += rep.ways_beside_mail  # type: ignore[attr-defined]
    for channel in ways:
        yield Alert(
            id=uuid7(now),
            event=event,
            lead_id=event.lead_id,  # type: ignore[misc] # without a lead nobody is told
            assignment_id=event.assignment_id,
            kind=KINDS[event.event].value,
            rep=rep,
            channel=channel,
            next_try_at=now,
            give_up_at=now + DAY,
            created_at=now,
        )


# --- Sending ------------------------------------------------------------------------------


def send_due(*, now: datetime, limit: int = 200) -> SendCounts:
    """Send what is due, oldest first, for some seconds at most."""
    until = time.monotonic() + RUN_SECONDS
    counts = {AlertState.SENT: 0, AlertState.FAILED: 0, AlertState.SKIPPED: 0}
    for _ in range(limit):
        alert = _claim(now)
        if alert is None:
            break
        state = _send(alert, now)
        counts[AlertState.FAILED if state is AlertState.DEAD else state] += 1
        if time.monotonic() >= until:
            break
    return SendCounts(
        sent=counts[AlertState.SENT],
        failed=counts[AlertState.FAILED],
        skipped=counts[AlertState.SKIPPED],
    )


def to_send() -> "QuerySet[Alert]":
    """Alerts that wait for their first or their next try, by its time."""
    return Alert.objects.filter(state__in=TO_SEND).order_by("next_try_at", "id")


def _claim(now: datetime) -> Alert | None:
    """The next alert that is due, taken for some minutes; committed when this returns."""
    skip = connection.features.has_select_for_update_skip_locked
    with transaction.atomic():
        due = to_send().filter(next_try_at__lte=now)
        key = due.select_for_update(skip_locked=skip).values_list("pk", flat=True).first()
        if key is None:
            return None
        joined = Alert.objects.select_related("lead__owner", "rep__calendar", "channel", "event")
        alert = joined.get(pk=key)
        alert.attempts += 1
        alert.next_try_at = now + CLAIMED_FOR
        alert.save(update_fields=["attempts", "next_try_at"])
    return alert


def _send(alert: Alert, now: datetime) -> AlertState:
    """Send a claimed alert, unless its time is over, and note what came of it."""
    if why := outdated(alert):
        return _note(alert, AlertState.SKIPPED, error=why)
    if now >= alert.give_up_at:
        return _note(alert, AlertState.DEAD, error=alert.error or "Not sent within a day.")
    try:
        _deliver(alert)
    except (RefusedUrl, SecretLost) as fault:
        return _note(alert, AlertState.DEAD, error=str(fault))
    except (OSError, NotSent, ValueError) as fault:
        return _again(alert, now, error=f"{type(fault).__name__}: {fault}")
    return _note(alert, AlertState.SENT, sent_at=now)


def _deliver(alert: Alert) -> None:
    message = compose(alert)
    if alert.channel is None:
        send_mail(to=alert.rep.email, message=message, key=alert.pk)
    else:
        send_to(alert.channel, message=message)


def outdated(alert: Alert) -> str:
    """Why an alert is no longer true, or "". A breach stays one, whoever has the lead now."""
    lead = alert.lead
    if lead.status == LeadStatus.CLOSED.value:
        return "The lead was closed."
    if alert.channel is not None and not alert.channel.active:
        return "The channel was switched off."
    if alert.kind == AlertKind.BREACH:
        return ""
    if lead.owner_id != alert.rep_id or lead.status != LeadStatus.ASSIGNED.value:
        return "The lead went to somebody else."
    if alert.kind == AlertKind.WARNING and lead.responded_at is not None:
        return "The lead was answered."
    return ""


def _again(alert: Alert, now: datetime, *, error: str) -> AlertState:
    next_try_at = now + pause_after(alert.attempts)
    if next_try_at >= alert.give_up_at:
        return _note(alert, AlertState.DEAD, error=error)
    return _note(alert, AlertState.FAILED, error=error, next_try_at=next_try_at)


def pause_after(attempts: int) -> timedelta:
    """How long to wait after so many tries in vain: from one minute to six hours, spread."""
    longest = min(SHORTEST_PAUSE / (1 - JITTER) * 2 ** min(attempts - 1, 20), LONGEST_PAUSE)
    return longest * random.uniform(1 - JITTER, 1)  # noqa: S311 - nothing to guess


def _note(alert: Alert, state: AlertState, *, error: str = "", **more: datetime) -> AlertState:
    """Write what came of a try, unless the alert was claimed again meanwhile."""
    row = Alert.objects.filter(pk=alert.pk, attempts=alert.attempts, state__in=TO_SEND)
    row.update(state=state.value, error=error[:LONGEST_ERROR], **more)
    return state


def send_again(*, alert_ids: Collection[UUID], now: datetime) -> int:
    """Try failed and dead alerts once more, for a day from now; return how many there were."""
    given_up = Alert.objects.filter(
        pk__in=alert_ids, state__in=(AlertState.FAILED.value, AlertState.DEAD.value)
    )
    return given_up.update(
        state=AlertState.PENDING.value, attempts=0, next_try_at=now, give_up_at=now + DAY
    )
