"""What alerts say and how they travel: read back from a real mail server, and from a service."""

import json
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_network

import pytest
from django.core import mail

from leads.models import Alert
from leads.secrets import seal
from leads.services import alerts, clocks
from leads.services.alert_texts import compose, one_line
from leads.services.alert_ways import RefusedUrl, sealed_url
from leads.tests.alerting import HOOK, alerted, channel, mail_server, send, start
from leads.tests.company import NOON

pytestmark = pytest.mark.django_db


def text_of(message):
    return message.get_payload(decode=True).decode(message.get_content_charset())


def test_a_mail_is_read_back_from_the_server(settings):
    settings.BASE_URL = "https://desk.example"
    alert = alerted()
    with mail_server(settings) as mails:
        assert send() == alerts.SendCounts(sent=1)
    (message,) = mails
    assert message["To"] == "ana@desk.example"
    assert message["Subject"] == "New lead: Eva Kern, Kern AG"
    assert message["Message-ID"] == f"<alert-{alert.pk}@desk.example>"
    text = text_of(message)
    assert "Lead: Eva Kern" in text
    assert "Company: Kern AG" in text
    assert "First response due: Wed 10 Jun 2026, 15:40 (Europe/Berlin)" in text
    assert f"Why: {alert.lead.assignments.get().explanation}" in text
    assert text.count("https://desk.example/l/") == 2
    assert f"https://desk.example/leads/lead/{alert.lead_id}/change/" in text


def test_a_repeated_mail_is_the_same_mail(settings):
    alerted()
    with mail_server(settings) as mails:
        send()
        Alert.objects.update(state="pending")
        send(10)
    assert len(mails) == 2
    assert len({message["Message-ID"] for message in mails}) == 1


def test_a_mail_server_that_is_away_is_tried_again(settings):
    alerted()
    with mail_server(settings):
        pass
    assert send() == alerts.SendCounts(failed=1)
    with mail_server(settings) as mails:
        assert send(5) == alerts.SendCounts(sent=1)
    assert len(mails) == 1


def test_a_lead_adds_no_header_and_no_line(settings):
    alerted(company="Kern AG\r\nBcc: all@kern.example\x00", first_name="Eva\u2028x")
    Alert.objects.get().lead.__class__.objects.update(company="Kern\r\nBcc: all@kern.example")
    with mail_server(settings) as mails:
        assert send() == alerts.SendCounts(sent=1)
    assert mails[0]["Bcc"] is None
    assert "\nBcc" not in text_of(mails[0]).replace("\r", "")


def test_markup_is_plain_text_in_a_mail():
    alerted(company="Müller & <b>Söhne</b>")
    send()
    assert "Company: Müller & <b>Söhne</b>" in mail.outbox[0].body


@pytest.mark.parametrize(
    ("text", "line"), [("a\r\n b\x00\u2028c", "a b c"), ("x" * 200, "x" * 119 + "…")]
)
def test_a_text_is_brought_into_one_line(text, line):
    assert one_line(text) == line


def test_the_owner_and_the_manager_hear_of_a_breach_in_their_own_words():
    start(sla={"on_breach": ["notify_owner", "notify_manager", "reassign"], "max_reassignments": 1})
    clocks.scan(now=NOON + timedelta(minutes=100))
    alerts.expand_outbox(now=NOON + timedelta(minutes=100))
    texts = {
        alert.rep_id: compose(alert).text
        for alert in Alert.objects.filter(kind="breach").select_related("lead__owner")
    }
    assert "this lead of yours has passed. Ben Ode has the lead now." in texts["ana"]
    assert "a lead of Ana Ruiz has passed. Ben Ode has the lead now." in texts["maria"]
    assert "Not mine" not in texts["ana"] + texts["maria"]


# --- Services by URL ----------------------------------------------------------------------


@pytest.fixture
def hook_server():
    """A service on this machine that keeps what it is sent: (port, messages)."""
    messages = []

    class Keeper(BaseHTTPRequestHandler):
        def do_POST(self):
            length = int(self.headers["Content-Length"])
            messages.append(json.loads(self.rfile.read(length)))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args):
            return

    server = HTTPServer(("127.0.0.1", 0), Keeper)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_port, messages
    server.shutdown()
    server.server_close()
    thread.join(5)


def by_hook(port):
    start()
    channel(sealed_url=seal(f"json://127.0.0.1:{port}/"))
    alerts.expand_outbox(now=NOON)
    counts = send()
    return counts, Alert.objects.get(channel__isnull=False)


def test_an_alert_reaches_a_service_of_an_allowed_network(hook_server, settings):
    settings.ALLOWED_PRIVATE_NETWORKS = [ip_network("127.0.0.0/8")]
    port, messages = hook_server
    counts, alert = by_hook(port)
    assert (counts.sent, alert.state) == (2, "sent")
    assert messages[0]["title"] == "New lead: Eva Kern, Kern AG"
    assert "/l/" in messages[0]["message"]


def test_a_service_on_a_private_address_is_never_reached(hook_server):
    port, messages = hook_server
    counts, alert = by_hook(port)
    assert (counts.sent, counts.failed, alert.state) == (1, 1, "failed")
    assert "private address" in alert.error
    assert messages == []


@pytest.mark.parametrize(
    "url",
    ["", "nonsense", "nope://x", "syslog://", "dbus://", "mailto://u:p@x.example", "file:///x"],
)
def test_a_url_that_alerts_cannot_be_sent_to_is_refused(url):
    with pytest.raises(RefusedUrl):
        sealed_url(url)


@pytest.mark.parametrize(
    "url", [HOOK, "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/", "ntfys://topic"]
)
def test_urls_of_services_over_http_are_taken_and_sealed(url):
    assert url not in sealed_url(url)


def test_a_channel_whose_key_is_lost_is_given_up():
    start()
    channel(sealed_url="not sealed by us")
    alerts.expand_outbox(now=NOON)
    send()
    assert Alert.objects.get(channel__isnull=False).state == "dead"
