"""The document's schema: one declaration per section and key, in the document's order.

Parsing, defaults, faults, export, plan and apply are all driven by this table; how a key is
stored follows from its kind (`territories.document.rows`). Lists whose order means nothing
(skills, domains, …) are kept sorted, so that the same configuration has one document.
"""

from dataclasses import dataclass
from typing import Any

from leads.engine.vocabulary import Clock, Distribution, Mode, Trigger

from .faults import Place
from .kinds import (
    Choice,
    Day,
    Field,
    Flag,
    Instant,
    Kind,
    ListOf,
    Optional,
    Reading,
    Ref,
    Slug,
    Struct,
    Text,
    Whole,
    Wrong,
    refuse_unknown_keys,
)
from .routes import Conditions, LeadField, Owner, Roles, RouteTo, Step, Target

VERSION = 1
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Hours(Kind):
    """Open hours by day; a day that is missing or has no interval is closed."""

    def read(self, value: Any, at: Place, reading: Reading) -> dict[str, list[str]]:
        if not isinstance(value, dict):
            raise Wrong('must be a mapping such as {mon: ["09:00-17:00"]}', "type")
        refuse_unknown_keys(value, DAYS, at, reading)
        intervals = ListOf(Text())
        hours = {
            day: reading.read(intervals, value[day], (*at, day)) for day in DAYS if day in value
        }
        return {day: open_ for day, open_ in hours.items() if open_}


@dataclass(frozen=True, slots=True)
class OrEmpty(Kind):
    """A struct, or null for one with every default."""

    struct: Struct

    def read(self, value: Any, at: Place, reading: Reading) -> dict[str, Any]:
        return self.struct.read({} if value is None else value, at, reading)


@dataclass(frozen=True, slots=True)
class SetOf(Kind):
    """A list whose order means nothing: sorted, each once."""

    item: Kind

    def read(self, value: Any, at: Place, reading: Reading) -> list[Any]:
        items = ListOf(self.item).read(value, at, reading)
        return items if None in items else sorted(items)


@dataclass(frozen=True, slots=True)
class Members(Kind):
    """A pool's members in rotation order, each rep once."""

    def read(self, value: Any, at: Place, reading: Reading) -> list[dict[str, Any]]:
        members = ListOf(MEMBER, distinct=False).read(value, at, reading)
        first: dict[str, int] = {}
        for index, member in enumerate(members):
            rep = member and member["rep"]
            if rep and first.setdefault(rep, index) != index:
                where = (*at, index, "rep")
                reading.fault(where, f'"{rep}" is a member already', "duplicate_key")
        return members


MEMBER = Struct((Field("rep", Ref("reps")), Field("weight", Whole(0, 1000), 1)))
BOUNDARY = Struct(
    (
        Field("country", Text()),
        Field("subdivision", Optional(Text()), None),
        Field("postal", ListOf(Text()), []),
    )
)
HOLIDAYS = Struct(
    (
        Field("country", Optional(Text()), None),
        Field("subdivision", Optional(Text()), None),
        Field("dates", SetOf(Day()), []),
    )
)
NO_HOLIDAYS: dict[str, Any] = {"country": None, "subdivision": None, "dates": []}

KEY = Field("key", Slug())
NAME = Field("name", Text())
ACTIVE = Field("active", Flag(), True)
EFFECTIVE = (
    Field("effective_from", Optional(Day()), None),
    Field("effective_to", Optional(Day()), None),
)
REVIEWED = Field("reviewed_on", Optional(Day()), None)

SETTINGS = Struct(
    (
        Field("timezone", Text(), "UTC"),
        Field("mode", Choice(tuple(Mode)), "live"),
        Field("fallback", Target()),
        Field("default_sla", Optional(Ref("sla_policies")), None),
        Field("exceptions_owner", Ref("reps")),
        Field("dedupe_window_days", Whole(), 90),
        Field("accuracy_window_days", Whole(), 14),
        Field("review_after_days", Whole(), 90),
        Field("fuzzy_match_threshold", Optional(Whole(0, 100)), None),
    )
)

