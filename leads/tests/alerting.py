"""Alerts for tests: leads that alert, a mail server that keeps what it is given."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email.message import Message as Mail
from typing import Any
from unittest import mock

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as MessageHandler

from leads.models import Alert, AlertChannel, Lead
from leads.secrets import seal
from leads.services import alerts, intake
from leads.tests.company import NOON, TESTER, company, configure
from territories.models import Rep

HOOK = "jsons://hooks.example/team/secret-token"


def start(*, sla: dict[str, Any] | None = None, **body: Any) -> Lead:
    """A lead of Ana's, received at noon, with its event still pending."""
    policy = {"key": "day", "name": "A day", "respond_within_minutes": 100, **(sla or {})}
    configure(company(sla_policies=[policy, *company()["sla_policies"][1:]]))
    person = {"first_name": "Eva", "last_name": "Kern", "company": "Kern AG", "country": "DE"}
    body = {"email": "eva@kern.example", **person, **body}
    return intake.receive_lead(body=body, actor=TESTER, now=NOON).lead


def alerted(**body: Any) -> Alert:
    """The alert that tells Ana of her new lead, not sent yet."""
    start(**body)
    alerts.expand_outbox(now=NOON)
    return Alert.objects.get()


def channel(rep: str = "ana", **more: Any) -> AlertChannel:
    """A saved channel of a rep's."""
    values = {"name": "Hook", "sealed_url": seal(HOOK), "created_at": NOON, **more}
    return AlertChannel.objects.create(rep=Rep.objects.get(pk=rep), **values)


def send(minutes: float = 0) -> alerts.SendCounts:
    return alerts.send_due(now=NOON + timedelta(minutes=minutes))


def no_mail(fault: Exception) -> Any:
    """A mail server that takes nothing."""
    return mock.patch("leads.services.alerts.send_mail", side_effect=fault)


class _Keeper(MessageHandler):
    def __init__(self) -> None:
        super().__init__()
        self.mails: list[Mail] = []

    def handle_message(self, message: Mail) -> None:
        self.mails.append(message)


class _Server(Controller):
    """Listens on the port that the system gives it."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def mail_server(settings: Any) -> Iterator[list[Mail]]:
    """A real SMTP server on a free port of this machine; gives the mails it took."""
    keeper = _Keeper()
    server = _Server(keeper, hostname="127.0.0.1", port=0)
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", server.port, 10
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    try:
        yield keeper.mails
    finally:
        server.stop()
