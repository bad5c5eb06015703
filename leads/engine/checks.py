"""Whether a condition tree can be saved: every fault of it, with its place and a proposal.

A tree that passes is compiled without further questions; so nothing in a rule can fail while a
lead is being routed (semantics 3).
"""

import math
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from .config import Scalar, Tree
from .operators import (
    BLANKS,
    EQUALITY,
    LISTS,
    ORDERING,
    SCALARS,
    SYNONYMS,
    backwards,
    field_kind,
    suggestion,
    type_fault,
)
from .vocabulary import FIELDS, FieldKind, Op

MAX_DEPTH = 32
MAX_NODES = 1_000
MAX_VALUES = 10_000
MAX_TEXT = 1_000

Normalise: TypeAlias = Callable[[str, Scalar], object]
Json: TypeAlias = dict[str, object]

UNSAFE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A fault of a tree; `path` is its place within the tree, "" for the root."""

    path: str
    detail: str
    code: str


def check(
    tree: object,
    *,
    normalise: Normalise,
    lists: Collection[str],
    allow: Collection[str] | None = None,
) -> tuple[Tree, list[Problem]]:
    """The tree with values normalised like their fields, and all its faults.

    `normalise(field, value)` gives the value as the field would hold it, or raises ValueError
    with the reason; `lists` are the keys of value lists; `allow` limits the fields. None, "no
    condition", passes. With any fault the tree given back must not be used."""
    if tree is None:
        return None, []
    run = _Check(normalise=normalise, lists=lists, allow=allow)
    return run.node(tree, "", 1), run.problems


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


