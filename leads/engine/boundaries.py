"""Boundaries of territories, filed by country, code, prefix, range, subdivision (semantics 5)."""

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple, TypeAlias

from .conditions import Node
from .config import Target, Territory
from .facts import Lead, fold_text

Today: TypeAlias = Callable[[], date]

EXACT, RANGE, SUBDIVISION, COUNTRY, SEGMENT = range(5)
SPECIFICITY = ("postal code", "postal prefix or range", "subdivision", "country", "segment")

ZIP, ZIP_PLUS_4 = 5, 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A territory made ready: its segment, whom it assigns to, and the keys above it."""

    territory: Territory
    rank: int
    segment: Node
    assign_to: Target | None
    assigned_by: str | None
    keys: tuple[str, ...]
    #: Neither dates nor a segment limit it.
    plain: bool

    def fits(self, lead: Lead, today: Today) -> bool:
        """Whether the segment and the dates admit the lead; its boundary is taken as given."""
        territory = self.territory
        if territory.effective_from is not None and today() < territory.effective_from:
            return False
        if territory.effective_to is not None and today() > territory.effective_to:
            return False
        return territory.segment is None or self.segment.test(lead)


class Entry(NamedTuple):
    """A place under one of its boundaries; `text` is the boundary in words. `state` is a
    subdivision that a postal boundary names besides."""

    rank: int
    place: Place
    text: str
    state: str | None


class Fit(NamedTuple):
    """One fit, orderable: the least is the most specific."""

    kind: int
    covers: int
    rank: int
    entry: Entry


@dataclass(slots=True)
class Ranges:
    """Ranges of codes of one length, by their lower end, with the greatest upper end so far."""

    lows: list[str] = field(default_factory=list)
    highs: list[str] = field(default_factory=list)
    reach: list[str] = field(default_factory=list)
    entries: list[tuple[int, Entry]] = field(default_factory=list)

    def holding(self, code: str) -> Iterator[tuple[int, Entry]]:
        """The ranges that hold the code, with how many codes each covers."""
        at = bisect_right(self.lows, code) - 1
        while at >= 0 and self.reach[at] >= code:
            if self.highs[at] >= code:
                yield self.entries[at]
            at -= 1


@dataclass(slots=True)
class Country:
    """The boundaries within one country."""

    exact: dict[str, list[Entry]] = field(default_factory=dict)
    prefixes: dict[str, list[Entry]] = field(default_factory=dict)
    lengths: tuple[int, ...] = ()
    postal: bool = False
    #: Whether a postal boundary names a subdivision besides.
    divided: bool = False
    ranges: dict[int, Ranges] = field(default_factory=dict)
    subdivisions: dict[object, list[Entry]] = field(default_factory=dict)
    whole: list[Entry] = field(default_factory=list)

    def at(self, code: str, weight: int) -> list[Fit]:
        """The postal boundaries that hold the code, which stands for `weight` codes itself."""
        fits = [Fit(EXACT, weight, entry.rank, entry) for entry in self.exact.get(code, ())]
        base = 10 if code.isdigit() else 36
        for length in self.lengths:
            entries = self.prefixes.get(code[:length]) if length <= len(code) else None
            if entries:
                covers = int(base ** (len(code) - length)) * weight
                fits += [Fit(RANGE, covers, entry.rank, entry) for entry in entries]
        ranges = self.ranges.get(len(code))
        if ranges is not None:
            holding = ranges.holding(code)
            fits += [Fit(RANGE, size * weight, entry.rank, entry) for size, entry in holding]
        return fits


def postal_key(code: str) -> str:
    """The code as it is compared: folded, without spaces and hyphens."""
    return "".join(fold_text(code).replace("-", " ").split())


def forms(postal: str, country: object) -> tuple[tuple[str, int], ...]:
    """The forms of a code to look for, each with how many of the longest form it stands for."""
    code = postal if postal.isalnum() and postal.isascii() else postal_key(postal)
    if country == "us" and len(code) == ZIP_PLUS_4 and code.isdigit():
        return (code, 1), (code[:ZIP], 10 ** (ZIP_PLUS_4 - ZIP))
    return ((code, 1),)


def spans_of(pattern: str) -> list[tuple[str, str]]:
    """A range as spans of codes of one length each; none when it is no range."""
    if ".." not in pattern:
        return []
    low, high = (postal_key(end) for end in pattern.split("..", 1))
    if len(low) == len(high):
        return [(low, high)] if low <= high else []
    if not (low.isdigit() and high.isdigit() and len(low) < len(high)):
        return []
    found = [(low, "9" * len(low))]
    lengths = range(len(low) + 1, len(high))
    found += [("1" + "0" * (length - 1), "9" * length) for length in lengths]
    return [*found, ("1" + "0" * (len(high) - 1), high)]


def size_of(low: str, high: str) -> int:
    """How many codes a span covers."""
    base = 10 if low.isdigit() and high.isdigit() else 36
    try:
        return int(high, base) - int(low, base) + 1
    except ValueError:
        return int(base ** len(low))
