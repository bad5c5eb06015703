"""A map for a sheet of accounts whose columns are another system's (docs/examples has one).

columns: {account: [key, name], sector: industry, subsidiary_of: parent}
keys: [key, parent]                 # names that become keys: Acme Corp. is acme-corp
values: {country: {Philipines: Philippines}}
constants: {tier: growth}           # for every row
ignore: [revenue]                   # columns left out on purpose
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .document import Fault, InvalidDocument, parse_document
from .document.faults import Suggestions, fault_at, quoted
from .document.schema import OBJECTS
from .text import fold

COLUMNS = OBJECTS["accounts"].names
SECTIONS = ("columns", "keys", "values", "constants", "ignore")
#: Columns whose names may be made keys.
KEY_COLUMNS = ("key", "parent", "owner")

Table = list[tuple[int, list[Any]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountMap:
    """File column → account columns, and what is done to the cells."""

    columns: Mapping[str, Sequence[str]]
    keys: frozenset[str] = frozenset()
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    ignore: frozenset[str] = frozenset()

    def header_faults(self, header: Sequence[str]) -> Iterator[str]:
        """What is wrong between the map and a file's columns."""
        suggestions = Suggestions()
        for column in self.columns:
            if column not in header:
                near = suggestions.near(column, header)
                yield f"the file has no column {quoted(column)}, which the map names{near}"
        for column in header:
            if column and column not in self.columns and column not in self.ignore:
                yield f"column {quoted(column)} is not in the map; list it under ignore"

    def mapped(self, table: Table) -> Table:
        """The table with the columns of accounts."""
        header = [str(cell or "").strip() for cell in table[0][1]]
        places = [
            (header.index(column), target)
            for column, targets in self.columns.items()
            for target in targets
        ]
        made: Table = [(table[0][0], [*(target for _, target in places), *self.constants])]
        for number, row in table[1:]:
            if any(cell not in (None, "") for cell in row):
                cells = [self._cell(row, index, target) for index, target in places]
                made.append((number, [*cells, *self.constants.values()]))
        return made

    def _cell(self, row: Sequence[Any], index: int, target: str) -> Any:
        cell = row[index] if index < len(row) else None
        if not isinstance(cell, str):
            return cell
        text = cell.strip()
        text = self.values.get(target, {}).get(text, text)
        return slug(text) if target in self.keys else text


def slug(name: str) -> str:
    """A key made of a name: letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", fold(name)).strip("-")[:100]


def read_account_map(text: str | bytes) -> AccountMap:
    """The map that a YAML text spells. Raises InvalidDocument with every fault."""
    document = parse_document(text)
    faults = list(_faults(document))
    if faults:
        raise InvalidDocument(faults)
    return AccountMap(
        columns={
            str(column): tuple(map(str, targets if isinstance(targets, list) else [targets]))
            for column, targets in document["columns"].items()
        },
        keys=frozenset(document.get("keys") or ()),
        values={
            target: {str(old): str(new) for old, new in table.items()}
            for target, table in (document.get("values") or {}).items()
        },
        constants={name: str(one) for name, one in (document.get("constants") or {}).items()},
        ignore=frozenset(map(str, document.get("ignore") or ())),
    )


def _faults(document: Mapping[str, Any]) -> Iterator[Fault]:
    suggestions = Suggestions()
    for name in document:
        if name not in SECTIONS:
            yield fault_at((name,), f"unknown key{suggestions.near(name, SECTIONS)}")
    if not document.get("columns"):
        yield fault_at(("columns",), "at least one column must be mapped")
    for name, kind in (("columns", dict), ("values", dict), ("constants", dict)):
        if not isinstance(document.get(name) or {}, kind):
            yield fault_at((name,), "must be a mapping")
            return
    for name in ("keys", "ignore"):
        if not isinstance(document.get(name) or [], list):
            yield fault_at((name,), "must be a list")
            return
    yield from _target_faults(document, suggestions)


def _target_faults(document: Mapping[str, Any], suggestions: Suggestions) -> Iterator[Fault]:
    targets = [
        (("columns", str(column)), target)
        for column, said in (document.get("columns") or {}).items()
        for target in (said if isinstance(said, list) else [said])
    ]
    for name in ("values", "constants"):
        targets += [((name, str(target)), target) for target in document.get(name) or {}]
    for place, target in targets:
        if target not in COLUMNS:
            near = suggestions.near(target, COLUMNS)
            yield fault_at(place, f"{quoted(target)} is no key of an account{near}")
    for index, target in enumerate(document.get("keys") or ()):
        if target not in KEY_COLUMNS:
            detail = f"{quoted(target)} is none of {', '.join(KEY_COLUMNS)}"
            yield fault_at(("keys", index), detail)
    for target, table in (document.get("values") or {}).items():
        if not isinstance(table, dict):
            yield fault_at(("values", str(target)), "must map what stands there to what it means")
