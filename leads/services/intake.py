"""Leads come in: normalise, find known ones, decide, write; one transaction, many leads or one.

`receive → normalise → deduplicate → match account → qualify → match rule → pick owner → assign`
(semantics 2). A batch is one decision instant; its leads are decided in order, each on what the
ones before it left, and written together. A known lead is updated and keeps its owner, unless
what happened calls for routing it (see `known_lead`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from leads import snapshot
from leads.body import check_lead
from leads.engine.state import AccountHit
from leads.engine.vocabulary import LeadStatus, Mode
from leads.errors import Conflict, InvalidLead, NotFound
from leads.ids import uuid7
from leads.models import Assignment, Lead, Submission
from leads.models.rows import new_row
from leads.normalise import NormalisedLead, normalise_lead
from territories.revisions import Actor

from .account_lookup import Found, find_accounts, hits_of, identifiers_of
from .answers import lead_answer
from .decide import Case, Decided, decide, write_decision
from .desk import Desk, at_desk
from .explain import dry_answer, stored_line
from .holding import before_new_lead
from .known import DEFAULT_WINDOW_DAYS, KnownLeads, Match, identity_names, load_known, merged_body
from .known_lead import needs_routing


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What became of one submission; `answer` is the body that api.md promises."""

    lead: Lead
    created: bool
    answer: dict[str, Any]

    @property
    def lead_id(self) -> UUID:
        """The lead's id."""
        return self.lead.pk


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A checked submission on its way: its place in the batch, its body, what it says."""

    index: int
    body: Mapping[str, Any]
    lead: NormalisedLead


def receive_lead(*, body: object, actor: Actor, now: datetime) -> Receipt:
    """Store and route one submission. Raises InvalidLead with every fault of the body."""
    (receipt,) = receive_leads(bodies=[body], actor=actor, now=now)
    if isinstance(receipt, InvalidLead):
        raise receipt
    return receipt


def receive_leads(
    *, bodies: Sequence[object], actor: Actor, now: datetime
) -> list[Receipt | InvalidLead]:
    """Store and route a batch in one transaction; answers in order, a bad body harms no other.

    Raises Busy when the database's locks could not be had."""
    items, answers = check_items(bodies)
    locks = [name for item in items for name in identity_names(item.lead)]
    if items:
        answers |= at_desk(
            lambda desk: receive_items(desk, items, known_of(desk, items)),
            actor=actor,
            now=now,
            locks=locks,
        )
    return [answers[index] for index in range(len(bodies))]


def check_items(
    bodies: Sequence[object],
) -> tuple[list[Item], dict[int, Receipt | InvalidLead]]:
    """The bodies that are leads, normalised, and the refusals of the others by index."""
    refusals: dict[int, Receipt | InvalidLead] = {}
    items: list[Item] = []
    for index, body in enumerate(bodies):
        if faults := check_lead(body):
            refusals[index] = InvalidLead(faults)
        else:
            # Whatever is no object was refused.
            fields = cast("Mapping[str, Any]", body)
            items.append(Item(index=index, body=fields, lead=normalise_lead(fields)))
    return items, refusals


def known_of(desk: Desk, items: Sequence[Item]) -> KnownLeads:
    """The stored leads that a batch may be about."""
    settings = desk.config.settings
    window = settings.dedupe_window_days if settings else DEFAULT_WINDOW_DAYS
    leads = [item.lead for item in items]
    return load_known(leads, now=desk.now, window_days=window, locked=desk.standing.locked)


def receive_items(
    desk: Desk, items: Sequence[Item], known: KnownLeads
) -> dict[int, Receipt | InvalidLead]:
    """Decide a batch on a desk, in order; `known` grows. The caller saves, or does not."""
    matches = [(item, known.match(item.lead)) for item in items]
    found = find_accounts(identifiers_of((item.lead, match.account) for item, match in matches))
    return {item.index: _receive(desk, item, known, found) for item in items}


def _receive(desk: Desk, item: Item, known: KnownLeads, found: Found) -> Receipt:
    # Matched again: an earlier lead of this batch may be the same person.
    match = known.match(item.lead)
    if match.lead is None:
        lead, line = _receive_new(desk, item, match, found)
    else:
        lead, line = _receive_known(desk, item, match, found)
    known.add(lead)
    answer = lead_answer(lead, line, config=desk.config, created=match.lead is None)
    return Receipt(lead=lead, created=match.lead is None, answer=answer)


