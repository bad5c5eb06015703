"""Configurations and leads of any size, always the same for the same numbers.

Rules hold a country (or three), an industry and a lead type, some a number of employees; every
fourth routes by territory. Territories hold postal prefixes of the United States. Leads are made
to fit a rule each, any with equal chance.
"""

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

NOW = datetime(2026, 11, 25, 15, 0, tzinfo=UTC)  # a Wednesday, working hours in Berlin and New York

COUNTRIES = (
    "US", "DE", "GB", "FR", "ES", "IT", "NL", "BE", "AT", "CH", "SE", "NO", "DK", "FI", "PL", "CZ",
    "PT", "IE", "GR", "HU", "RO", "BG", "HR", "SK", "SI",
)  # fmt: skip
TYPES = [f"type_{n}" for n in range(10)]
Document = dict[str, Any]


def document(
    *, rules: int = 1_000, boundaries: int = 10_000, reps: int = 500, pools: int = 200
) -> Document:
    """A whole configuration document with every key spelled out."""
    return {
        "version": 1,
        "settings": _settings(),
        "value_lists": [_value_list()],
        "calendars": [_calendar(n) for n in range(4)],
        "skills": [
            {"key": f"skill-{n}", "name": f"Skill {n}", "kind": "product", "active": True}
            for n in range(20)
        ],
        "teams": [
            {"key": f"team-{n}", "name": f"Team {n}", "manager": f"rep-{n}", "active": True}
            for n in range(min(20, reps))
        ],
        "reps": [_rep(n, reps) for n in range(reps)],
        "absences": [],
        "pools": [_pool(n, reps) for n in range(pools)],
        "territories": list(_territories(boundaries, pools)),
        "sla_policies": [_policy("fast", 5, "always"), _policy("day", 480, "business")],
        "definitions": [_definition()],
        "rules": [_rule(n, pools) for n in range(rules)],
    }


def _settings() -> Document:
    return {
        "timezone": "Europe/Berlin",
        "mode": "live",
        "fallback": {"pool": "pool-0"},
        "default_sla": "day",
        "exceptions_owner": "rep-0",
        "dedupe_window_days": 90,
        "accuracy_window_days": 14,
        "review_after_days": 90,
        "fuzzy_match_threshold": None,
    }


def _value_list() -> Document:
    return {
        "key": "emea", "name": "EMEA", "kind": "region", "values": COUNTRIES[1:], "active": True,
    }  # fmt: skip


def _calendar(number: int) -> Document:
    zone = ("Europe/Berlin", "America/New_York", "Europe/London", "Europe/Paris")[number]
    return {
        "key": f"calendar-{number}",
        "name": zone,
        "timezone": zone,
        "hours": {day: ["09:00-18:00"] for day in ("mon", "tue", "wed", "thu", "fri")},
        "holidays": None,
        "active": True,
    }


def _rep(number: int, reps: int) -> Document:
    return {
        "key": f"rep-{number}",
        "name": f"Rep {number}",
        "email": f"rep{number}@desk.example",
        "external_id": None,
        "team": f"team-{number % min(20, reps)}",
        "calendar": f"calendar-{number % 4}",
        "backup": f"rep-{(number + 1) % reps}",
        "max_open": None,
        "max_per_day": None,
        "skills": [f"skill-{number % 20}"],
        "active": True,
    }


def _pool(number: int, reps: int) -> Document:
    return {
        "key": f"pool-{number}",
        "name": f"Pool {number}",
        "distribution": "round_robin",
        "working_hours_only": number % 2 == 1,
        "make_up_limit": 0,
        "keep_company_together_days": None,
        "members": [
            {"rep": f"rep-{(number * 5 + seat) % reps}", "weight": 1 + seat % 3}
            for seat in range(min(8, reps))
        ],
        "active": True,
    }


