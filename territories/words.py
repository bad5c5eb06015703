"""Configuration in words, for lists, histories and conflicts. Nothing here reads the database."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from django.db import models

from leads.engine.conditions import compile_tree
from leads.engine.descriptions import describe
from leads.engine.errors import EngineError

NOTHING = "–"
#: Names of days as they stand in a calendar's hours.
DAYS = {
    "mon": "Monday",
    "tue": "Tuesday",
    "wed": "Wednesday",
    "thu": "Thursday",
    "fri": "Friday",
    "sat": "Saturday",
    "sun": "Sunday",
}


def conditions_words(tree: Any) -> str:
    """Return what a condition asks for; "every lead" where there is none."""
    try:
        return describe(compile_tree(tree, {}))
    except EngineError:
        return str(tree)


def condition_lines(tree: Mapping[str, Any], depth: int = 0) -> list[tuple[int, str]]:
    """Return a tree as (depth, text) lines, outermost first."""
    if "field" in tree:
        return [(depth, conditions_words(tree))]
    if "not" in tree:
        return [(depth, "not:"), *condition_lines(tree["not"], depth + 1)]
    kind, title = ("all", "all of:") if "all" in tree else ("any", "any of:")
    lines = [(depth, title)]
    for child in tree[kind]:
        lines += condition_lines(child, depth + 1)
    return lines


def route_words(route: Any) -> str:
    """Return where a rule routes, such as "pool dach-sdr"."""
    if not isinstance(route, Mapping) or len(route) != 1:
        return NOTHING
    ((way, target),) = route.items()
    options = target if isinstance(target, Mapping) else {}
    matching = f", matching {', '.join(options['match'])}" if options.get("match") else ""
    texts = {
        "account_owner": f"the account's {options.get('role', 'owner')}",
        "territory": f"the territory's assignee{matching}",
        "pool": f"pool {target}",
        "skills": f"skills in pool {options.get('pool')}{matching}",
        "rep": f"rep {target}",
        "keep_owner": "the present owner",
        "nurture": "nurture",
    }
    return texts.get(way, str(route))


def step_words(step: Mapping[str, Any]) -> str:
    """Return one step of a fallback, such as "hold 30 minutes"."""
    ((kind, target),) = step.items()
    texts = {
        "backup": "the rep's backup",
        "manager": "the manager",
        "pool": f"pool {target}",
        "rep": f"rep {target}",
        "hold_minutes": f"hold {target} minutes",
        "next_rule": "the next rule",
    }
    return texts.get(kind, str(step))


def fallback_words(steps: Any) -> str:
    """Return the steps of a fallback in order."""
    return ", then ".join(step_words(step) for step in steps or ()) or NOTHING


def hours_words(hours: Any) -> str:
    """Return weekly hours, such as "Mon 09:00-17:00; Tue 09:00-12:00"."""
    parts = [f"{DAYS[day][:3]} {', '.join(hours[day])}" for day in DAYS if (hours or {}).get(day)]
    return "; ".join(parts) or NOTHING


def holidays_words(holidays: Any) -> str:
    """Return what is closed, such as "DE-BE, 2026-12-24"."""
    closed = holidays or {}
    place = "-".join(part for part in (closed.get("country"), closed.get("subdivision")) if part)
    return ", ".join(filter(None, [place, *closed.get("dates", ())])) or NOTHING


_BY_NAME = {
    "conditions": conditions_words,
    "segment": conditions_words,
    "route_to": route_words,
    "fallback": fallback_words,
    "hours": hours_words,
    "holidays": holidays_words,
}


def document_words(name: str, value: Any) -> str:
    """Return the value of a key of the configuration document as people read it."""
    if name in _BY_NAME:
        return _BY_NAME[name](value) if value else NOTHING
    if value in (None, "", [], {}):
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        parts = ((key, one) for key, one in value.items() if one not in (None, "", [], {}))
        return ", ".join(f"{key} {document_words(key, one)}" for key, one in parts)
    if isinstance(value, Sequence) and not isinstance(value, str):
        between = "; " if isinstance(value[0], Mapping) else ", "
        return between.join(document_words("", one) for one in value)
    return str(value)


def value_words(field: models.Field, value: Any) -> str:
    """Return a field's value as people read it; foreign keys by key."""
    if isinstance(field, models.JSONField) and field.name in _BY_NAME:
        return _BY_NAME[field.name](value)
    if value in (None, "", [], {}):
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(map(str, value))
    return str(dict(field.flatchoices).get(value, value))
