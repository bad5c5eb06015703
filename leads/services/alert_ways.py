"""How an alert travels: e-mail by Django, everything else by an Apprise URL."""

import sys
from urllib.parse import urlsplit
from uuid import UUID

import apprise
from django.conf import settings
from django.core.mail import EmailMessage

from leads.models import AlertChannel
from leads.outgoing import guarded
from leads.secrets import seal, unseal

from .alert_texts import Message

#: Seconds to connect, and to wait for an answer, whatever the URL asks for.
TIMEOUT_SECONDS = 5.0
#: What a service's module must not talk through: only requests are held to public addresses.
UNGUARDED = ("socket", "smtplib", "subprocess", "asyncio")

ASSET = apprise.AppriseAsset(app_id="Routing desk", app_desc="Routing desk", async_mode=False)


class NotSent(Exception):
    """A message that a service did not take; the text may be shown to people."""


class RefusedUrl(ValueError):
    """A URL that alerts cannot be sent to; the text says why and does not hold it."""


def send_mail(*, to: str, message: Message, key: UUID) -> None:
    """Send by e-mail. The Message-ID is made from `key`, so that a repeat is the same mail.

    Raises OSError (smtplib's errors are such) where the server does not take it."""
    host = urlsplit(settings.BASE_URL).hostname
    EmailMessage(
        subject=message.subject,
        body=message.text,
        to=[to],
        headers={
            "Message-ID": f"<alert-{key}@{host}>",
            "Auto-Submitted": "auto-generated",  # RFC 3834: no out-of-office answers
        },
    ).send()


def send_to(channel: AlertChannel, *, message: Message) -> None:
    """Send by a channel's URL. Raises NotSent, RefusedUrl and SecretLost."""
    service = service_of(unseal(channel.sealed_url))
    with guarded() as refused:
        taken = service.notify(body=message.text, title=message.subject)
    if refused:
        raise NotSent("The URL leads to a private address, which is not allowed.")
    if not taken:
        raise NotSent("The service did not take the message, or could not be reached.")


def service_of(url: str) -> apprise.NotifyBase:
    """What sends to a URL, with bounded waits. Raises RefusedUrl."""
    service = apprise.Apprise.instantiate(url, asset=ASSET, suppress_exceptions=True)
    if service is None:
        raise RefusedUrl("This is no URL of a service that alerts can be sent to.")
    module = vars(sys.modules[type(service).__module__])
    if "requests" not in module or any(name in module for name in UNGUARDED):
        raise RefusedUrl("Only services that are reached over HTTP are allowed.")
    service.socket_connect_timeout = service.socket_read_timeout = TIMEOUT_SECONDS
    return service


def sealed_url(url: str) -> str:
    """The URL as it is stored. Raises RefusedUrl where nothing could be sent to it."""
    service_of(url)
    return seal(url)
