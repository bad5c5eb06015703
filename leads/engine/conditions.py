"""Condition trees (semantics 3) as tests that a lead passes or not.

`check` refuses what cannot be run; `compile_tree` turns what passed into nodes whose `test` is a
closure over folded values. Negative operators are the exact negation of their positive ones; a
blank field makes the positive ones false and thereby the negative ones true.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from operator import ge, gt, le, lt
from typing import TypeAlias

from .checks import Problem, check
from .config import Tree, ValueList
from .errors import BrokenCondition
from .facts import Lead, as_instant, as_number, fold_scalar, fold_text
from .operators import EQUALITY, ORDERING
from .vocabulary import FIELDS, FieldKind, Op

__all__ = ["ALWAYS", "Branch", "Leaf", "Node", "Problem", "Test", "check", "compile_tree"]

Test: TypeAlias = Callable[[Lead], bool]
Order: TypeAlias = Callable[[float, float], bool]

NEGATED = {
    Op.NE: Op.EQ,
    Op.NOT_IN: Op.IN,
    Op.EXCLUDES: Op.INCLUDES,
    Op.NOT_CONTAINS: Op.CONTAINS,
    Op.NOT_STARTS_WITH: Op.STARTS_WITH,
    Op.IS_NOT_BLANK: Op.IS_BLANK,
}
ORDERS: dict[Op, Order] = {Op.GT: gt, Op.GTE: ge, Op.LT: lt, Op.LTE: le}


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """A test of one field. `values` are the rule's values for words and traces; `tokens` the
    folded texts of which the field must equal one, where the test is just that."""

    field: str
    op: Op
    values: tuple[object, ...]
    test: Test
    tokens: frozenset[str] | None = None
    list_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """`all`, `any` or `not` of its children."""

    kind: str
    children: tuple["Node", ...]
    test: Test


Node: TypeAlias = Leaf | Branch


def _always(lead: Lead) -> bool:
    return True


#: What no condition compiles to.
ALWAYS = Branch(kind="all", children=(), test=_always)


def compile_tree(tree: Tree, lists: Mapping[str, ValueList]) -> Node:
    """The tree as nodes; None gives ALWAYS. An inactive value list is empty.

    Raises BrokenCondition for a tree that `check` would have refused."""
    if tree is None:
        return ALWAYS
    if "field" in tree:
        return _compile_leaf(tree, lists)
    for kind in ("all", "any", "not"):
        if kind in tree:
            child = tree[kind]
            children = child if isinstance(child, list | tuple) else [child]
            return _branch(kind, tuple(compile_tree(_object(one), lists) for one in children))
    raise BrokenCondition(f"no condition: {tree!r}")


def _object(node: object) -> Mapping[str, object]:
    if not isinstance(node, Mapping):
        raise BrokenCondition(f"no condition: {node!r}")
    return node


def _branch(kind: str, children: tuple[Node, ...]) -> Branch:
    tests = tuple(child.test for child in children)
    if kind == "all":
        return Branch(kind=kind, children=children, test=_all_test(tests))
    if kind == "any":
        return Branch(kind=kind, children=children, test=_any_test(tests))
    inner = tests[0]
    return Branch(kind=kind, children=children, test=lambda lead: not inner(lead))


def all_of(tests: tuple[Test, ...]) -> Test:
    """A test that holds when all hold; no test always does."""
    return _all_test(tests) if tests else _always


def _all_test(tests: tuple[Test, ...]) -> Test:
    if len(tests) == 1:
        return tests[0]
    if len(tests) == 2:
        first, second = tests
        return lambda lead: first(lead) and second(lead)

    def test(lead: Lead) -> bool:
        for one in tests:  # noqa: SIM110 - a generator costs twice as much on the hot path
            if not one(lead):
                return False
        return True

    return test


def _any_test(tests: tuple[Test, ...]) -> Test:
    def test(lead: Lead) -> bool:
        for one in tests:  # noqa: SIM110 - as above
            if one(lead):
                return True
        return False

    return test


def _compile_leaf(tree: Mapping[str, object], lists: Mapping[str, ValueList]) -> Leaf:
    field, word, value = tree["field"], tree.get("op"), tree.get("value")
    if not isinstance(field, str) or word not in Op.__members__.values():
        raise BrokenCondition(f"no condition: {tree!r}")
    op = Op(str(word))
    list_key: str | None = None
    if isinstance(value, Mapping):
        list_key = str(value.get("list"))
        found = lists.get(list_key)
        values: tuple[object, ...] = found.values if found is not None and found.active else ()
    elif isinstance(value, list | tuple):
        values = tuple(value)
    else:
        values = () if value is None else (value,)
    positive = NEGATED.get(op, op)
    test, tokens = _positive_test(field, positive, values)
    if positive is not op:
        test, tokens = _negation(test), None
    return Leaf(field=field, op=op, values=values, test=test, tokens=tokens, list_key=list_key)


def _negation(test: Test) -> Test:
    return lambda lead: not test(lead)


def _positive_test(
    field: str, op: Op, values: tuple[object, ...]
) -> tuple[Test, frozenset[str] | None]:
    if op is Op.IS_BLANK:
        return lambda lead: lead[field] is None, None
    if op in ORDERING:
        return _ordering_test(field, op, values), None
    if op in EQUALITY and FIELDS.get(field) is FieldKind.DATE:
        return _date_test(field, values), None
    if op in EQUALITY:
        folded = {token for value in values if (token := fold_scalar(value)) is not None}
        tokens = frozenset(folded)
        if op is Op.INCLUDES_ALL:
            return _includes_all_test(field, tokens), None
        return _membership_test(field, tokens), tokens
    return _substring_test(field, op, tuple(_needle(value) for value in values)), None


def _membership_test(field: str, tokens: frozenset[str]) -> Test:
    def test(lead: Lead) -> bool:
        value = lead[field]
        if value.__class__ is tuple:
            return not tokens.isdisjoint(value or ())
        return value in tokens

    return test


def _includes_all_test(field: str, tokens: frozenset[str]) -> Test:
    def test(lead: Lead) -> bool:
        value = lead[field]
        return value is not None and tokens <= set((value,) if isinstance(value, str) else value)

    return test


def _needle(value: object) -> str:
    """A part of a text as it is compared: its outer white space counts ("the ")."""
    return fold_text(value) if isinstance(value, str) else fold_scalar(value) or ""


def _substring_test(field: str, op: Op, needles: tuple[str, ...]) -> Test:
    def holds(text: str) -> bool:
        if op is Op.STARTS_WITH:
            return text.startswith(needles)
        if op is Op.ENDS_WITH:
            return text.endswith(needles)
        return any(needle in text for needle in needles)

    def test(lead: Lead) -> bool:
        value = lead[field]
        if value is None:
            return False
        return holds(value) if isinstance(value, str) else any(holds(one) for one in value)

    return test


def _elements(lead: Lead, field: str) -> tuple[object, ...]:
    value = lead.raw(field)
    return value if isinstance(value, tuple) else (value,)


def _ordering_test(field: str, op: Op, values: tuple[object, ...]) -> Test:
    if values and isinstance(values[0], str):
        return _date_order_test(field, op, values)
    if op is Op.BETWEEN:
        low, high = as_number(values[0]), as_number(values[1])
        if low is None or high is None:
            raise BrokenCondition(f"{field}: not two numbers: {values!r}")
        return _number_test(field, low, high)
    bound, order = (as_number(values[0]) if values else None), ORDERS[op]
    if bound is None:
        raise BrokenCondition(f"{field}: no number: {values!r}")

    def test(lead: Lead) -> bool:
        value = lead.facts.get(field)
        if value.__class__ is int or value.__class__ is float:
            return order(value, bound)
        return any(
            (number := as_number(one)) is not None and order(number, bound)
            for one in _elements(lead, field)
        )

    return test


def _number_test(field: str, low: int | float, high: int | float) -> Test:
    def test(lead: Lead) -> bool:
        return any(
            (number := as_number(one)) is not None and low <= number <= high
            for one in _elements(lead, field)
        )

    return test


def _date_order_test(field: str, op: Op, values: tuple[object, ...]) -> Test:
    bounds = tuple(_bound(field, value) for value in values)
    orders = (ge, le) if op is Op.BETWEEN else (ORDERS[op],)
    wanted: tuple[tuple[Order, datetime | date], ...] = tuple(zip(orders, bounds, strict=True))

    def test(lead: Lead) -> bool:
        for one in _elements(lead, field):
            instant = as_instant(one)
            if instant is not None and all(
                order(_compare(instant, bound), 0) for order, bound in wanted
            ):
                return True
        return False

    return test


def _date_test(field: str, values: tuple[object, ...]) -> Test:
    bounds = tuple(bound for value in values if (bound := as_instant(value)) is not None)

    def test(lead: Lead) -> bool:
        instants = [i for one in _elements(lead, field) if (i := as_instant(one)) is not None]
        return any(_compare(instant, bound) == 0 for instant in instants for bound in bounds)

    return test


def _bound(field: str, value: object) -> datetime | date:
    bound = as_instant(value)
    if bound is None:
        raise BrokenCondition(f"{field}: no date: {value!r}")
    return bound


def _compare(one: datetime | date, other: datetime | date) -> int:
    """-1, 0 or 1 as `one` is before, at or after `other`; where either is a day, by days."""
    if isinstance(one, datetime) and isinstance(other, datetime):
        return (one > other) - (one < other)
    first, second = _day(one), _day(other)
    return (first > second) - (first < second)


def _day(instant: datetime | date) -> date:
    return instant.date() if isinstance(instant, datetime) else instant
