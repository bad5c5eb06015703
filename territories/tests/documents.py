"""Documents for tests: a rich one, and random ones of every kind and key."""

import random
from collections.abc import Callable
from typing import Any

from territories.document import Plan, apply
from territories.revisions import Actor, revision

TESTER = Actor(kind="command", id="test", name="Tester")

RICH = """
version: 1
settings:
  timezone: Europe/Berlin
  fallback: {pool: catch-all}
  default_sla: demo
  exceptions_owner: maria
value_lists:
  - {key: emea, name: EMEA, kind: region, values: [Germany, AT, NO]}
  - {key: rivals, name: Rivals, kind: domain, values: [Rival.example]}
  - {key: words, name: Words, values: [on, "null", 010]}
calendars:
  - key: eu
    name: EU business hours
    timezone: Europe/Berlin
    hours: {mon: ["13:30-18:00", "9:00-12:30"], tue: ["09:00-18:00"], wed: []}
    holidays: {country: DE, subdivision: BE, dates: [2026-12-24]}
skills:
  - {key: german, name: German, kind: language}
teams:
  - {key: emea, name: EMEA, manager: maria}
reps:
  - {key: ana, name: Ana Ruiz, email: ana@example.com, team: emea, calendar: eu, backup: ben,
     max_open: 50, max_per_day: 10, skills: [german], external_id: 0055g}
  - {key: ben, name: Ben, backup: ana, team: emea}
  - {key: maria, name: María 🦊}
absences:
  - {rep: ana, start: 2026-12-20T00:00:00+01:00, end: 2027-01-03T00:00:00+01:00, reason: vacation}
  - {rep: ben, start: 2026-12-20T00:00:00Z}
pools:
  - {key: catch-all, name: Catch all, members: [{rep: maria}]}
  - {key: dach-sdr, name: DACH SDRs, working_hours_only: true, make_up_limit: 2,
     keep_company_together_days: 30, members: [{rep: ben}, {rep: ana, weight: 2}]}
territories:
  - key: dach
    name: DACH
    parent: world
    assign_to: {pool: dach-sdr}
    priority: 5
    segment: {field: employees, op: gte, value: 200}
    boundaries:
      - {country: Germany}
      - {country: US, subdivision: California}
      - {country: GB, postal: [sw1*, EC2A]}
      - {country: DE, postal: [10000..14999, 01067]}
    effective_from: 2026-01-01
    reviewed_on: 2026-10-01
  - {key: world, name: World}
accounts:
  - {key: acme, name: Acme GmbH, aliases: [Acme], domains: [acme.de, ACME.com], country: Norway,
     parent: group, owner: ana, roles: {sdr: {pool: dach-sdr}, ae: ben}, tier: strategic,
     industry: Manufacturing, employees: 5000, external_ids: [0015g00000XyZ, 12],
     reviewed_on: 2026-10-01}
  - {key: group, name: Group, owner: {pool: dach-sdr}, active: false}
sla_policies:
  - {key: demo, name: Inbound demo, respond_within_minutes: 5, clock: business,
     on_breach: [notify_owner, reassign], max_reassignments: 2}
definitions:
  - {key: mql, name: Marketing qualified, priority: 10, lead_types: [demo_request, content],
     conditions: {field: score, op: gte, value: 50.0}, required_fields: [email, custom.size],
     trigger: create_or_update, window_owner: {pool: catch-all}, reengage: true,
     agreed_by: [maria, tom], agreed_on: 2026-10-01}
rules:
  - key: named
    name: Named accounts
    priority: 10
    conditions:
      all:
        - {field: account.tier, op: in, value: [strategic, key]}
        - any: [{field: country, op: eq, value: Germany}, {not: {field: score, op: is_blank}}]
        - {field: country, op: in, value: {list: emea}}
    route_to: {account_owner: {role: sdr}}
    fallback: [{backup: true}, {manager: true}, {hold_minutes: 30}, {pool: dach-sdr}]
    sla: demo
  - {key: place, name: Place, priority: 20, route_to: {territory: {match: [language]}},
     fallback: [{rep: maria}, {next_rule: true}], respect_caps: true, effective_to: 2030-01-01}
  - {key: skilled, name: Skilled, priority: 30, working_hours_only: true,
     route_to: {skills: {pool: dach-sdr, match: [language], match_mode: any}},
     fallback: [{pool: catch-all}]}
  - {key: old, name: Old, priority: 10, active: false, route_to: {nurture: true},
     fallback: [{next_rule: true}]}
"""


