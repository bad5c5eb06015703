"""Where the demo company sells: two regions, and territories nested down to postal codes."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

EMEA = (
    "DE", "AT", "CH", "NL", "BE", "LU", "GB", "IE", "SE", "NO", "DK", "FI", "FR", "ES",
    "PT", "IT", "PL", "CZ", "ZA", "AE",
)  # fmt: skip
AMERICAS = (
    "US", "CA", "MX", "BR", "AR", "CL", "CO",
)  # fmt: skip

US_EAST = (
    "CT", "DE", "DC", "FL", "GA", "MA", "MD", "ME", "NC", "NH", "NJ", "NY", "PA", "RI",
    "SC", "VA", "VT", "WV",
)  # fmt: skip
US_CENTRAL = (
    "AL", "AR", "IA", "IL", "IN", "KS", "KY", "LA", "MI", "MN", "MO", "MS", "ND", "NE",
    "OH", "OK", "SD", "TN", "TX", "WI",
)  # fmt: skip
US_WEST = (
    "AK", "AZ", "CA", "CO", "HI", "ID", "MT", "NM", "NV", "OR", "UT", "WA", "WY",
)  # fmt: skip

#: key: (name, parent, pool or rep:key, boundaries); "DE:70000..79999" is a range of postal codes.
_TERRITORIES: tuple[tuple[str, str, str | None, str | None, str], ...] = (
    ("emea", "EMEA", None, "emea-sdr", ""),
    ("dach", "DACH", "emea", "dach-sdr", "DE AT CH"),
    ("de-south-west", "Germany South-West", "dach", "rep:lea-brunner", "DE:70000..79999"),
    ("de-berlin", "Berlin", "dach", "rep:jonas-weidner", "DE:10000..14199"),
    ("benelux", "Benelux", "emea", "dach-sdr", "NL BE LU"),
    ("uki", "UK and Ireland", "emea", "uki-sdr", "GB IE"),
    ("london", "London", "uki", "rep:priya-raman", "GB:SW1* GB:EC1* GB:EC2* GB:W1*"),
    ("nordics", "Nordics", "emea", "nordics-sdr", "SE NO DK FI"),
    ("south", "Southern Europe", "emea", "south-sdr", "FR ES PT IT"),
    ("paris", "Paris", "south", "rep:hugo-delvaux", "FR:75* FR:92*"),
    ("eastern-europe", "Eastern Europe", "emea", None, "PL CZ"),
    ("americas", "Americas", None, None, ""),
    ("us", "United States", "americas", "us-east-sdr", "US"),
    ("us-east", "US East", "us", "us-east-sdr", " ".join(f"US-{s}" for s in US_EAST)),
    ("us-new-york-city", "New York City", "us-east", "rep:trevor-lang", "US:100* US:101* US:112*"),
    ("us-central", "US Central", "us", "us-west-sdr", " ".join(f"US-{s}" for s in US_CENTRAL)),
    ("us-west", "US West", "us", "us-west-sdr", " ".join(f"US-{s}" for s in US_WEST)),
    ("us-bay-area", "Bay Area", "us-west", "rep:jenna-castellan", "US:940* US:941* US:946*"),
    ("canada", "Canada", "americas", "canada-latam-sdr", "CA"),
    ("quebec", "Québec", "canada", "rep:luc-tremblay", "CA-QC"),
    ("latam", "Latin America", "americas", "canada-latam-sdr", "MX AR CL CO"),
    ("brazil", "Brazil", "latam", "rep:thiago-barreto", "BR"),
)  # fmt: skip

#: Large companies have owners of their own: (key, name, parent, pool, boundaries).
_ENTERPRISE = (
    ("emea-enterprise", "EMEA Enterprise", "emea", "emea-enterprise", EMEA),
    ("us-enterprise", "US Enterprise", "us", "americas-enterprise", [
        f"US-{state}" for state in (*US_EAST, *US_CENTRAL, *US_WEST)
    ]),
)  # fmt: skip
ENTERPRISE_EMPLOYEES = 2_000


def value_lists() -> list[dict[str, Any]]:
    """The lists that rules name."""
    return [
        {"key": "emea", "name": "EMEA", "kind": "region", "values": list(EMEA)},
        {"key": "americas", "name": "Americas", "kind": "region", "values": list(AMERICAS)},
        {
            "key": "competitors",
            "name": "Competitor domains",
            "kind": "domain",
            "values": ["fluxwell-instruments.example", "metrivane.example"],
        },
        {
            "key": "student-titles",
            "name": "Titles of students",
            "kind": "other",
            "values": ["Student", "PhD student", "Research student"],
        },
    ]


def territories(today: date) -> list[dict[str, Any]]:
    """The tree: regions, countries, states, postal areas; and large companies by segment."""
    made = [
        _territory(key, name, parent, assignee, boundaries.split(), today)
        for key, name, parent, assignee, boundaries in _TERRITORIES
    ]
    for key, name, parent, pool, boundaries in _ENTERPRISE:
        territory = _territory(key, name, parent, pool, boundaries, today)
        large = {"field": "employees", "op": "gte", "value": ENTERPRISE_EMPLOYEES}
        made.append(territory | {"segment": large, "priority": 50})
    return made


def _territory(
    key: str,
    name: str,
    parent: str | None,
    assignee: str | None,
    boundaries: Sequence[str],
    today: date,
) -> dict[str, Any]:
    # Some were last looked at long ago, so that the review list has something to say.
    reviewed = today - timedelta(days=20 + 11 * (len(key) % 13))
    return {
        "key": key,
        "name": name,
        "parent": parent,
        "assign_to": _target(assignee),
        "boundaries": _boundaries(boundaries),
        "reviewed_on": reviewed.isoformat(),
    }


def _target(assignee: str | None) -> dict[str, str] | None:
    if assignee is None:
        return None
    kind, _, key = assignee.rpartition(":")
    return {kind or "pool": key}


def _boundaries(words: Sequence[str]) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    for word in words:
        country, _, postal = word.partition(":")
        if postal:
            made.append({"country": country, "postal": [postal]})
        elif "-" in country:
            made.append({"country": country.partition("-")[0], "subdivision": country})
        else:
            made.append({"country": country})
    return made
