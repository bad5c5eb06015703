"""Which accounts a lead's identifiers name: at most two indexed reads, whatever the number of
accounts (semantics 4, steps 1–6). The engine chooses among the hits."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

from django.db import connection
from rapidfuzz import fuzz

from leads.engine.config import Config, Target
from leads.engine.state import AccountHit
from leads.normalise import NormalisedLead
from leads.prepared import rows_of
from territories.models import Account, AccountRole

#: (kind, value) of an identifier; kinds are those of `AccountIdentifier`, and `name`.
Identifier: TypeAlias = tuple[str, str]

#: Names compared when fuzzy matching is on: those that begin alike, at most this many.
FUZZY_PREFIX, FUZZY_CANDIDATES = 3, 500
#: The value list of kind `domain` whose domains say nothing about an account (semantics 4).
IGNORED_DOMAINS = "ignored-domains"
#: How far owners are inherited upwards; a cycle of parents is refused on save.
MAX_ANCESTORS = 20

# One statement for both databases: what is named, then up the parents while nobody owns.
HITS_SQL = """
WITH RECURSIVE hit(kind, value, account) AS (
    SELECT i.kind, i.match_value, i.account_id FROM territories_accountidentifier i
        WHERE i.match_value {among} AND i.kind IN ('domain', 'external_id', 'key', 'alias')
    UNION ALL SELECT 'key', a.key, a.key FROM territories_account a WHERE a.key {among}
    UNION ALL
    SELECT 'alias', a.match_name, a.key FROM territories_account a WHERE a.match_name {among}
), up(account, ancestor, parent, rep, pool, depth) AS (
    SELECT a.key, a.key, a.parent_id, a.owner_rep_id, a.owner_pool_id, 0
        FROM territories_account a WHERE a.key IN (SELECT account FROM hit)
    UNION ALL
    SELECT up.account, p.key, p.parent_id,
           CAST(CASE WHEN p.active THEN p.owner_rep_id END AS varchar(100)),
           CAST(CASE WHEN p.active THEN p.owner_pool_id END AS varchar(100)),
           up.depth + 1
        FROM up JOIN territories_account p ON p.key = up.parent
        WHERE up.rep IS NULL AND up.pool IS NULL AND up.depth < {depth}
)
SELECT hit.kind, hit.value, a.key, a.name, a.country, a.tier, a.industry, a.reviewed_on,
       up.ancestor, up.rep, up.pool
    FROM hit JOIN territories_account a ON a.key = hit.account AND a.active
    JOIN up ON up.account = a.key
    ORDER BY a.key, up.depth
