"""What the engine answers: who owns the lead, by which way, and every step if asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from .state import PoolState
from .vocabulary import AssignmentKind, LeadStatus, Reason, Result, RoutingModel, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceStep:
    """One step of the trace as the API gives it; `data` is JSON-able."""

    step: Step
    subject: str | None
    result: Result
    reason: str | None = None
    data: Mapping[str, object] = field(default_factory=dict)
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """The lead waits: for which pool or rep, by which rule, until when, and the fallback step
    (its index) that follows when nobody came.

    `rule_digest` is the rule as it was: a changed rule is not resumed, the lead is routed anew.
    `after_next_rule`: an earlier rule of the chain had passed the lead on; `reason` is then that
    rule's, the first."""

    rule: str
    pool: str | None
    rep: str | None
    until: datetime
    next_step: int
    reason: Reason
    rule_digest: str = ""
    after_next_rule: bool = False


class Ruled(NamedTuple):
    """A rep ruled out of the deciding pick, with the reason; `until` where it is known to end."""

    rep: str
    reason: str
    pool: str | None = None
    until: datetime | None = None


@dataclass(slots=True, kw_only=True)
class Decision:
    """The outcome of one routing. Not to be changed; not frozen, since every lead makes one and
    freezing doubles the cost of its many fields.

    `status` nurture: stored with `owner` the window owner; held: in the queue (`hold` set when
    by a fallback). `reason` is set when `is_fallback` or held by a fallback. `exceptions` are
    the reasons to open exceptions for, first the fallback's. `pools` are the new states of the
    pools this decision moved. `picked_from` is the pool of the last pool pick that moved.
    `ruled` are the reps passed over on the way, in order; `trace` is empty unless explained."""

    status: LeadStatus
    kind: AssignmentKind
    owner: str | None
    rule: str | None = None
    model: RoutingModel | None = None
    territory: str | None = None
    account: str | None = None
    pool: str | None = None
    is_fallback: bool = False
    reason: Reason | None = None
    definition: str | None = None
    qualified: bool = False
    sla: str | None = None
    due_at: datetime | None = None
    hold: Hold | None = None
    exceptions: Sequence[Reason] = ()
    pools: Mapping[str, PoolState] = field(default_factory=dict)
    picked_from: str | None = None
    ruled: Sequence[Ruled] = ()
    warnings: Sequence[Mapping[str, str]] = ()
    fallback_via: str | None = None
    trace: Sequence[TraceStep] = ()
