"""What a rule says: conditions, where to route, the steps of its fallback (semantics 3, 6).

The shapes are checked here; whether the keys in them name something is checked by the models,
which know what is stored.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from django.core.exceptions import ValidationError

from leads.engine.conditions import check
from leads.engine.operators import field_kind
from leads.engine.vocabulary import FIELDS
from territories.values import normalise_value

from .text import did_you_mean

#: A lead waits at most this long in the queue: thirty days.
LONGEST_HOLD_MINUTES = 43_200
WAYS = ("account_owner", "territory", "pool", "skills", "rep", "keep_owner", "nurture")
STEPS = ("backup", "manager", "pool", "rep", "hold_minutes", "next_rule")
MATCH_MODES = ("all", "any")
#: A territory's segment cannot ask for the territory that it helps to find.
SEGMENT_FIELDS = frozenset(FIELDS) - {"territory.key"}


class _AnyKey(frozenset[str]):
    """A collection that holds every key: what exists is checked apart from the shape."""

    def __contains__(self, key: object) -> bool:
        return True


def clean_conditions(tree: Any, *, segment: bool = False) -> Any:
    """Return the tree with its values normalised like their fields. Every fault is listed with
    its place in the tree; `segment` refuses what a territory cannot know yet."""
    allow = SEGMENT_FIELDS if segment else None
    cleaned, problems = check(tree, normalise=normalise_value, lists=_AnyKey(), allow=allow)
    if problems:
        raise ValidationError(
            [
                ValidationError(
                    f"{problem.path}: {problem.detail}" if problem.path else problem.detail,
                    code=problem.code,
                )
                for problem in problems
            ]
        )
    return cleaned


def lists_in(tree: Any) -> Iterator[str]:
    """Yield the keys of the value lists that a cleaned tree names."""
    if isinstance(tree, Mapping):
        value = tree.get("value")
        if isinstance(value, Mapping):
            yield str(value["list"])
        for child in (*tree.get("all", ()), *tree.get("any", ()), tree.get("not")):
            yield from lists_in(child)


def clean_lead_fields(value: Any) -> list[str]:
    """Return a list of names of lead fields, each once."""
    if not isinstance(value, list | tuple) or not all(isinstance(name, str) for name in value):
        raise ValidationError("Must be a list of lead fields.", code="wrong_type")
    for name in value:
        if field_kind(name) is None:
            near = did_you_mean(name, FIELDS)
            raise ValidationError(f"Unknown field “{name}”{near}.", code="unknown_field")
    return list(dict.fromkeys(value))


def clean_route_to(value: Any) -> dict[str, Any]:
    """Return where a rule routes: exactly one of the WAYS of semantics 6."""
    way, target = _one_of(value, WAYS, "a way to route")
    if way in ("pool", "rep"):
        return {way: _key(way, target)}
    if way in ("keep_owner", "nurture"):
        return {way: _true(way, target)}
    if way == "skills":
        return {way: _clean_skills(target)}
    if target is True:
        return {way: True}
    return {way: _clean_role(target) if way == "account_owner" else _clean_match(way, target)}


def clean_fallback(value: Any) -> list[dict[str, Any]]:
    """Return the steps of a fallback, of which there is at least one."""
    if not isinstance(value, list | tuple):
        raise ValidationError("Must be a list of steps.", code="wrong_type")
    if not value:
        raise ValidationError("The fallback may not be empty: add a step.", code="blank")
    return [_clean_step(number, step) for number, step in enumerate(value)]


def keys_in_route(route_to: Mapping[str, Any] | None, kind: str) -> set[str]:
    """Return the keys of `kind` (pool or rep) that a cleaned route names."""
    route = route_to or {}
    return keys_in_steps([route, route.get("skills") or {}], kind)


def keys_in_steps(steps: Collection[Mapping[str, Any]] | None, kind: str) -> set[str]:
    """Return the keys of `kind` (pool or rep) that cleaned steps name."""
    return {step[kind] for step in steps or () if kind in step}


def _clean_step(number: int, step: Any) -> dict[str, Any]:
    try:
        kind, target = _one_of(step, STEPS, "a step")
        if kind in ("pool", "rep"):
            return {kind: _key(kind, target)}
        if kind == "hold_minutes":
            return {kind: _minutes(target)}
        return {kind: _true(kind, target)}
    except ValidationError as error:
        raise ValidationError(f"Step {number + 1}: {error.message}", code=error.code) from None


def _one_of(value: Any, names: Collection[str], what: str) -> tuple[str, Any]:
    if not isinstance(value, Mapping) or len(value) != 1:
        raise ValidationError(f"Choose {what}: exactly one of {', '.join(names)}.")
    ((name, target),) = value.items()
    if name not in names:
        near = did_you_mean(str(name), names)
        raise ValidationError(
            f"“{name}” is not {what}: one of {', '.join(names)}{near}.", code="unknown_key"
        )
    return name, target


def _true(name: str, value: Any) -> bool:
    if value is not True:
        raise ValidationError(f"{name} must be true.", code="wrong_type")
    return True


def _key(name: str, value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValidationError(f"Choose a {name}.", code="missing")
    return value


def _minutes(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValidationError("hold_minutes must be a whole number.", code="wrong_type")
    if not 1 <= value <= LONGEST_HOLD_MINUTES:
        raise ValidationError(f"hold_minutes must be from 1 to {LONGEST_HOLD_MINUTES}.")
    return value


def _known_keys(way: str, value: Any, names: Collection[str]) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ValidationError(f"{way} must be true or have options.", code="wrong_type")
    for name in value:
        if name not in names:
            near = did_you_mean(str(name), names)
            raise ValidationError(f"{way}: unknown key “{name}”{near}.", code="unknown_key")
    return value


def _clean_role(value: Any) -> dict[str, str]:
    return {"role": _key("role", _known_keys("account_owner", value, ("role",)).get("role"))}


def _clean_match(way: str, value: Any) -> dict[str, Any]:
    known = ("match", "match_mode") if way == "territory" else ("pool", "match", "match_mode")
    options = _known_keys(way, value, known)
    fields = clean_lead_fields(options.get("match") or [])
    if not fields:
        raise ValidationError(f"{way}: choose the fields to match skills by.", code="missing")
    mode = options.get("match_mode", "all")
    if mode not in MATCH_MODES:
        raise ValidationError(f"{way}: match_mode is one of {', '.join(MATCH_MODES)}.")
    return {"match": fields} if mode == "all" else {"match": fields, "match_mode": mode}


def _clean_skills(value: Any) -> dict[str, Any]:
    matching = _clean_match("skills", value)
    return {"pool": _key("pool", value.get("pool")), **matching}
