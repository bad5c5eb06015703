"""Who gets a lead: the whole decision, from facts to owner (semantics 2 to 9).

Theory of operation. A decision is a function of the lead's facts, one revision of the
configuration, the state it reads and the instant; it writes nothing and has no clock. In order:

1. the account is chosen among those that the caller found, and the territory is resolved;
2. the first definition that covers the lead's type says whether it is qualified; if not, the
   window owner keeps it as nurture;
3. the first rule, by priority, whose conditions hold and whose model applies finds an owner, or
   its fallback steps do, or it holds the lead, or passes it on to the next rule that matches;
4. when no rule applied or the steps are used up: the global fallback, regardless of hours and
   caps; at the end stands the owner of exceptions, so that routing never ends with nobody;
5. the SLA's due time is worked out on the owner's calendar.

The reason of the first rule that failed is the assignment's; it stays when a later rule succeeds.
A decision moves at most the pool that it picked its owner from. Explaining changes nothing but
`trace`: it looks at every rule in turn where a plain run asks the index, and comes to the same.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime

from . import trace
from .compiled import Compiled
from .config import Config, Definition, Rule, Value
from .decision import Decision, Hold
from .errors import NoOpenTime, UnknownPool
from .fallbacks import NextRule, Wait, fall_back
from .finding import apply_rule
from .pools import Pick
from .qualify import Qualification, qualify
from .rules import ReadyRule, rule_digest
from .run import Miss, Run
from .sla import microseconds, warn_in
from .state import State
from .verdicts import Clock, assigned, clock, held_on, last_resort, nurtured, unconfigured, waiting
from .vocabulary import AssignmentKind, Exclusion, Reason

Facts = Mapping[str, Value]


class Router:
    """One revision of the configuration, made ready to decide; safe to share between threads."""

    __slots__ = ("_compiled", "config")

    def __init__(self, config: Config) -> None:
        self.config = config
        self._compiled = Compiled(config)

    def route(
        self, facts: Facts, state: State, now: datetime, *, explain: bool = False
    ) -> Decision:
        """The decision for a lead at an instant; with `explain` also its trace."""
        if self.config.settings is None:
            return unconfigured(explain=explain)
        return _decide(Run(self._compiled, facts, state, now, explain=explain))

    def resume(
        self, facts: Facts, state: State, now: datetime, hold: Hold, *, explain: bool = False
    ) -> Decision:
        """The decision for a lead that a fallback step held: kind `released` when somebody of its
        rule is available; held on until the hold ends; then what the next steps come to, for the
        reason `hold_expired`.

        A rule that was changed meanwhile, or whose model no longer applies, is not resumed: the
        lead is routed anew."""
        if self.config.settings is None:
            return unconfigured(explain=explain)
        ready = self._compiled.rules.by_key.get(hold.rule)
        if ready is not None and rule_digest(ready.rule) == hold.rule_digest:
            run = Run(self._compiled, facts, state, now, explain=explain)
            decision = _resume(run, ready, hold) if ready.in_effect(run.today) else None
            if decision is not None:
                return decision
        again = Run(self._compiled, facts, state, now, explain=explain)
        again.kind = AssignmentKind.RELEASED
        return _decide(again)

    def qualifies(self, facts: Facts, state: State, now: datetime) -> Qualification:
        """What the first definition that covers the lead's type makes of it."""
        return qualify(Run(self._compiled, facts, state, now, explain=False))

    def account_of(self, state: State, facts: Facts) -> str | None:
        """The key of the account that the lead belongs to, among those that the state names."""
        return self._compiled.account_key(facts, state.accounts)

    def away(self, rep: str, now: datetime) -> Exclusion | None:
        """Why a rep cannot be given a lead by name (inactive or absent), or None."""
        return self._compiled.roster.exclusion(rep, microseconds(now), hours=False)

    def available(self, rep: str, now: datetime) -> Exclusion | None:
        """Why a rep is not working at the instant (inactive, absent or off hours), or None."""
        return self._compiled.roster.exclusion(rep, microseconds(now), hours=True)

    def back_at(self, rep: str, now: datetime, exclusion: Exclusion) -> datetime | None:
        """When the absence or the closed hours that keep a rep away end, where that is known."""
        return self._compiled.roster.back_at(rep, microseconds(now), exclusion)

    def pick_by_hand(self, pool: str, facts: Facts, state: State, now: datetime) -> Pick:
        """Who of a pool is next for a lead that a person gives to it: the pool does not move;
        `moved` is only for more such leads at once. Raises UnknownPool."""
        if pool not in self.config.pools:
            raise UnknownPool(f'no pool "{pool}"')
        return Run(self._compiled, facts, state, now, explain=False).pick(pool)

    def clock(
        self, *, owner: str, start: datetime, rule: Rule | None, definition: Definition | None
    ) -> Clock:
        """The key of the SLA policy and when the owner's first response is due."""
        return clock(self._compiled, owner, start, rule, definition)

    def warn_at(self, *, policy: str, owner: str, start: datetime) -> datetime | None:
        """When the owner is warned under this policy; None on a calendar that never opens."""
        known = self.config.sla_policies.get(policy)
        if known is None:
            return None
        try:
            return warn_in(known, self._compiled.roster.hours(owner), start)
        except NoOpenTime:
            return None

    def rule(self, key: str) -> Rule | None:
        """The rule with this key, active or not."""
        return self._compiled.rules_by_key.get(key)

    def definition(self, key: str) -> Definition | None:
        """The definition with this key, active or not."""
        return self._compiled.definitions_by_key.get(key)


