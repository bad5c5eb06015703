"""Whether a lead is qualified, and who has it until it is routed (semantics 2, Qualify).

The window owner is a rep or a pool. A rep who has the lead already keeps it while active; a named
rep has it while active, else their backups in turn; a pool picks (which moves it), where nobody is
available regardless of hours and caps, since a lead may wait for hours but not without an owner.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from . import trace
from .compiled import ReadyDefinition
from .config import Definition, Rep, Target
from .run import Hit, Run
from .vocabulary import Trigger

MAX_BACKUPS = 3


@dataclass(slots=True, kw_only=True)
class Qualification:
    """What the deciding definition says. `definition` None: no definition covers the lead's type,
    and it is routed. `holds`: conditions and required fields; `triggered`: by this submission."""

    definition: Definition | None
    holds: bool
    triggered: bool

    @property
    def qualified(self) -> bool:
        return self.holds and self.triggered


ROUTED = Qualification(definition=None, holds=True, triggered=True)


def qualify(run: Run) -> Qualification:
    """What the first definition that covers the lead's type makes of it."""
    for ready in run.compiled.definitions:
        if ready.covers(run.lead):
            return _judge(run, ready)
    if run.explain:
        run.steps.append(trace.no_definition(run))
    return ROUTED


def _judge(run: Run, ready: ReadyDefinition) -> Qualification:
    lead, definition = run.lead, ready.definition
    triggered = (
        lead.facts.get("is_update") is not True
        or definition.trigger is Trigger.CREATE_OR_UPDATE
        or run.state.was_qualified
    )
    holds = ready.node.test(lead) and ready.complete(lead)
    if run.explain:
        run.steps.append(trace.qualified(run, ready, holds=holds, triggered=triggered))
    return Qualification(definition=definition, holds=holds, triggered=triggered)


def window_owner(run: Run) -> Hit | None:
    """Who has the lead until it is routed, or None where the definition names nobody."""
    reps, owner = run.compiled.config.reps, run.state.owner
    if owner is not None and _active(reps, owner) and owner not in run.state.ruled_out:
        return Hit(rep=owner)
    target = run.definition.window_owner if run.definition is not None else None
    return None if target is None else _from_target(run, target)


def _from_target(run: Run, target: Target) -> Hit | None:
    reps = run.compiled.config.reps
    if target.rep is not None:
        line = (target.rep, *backups(reps, target.rep))
        return next((Hit(rep=key) for key in line if _active(reps, key)), None)
    pool = target.pool or ""
    for last_resort in (False, True):
        pick = run.pick(pool, last_resort=last_resort)
        if run.explain:
            run.steps += trace.pool_steps(run, pick)
        if pick.rep is not None:
            return Hit(rep=pick.rep, pick=pick)
    return None


def backups(reps: Mapping[str, Rep], key: str) -> Iterator[str]:
    """The rep's backup, then the backup's backup, at most three, no rep twice."""
    seen = {key}
    rep = reps.get(key)
    while rep is not None and rep.backup is not None and len(seen) <= MAX_BACKUPS:
        if rep.backup in seen:
            return
        seen.add(rep.backup)
        yield rep.backup
        rep = reps.get(rep.backup)


def _active(reps: Mapping[str, Rep], key: str) -> bool:
    rep = reps.get(key)
    return rep is not None and rep.active
