"""The shapes of routing: targets, conditions, the ways of a rule and its fallback steps."""

import re
from dataclasses import dataclass
from typing import Any

from leads.engine.conditions import check
from leads.engine.operators import field_kind
from leads.engine.vocabulary import FIELDS
from territories.validators.routing import (
    LONGEST_HOLD_MINUTES,
    MATCH_MODES,
    SEGMENT_FIELDS,
)
from territories.values import normalise_value

from .faults import Place, quoted
from .kinds import (
    Choice,
    Field,
    Kind,
    ListOf,
    Reading,
    Ref,
    Slug,
    Struct,
    Whole,
    Wrong,
    refuse_unknown_keys,
    text_of,
)

#: Whole numbers past this are spelt differently by JSON columns of the two databases.
_EXACT_FLOAT = 2.0**53
_PATH_PART = re.compile(r"\[(\d+)\]|([^.\[\]]+)")
#: The order in which a condition or a route is written, whatever order it was stored in.
_ORDER = {
    name: rank
    for rank, name in enumerate(
        ("all", "any", "not", "field", "op", "value", "pool", "rep", "role", "match", "match_mode")
    )
}


def canonical(value: Any) -> Any:
    """JSON with the keys of each object in one order (a JSON column keeps none) and whole
    numbers written as such."""
    kind = type(value)
    if kind is dict:
        names = sorted(value, key=_rank) if len(value) > 1 else value
        return {name: canonical(value[name]) for name in names}
    if kind is list:
        return [canonical(item) for item in value]
    if kind is float and value.is_integer() and abs(value) < _EXACT_FLOAT:
        return int(value)
    return value


def _rank(name: str) -> tuple[int, str]:
    return _ORDER.get(name, len(_ORDER)), name


def place_of(path: str) -> Place:
    """The place that a path names: `all[0].op` → ("all", 0, "op")."""
    return tuple(
        int(match[1]) if match[1] is not None else match[2] for match in _PATH_PART.finditer(path)
    )


@dataclass(frozen=True, slots=True)
class Conditions(Kind):
    """A condition tree, or null, which matches every lead. A territory's segment cannot ask
    for everything (`segment`)."""

    segment: bool = False

    def read(self, value: Any, at: Place, reading: Reading) -> Any:
        lists = reading.known["value_lists"]
        allow = SEGMENT_FIELDS if self.segment else None
        tree, problems = check(value, normalise=normalise_value, lists=lists, allow=allow)
        for problem in problems:
            reading.fault((*at, *place_of(problem.path)), problem.detail, problem.code)
        return None if problems else canonical(tree)


@dataclass(frozen=True, slots=True)
class LeadField(Kind):
    """The name of a lead's field, standard or `custom.<name>`."""

    def read(self, value: Any, at: Place, reading: Reading) -> str:
        name = text_of(value)
        if field_kind(name) is None:
            near = reading.near(name, FIELDS)
            raise Wrong(f"unknown field {quoted(name)}{near}", "unknown_field")
        return name


@dataclass(frozen=True, slots=True)
class Target(Kind):
    """`{pool: key}` or `{rep: key}`; null is nobody."""

    def read(self, value: Any, at: Place, reading: Reading) -> dict[str, Any] | None:
        if value is None:
            return None
        if not isinstance(value, dict):
            raise Wrong("must be {pool: key} or {rep: key}", "type")
        return _one_way(_TARGETS, value, at, reading)


@dataclass(frozen=True, slots=True)
class Owner(Kind):
    """A rep's key, or `{pool: key}`; null is nobody."""

    def read(self, value: Any, at: Place, reading: Reading) -> Any:
        if value is None or value == "":
            return None
        if not isinstance(value, dict):
            return Ref("reps").read(value, at, reading)
        target = _one_way(_TARGETS, value, at, reading)
        return target.get("rep", target) if target else None


