"""Past decisions made again, from what was recorded with them (semantics 11)."""

from dataclasses import dataclass

from leads import snapshot
from leads.engine.config import Value
from leads.engine.decision import Decision
from leads.engine.records import from_record
from leads.models import Assignment

from .holds import hold_from_json


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
    """Whether the engine made this line: what it read is there. Somebody's word, a mode's, and the
    line of a lead that came back and stayed have none."""
    return bool(line.state)


def facts_of_record(line: Assignment) -> dict[str, Value]:
    """The facts as the engine read them: JSON's lists are its tuples."""
    return {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in line.facts.items()
    }


def replay(line: Assignment, *, explain: bool = False) -> Replay:
    """The decision of a line again, from its facts, state, revision and instant."""
    router = snapshot.at_revision(line.revision)
    facts, state = facts_of_record(line), from_record(line.state)
    if "hold" in line.state:
        hold = hold_from_json(line.state["hold"])
        decision = router.resume(facts, state, line.at, hold, explain=explain)
    else:
        decision = router.route(facts, state, line.at, explain=explain)
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
