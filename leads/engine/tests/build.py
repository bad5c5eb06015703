"""Small configurations for tests: everything keyed by its key, names made from it."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from leads.engine.config import (
    Config,
    FallbackStep,
    Member,
    Pool,
    Rep,
    RouteTo,
    Rule,
    Settings,
    Target,
)
from leads.engine.vocabulary import RoutingModel

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)  # a Monday
BACKUP = FallbackStep(backup=True)
NEXT = FallbackStep(next_rule=True)


def rep(key: str, **values: Any) -> Rep:
    return Rep(key=key, name=key.title(), **values)


def pool(key: str, *members: str | tuple[str, int], **values: Any) -> Pool:
    seats = [
        Member(rep=m) if isinstance(m, str) else Member(rep=m[0], weight=m[1]) for m in members
    ]
    return Pool(key=key, name=f"Pool {key}", members=tuple(seats), **values)


def to_pool(key: str) -> RouteTo:
    return RouteTo(model=RoutingModel.ROUND_ROBIN, pool=key)


def to_rep(key: str) -> RouteTo:
    return RouteTo(model=RoutingModel.DIRECT, rep=key)


TO_TERRITORY = RouteTo(model=RoutingModel.TERRITORY)
TO_ACCOUNT = RouteTo(model=RoutingModel.ACCOUNT_OWNER)


def rule(priority: int, route_to: RouteTo, conditions: Any = None, **values: Any) -> Rule:
    key = values.pop("key", f"r{priority}")
    values.setdefault("fallback", (BACKUP,))
    return Rule(
        key=key,
        name=f"Rule {key}",
        priority=priority,
        route_to=route_to,
        conditions=conditions,
        **values,
    )


def config(reps: Iterable[Rep | str] = (), rules: Iterable[Rule] = (), **values: Any) -> Config:
    """A configuration with a catch-all pool of `carl`; `maria` owns the exceptions."""
    people = [one if isinstance(one, Rep) else rep(one) for one in reps]
    known = {one.key for one in people}
    people += [rep(key) for key in ("carl", "maria") if key not in known]
    settings = values.pop("settings", None) or {}
    settings = {"fallback": Target(pool="catch-all"), "exceptions_owner": "maria"} | settings
    pools = [*values.pop("pools", ()), pool("catch-all", "carl")]
    for name in ("territories", "calendars", "skills", "teams", "sla_policies", "value_lists"):
        values[name] = {one.key: one for one in values.get(name, ())}
    return Config(
        revision=1,
        settings=Settings(**settings),
        reps={one.key: one for one in people},
        pools={one.key: one for one in pools},
        rules=tuple(rules),
        **values,
    )
