"""Business time (semantics 9), exact over changes of the clock.

An interval's ends are wall-clock times of its day; the time between them is elapsed time. An end
that the clock shows twice (autumn) is its first showing; one that the clock skips (spring) is the
instant of the jump; 24:00 is the next day's 00:00. Instants are whole microseconds since 1970 UTC,
so nothing is rounded.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from .config import Calendar, SlaPolicy
from .errors import NoOpenTime
from .vocabulary import Clock

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND = 1_000_000
MINUTE = 60 * SECOND
DAY = 86_400 * SECOND
#: A calendar that stays closed for longer is taken for one that never opens.
LONGEST_CLOSURE_DAYS = 731
#: Days of which the intervals are kept; more than any process looks at in turn.
KEPT_DAYS = 1_000


def microseconds(instant: datetime) -> int:
    """Microseconds since 1970 UTC of an aware instant."""
    since = instant - EPOCH
    return (since.days * 86_400 + since.seconds) * SECOND + since.microseconds


def instant_of(at: int) -> datetime:
    """The instant in UTC, so many microseconds after 1970."""
    return EPOCH + timedelta(microseconds=at)


class OpenHours:
    """A calendar's open intervals as instants, kept by day once worked out."""

    __slots__ = ("_closed", "_days", "_last", "_week", "_zone", "calendar")

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar
        self._zone = ZoneInfo(calendar.timezone)
        self._week = calendar.week
        self._closed = calendar.closed
        self._days: dict[date, tuple[tuple[int, int], ...]] = {}
        #: The interval that the last due time fell into; the next one mostly does too.
        self._last = (1, 0)

    def on(self, day: date) -> tuple[tuple[int, int], ...]:
        """The open intervals of a local day, in order."""
        known = self._days.get(day)
        if known is not None:
            return known
        intervals: list[tuple[int, int]] = []
        if day not in self._closed:
            for start, end in sorted(self._week[day.weekday()]):
                opens, closes = self._instant(day, start), self._instant(day, end)
                if intervals:
                    # Intervals that overlap would count the same minutes twice.
                    opens = max(opens, intervals[-1][1])
                if opens < closes:
                    intervals.append((opens, closes))
        if len(self._days) >= KEPT_DAYS:
            self._days.clear()
        answer = self._days[day] = tuple(intervals)
        return answer

    def _instant(self, day: date, minutes: int) -> int:
        """The first instant at which the wall clock of the day has reached so many minutes."""
        wall = datetime.combine(day, time()) + timedelta(minutes=minutes)
        instant = wall.replace(tzinfo=self._zone).astimezone(UTC)
        if instant.astimezone(self._zone).replace(tzinfo=None) == wall:
            return microseconds(instant)
        after = wall.replace(tzinfo=self._zone, fold=1).astimezone(UTC)
        return self._jump(microseconds(after) // SECOND, microseconds(instant) // SECOND)

    def _jump(self, before: int, after: int) -> int:
        """The instant between two (in seconds) at which the zone's offset changes."""
        offset = self._offset(before)
        while after - before > 1:
            middle = (before + after) // 2
            if self._offset(middle) == offset:
                before = middle
            else:
                after = middle
        return after * SECOND

    def _offset(self, seconds: int) -> timedelta | None:
        return instant_of(seconds * SECOND).astimezone(self._zone).utcoffset()

    def after(self, start: int) -> Iterator[tuple[int, int]]:
        """Open intervals that end after `start`, in order; ends after two closed years in a row."""
        day = instant_of(start).astimezone(self._zone).date() - timedelta(days=1)
        closed_days = 0
        while closed_days <= LONGEST_CLOSURE_DAYS and day < date.max:
            closed_days += 1
            for opens, closes in self.on(day):
                if closes > start:
                    closed_days = 0
                    yield opens, closes
            day += timedelta(days=1)

    def state_at(self, at: int) -> tuple[bool, int]:
        """Whether it is open, and until when that surely stays so (at most about two weeks)."""
        day = instant_of(at).astimezone(self._zone).date() - timedelta(days=1)
        for _ in range(14):
            for opens, closes in self.on(day):
                if at < opens:
                    return False, opens
                if at < closes:
                    return True, closes
            day += timedelta(days=1)
        return False, at + 10 * DAY

    def next_opening(self, at: int) -> datetime | None:
        """The instant from which it is open next, or None within two years."""
        for opens, _ in self.after(at):
            return instant_of(max(opens, at))
        return None

    def due_at(self, start: int, minutes: int) -> datetime:
        """The instant at which so many open minutes have passed. Raises NoOpenTime."""
        return self.passed(start, minutes * MINUTE)

    def passed(self, start: int, span: int) -> datetime:
        """The instant at which so many open microseconds have passed. Raises NoOpenTime."""
        remaining = span
        opens, closes = self._last
        if opens <= start and start + remaining <= closes:
            return instant_of(start + remaining)
        for opens, closes in self.after(start):
            begin = max(opens, start)
            if remaining <= closes - begin:
                self._last = opens, closes
                return instant_of(begin + remaining)
            remaining -= closes - begin
        raise NoOpenTime(f'calendar "{self.calendar.key}" does not open within two years')


def open_at(calendar: Calendar | None, instant: datetime) -> bool:
    """Whether the calendar is open; without a calendar, always."""
    return calendar is None or OpenHours(calendar).state_at(microseconds(instant))[0]


def due_at(policy: SlaPolicy, calendar: Calendar | None, start: datetime) -> datetime:
    """When the first response is due, in UTC. Raises NoOpenTime for a calendar that never opens."""
    return due_in(policy, None if calendar is None else OpenHours(calendar), start)


def due_in(policy: SlaPolicy, hours: OpenHours | None, start: datetime) -> datetime:
    """As `due_at`, on open hours that are kept."""
    if policy.clock is Clock.ALWAYS or hours is None:
        return start.astimezone(UTC) + timedelta(minutes=policy.respond_within_minutes)
    return hours.due_at(microseconds(start), policy.respond_within_minutes)


def warn_in(policy: SlaPolicy, hours: OpenHours | None, start: datetime) -> datetime:
    """When the owner is warned: after `warn_at_percent` of the time to respond, on the policy's
    clock. Raises NoOpenTime."""
    span = policy.respond_within_minutes * MINUTE * policy.warn_at_percent // 100
    if policy.clock is Clock.ALWAYS or hours is None:
        return instant_of(microseconds(start) + span)
    return hours.passed(microseconds(start), span)


def elapsed_business_seconds(calendar: Calendar | None, start: datetime, end: datetime) -> int:
    """Whole open seconds from start to end; without a calendar every second counts."""
    begin, until = microseconds(start), microseconds(end)
    if until <= begin:
        return 0
    if calendar is None:
        return (until - begin) // SECOND
    total = 0
    for opens, closes in OpenHours(calendar).after(begin):
        if opens >= until:
            break
        total += min(closes, until) - max(opens, begin)
    return total // SECOND
