"""The live configuration for the engine: rows → document → the engine's frozen `Config`.

The only place that turns configuration into what the engine reads, for live routing and for
any past revision alike. A compiled configuration is kept until the stamp of the newest
revision differs; asking costs one indexed read of one row. Each process swaps the whole
object, so a decision sees one revision and never a mixture.

A revision of the transaction that is still open is compiled anew at each call and not kept:
it may be rolled back, and its number then belongs to another change.
"""

import threading
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import holidays
from django.utils import timezone

from leads.engine.config import (
    Absence,
    Boundary,
    Calendar,
    Config,
    Definition,
    FallbackStep,
    Member,
    Pool,
    Rep,
    RouteTo,
    Rule,
    Settings,
    Skill,
    SlaPolicy,
    Target,
    Team,
    Territory,
    ValueList,
)
from leads.engine.router import Router
from leads.engine.vocabulary import Clock, Distribution, Mode, RoutingModel, Trigger
from territories.document import SECTIONS, document_at, export_document
from territories.revisions import ConfigurationStamp, configuration_stamp

Row = Mapping[str, Any]

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
#: Holidays are worked out this many years around the current one.
HOLIDAY_YEARS_BACK, HOLIDAY_YEARS_AHEAD = 12, 6
#: Attempts to read one revision whole while somebody goes on changing it.
LOAD_ATTEMPTS = 5

_lock = threading.Lock()
_live: tuple[ConfigurationStamp, Router] | None = None


class ConfigurationMoving(RuntimeError):
    """The configuration changed during each of several attempts to read it."""


def live(stamp: ConfigurationStamp | None = None) -> Router:
    """The newest revision as this transaction sees it, compiled; one cheap read while nothing
    changed, none where the caller has read the stamp already."""
    global _live  # noqa: PLW0603 - swapped whole, under a lock
    stamp = stamp or configuration_stamp()
    kept = _live
    if kept is not None and kept[0] == stamp and not stamp.uncommitted:
        return kept[1]
    with _lock:
        if _live is not None and _live[0] == stamp and not stamp.uncommitted:
            return _live[1]
        stamp, router = _load(stamp)
        if not stamp.uncommitted:
            _live = (stamp, router)
        return router


def _load(stamp: ConfigurationStamp) -> tuple[ConfigurationStamp, Router]:
    """Read until the stamp before equals the stamp after: tables are read one by one."""
    for _ in range(LOAD_ATTEMPTS):
        document = export_document()
        after = configuration_stamp()
        if after == stamp:
            return stamp, Router(config_from_document(document, stamp.number))
        stamp = after
    raise ConfigurationMoving("the configuration changed while it was read; try again")


@lru_cache(maxsize=8)
def _at(revision: int, moment: object) -> Router:
    sections = [section for section in SECTIONS if section != "accounts"]
    return Router(config_from_document(document_at(revision, sections), revision))


def at_revision(revision: int) -> Router:
    """The configuration as it stood at a revision, rebuilt from history and compiled."""
    router = live()
    if router.config.revision == revision:
        return router
    return _at(revision, configuration_stamp().epoch)


def config_from_document(document: Row, revision: int) -> Config:
    """The engine's configuration from a whole, valid document (all keys spelled out)."""
    absences: dict[str, list[Absence]] = {}
    for row in document.get("absences", ()):
        absences.setdefault(row["rep"], []).append(_absence(row))
    settings = document.get("settings")
    return Config(
        revision=revision,
        settings=_settings(settings) if settings else None,
        value_lists=_keyed(map(_value_list, document.get("value_lists", ()))),
        calendars=_keyed(map(_calendar, document.get("calendars", ()))),
        skills=_keyed(
            Skill(key=row["key"], name=row["name"], kind=row["kind"], active=row["active"])
            for row in document.get("skills", ())
        ),
        teams=_keyed(
            Team(key=row["key"], name=row["name"], manager=row["manager"], active=row["active"])
            for row in document.get("teams", ())
        ),
        reps=_keyed(_rep(row, absences.get(row["key"], [])) for row in document.get("reps", ())),
        pools=_keyed(map(_pool, document.get("pools", ()))),
        territories=_keyed(map(_territory, document.get("territories", ()))),
        sla_policies=_keyed(map(_sla_policy, document.get("sla_policies", ()))),
        definitions=tuple(map(_definition, document.get("definitions", ()))),
        rules=tuple(map(_rule, document.get("rules", ()))),
    )


def _keyed(items: Iterable[Any]) -> dict[str, Any]:
    return {item.key: item for item in items}


def _target(value: Row | str | None) -> Target | None:
    """A rep's key, `{rep: key}` or `{pool: key}`."""
    if value is None:
        return None
    if isinstance(value, str):
        return Target(rep=value)
    return Target(rep=value.get("rep"), pool=value.get("pool"))


def _day(text: str | date | None) -> date | None:
    return date.fromisoformat(text) if isinstance(text, str) else text


def _instant(text: str | datetime) -> datetime:
    return datetime.fromisoformat(text) if isinstance(text, str) else text


def _settings(row: Row) -> Settings:
    return Settings(
        timezone=row["timezone"],
        mode=Mode(row["mode"]),
        # The document requires one.
        fallback=_target(row["fallback"]) or Target(),
        default_sla=row["default_sla"],
        exceptions_owner=row["exceptions_owner"],
        dedupe_window_days=row["dedupe_window_days"],
        accuracy_window_days=row["accuracy_window_days"],
        review_after_days=row["review_after_days"],
        fuzzy_match_threshold=row["fuzzy_match_threshold"],
    )


