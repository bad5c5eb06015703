"""Which of the accounts that a lead may belong to is its account (semantics 4).

The earliest step that has a hit wins. Several hits at that step are decided by: same country as
the lead; then an active owner; then tier; then the most recent review; then key. Tiers rank as in
`TIERS`; a tier of another name ranks after these by its text, no tier last.
"""

from collections.abc import Sequence
from datetime import date
from typing import TypeAlias

from .config import Target
from .facts import Lead, fold_scalar
from .state import AccountHit

#: Well-known names of tiers, the most valuable first.
TIERS = (
    "strategic", "key", "enterprise", "named", "major", "mid-market", "mid market", "commercial",
    "smb", "small",
)  # fmt: skip

Rank: TypeAlias = tuple[bool, bool, int, str, int, str]

STEPS = {
    1: "the account that the caller named",
    2: "a known contact with the same e-mail",
    3: "the domain of the e-mail",
    4: "the domain of the website",
    5: "the company name",
    6: "a similar company name",
}


def ranked(hits: Sequence[AccountHit], lead: Lead) -> list[AccountHit]:
    """The hits of the earliest step that has any, the best first."""
    if len(hits) <= 1:
        return list(hits)
    step = min(hit.step for hit in hits)
    country = lead["country"]
    found = {hit.key: hit for hit in reversed(hits) if hit.step == step}
    return sorted(found.values(), key=lambda hit: _rank(hit, country))


def choose(hits: Sequence[AccountHit], lead: Lead) -> AccountHit | None:
    """The lead's account, or None."""
    if not hits:
        return None
    return hits[0] if len(hits) == 1 else ranked(hits, lead)[0]


def role_target(hit: AccountHit, role: str | None) -> Target | None:
    """Who takes leads of the account: its owner, or who has the role.

    A role that the account does not have gives None: the rule's model then does not apply, the
    owner does not stand in, since another rule can say so."""
    return hit.owner if role is None else hit.roles.get(role)


def _rank(hit: AccountHit, country: object) -> Rank:
    tier = fold_scalar(hit.tier) or ""
    known = TIERS.index(tier) if tier in TIERS else len(TIERS) + (not tier)
    reviewed = (hit.reviewed_on or date.min).toordinal()
    same_country = country is not None and fold_scalar(hit.country) == country
    return not same_country, not hit.owner_active, known, tier, -reviewed, hit.key
