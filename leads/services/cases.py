"""Stored leads as cases to be routed again: what they say, and the accounts they may belong to."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice

from django.db.models import QuerySet

from leads.models import Lead
from leads.normalise import normalise_lead

from .account_lookup import find_accounts, hits_of, identifiers_of
from .decide import Case
from .desk import Desk
from .known import Match, merged_body

CASES_AT_ONCE = 200


def case_of(desk: Desk, lead: Lead, *, ruled_out: Mapping[str, str] | None = None) -> Case:
    """A stored lead as a case to be routed again, without those whom `ruled_out` names."""
    (case,) = cases_of(desk, [lead])
    return replace(case, ruled_out=ruled_out) if ruled_out else case


def cases_of(desk: Desk, leads: Sequence[Lead]) -> list[Case]:
    """Stored leads as cases to be routed again, in order; their accounts in one look-up."""
    pairs = [(normalise_lead(merged_body(lead, {})), lead.account_id) for lead in leads]
    found = find_accounts(identifiers_of(pairs))
    return [
        Case(
            lead=lead,
            normalised=normalised,
            match=Match(lead=lead, by="id", account=account),
            hits=hits_of(normalised, found=found, known_account=account, config=desk.config),
            known=True,
            rerouted=True,
        )
        for lead, (normalised, account) in zip(leads, pairs, strict=True)
    ]


def each_case(desk: Desk, leads: "QuerySet[Lead]") -> Iterator[Case]:
    """Any number of stored leads as cases, read and looked up a batch at a time."""
    rows = leads.iterator(chunk_size=CASES_AT_ONCE)
    while batch := list(islice(rows, CASES_AT_ONCE)):
        yield from cases_of(desk, batch)
