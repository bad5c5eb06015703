"""Territories, boundaries and accounts: what they refuse and how they are stored."""

from datetime import date

import pytest

from territories import models

from .factories import (
    AccountFactory,
    BoundaryFactory,
    PoolFactory,
    RepFactory,
    RuleFactory,
    TerritoryFactory,
    changing,
)
from .refusals import refused

pytestmark = pytest.mark.django_db


# ---- territories --------------------------------------------------------------------------


def test_parents_of_territories_do_not_run_in_a_circle():
    top = TerritoryFactory(key="top")
    middle = TerritoryFactory(key="middle", parent=top)
    top.parent = TerritoryFactory(key="low", parent=middle)

    with changing():
        assert "top → low → middle → top" in refused("parent", top.save)


def test_parents_in_a_circle_within_one_batch_are_refused():
    batch = [
        models.Account(key="a", name="A", parent_id="b"),
        models.Account(key="b", name="B", parent_id="a"),
    ]

    with changing():
        assert "circle" in refused("parent", models.Account.objects.bulk_create, objs=batch)


def test_a_territory_has_one_assignee():
    refused("assign_rep", TerritoryFactory, assign_pool=PoolFactory(), assign_rep=RepFactory())


def test_the_last_day_is_not_before_the_first():
    values = {"effective_from": date(2026, 2, 1), "effective_to": date(2026, 1, 1)}

    assert refused("effective_to", TerritoryFactory, **values)
    assert refused("effective_to", RuleFactory, **values)


def test_places_are_stored_as_codes():
    boundary = BoundaryFactory(country="United States", subdivision="California")

    assert (boundary.country, boundary.subdivision) == ("US", "US-CA")


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("country", {"country": "Atlantis"}),
        ("subdivision", {"country": "DE", "subdivision": "US-CA"}),
        ("subdivision", {"country": "DE", "subdivision": "Atlantis"}),
        ("postal", {"postal": ["*"]}),
        ("postal", {"postal": ["1*2"]}),
        ("postal", {"postal": ["10..9"]}),
        ("postal", {"postal": ["20000..10000"]}),
        ("postal", {"postal": ["A1..12"]}),
        ("postal", {"postal": ["10000.."]}),
        ("postal", {"postal": [10115]}),
        ("postal", {"postal": "10115"}),
        ("postal", {"postal": ["straße 1!"]}),
    ],
)
def test_places_that_are_none_are_refused(field, values):
    assert refused(field, BoundaryFactory, **values)


def test_postal_patterns_are_stored_upper_cased_and_once():
    boundary = BoundaryFactory(country="GB", postal=["sw1*", "EC2A", "SW1*", "10000 .. 14999"])

    assert boundary.postal == ["SW1*", "EC2A", "10000..14999"]


def test_a_segment_cannot_ask_for_the_territory():
    tree = {"field": "territory.key", "op": "eq", "value": "dach"}

    assert "cannot be used" in refused("segment", TerritoryFactory, segment=tree)


# ---- accounts -----------------------------------------------------------------------------


def test_names_and_identifiers_are_stored_as_they_are_compared_too():
    account = AccountFactory(name="The ACME & Söhne GmbH", country="Germany")
    with changing():
        domain = account.identifiers.create(kind="domain", value="https://www.Bücher.example/x")
        alias = account.identifiers.create(kind="alias", value="Acme, Inc.")

    assert (account.match_name, account.country) == ("acme and sohne", "DE")
    assert (domain.value, domain.match_value) == ("xn--bcher-kva.example",) * 2
    assert (alias.value, alias.match_value) == ("Acme, Inc.", "acme")


@pytest.mark.parametrize("value", ["co.uk", "acme", "10.0.0.1", "acme..com", "-"])
def test_a_domain_is_one_that_a_company_registered(value):
    account = AccountFactory()

    with changing():
        assert refused("value", account.identifiers.create, kind="domain", value=value)


def test_one_domain_may_be_claimed_by_two_accounts():
    with changing():
        for _ in range(2):
            AccountFactory().identifiers.create(kind="domain", value="acme.com")

    assert models.AccountIdentifier.objects.filter(match_value="acme.com").count() == 2


def test_a_role_is_played_by_exactly_one():
    account = AccountFactory()

    with changing():
        refused("rep", account.roles.create, role="sdr")
        refused("pool", account.roles.create, role="sdr", rep=RepFactory(), pool=PoolFactory())
        refused("role", account.roles.create, role="two words", rep=RepFactory())