@dataclass(frozen=True, slots=True)
class Roles(Kind):
    """Owners of an account by role: a mapping of a word to a target."""

    def read(self, value: Any, at: Place, reading: Reading) -> dict[str, Any]:
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise Wrong("must be a mapping such as {sdr: {pool: key}}", "type")
        roles = {}
        for role in sorted(value, key=str):
            name = str(role)
            reading.read(Slug(), role, (*at, name))
            roles[name] = self._owner(value[role], (*at, name), reading)
        return roles

    def _owner(self, value: Any, at: Place, reading: Reading) -> Any:
        owner = reading.read(Owner(), value, at)
        if value is None or value == "":
            reading.fault(at, "required", "required")
        return {"rep": owner} if isinstance(owner, str) else owner


@dataclass(frozen=True, slots=True)
class Yes(Kind):
    """true; a way that is not taken is left out."""

    def read(self, value: Any, at: Place, reading: Reading) -> bool:
        if value is not True:
            raise Wrong("must be true", "type")
        return True


@dataclass(frozen=True, slots=True)
class YesOr(Kind):
    """true, or a mapping with options."""

    options: Kind

    def read(self, value: Any, at: Place, reading: Reading) -> Any:
        if value is True:
            return True
        if not isinstance(value, dict):
            raise Wrong("must be true or a mapping of options", "type")
        return self.options.read(value, at, reading)


@dataclass(frozen=True, slots=True)
class Match(Kind):
    """A struct whose `match_mode` is left out where it is the usual `all`."""

    struct: Struct

    def read(self, value: Any, at: Place, reading: Reading) -> dict[str, Any]:
        made = self.struct.read(value, at, reading)
        if made["match_mode"] in ("all", None):
            del made["match_mode"]
        return made


@dataclass(frozen=True, slots=True)
class RouteTo(Kind):
    """Where a rule sends a lead: exactly one of the seven ways of semantics 6."""

    def read(self, value: Any, at: Place, reading: Reading) -> dict[str, Any] | None:
        if not isinstance(value, dict):
            raise Wrong(f"must be a mapping with one of {', '.join(_WAYS)}", "type")
        return _one_way(_WAYS, value, at, reading)


@dataclass(frozen=True, slots=True)
class Step(Kind):
    """One step of a rule's fallback."""

    def read(self, value: Any, at: Place, reading: Reading) -> dict[str, Any] | None:
        if not isinstance(value, dict):
            raise Wrong(f"must be a mapping with one of {', '.join(_STEPS)}", "type")
        return _one_way(_STEPS, value, at, reading)


def _one_way(
    ways: dict[str, Kind], value: dict[str, Any], at: Place, reading: Reading
) -> dict[str, Any] | None:
    """The mapping, which must have exactly one of the keys `ways`; None after a fault."""
    refuse_unknown_keys(value, ways, at, reading)
    chosen = [way for way in ways if way in value]
    if len(chosen) > 1:
        reading.fault(at, f"only one of {', '.join(chosen)} may be given")
        return None
    if not chosen:
        if all(key in ways for key in value):
            reading.fault(at, f"needs one of {', '.join(ways)}", "required")
        return None
    way = chosen[0]
    return {way: reading.read(ways[way], value[way], (*at, way))}


def _match(*fields: Field) -> Match:
    return Match(
        Struct(
            (
                *fields,
                Field("match", ListOf(LeadField(), least=1)),
                Field("match_mode", Choice(MATCH_MODES), "all"),
            )
        )
    )


_TARGETS: dict[str, Kind] = {"pool": Ref("pools"), "rep": Ref("reps")}
_WAYS: dict[str, Kind] = {
    "account_owner": YesOr(Struct((Field("role", Slug()),))),
    "territory": YesOr(_match()),
    "pool": Ref("pools"),
    "skills": _match(Field("pool", Ref("pools"))),
    "rep": Ref("reps"),
    "keep_owner": Yes(),
    "nurture": Yes(),
}
_STEPS: dict[str, Kind] = {
    "backup": Yes(),
    "manager": Yes(),
    "pool": Ref("pools"),
    "rep": Ref("reps"),
    "hold_minutes": Whole(1, LONGEST_HOLD_MINUTES),
    "next_rule": Yes(),
}
