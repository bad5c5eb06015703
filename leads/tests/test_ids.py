"""Ids sort as what they name came about."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from leads.ids import uuid7

NOON = datetime(2026, 6, 10, 12, 0, tzinfo=UTC)


def test_many_ids_of_one_millisecond_are_in_order():
    ids = [uuid7(NOON) for _ in range(10_000)]
    assert all(before < after for before, after in pairwise(ids))


def test_callers_whose_instants_overtake_each_other_are_in_order():
    instants = [NOON + timedelta(milliseconds=offset) for offset in (5, 3, 5, 4, 900, 1)]
    ids = [uuid7(at) for at in instants]
    assert all(before < after for before, after in pairwise(ids))


def test_an_id_stands_for_its_instant():
    for at in (NOON + timedelta(days=1), NOON - timedelta(days=1)):
        assert uuid7(at).int >> 80 == int(at.timestamp() * 1000)


def test_an_id_follows_the_one_it_comes_after():
    later = uuid7(NOON + timedelta(hours=1))
    assert uuid7(NOON, after=later) > later


def test_ids_are_of_version_7():
    one = uuid7(NOON)
    assert (one.version, one.variant) == (7, "specified in RFC 4122")
