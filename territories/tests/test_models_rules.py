"""Conditions, rules and value lists: what they refuse and how they are stored."""

import pytest

from territories.models import Rule

from .factories import (
    DefinitionFactory,
    PoolFactory,
    RepFactory,
    RuleFactory,
    TerritoryFactory,
    ValueListFactory,
    changing,
)
from .refusals import refused

pytestmark = pytest.mark.django_db


# ---- value lists and conditions -----------------------------------------------------------


def test_value_lists_are_stored_in_the_form_of_their_kind():
    assert ValueListFactory(kind="region", values=["Germany", "UK", "DE"]).values == ["DE", "GB"]
    assert ValueListFactory(kind="domain", values=["Rival.Example"]).values == ["rival.example"]


@pytest.mark.parametrize(
    ("kind", "values"),
    [("region", ["Atlantis"]), ("domain", ["co.uk"]), ("other", [7]), ("other", [" "])],
)
def test_values_that_are_none_are_refused(kind, values):
    assert refused("values", ValueListFactory, kind=kind, values=values)


def test_conditions_are_stored_normalised_like_their_field():
    rule = RuleFactory(conditions={"field": "country", "op": "in", "value": ["Germany", "fra"]})

    assert rule.conditions == {"field": "country", "op": "in", "value": ["DE", "FR"]}


def test_faults_of_conditions_name_the_place_in_the_tree():
    tree = {"all": [{"field": "score", "op": "like", "value": 5}, {"field": "x", "op": "eq"}]}

    text = refused("conditions", RuleFactory, conditions=tree)

    assert "all[0].op" in text
    assert "all[1].field" in text


def test_a_value_list_in_a_condition_exists():
    tree = {"field": "country", "op": "in", "value": {"list": "emae"}}
    ValueListFactory(key="emea")

    assert "emea" in refused("conditions", RuleFactory, conditions=tree)
    assert refused("conditions", DefinitionFactory, conditions=tree)
    assert refused("segment", TerritoryFactory, segment=tree)


def test_one_is_not_true_when_conditions_are_compared():
    rule = RuleFactory(conditions={"field": "custom.x", "op": "eq", "value": 1})
    rule.conditions = {"field": "custom.x", "op": "eq", "value": True}

    with changing():
        rule.save()

    assert Rule.objects.get().conditions["value"] is True


def test_required_fields_of_a_definition_exist():
    assert "email" in refused("required_fields", DefinitionFactory, required_fields=["emial"])


# ---- rules --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "route",
    [
        None,
        {},
        [],
        "pool",
        {"pool": "a", "rep": "b"},
        {"pol": "a"},
        {"pool": None},
        {"pool": "nowhere"},
        {"rep": "nobody"},
        {"account_owner": False},
        {"account_owner": {"rolle": "sdr"}},
        {"territory": {"match": []}},
        {"territory": {"match": ["language"], "pool": "a"}},
        {"skills": {"pool": "nowhere", "match": ["language"]}},
        {"skills": {"pool": "here", "match": ["languages"]}},
        {"skills": {"pool": "here", "match": ["language"], "match_mode": "some"}},
        {"skills": True},
        {"nurture": 1},
    ],
)
def test_a_way_to_route_is_one_of_seven(route):
    PoolFactory(key="here")

    assert refused("route_to", RuleFactory, route_to=route)


@pytest.mark.parametrize(
    "route",
    [
        {"account_owner": True},
        {"account_owner": {"role": "sdr"}},
        {"territory": True},
        {"territory": {"match": ["language"]}},
        {"pool": "here"},
        {"skills": {"pool": "here", "match": ["language", "custom.x"], "match_mode": "any"}},
        {"rep": "ana"},
        {"keep_owner": True},
        {"nurture": True},
    ],
)
def test_each_way_to_route_is_stored_as_given(route):
    PoolFactory(key="here"), RepFactory(key="ana")

    assert RuleFactory(route_to=route).route_to == route


@pytest.mark.parametrize(
    "fallback",
    [
        [],
        None,
        {},
        [{}],
        [{"backup": True, "manager": True}],
        [{"backup": False}],
        [{"hold_minutes": 0}],
        [{"hold_minutes": 43_201}],
        [{"hold_minutes": "5"}],
        [{"pool": "nowhere"}],
        [{"rep": "nobody"}],
        [{"retry": True}],
    ],
)
def test_a_fallback_may_not_be_empty_and_its_steps_are_known(fallback):
    assert refused("fallback", RuleFactory, fallback=fallback, route_to={"nurture": True})


def test_a_fallback_keeps_its_order():
    PoolFactory(key="here")
    steps = [{"backup": True}, {"hold_minutes": 30}, {"pool": "here"}, {"next_rule": True}]

    assert RuleFactory(fallback=steps).fallback == steps


def test_two_active_rules_do_not_share_a_priority():
    RuleFactory(key="first", name="First", priority=10)

    text = refused("priority", RuleFactory, priority=10)

    assert "First" in text
    assert "first" in text
    assert RuleFactory(priority=10, active=False).pk


def test_a_priority_starts_at_one():
    assert refused("priority", RuleFactory, priority=0)


def test_switching_on_a_rule_whose_priority_is_taken_is_refused():
    RuleFactory(priority=10)
    sleeper = RuleFactory(priority=10, active=False)
    sleeper.active = True

    with changing():
        assert refused("priority", sleeper.save)