def applied(document: dict[str, Any], *, prune: bool = False, reason: str = "test") -> Plan:
    """Apply a document as one revision."""
    with revision(actor=TESTER, reason=reason):
        return apply(document, prune=prune)


class Random:
    """Random documents over a fixed set of keys, so that each change meets the last one's."""

    NAMES = ("NO", "1e3", "null", "Ünïcode 🦊", "a: b", "# x", "'q\"", "- y", "09:00", "Ann")

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311

    def document(self) -> dict[str, Any]:
        """A valid document of every section, that may leave any of them out."""
        made: dict[str, Any] = {
            "version": 1,
            "settings": self.settings(),
            "value_lists": self.some("list", self.value_list),
            "calendars": self.some("calendar", self.calendar),
            "skills": self.some("skill", lambda: {"kind": self.one("language", "other")}),
            "teams": self.some("team", lambda: {"manager": self.maybe("rep")}),
            "reps": [self.named(f"rep{n}", self.rep(n)) for n in range(4)],
            "absences": self.absences(),
            "pools": [self.named(f"pool{n}", self.pool()) for n in range(3)],
            "territories": self.some("territory", self.territory),
            "accounts": self.some("account", self.account),
            "sla_policies": self.some("sla", self.sla_policy),
            "definitions": self.some("definition", self.definition),
            "rules": self.rules(),
        }
        return made

    def one(self, *choices: Any) -> Any:
        return self.random.choice(choices)

    def several(self, choices: list[Any]) -> list[Any]:
        return self.random.sample(choices, self.random.randint(0, len(choices)))

    def key(self, kind: str, count: int = 3) -> str:
        return f"{kind}{self.random.randrange(count)}"

    def maybe(self, kind: str, count: int = 3) -> str | None:
        return self.one(None, self.key(kind, count))

    def target(self) -> dict[str, str]:
        return self.one({"pool": self.key("pool")}, {"rep": self.key("rep", 4)})

    def named(self, key: str, made: dict[str, Any]) -> dict[str, Any]:
        return {"key": key, "name": self.one(*self.NAMES), "active": True, **made}

    def some(self, kind: str, make: Callable[[], dict[str, Any]]) -> list[dict[str, Any]]:
        made = [self.named(f"{kind}{n}", make()) for n in range(3)]
        for thing in made:
            thing["active"] = self.one(True, True, False)
        return made

    def settings(self) -> dict[str, Any]:
        return {
            "timezone": self.one("UTC", "Asia/Tokyo"),
            "mode": self.one("live", "shadow"),
            "fallback": self.one({"pool": "pool0"}, {"rep": "rep0"}),
            "default_sla": self.maybe("sla"),
            "exceptions_owner": self.one("rep0", "rep1"),
            "dedupe_window_days": self.random.randrange(200),
            "fuzzy_match_threshold": self.one(None, 0, 92),
        }

    def value_list(self) -> dict[str, Any]:
        kind, values = self.one(
            ("region", ["DE", "NO", "FR"]), ("domain", ["a.com", "b.de"]), ("other", ["no", "1"])
        )
        return {"kind": kind, "values": self.several(values)}

    def calendar(self) -> dict[str, Any]:
        hours = {"mon": ["09:00-12:00"], "sun": ["00:00-24:00"], "fri": ["08:00-09:00"]}
        return {
            "timezone": self.one("Europe/Berlin", "America/New_York"),
            "hours": {"tue": ["10:00-11:00"], **dict(self.several(list(hours.items())))},
            "holidays": self.one({}, {"country": "DE", "dates": ["2026-12-24"]}),
        }

    def rep(self, number: int) -> dict[str, Any]:
        return {
            "email": self.one(None, "x@example.com"),
            "external_id": self.one(None, "0012"),
            "team": self.maybe("team"),
            "calendar": self.maybe("calendar"),
            "backup": self.one(None, f"rep{(number + self.random.randint(1, 3)) % 4}"),
            "max_open": self.one(None, 0, 7),
            "skills": self.several(["skill0", "skill1", "skill2"]),
            "active": True if number < 2 else self.one(True, False),
        }

    def absences(self) -> list[dict[str, Any]]:
        return [
            {
                "rep": f"rep{n}",
                "start": f"2026-0{n + 1}-01T00:00:00+0{n}:00",
                "end": self.one(None, "2027-01-01T12:30:00Z"),
                "reason": self.one(None, *self.NAMES),
            }
            for n in range(4)
            if self.one(True, False)
        ]

    def pool(self) -> dict[str, Any]:
        reps = self.several(["rep0", "rep1", "rep2", "rep3"])
        return {
            "distribution": self.one("round_robin", "least_loaded"),
            "working_hours_only": self.one(True, False),
            "make_up_limit": self.random.randrange(3),
            "keep_company_together_days": self.one(None, 30),
            "members": [{"rep": rep, "weight": self.random.randrange(4)} for rep in reps],
        }

    def territory(self) -> dict[str, Any]:
        boundaries = [
            {"country": "DE"},
            {"country": "NO", "postal": ["0010", "1*"]},
            {"country": "US", "subdivision": "US-CA"},
            {"country": "GB", "postal": ["EC2A", "SW1*", "10..20"]},
        ]
        return {
            "parent": None,
            "assign_to": self.one(None, self.target()),
            "priority": self.random.randrange(5),
            "segment": self.one(None, {"field": "employees", "op": "gte", "value": 5}),
            "boundaries": self.several(boundaries),
            "effective_from": self.one(None, "2026-01-01"),
            "reviewed_on": self.one(None, "2026-02-02"),
        }

    def account(self) -> dict[str, Any]:
        return {
            "aliases": self.several(list(self.NAMES)),
            "domains": self.several(["acme.com", "uk.acme.com", "acme.de"]),
            "country": self.one(None, "NO", "DE"),
            "parent": None,
            "owner": self.one(None, "rep1", {"pool": "pool1"}),
            "roles": dict.fromkeys(self.several(["sdr", "ae"]), self.target()),
            "tier": self.one(None, "on", "1"),
            "employees": self.one(None, 0, 2_147_483_647),
            "external_ids": self.several(["0015", "1e5", "x/y"]),
            "former_keys": self.several(["old", "older"]),
        }

    def sla_policy(self) -> dict[str, Any]:
        actions = ["notify_owner", "notify_manager", "reassign"]
        return {
            "respond_within_minutes": self.random.randint(1, 99),
            "clock": self.one("always", "business"),
            "on_breach": self.several(actions),
        }

    def conditions(self) -> dict[str, Any] | None:
        tests = [
            {"field": "country", "op": "in", "value": {"list": self.key("list")}},
            {"field": "score", "op": "between", "value": [1, 2.5]},
            {"field": "custom.x", "op": "eq", "value": self.one("NO", "1e3", 7, True)},
            {"not": {"field": "email", "op": "is_blank"}},
        ]
        chosen = self.several(tests)
        return self.one(None, {self.one("all", "any"): chosen} if chosen else None)

    def definition(self) -> dict[str, Any]:
        return {
            "priority": self.random.randrange(9),
            "lead_types": self.several(["demo", "content"]),
            "conditions": self.conditions(),
            "required_fields": self.several(["email", "custom.size"]),
            "window_owner": self.one(None, self.target()),
            "sla": self.maybe("sla"),
            "reengage": self.one(True, False),
            "agreed_on": self.one(None, "2026-01-01"),
        }

    def rules(self) -> list[dict[str, Any]]:
        priorities = self.random.sample(range(1, 7), 6)
        return [
            self.named(
                f"rule{n}",
                {
                    "priority": priorities[n],
                    "active": self.one(True, True, False),
                    "conditions": self.conditions(),
                    "route_to": self.route(),
                    "fallback": self.one([{"backup": True}, {"next_rule": True}], [self.target()]),
                    "respect_caps": self.one(True, False),
                    "sla": self.maybe("sla"),
                },
            )
            for n in range(5)
        ]

    def route(self) -> dict[str, Any]:
        return self.one(
            {"account_owner": True},
            {"account_owner": {"role": "sdr"}},
            {"territory": {"match": ["language"], "match_mode": "any"}},
            {"skills": {"pool": self.key("pool"), "match": ["product_interest", "custom.x"]}},
            {"keep_owner": True},
            self.target(),
        )
