"""Which territory a lead lies in (semantics 5), from an index of boundaries.

Boundaries are filed by country, and there by exact code, prefix, range and subdivision, so a
lookup costs the few places that can hold the lead, whatever the number of territories. The order
of fits is: exact code, then prefix or range by how few codes it covers, then subdivision, country,
segment alone; then with a segment; then `priority`; then key.

How many codes a prefix covers is counted among codes as long as the lead's own: ten for every
missing place of an all-digit code, else 36; a range counts in the same way. A range compares codes
of its own length (numerically for digits, else letter by letter). Codes compare case-folded and
without spaces and hyphens; a US ZIP+4 also by its first five digits.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from operator import itemgetter
from typing import NamedTuple, TypeAlias

from .conditions import Node, compile_tree
from .config import Boundary, Config, Target, Territory
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
        if self.plain:
            return True
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


class TerritoryIndex:
    """Every active territory of a configuration, filed for lookup."""

    __slots__ = ("_countries", "_segments", "places")

    def __init__(self, config: Config) -> None:
        self.places = _places(config)
        self._countries: dict[object, Country] = {}
        self._segments: list[Entry] = []
        spans: dict[tuple[str, int], list[tuple[str, str, Entry]]] = {}
        for place in sorted(self.places.values(), key=lambda place: place.rank):
            if place.territory.active:
                self._file(place, spans)
        self._file_ranges(spans)
        for country in self._countries.values():
            country.lengths = tuple(sorted({len(p) for p in country.prefixes}, reverse=True))
            country.postal = bool(country.exact or country.prefixes or country.ranges)

    def _file(
        self, place: Place, spans: dict[tuple[str, int], list[tuple[str, str, Entry]]]
    ) -> None:
        territory = place.territory
        if not territory.boundaries and territory.segment is not None:
            self._segments.append(Entry(place.rank, place, "segment", None))
        for boundary in territory.boundaries:
            code = fold_text(boundary.country)
            country = self._countries.setdefault(code, Country())
            state = fold_text(boundary.subdivision) if boundary.subdivision else None
            if not boundary.postal:
                entry = Entry(place.rank, place, _named(boundary), None)
                shelves = country.subdivisions
                (country.whole if state is None else shelves.setdefault(state, [])).append(entry)
            for pattern in boundary.postal:
                entry = Entry(place.rank, place, f"{_named(boundary)} {pattern}", state)
                country.divided = country.divided or state is not None
                self._file_pattern(country, pattern, entry)
                for low, high in _spans(pattern):
                    spans.setdefault((code, len(low)), []).append((low, high, entry))

    @staticmethod
    def _file_pattern(country: Country, pattern: str, entry: Entry) -> None:
        if ".." in pattern:
            return
        if pattern.endswith("*"):
            country.prefixes.setdefault(postal_key(pattern[:-1]), []).append(entry)
        else:
            country.exact.setdefault(postal_key(pattern), []).append(entry)

    def _file_ranges(self, spans: Mapping[tuple[str, int], list[tuple[str, str, Entry]]]) -> None:
        for (code, length), found in spans.items():
            ranges = self._countries[code].ranges[length] = Ranges()
            for low, high, entry in sorted(found, key=lambda span: span[:2]):
                ranges.lows.append(low)
                ranges.highs.append(high)
                ranges.reach.append(max(high, ranges.reach[-1]) if ranges.reach else high)
                ranges.entries.append((_size(low, high), entry))

    def resolve(self, lead: Lead, today: Today) -> Place | None:
        """The territory of the lead, or None: the first of `fits`, without making them all."""
        for entries in self._levels(lead):
            for entry in entries:
                if entry.place.fits(lead, today):
                    return entry.place
        return None

    def _levels(self, lead: Lead) -> Iterator[Sequence[Entry]]:
        country = self._countries.get(lead["country"])
        if country is not None:
            if country.postal:
                yield from self._postal_levels(country, lead)
            if country.subdivisions:
                yield country.subdivisions.get(lead["state"], ())
            yield country.whole
        yield self._segments

    def _postal_levels(self, country: Country, lead: Lead) -> Iterator[Sequence[Entry]]:
        """Postal boundaries that hold the lead. Where there are only codes and prefixes, a code
        looks them up from the longest on and need not count what they cover."""
        postal = lead["postal_code"]
        if not isinstance(postal, str):
            return
        codes = _codes(postal, lead["country"])
        if country.ranges or country.divided or len(codes) > 1:
            yield [fit.entry for fit in self._postal_fits(country, lead)]
            return
        code = codes[0][0]
        if code in country.exact:
            yield country.exact[code]
        for length in country.lengths:
            entries = country.prefixes.get(code[:length])
            if entries is not None and length <= len(code):
                yield entries

    def fits(self, lead: Lead, today: Today) -> list[Fit]:
        """All territories that fit, the most specific first; each once, by its best boundary."""
        seen: set[str] = set()
        fits: list[Fit] = []
        for fit in self._fits(lead):
            key = fit.entry.place.territory.key
            if key not in seen and fit.entry.place.fits(lead, today):
                seen.add(key)
                fits.append(fit)
        return fits

    def _fits(self, lead: Lead) -> Iterator[Fit]:
        """Fits by boundary alone, the most specific first."""
        country = self._countries.get(lead["country"])
        if country is not None:
            yield from self._postal_fits(country, lead)
            for entry in country.subdivisions.get(lead["state"], ()):
                yield Fit(SUBDIVISION, 0, entry.rank, entry)
            for entry in country.whole:
                yield Fit(COUNTRY, 0, entry.rank, entry)
        for entry in self._segments:
            yield Fit(SEGMENT, 0, entry.rank, entry)

    @staticmethod
    def _postal_fits(country: Country, lead: Lead) -> list[Fit]:
        postal = lead["postal_code"]
        if not isinstance(postal, str):
            return []
        found: list[Fit] = []
        for code, weight in _codes(postal, lead["country"]):
            found += country.at(code, weight)
        if len(found) > 1:
            found.sort(key=_order)
        if country.divided:
            state = lead["state"]
            found = [fit for fit in found if fit.entry.state in (None, state)]
        return found


#: The order of fits, without comparing the entries themselves.
_order = itemgetter(0, 1, 2)


def overlaps(fits: Sequence[Fit]) -> tuple[str, ...]:
    """The keys of the territories that tie with the winner in all but key, the winner first;
    empty when none does."""
    if not fits:
        return ()
    tied = [fit for fit in fits if _before_key(fit) == _before_key(fits[0])]
    return tuple(fit.entry.place.territory.key for fit in tied) if len(tied) > 1 else ()


def _before_key(fit: Fit) -> tuple[int, int, bool, int]:
    territory = fit.entry.place.territory
    return fit.kind, fit.covers, territory.segment is None, territory.priority


def _codes(postal: str, country: object) -> tuple[tuple[str, int], ...]:
    """The forms of a code to look for, each with how many of the longest form it stands for."""
    code = postal if postal.isalnum() and postal.isascii() else postal_key(postal)
    if country == "us" and len(code) == ZIP_PLUS_4 and code.isdigit():
        return (code, 1), (code[:ZIP], 10 ** (ZIP_PLUS_4 - ZIP))
    return ((code, 1),)


def _spans(pattern: str) -> list[tuple[str, str]]:
    """A range as spans of codes of one length each; none when it is no range."""
    if ".." not in pattern:
        return []
    low, high = (postal_key(end) for end in pattern.split("..", 1))
    if len(low) == len(high):
        return [(low, high)] if low <= high else []
    if not (low.isdigit() and high.isdigit() and len(low) < len(high)):
        return []
    spans = [(low, "9" * len(low))]
    lengths = range(len(low) + 1, len(high))
    spans += [("1" + "0" * (length - 1), "9" * length) for length in lengths]
    return [*spans, ("1" + "0" * (len(high) - 1), high)]


def _size(low: str, high: str) -> int:
    base = 10 if low.isdigit() and high.isdigit() else 36
    try:
        return int(high, base) - int(low, base) + 1
    except ValueError:
        return int(base ** len(low))


def _named(boundary: Boundary) -> str:
    return boundary.subdivision or boundary.country


def _places(config: Config) -> dict[str, Place]:
    ordered = sorted(
        config.territories.values(), key=lambda t: (t.segment is None, t.priority, t.key)
    )
    places: dict[str, Place] = {}
    for rank, territory in enumerate(ordered):
        line = _line(territory, config.territories)
        assigner = next((t for t in line if t.active and t.assign_to is not None), None)
        places[territory.key] = Place(
            territory=territory,
            rank=rank,
            segment=compile_tree(territory.segment, config.value_lists),
            assign_to=None if assigner is None else assigner.assign_to,
            assigned_by=None if assigner is None else assigner.key,
            keys=tuple(one.key for one in line),
            plain=(
                territory.segment is None
                and territory.effective_from is None
                and territory.effective_to is None
            ),
        )
    return places


def _line(territory: Territory, territories: Mapping[str, Territory]) -> list[Territory]:
    """The territory and its ancestors, nearest first; a cycle ends where it closes."""
    line = [territory]
    parent = territories.get(territory.parent or "")
    while parent is not None and parent not in line:
        line.append(parent)
        parent = territories.get(parent.parent or "")
    return line
