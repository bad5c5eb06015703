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

from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter

from .boundaries import (
    COUNTRY,
    SEGMENT,
    SUBDIVISION,
    Country,
    Entry,
    Fit,
    Place,
    Ranges,
    Today,
    forms,
    postal_key,
    size_of,
    spans_of,
)
from .conditions import compile_tree
from .config import Boundary, Config, Territory
from .facts import Lead, fold_text


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
                for low, high in spans_of(pattern):
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
                ranges.entries.append((size_of(low, high), entry))

    def resolve(self, lead: Lead, today: Today) -> Place | None:
        """The territory of the lead, or None: the first of `fits`, without making them all."""
        country = self._countries.get(lead["country"])
        levels: Sequence[Sequence[Entry]] = (self._segments,)
        if country is not None:
            levels = (country.whole, self._segments)
            if country.subdivisions:
                levels = (country.subdivisions.get(lead["state"], ()), *levels)
            if country.postal:
                levels = (*self._postal_levels(country, lead), *levels)
        for entries in levels:
            for entry in entries:
                if entry.place.plain or entry.place.fits(lead, today):
                    return entry.place
        return None

    def _postal_levels(self, country: Country, lead: Lead) -> Sequence[Sequence[Entry]]:
        """Postal boundaries that hold the lead. Where there are only codes and prefixes, a code
        looks them up from the longest on and need not count what they cover."""
        postal = lead["postal_code"]
        if not isinstance(postal, str):
            return ()
        codes = forms(postal, lead["country"])
        if country.ranges or country.divided or len(codes) > 1:
            return ([fit.entry for fit in self._postal_fits(country, lead)],)
        code = codes[0][0]
        exact = country.exact.get(code)
        levels = [] if exact is None else [exact]
        for length in country.lengths:
            entries = country.prefixes.get(code[:length])
            if entries is not None and length <= len(code):
                levels.append(entries)
        return levels

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
        for code, weight in forms(postal, lead["country"]):
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
