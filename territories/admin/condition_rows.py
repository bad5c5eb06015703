"""Conditions as rows of field / operator / value, combined with all or any.

The stored tree travels in a hidden input. A row that was not touched gives back exactly the test
it came from; a tree with nesting, which rows cannot show, is displayed as a sentence and kept
unless the person ticks "replace". So nothing is lost by saving.
"""

import csv
import json
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from leads.engine.descriptions import WORDS
from leads.engine.operators import BLANKS, LISTS, ORDERING, SCALARS, field_kind
from leads.engine.vocabulary import FIELDS, FieldKind, Op
from territories.models import ValueList
from territories.words import condition_lines

from .fields import TemplateWidget

EXTRA_ROWS = 3
#: The operator with a value list in place of values; shown as a choice of its own.
IN_LIST = {f"{op}:list": op for op in sorted(LISTS)}
OPERATORS = [
    *((op.value, words) for op, words in WORDS.items()),
    *((name, f"{WORDS[op]} the list") for name, op in IN_LIST.items()),
]
CUSTOM = "custom"
TRUTHS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}

Row = dict[str, str]


def rows_of(tree: Any) -> tuple[str, list[Mapping[str, Any]]] | None:
    """Return how the tests of a tree are combined and the tests; None where rows cannot show
    it."""
    if tree is None:
        return "all", []
    if "field" in tree:
        return "all", [tree]
    for kind in ("all", "any"):
        if kind in tree and all("field" in child for child in tree[kind]):
            return kind, list(tree[kind])
    return None


def row_of(test: Mapping[str, Any]) -> Row:
    """Return a test as the texts of one row."""
    field, op, value = test["field"], test["op"], test.get("value")
    name = field.removeprefix("custom.") if field.startswith("custom.") else ""
    row = {"field": CUSTOM if name else field, "name": name, "op": op, "value": ""}
    if isinstance(value, Mapping):
        return {**row, "op": f"{op}:list", "value": value["list"]}
    if isinstance(value, list):
        return {**row, "value": _joined([_text(one) for one in value])}
    return {**row, "value": "" if value is None else _text(value)}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _joined(values: list[str]) -> str:
    """Return values with commas; one that has a comma or quotes stands in quotes."""
    quoted = [
        f'"{value.replace(chr(34), chr(34) * 2)}"' if any(c in value for c in ',"') else value
        for value in values
    ]
    return ", ".join(quoted)


def _split(text: str) -> list[str]:
    lines = list(csv.reader([text], skipinitialspace=True))
    return [value.strip() for value in (lines[0] if lines else []) if value.strip()]


def test_of(row: Row) -> dict[str, Any]:
    """Return the test that a row stands for. The tree's check says what is wrong with it."""
    field = f"custom.{row['name']}" if row["field"] == CUSTOM else row["field"]
    if row["op"] in IN_LIST:
        return {"field": field, "op": str(IN_LIST[row["op"]]), "value": {"list": row["value"]}}
    op = row["op"]
    test: dict[str, Any] = {"field": field, "op": op}
    if op in BLANKS:
        return test
    if op in SCALARS or (op in ORDERING and op != Op.BETWEEN):
        test["value"] = _typed(field, op, row["value"])
    else:
        values = [_typed(field, op, value) for value in _split(row["value"])]
        many = op in LISTS or op == Op.BETWEEN or len(values) > 1
        test["value"] = values if many else _typed(field, op, row["value"])
    return test


def _typed(field: str, op: str, text: str) -> Any:
    """Return the value in the type that the field or the operator compares."""
    kind = field_kind(field)
    if kind is FieldKind.FLAG:
        return TRUTHS.get(text.casefold(), text)
    if kind is FieldKind.NUMBER or (op in ORDERING and kind is not FieldKind.DATE):
        return _number(text)
    return text


def _number(text: str) -> Any:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


class ConditionsWidget(TemplateWidget):
    """The rows, the way they combine, and the tree they came from."""

    template_name = "admin/territories/conditions.html"

    class Media:
        js = ("territories/rows.js",)
        css = {"all": ("territories/admin.css",)}

    def controls(self, name: str, value: Any) -> Mapping[str, Any]:
        """Return the rows to show: stored ones, or those that were typed."""
        posted = value if isinstance(value, dict) and "rows" in value else None
        tree = posted["tree"] if posted else value
        shown = rows_of(tree)
        combine, rows = ("all", []) if shown is None else (shown[0], list(map(row_of, shown[1])))
        if posted:
            combine, rows = posted["combine"], posted["rows"]
        empty = {"field": "", "name": "", "op": "", "value": ""}
        return {
            "tree": json.dumps(tree),
            "nested": None if shown else condition_lines(tree),
            "replace": bool(posted and posted["replace"]),
            "combine": combine,
            "rows": [*rows, *[empty] * EXTRA_ROWS],
            "empty": empty,
            "fields": [*FIELDS],
            "operators": OPERATORS,
            "lists": ValueList.objects.filter(active=True).values_list("key", "name"),
        }

    def value_from_datadict(self, data: Any, files: Any, name: str) -> dict[str, Any]:
        """Return the rows that say anything, how they combine, and the tree they came from."""
        columns = {
            part: data.getlist(f"{name}-{part}") for part in ("field", "name", "op", "value")
        }
        rows = [
            {part: text.strip() for part, text in zip(columns, texts, strict=True)}
            for texts in zip(*columns.values(), strict=False)
        ]
        return {
            "rows": [row for row in rows if any(row.values())],
            "combine": "any" if data.get(f"{name}-combine") == "any" else "all",
            "replace": f"{name}-replace" in data,
            "tree": _parsed(data.get(f"{name}-tree")),
        }


def _parsed(text: str | None) -> Any:
    try:
        tree = json.loads(text or "null")
        rows_of(tree) if tree is None else condition_lines(tree)
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return tree


class ConditionsField(forms.Field):
    """A condition tree edited as rows."""

    widget = ConditionsWidget

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, **kwargs})

    def to_python(self, value: Any) -> Any:
        """Return the tree; None for no rows. Raises ValidationError for unfinished rows."""
        if not isinstance(value, dict) or "rows" not in value:
            return value
        tree, shown = value["tree"], rows_of(value["tree"])
        if shown is None and not value["replace"]:
            if value["rows"]:
                raise ValidationError(
                    "Tick “replace” to put the rows in place of these conditions."
                )
            return tree
        before = [] if shown is None else [(row_of(test), test) for test in shown[1]]
        if shown and value["combine"] == shown[0] and value["rows"] == [row for row, _ in before]:
            return tree
        return self._tree(value, before)

    def _tree(self, value: dict[str, Any], before: list[tuple[Row, Mapping[str, Any]]]) -> Any:
        tests = []
        for number, row in enumerate(value["rows"], start=1):
            if not row["op"] or not row["field"]:
                raise ValidationError(f"Row {number}: choose a field and an operator.")
            kept = next((test for old, test in before if old == row), None)
            tests.append(kept or test_of(row))
        return {value["combine"]: tests} if tests else None

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether the rows say something else than the stored tree."""
        try:
            return bool(self.to_python(data) != initial)
        except ValidationError:
            return True
