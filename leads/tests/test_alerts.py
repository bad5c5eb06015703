"""Alerts: made once from the outbox, tried again for a day, skipped where they are out of date."""

from datetime import timedelta
from unittest import mock

import pytest
from django.core import mail

from leads.models import Alert, Lead, OutboxEvent
from leads.services import alerts, clocks, ledger
from leads.services.alert_ways import NotSent
from leads.tasks import send_alerts
from leads.tests.alerting import alerted, channel, no_mail, send, start
from leads.tests.company import NOON, TESTER, company, configure
from leads.tests.crowd import all_at_once
from territories.models import Rep

pytestmark = pytest.mark.django_db


def told(**wanted):
    rows = Alert.objects.filter(**wanted).order_by("id")
    return [(alert.kind, alert.rep_id) for alert in rows]


def expand(minutes=0):
    return alerts.expand_outbox(now=NOON + timedelta(minutes=minutes))


# --- From events to alerts ----------------------------------------------------------------


def test_a_new_owner_is_alerted_once():
    start()
    assert expand() == 1
    assert expand() == 0
    assert told() == [("assigned", "ana")]
    assert not OutboxEvent.objects.filter(done_at__isnull=True).exists()


def test_every_active_channel_of_the_owner_is_an_alert_of_its_own():
    start()
    hook = channel()
    channel(name="off", active=False)
    expand()
    ways = Alert.objects.values_list("channel_id", flat=True)
    assert set(ways) == {None, hook.pk}


def test_an_owner_without_mail_address_and_channels_is_not_alerted():
    start()
    made = company()
    made["reps"][1]["email"] = ""
    configure(made)
    assert Rep.objects.get(pk="ana").email == ""
    expand()
    assert told() == []


def test_events_that_alert_nobody_are_done():
    lead = start(country="FR", email="f@x.example")
    ledger.record_contact(lead_id=lead.pk, actor=TESTER, now=NOON)
    expand()
    assert told() == [("assigned", "cat")]
    assert not OutboxEvent.objects.filter(done_at__isnull=True).exists()


def test_a_reassignment_alerts_the_new_owner():
    lead = start()
    expand()
    ledger.reassign(lead_id=lead.pk, to={"rep": "ben"}, reason="workload", actor=TESTER, now=NOON)
    expand()
    assert told() == [("assigned", "ana"), ("reassigned", "ben")]


def test_a_warning_goes_to_the_owner():
    start()
    clocks.scan(now=NOON + timedelta(minutes=80))
    expand(80)
    assert told(kind="warning") == [("warning", "ana")]


@pytest.mark.parametrize(
    ("steps", "people"),
    [
        (["notify_owner"], ["ana"]),
        (["notify_manager"], ["maria"]),
        (["notify_owner", "notify_manager"], ["ana", "maria"]),
        ([], []),
    ],
)
def test_a_breach_is_told_to_whom_the_policy_names(steps, people):
    start(sla={"on_breach": steps})
    clocks.scan(now=NOON + timedelta(minutes=100))
    expand(100)
    assert told(kind="breach") == [("breach", person) for person in people]


def test_an_event_of_more_than_a_day_ago_alerts_nobody():
    start()
    assert expand(24 * 60) == 1
    assert told() == []


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_two_workers_make_each_alert_once():
    lead = start()
    for number in range(20):
        target = {"rep": "ben" if number % 2 else "cat"}
        ledger.reassign(lead_id=lead.pk, to=target, reason="workload", actor=TESTER, now=NOON)
    events = OutboxEvent.objects.filter(event__in=alerts.KINDS).count()

    def work():
        return sum(alerts.expand_outbox(now=NOON, limit=3) for _ in range(20))

    assert sum(all_at_once([work, work])) >= events
    assert Alert.objects.count() == events == 21


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_two_workers_send_each_alert_once():
    lead = start()
    ledger.reassign(lead_id=lead.pk, to={"rep": "cat"}, reason="workload", actor=TESTER, now=NOON)
    for _ in range(9):
        ledger.reassign(
            lead_id=lead.pk, to={"rep": "cat"}, reason="workload", actor=TESTER, now=NOON
        )
    expand()
    counts = all_at_once([send, send])
    assert sum(count.sent for count in counts) == 10
    assert len(mail.outbox) == 10


# --- Sending ------------------------------------------------------------------------------


def test_an_alert_is_sent_once():
    alerted()
    assert send() == alerts.SendCounts(sent=1)
    assert send() == alerts.SendCounts()
    alert = Alert.objects.get()
    assert (alert.state, alert.attempts, alert.sent_at) == ("sent", 1, NOON)
    assert len(mail.outbox) == 1