def _receive_new(
    desk: Desk, item: Item, match: Match, found: Found
) -> tuple[Lead, Assignment | None]:
    lead = new_row(
        Lead,
        id=uuid7(desk.now),
        status=LeadStatus.HELD.value,
        created_at=desk.now,
        updated_at=desk.now,
        submitted_at=desk.now,
        submissions_count=1,
    )
    put_fields(lead, item.lead)
    desk.writes.add(lead)
    hits = _hits(desk, item, match, found)
    warn_of_unknown_account(lead, hits)
    case = Case(lead=lead, normalised=item.lead, match=match, hits=hits)
    line = write_decision(desk, case, _decide_behind_queue(desk, case, item.body.get("owner")))
    _record(desk, lead, item, created=True, changed={})
    return lead, line


def _receive_known(
    desk: Desk, item: Item, match: Match, found: Found
) -> tuple[Lead, Assignment | None]:
    lead = cast("Lead", match.lead)
    merged = normalise_lead(merged_body(lead, item.body))
    changed = put_fields(lead, merged)
    if match.conflict is not None:
        lead.warnings = [*lead.warnings, _conflict_warning(match.conflict)]
    lead.submitted_at = lead.updated_at = desk.now
    lead.submissions_count += 1
    line = _route_known(desk, lead, merged, match, found, owner_named=item.body.get("owner"))
    _record(desk, lead, item, created=False, changed=changed)
    desk.writes.change(lead)
    return lead, line


def _route_known(
    desk: Desk,
    lead: Lead,
    merged: NormalisedLead,
    match: Match,
    found: Found,
    *,
    owner_named: object,
) -> Assignment | None:
    """The new line of a known lead's ledger, or its present one where nothing calls for more."""
    account = lead.account_id or match.account
    hits = hits_of(merged, found=found, known_account=account, config=desk.config)
    warn_of_unknown_account(lead, hits)
    case = Case(lead=lead, normalised=merged, match=match, hits=hits, known=True)
    decided = needs_routing(desk, case, owner_named=owner_named)
    if decided is not None:
        return write_decision(desk, case, decided)
    return current_line(desk, lead)


def current_line(desk: Desk, lead: Lead) -> Assignment | None:
    """The line that a lead stands by, written or about to be."""
    for line in reversed(desk.writes.new[Assignment]):
        if line.id == lead.assignment_id:
            return line
    return stored_line(lead)


def _decide_behind_queue(desk: Desk, case: Case, named: object) -> Decided:
    """The decision for a new lead, after those that wait for the pool it would be picked from."""
    decided = decide(desk, case, owner_named=named)
    pool = decided.decision.picked_from
    if pool in desk.standing.queued and desk.mode is Mode.LIVE and before_new_lead(desk, pool):
        return decide(desk, case, owner_named=named)
    return decided


def warn_of_unknown_account(lead: Lead, hits: Sequence[AccountHit]) -> None:
    """Say so when the account that the caller named is none."""
    if lead.account_ref and all(hit.step != 1 for hit in hits):
        detail = f'no active account "{lead.account_ref[:60]}"; matched by what else is known'
        lead.warnings = [
            *lead.warnings,
            {"field": "account", "code": "unknown", "detail": detail},
        ]


def _hits(desk: Desk, item: Item, match: Match, found: Found) -> list[AccountHit]:
    return hits_of(item.lead, found=found, known_account=match.account, config=desk.config)


def _record(
    desk: Desk, lead: Lead, item: Item, *, created: bool, changed: Mapping[str, Any]
) -> None:
    desk.writes.add(
        new_row(
            Submission,
            id=uuid7(desk.now),
            lead_id=lead.pk,
            at=desk.now,
            body=storable(item.body),
            created=created,
            changed=dict(changed),
            warnings=list(lead.warnings),
            **desk.acted(),
        )
    )


