"""Makes configuration for tests. Each object is saved in a revision of its own unless one is
open: `with changing(): …` puts several into one."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import factory
from factory.django import DjangoModelFactory

from territories import models
from territories.revisions import Actor, revision

TESTER = Actor(kind="command", id="test", name="Test")


@contextmanager
def changing(reason: str = "", actor: Actor = TESTER) -> Iterator[None]:
    """Open a revision by the tester."""
    with revision(actor=actor, reason=reason):
        yield


class ConfigurationFactory(DjangoModelFactory):
    """Creates through save(), in a revision."""

    class Meta:
        abstract = True

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **kwargs: Any) -> Any:
        with changing():
            return super()._create(model_class, *args, **kwargs)


class CalendarFactory(ConfigurationFactory):
    class Meta:
        model = models.Calendar

    key = factory.Sequence(lambda n: f"calendar-{n}")
    name = factory.SelfAttribute("key")
    timezone = "Europe/Berlin"
    hours = factory.LazyFunction(
        lambda: {day: ["09:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
    )


class SkillFactory(ConfigurationFactory):
    class Meta:
        model = models.Skill

    key = factory.Sequence(lambda n: f"skill-{n}")
    name = factory.SelfAttribute("key")


class TeamFactory(ConfigurationFactory):
    class Meta:
        model = models.Team

    key = factory.Sequence(lambda n: f"team-{n}")
    name = factory.SelfAttribute("key")


class RepFactory(ConfigurationFactory):
    class Meta:
        model = models.Rep

    key = factory.Sequence(lambda n: f"rep-{n}")
    name = factory.SelfAttribute("key")
    email = factory.LazyAttribute(lambda rep: f"{rep.key}@example.com")


class PoolFactory(ConfigurationFactory):
    class Meta:
        model = models.Pool

    key = factory.Sequence(lambda n: f"pool-{n}")
    name = factory.SelfAttribute("key")


class PoolMemberFactory(ConfigurationFactory):
    class Meta:
        model = models.PoolMember

    pool = factory.SubFactory(PoolFactory)
    rep = factory.SubFactory(RepFactory)


class TerritoryFactory(ConfigurationFactory):
    class Meta:
        model = models.Territory

    key = factory.Sequence(lambda n: f"territory-{n}")
    name = factory.SelfAttribute("key")


class BoundaryFactory(ConfigurationFactory):
    class Meta:
        model = models.Boundary

    territory = factory.SubFactory(TerritoryFactory)
    country = "DE"


class AccountFactory(ConfigurationFactory):
    class Meta:
        model = models.Account

    key = factory.Sequence(lambda n: f"account-{n}")
    name = factory.Sequence(lambda n: f"Company {n} GmbH")


class SlaPolicyFactory(ConfigurationFactory):
    class Meta:
        model = models.SlaPolicy

    key = factory.Sequence(lambda n: f"sla-{n}")
    name = factory.SelfAttribute("key")
    respond_within_minutes = 5


class DefinitionFactory(ConfigurationFactory):
    class Meta:
        model = models.Definition

    key = factory.Sequence(lambda n: f"definition-{n}")
    name = factory.SelfAttribute("key")


class ValueListFactory(ConfigurationFactory):
    class Meta:
        model = models.ValueList

    key = factory.Sequence(lambda n: f"list-{n}")
    name = factory.SelfAttribute("key")
    values = factory.LazyFunction(lambda: ["one"])


class RuleFactory(ConfigurationFactory):
    class Meta:
        model = models.Rule

    key = factory.Sequence(lambda n: f"rule-{n}")
    name = factory.SelfAttribute("key")
    priority = factory.Sequence(lambda n: n + 1)
    route_to = factory.LazyFunction(lambda: {"account_owner": True})
    fallback = factory.LazyFunction(lambda: [{"backup": True}])


class RoutingSettingsFactory(ConfigurationFactory):
    class Meta:
        model = models.RoutingSettings

    fallback_pool = factory.SubFactory(PoolFactory)
    exceptions_owner = factory.SubFactory(RepFactory)