def _territories(boundaries: int, pools: int) -> Iterator[Document]:
    """Territories of fifty boundaries: prefixes of four digits, then one for the country."""
    for number in range(-(-boundaries // 50)):
        first = number * 50
        yield {
            "key": f"area-{number}",
            "name": f"Area {number}",
            "parent": None,
            "assign_to": {"pool": f"pool-{number % pools}"},
            "priority": 100,
            "segment": None,
            "boundaries": [
                {"country": "US", "subdivision": None, "postal": [f"{code % 10_000:04d}*"]}
                for code in range(first, min(first + 50, boundaries))
            ],
            "effective_from": None,
            "effective_to": None,
            "reviewed_on": None,
            "active": True,
        }


def _policy(key: str, minutes: int, clock: str) -> Document:
    return {
        "key": key,
        "name": key,
        "respond_within_minutes": minutes,
        "clock": clock,
        "warn_at_percent": 80,
        "on_breach": ["notify_owner"],
        "max_reassignments": 0,
        "active": True,
    }


def _definition() -> Document:
    return {
        "key": "qualified",
        "name": "Qualified",
        "priority": 10,
        "lead_types": [],
        "conditions": {"field": "score", "op": "gte", "value": 10},
        "required_fields": ["email"],
        "trigger": "create_or_update",
        "window_owner": {"pool": "pool-0"},
        "sla": None,
        "reengage": False,
        "agreed_by": ["rep-0"],
        "agreed_on": None,
        "active": True,
    }


def cells(number: int) -> Document:
    """What a rule asks of a lead, field by field."""
    industry, kind = f"industry {number // 10 % 40}", TYPES[number % 10]
    country = COUNTRIES[number // 400 % 25]
    made: Document = {"industry": industry, "lead_type": kind}
    if number % 5 == 4:
        place = number // 400
        made["countries"] = [country, *(COUNTRIES[(place + step) % 25] for step in (7, 13))]
    else:
        made["countries"] = [country]
    if number % 3 == 2:
        made["employees"] = 200
    return made


def _rule(number: int, pools: int) -> Document:
    wanted = cells(number)
    countries = wanted["countries"]
    tests: list[Document] = [
        {"field": "country", "op": "eq", "value": countries[0]}
        if len(countries) == 1
        else {"field": "country", "op": "in", "value": countries},
        {"field": "industry", "op": "eq", "value": wanted["industry"]},
        {"field": "lead_type", "op": "eq", "value": wanted["lead_type"]},
    ]
    if "employees" in wanted:
        tests.append({"field": "employees", "op": "gte", "value": wanted["employees"]})
    by_territory = number % 4 == 3 and countries[0] == "US"
    return {
        "key": f"rule-{number}",
        "name": f"Rule {number}",
        "priority": number + 1,
        "active": True,
        "conditions": {"all": tests},
        "route_to": {"territory": True} if by_territory else {"pool": f"pool-{number % pools}"},
        "working_hours_only": False,
        "respect_caps": False,
        "fallback": [{"pool": "pool-0"}],
        "sla": "fast",
        "effective_from": None,
        "effective_to": None,
    }


def lead(number: int, *, rules: int, accounts: int = 0, seed: int = 0) -> Document:
    """The body of a lead that fits a rule; `number` makes its person and company unlike others'.

    With `accounts`, every second lead belongs to one of these."""
    chance = random.Random(f"{seed}-{number}")
    wanted = cells(chance.randrange(rules))
    known = accounts and number % 2
    domain = f"account{chance.randrange(accounts)}.com" if known else f"firm{seed}x{number}.com"
    return {
        "external_id": f"{seed}-{number}",
        "source": "website",
        "lead_type": wanted["lead_type"],
        "email": f"person{number}@{domain}",
        "first_name": "Ana",
        "last_name": f"Ruiz {number}",
        "phone": f"+49 30 {1_000_000 + number % 8_000_000}",
        "title": "Head of Operations",
        "company": f"Firm {seed} {number} GmbH",
        "country": chance.choice(wanted["countries"]),
        "postal_code": f"{chance.randrange(100_000):05d}",
        "industry": wanted["industry"],
        "employees": chance.randrange(200, 5_000),
        "score": chance.randrange(10, 100),
        "product_interest": ["routing", "reports"],
        "campaign": "autumn",
        "custom": {"plan": "pro", "seats": number % 50},
    }
