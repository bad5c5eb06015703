"""Time zones, weekly hours and holidays of a calendar."""

import re
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from typing import Any
from zoneinfo import available_timezones

import holidays
from django.core.exceptions import ValidationError

from territories.places import country_code, country_name, subdivision_code

from .text import did_you_mean

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HOLIDAY_KEYS = ("country", "subdivision", "dates")
#: A holiday library's year and the days of a calendar that must have one open.
YEAR_DAYS = 366

_INTERVAL = re.compile(r"(\d{1,2}):(\d{2})\s*[-–—]\s*(\d{1,2}):(\d{2})\Z")


@cache
def time_zones() -> frozenset[str]:
    """Return the names of all IANA time zones of this machine."""
    return frozenset(available_timezones())


def clean_timezone(name: str) -> str:
    """Return `name`. Refuses what is not an IANA time zone."""
    if name not in time_zones():
        near = did_you_mean(name, time_zones())
        raise ValidationError(
            f"“{name}” is not a time zone such as Europe/Berlin{near}.", code="time_zone"
        )
    return name


def clean_hours(value: Any) -> dict[str, list[str]]:
    """Return open intervals by weekday as {"mon": ["09:00-17:00"]}, sorted, closed days left
    out. 24:00 may end a day. Refuses overlaps, and a week that is never open."""
    if not isinstance(value, dict):
        raise ValidationError('Must be hours by day, such as {"mon": ["09:00-17:00"]}.')
    for day in value:
        if day not in DAYS:
            near = did_you_mean(str(day), DAYS)
            raise ValidationError(f"“{day}” is not one of {', '.join(DAYS)}{near}.")
    hours = {day: _clean_day(day, value[day]) for day in DAYS if value.get(day)}
    if not hours:
        raise ValidationError("At least one interval in the week must be open.", code="never_open")
    return hours


def minutes_of(interval: str) -> tuple[int, int]:
    """Return the start and end of "09:00-17:00" in minutes of the day.

    Raises ValidationError."""
    match = _INTERVAL.match(interval.strip())
    if match is None:
        raise ValidationError(f"“{interval}” is not an interval such as 09:00-17:30.")
    hour, minute, end_hour, end_minute = map(int, match.groups())
    start, end = hour * 60 + minute, end_hour * 60 + end_minute
    if minute > 59 or end_minute > 59 or start >= 1440 or end > 1440:
        raise ValidationError(f"“{interval}” is not within a day (00:00 to 24:00).")
    if start >= end:
        raise ValidationError(f"“{interval}” must end after it starts.")
    return start, end


def _clean_day(day: str, value: Any) -> list[str]:
    if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
        raise ValidationError(f"{day}: must be a list of intervals such as 09:00-17:30.")
    spans = sorted(minutes_of(interval) for interval in value)
    for (_, end), (start, _) in pairwise(spans):
        if start < end:
            raise ValidationError(f"{day}: the intervals overlap.", code="overlap")
    return [f"{_clock(start)}-{_clock(end)}" for start, end in spans]


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def clean_holidays(value: Any) -> dict[str, Any]:
    """Return {"country", "subdivision", "dates"}: codes that the holidays library knows or
    null, dates in ISO form, sorted."""
    if not isinstance(value, dict):
        raise ValidationError("Must have a country, a subdivision or dates.")
    for name in value:
        if name not in HOLIDAY_KEYS:
            near = did_you_mean(str(name), HOLIDAY_KEYS)
            raise ValidationError(f"Unknown key “{name}”{near}.", code="unknown_key")
    country = _holiday_country(value.get("country"))
    return {
        "country": country,
        "subdivision": _holiday_subdivision(country, value.get("subdivision")),
        "dates": _dates(value.get("dates")),
    }


@cache
def _supported() -> dict[str, list[str]]:
    return holidays.list_supported_countries(include_aliases=False)


def _holiday_country(value: Any) -> str | None:
    if not value:
        return None
    code = country_code(value) if isinstance(value, str) else None
    if code is None:
        raise ValidationError(f"“{value}” is not a country.", code="country")
    if code not in _supported():
        raise ValidationError(
            f"The public holidays of {country_name(code)} are not known; list them as dates."
        )
    return code


def _holiday_subdivision(country: str | None, value: Any) -> str | None:
    if not value:
        return None
    if country is None:
        raise ValidationError("A subdivision needs a country.")
    known = _supported()[country]
    text = str(value)
    full = subdivision_code(country, text) or ""
    for candidate in (text, text.removeprefix(f"{country}-"), full.removeprefix(f"{country}-")):
        if candidate in known:
            return candidate
    raise ValidationError(
        f"“{text}” has no public holidays of its own in {country_name(country)};"
        f" known are: {', '.join(known) or 'none'}."
    )


def _dates(value: Any) -> list[str]:
    if value in (None, ""):
        return []
    if not isinstance(value, list | tuple):
        raise ValidationError("The dates must be a list such as 2026-12-24.")
    days = set()
    for item in value:
        try:
            days.add(date.fromisoformat(str(item)).isoformat())
        except ValueError:
            raise ValidationError(f"“{item}” is not a date such as 2026-12-24.") from None
    return sorted(days)


def check_opens(hours: dict[str, list[str]], closed: dict[str, Any]) -> None:
    """Refuse a calendar whose holidays close every open day of the year to come."""
    today = datetime.now(UTC).date()
    off = {date.fromisoformat(day) for day in closed.get("dates") or ()}
    if closed.get("country"):
        years = (today.year, today.year + 1)
        off |= set(
            holidays.country_holidays(
                closed["country"], subdiv=closed.get("subdivision"), years=years
            )
        )
    days = (today + timedelta(days=ahead) for ahead in range(YEAR_DAYS))
    if not any(DAYS[day.weekday()] in hours and day not in off for day in days):
        raise ValidationError(
            "With these holidays the calendar never opens within a year.", code="never_open"
        )
