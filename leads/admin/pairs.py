"""Rows of a name and a value in a form, for a lead's custom fields and its ids elsewhere.

A person types text and says what kind of value it is; what comes out is the JSON object that the
API takes.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from unfold.widgets import INPUT_CLASSES, SELECT_CLASSES

#: Empty rows after those that are filled; the page's script adds more.
EMPTY_ROWS = 2
KINDS = {"text": "Text", "number": "Number", "flag": "Yes or no", "list": "List, with commas"}
FLAGS = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}

Row = tuple[str, str, str]


def rows_of(pairs: Mapping[str, Any]) -> list[Row]:
    """The rows (name, value, kind) that show a JSON object."""
    return [(name, _shown(value), _kind(value)) for name, value in pairs.items()]


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "flag"
    if isinstance(value, int | float):
        return "number"
    return "list" if isinstance(value, list | tuple) else "text"


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


class PairsWidget(forms.Widget):
    """Rows of inputs `<field>_name`, `<field>_value` and, where kinds differ, `<field>_kind`."""

    def __init__(self, *, noun: str, has_kinds: bool) -> None:
        super().__init__()
        self.noun, self.has_kinds = noun, has_kinds

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[Row]:
        names, values = _listed(data, f"{name}_name"), _listed(data, f"{name}_value")
        kinds = _listed(data, f"{name}_kind") or ["text"] * len(names)
        return list(zip(names, values, kinds, strict=False))

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return f"{name}_name" not in data

    def id_for_label(self, id_: str | None) -> str:
        return f"{id_}_name_1"

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        rows = rows_of(value) if isinstance(value, Mapping) else list(value or ())
        rows = [row for row in rows if any(row[:2])] + [("", "", "text")] * EMPTY_ROWS
        return render_to_string(
            "admin/leads/pairs.html",
            {
                "name": name,
                "noun": self.noun,
                "rows": rows,
                "kinds": KINDS if self.has_kinds else {},
                "input_class": " ".join(INPUT_CLASSES),
                "select_class": " ".join(SELECT_CLASSES),
                "id": (attrs or {}).get("id", f"id_{name}"),
            },
        )


def _listed(data: Any, name: str) -> list[str]:
    if hasattr(data, "getlist"):
        return list(data.getlist(name))
    value = data.get(name, [])
    return list(value) if isinstance(value, Sequence) and not isinstance(value, str) else [value]


class PairsField(forms.Field):
    """A JSON object from rows of name, value and kind. Cleans to a dict, empty without rows."""

    def __init__(self, *, noun: str, has_kinds: bool = True, **options: Any) -> None:
        super().__init__(
            required=False, widget=PairsWidget(noun=noun, has_kinds=has_kinds), **options
        )

    def clean(self, value: Any) -> dict[str, Any]:
        pairs: dict[str, Any] = {}
        faults: list[str] = []
        for name, text, kind in self._filled(value or ()):
            if not name:
                faults.append(f"Give “{text}” a name.")
            elif name in pairs:
                faults.append(f"“{name}” is there twice.")
            else:
                try:
                    pairs[name] = VALUES[kind](text)
                except (KeyError, ValueError):
                    faults.append(f"{name}: “{text}” is no {KINDS.get(kind, kind).lower()}.")
        if faults:
            raise ValidationError(faults)
        return pairs

    def _filled(self, rows: Sequence[Row]) -> Iterator[Row]:
        for name, text, kind in rows:
            if name.strip() or text.strip():
                yield name.strip(), text.strip(), kind

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return self.clean(data) != dict(initial or {})
        except ValidationError:
            return True


def _number(text: str) -> int | float:
    try:
        return int(text)
    except ValueError:
        return float(text)


def _flag(text: str) -> bool:
    if text.casefold() not in FLAGS:
        raise ValueError(text)
    return FLAGS[text.casefold()]


VALUES: Mapping[str, Callable[[str], object]] = {
    "text": str,
    "number": _number,
    "flag": _flag,
    "list": lambda text: [part.strip() for part in text.split(",") if part.strip()],
}
