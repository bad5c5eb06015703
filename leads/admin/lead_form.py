"""A lead as a form: the members of the API's body, typed by a person.

The form checks nothing that `leads.body` checks: it builds the body, the service takes it or
refuses it, and faults return to their fields.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from leads.models import Lead
from leads.services.answers import FIELD_COLUMNS

from .pairs import PairsField

#: The form in groups: title, what it is for, members of the body.
GROUPS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        "Who",
        "At least one of e-mail, phone, company and external id.",
        ("email", "phone", "first_name", "last_name", "title", "company", "website"),
    ),
    ("Where", "", ("country", "state", "city", "postal_code")),
    (
        "What",
        "",
        (
            "lead_type", "source", "campaign", "product_interest", "industry", "employees",
            "annual_revenue", "language", "score",
        ),
    ),
    (
        "Known as",
        "",
        ("external_id", "account", "owner", "received_at", "crm_ids"),
    ),
    ("Fields of your own", "Rules read them as custom.<name>.", ("custom",)),
)  # fmt: skip

HELP = {
    "country": "A name or a code: Germany, DE, DEU.",
    "state": "A name or a code: California, CA, US-CA.",
    "product_interest": "One per line.",
    "lead_type": "Such as inbound or event; the definitions say which there are.",
    "account": "Key or external id of an account; empty: found by e-mail, website and name.",
    "owner": "Key, e-mail or external id of a rep: the lead goes to exactly that rep.",
    "received_at": "When the lead came in elsewhere, in UTC; for the record.",
    "external_id": "With the source it names the lead in another system.",
}
#: Longer than the admin's usual inputs.
TALL = UnfoldAdminTextareaWidget({"rows": 3})
INSTANT_FORMAT = "%Y-%m-%dT%H:%M"


class InstantField(forms.DateTimeField):
    """A date and a time in UTC, by the browser's own picker; cleans to an aware instant."""

    def __init__(self, **options: Any) -> None:
        widget = UnfoldAdminTextInputWidget({"type": "datetime-local", "step": "1"})
        super().__init__(widget=widget, **options)

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, datetime):
            return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
        return value


def _text(name: str, **options: Any) -> forms.Field:
    options.setdefault("widget", UnfoldAdminTextInputWidget())
    return forms.CharField(required=False, help_text=HELP.get(name, ""), **options)


def _number(kind: type[forms.Field]) -> forms.Field:
    return kind(required=False, widget=UnfoldAdminTextInputWidget({"inputmode": "decimal"}))


class LinesField(forms.CharField):
    """A list of texts, one a line."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, widget=TALL, **options)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(map(str, value)) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        return [line.strip() for line in super().clean(value).splitlines() if line.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.clean(data or "") != list(initial or [])


def _fields() -> Iterator[tuple[str, forms.Field]]:
    special: dict[str, forms.Field] = {
        "product_interest": LinesField(help_text=HELP["product_interest"]),
        "employees": _number(forms.IntegerField),
        "annual_revenue": _number(forms.FloatField),
        "score": _number(forms.FloatField),
        "received_at": InstantField(required=False, help_text=HELP["received_at"]),
        "crm_ids": PairsField(noun="id elsewhere", has_kinds=False, label="Ids elsewhere",
                              help_text="The system and the lead's id in it."),
        "custom": PairsField(noun="custom field", label="Custom fields"),
    }  # fmt: skip
    labels = {"email": "E-mail", "external_id": "External id"}
    for _, _, names in GROUPS:
        for name in names:
            field = special.get(name) or _text(name)
            field.label = field.label or labels.get(name) or name.replace("_", " ").capitalize()
            yield name, field


class LeadForm(forms.Form):
    """Every member of a lead's body. `body()` is what a service takes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields = dict(_fields()) | self.fields

    def groups(self) -> Iterator[dict[str, Any]]:
        """The fields in their groups, for the page."""
        for title, text, names in GROUPS:
            yield {"title": title, "text": text, "fields": [self[name] for name in names]}

    def body(self) -> dict[str, Any]:
        """The body of what was filled in; blanks say nothing."""
        return {
            name: _plain(self.cleaned_data[name])
            for _, _, names in GROUPS
            for name in names
            if self.cleaned_data.get(name) not in (None, "", [], {})
        }

    def changes(self) -> dict[str, Any]:
        """The body of what differs from the initial values; a field made blank is null."""
        body: dict[str, Any] = {}
        for name in self.changed_data:
            value = self.cleaned_data[name]
            if isinstance(value, Mapping):
                gone = dict.fromkeys(self.initial.get(name) or {})
                body[name] = {**gone, **value}
            else:
                body[name] = _plain(value) if value not in ("", []) else None
        return body


class EditForm(LeadForm):
    """A stored lead's details."""


class SimulatorForm(LeadForm):
    """A lead and the instant at which it would come in."""

    at = InstantField(
        required=False, label="At", help_text="The instant of the decision, in UTC; empty: now."
    )
    as_new = forms.BooleanField(
        required=False,
        label="As a lead that is not known yet",
        widget=UnfoldBooleanWidget(),
        help_text="Otherwise a lead with this e-mail or external id stays with its owner.",
    )


def _plain(value: Any) -> Any:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


def values_of(lead: Lead) -> dict[str, Any]:
    """A stored lead as the form's initial values: as they came, where normalising changed them."""
    values = {name: getattr(lead, column) for name, column in FIELD_COLUMNS.items()}
    values |= {name: value for name, value in lead.original.items() if name in values}
    return {**values, "received_at": lead.received_at}
