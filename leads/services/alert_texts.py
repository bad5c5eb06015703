"""What an alert says: a subject in one line and a plain text with the links that act."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from leads.engine.vocabulary import LeadStatus
from leads.models import Alert, Assignment, Lead
from leads.models.alert import AlertKind
from territories.models import Rep, RoutingSettings

from .links import Verb, link_of

LONGEST = 120

SUBJECTS = {
    AlertKind.ASSIGNED: "New lead: {}",
    AlertKind.REASSIGNED: "Lead handed to you: {}",
    AlertKind.WARNING: "Answer soon: {}",
    AlertKind.BREACH: "Time to respond passed: {}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A subject in one line, and a text."""

    subject: str
    text: str


def compose(alert: Alert) -> Message:
    """The message of an alert, with its lead as it stands now."""
    lead, rep = alert.lead, alert.rep
    line = _line_of(alert)
    late = line.owner if line is not None else None
    mine = lead.owner_id == rep.pk and lead.status == LeadStatus.ASSIGNED.value
    due_at = line.due_at if line is not None else None
    context = {
        "rep": one_line(rep.name),
        "lead": called(lead),
        "person": one_line(str(lead)),
        "company": one_line(lead.company),
        "mine": mine,
        "about_me": late is not None and late.pk == rep.pk,
        "late": one_line(late.name) if late is not None else "",
        "owner": one_line(lead.owner.name) if lead.owner is not None else "",
        "why": one_line(line.explanation, longest=1000) if line is not None else "",
        "due": due_text(due_at, rep),
        "contacted_url": link_of(alert, Verb.CONTACTED),
        "not_mine_url": link_of(alert, Verb.NOT_MINE),
        "lead_url": settings.BASE_URL + reverse("admin:leads_lead_change", args=[lead.pk]),
    }
    subject = SUBJECTS[AlertKind(alert.kind)].format(called(lead))
    text = render_to_string(f"leads/alerts/{alert.kind}.txt", context)
    return Message(subject=subject, text=text)


def _line_of(alert: Alert) -> Assignment | None:
    """The line of the ledger that an alert is about, with its owner."""
    if alert.assignment_id is None:
        return None
    return Assignment.objects.select_related("owner").filter(pk=alert.assignment_id).first()


def called(lead: Lead) -> str:
    """The lead by name and company, in one line."""
    name = one_line(str(lead))
    company = one_line(lead.company)
    return f"{name}, {company}" if company and company != name else name


def one_line(text: str, *, longest: int = LONGEST) -> str:
    """The text without line breaks and control characters, cut to a length: what a stranger
    typed into a form adds neither a header nor a paragraph."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def due_text(due_at: datetime | None, rep: Rep) -> str:
    """When the first response is due, in the zone of the rep's calendar, or "" without a clock."""
    if due_at is None:
        return ""
    row = RoutingSettings.objects.first() if rep.calendar is None else None
    zone = rep.calendar.timezone if rep.calendar else row.timezone if row else "UTC"
    return f"{due_at.astimezone(ZoneInfo(zone)):%a %d %b %Y, %H:%M} ({zone})"
