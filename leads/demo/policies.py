"""How the demo company routes: pools, SLA policies, definitions, rules and settings."""

from datetime import date, timedelta
from typing import Any

from . import people


def _pool(key: str, name: str, members: dict[str, int], **options: Any) -> dict[str, Any]:
    listed = [{"rep": rep, "weight": weight} for rep, weight in members.items()]
    return {"key": key, "name": name, "members": listed, **options}


def _team_pool(team: str, key: str, name: str, **options: Any) -> dict[str, Any]:
    return _pool(key, name, dict.fromkeys(people.members_of(team), 1), **options)


def pools() -> list[dict[str, Any]]:
    """Rotation with and without weights, least loaded, in hours and around the clock."""
    dach = {"jonas-weidner": 2, "lea-brunner": 2, "mats-deruyter": 1, "sina-hochfeld": 1}
    uki = {"priya-raman": 1, "callum-byrne": 2}
    nordics = {"astrid-nyberg": 1, "erik-solheim": 1}
    emea = {"mats-deruyter": 1, "erik-solheim": 1, "nuria-salvat": 1, "paolo-ferrante": 1}
    large_emea = {"jonas-weidner": 1, "priya-raman": 1, "hugo-delvaux": 1}
    large_us = {"trevor-lang": 2, "jenna-castellan": 2, "monique-tillery": 1, "wes-halloran": 1}
    gas = (
        *("jonas-weidner", "sina-hochfeld", "priya-raman", "hugo-delvaux", "trevor-lang"),
        *("ruth-abernathy", "jenna-castellan", "luc-tremblay", "camila-rojas"),
    )
    marketing = {"mats-deruyter": 1, "sam-kowalczyk": 1}
    hours = {"working_hours_only": True}
    return [
        _pool("dach-sdr", "DACH and Benelux SDRs", dach, make_up_limit=5),
        _pool("uki-sdr", "UK and Ireland SDRs", uki),
        _pool("nordics-sdr", "Nordics SDRs", nordics),
        _team_pool("south", "south-sdr", "Southern Europe SDRs", **hours),
        _pool("emea-sdr", "EMEA SDRs", emea),
        _team_pool("us-east", "us-east-sdr", "US East SDRs", keep_company_together_days=30),
        _team_pool("us-west", "us-west-sdr", "US West SDRs", distribution="least_loaded"),
        _team_pool("canada-latam", "canada-latam-sdr", "Canada and LatAm SDRs", **hours),
        _pool("emea-enterprise", "EMEA Enterprise", large_emea, distribution="least_loaded"),
        _pool("americas-enterprise", "Americas Enterprise", large_us),
        _pool("gas-specialists", "Gas analysis specialists", dict.fromkeys(gas, 1), **hours),
        _pool("marketing-ops", "Nurture desk", marketing),
        _pool("catch-all", "Managers on duty", dict.fromkeys(people.managers(), 1)),
    ]


def sla_policies() -> list[dict[str, Any]]:
    """A demo request is answered at once, everything else within business time."""
    return [
        {
            "key": "inbound-demo",
            "name": "Inbound demo: 15 minutes",
            "respond_within_minutes": 15,
            "clock": "business",
            "on_breach": ["notify_owner", "notify_manager", "reassign"],
            "max_reassignments": 2,
        },
        {
            "key": "named-account",
            "name": "Named account: 1 hour",
            "respond_within_minutes": 60,
            "clock": "business",
            "warn_at_percent": 50,
            "on_breach": ["notify_owner", "notify_manager"],
        },
        {
            "key": "standard",
            "name": "Standard: 4 business hours",
            "respond_within_minutes": 240,
            "clock": "business",
            "on_breach": ["notify_owner"],
        },
        {
            "key": "one-day",
            "name": "One day around the clock",
            "respond_within_minutes": 1440,
            "clock": "always",
            "on_breach": ["notify_owner", "notify_manager"],
        },
    ]


