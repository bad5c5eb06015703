"""Verbs on configuration: one transaction, one revision."""

import pytest
from django.core.exceptions import ValidationError

from territories import models, services
from territories.models import Rule
from territories.services import Placement

from .factories import (
    AccountFactory,
    RepFactory,
    RuleFactory,
    SkillFactory,
    changing,
)

pytestmark = pytest.mark.django_db


# ---- services -----------------------------------------------------------------------------


def test_rules_change_places_in_one_revision():
    RuleFactory(key="a", priority=10), RuleFactory(key="b", priority=20)
    places = {
        "a": Placement(priority=20, active=True),
        "b": Placement(priority=10, active=True),
    }

    with changing():
        services.arrange_rules(placements=places)

    assert list(Rule.objects.values_list("key", "priority")) == [("b", 10), ("a", 20)]
    newest = Rule.history.filter(revision_id=3).values_list("key", "priority")
    assert sorted(newest) == [("a", 20), ("b", 10)]


def test_arranging_rules_as_they_are_makes_no_revision():
    RuleFactory(key="a", priority=10)

    with changing():
        services.arrange_rules(placements={"a": Placement(priority=10, active=True)})

    assert Rule.history.count() == 1


def test_arranging_two_rules_at_one_priority_is_refused_naming_both():
    RuleFactory(key="a", priority=10), RuleFactory(key="b", priority=20)

    with changing(), pytest.raises(ValidationError, match="a and b"):
        services.arrange_rules(placements={"b": Placement(priority=10, active=True)})


def test_a_merged_account_is_known_by_all_its_names():
    source = AccountFactory(key="old", name="Old GmbH")
    target = AccountFactory(key="new", name="New GmbH")
    child, owner = AccountFactory(parent=source), RepFactory()
    with changing():
        source.identifiers.create(kind="domain", value="old.example")
        source.identifiers.create(kind="domain", value="both.example")
        target.identifiers.create(kind="domain", value="both.example")
        source.roles.create(role="sdr", rep=owner)

    with changing():
        services.merge_accounts(source=source, target=target)

    known = set(target.identifiers.values_list("kind", "value"))
    assert known == {
        ("domain", "old.example"),
        ("domain", "both.example"),
        ("alias", "Old GmbH"),
        ("key", "old"),
    }
    child.refresh_from_db(), source.refresh_from_db()
    assert (child.parent_id, source.active) == ("new", False)
    assert target.roles.get().rep == owner


def test_switching_several_off_counts_those_that_were_on():
    on, off = SkillFactory(), SkillFactory(active=False)

    with changing():
        assert services.set_active(objects=[on, off], active=False) == 1

    assert models.Skill.history.filter(key=off.key).count() == 1
