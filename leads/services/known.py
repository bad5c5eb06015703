"""Which stored lead a submission is about (semantics 2, deduplicate)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Q

from leads.models import Lead
from leads.normalise import NormalisedLead
from leads.prepared import rows_of

DEFAULT_WINDOW_DAYS = 90


def identity_names(lead: NormalisedLead) -> list[tuple[str, ...]]:
    """The names to lock before looking, so that two arrivals of one lead find each other."""
    names: list[tuple[str, ...]] = []
    if lead.fields["external_id"]:
        names.append(("external", str(lead.fields["source"]), str(lead.fields["external_id"])))
    if email := mail_identity(lead):
        names.append(("email", email))
    return names


def mail_identity(lead: NormalisedLead) -> str:
    """The e-mail where it can name a person: one that is none ("n/a") names nobody."""
    return str(lead.fields["email"]) if lead.facts.get("email_domain") else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """The known lead, why it is taken for the same, and the account that the e-mail's earlier
    leads are tied to. `conflict` is another lead that the e-mail names."""

    lead: Lead | None = None
    by: str = ""
    conflict: Lead | None = None
    account: str | None = None


@dataclass(slots=True)
class KnownLeads:
    """The stored leads that a batch may be about; grows with the leads of the batch itself."""

    window: timedelta
    now: datetime
    by_external: dict[tuple[str, str], Lead] = field(default_factory=dict)
    by_email: dict[str, list[Lead]] = field(default_factory=dict)

    def add(self, lead: Lead) -> None:
        """Make a lead findable for the rest of the batch."""
        if lead.external_id:
            self.by_external[lead.source, lead.external_id] = lead
        if lead.email and lead.email_domain:
            known = self.by_email.setdefault(lead.email, [])
            if lead not in known:
                known.append(lead)

    def match(self, lead: NormalisedLead) -> Match:
        """What is known about a submission; external_id wins over e-mail."""
        fields = lead.fields
        external = self.by_external.get((str(fields["source"]), str(fields["external_id"])))
        same_mail = self.by_email.get(mail_identity(lead), [])
        recent = [one for one in same_mail if one.submitted_at >= self.now - self.window]
        by_mail = max(recent, key=lambda one: (one.submitted_at, one.id), default=None)
        accounts = [one.account_id for one in same_mail if one.account_id]
        account = accounts[-1] if accounts else None
        if external is not None:
            conflict = by_mail if by_mail is not None and by_mail.pk != external.pk else None
            return Match(lead=external, by="external_id", conflict=conflict, account=account)
        return Match(lead=by_mail, by="email" if by_mail else "", account=account)


def load_known(
    leads: Sequence[NormalisedLead],
    *,
    now: datetime,
    window_days: int = DEFAULT_WINDOW_DAYS,
    locked: bool,
) -> KnownLeads:
    """Every stored lead that shares an identity with one of these: one indexed read.

    With `locked` nobody else changes them until the transaction ends."""
    known = KnownLeads(timedelta(days=window_days), now)
    external = {str(lead.fields["external_id"]) for lead in leads} - {""}
    emails = {mail_identity(lead) for lead in leads} - {""}
    for lead in _read(external, emails, locked=locked):
        known.add(lead)
    return known


#: Ids first: most submissions are about nobody known, and the row of a lead is long.
KNOWN_SQL = """
SELECT id FROM leads_lead WHERE external_id = ANY(%s::text[]) AND external_id <> ''
UNION SELECT id FROM leads_lead WHERE email = ANY(%s::text[]) AND email_domain <> ''
"""


def _read(external: Iterable[str], emails: Iterable[str], *, locked: bool) -> Iterable[Lead]:
    if connection.vendor == "postgresql":
        ids = [row[0] for row in rows_of(KNOWN_SQL, [list(external), list(emails)])]
        if not ids:
            return ()
        wanted = Q(pk__in=ids)
    else:
        wanted = Q(external_id__in=external) & ~Q(external_id="")
        wanted |= Q(email__in=emails) & ~Q(email_domain="")
    rows = Lead.objects.select_for_update(no_key=True) if locked else Lead.objects.all()
    return rows.filter(wanted).order_by("id")


BLANK: tuple[object, ...] = (None, "", [], {})


def merged_body(
    lead: Lead, body: Mapping[str, object], *, clears: bool = False
) -> dict[str, object]:
    """The body that a known lead and its newest submission amount to: what was known, overlaid
    by what is said now. A blank value says nothing, unless `clears`.

    The identity that first came stays, so that it goes on being found."""
    known: dict[str, object] = {
        name: getattr(lead, COLUMNS.get(name, name)) for name in MERGED_FIELDS
    }
    known |= {name: value for name, value in lead.original.items() if name in MERGED_FIELDS}
    known["received_at"] = lead.received_at.isoformat() if lead.received_at else None
    for name, value in body.items():
        if isinstance(value, dict):
            earlier = known.get(name)
            known[name] = {**(earlier if isinstance(earlier, dict) else {}), **value}
        elif clears or value not in BLANK:
            known[name] = value
    if lead.external_id and not clears:
        known["external_id"], known["source"] = lead.external_id, lead.source
    return {name: value for name, value in known.items() if value not in BLANK}


#: Lead fields whose column has another name.
COLUMNS = {"account": "account_ref", "owner": "owner_ref"}

MERGED_FIELDS = (
    "external_id",
    "source",
    "lead_type",
    "email",
    "first_name",
    "last_name",
    "phone",
    "title",
    "company",
    "website",
    "country",
    "state",
    "city",
    "postal_code",
    "industry",
    "employees",
    "annual_revenue",
    "product_interest",
    "language",
    "score",
    "campaign",
    "account",
    "owner",
    "crm_ids",
    "custom",
)
