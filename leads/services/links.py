"""The links of alerts: signed, good for two weeks, acting once.

A link names an alert and a verb. It acts for the rep whom the alert went to, and only while the
lead is that rep's. An act is noted by rep, assignment and verb in its own transaction and under
the lead's row lock: the same word by two alerts, or twice at the same instant, counts once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.urls import reverse

from leads.engine.vocabulary import LeadStatus, ReassignReason
from leads.errors import Conflict, Gone, NotFound
from leads.models import Alert, Lead, LinkUse
from territories.revisions import Actor

from .desk import Desk, at_desk
from .ledger import check_reason, contact_at, reassign_at
from .ruled_out import LINK

SALT = "leads.links"
GOOD_FOR = timedelta(days=14)
CHANNEL = "link"


class Verb(StrEnum):
    """What a link does."""

    CONTACTED = "contacted"
    NOT_MINE = "not_mine"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link that was read: its alert (with lead and rep) and its verb."""

    alert: Alert
    verb: Verb

    @property
    def digest(self) -> str:
        """What is noted when it acts; the same for every alert about one assignment."""
        said = f"{self.alert.assignment_id}/{self.alert.rep_id}/{self.verb}"
        return sha256(said.encode()).hexdigest()

    @property
    def actor(self) -> Actor:
        """The rep, as the ledger names who acted."""
        return Actor(kind=LINK, id=self.alert.rep_id, name=self.alert.rep.name)


def link_of(alert: Alert, verb: Verb) -> str:
    """The address of a new link."""
    token = signing.dumps([alert.pk.hex, verb.value], salt=SALT)
    return settings.BASE_URL + reverse("leads-link", args=[token])


def read_link(token: str) -> Link:
    """The link that a token stands for, if it could act now.

    Raises NotFound (no token of ours), Gone (expired or used), Conflict (no longer their lead)."""
    try:
        key, verb = signing.loads(token, salt=SALT, max_age=GOOD_FOR)
    except signing.SignatureExpired:
        raise Gone("This link has expired.") from None
    except signing.BadSignature:
        raise NotFound("This is no link of ours.") from None
    alert = Alert.objects.select_related("lead", "rep").filter(pk=UUID(key)).first()
    if alert is None:
        raise NotFound("The lead of this link is no longer here.")
    link = Link(alert=alert, verb=Verb(verb))
    _check(link, alert.lead)
    return link


def say_contacted(*, token: str, now: datetime) -> Lead:
    """Note that the rep reached out. Raises what `read_link` raises, and Busy."""

    def act(desk: Desk, lead: Lead, link: Link) -> None:
        contact_at(desk, lead, by=link.alert.rep_id, channel=CHANNEL)

    return _once(token, Verb.CONTACTED, act, now)


def say_not_mine(*, token: str, reason: str, note: str, now: datetime) -> Lead:
    """Give the lead back to the rules, which do not ask the rep again.

    Raises what `read_link` raises, InvalidLead for an unknown reason, and Busy."""
    why: ReassignReason = check_reason(reason)

    def act(desk: Desk, lead: Lead, link: Link) -> None:
        reassign_at(desk, lead, to={"rule": True}, reason=why, note=note)

    return _once(token, Verb.NOT_MINE, act, now)


def _once(token: str, verb: Verb, act: Callable[[Desk, Lead, Link], None], now: datetime) -> Lead:
    link = read_link(token)
    if link.verb is not verb:
        raise NotFound("This link does something else.")

    def work(desk: Desk) -> Lead:
        lead = Lead.objects.select_for_update(no_key=True).get(pk=link.alert.lead_id)
        _check(link, lead)
        LinkUse.objects.create(digest=link.digest, lead=lead, used_at=now)
        act(desk, lead, link)
        return lead

    return at_desk(work, actor=link.actor, now=now)


def _check(link: Link, lead: Lead) -> None:
    if LinkUse.objects.filter(digest=link.digest).exists():
        raise Gone("This link was used already.")
    if lead.owner_id != link.alert.rep_id or lead.status != LeadStatus.ASSIGNED.value:
        raise Conflict("The lead is no longer yours, or it was closed.")
