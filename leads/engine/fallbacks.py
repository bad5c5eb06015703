"""What happens when a rule's model applied but found nobody (semantics 6, Fallback).

Steps are tried in order, under the rule's own conditions of availability. For a target that is a
pool there is no rep whose backup could stand in, so `backup` is passed over; `manager` is then the
manager of the first member's team that has one. After the last step comes the global fallback.
"""

from dataclasses import dataclass
from typing import TypeAlias

from . import trace
from .config import FallbackStep, Rule, Target
from .qualify import backups
from .run import Hit, Miss, Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Hold the lead; `next_step` follows when nobody came within the minutes."""

    minutes: int
    next_step: int


@dataclass(frozen=True, slots=True)
class NextRule:
    """Go on with the next rule that matches."""


Way: TypeAlias = Hit | Wait | NextRule


def fall_back(run: Run, rule: Rule, miss: Miss, start: int = 0) -> Way | None:
    """What the rule's steps from `start` come to; None after the last."""
    for number, step in enumerate(rule.fallback[start:], start):
        if step.next_rule:
            if run.explain:
                run.steps.append(trace.next_rule(rule))
            return NextRule()
        if step.hold_minutes is not None:
            return Wait(minutes=step.hold_minutes, next_step=number + 1)
        hit = _try(run, rule, miss, step)
        if hit is not None:
            return hit
    return None


def _try(run: Run, rule: Rule, miss: Miss, step: FallbackStep) -> Hit | None:
    if step.backup:
        return _backup(run, rule, miss)
    if step.manager:
        manager = _manager(run, miss.target)
        if manager is None:
            if run.explain:
                run.steps.append(trace.fallback_skipped("manager", "there is no manager"))
            return None
        return _target(run, rule, Target(rep=manager), "manager")
    via = "pool" if step.pool is not None else "rep"
    return _target(run, rule, Target(rep=step.rep, pool=step.pool), via)


def _backup(run: Run, rule: Rule, miss: Miss) -> Hit | None:
    rep = miss.target.rep
    if rep is None:
        if run.explain:
            run.steps.append(trace.fallback_skipped("backup", "a pool has no backup"))
        return None
    line = tuple(backups(run.compiled.config.reps, rep))
    if not line and run.explain:
        run.steps.append(trace.fallback_skipped("backup", "there is no backup"))
    for key in line:
        hit = _target(run, rule, Target(rep=key), "backup")
        if hit is not None:
            return hit
    return None


def _target(run: Run, rule: Rule, target: Target, via: str) -> Hit | None:
    outcome = run.find(target, rule)
    if run.explain:
        run.steps += trace.fallback_steps(run, outcome, target, via)
    if isinstance(outcome, Miss):
        return None
    return Hit(rep=outcome.rep, pick=outcome.pick, via=via)


def _manager(run: Run, target: Target) -> str | None:
    """The manager of the rep's team, or of the first of the pool's members to have one."""
    config = run.compiled.config
    keys = [target.rep] if target.rep is not None else []
    pool = config.pools.get(target.pool or "")
    if pool is not None:
        keys = [member.rep for member in pool.members]
    for key in keys:
        rep = config.reps.get(key)
        team = config.teams.get(rep.team or "") if rep is not None else None
        if team is not None and team.active and team.manager is not None:
            return team.manager
    return None
