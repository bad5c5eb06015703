"""How a rule finds an owner: its routing model applied to a lead (semantics 6).

`account_owner` applies when the matched account has an owner, or, where the rule names a role,
somebody in that role (the owner does not stand in); `territory` when a territory with an assignee
resolved; the others always.
"""

from . import trace
from .accounts import role_target
from .config import Rule, Target
from .pools import Needs
from .qualify import window_owner
from .run import Hit, Miss, Outcome, Run
from .vocabulary import Reason, RoutingModel

ACCOUNT_OWNER, TERRITORY = RoutingModel.ACCOUNT_OWNER, RoutingModel.TERRITORY


def apply_rule(run: Run, rule: Rule) -> Outcome | None:
    """Who the rule finds, that nobody is available, or None where its model does not apply."""
    way = rule.route_to
    if way.keep_owner:
        return _keep_owner(run)
    target = _target(run, rule)
    if target is None:
        return None
    needs: Needs | None = None
    if way.match and target.pool is not None:
        needs = run.compiled.needs(run.lead, way.match, any_of=way.match_any)
    outcome = run.find(target, rule, needs=needs)
    if run.explain:
        run.steps += trace.outcome_steps(run, outcome, target, needs)
    return outcome


def _target(run: Run, rule: Rule) -> Target | None:
    model = rule.route_to.model
    if model is ACCOUNT_OWNER:
        return _account_target(run, rule)
    if model is TERRITORY:
        return _territory_target(run, rule)
    return run.compiled.targets[rule.key]


def _account_target(run: Run, rule: Rule) -> Target | None:
    account, role = run.account, rule.route_to.role
    target = role_target(account, role) if account is not None else None
    if target is None:
        unowned = account is not None and account.owner is None
        if unowned:
            run.open_exception(Reason.ACCOUNT_UNOWNED)
        if run.explain:
            run.steps.append(trace.account_not_applicable(run, rule))
    return target


def _territory_target(run: Run, rule: Rule) -> Target | None:
    target = run.place.assign_to if run.place is not None else None
    if target is None:
        run.uncovered = True
        if run.lead["country"] is not None:
            run.open_exception(Reason.TERRITORY_UNCOVERED)
        if run.explain:
            run.steps.append(trace.territory_not_applicable(run, rule))
    return target


def _keep_owner(run: Run) -> Outcome:
    """The present owner, else the window owner; a lead that has neither finds nobody."""
    hit = window_owner(run)
    if hit is None:
        return Miss(reason=Reason.NOBODY_AVAILABLE, target=Target(rep=run.state.owner))
    return Hit(rep=hit.rep, pick=hit.pick)
