"""A configuration made ready for deciding, once a revision; shared by all threads.

Nothing in it changes what a decision says: the little that it learns (who is there now, the open
intervals of a day) is only kept from being worked out again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from .accounts import choose
from .availability import Roster
from .conditions import Node, compile_tree
from .config import Config, Definition, Rule, SlaPolicy, Target, Value, ValueList
from .facts import Lead, fold_scalar
from .pools import Needs, Pools
from .rules import RuleIndex
from .state import AccountHit
from .territories import TerritoryIndex

#: Combinations of skills for which the able reps are kept.
KEPT_NEEDS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyDefinition:
    """A definition with its conditions compiled and its lead types folded; none covers all."""

    definition: Definition
    node: Node
    lead_types: frozenset[str]

    def covers(self, lead: Lead) -> bool:
        return not self.lead_types or lead["lead_type"] in self.lead_types

    def complete(self, lead: Lead) -> bool:
        """Whether the lead has every required field."""
        for name in self.definition.required_fields:  # noqa: SIM110 - on the hot path
            if lead[name] is None:
                return False
        return True

    def missing(self, lead: Lead) -> list[str]:
        """The required fields that the lead leaves blank."""
        return [name for name in self.definition.required_fields if lead[name] is None]


class Compiled:
    """The indexes, rosters and tables that decisions are made with."""

    __slots__ = (
        "_needs", "_policies", "config", "definitions", "definitions_by_key", "pools", "regions",
        "roster", "rules", "rules_by_key", "skills", "targets", "territories", "zone",
    )  # fmt: skip

    def __init__(self, config: Config) -> None:
        self.config = config
        self.zone = ZoneInfo(config.settings.timezone if config.settings else "UTC")
        self.regions = _regions(config.value_lists)
        self.skills = _skills(config)
        self.roster = Roster(config)
        self._policies: dict[tuple[str | None, str | None], SlaPolicy | None] = {}
        self._needs: dict[tuple[tuple[frozenset[str], ...], bool], Needs] = {}
        self.pools = Pools(self.roster)
        self.territories = TerritoryIndex(config)
        self.rules = RuleIndex(config.rules, config.value_lists)
        self.definitions = _definitions(config)
        self.rules_by_key = {rule.key: rule for rule in config.rules}
        #: Whom a rule names itself; empty where its model says.
        self.targets = {
            one.key: Target(rep=one.route_to.rep, pool=one.route_to.pool) for one in config.rules
        }
        self.definitions_by_key = {one.key: one for one in config.definitions}

    def account_key(self, facts: Mapping[str, Value], hits: Sequence[AccountHit]) -> str | None:
        """The key of the account that a lead with these facts belongs to."""
        hit = choose(hits, Lead(facts, regions=self.regions))
        return None if hit is None else hit.key

    def policy(self, rule: Rule | None, definition: Definition | None) -> SlaPolicy | None:
        """The SLA policy that is there and active: the rule's, else the definition's, else the
        default."""
        first = rule.sla if rule is not None else None
        second = definition.sla if definition is not None else None
        if (first, second) not in self._policies:
            self._policies[first, second] = self._first_policy(first, second)
        return self._policies[first, second]

    def _first_policy(self, *keys: str | None) -> SlaPolicy | None:
        settings = self.config.settings
        for key in (*keys, settings.default_sla if settings is not None else None):
            policy = self.config.sla_policies.get(key) if key else None
            if policy is not None and policy.active:
                return policy
        return None

    def needs(self, lead: Lead, match: Sequence[str], *, any_of: bool) -> Needs:
        """The skills that the values of these fields call for, and who has them."""
        groups: list[frozenset[str]] = []
        unknown: list[str] = []
        for name in match:
            value = lead[name]
            for word in (value,) if isinstance(value, str) else value or ():
                called = self.skills.get(word)
                if called is None:
                    unknown.append(word)
                elif called not in groups:
                    groups.append(called)
        key = (tuple(groups), any_of)
        needs = self._needs.get(key)
        if needs is None:
            if len(self._needs) >= KEPT_NEEDS:
                self._needs.clear()
            able = _able(self.config, key[0], any_of=any_of)
            needs = self._needs[key] = Needs(groups=key[0], any_of=any_of, able=able)
        return replace(needs, unknown=tuple(unknown)) if unknown else needs


def _able(config: Config, groups: tuple[frozenset[str], ...], *, any_of: bool) -> frozenset[str]:
    """The reps who have a skill of every group, or of any; no group asks for nothing."""
    enough = any if any_of and groups else all
    return frozenset(
        rep.key
        for rep in config.reps.values()
        if enough(not group.isdisjoint(rep.skills) for group in groups)
    )


def _regions(lists: Mapping[str, ValueList]) -> dict[str, tuple[str, ...]]:
    """Keys and names of the active region lists by each (folded) country that they hold."""
    regions: dict[str, list[str]] = {}
    for one in lists.values():
        if one.active and one.kind == "region":
            for value in one.values:
                names = regions.setdefault(fold_scalar(value) or "", [])
                names += [name for name in (one.key, one.name) if name not in names]
    return {country: tuple(names) for country, names in regions.items()}


def _skills(config: Config) -> dict[str, frozenset[str]]:
    """Keys of the active skills by (folded) key or name."""
    skills: dict[str, frozenset[str]] = {}
    for skill in config.skills.values():
        if skill.active:
            for word in (fold_scalar(skill.key), fold_scalar(skill.name)):
                if word is not None:
                    skills[word] = skills.get(word, frozenset()) | {skill.key}
    return skills


def _definitions(config: Config) -> tuple[ReadyDefinition, ...]:
    active = sorted(
        (one for one in config.definitions if one.active), key=lambda one: (one.priority, one.key)
    )
    return tuple(
        ReadyDefinition(
            definition=one,
            node=compile_tree(one.conditions, config.value_lists),
            lead_types=frozenset(
                folded for name in one.lead_types if (folded := fold_scalar(name)) is not None
            ),
        )
        for one in active
    )
