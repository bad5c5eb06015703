"""Query parameters: read strictly, every fault at once.

A parameter has no place in a body, so its faults carry the pointer "" (the whole request) and name
the parameter in their detail. Unknown parameters are refused: a filter with a typo would otherwise
answer with every row.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Iterable
from datetime import UTC, datetime
from typing import TypeVar

from django.http import QueryDict
from django.utils.dateparse import parse_date, parse_datetime

from leads.errors import Fault

from .problems import invalid

Value = TypeVar("Value")

TEXT_LIMIT = 1_000


def parameter_fault(name: str, code: str, detail: str) -> Fault:
    """Return the fault of one query parameter."""
    return Fault("", code, f"Query parameter {name!r}: {detail}")


def as_text(text: str) -> str:
    """Return the text as it is; ValueError where no column could hold it."""
    if len(text) > TEXT_LIMIT or "\0" in text or any("\ud800" <= c <= "\udfff" for c in text):
        raise ValueError("this text cannot be searched for")
    return text


def as_flag(text: str) -> bool:
    """Return true or false."""
    flags = {"true": True, "false": False, "1": True, "0": False}
    if text.lower() not in flags:
        raise ValueError("must be true or false")
    return flags[text.lower()]


def as_instant(text: str) -> datetime:
    """Return an aware instant from an RFC 3339 time, or a date (its first moment in UTC)."""
    problem = "must be an RFC 3339 time such as 2026-11-22T09:00:00Z"
    try:
        # A bare `+` of an offset arrives as a space.
        instant = parse_datetime(text.strip().replace(" ", "+")) or parse_datetime(text)
        if instant is None and (day := parse_date(text)) is not None:
            instant = datetime(day.year, day.month, day.day, tzinfo=UTC)
        if instant is None:
            raise ValueError
        return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(problem) from error


def as_integer(low: int, high: int) -> Callable[[str], int]:
    """Return a reader of whole numbers from `low` to `high`."""

    def read(text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) <= 18 and low <= int(text) <= high):
            raise ValueError(f"must be a whole number from {low} to {high}")
        return int(text)

    return read


def as_choice(choices: Iterable[str]) -> Callable[[str], str]:
    """Return a reader of one of the given words."""
    known = list(choices)

    def read(text: str) -> str:
        if text not in known:
            raise ValueError(f"must be one of {', '.join(known)}")
        return text

    return read


class Query:
    """Reads the parameters of one request and gathers their faults."""

    def __init__(self, parameters: QueryDict, *, known: Collection[str]) -> None:
        self._parameters = parameters
        self._faults = [
            parameter_fault(name[:100], "unknown", _unknown(name, known))
            for name in parameters
            if name not in known
        ]

    def get(self, name: str, read: Callable[[str], Value]) -> Value | None:
        """Return a parameter's value, or None where it is not given or not valid."""
        text = self._parameters.get(name)
        if text is None:
            return None
        try:
            return read(text)
        except ValueError as error:
            self._faults.append(parameter_fault(name, "invalid", f"{error}."))
            return None

    def refuse_faults(self) -> None:
        """Raise a 400 Problem with every fault met, if there is one."""
        if self._faults:
            raise invalid(self._faults)


def _unknown(name: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    if near:
        return f"unknown; did you mean {near[0]!r}?"
    return (
        f"unknown; known are {', '.join(sorted(known))}." if known else "unknown; there are none."
    )
