"""Business time, exact over changes of the clock (semantics 9)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads.engine.config import Calendar, SlaPolicy
from leads.engine.errors import NoOpenTime
from leads.engine.sla import due_at, elapsed_business_seconds, open_at
from leads.engine.vocabulary import Clock

NINE_TO_FIVE = ((9 * 60, 17 * 60),)
ALL_DAY = ((0, 24 * 60),)


def calendar(zone: str, *intervals: tuple[int, int], **values: Any) -> Calendar:
    """Open every day in these intervals unless `week` says otherwise."""
    values.setdefault("week", (intervals,) * 7)
    return Calendar(key="c", name="C", timezone=zone, **values)


def policy(minutes: int, clock: Clock = Clock.BUSINESS) -> SlaPolicy:
    return SlaPolicy(key="p", name="P", respond_within_minutes=minutes, clock=clock)


def at(text: str, zone: str = "UTC") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def test_the_always_clock_counts_every_minute() -> None:
    closed = calendar("UTC")
    due = due_at(policy(90, Clock.ALWAYS), closed, at("2026-10-25T00:30", "Europe/Berlin"))
    assert due == at("2026-10-25T00:00")


def test_a_lead_after_hours_is_due_after_the_next_opening() -> None:
    berlin = calendar("Europe/Berlin", *NINE_TO_FIVE)
    assert due_at(policy(30), berlin, at("2026-11-23T18:00", "Europe/Berlin")) == at(
        "2026-11-24T09:30", "Europe/Berlin"
    )


def test_minutes_run_over_the_lunch_break_and_the_weekend() -> None:
    office = ((9 * 60, 12 * 60), (13 * 60, 17 * 60))
    week = (office,) * 5 + ((), ())
    berlin = calendar("Europe/Berlin", week=week)
    friday = at("2026-11-27T11:30", "Europe/Berlin")
    assert due_at(policy(60), berlin, friday) == at("2026-11-27T13:30", "Europe/Berlin")
    assert due_at(policy(300), berlin, friday) == at("2026-11-30T09:30", "Europe/Berlin")


def test_a_due_time_may_be_the_end_of_an_interval() -> None:
    utc = calendar("UTC", *NINE_TO_FIVE)
    assert due_at(policy(60), utc, at("2026-11-23T16:00")) == at("2026-11-23T17:00")


def test_holidays_are_closed() -> None:
    utc = calendar("UTC", *NINE_TO_FIVE, closed=frozenset({date(2026, 12, 25)}))
    assert not open_at(utc, at("2026-12-25T10:00"))
    assert due_at(policy(10), utc, at("2026-12-24T16:55")) == at("2026-12-26T09:05")


@pytest.mark.parametrize(
    ("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-01", 24)]
)
def test_a_whole_day_is_as_long_as_the_clock_makes_it(day: str, hours: int) -> None:
    berlin = calendar("Europe/Berlin", *ALL_DAY)
    start = at(f"{day}T00:00", "Europe/Berlin").astimezone(UTC)
    end = start + timedelta(hours=hours)
    assert elapsed_business_seconds(berlin, start, end) == hours * 3600
    start_of_shift = calendar("Europe/Berlin", (0, 6 * 60))
    end = start + timedelta(hours=12)
    assert elapsed_business_seconds(start_of_shift, start, end) == (hours - 18) * 3600


def test_an_interval_that_starts_in_the_skipped_hour_starts_at_the_jump() -> None:
    new_york = calendar("America/New_York", (2 * 60 + 30, 5 * 60))
    jump = at("2026-03-08T07:00")  # 02:00 EST becomes 03:00 EDT
    assert not open_at(new_york, jump - timedelta(seconds=1))
    assert open_at(new_york, jump)
    assert due_at(policy(30), new_york, at("2026-03-08T05:00")) == jump + timedelta(minutes=30)


def test_an_interval_within_the_skipped_hour_is_never_open() -> None:
    new_york = calendar("America/New_York", (2 * 60, 3 * 60))
    day = at("2026-03-08T05:00")
    assert elapsed_business_seconds(new_york, day, day + timedelta(hours=23)) == 0


def test_an_end_that_the_clock_shows_twice_is_its_first_showing() -> None:
    berlin = calendar("Europe/Berlin", (0, 2 * 60 + 30), (2 * 60 + 30, 4 * 60))
    start = at("2026-10-24T22:00")  # midnight in Berlin
    first_half_past_two = at("2026-10-25T00:30")
    early = calendar("Europe/Berlin", (0, 2 * 60 + 30))
    assert open_at(early, first_half_past_two - timedelta(seconds=1))
    assert not open_at(early, first_half_past_two)
    assert elapsed_business_seconds(berlin, start, start + timedelta(hours=12)) == 5 * 3600


def test_half_hour_zones_and_half_hour_changes() -> None:
    kolkata = calendar("Asia/Kolkata", *NINE_TO_FIVE)
    assert open_at(kolkata, at("2026-11-23T03:30"))
    assert not open_at(kolkata, at("2026-11-23T03:29:59"))
    lord_howe = calendar("Australia/Lord_Howe", *ALL_DAY)  # changes by half an hour
    start = at("2026-10-04T00:00", "Australia/Lord_Howe").astimezone(UTC)
    end = at("2026-10-05T00:00", "Australia/Lord_Howe").astimezone(UTC)
    assert elapsed_business_seconds(lord_howe, start, end) == int(23.5 * 3600)


def test_midnight_as_an_end_meets_the_next_day() -> None:
    late = calendar("UTC", (0, 60), (22 * 60, 24 * 60))
    assert open_at(late, at("2026-11-23T23:59:59"))
    assert due_at(policy(120), late, at("2026-11-23T23:00")) == at("2026-11-24T01:00")


def test_a_calendar_that_never_opens_is_an_error_not_a_loop() -> None:
    with pytest.raises(NoOpenTime, match="does not open"):
        due_at(policy(5), calendar("UTC"), at("2026-11-23T10:00"))


def test_without_a_calendar_every_second_counts() -> None:
    start = at("2026-11-23T10:00")
    assert open_at(None, start)
    assert due_at(policy(5), None, start) == start + timedelta(minutes=5)
    assert elapsed_business_seconds(None, start, start + timedelta(seconds=90)) == 90
    assert elapsed_business_seconds(None, start, start - timedelta(seconds=90)) == 0


ZONES = ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC"]
TIMES = st.lists(st.integers(0, 1440), min_size=2, max_size=6, unique=True).map(sorted)


@given(
    st.sampled_from(ZONES),
    TIMES,
    st.integers(0, 366 * 24 * 60),
    st.integers(1, 3_000),
)
def test_a_due_time_is_exactly_so_many_open_minutes_away(
    zone: str, times: list[int], offset: int, minutes: int
) -> None:
    intervals = tuple(zip(times[::2], times[1::2], strict=False))
    open_hours = calendar(zone, *intervals)
    start = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=offset)
    due = due_at(policy(minutes), open_hours, start)
    assert elapsed_business_seconds(open_hours, start, due) == minutes * 60
    a_second_before = due - timedelta(seconds=1)
    assert elapsed_business_seconds(open_hours, start, a_second_before) < minutes * 60