def storable(value: Any) -> Any:
    """A JSON value that every database stores: PostgreSQL's refuses NUL and lone surrogates."""
    if isinstance(value, str):
        return value.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()
    if isinstance(value, Mapping):
        return {storable(key): storable(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [storable(one) for one in value]
    return value


def _conflict_warning(other: Lead) -> dict[str, str]:
    return {
        "field": "email",
        "code": "conflict",
        "detail": f"external_id and email name two leads; the email is lead {other.pk}'s too.",
    }


#: Normalised fields whose column has another name.
RENAMED = {"account": "account_ref", "owner": "owner_ref"}


def put_fields(lead: Lead, normalised: NormalisedLead) -> dict[str, list[Any]]:
    """Set a lead's columns; return what changed as `{field: [before, after]}`."""
    changed: dict[str, list[Any]] = {}
    for name, value in normalised.fields.items():
        column = RENAMED.get(name, name)
        before = getattr(lead, column)
        if before != value:
            setattr(lead, column, value)
            if name != "received_at":
                changed[name] = [before, value]
    lead.email_domain = str(normalised.facts.get("email_domain") or "")
    lead.domain = normalised.domain
    lead.original = storable(normalised.original)
    lead.warnings = list(normalised.warnings)
    return changed


def update_lead(*, lead_id: UUID, body: object, actor: Actor, now: datetime) -> Receipt:
    """Change fields of a stored lead (an explicit null clears); may qualify and route it.

    Raises NotFound, and InvalidLead with every fault."""
    if faults := check_lead(body, partial=True):
        raise InvalidLead(faults)
    fields = cast("Mapping[str, Any]", body)
    return at_desk(lambda desk: _update(desk, lead_id, fields), actor=actor, now=now)


def _update(desk: Desk, lead_id: UUID, body: Mapping[str, Any]) -> Receipt:
    lead = Lead.objects.select_for_update(no_key=True).filter(pk=lead_id).first()
    if lead is None:
        raise NotFound(f"no lead {lead_id}")
    merged = normalise_lead(merged_body(lead, body, clears=True))
    if not any(merged.fields[name] for name in ("email", "phone", "company", "external_id")):
        raise InvalidLead(check_lead({}))
    changed = put_fields(lead, merged)
    _refuse_taken_identity(lead)
    lead.updated_at = desk.now
    match = Match(lead=lead, by="id", account=lead.account_id)
    found = find_accounts(identifiers_of([(merged, lead.account_id)]))
    line = _route_known(desk, lead, merged, match, found, owner_named=body.get("owner"))
    item = Item(index=0, body=body, lead=merged)
    _record(desk, lead, item, created=False, changed=changed)
    desk.writes.change(lead)
    answer = lead_answer(lead, line, config=desk.config, created=False)
    return Receipt(lead=lead, created=False, answer=answer)


def _refuse_taken_identity(lead: Lead) -> None:
    """Raise Conflict when another lead has this lead's external id and source already."""
    same = Lead.objects.filter(external_id=lead.external_id, source=lead.source)
    if lead.external_id and same.exclude(pk=lead.pk).exists():
        raise Conflict("another lead has this external_id and source")


def dry_run(*, body: object, now: datetime, as_new: bool = False) -> dict[str, Any]:
    """What would become of a lead at an instant, with the trace; writes and locks nothing.

    `as_new` passes over a stored lead that it would be taken for. Raises InvalidLead with every
    fault."""
    if faults := check_lead(body):
        raise InvalidLead(faults)
    fields = cast("Mapping[str, Any]", body)
    desk = Desk.dry(router=snapshot.live(), now=now)
    return preview(desk, normalise_lead(fields), fields, as_new=as_new)


def preview(
    desk: Desk, lead: NormalisedLead, body: Mapping[str, Any], *, as_new: bool = False
) -> dict[str, Any]:
    """The dry run's answer for a normalised lead on a desk that writes nothing."""
    settings = desk.config.settings
    window = settings.dedupe_window_days if settings else DEFAULT_WINDOW_DAYS
    known = load_known([lead], now=desk.now, window_days=window, locked=False)
    match = known.match(lead)
    if as_new:
        match = Match(account=match.account)
    found = find_accounts(identifiers_of([(lead, match.account)]))
    stored = match.lead
    row = stored or Lead(status=LeadStatus.HELD.value, created_at=desk.now, submitted_at=desk.now)
    merged = lead if stored is None else normalise_lead(merged_body(stored, body))
    put_fields(row, merged)
    hits = hits_of(
        merged,
        found=found,
        known_account=row.account_id or match.account,
        config=desk.config,
    )
    warn_of_unknown_account(row, hits)
    case = Case(lead=row, normalised=merged, match=match, hits=hits, known=stored is not None)
    named = body.get("owner")
    route = decide if stored is None else needs_routing
    decided = route(desk, case, owner_named=named, explain=True)
    return dry_answer(desk, case, decided)