def test_the_task_makes_and_sends_alerts(time_machine):
    start()
    time_machine.move_to(NOON)
    send_alerts()
    assert [message.to for message in mail.outbox] == [["ana@desk.example"]]


def test_a_failure_is_tried_again_later_and_then_sent():
    alerted()
    with no_mail(ConnectionRefusedError("refused")):
        assert send() == alerts.SendCounts(failed=1)
    alert = Alert.objects.get()
    assert (alert.state, alert.error) == ("failed", "ConnectionRefusedError: refused")
    assert NOON + timedelta(minutes=1) <= alert.next_try_at <= NOON + timedelta(minutes=2)
    assert send(0.5) == alerts.SendCounts()
    assert send(2) == alerts.SendCounts(sent=1)
    alert.refresh_from_db()
    assert (alert.state, alert.error) == ("sent", "")


def test_an_alert_is_dead_after_a_day_of_failures():
    alerted()
    tries = 0
    with no_mail(OSError("away")):
        while (alert := Alert.objects.get()).state != "dead":
            minutes = (alert.next_try_at - NOON).total_seconds() / 60
            send(minutes)
            tries += 1
    assert 8 <= tries <= 20
    assert alert.attempts == tries
    assert NOON + timedelta(hours=12) < alert.next_try_at <= NOON + timedelta(hours=24, minutes=5)


@pytest.mark.parametrize("attempts", [1, 2, 5, 9, 10, 1000])
def test_pauses_grow_from_a_minute_to_six_hours(attempts):
    pauses = [alerts.pause_after(attempts) for _ in range(50)]
    assert timedelta(minutes=1) <= min(pauses) <= max(pauses) <= timedelta(hours=6)
    assert len(set(pauses)) > 1
    if attempts > 1:
        assert min(pauses) > timedelta(minutes=1)


def test_an_alert_that_waited_for_more_than_a_day_is_not_sent():
    alerted()
    assert send(24 * 60) == alerts.SendCounts(failed=1)
    assert Alert.objects.get().state == "dead"
    assert mail.outbox == []


def test_an_alert_of_a_worker_that_died_is_sent_by_another_after_some_minutes():
    alert = alerted()
    assert alerts._claim(NOON).pk == alert.pk
    assert send(4) == alerts.SendCounts()
    assert send(5) == alerts.SendCounts(sent=1)


def test_a_fault_of_one_alert_does_not_keep_the_others():
    alerted()
    channel()
    start(email="b@kern.example", first_name="Bo")
    with mock.patch("leads.services.alerts.send_to", side_effect=NotSent("no")):
        ledger.reassign(
            lead_id=Lead.objects.order_by("id").last().pk,
            to={"rep": "ana"}, reason="workload", actor=TESTER, now=NOON,
        )  # fmt: skip
        expand()
        counts = send()
    assert counts.failed == Alert.objects.filter(channel__isnull=False, state="failed").count() > 0
    assert counts.sent == len(mail.outbox) > 0


@pytest.mark.parametrize("how", ["closed", "reassigned", "held"])
def test_an_alert_that_is_no_longer_true_is_skipped(how):
    alert = alerted()
    lead = alert.lead
    if how == "closed":
        ledger.record_outcome(lead_id=lead.pk, status="lost", actor=TESTER, now=NOON)
    elif how == "reassigned":
        to = {"rep": "ben"}
        ledger.reassign(lead_id=lead.pk, to=to, reason="workload", actor=TESTER, now=NOON)
    else:
        Lead.objects.update(status="held")
    assert send() == alerts.SendCounts(skipped=1)
    alert.refresh_from_db()
    assert alert.state == "skipped"
    assert alert.error
    assert mail.outbox == []


def test_a_warning_after_the_answer_is_skipped():
    lead = start()
    clocks.scan(now=NOON + timedelta(minutes=80))
    expand(80)
    ledger.record_contact(lead_id=lead.pk, actor=TESTER, now=NOON + timedelta(minutes=81))
    assert send(82) == alerts.SendCounts(sent=1, skipped=1)
    assert Alert.objects.get(kind="warning").state == "skipped"


def test_a_channel_that_was_switched_off_is_skipped():
    start()
    hook = channel()
    expand()
    hook.active = False
    hook.save()
    assert send() == alerts.SendCounts(sent=1, skipped=1)


def test_dead_alerts_are_sent_again_on_request():
    alert = alerted()
    Alert.objects.update(state="dead", error="away", attempts=9)
    later = NOON + timedelta(days=2)
    assert alerts.send_again(alert_ids=[alert.pk], now=later) == 1
    assert alerts.send_due(now=later) == alerts.SendCounts(sent=1)
    assert alerts.send_again(alert_ids=[alert.pk], now=later) == 0