def _value_list(row: Row) -> ValueList:
    return ValueList(
        key=row["key"],
        name=row["name"],
        kind=row["kind"],
        values=tuple(row["values"]),
        active=row["active"],
    )


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def _calendar(row: Row) -> Calendar:
    hours = row["hours"] or {}
    week = tuple(
        tuple(
            (_minutes(start), _minutes(end))
            for start, end in (interval.split("-") for interval in hours.get(day) or ())
        )
        for day in DAYS
    )
    off = row["holidays"] or {}
    closed = {date.fromisoformat(str(day)) for day in off.get("dates") or ()}
    if off.get("country"):
        year = timezone.now().year
        closed |= public_holidays(off["country"], off.get("subdivision") or None, year)
    return Calendar(
        key=row["key"],
        name=row["name"],
        timezone=row["timezone"],
        week=week,
        closed=frozenset(closed),
        active=row["active"],
    )


@lru_cache(maxsize=256)
def public_holidays(country: str, subdivision: str | None, year: int) -> frozenset[date]:
    """Public holidays of a place in the years around `year` (source: the holidays library).

    Document subdivisions may be given with the country in front (`DE-BE`)."""
    subdivision = subdivision.removeprefix(f"{country}-") if subdivision else None
    years = range(year - HOLIDAY_YEARS_BACK, year + HOLIDAY_YEARS_AHEAD + 1)
    return frozenset(holidays.country_holidays(country, subdiv=subdivision, years=years))


def _absence(row: Row) -> Absence:
    end = row["end"]
    return Absence(
        start=_instant(row["start"]),
        end=_instant(end) if end is not None else None,
        reason=row["reason"] or "",
    )


def _rep(row: Row, absences: list[Absence]) -> Rep:
    return Rep(
        key=row["key"],
        name=row["name"],
        email=row["email"] or "",
        external_id=row.get("external_id") or "",
        team=row["team"],
        calendar=row["calendar"],
        backup=row["backup"],
        max_open=row["max_open"],
        max_per_day=row["max_per_day"],
        skills=frozenset(row["skills"]),
        absences=tuple(absences),
        active=row["active"],
    )


def _pool(row: Row) -> Pool:
    return Pool(
        key=row["key"],
        name=row["name"],
        distribution=Distribution(row["distribution"]),
        working_hours_only=row["working_hours_only"],
        make_up_limit=row["make_up_limit"],
        keep_company_together_days=row["keep_company_together_days"],
        members=tuple(
            Member(rep=member["rep"], weight=member["weight"]) for member in row["members"]
        ),
        active=row["active"],
    )


def _territory(row: Row) -> Territory:
    return Territory(
        key=row["key"],
        name=row["name"],
        parent=row["parent"],
        assign_to=_target(row["assign_to"]),
        priority=row["priority"],
        segment=row["segment"],
        boundaries=tuple(
            Boundary(
                country=boundary["country"],
                subdivision=boundary.get("subdivision") or None,
                postal=tuple(boundary.get("postal") or ()),
            )
            for boundary in row["boundaries"]
        ),
        effective_from=_day(row["effective_from"]),
        effective_to=_day(row["effective_to"]),
        active=row["active"],
    )


def _sla_policy(row: Row) -> SlaPolicy:
    return SlaPolicy(
        key=row["key"],
        name=row["name"],
        respond_within_minutes=row["respond_within_minutes"],
        clock=Clock(row["clock"]),
        warn_at_percent=row["warn_at_percent"],
        on_breach=tuple(row["on_breach"]),
        max_reassignments=row["max_reassignments"],
        active=row["active"],
    )


def _definition(row: Row) -> Definition:
    return Definition(
        key=row["key"],
        name=row["name"],
        priority=row["priority"],
        lead_types=tuple(row["lead_types"]),
        conditions=row["conditions"],
        required_fields=tuple(row["required_fields"]),
        trigger=Trigger(row["trigger"]),
        window_owner=_target(row["window_owner"]),
        sla=row["sla"],
        reengage=row["reengage"],
        active=row["active"],
    )


def route_to(value: Row) -> RouteTo:
    """One of the seven ways of semantics 6, from its stored form."""
    (way, argument), *_ = value.items()
    options: Row = argument if isinstance(argument, Mapping) else {}
    match way:
        case "account_owner":
            return RouteTo(model=RoutingModel.ACCOUNT_OWNER, role=options.get("role"))
        case "territory":
            return RouteTo(model=RoutingModel.TERRITORY, **_match(options))
        case "pool":
            return RouteTo(model=RoutingModel.ROUND_ROBIN, pool=argument)
        case "skills":
            return RouteTo(model=RoutingModel.SKILLS, pool=options["pool"], **_match(options))
        case "rep":
            return RouteTo(model=RoutingModel.DIRECT, rep=argument)
        case "keep_owner":
            return RouteTo(model=None, keep_owner=True)
        case "nurture":
            return RouteTo(model=None, nurture=True)
    raise ValueError(f"unknown way to route: {way}")  # refused when the rule was saved


def _match(options: Row) -> dict[str, Any]:
    return {
        "match": tuple(options.get("match") or ()),
        "match_any": options.get("match_mode") == "any",
    }


def _rule(row: Row) -> Rule:
    return Rule(
        key=row["key"],
        name=row["name"],
        priority=row["priority"],
        route_to=route_to(row["route_to"]),
        fallback=tuple(FallbackStep(**step) for step in row["fallback"]),
        conditions=row["conditions"],
        working_hours_only=row["working_hours_only"],
        respect_caps=row["respect_caps"],
        sla=row["sla"],
        effective_from=_day(row["effective_from"]),
        effective_to=_day(row["effective_to"]),
        active=row["active"],
    )
