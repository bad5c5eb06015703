"""Where a rule routes, and its fallback, by choosing: no JSON to type."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from territories.models import Pool, Rep
from territories.validators.routing import MATCH_MODES, STEPS, WAYS

from .fields import TemplateWidget

EXTRA_ROWS = 3
WAY_WORDS = {
    "account_owner": "The owner of the lead's account",
    "territory": "Whoever the territory is assigned to",
    "pool": "A pool",
    "skills": "A pool, by skills",
    "rep": "One rep",
    "keep_owner": "Leave it with its present owner",
    "nurture": "Nurture",
}
STEP_WORDS = {
    "backup": "The rep's backup",
    "manager": "The team's manager",
    "pool": "A pool",
    "rep": "A rep",
    "hold_minutes": "Hold it for minutes",
    "next_rule": "The next rule",
}
MODE_WORDS = {"all": "has every skill called for", "any": "has any of them"}

Choices = list[tuple[str, str]]


def people(selected: set[str]) -> dict[str, Choices]:
    """Return active pools and reps as choices, and the inactive ones that are selected."""
    return {
        "pools": _choices(Pool, selected),
        "reps": _choices(Rep, selected),
    }


def _choices(model: type[Pool] | type[Rep], selected: set[str]) -> Choices:
    rows = model.objects.order_by("name", "key").values_list("key", "name", "active")
    return [
        (key, name if active else f"{name} (inactive)")
        for key, name, active in rows
        if active or key in selected
    ]


class RouteToWidget(TemplateWidget):
    """The way, and what it needs."""

    template_name = "admin/territories/route_to.html"
    PARTS = ("way", "pool", "rep", "role", "match", "match_mode")

    class Media:
        js = ("territories/rows.js",)
        css = {"all": ("territories/admin.css",)}

    def controls(self, name: str, value: Any) -> Mapping[str, Any]:
        """Return what is chosen, and the choices."""
        chosen = value if isinstance(value, dict) and "way" in value else parts_of(value)
        return {
            "chosen": chosen,
            "ways": [(way, WAY_WORDS[way]) for way in WAYS],
            "modes": [(mode, MODE_WORDS[mode]) for mode in MATCH_MODES],
            **people({chosen["pool"], chosen["rep"]}),
        }

    def value_from_datadict(self, data: Any, files: Any, name: str) -> dict[str, str]:
        """Return what was chosen, by part."""
        return {part: data.get(f"{name}-{part}", "").strip() for part in self.PARTS}


def parts_of(route: Any) -> dict[str, str]:
    """Return a stored route as the texts of the controls."""
    parts = dict.fromkeys(RouteToWidget.PARTS, "")
    if not isinstance(route, Mapping) or len(route) != 1:
        return parts
    ((way, target),) = route.items()
    parts["way"] = way
    if isinstance(target, Mapping):
        parts["pool"], parts["role"] = target.get("pool", ""), target.get("role", "")
        parts["match"] = ", ".join(target.get("match", ()))
        parts["match_mode"] = target.get("match_mode", "all")
    elif way in ("pool", "rep"):
        parts[way] = target
    return parts


class RouteToField(forms.Field):
    """Where a rule routes; the model checks the result."""

    widget = RouteToWidget

    def to_python(self, value: Any) -> Any:
        """Return the route as it is stored; only what the way needs is looked at."""
        if not isinstance(value, dict) or "way" not in value:
            return value
        way = value["way"]
        if not way:
            return None
        fields = [name.strip() for name in value["match"].split(",") if name.strip()]
        matching: dict[str, Any] = {"match": fields}
        if value["match_mode"] == "any":
            matching["match_mode"] = "any"
        routes = {
            "account_owner": {"role": value["role"]} if value["role"] else True,
            "territory": matching if fields else True,
            "pool": value["pool"],
            "rep": value["rep"],
            "skills": {"pool": value["pool"], **matching},
        }
        return {way: routes.get(way, True)}

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether another route was chosen."""
        return bool(self.to_python(data) != initial)


class FallbackWidget(TemplateWidget):
    """A row for each step."""

    template_name = "admin/territories/fallback.html"
    PARTS = ("step", "pool", "rep", "minutes")

    class Media:
        js = ("territories/rows.js",)
        css = {"all": ("territories/admin.css",)}

    def controls(self, name: str, value: Any) -> Mapping[str, Any]:
        """Return a row for each step, and some that are empty."""
        steps = value or []
        rows = [step if "step" in step else step_parts(step) for step in steps]
        selected = {row[kind] for row in rows for kind in ("pool", "rep")}
        empty = dict.fromkeys(self.PARTS, "")
        return {
            "rows": [*rows, *[empty] * EXTRA_ROWS],
            "empty": empty,
            "steps": [(step, STEP_WORDS[step]) for step in STEPS],
            **people(selected),
        }

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[dict[str, str]]:
        """Return the rows in which a step was chosen."""
        columns = [data.getlist(f"{name}-{part}") for part in self.PARTS]
        rows = [
            dict(zip(self.PARTS, (text.strip() for text in texts), strict=True))
            for texts in zip(*columns, strict=False)
        ]
        return [row for row in rows if row["step"]]


def step_parts(step: Mapping[str, Any]) -> dict[str, str]:
    """Return a stored step as the texts of one row."""
    ((kind, target),) = step.items()
    parts = {**dict.fromkeys(FallbackWidget.PARTS, ""), "step": kind}
    if kind in ("pool", "rep"):
        parts[kind] = target
    elif kind == "hold_minutes":
        parts["minutes"] = str(target)
    return parts


class FallbackField(forms.Field):
    """The steps of a fallback, in order; the model checks them."""

    widget = FallbackWidget
    default_error_messages = {"required": "The fallback may not be empty: add a step."}

    def to_python(self, value: Any) -> list[dict[str, Any]]:
        """Return the steps as they are stored. Raises ValidationError for minutes that are no
        number."""
        return [self._step(number, row) for number, row in enumerate(value or (), start=1)]

    def _step(self, number: int, row: Mapping[str, Any]) -> dict[str, Any]:
        if "step" not in row:
            return dict(row)
        kind = row["step"]
        if kind in ("pool", "rep"):
            return {kind: row[kind]}
        if kind != "hold_minutes":
            return {kind: True}
        try:
            return {kind: int(row["minutes"])}
        except ValueError:
            raise ValidationError(f"Step {number}: give the minutes as a number.") from None

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether the steps differ."""
        try:
            return bool(self.to_python(data) != initial)
        except ValidationError:
            return True