def route(
    facts: Facts, config: Config, state: State, now: datetime, *, explain: bool = False
) -> Decision:
    """The decision for one lead; a caller with many keeps a `Router`."""
    return Router(config).route(facts, state, now, explain=explain)


def _decide(run: Run) -> Decision:
    if run.explain:
        run.steps.append(trace.account(run))
    qualification = qualify(run)
    run.definition = qualification.definition
    if not qualification.qualified:
        return nurtured(run)
    if run.explain:
        run.steps.append(trace.territory(run))
    return _by_rules(run)


def _by_rules(
    run: Run, after: int = -1, first: Reason | None = None, last: Reason | None = None
) -> Decision:
    """The first rule behind `after` that comes to something; `first` and `last` are the reasons of
    rules that have applied so far without anybody."""
    rules = run.compiled.rules
    matching = _told(run, after) if run.explain else rules.matching(run.lead, run.today, after)
    for ready in matching:
        rule = ready.rule
        if rule.route_to.nurture:
            return nurtured(run, rule)
        outcome = apply_rule(run, rule)
        if outcome is None:
            continue
        if not isinstance(outcome, Miss):
            return assigned(run, outcome, rule=rule, reason=first, kind=run.kind)
        last = outcome.reason
        decision = _fallen_back(run, rule, outcome, first, start=0)
        if decision is not None:
            return decision
        first = first or outcome.reason
    if last is None:
        last = Reason.TERRITORY_UNCOVERED if run.uncovered else Reason.NO_RULE_MATCHED
    return last_resort(run, last)


def _fallen_back(
    run: Run, rule: Rule, miss: Miss, first: Reason | None, *, start: int
) -> Decision | None:
    """What the rule's fallback comes to; None to go on with the next rule."""
    way = fall_back(run, rule, miss, start)
    if isinstance(way, NextRule):
        return None
    if isinstance(way, Wait):
        return waiting(run, rule, way, miss, first)
    if way is None:
        return last_resort(run, miss.reason)
    return assigned(run, way, rule=rule, reason=first or miss.reason)


def _told(run: Run, after: int) -> Iterator[ReadyRule]:
    """What the index gives, found by looking at every rule in turn and telling of each."""
    for ready in run.compiled.rules.rules[after + 1 :]:
        if not ready.in_effect(run.today):
            run.steps.append(trace.rule_not_in_effect(ready))
        elif ready.node.test(run.lead):
            run.steps.append(trace.rule_matched(run, ready))
            yield ready
        else:
            run.steps.append(trace.rule_not_matched(run, ready))


def _resume(run: Run, ready: ReadyRule, hold: Hold) -> Decision | None:
    """What a held lead's own rule comes to now; None when its model no longer applies."""
    rule = ready.rule
    if run.explain:
        run.steps.append(trace.account(run))
    run.definition = qualify(run).definition
    if run.explain:
        run.steps += (trace.territory(run), trace.resumed(run, ready, hold))
    outcome = apply_rule(run, rule)
    if outcome is None:
        return None
    first = hold.reason if hold.after_next_rule else None
    if not isinstance(outcome, Miss):
        return assigned(run, outcome, rule=rule, reason=first, kind=AssignmentKind.RELEASED)
    if run.now < hold.until:
        return held_on(run, rule, hold)
    expired = Miss(reason=Reason.HOLD_EXPIRED, target=outcome.target)
    if run.explain:
        run.steps.append(trace.hold_expired(run, rule, hold))
    decision = _fallen_back(run, rule, expired, first, start=hold.next_step)
    if decision is not None:
        return decision
    return _by_rules(run, ready.position, first or expired.reason, expired.reason)