"""
#: The same text for any number of values.
ARRAY_HITS_SQL = HITS_SQL.format(among="= ANY(%s::text[])", depth=MAX_ANCESTORS)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundAccount:
    """An active account with its own or inherited owner and its roles."""

    key: str
    name: str
    country: str
    tier: str
    industry: str
    reviewed_on: date | None
    owner: Target | None
    inherited_from: str | None
    roles: Mapping[str, Target]


Found: TypeAlias = Mapping[Identifier, Sequence[FoundAccount]]


def steps_of(lead: NormalisedLead, known_account: str | None) -> Iterator[tuple[int, Identifier]]:
    """The identifiers of a lead in the order of the steps that use them."""
    if given := str(lead.fields.get("account") or ""):
        for kind in ("key", "external_id"):
            yield 1, (kind, given)
    if known_account:
        yield 2, ("key", known_account)
    for domain in lead.email_domains if lead.domain else ():
        yield 3, ("domain", domain)
    if lead.website_domain:
        yield 4, ("domain", lead.website_domain)
    if lead.company_match:
        yield 5, ("alias", lead.company_match)


def find_accounts(identifiers: Collection[Identifier]) -> Found:
    """Every active account that one of the identifiers names: two reads at most."""
    values = sorted({value for _, value in identifiers})
    if not values:
        return {}
    wanted = set(identifiers)
    rows = [row for row in _hit_rows(values) if (row[0], row[1]) in wanted]
    roles = _roles({row[2] for row in rows})
    found: dict[Identifier, dict[str, FoundAccount]] = {}
    for row in rows:
        accounts = found.setdefault((row[0], row[1]), {})
        account = _found(row, roles.get(row[2], {}))
        # Rows come by depth: the last one of an account is where the climb ended.
        accounts[account.key] = account
    return {identifier: list(accounts.values()) for identifier, accounts in found.items()}


def _hit_rows(values: list[str]) -> list[tuple[Any, ...]]:
    if connection.vendor == "postgresql":
        return rows_of(ARRAY_HITS_SQL, [values] * 3)
    marks = ", ".join(["%s"] * len(values))
    return rows_of(HITS_SQL.format(among=f"IN ({marks})", depth=MAX_ANCESTORS), values * 3)


def _roles(keys: Collection[str]) -> dict[str, dict[str, Target]]:
    roles: dict[str, dict[str, Target]] = {}
    if keys:
        rows = AccountRole.objects.filter(account_id__in=keys).order_by("account_id", "role")
        for account, role, rep, pool in rows.values_list("account_id", "role", "rep_id", "pool_id"):
            roles.setdefault(account, {})[role] = Target(rep=rep, pool=pool)
    return roles


def _found(row: tuple[Any, ...], roles: Mapping[str, Target]) -> FoundAccount:
    _, _, key, name, country, tier, industry, reviewed_on, ancestor, rep, pool = row
    owned = rep is not None or pool is not None
    return FoundAccount(
        key=key,
        name=name,
        country=country or "",
        tier=tier or "",
        industry=industry or "",
        reviewed_on=date.fromisoformat(reviewed_on)
        if isinstance(reviewed_on, str)
        else reviewed_on,
        owner=Target(rep=rep, pool=pool) if owned else None,
        inherited_from=ancestor if owned and ancestor != key else None,
        roles=roles,
    )


def hits_of(
    lead: NormalisedLead, *, found: Found, known_account: str | None, config: Config
) -> list[AccountHit]:
    """The hits of one lead, by step; of the e-mail's domains only the longest that is listed."""
    hits: list[AccountHit] = []
    settled: set[int] = set()
    ignored = _ignored(config)
    for step, identifier in steps_of(lead, known_account):
        if step in settled or (identifier[0] == "domain" and identifier[1] in ignored):
            continue
        accounts = found.get(identifier, ())
        hits += [_hit(account, step, identifier[1], config) for account in accounts]
        if accounts and step == 3:
            settled.add(step)
    threshold = config.settings.fuzzy_match_threshold if config.settings else None
    if not hits and threshold is not None and lead.company_match:
        hits = [_hit(*pair, config) for pair in _fuzzy(lead.company_match, threshold)]
    return hits


def _ignored(config: Config) -> frozenset[str]:
    listed = config.value_lists.get(IGNORED_DOMAINS)
    return frozenset(listed.values) if listed is not None and listed.active else frozenset()


def _hit(account: FoundAccount, step: int, matched_on: str, config: Config) -> AccountHit:
    return AccountHit(
        key=account.key,
        name=account.name,
        step=step,
        matched_on=matched_on,
        owner=account.owner,
        owner_active=_is_active(account.owner, config),
        inherited_from=account.inherited_from,
        roles=account.roles,
        country=account.country or None,
        tier=account.tier,
        industry=account.industry,
        reviewed_on=account.reviewed_on,
    )


def _is_active(owner: Target | None, config: Config) -> bool:
    if owner is None:
        return False
    holder = config.reps.get(owner.rep or "") or config.pools.get(owner.pool or "")
    return holder is not None and holder.active


def _fuzzy(name: str, threshold: int) -> Iterator[tuple[FoundAccount, int, str]]:
    """Accounts whose normalised name is the nearest of those that begin alike."""
    candidates = Account.objects.filter(active=True, match_name__startswith=name[:FUZZY_PREFIX])
    scored = [
        (fuzz.token_sort_ratio(name, match_name), key)
        for key, match_name in candidates.values_list("key", "match_name")[:FUZZY_CANDIDATES]
    ]
    best = max(scored, default=(0.0, ""))[0]
    if best < threshold or best == 0:
        return
    near = {("key", key) for score, key in scored if score == best}
    for accounts in find_accounts(near).values():
        yield from ((account, 6, name) for account in accounts)


def identifiers_of(
    leads: Iterable[tuple[NormalisedLead, str | None]],
) -> set[Identifier]:
    """Every identifier that a batch of leads (each with its known account) may be found by."""
    return {identifier for lead, known in leads for _, identifier in steps_of(lead, known)}
