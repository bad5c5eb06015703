"""One decision in the making: the lead, what is known so far, and the steps told when asked.

Telling the steps never changes what is decided: a run that explains does the same and besides
writes it down.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

from .accounts import choose
from .availability import REASONS
from .compiled import Compiled
from .config import Definition, Rule, Target, Value
from .decision import Ruled, TraceStep
from .facts import Lead
from .pools import Needs, Pick
from .sla import microseconds
from .state import NO_LOAD, State
from .vocabulary import AssignmentKind, Exclusion, Reason


@dataclass(slots=True, kw_only=True)
class Hit:
    """Somebody was found: a rep, perhaps picked from a pool."""

    rep: str
    pick: Pick | None = None
    via: str | None = None


@dataclass(slots=True, kw_only=True)
class Miss:
    """A target had nobody available; `pick` is what its pool came to."""

    reason: Reason
    target: Target
    pick: Pick | None = None


Outcome: TypeAlias = Hit | Miss


class Run:
    """The state of one decision while it is made."""

    __slots__ = (
        "_today", "account", "at", "compiled", "definition", "exceptions", "explain", "kind",
        "lead", "now", "place", "ruled", "state", "steps", "uncovered",
    )  # fmt: skip

    def __init__(
        self,
        compiled: Compiled,
        facts: Mapping[str, Value],
        state: State,
        now: datetime,
        *,
        explain: bool,
    ) -> None:
        self.compiled = compiled
        self.state = state
        self.now = now
        self.at = microseconds(now)
        self.explain = explain
        self.lead = lead = Lead(facts, regions=compiled.regions)
        self.account = lead.account = choose(state.accounts, lead) if state.accounts else None
        self.steps: list[TraceStep] = []
        self.ruled: list[Ruled] = []
        self.exceptions: list[Reason] = []
        #: A territory rule held, but no territory with an assignee was there.
        self.uncovered = False
        self.definition: Definition | None = None
        #: What an assignment by a rule is called: routed, or released after a hold.
        self.kind = AssignmentKind.ROUTED
        self._today: date | None = None
        # Where the lead lies is recorded whatever the rule, so it is looked up at once; the
        # segments of territories see no `territory.key`.
        self.place = place = compiled.territories.resolve(lead, self.today)
        lead.territory_keys = () if place is None else place.keys

    def today(self) -> date:
        """The date in the settings' zone."""
        if self._today is None:
            self._today = self.now.astimezone(self.compiled.zone).date()
        return self._today

    def open_exception(self, reason: Reason) -> None:
        if reason not in self.exceptions:
            self.exceptions.append(reason)

    def rep(self, key: str, rule: Rule | None) -> Exclusion | None:
        """Why a named rep cannot have the lead, or None; noted where there is a reason."""
        rep = self.compiled.config.reps.get(key)
        load = None
        if rule is not None and rule.respect_caps and rep is not None and rep.capped:
            load = self.state.loads((key,)).get(key, NO_LOAD)
        exclusion = self.compiled.roster.exclusion(
            key,
            self.at,
            hours=rule is not None and rule.working_hours_only,
            load=load,
            ruled_out=self.state.ruled_out,
        )
        if exclusion is not None:
            self.ruled.append(self.compiled.roster.ruled(key, exclusion, self.at))
        return exclusion

    def pick(
        self,
        pool: str,
        *,
        hours: bool = False,
        needs: Needs | None = None,
        last_resort: bool = False,
    ) -> Pick:
        """A pool's pick; those ruled out are noted."""
        pick = self.compiled.pools.pick(
            pool, self.state, self.at, hours=hours, needs=needs, last_resort=last_resort
        )
        if pick.bench is not None and pick.bench.ruled:
            self.ruled += pick.bench.ruled
        if pick.out:
            # None of these is an absence, so none has an end that is known.
            self.ruled += [Ruled(seat[0], why, pool) for seat, why in pick.out]
        return pick

    def find(self, target: Target, rule: Rule | None, *, needs: Needs | None = None) -> Outcome:
        """The rep that a target gives under a rule's conditions of availability."""
        if target.rep is not None:
            exclusion = self.rep(target.rep, rule)
            if exclusion is None:
                return Hit(rep=target.rep)
            return Miss(reason=REASONS.get(exclusion, Reason.NOBODY_AVAILABLE), target=target)
        hours = rule is not None and rule.working_hours_only
        pick = self.pick(target.pool or "", hours=hours, needs=needs)
        if pick.rep is not None:
            return Hit(rep=pick.rep, pick=pick)
        return Miss(reason=pick.reason or Reason.NOBODY_AVAILABLE, target=target, pick=pick)
