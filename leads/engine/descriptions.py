"""Conditions in plain English: what a tree asks for, and which of its tests a lead failed."""

from collections.abc import Mapping
from dataclasses import dataclass

from .conditions import ALWAYS, Branch, Leaf, Node
from .facts import Lead
from .vocabulary import Op

WORDS: Mapping[Op, str] = {
    Op.EQ: "is",
    Op.NE: "is not",
    Op.IN: "is one of",
    Op.NOT_IN: "is none of",
    Op.CONTAINS: "contains",
    Op.NOT_CONTAINS: "does not contain",
    Op.STARTS_WITH: "starts with",
    Op.NOT_STARTS_WITH: "does not start with",
    Op.ENDS_WITH: "ends with",
    Op.GT: "is above",
    Op.GTE: "is at least",
    Op.LT: "is below",
    Op.LTE: "is at most",
    Op.BETWEEN: "is between",
    Op.INCLUDES: "includes",
    Op.INCLUDES_ALL: "includes all of",
    Op.EXCLUDES: "includes none of",
    Op.IS_BLANK: "is blank",
    Op.IS_NOT_BLANK: "is not blank",
}

#: Of a longer list of values this many are named.
NAMED_VALUES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """The first test that kept a condition from holding."""

    field: str
    op: Op
    value: object
    actual: object
    text: str


def describe(node: Node) -> str:
    """What the condition asks for; "every lead" where it asks for nothing."""
    if node is ALWAYS:
        return "every lead"
    if isinstance(node, Leaf):
        return _test_words(node)
    if node.kind == "not":
        return f"not ({describe(node.children[0])})"
    word = "and" if node.kind == "all" else "or"
    return f" {word} ".join(_in_brackets(child, node) for child in node.children)


def first_failure(node: Node, lead: Lead) -> Failure | None:
    """The first test that the lead failed, or None where the condition holds."""
    if node.test(lead):
        return None
    if isinstance(node, Leaf):
        needed = _test_words(node)
        return _failure(node, lead, f"needs that {needed}; {actual_words(node.field, lead)}")
    if node.kind == "not":
        leaf = _first_leaf(node)
        inner = describe(node.children[0])
        return _failure(leaf, lead, f"needs that not ({inner}); {actual_words(leaf.field, lead)}")
    failed = (first_failure(child, lead) for child in node.children)
    failure = next((one for one in failed if one is not None), None)
    if failure is None or node.kind == "all":
        return failure
    return Failure(
        field=failure.field,
        op=failure.op,
        value=failure.value,
        actual=failure.actual,
        text=f"needs that {describe(node)}; {_all_actual(node, lead)}",
    )


def actual_words(field: str, lead: Lead) -> str:
    """What the lead's field holds, in words."""
    value = lead.raw(field)
    return f"{field} is {'blank' if lead[field] is None else value_words(value)}"


def value_words(value: object) -> str:
    """One value or several, in words."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple | list):
        named = ", ".join(value_words(one) for one in value[:NAMED_VALUES])
        more = len(value) - NAMED_VALUES
        return f"{named} and {more} more" if more > 0 else named
    return str(value)


def json_value(value: object) -> object:
    """The value as JSON holds it."""
    return list(value) if isinstance(value, tuple) else value


def _test_words(leaf: Leaf) -> str:
    start = f"{leaf.field} {WORDS[leaf.op]}"
    if leaf.op in (Op.IS_BLANK, Op.IS_NOT_BLANK):
        return start
    if leaf.list_key is not None:
        return f"{start} the list {leaf.list_key}"
    if leaf.op is Op.BETWEEN:
        return f"{start} {' and '.join(value_words(value) for value in leaf.values)}"
    return f"{start} {value_words(leaf.values)}"


def _in_brackets(child: Node, parent: Branch) -> str:
    mixed = isinstance(child, Branch) and child.kind in ("all", "any") and child.kind != parent.kind
    return f"({describe(child)})" if mixed else describe(child)


def _first_leaf(node: Node) -> Leaf:
    while not isinstance(node, Leaf):
        node = node.children[0]
    return node


def _failure(leaf: Leaf, lead: Lead, text: str) -> Failure:
    value: object = leaf.values
    if leaf.list_key is not None:
        value = {"list": leaf.list_key}
    elif leaf.op in (Op.EQ, Op.NE, Op.GT, Op.GTE, Op.LT, Op.LTE):
        value = leaf.values[0] if leaf.values else None
    elif not leaf.values:
        value = None
    actual = json_value(lead.raw(leaf.field))
    return Failure(field=leaf.field, op=leaf.op, value=json_value(value), actual=actual, text=text)


def _all_actual(node: Branch, lead: Lead) -> str:
    fields: dict[str, None] = {}
    _collect(node, fields)
    return " and ".join(actual_words(field, lead) for field in fields)


def _collect(node: Node, fields: dict[str, None]) -> None:
    if isinstance(node, Leaf):
        fields[node.field] = None
        return
    for child in node.children:
        _collect(child, fields)