def definitions(today: date) -> list[dict[str, Any]]:
    """What marketing and sales agreed on."""
    agreed = (today - timedelta(days=75)).isoformat()
    both = ["claire-montclar", "denise-albright"]
    return [
        {
            "key": "hand-raiser",
            "name": "Asked for us",
            "priority": 10,
            "lead_types": ["demo_request", "contact_sales"],
            "required_fields": ["email"],
            "window_owner": {"pool": "marketing-ops"},
            "sla": "inbound-demo",
            "reengage": True,
            "agreed_by": both,
            "agreed_on": agreed,
        },
        {
            "key": "mql",
            "name": "Marketing qualified",
            "priority": 20,
            "lead_types": ["content", "webinar", "trade_show"],
            "conditions": {"field": "score", "op": "gte", "value": 50},
            "required_fields": ["email", "country"],
            "trigger": "create_or_update",
            "window_owner": {"pool": "marketing-ops"},
            "agreed_by": both,
            "agreed_on": agreed,
        },
        {
            "key": "anybody",
            "name": "Everybody else",
            "priority": 90,
            "window_owner": {"pool": "marketing-ops"},
        },
    ]


def _test(field: str, op: str, value: Any) -> dict[str, Any]:
    return {"field": field, "op": op, "value": value}


def rules() -> list[dict[str, Any]]:
    """All five routing models, with fallbacks of every kind."""
    catch_all = [{"pool": "catch-all"}]
    gas = {"skills": {"pool": "gas-specialists", "match": ["product_interest"]}}
    return [
        {
            "key": "competitors",
            "name": "Competitors are not called",
            "priority": 10,
            "conditions": _test("email_domain", "in", {"list": "competitors"}),
            "route_to": {"nurture": True},
            "fallback": [{"rep": "oliver-hartnell"}],
        },
        {
            "key": "students",
            "name": "Students to nurture",
            "priority": 20,
            "conditions": _test("title", "in", {"list": "student-titles"}),
            "route_to": {"nurture": True},
            "fallback": [{"rep": "oliver-hartnell"}],
        },
        {
            "key": "named-accounts",
            "name": "Named accounts to their owner",
            "priority": 30,
            "conditions": _test("account.tier", "in", ["strategic", "key"]),
            "route_to": {"account_owner": True},
            "fallback": [{"backup": True}, {"manager": True}],
            "sla": "named-account",
        },
        {
            "key": "known-accounts",
            "name": "Other known accounts to their SDR or owner",
            "priority": 40,
            "conditions": _test("account.matched", "eq", True),
            "route_to": {"account_owner": {"role": "sdr"}},
            "respect_caps": True,
            "fallback": [{"backup": True}, {"next_rule": True}],
            "sla": "standard",
        },
        {
            "key": "gas-analysis",
            "name": "Gas analysis to specialists",
            "priority": 50,
            "conditions": _test("product_interest", "includes", "Gas analysers"),
            "route_to": gas,
            "fallback": [{"next_rule": True}],
            "sla": "standard",
        },
        {
            "key": "partner-referrals",
            "name": "Partner referrals",
            "priority": 60,
            "conditions": _test("lead_type", "eq", "partner_referral"),
            "route_to": {"rep": "ines-corbera"},
            "working_hours_only": True,
            "fallback": [{"backup": True}, {"manager": True}],
            "sla": "one-day",
        },
        {
            "key": "website-chat",
            "name": "Website chat in the Americas",
            "priority": 70,
            "conditions": {
                "all": [_test("lead_type", "eq", "chat"), _test("region", "includes", "Americas")]
            },
            "route_to": {"pool": "us-west-sdr"},
            "fallback": catch_all,
            "sla": "inbound-demo",
        },
        {
            "key": "emea-territory",
            "name": "EMEA by territory",
            "priority": 80,
            "conditions": _test("region", "includes", "EMEA"),
            "route_to": {"territory": True},
            "fallback": [{"backup": True}, {"pool": "emea-sdr"}],
            "sla": "standard",
        },
        {
            "key": "americas-territory",
            "name": "Americas by territory",
            "priority": 90,
            "conditions": _test("region", "includes", "Americas"),
            "route_to": {"territory": True},
            "fallback": [{"backup": True}, {"manager": True}, {"pool": "americas-enterprise"}],
            "sla": "standard",
        },
    ]


def settings() -> dict[str, Any]:
    """The settings of a company with its head office in Berlin."""
    return {
        "timezone": "Europe/Berlin",
        "mode": "live",
        "fallback": {"pool": "catch-all"},
        "default_sla": "one-day",
        "exceptions_owner": "claire-montclar",
        "dedupe_window_days": 90,
        "accuracy_window_days": 14,
        "review_after_days": 90,
    }
