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
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from heapq import heappop, heappush, heapreplace
from itertools import product
from operator import attrgetter, itemgetter
from typing import TypeAlias

from .conditions import Branch, Leaf, Node, Test, all_of, compile_tree
from .config import Rule, ValueList
from .facts import Lead
from .vocabulary import FIELDS, FieldKind

#: Places that one rule may take on one shelf; fields with more combinations are tested instead.
MAX_PLACES = 64
#: A single field may name this many values: a value list of countries, say.
MAX_VALUES = 2_000
#: Shelves on which the branches of an `any` may put one rule.
MAX_ALTERNATIVES = 8

Constraint: TypeAlias = dict[str, Leaf]
#: Places being read: the position of the next rule, its index there, and the place.
Heap: TypeAlias = list[tuple[int, int, list[int]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyRule:
    """A rule with its conditions compiled; `position` is its place in priority order and `rest`
    tests what its shelf has not established."""

    rule: Rule
    position: int
    node: Node
    rest: Test
    dated: bool

    def in_effect(self, today: Callable[[], date]) -> bool:
        """Whether today lies in the rule's effective dates, ends included."""
        rule = self.rule
        if rule.effective_from is not None and today() < rule.effective_from:
            return False
        return rule.effective_to is None or today() <= rule.effective_to


class Shelf:
    """Rules that hold the same fields to values, by these values.

    The key of a place is what `itemgetter` gives: one value, or a tuple of several."""

    __slots__ = ("fields", "find_one", "first", "getter", "multi", "places")

    def __init__(self, fields: tuple[str, ...], first: int) -> None:
        self.fields = fields
        self.first = first
        self.getter = itemgetter(*fields) if fields else _no_field
        self.multi = any(may_hold_several(name) for name in fields)
        self.places: dict[object, list[int]] = {}
        #: The place of a key, where no field may hold several values.
        self.find_one = self.places.get

    def find(self, lead: Lead) -> list[list[int]]:
        """The places where a lead's values lead to, if some may hold several."""
        options: list[Sequence[str]] = []
        for name in self.fields:
            value = lead[name]
            if value is None:
                return []
            options.append((value,) if isinstance(value, str) else tuple(dict.fromkeys(value)))
        keys = options[0] if len(options) == 1 else product(*options)
        return [found for key in keys if (found := self.places.get(key))]


def may_hold_several(field: str) -> bool:
    """Whether a lead's field may hold several values at once."""
    return FIELDS.get(field, FieldKind.CUSTOM) in (FieldKind.MULTI, FieldKind.CUSTOM)


def _no_field(lead: Lead) -> object:
    return ()


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
            dated = rule.effective_from is not None or rule.effective_to is not None
            ready.append(ReadyRule(rule=rule, position=position, node=node, rest=rest, dated=dated))
            for filing in filings:
                _file(shelves, position, filing)
        self.rules = tuple(ready)
        self.by_key = {one.rule.key: one for one in ready}
        self._shelves = sorted(shelves.values(), key=lambda shelf: shelf.first)

    def matching(
        self, lead: Lead, today: Callable[[], date], after: int = -1
    ) -> Iterator[ReadyRule]:
        """Rules in effect whose conditions hold, by priority, from behind the position `after`."""
        rules, last, count = self.rules, after, len(self._shelves)
        heap: Heap = []
        opened = self._open(lead, heap, 0)
        if opened == count and len(heap) == 1:
            yield from self._of_one_place(heap[0][2], lead, today, after)
            return
        while heap:
            position, index, place = heap[0]
            if position > last:
                last = position
                ready = rules[position]
                if ready.rest(lead) and (not ready.dated or ready.in_effect(today)):
                    yield ready
            if index + 1 < len(place):
                heapreplace(heap, (place[index + 1], index + 1, place))
            else:
                heappop(heap)
            if opened < count:
                opened = self._open(lead, heap, opened)

    def _of_one_place(
        self, place: list[int], lead: Lead, today: Callable[[], date], after: int
    ) -> Iterator[ReadyRule]:
        """The same where only one place is left to read."""
        rules = self.rules
        for position in place:
            ready = rules[position]
            if (
                ready.rest(lead)
                and position > after
                and (not ready.dated or ready.in_effect(today))
            ):
                yield ready

    def _open(self, lead: Lead, heap: Heap, opened: int) -> int:
        """Open shelves as long as one could hold a rule before those in hand."""
        shelves = self._shelves
        for shelf in shelves[opened:] if opened else shelves:
            if heap and heap[0][0] < shelf.first:
                return opened
            opened += 1
            if shelf.multi:
                for place in shelf.find(lead):
                    heappush(heap, (place[0], 0, place))
            else:
                found = shelf.find_one(shelf.getter(lead))
                if found is not None:
                    heappush(heap, (found[0], 0, found))
        return opened


def rule_digest(rule: Rule) -> str:
    """A digest of all that a rule says; equal as long as the rule is unchanged."""
    said = json.dumps(asdict(rule), sort_keys=True, default=str)
    return hashlib.sha256(said.encode()).hexdigest()[:32]


def _file(shelves: dict[tuple[str, ...], Shelf], position: int, filing: Constraint) -> None:
    names = tuple(sorted(filing))
    shelf = shelves.get(names)
    if shelf is None:
        shelf = shelves[names] = Shelf(names, position)
    for key in product(*(filing[name].tokens or () for name in names)):
        where: object = key[0] if len(names) == 1 else key
        place = shelf.places.setdefault(where, [])
        if not place or place[-1] != position:
            place.append(position)


def _narrowed(constraint: Constraint) -> Constraint:
    """As many of the fields as keep the number of places small, those of few values first.

    Fields that may hold several values cost a lookup each: they serve where there is no other."""
    kept: Constraint = {}
    places = 1
    plain = {name: leaf for name, leaf in constraint.items() if not may_hold_several(name)}
    constraint = plain or constraint
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
