"""Which territory a lead lies in (semantics 5)."""

from datetime import date
from typing import Any

import pytest

from leads.engine.config import Boundary, Target, Territory
from leads.engine.facts import Lead
from leads.engine.territories import TerritoryIndex, overlaps

from .build import config

TODAY = date(2026, 11, 23)
LARGE = {"field": "employees", "op": "gte", "value": 100}


def territory(key: str, *boundaries: Boundary, **values: Any) -> Territory:
    return Territory(key=key, name=key.title(), boundaries=boundaries, **values)


def place(country: str, *postal: str, subdivision: str | None = None) -> Boundary:
    return Boundary(country=country, postal=postal, subdivision=subdivision)


def fits(territories: list[Territory], **facts: Any) -> list[str]:
    index = TerritoryIndex(config(territories=territories))
    lead = Lead(facts, regions={})
    found = index.fits(lead, lambda: TODAY)
    best = index.resolve(lead, lambda: TODAY)
    assert (None if best is None else best.territory.key) == (
        found[0].entry.place.territory.key if found else None
    )
    return [fit.entry.place.territory.key for fit in found]


def test_the_most_specific_boundary_wins() -> None:
    made = [
        territory("a-segment", segment=LARGE),
        territory("b-country", place("US")),
        territory("c-state", place("US", subdivision="US-CA")),
        territory("d-range", place("US", "90000..96199")),
        territory("e-prefix", place("US", "941*")),
        territory("f-exact", place("US", "94105")),
        territory("g-group"),
    ]
    facts = {"country": "US", "state": "US-CA", "postal_code": "94105", "employees": 500}
    assert fits(made, **facts) == [
        "f-exact", "e-prefix", "d-range", "c-state", "b-country", "a-segment",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("pattern", "code", "fitting"),
    [
        ("SW1*", "sw1a 1aa", True),
        ("SW1*", "SW2A1AA", False),
        ("sw1 a1aa", "SW1A1AA", True),
        ("EC2A", "EC2A1AA", False),
        ("10000..14999", "10115", True),
        ("10000..14999", "14999", True),
        ("10000..14999", "15000", False),
        ("10000..14999", "1200", False),
        ("9000..10500", "9999", True),
        ("9000..10500", "10500", True),
        ("9000..10500", "10501", False),
        ("A1A..B9Z", "B1A", True),
        ("A1A..B9Z", "C1A", False),
        ("00100..00199", "00150", True),
        ("*", "anything", True),
    ],
)
def test_postal_patterns(pattern: str, code: str, fitting: bool) -> None:
    made = [territory("t", place("GB", pattern))]
    assert bool(fits(made, country="GB", postal_code=code)) == fitting


@pytest.mark.parametrize("code", ["94105-1234", "941051234", "94105 1234"])
def test_a_zip_plus_4_fits_by_itself_and_by_its_first_five_digits(code: str) -> None:
    made = [
        territory("five", place("US", "94105")),
        territory("nine", place("US", "94105-1234")),
        territory("prefix", place("US", "941*")),
        territory("range", place("US", "94100..94199")),
        territory("other", place("US", "94105-9999")),
    ]
    assert fits(made, country="US", postal_code=code) == ["nine", "five", "prefix", "range"]
    assert fits(made, country="DE", postal_code=code) == []


def test_prefixes_and_ranges_rank_by_how_few_codes_they_cover() -> None:
    made = [
        territory("wide", place("DE", "10000..19999")),
        territory("prefix", place("DE", "101*")),
        territory("narrow", place("DE", "10110..10119")),
        territory("overlapping", place("DE", "10050..10949")),
    ]
    assert fits(made, country="DE", postal_code="10115") == [
        "narrow", "prefix", "overlapping", "wide",
    ]  # fmt: skip


def test_a_segment_then_priority_then_key_decide_ties() -> None:
    made = [
        territory("b", place("DE"), priority=5),
        territory("a", place("DE"), priority=5),
        territory("z", place("DE"), priority=1),
        territory("s", place("DE"), segment=LARGE, priority=900),
    ]
    assert fits(made, country="DE", employees=100) == ["s", "z", "a", "b"]
    assert fits(made, country="DE", employees=99) == ["z", "a", "b"]


def test_a_true_tie_before_key_is_an_overlap() -> None:
    made = [territory("b", place("DE")), territory("a", place("DE")), territory("c", place("FR"))]
    index = TerritoryIndex(config(territories=made))
    found = index.fits(Lead({"country": "DE"}, regions={}), lambda: TODAY)
    assert overlaps(found) == ("a", "b")
    assert overlaps(found[:1]) == ()
    assert overlaps([]) == ()


def test_dates_bound_a_territory_ends_included() -> None:
    starts = territory("starts", place("DE"), effective_from=TODAY, effective_to=TODAY)
    past = territory("past", place("DE"), effective_to=date(2026, 11, 22))
    coming = territory("coming", place("DE"), effective_from=date(2026, 11, 24))
    assert fits([starts, past, coming], country="DE") == ["starts"]


def test_an_inactive_territory_never_fits_but_its_children_do() -> None:
    parent = territory("parent", place("DE"), active=False, assign_to=Target(rep="ana"))
    top = territory("top", assign_to=Target(rep="ben"))
    child = territory("child", place("DE", "1*"), parent="parent")
    linked = [top, Territory(key="parent", name="P", parent="top", active=False,
                             assign_to=parent.assign_to), child]  # fmt: skip
    assert fits(linked, country="DE", postal_code="10115") == ["child"]
    found = TerritoryIndex(config(territories=linked)).places["child"]
    assert (found.assign_to, found.assigned_by) == (Target(rep="ben"), "top")
    assert found.keys == ("child", "parent", "top")


def test_a_boundary_may_name_a_subdivision_and_codes() -> None:
    made = [territory("t", place("US", "9*", subdivision="US-CA"))]
    assert fits(made, country="US", state="US-CA", postal_code="94105") == ["t"]
    assert fits(made, country="US", state="US-WA", postal_code="98101") == []


def test_a_cycle_of_parents_ends() -> None:
    made = [territory("a", place("DE"), parent="b"), territory("b", parent="a")]
    assert TerritoryIndex(config(territories=made)).places["a"].keys == ("a", "b")


def test_a_lead_without_a_place_fits_by_segment_only() -> None:
    made = [territory("seg", segment=LARGE), territory("de", place("DE"))]
    assert fits(made, employees=100) == ["seg"]
    assert fits(made) == []
