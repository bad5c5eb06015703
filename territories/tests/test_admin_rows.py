"""Conditions, routes, fallbacks and hours: chosen and typed as text, never as JSON."""

import pytest

from territories.models import Rule

from .factories import (
    CalendarFactory,
    PoolFactory,
    RepFactory,
    RuleFactory,
    ValueListFactory,
)
from .pages import address, faults, form_of, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(admin_client):
    """A client that is signed in."""
    return admin_client


# ---- conditions ---------------------------------------------------------------------------


def rows(*tests):
    """Return posted rows of (field, name, op, value)."""
    columns = zip(*tests, strict=True)
    names = ("field", "name", "op", "value")
    return {f"conditions-{n}": list(c) for n, c in zip(names, columns, strict=True)}


def test_conditions_are_chosen_in_rows(browser):
    rule = RuleFactory()
    ValueListFactory(key="emea", kind="region", values=["DE"])
    data = form_of(browser.get(address(rule)))
    typed = rows(
        ("country", "", "in", 'Germany, "Korea, Republic of"'),
        ("score", "", "gte", "50"),
        ("email_is_free", "", "eq", "no"),
        ("custom", "plan", "eq", "gold"),
        ("country", "", "in:list", "emea"),
        ("phone", "", "is_blank", ""),
        ("employees", "", "between", "10, 200"),
        ("", "", "", ""),
    )

    response = send(browser, address(rule), data, **typed, **{"conditions-combine": "any"})

    assert response.redirect_chain, faults(response)
    rule.refresh_from_db()
    assert rule.conditions == {
        "any": [
            {"field": "country", "op": "in", "value": ["DE", "KR"]},
            {"field": "score", "op": "gte", "value": 50},
            {"field": "email_is_free", "op": "eq", "value": False},
            {"field": "custom.plan", "op": "eq", "value": "gold"},
            {"field": "country", "op": "in", "value": {"list": "emea"}},
            {"field": "phone", "op": "is_blank"},
            {"field": "employees", "op": "between", "value": [10, 200]},
        ]
    }


ODD_TREES = [
    {"field": "score", "op": "gte", "value": 50},
    {"any": [{"field": "custom.x", "op": "eq", "value": 1}]},
    {"all": [{"field": "company", "op": "in", "value": ['Acme, "Inc."', "B"]}]},
    {"all": [{"field": "custom.x", "op": "in", "value": [True, 1.5, "1"]}]},
    {"not": {"field": "country", "op": "eq", "value": "DE"}},
    {
        "all": [
            {"field": "score", "op": "gt", "value": 1},
            {"any": [{"field": "country", "op": "eq", "value": "DE"}]},
        ]
    },
]


@pytest.mark.parametrize("tree", ODD_TREES)
def test_a_tree_is_not_changed_by_saving_its_form(browser, tree):
    rule = RuleFactory(conditions=tree)
    stored = Rule.objects.get().conditions

    data = form_of(browser.get(address(rule)))
    response = send(browser, address(rule), data, name="Other")

    assert response.redirect_chain, faults(response)
    assert Rule.objects.get().conditions == stored


def test_a_nested_tree_is_shown_and_replaced_only_when_asked(browser):
    rule = RuleFactory(conditions=ODD_TREES[-1])
    page = browser.get(address(rule))
    typed = rows(("score", "", "gte", "50"))

    assert "any of:" in page.content.decode()
    refused = send(browser, address(rule), form_of(page), **typed)
    assert "replace" in faults(refused)

    response = send(browser, address(rule), form_of(page), **typed, **{"conditions-replace": "on"})
    assert response.redirect_chain, faults(response)
    rule.refresh_from_db()
    assert rule.conditions == {"all": [{"field": "score", "op": "gte", "value": 50}]}


def test_rows_that_are_wrong_come_back_as_they_were_typed(browser):
    rule = RuleFactory()
    data = form_of(browser.get(address(rule)))

    response = send(browser, address(rule), data, **rows(("country", "", "eq", "Atlantis")))

    assert "Atlantis" in faults(response)
    assert 'value="Atlantis"' in response.content.decode()
    half = send(browser, address(rule), data, **rows(("country", "", "", "DE")))
    assert "Row 1" in faults(half)


