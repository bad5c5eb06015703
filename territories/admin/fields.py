"""Form fields for stored JSON, so that nobody types JSON: lists as lines, hours by day."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from unfold.widgets import INPUT_CLASSES, SELECT_CLASSES, UnfoldAdminTextareaWidget

from territories.validators.calendars import DAYS as DAY_KEYS
from territories.words import DAYS

INPUT = " ".join(INPUT_CLASSES)
SELECT = " ".join(SELECT_CLASSES)


class LinesField(forms.Field):
    """A list of texts, one per line."""

    widget = UnfoldAdminTextareaWidget(attrs={"rows": 4})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, **kwargs})

    def prepare_value(self, value: Any) -> Any:
        """Return the lines."""
        return "\n".join(map(str, value)) if isinstance(value, list | tuple) else value

    def to_python(self, value: Any) -> list[str]:
        """Return the texts; blank lines say nothing."""
        if isinstance(value, list | tuple):
            return list(value)
        return [line.strip() for line in (value or "").splitlines() if line.strip()]


class TemplateWidget(forms.Widget):
    """A widget of several controls, rendered by a template of the project. Subclasses name the
    template and its context; each control has a label of its own."""

    template_name: str
    use_fieldset = True

    def controls(self, name: str, value: Any) -> Mapping[str, Any]:
        """Return the template's context."""
        raise NotImplementedError

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        """Return the HTML."""
        html_id = (attrs or {}).get("id", f"id_{name}")
        context = {"name": name, "id": html_id, "input": INPUT, "select": SELECT}
        return render_to_string(self.template_name, {**context, **self.controls(name, value)})

    def id_for_label(self, id_: str) -> str:
        """Return nothing: a label belongs to each control, not to the group."""
        return ""

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        """Whether the group was not on the page."""
        return f"{name}-shown" not in data


class PartsWidget(TemplateWidget):
    """A group of text controls, of which each gives one text of the value."""

    def parts(self) -> Mapping[str, str]:
        """Return the control's key → its label."""
        raise NotImplementedError

    def value_from_datadict(self, data: Any, files: Any, name: str) -> dict[str, str]:
        """Return what was typed, by key."""
        return {key: data.get(f"{name}-{key}", "").strip() for key in self.parts()}


class HoursWidget(PartsWidget):
    """Seven inputs, one a day."""

    template_name = "admin/territories/hours.html"

    def parts(self) -> Mapping[str, str]:
        """Return the days."""
        return DAYS

    def controls(self, name: str, value: Any) -> Mapping[str, Any]:
        """Return a row a day with its intervals."""
        hours = value or {}
        texts = {day: hours.get(day, "") for day in DAY_KEYS}
        return {
            "days": [
                (day, DAYS[day], text if isinstance(text, str) else ", ".join(text))
                for day, text in texts.items()
            ]
        }


class HoursField(forms.Field):
    """Weekly hours: intervals separated by commas, a day without any is closed."""

    widget = HoursWidget

    def to_python(self, value: Any) -> dict[str, list[str]]:
        """Return intervals by day, as typed; the model checks them."""
        return {
            day: [part.strip() for part in text.split(",") if part.strip()]
            for day, text in (value or {}).items()
            if text
        }


class HolidaysWidget(PartsWidget):
    """Country, subdivision and extra dates."""

    template_name = "admin/territories/holidays.html"

    def parts(self) -> Mapping[str, str]:
        """Return the controls."""
        return {"country": "Country", "subdivision": "Subdivision", "dates": "Further days"}

    def controls(self, name: str, value: Any) -> Mapping[str, Any]:
        """Return the texts of the three controls."""
        closed = value or {}
        dates = closed.get("dates") or ""
        return {
            "country": closed.get("country") or "",
            "subdivision": closed.get("subdivision") or "",
            "dates": dates if isinstance(dates, str) else "\n".join(dates),
        }


class HolidaysField(forms.Field):
    """Public holidays of a place, and further days that are closed."""

    widget = HolidaysWidget

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, **kwargs})

    def to_python(self, value: Any) -> dict[str, Any]:
        """Return the parts; the model checks them."""
        typed = value or {}
        return {
            "country": typed.get("country") or None,
            "subdivision": typed.get("subdivision") or None,
            "dates": (typed.get("dates") or "").replace(",", " ").split(),
        }
