"""The people of the demo company: calendars, skills, six teams with managers, thirty reps."""

import csv
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

DAY = timedelta(days=1)

_SHORT_LUNCH = ["08:30-12:30", "13:15-17:30"]
_ONE_LUNCH = ["09:00-12:00", "13:00-18:00"]
_LONG_LUNCH = ["09:00-13:30", "15:00-18:30"]
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")

_DAY_HOURS = ["09:00-17:30"]
#: key: (name, zone, hours of a weekday, hours of Friday, country and subdivision of holidays)
_CALENDARS: dict[str, tuple[str, str, list[str], list[str], str]] = {
    "berlin": ("Berlin", "Europe/Berlin", _SHORT_LUNCH, ["08:30-15:00"], "DE-BE"),
    "munich": ("Munich", "Europe/Berlin", _SHORT_LUNCH, ["08:30-15:00"], "DE-BY"),
    "london": ("London", "Europe/London", _DAY_HOURS, ["09:00-17:00"], "GB-ENG"),
    "stockholm": ("Stockholm", "Europe/Stockholm", ["08:00-16:30"], ["08:00-16:00"], "SE"),
    "paris": ("Paris", "Europe/Paris", ["09:00-12:30", "14:00-18:00"], ["09:00-16:00"], "FR"),
    "madrid": ("Madrid", "Europe/Madrid", _LONG_LUNCH, ["09:00-15:00"], "ES-MD"),
    "new-york": ("New York", "America/New_York", _DAY_HOURS, ["09:00-17:00"], "US-NY"),
    "chicago": ("Chicago", "America/Chicago", ["08:30-17:00"], ["08:30-16:30"], "US-IL"),
    "san-francisco": ("San Francisco", "America/Los_Angeles", _DAY_HOURS, _DAY_HOURS, "US-CA"),
    "toronto": ("Toronto", "America/Toronto", _DAY_HOURS, ["09:00-16:00"], "CA-ON"),
    "sao-paulo": ("São Paulo", "America/Sao_Paulo", _ONE_LUNCH, _ONE_LUNCH, "BR-SP"),
}

SKILLS = {
    "flow-meters": ("Flow meters", "product"),
    "gas-analysers": ("Gas analysers", "product"),
    "data-loggers": ("Data loggers", "product"),
    "calibration": ("Calibration", "product"),
    "german": ("German", "language"),
    "french": ("French", "language"),
    "spanish": ("Spanish", "language"),
    "portuguese": ("Portuguese", "language"),
    "swedish": ("Swedish", "language"),
    "pharma": ("Pharma", "industry"),
    "water": ("Water", "industry"),
}

#: key: (name, manager)
TEAMS = {
    "dach": ("DACH and Benelux", "greta-lindholm"),
    "uki-nordics": ("UK, Ireland and Nordics", "oliver-hartnell"),
    "south": ("Southern Europe", "claire-montclar"),
    "us-east": ("US East", "denise-albright"),
    "us-west": ("US Central and West", "marcus-okafor"),
    "canada-latam": ("Canada and Latin America", "renata-vilela"),
}


def _rows() -> dict[str, dict[str, str]]:
    with (Path(__file__).parent / "reps.csv").open(encoding="utf-8", newline="") as file:
        return {row["key"]: row for row in csv.DictReader(file)}


_REPS = _rows()

#: (rep, first day counted from today, days; None has no end yet, reason)
_ABSENCES: tuple[tuple[str, int, int | None, str], ...] = (
    ("callum-byrne", -52, 7, "vacation"),
    ("hugo-delvaux", -44, 10, "vacation"),
    ("monique-tillery", -38, 4, "training"),
    ("lea-brunner", -33, 5, "sick leave"),
    ("wes-halloran", -27, 9, "vacation"),
    ("astrid-nyberg", -35, None, "parental leave"),
    ("thiago-barreto", -14, 5, "trade fair"),
    ("jonas-weidner", -3, 9, "vacation"),
    ("kim-tran", -1, 4, "sick leave"),
    ("priya-raman", 6, 10, "vacation"),
    ("trevor-lang", 12, 5, "vacation"),
    ("luc-tremblay", 20, 14, "vacation"),
)

#: The rep who leaves the company in the story.
LEAVER = "derek-moss"


def calendars() -> list[dict[str, Any]]:
    """The business calendars, one an office."""
    made = []
    for key, (name, zone, hours, friday, place) in _CALENDARS.items():
        week = {day: list(friday if day == "fri" else hours) for day in _WEEKDAYS}
        country, _, part = place.partition("-")
        holidays: dict[str, Any] = {"country": country, "subdivision": part or None, "dates": []}
        made.append(
            {"key": key, "name": name, "timezone": zone, "hours": week, "holidays": holidays}
        )
    return made


def skills() -> list[dict[str, Any]]:
    """Products, languages and industries that reps know."""
    return [{"key": key, "name": name, "kind": kind} for key, (name, kind) in SKILLS.items()]


def teams() -> list[dict[str, Any]]:
    """Six teams with their managers."""
    return [{"key": key, "name": name, "manager": boss} for key, (name, boss) in TEAMS.items()]


def reps(company_domain: str) -> list[dict[str, Any]]:
    """Thirty reps, their managers among them."""
    return [
        {
            "key": key,
            "name": row["name"],
            "email": f"{key.replace('-', '.')}@{company_domain}",
            "external_id": f"U{1001 + index}",
            "team": row["team"],
            "calendar": row["calendar"],
            "skills": row["skills"].split(),
            "max_open": _number(row["max_open"]),
            "max_per_day": _number(row["max_per_day"]),
            "backup": row["backup"],
        }
        for index, (key, row) in enumerate(_REPS.items())
    ]


def _number(text: str) -> int | None:
    return int(text) if text else None


def absences(now: datetime) -> list[dict[str, Any]]:
    """Time off: some over, some going on, some to come."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    made = []
    for rep, first, days, reason in _ABSENCES:
        start = today + first * DAY
        end = None if days is None else (start + days * DAY).isoformat()
        made.append({"rep": rep, "start": start.isoformat(), "end": end, "reason": reason})
    return made


def members_of(team: str) -> list[str]:
    """The reps of a team but for its manager, in order."""
    boss = TEAMS[team][1]
    return [key for key, row in _REPS.items() if row["team"] == team and key != boss]


def managers() -> list[str]:
    """The managers, in the order of their teams."""
    return [boss for _, boss in TEAMS.values()]


def calendar_of(rep: str) -> str:
    """The key of a rep's calendar."""
    return _REPS[rep]["calendar"]


def name_of(rep: str) -> str:
    """A rep's name."""
    return _REPS[rep]["name"]


def team_of(rep: str) -> str:
    """The key of a rep's team."""
    return _REPS[rep]["team"]
