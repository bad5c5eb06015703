"""Past decisions made again, from what was recorded with them (semantics 11)."""

from dataclasses import dataclass

from leads import snapshot
from leads.engine.config import Value
from leads.engine.decision import Decision
from leads.engine.records import from_record
from leads.engine.vocabulary import AssignmentKind
from leads.models import Assignment

#: Kinds that the engine decided; the others are somebody's word.
ENGINE_KINDS = frozenset(
    {
        AssignmentKind.ROUTED.value,
        AssignmentKind.FALLBACK.value,
        AssignmentKind.HELD.value,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """A decision made again. `differs` names the columns that came out otherwise, as
    `{name: (recorded, recomputed)}`; empty is the proof."""

    decision: Decision
    differs: dict[str, tuple[str, str]]

    @property
    def same(self) -> bool:
        """Whether the recorded decision came out again."""
        return not self.differs


def is_replayable(line: Assignment) -> bool:
    """Whether the engine made this line: its facts are there and nobody chose by hand.

    The engine routes by a rule; a routed line without one is a lead that came back and stayed
    with its owner."""
    stayed = line.kind == AssignmentKind.ROUTED.value and not line.rule
    return bool(line.facts) and line.kind in ENGINE_KINDS and not stayed


def facts_of_record(line: Assignment) -> dict[str, Value]:
    """The facts as the engine read them: JSON's lists are its tuples."""
    return {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in line.facts.items()
    }


def replay(line: Assignment, *, explain: bool = False) -> Replay:
    """The decision of a line again, from its facts, state, revision and instant."""
    router = snapshot.at_revision(line.revision)
    decision = router.route(
        facts_of_record(line), from_record(line.state), line.at, explain=explain
    )
    recomputed = {
        "owner": decision.owner or "",
        "rule": decision.rule or "",
        "model": decision.model.value if decision.model else "",
        "territory": decision.territory or "",
        "account": decision.account or "",
        "pool": decision.pool or "",
        "fallback_reason": decision.reason.value if decision.reason else "",
        "sla": decision.sla or "",
    }
    recorded = {name: getattr(line, name) for name in recomputed if name != "owner"}
    recorded["owner"] = line.owner_id or ""
    differs = {
        name: (recorded[name], value)
        for name, value in recomputed.items()
        if recorded[name] != value
    }
    return Replay(decision=decision, differs=differs)