# ---- where to, fallback, hours ------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "route"),
    [
        ({"way": "account_owner"}, {"account_owner": True}),
        ({"way": "account_owner", "role": "sdr"}, {"account_owner": {"role": "sdr"}}),
        ({"way": "territory"}, {"territory": True}),
        ({"way": "territory", "match": "language"}, {"territory": {"match": ["language"]}}),
        ({"way": "pool", "pool": "p", "rep": "ana"}, {"pool": "p"}),
        (
            {"way": "skills", "pool": "p", "match": "language, custom.x", "match_mode": "any"},
            {"skills": {"pool": "p", "match": ["language", "custom.x"], "match_mode": "any"}},
        ),
        ({"way": "rep", "rep": "ana"}, {"rep": "ana"}),
        ({"way": "keep_owner"}, {"keep_owner": True}),
        ({"way": "nurture"}, {"nurture": True}),
    ],
)
def test_each_way_to_route_is_chosen_and_kept(browser, typed, route):
    rule = RuleFactory(route_to={"keep_owner": True})
    PoolFactory(key="p"), RepFactory(key="ana")
    data = form_of(browser.get(address(rule)))

    response = send(
        browser, address(rule), data, **{f"route_to-{part}": v for part, v in typed.items()}
    )
    assert response.redirect_chain, faults(response)
    send(browser, address(rule), form_of(browser.get(address(rule))), name="Again")

    rule.refresh_from_db()
    assert (rule.name, rule.route_to) == ("Again", route)


def test_a_pool_that_is_not_chosen_is_asked_for(browser):
    rule = RuleFactory()
    data = form_of(browser.get(address(rule)))

    response = send(browser, address(rule), data, **{"route_to-way": "pool"})

    assert "Choose a pool" in faults(response)


def test_the_fallback_is_chosen_step_by_step(browser):
    rule = RuleFactory(fallback=[{"backup": True}])
    PoolFactory(key="p"), RepFactory(key="ana", active=False)
    data = form_of(browser.get(address(rule)))
    steps = {
        "fallback-step": ["manager", "hold_minutes", "pool", "next_rule", ""],
        "fallback-pool": ["", "", "p", "", ""],
        "fallback-rep": ["", "", "", "", ""],
        "fallback-minutes": ["", "30", "", "", ""],
    }

    response = send(browser, address(rule), data, **steps)

    assert response.redirect_chain, faults(response)
    rule.refresh_from_db()
    assert rule.fallback == [
        {"manager": True},
        {"hold_minutes": 30},
        {"pool": "p"},
        {"next_rule": True},
    ]


def test_an_empty_fallback_is_refused(browser):
    rule = RuleFactory()
    data = form_of(browser.get(address(rule)))

    response = send(browser, address(rule), data, **{"fallback-step": ["", "", "", ""]})

    assert "may not be empty" in faults(response)


def test_hours_and_holidays_are_typed_as_text(browser):
    calendar = CalendarFactory()
    data = form_of(browser.get(address(calendar)))
    typed = {
        "hours-mon": "9:00-12:30, 13:30-18:00",
        "hours-tue": "",
        "holidays-country": "Germany",
        "holidays-subdivision": "Berlin",
        "holidays-dates": "2026-12-24\n2026-12-31",
    }

    response = send(browser, address(calendar), data, **typed)

    assert response.redirect_chain, faults(response)
    calendar.refresh_from_db()
    assert calendar.hours["mon"] == ["09:00-12:30", "13:30-18:00"]
    assert "tue" not in calendar.hours
    assert calendar.holidays["dates"] == ["2026-12-24", "2026-12-31"]
    wrong = send(browser, address(calendar), data, **{"hours-mon": "nine to five"})
    assert "nine to five" in faults(wrong)
    assert 'value="nine to five"' in wrong.content.decode()
