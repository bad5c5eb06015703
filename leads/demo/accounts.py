"""Three hundred companies that are customers already, or nearly."""

from datetime import date, timedelta
from random import Random
from typing import Any

from . import people
from .words import COMPANY_STARTS, COMPANY_TRADES, LEGAL_FORMS

COUNT = 300
#: One in so many belongs to a group, has a second domain, has nobody who owns it.
GROUP_SHARE, SECOND_DOMAIN_SHARE, UNOWNED_SHARE = 0.18, 0.15, 0.05
#: Countries by weight, and the team that owns accounts there.
COUNTRIES: dict[str, tuple[int, str]] = {
    "DE": (44, "dach"), "AT": (10, "dach"), "CH": (10, "dach"), "NL": (12, "dach"),
    "BE": (6, "dach"), "GB": (30, "uki-nordics"), "IE": (5, "uki-nordics"),
    "SE": (9, "uki-nordics"), "NO": (6, "uki-nordics"), "DK": (6, "uki-nordics"),
    "FI": (4, "uki-nordics"), "FR": (24, "south"), "ES": (16, "south"), "PT": (6, "south"),
    "IT": (16, "south"), "US": (70, "us-east"), "CA": (12, "canada-latam"),
    "MX": (8, "canada-latam"), "BR": (10, "canada-latam"), "AR": (4, "canada-latam"),
    "CL": (3, "canada-latam"), "CO": (3, "canada-latam"),
}  # fmt: skip
TIERS = {"strategic": 5, "key": 14, "growth": 30, None: 51}
#: Employees by tier: from, to.
SIZES = {
    "strategic": (5_000, 60_000),
    "key": (1_500, 12_000),
    "growth": (200, 2_500),
    None: (20, 900),
}
#: SDR pool by owning team, for the accounts that have that role.
SDR_POOLS = {
    "dach": "dach-sdr",
    "uki-nordics": "uki-sdr",
    "south": "south-sdr",
    "us-east": "us-east-sdr",
    "us-west": "us-west-sdr",
    "canada-latam": "canada-latam-sdr",
}


def accounts(random: Random, today: date) -> list[dict[str, Any]]:
    """The accounts as the document has them."""
    names = _names(random)
    made: list[dict[str, Any]] = []
    for index in range(COUNT):
        start, (trade, industry) = names[index]
        parent = None
        if made and random.random() < GROUP_SHARE:
            parent = random.choice([one for one in made if one["parent"] is None])
        made.append(_account(random, today, start, trade, industry, parent))
    return made


def _names(random: Random) -> list[tuple[str, tuple[str, str]]]:
    pairs = [(start, trade) for start in COMPANY_STARTS for trade in COMPANY_TRADES]
    return random.sample(pairs, COUNT)


def _account(
    random: Random,
    today: date,
    start: str,
    trade: str,
    industry: str,
    parent: dict[str, Any] | None,
) -> dict[str, Any]:
    country = random.choices(list(COUNTRIES), [weight for weight, _ in COUNTRIES.values()])[0]
    team = COUNTRIES[country][1]
    if country == "US" and random.random() < 0.45:
        team = "us-west"
    tier = random.choices(list(TIERS), list(TIERS.values()))[0]
    key = f"{start}-{trade}".lower()
    made: dict[str, Any] = {
        "key": key,
        "name": f"{start} {trade} {LEGAL_FORMS[country]}",
        "aliases": [f"{start[:3].upper()} {trade}"] if random.random() < 0.2 else [],
        "domains": [f"{key}.example"],
        "country": country,
        "parent": parent["key"] if parent else None,
        "owner": _owner(random, team, parent),
        "tier": tier,
        "industry": industry,
        "employees": random.randrange(*SIZES[tier]),
        "external_ids": [f"001{random.randrange(10**9):09d}"],
        "reviewed_on": (today - timedelta(days=random.randrange(200))).isoformat(),
    }
    if random.random() < SECOND_DOMAIN_SHARE:
        made["domains"].append(f"{start.lower()}-group-{trade.lower()}.example")
    if random.random() < 0.4:
        made["roles"] = {"sdr": {"pool": SDR_POOLS[team]}}
    return made


def _owner(random: Random, team: str, parent: dict[str, Any] | None) -> Any:
    """A rep of the team, now and then the team's pool or nobody; a subsidiary often leaves it to
    its parent."""
    if random.random() < UNOWNED_SHARE or (parent and random.random() < 0.6):
        return None
    if random.random() < 0.04:
        return {"pool": SDR_POOLS[team]}
    return random.choice(people.members_of(team))
