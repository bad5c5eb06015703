"""Which rules a lead may match, in priority order, without trying them all (semantics 6).

A rule is filed under the fields that it holds to given values (`eq`, `in`, `includes` in its
outermost `all`, or in every branch of an `any`), on a shelf for that set of fields, by each
combination of the values. A lead's own values name the few places to look. Shelves are opened in
the order of their first rule and only while a rule on them could come before those in hand, so a
match near the top ends the search early. Rules that hold no field to a value are on a shelf that
every lead looks at.

What a place holds is a superset of what matches: the rest of the conditions is tested on the lead.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from heapq import heappop, heappush, heapreplace
from itertools import product
from operator import attrgetter
from typing import TypeAlias

from .conditions import Branch, Leaf, Node, Test, all_of, compile_tree
from .config import Rule, ValueList
from .facts import Folded, Lead

#: Places that one rule may take on one shelf; fields with more combinations are tested instead.
MAX_PLACES = 64
#: A single field may name this many values: a value list of countries, say.
MAX_VALUES = 2_000
#: Shelves on which the branches of an `any` may put one rule.
MAX_ALTERNATIVES = 8

Constraint: TypeAlias = dict[str, Leaf]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyRule:
    """A rule with its conditions compiled; `position` is its place in priority order and `rest`
    tests what its shelf has not established."""

    rule: Rule
    position: int
    node: Node
    rest: Test

    def in_effect(self, today: Callable[[], date]) -> bool:
        """Whether today lies in the rule's effective dates, ends included."""
        rule = self.rule
        if rule.effective_from is not None and today() < rule.effective_from:
            return False
        return rule.effective_to is None or today() <= rule.effective_to


@dataclass(slots=True, kw_only=True)
class Shelf:
    """Rules that hold the same fields to values, by these values."""

    fields: tuple[str, ...]
    first: int
    single: str | None
    places: dict[object, list[int]] = field(default_factory=dict)

    def find(self, lead: Lead) -> list[list[int]]:
        """The places where the lead's values lead to; positions in each are in order."""
        places = self.places
        if self.single is not None:
            value = lead[self.single]
            if value is None:
                return []
            if isinstance(value, str):
                found = places.get(value)
                return [found] if found else []
            return [found for one in set(value) if (found := places.get(one))]
        values: list[Folded] = [lead[name] for name in self.fields]
        if None in values:
            return []
        key = tuple(values)
        found = places.get(key)
        if found:
            return [found]
        if any(isinstance(value, tuple) for value in values):
            return self._find_any(values)
        return []

    def _find_any(self, values: Sequence[Folded]) -> list[list[int]]:
        options = [
            (value,) if isinstance(value, str) else sorted(set(value or ())) for value in values
        ]
        return [found for key in product(*options) if (found := self.places.get(key))]


class RuleIndex:
    """The active rules of a configuration."""

    __slots__ = ("_shelves", "by_key", "rules")

    def __init__(self, rules: Sequence[Rule], lists: Mapping[str, ValueList]) -> None:
        active = sorted((rule for rule in rules if rule.active), key=attrgetter("priority", "key"))
        shelves: dict[tuple[str, ...], Shelf] = {}
        ready: list[ReadyRule] = []
        for position, rule in enumerate(active):
            node = compile_tree(rule.conditions, lists)
            filings = [_narrowed(constraint) for constraint in _constraints(node)]
            rest = _rest(node, filings)
            ready.append(ReadyRule(rule=rule, position=position, node=node, rest=rest))
            for filing in filings:
                _file(shelves, position, filing)
        self.rules = tuple(ready)
        self.by_key = {one.rule.key: one for one in ready}
        self._shelves = sorted(shelves.values(), key=lambda shelf: shelf.first)

    def candidates(self, lead: Lead, after: int = -1) -> Iterator[ReadyRule]:
        """Rules that may match, by priority, from behind the position `after`."""
        shelves, opened, last = self._shelves, 0, after
        heap: list[tuple[int, int, list[int]]] = []
        while True:
            while opened < len(shelves) and (not heap or shelves[opened].first < heap[0][0]):
                for place in shelves[opened].find(lead):
                    heappush(heap, (place[0], 0, place))
                opened += 1
            if not heap:
                return
            position, index, place = heap[0]
            if position > last:
                last = position
                yield self.rules[position]
            if index + 1 < len(place):
                heapreplace(heap, (place[index + 1], index + 1, place))
            else:
                heappop(heap)


def rule_digest(rule: Rule) -> str:
    """A digest of all that a rule says; equal as long as the rule is unchanged."""
    return hashlib.sha256(repr(rule).encode()).hexdigest()[:32]


def _file(shelves: dict[tuple[str, ...], Shelf], position: int, filing: Constraint) -> None:
    names = tuple(sorted(filing))
    shelf = shelves.get(names)
    if shelf is None:
        single = names[0] if len(names) == 1 else None
        shelf = shelves[names] = Shelf(fields=names, first=position, single=single)
    options = [filing[name].tokens or frozenset() for name in names]
    for key in product(*options):
        where: object = key if shelf.single is None else key[0]
        place = shelf.places.setdefault(where, [])
        if not place or place[-1] != position:
            place.append(position)


def _narrowed(constraint: Constraint) -> Constraint:
    """As many of the fields as keep the number of places small, those of few values first."""
    kept: Constraint = {}
    places = 1
    for name in sorted(constraint, key=lambda name: (len(constraint[name].tokens or ()), name)):
        count = len(constraint[name].tokens or ())
        if places * count <= MAX_PLACES or (not kept and count <= MAX_VALUES):
            kept[name] = constraint[name]
            places *= count
    return kept


def _constraints(node: Node) -> list[Constraint]:
    """Ways to hold: where the node holds, the lead has a value of each field of at least one."""
    if isinstance(node, Leaf):
        return [{} if node.tokens is None else {node.field: node}]
    if node.kind == "all":
        return _of_all(node)
    if node.kind == "any":
        ways = [way for child in node.children for way in _constraints(child)]
        if len(ways) <= MAX_ALTERNATIVES and all(ways):
            return ways
    return [{}]


def _of_all(node: Branch) -> list[Constraint]:
    ways: list[Constraint] = [{}]
    for child in node.children:
        inner = _constraints(child)
        if len(ways) * len(inner) <= MAX_ALTERNATIVES:
            ways = [_joined(way, other) for way in ways for other in inner]
    return ways


def _joined(way: Constraint, other: Constraint) -> Constraint:
    """Both; of two tests of one field the one with fewer values (a multi-valued field may meet
    each with another value, so the two cannot be intersected)."""
    joined = dict(way)
    for name, leaf in other.items():
        known = joined.get(name)
        if known is None or len(leaf.tokens or ()) < len(known.tokens or ()):
            joined[name] = leaf
    return joined


def _rest(node: Node, filings: Sequence[Constraint]) -> Test:
    """What is left to test on a lead that was found at the rule's place."""
    if len(filings) != 1:
        return node.test
    established = {id(leaf) for leaf in filings[0].values()}
    if isinstance(node, Leaf):
        return all_of(()) if id(node) in established else node.test
    if node.kind != "all":
        return node.test
    return all_of(tuple(child.test for child in node.children if id(child) not in established))