@dataclass(slots=True, kw_only=True)
class _Check:
    """One walk over one tree; collects its problems."""

    normalise: Normalise
    lists: Collection[str]
    allow: Collection[str] | None
    problems: list[Problem] = field(default_factory=list)
    nodes: int = 0
    values: int = 0

    def fault(self, path: str, detail: str, code: str) -> None:
        self.problems.append(Problem(path=path, detail=detail, code=code))

    def node(self, node: object, path: str, depth: int) -> Json:
        """One node, normalised; what is broken is left out."""
        self.nodes += 1
        if depth > MAX_DEPTH:
            self.fault(path, f"nested deeper than {MAX_DEPTH} levels", "too_deep")
            return {}
        if self.nodes > MAX_NODES:
            if self.nodes == MAX_NODES + 1:
                self.fault(path, f"more than {MAX_NODES} conditions in one tree", "too_large")
            return {}
        if not isinstance(node, Mapping):
            self.fault(path, "a condition must be an object", "wrong_type")
            return {}
        kinds = [kind for kind in ("all", "any", "not", "field") if kind in node]
        if len(kinds) == 1:
            return self.known_node(kinds[0], node, path, depth)
        if kinds:
            self.fault(path, f"only one of {_named(kinds)} may be given", "invalid")
        elif "op" in node or "value" in node:
            self.fault(_join(path, "field"), "this member is required", "required")
            self.operator(node, path)
        else:
            self.unknown_members(node, path, ("all", "any", "not", "field", "op", "value"))
            self.fault(path, 'needs one of "all", "any", "not" or "field"', "required")
        return {}

    def known_node(self, kind: str, node: Mapping[str, object], path: str, depth: int) -> Json:
        if kind == "field":
            return self.test(node, path)
        self.unknown_members(node, path, (kind,))
        place = _join(path, kind)
        child = node[kind]
        if kind == "not":
            return {"not": self.node(child, place, depth + 1)}
        if not isinstance(child, list | tuple):
            self.fault(place, "must be a list of conditions", "wrong_type")
            return {}
        if not child:
            self.fault(place, "must hold at least one condition", "empty")
            return {}
        return {kind: [self.node(one, f"{place}[{i}]", depth + 1) for i, one in enumerate(child)]}

    def unknown_members(
        self, node: Mapping[str, object], path: str, known: tuple[str, ...]
    ) -> None:
        for name in node:
            if name not in known:
                hint = suggestion(str(name), known)
                self.fault(_join(path, str(name)), f'unknown member "{name}"{hint}', "unknown_key")

    def test(self, node: Mapping[str, object], path: str) -> Json:
        self.unknown_members(node, path, ("field", "op", "value"))
        name, kind = self.field(node["field"], _join(path, "field"))
        op = self.operator(node, path)
        if op is None:
            return {}
        place = _join(path, "value")
        if op in BLANKS:
            if node.get("value") is not None:
                self.fault(place, f'"{op}" takes no value', "unknown_key")
            return {"field": name, "op": str(op)}
        if node.get("value") is None:
            self.fault(place, f'"{op}" needs a value', "required")
            return {}
        before = len(self.problems)
        value = self.value(op, name, kind, node["value"], place)
        return {} if len(self.problems) > before else {"field": name, "op": str(op), "value": value}

    def field(self, name: object, path: str) -> tuple[str, FieldKind | None]:
        if not isinstance(name, str):
            self.fault(path, "must be the name of a field", "wrong_type")
            return "", None
        kind = field_kind(name)
        if kind is None:
            hint = suggestion(name, FIELDS)
            self.fault(path, f'unknown field "{name}"{hint}', "unknown_field")
        elif self.allow is not None and name not in self.allow and kind is not FieldKind.CUSTOM:
            self.fault(path, f'field "{name}" cannot be used here', "unknown_field")
        elif UNSAFE.search(name) or len(name) > MAX_TEXT:
            self.fault(path, "is no name of a field", "unknown_field")
        return name, kind

    def operator(self, node: Mapping[str, object], path: str) -> Op | None:
        place = _join(path, "op")
        if "op" not in node:
            self.fault(place, "this member is required", "required")
            return None
        word = node["op"]
        if not isinstance(word, str):
            self.fault(place, "must be the name of an operator", "wrong_type")
            return None
        if word in Op.__members__.values():
            return Op(word)
        plain = word.strip().casefold().replace(" ", "_").replace("-", "_")
        known = SYNONYMS.get(plain)
        hint = f'; did you mean "{known}"?' if known else suggestion(plain, [*Op])
        self.fault(place, f'unknown operator "{word}"{hint}', "unknown_op")
        return None

    def value(self, op: Op, name: str, kind: FieldKind | None, value: object, path: str) -> object:
        if op in LISTS:
            if isinstance(value, Mapping):
                return self.list_reference(value, path)
            if not isinstance(value, list | tuple):
                self.fault(path, f'"{op}" needs a list, or {{"list": key}}', "wrong_type")
                return None
        if op is Op.BETWEEN:
            return self.between(name, kind, value, path)
        if not isinstance(value, list | tuple):
            return self.scalar(op, name, kind, value, path)
        if op in SCALARS or op in ORDERING:
            self.fault(path, f'"{op}" needs one value, not a list', "wrong_type")
            return None
        return self.many(op, name, kind, value, path)

    def many(
        self,
        op: Op,
        name: str,
        kind: FieldKind | None,
        values: list[object] | tuple[object, ...],
        path: str,
    ) -> list[object]:
        if not values:
            self.fault(path, "must hold at least one value", "empty")
        self.values += len(values)
        if self.values > MAX_VALUES:
            self.fault(path, f"more than {MAX_VALUES} values; use a value list", "too_large")
            return []
        return [self.scalar(op, name, kind, one, f"{path}[{i}]") for i, one in enumerate(values)]

    def list_reference(self, value: Mapping[str, object], path: str) -> Json:
        self.unknown_members(value, path, ("list",))
        key = value.get("list")
        if not isinstance(key, str):
            self.fault(_join(path, "list"), "must be the key of a value list", "wrong_type")
        elif key not in self.lists:
            hint = suggestion(key, self.lists)
            self.fault(_join(path, "list"), f'unknown value list "{key}"{hint}', "unknown_list")
        return {"list": key}

    def between(self, name: str, kind: FieldKind | None, value: object, path: str) -> object:
        if not isinstance(value, list | tuple) or len(value) != 2:
            self.fault(path, '"between" needs a list of two values', "wrong_type")
            return None
        ends = [
            self.scalar(Op.BETWEEN, name, kind, end, f"{path}[{i}]") for i, end in enumerate(value)
        ]
        low, high = ends
        if isinstance(low, str) != isinstance(high, str):
            self.fault(path, '"between" needs two numbers or two dates', "wrong_type")
        elif backwards(low, high):
            self.fault(path, "the first value is above the second", "invalid")
        return ends

    def scalar(self, op: Op, name: str, kind: FieldKind | None, value: object, path: str) -> object:
        """One value, normalised, or None after a fault."""
        if not isinstance(value, str | int | float | bool):
            self.fault(path, "must be text, a number, true or false", "wrong_type")
            return None
        if kind is None or not self.sound(value, path):
            return value
        wants = op in EQUALITY or kind is FieldKind.POSTAL
        if wants or (op in ORDERING and kind is FieldKind.NUMBER):
            try:
                value = self.normalised(name, value)
            except ValueError as reason:
                self.fault(path, str(reason), "invalid")
                return None
        wrong = type_fault(op, kind, value)
        if wrong:
            self.fault(path, wrong, "wrong_type")
        return value

    def normalised(self, name: str, value: Scalar) -> Scalar:
        after = self.normalise(name, value)
        if isinstance(after, list | tuple) and len(after) == 1:
            after = after[0]
        return after if isinstance(after, str | int | float | bool) else value

    def sound(self, value: Scalar, path: str) -> bool:
        """Whether the value can be stored and compared at all."""
        if isinstance(value, str):
            if len(value) > MAX_TEXT:
                self.fault(path, f"longer than {MAX_TEXT} characters", "too_large")
                return False
            if UNSAFE.search(value):
                self.fault(path, "holds control characters", "invalid")
                return False
            if not value.strip():
                self.fault(path, 'is empty; use "is_blank"', "empty")
                return False
        elif isinstance(value, float) and not math.isfinite(value):
            self.fault(path, "must be a finite number", "invalid")
            return False
        elif isinstance(value, int) and abs(value) >= 2**63:
            self.fault(path, "does not fit in 64 bits", "invalid")
            return False
        return True


def _named(words: list[str]) -> str:
    return ", ".join(f'"{word}"' for word in words)
