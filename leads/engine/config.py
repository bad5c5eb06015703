"""The live configuration as the engine sees it: frozen, plain, made once a revision.

Keys are the document's keys; a mapping's order is the document's order. Objects that are
inactive stay in the mappings (a trace may name them) and carry `active`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeAlias

from .vocabulary import Clock, Distribution, Mode, RoutingModel, Trigger

Scalar: TypeAlias = str | int | float | bool
Value: TypeAlias = Scalar | tuple[Scalar, ...] | None
#: A condition tree as stored: dicts, lists and scalars as JSON gives them. None matches all.
Tree: TypeAlias = Mapping[str, object] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A rep or a pool, by key; exactly one is set."""

    rep: str | None = None
    pool: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings section. `fallback` and `exceptions_owner` are always there."""

    timezone: str = "UTC"
    mode: Mode = Mode.LIVE
    fallback: Target
    default_sla: str | None = None
    exceptions_owner: str
    dedupe_window_days: int = 90
    accuracy_window_days: int = 14
    review_after_days: int = 90
    fuzzy_match_threshold: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueList:
    key: str
    name: str
    kind: str = "other"
    values: tuple[str, ...] = ()
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Weekly open hours: `week[0]` is Monday; each interval in minutes of the wall clock,
    start < end <= 1440. `closed` are the days of holidays."""

    key: str
    name: str
    timezone: str
    week: tuple[tuple[tuple[int, int], ...], ...]
    closed: frozenset[date] = frozenset()
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Skill:
    key: str
    name: str
    kind: str = "other"
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    key: str
    name: str
    manager: str | None = None
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """`start` <= instant < `end`, aware; `end` None is open-ended."""

    start: datetime
    end: datetime | None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rep:
    key: str
    name: str
    email: str = ""
    external_id: str = ""
    team: str | None = None
    calendar: str | None = None
    backup: str | None = None
    max_open: int | None = None
    max_per_day: int | None = None
    skills: frozenset[str] = frozenset()
    absences: tuple[Absence, ...] = ()
    active: bool = True

    @property
    def capped(self) -> bool:
        return self.max_open is not None or self.max_per_day is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    rep: str
    weight: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    key: str
    name: str
    distribution: Distribution = Distribution.ROUND_ROBIN
    working_hours_only: bool = False
    make_up_limit: int = 0
    keep_company_together_days: int | None = None
    members: tuple[Member, ...] = ()
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Boundary:
    """A country, and optionally a subdivision or postal patterns: exact, `SW1*`, `low..high`."""

    country: str
    subdivision: str | None = None
    postal: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Territory:
    key: str
    name: str
    parent: str | None = None
    assign_to: Target | None = None
    priority: int = 100
    segment: Tree = None
    boundaries: tuple[Boundary, ...] = ()
    effective_from: date | None = None
    effective_to: date | None = None
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SlaPolicy:
    key: str
    name: str
    respond_within_minutes: int
    clock: Clock = Clock.ALWAYS
    warn_at_percent: int = 80
    on_breach: tuple[str, ...] = ()
    max_reassignments: int = 0
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    key: str
    name: str
    priority: int
    lead_types: tuple[str, ...] = ()
    conditions: Tree = None
    required_fields: tuple[str, ...] = ()
    trigger: Trigger = Trigger.CREATE
    window_owner: Target | None = None
    sla: str | None = None
    reengage: bool = False
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteTo:
    """One of the seven ways of semantics 6. `model` is None for keep_owner and nurture."""

    model: RoutingModel | None
    role: str | None = None
    pool: str | None = None
    rep: str | None = None
    match: tuple[str, ...] = ()
    match_any: bool = False
    keep_owner: bool = False
    nurture: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FallbackStep:
    """Exactly one is set."""

    backup: bool = False
    manager: bool = False
    pool: str | None = None
    rep: str | None = None
    hold_minutes: int | None = None
    next_rule: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    key: str
    name: str
    priority: int
    route_to: RouteTo
    fallback: tuple[FallbackStep, ...]
    conditions: Tree = None
    working_hours_only: bool = False
    respect_caps: bool = False
    sla: str | None = None
    effective_from: date | None = None
    effective_to: date | None = None
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """One revision of the configuration. `settings` is None before the first configuration.

    Accounts are not here: the caller reads the few that a lead may match (see `state`)."""

    revision: int
    settings: Settings | None = None
    value_lists: Mapping[str, ValueList] = field(default_factory=dict)
    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    skills: Mapping[str, Skill] = field(default_factory=dict)
    teams: Mapping[str, Team] = field(default_factory=dict)
    reps: Mapping[str, Rep] = field(default_factory=dict)
    pools: Mapping[str, Pool] = field(default_factory=dict)
    territories: Mapping[str, Territory] = field(default_factory=dict)
    sla_policies: Mapping[str, SlaPolicy] = field(default_factory=dict)
    definitions: Sequence[Definition] = ()
    rules: Sequence[Rule] = ()
