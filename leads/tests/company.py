"""A small company for tests: every kind of configuration, every routing model."""

from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

from territories import document
from territories.revisions import Actor, revision

TESTER = Actor(kind="command", id="", name="tester")
#: A Wednesday, inside the office hours of Berlin.
NOON = datetime(2026, 6, 10, 12, 0, tzinfo=UTC)

COMPANY: dict[str, Any] = {
    "version": 1,
    "settings": {
        "timezone": "Europe/Berlin",
        "fallback": {"pool": "catch-all"},
        "exceptions_owner": "maria",
        "default_sla": "day",
    },
    "value_lists": [{"key": "emea", "name": "EMEA", "kind": "region", "values": ["DE", "GB"]}],
    "calendars": [
        {
            "key": "eu",
            "name": "EU",
            "timezone": "Europe/Berlin",
            "hours": {day: ["09:00-18:00"] for day in ("mon", "tue", "wed", "thu", "fri")},
        }
    ],
    "skills": [{"key": "german", "name": "German", "kind": "language"}],
    "teams": [{"key": "emea", "name": "EMEA", "manager": "maria"}],
    "reps": [
        {"key": "maria", "name": "Maria Lind", "email": "maria@desk.example", "team": "emea"},
        {
            "key": "ana",
            "name": "Ana Ruiz",
            "email": "ana@desk.example",
            "team": "emea",
            "calendar": "eu",
            "backup": "ben",
            "skills": ["german"],
        },
        {"key": "ben", "name": "Ben Ode", "email": "ben@desk.example", "team": "emea"},
        {"key": "cat", "name": "Cat Wu", "email": "cat@desk.example", "team": "emea"},
        {"key": "sam", "name": "Sam Sale", "email": "sam@desk.example", "active": False},
    ],
    "pools": [
        {"key": "dach", "name": "DACH", "members": [{"rep": "ana"}, {"rep": "ben"}]},
        {"key": "catch-all", "name": "Catch all", "members": [{"rep": "cat"}]},
        {"key": "marketing", "name": "Marketing", "members": [{"rep": "maria"}]},
    ],
    "territories": [
        {
            "key": "germany",
            "name": "Germany",
            "assign_to": {"pool": "dach"},
            "boundaries": [{"country": "DE"}],
        }
    ],
    "accounts": [
        {
            "key": "acme",
            "name": "Acme GmbH",
            "domains": ["acme.example"],
            "owner": "ana",
            "tier": "strategic",
        }
    ],
    "sla_policies": [
        {"key": "day", "name": "A day", "respond_within_minutes": 1440},
        {"key": "fast", "name": "Fast", "respond_within_minutes": 5},
    ],
    "definitions": [
        {
            "key": "mql",
            "name": "Marketing qualified",
            "priority": 10,
            "lead_types": ["content"],
            "conditions": {"field": "score", "op": "gte", "value": 50},
            "trigger": "create_or_update",
            "window_owner": {"pool": "marketing"},
        },
        {
            "key": "comeback",
            "name": "Comes back",
            "priority": 20,
            "lead_types": ["demo_request"],
            "reengage": True,
        },
    ],
    "rules": [
        {
            "key": "named",
            "name": "Named accounts",
            "priority": 10,
            "conditions": {"field": "account.tier", "op": "eq", "value": "strategic"},
            "route_to": {"account_owner": True},
            "fallback": [{"backup": True}],
            "sla": "fast",
        },
        {
            "key": "places",
            "name": "Territories",
            "priority": 20,
            "route_to": {"territory": True},
            "fallback": [{"manager": True}],
        },
        {
            "key": "rest",
            "name": "The rest",
            "priority": 30,
            "conditions": {"field": "country", "op": "eq", "value": "GB"},
            "route_to": {"rep": "ben"},
            "fallback": [{"hold_minutes": 60}, {"manager": True}],
        },
    ],
}


def company(**changes: Any) -> dict[str, Any]:
    """The company's document with some sections or settings replaced."""
    made = deepcopy(COMPANY)
    for section, value in changes.items():
        if section == "settings":
            made["settings"] |= value
        else:
            made[section] = value
    return made


def configure(made: dict[str, Any] | None = None, *, prune: bool = False) -> None:
    """Apply a document as one revision."""
    with revision(actor=TESTER, reason="test"):
        document.apply(made or company(), prune=prune)