#: Section → the keys of one of its objects. The order is that of the document.
OBJECTS: dict[str, Struct] = {
    "value_lists": Struct(
        (
            KEY,
            NAME,
            Field("kind", Choice(("region", "domain", "other")), "other"),
            Field("values", ListOf(Text()), []),
            ACTIVE,
        )
    ),
    "calendars": Struct(
        (
            KEY,
            NAME,
            Field("timezone", Text()),
            Field("hours", Hours()),
            Field("holidays", OrEmpty(HOLIDAYS), NO_HOLIDAYS),
            ACTIVE,
        )
    ),
    "skills": Struct(
        (
            KEY,
            NAME,
            Field("kind", Choice(("language", "product", "industry", "other")), "other"),
            ACTIVE,
        )
    ),
    "teams": Struct((KEY, NAME, Field("manager", Optional(Ref("reps")), None), ACTIVE)),
    "reps": Struct(
        (
            KEY,
            NAME,
            Field("email", Optional(Text()), None),
            Field("external_id", Optional(Text()), None),
            Field("team", Optional(Ref("teams")), None),
            ACTIVE,
            Field("calendar", Optional(Ref("calendars")), None),
            Field("backup", Optional(Ref("reps")), None),
            Field("max_open", Optional(Whole()), None),
            Field("max_per_day", Optional(Whole()), None),
            Field("skills", SetOf(Ref("skills")), []),
        )
    ),
    "absences": Struct(
        (
            Field("rep", Ref("reps")),
            Field("start", Instant()),
            Field("end", Optional(Instant()), None),
            Field("reason", Optional(Text()), None),
        )
    ),
    "pools": Struct(
        (
            KEY,
            NAME,
            Field("distribution", Choice(tuple(Distribution)), "round_robin"),
            Field("working_hours_only", Flag(), False),
            Field("make_up_limit", Whole(), 0),
            Field("keep_company_together_days", Optional(Whole()), None),
            Field("members", Members(), []),
            ACTIVE,
        )
    ),
    "territories": Struct(
        (
            KEY,
            NAME,
            Field("parent", Optional(Ref("territories")), None),
            Field("assign_to", Target(), None),
            Field("priority", Whole(), 100),
            Field("segment", Conditions(segment=True), None),
            Field("boundaries", ListOf(BOUNDARY, distinct=False), []),
            *EFFECTIVE,
            REVIEWED,
            ACTIVE,
        )
    ),
    "accounts": Struct(
        (
            KEY,
            NAME,
            Field("aliases", SetOf(Text()), []),
            Field("domains", SetOf(Text()), []),
            Field("country", Optional(Text()), None),
            Field("parent", Optional(Ref("accounts")), None),
            Field("owner", Owner(), None),
            Field("roles", Roles(), {}),
            Field("tier", Optional(Text()), None),
            Field("industry", Optional(Text()), None),
            Field("employees", Optional(Whole()), None),
            Field("external_ids", SetOf(Text()), []),
            Field("former_keys", SetOf(Slug()), []),
            REVIEWED,
            ACTIVE,
        )
    ),
    "sla_policies": Struct(
        (
            KEY,
            NAME,
            Field("respond_within_minutes", Whole(1)),
            Field("clock", Choice(tuple(Clock)), "always"),
            Field("warn_at_percent", Whole(0, 100), 80),
            Field(
                "on_breach",
                ListOf(Choice(("notify_owner", "notify_manager", "reassign"))),
                [],
            ),
            Field("max_reassignments", Whole(), 0),
            ACTIVE,
        )
    ),
    "definitions": Struct(
        (
            KEY,
            NAME,
            Field("priority", Whole(), 100),
            Field("lead_types", ListOf(Text()), []),
            Field("conditions", Conditions(), None),
            Field("required_fields", ListOf(LeadField()), []),
            Field("trigger", Choice(tuple(Trigger)), "create"),
            Field("window_owner", Target(), None),
            Field("sla", Optional(Ref("sla_policies")), None),
            Field("reengage", Flag(), False),
            Field("agreed_by", ListOf(Text()), []),
            Field("agreed_on", Optional(Day()), None),
            ACTIVE,
        )
    ),
    "rules": Struct(
        (
            KEY,
            NAME,
            Field("priority", Whole()),
            ACTIVE,
            Field("conditions", Conditions(), None),
            Field("route_to", RouteTo()),
            Field("working_hours_only", Flag(), False),
            Field("respect_caps", Flag(), False),
            Field("fallback", ListOf(Step(), distinct=False, least=1)),
            Field("sla", Optional(Ref("sla_policies")), None),
            *EFFECTIVE,
        )
    ),
}

#: Every section, in the document's order.
SECTIONS: tuple[str, ...] = ("settings", *OBJECTS)
#: What `export` gives unless asked: accounts can be many.
USUAL_SECTIONS: tuple[str, ...] = tuple(name for name in SECTIONS if name != "accounts")
#: Sections whose objects are matched by key and deactivated, never deleted.
KEYED: tuple[str, ...] = tuple(name for name in OBJECTS if name != "absences")


def struct_of(section: str) -> Struct:
    """The keys of one object of a section."""
    return SETTINGS if section == "settings" else OBJECTS[section]


def identity_of(section: str, made: dict[str, Any]) -> str:
    """What an object is matched by: its key; an absence's rep, start and end."""
    if section == "settings":
        return section
    if section == "absences":
        return "/".join(str(made[part]) for part in ("rep", "start", "end"))
    return str(made["key"])
