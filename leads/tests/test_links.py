"""The links of alerts: looking changes nothing, posting acts once, and only while it is theirs."""

from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from django.conf import settings as project
from django.test import Client
from django.utils import timezone

from leads.models import Alert, Assignment, Contact, Lead, LinkUse, OutboxEvent
from leads.services import alerts, ledger
from leads.services.links import Verb, link_of, say_contacted
from leads.tests.admin_desk import text_of
from leads.tests.alerting import alerted
from leads.tests.company import NOON, TESTER
from leads.tests.crowd import all_at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def alert(time_machine):
    time_machine.move_to(NOON)
    return alerted()


@pytest.fixture
def client():
    return Client(enforce_csrf_checks=True)


def path_of(alert, verb=Verb.CONTACTED):
    link = link_of(alert, verb)
    assert link.startswith(f"{project.BASE_URL}/l/")
    return urlsplit(link).path


def everything():
    kinds = (Lead, Assignment, Contact, LinkUse, OutboxEvent, Alert)
    return [list(kind.objects.order_by("pk").values()) for kind in kinds]


@pytest.mark.parametrize("verb", Verb)
def test_a_scanner_that_follows_links_changes_nothing(alert, client, verb):
    before = everything()
    for ask in (client.get, client.head):
        response = ask(path_of(alert, verb))
        assert response.status_code == 200
    assert "Eva Kern, Kern AG" in text_of(client.get(path_of(alert, verb)))
    assert everything() == before


def test_the_page_is_kept_by_nobody_and_runs_nothing(alert, client):
    response = client.get(path_of(alert))
    assert response["Referrer-Policy"] == "no-referrer"
    assert "noindex" in response["X-Robots-Tag"]
    assert "no-store" in response["Cache-Control"]
    assert "unsafe" not in response["Content-Security-Policy"]
    assert not response.cookies


def test_contacted_stops_the_clock_once(alert, client):
    path = path_of(alert)
    assert "It is noted that you contacted Eva Kern" in text_of(client.post(path))
    contact = Contact.objects.get()
    assert (contact.by, contact.channel, contact.actor_kind) == ("ana", "link", "link")
    assert Lead.objects.get().sla_state == "met"
    for response in (client.post(path), client.get(path)):
        assert response.status_code == 410
        assert "used already" in text_of(response)
    assert Contact.objects.count() == 1


def test_a_second_alert_about_one_assignment_says_the_same_word_once(alert, client):
    client.post(path_of(alert))
    alert.pk = UUID("018f0000-0000-7000-8000-000000000001")
    alert.kind = "warning"
    alert.event = OutboxEvent.objects.create(
        id=alert.pk, event="sla.warning", lead=alert.lead, at=NOON
    )
    alert.save(force_insert=True)
    assert client.post(path_of(alert)).status_code == 410


def test_not_mine_asks_for_a_reason_and_does_not_ask_the_rep_again(alert, client):
    path = path_of(alert, Verb.NOT_MINE)
    assert client.post(path).status_code == 400
    assert client.post(path, {"reason": "rep_left"}).status_code == 400
    response = client.post(path, {"reason": "wrong_skill", "note": "Only French"})
    assert "is no longer yours" in text_of(response)
    line = Assignment.objects.order_by("id").last()
    assert (line.owner_id, line.reason, line.note) == ("ben", "wrong_skill", "Only French")
    assert (line.actor_kind, line.actor_id, line.actor_name) == ("link", "ana", "Ana Ruiz")
    again = ledger.reassign(
        lead_id=line.lead_id, to={"rule": True}, reason="other", actor=TESTER, now=NOON
    )
    assert again.owner_id == "ben"
    assert client.post(path, {"reason": "wrong_skill"}).status_code == 410
    alerts.expand_outbox(now=NOON)
    assert Alert.objects.filter(rep="ben", kind="reassigned").exists()


@pytest.mark.parametrize("how", ["reassigned", "closed"])
def test_a_link_to_a_lead_that_moved_on_says_so(alert, client, how):
    if how == "closed":
        ledger.record_outcome(lead_id=alert.lead_id, status="lost", actor=TESTER, now=NOON)
    else:
        to = {"rep": "ben"}
        ledger.reassign(lead_id=alert.lead_id, to=to, reason="other", actor=TESTER, now=NOON)
    before = everything()
    for verb in Verb:
        for response in (client.get(path_of(alert, verb)), client.post(path_of(alert, verb))):
            assert response.status_code == 409
            assert "no longer yours" in text_of(response)
    assert everything() == before


def test_a_link_expires_after_two_weeks(alert, client, time_machine):
    path = path_of(alert)
    time_machine.move_to(timezone.now() + timedelta(days=14, minutes=1))
    for response in (client.get(path), client.post(path)):
        assert response.status_code == 410
        assert "expired" in text_of(response)
    assert not Contact.objects.exists()


@pytest.mark.parametrize("token", ["x", "a:b:c", "%00", "ü", "W10:1abc:def", "." * 3000])
def test_a_made_up_link_is_not_found(alert, client, token):
    assert client.get(f"/l/{token}/").status_code == 404
    assert client.post(f"/l/{token}/").status_code == 404


def test_a_tampered_link_is_not_found(alert, client):
    path = path_of(alert)
    for place in range(3, len(path) - 1, 7):
        changed = "A" if path[place] != "A" else "B"
        tampered = path[:place] + changed + path[place + 1 :]
        assert client.post(tampered).status_code == 404, tampered
    assert not Contact.objects.exists()


def test_a_link_without_its_alert_is_not_found(alert, client):
    path = path_of(alert)
    alert.delete()
    assert client.get(path).status_code == 404


def test_other_methods_are_refused(alert, client):
    assert client.put(path_of(alert)).status_code == 405


def test_a_former_key_still_reads_its_links(alert, client, settings):
    path = path_of(alert)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "n" * 60, [settings.SECRET_KEY]
    assert client.get(path).status_code == 200


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_count_once(time_machine):
    time_machine.move_to(NOON, tick=False)
    token = path_of(alerted()).split("/")[2]

    def click():
        try:
            say_contacted(token=token, now=NOON)
        except Exception as fault:
            return type(fault).__name__
        return "done"

    assert sorted(all_at_once([click] * 4)) == ["Gone", "Gone", "Gone", "done"]
    assert Contact.objects.count() == 1
