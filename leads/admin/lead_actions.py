"""What people do to one lead, each on a page with a small form: reassign it, say that it was
contacted, say what became of it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from unfold.widgets import (
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from leads.engine.vocabulary import OutcomeStatus, ReassignReason
from leads.errors import Busy, InvalidLead
from leads.models import Lead
from leads.services import ledger
from territories.models import Pool, Rep
from territories.revisions import Actor, actor_of

from .base import RecordAdmin, posted, show_faults
from .lead_form import InstantField

TARGETS = {
    "rep": "To a rep",
    "pool": "To the next member of a pool",
    "rule": "By the rules again",
}
#: Where faults of `to` are shown.
PLACES = {"to/rep": "rep", "to/pool": "pool", "to": "target"}
CHANNELS = ("", "call", "email", "meeting", "message", "other")
BLANK = [("", "Choose…")]


def _words(values: Any) -> list[tuple[str, str]]:
    return [(value, value.replace("_", " ").capitalize()) for value in values]


class ActiveChoice(forms.ModelChoiceField):
    """An active rep or pool by name; cleans to the row."""

    def __init__(self, model: Any, **options: Any) -> None:
        rows = model.objects.filter(active=True).order_by("name", "key")
        super().__init__(
            rows,
            required=False,
            widget=UnfoldAdminSelectWidget(),
            empty_label="Choose…",
            **options,
        )

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name} ({obj.key})"


class ReassignForm(forms.Form):
    """To whom and why. `to()` is what the service takes."""

    target = forms.ChoiceField(
        choices=list(TARGETS.items()),
        initial="rep",
        label="Give it",
        widget=UnfoldAdminRadioSelectWidget(),
    )
    reason = forms.ChoiceField(
        choices=[*BLANK, *_words(ReassignReason)],
        widget=UnfoldAdminSelectWidget(),
        help_text=(
            "“Wrong …” counts against routing accuracy; duplicate, spam and not a lead give the "
            "pool member the turn back."
        ),
    )
    note = forms.CharField(
        required=False, max_length=2000, widget=UnfoldAdminTextareaWidget({"rows": 2})
    )

    field_order = ("target", "rep", "pool", "reason", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rep"] = ActiveChoice(Rep, label="Rep")
        self.fields["pool"] = ActiveChoice(
            Pool, label="Pool", help_text="A choice by hand uses up no turn of the pool."
        )
        self.order_fields(self.field_order)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        target = cleaned.get("target")
        if target in ("rep", "pool") and target not in self.errors and not cleaned.get(target):
            self.add_error(target, f"Choose a {target}.")
        return cleaned

    def to(self) -> Mapping[str, object]:
        """The target as the service takes it."""
        target = self.cleaned_data["target"]
        return {"rule": True} if target == "rule" else {target: self.cleaned_data[target].pk}


class ContactedForm(forms.Form):
    """When and how the owner reached out."""

    channel = forms.ChoiceField(
        required=False,
        choices=[(value, value.capitalize() or "Not said") for value in CHANNELS],
        widget=UnfoldAdminSelectWidget(),
    )
    at = InstantField(required=False, label="At", help_text="In UTC; empty: now.")

    def clean_at(self) -> datetime | None:
        at: datetime | None = self.cleaned_data["at"]
        if at is not None and at > timezone.now():
            raise forms.ValidationError("This is still to come.")
        return at


class OutcomeForm(forms.Form):
    """What became of the lead."""

    status = forms.ChoiceField(
        choices=[*BLANK, *_words(OutcomeStatus)],
        widget=UnfoldAdminSelectWidget(),
        help_text="All but accepted close the lead. A closed lead may still be corrected.",
    )
    amount = forms.DecimalField(
        required=False,
        min_value=0,
        max_digits=18,
        decimal_places=2,
        widget=UnfoldAdminTextInputWidget({"inputmode": "decimal"}),
    )
    currency = forms.RegexField(
        r"^[A-Za-z]{3}$",
        required=False,
        error_messages={"invalid": "Three letters, such as EUR."},
        widget=UnfoldAdminTextInputWidget({"maxlength": "3"}),
        help_text="ISO 4217, such as EUR.",
    )
    reason = forms.CharField(
        required=False,
        max_length=200,
        widget=UnfoldAdminTextInputWidget(),
        help_text="A rejection as wrong_territory and the like counts as misrouted.",
    )

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).upper()


def reassign_page(admin: RecordAdmin, request: HttpRequest, object_id: UUID) -> HttpResponse:
    """Give the lead to a rep, a pool or the rules."""

    def act(form: Any, lead: Lead, actor: Actor) -> str:
        changed = ledger.reassign(
            lead_id=lead.pk,
            to=form.to(),
            reason=form.cleaned_data["reason"],
            note=form.cleaned_data["note"],
            actor=actor,
            now=timezone.now(),
        )
        return f"Reassigned to {changed.owner.name}." if changed.owner else "Reassigned."

    return _act_page(admin, request, object_id, ReassignForm, act, "Reassign")


def contacted_page(admin: RecordAdmin, request: HttpRequest, object_id: UUID) -> HttpResponse:
    """Note a contact; the first one stops the clock."""

    def act(form: Any, lead: Lead, actor: Actor) -> str:
        ledger.record_contact(
            lead_id=lead.pk,
            at=form.cleaned_data["at"],
            by=actor.name,
            channel=form.cleaned_data["channel"],
            actor=actor,
            now=timezone.now(),
        )
        return "The contact is noted."

    return _act_page(admin, request, object_id, ContactedForm, act, "Contacted")


def outcome_page(admin: RecordAdmin, request: HttpRequest, object_id: UUID) -> HttpResponse:
    """Note what became of the lead."""

    def act(form: Any, lead: Lead, actor: Actor) -> str:
        said = form.cleaned_data
        ledger.record_outcome(
            lead_id=lead.pk,
            status=said["status"],
            amount=said["amount"],
            currency=said["currency"] or None,
            reason=said["reason"],
            source="admin",
            actor=actor,
            now=timezone.now(),
        )
        return f"The outcome is noted: {said['status']}."

    return _act_page(admin, request, object_id, OutcomeForm, act, "Outcome")


def _act_page(
    admin: RecordAdmin,
    request: HttpRequest,
    object_id: UUID,
    form_class: type[forms.Form],
    act: Callable[[Any, Lead, Actor], str],
    title: str,
) -> HttpResponse:
    """A form that does one thing to a lead and returns to its page; faults stay on the form."""
    admin.require(request, "change")
    lead = admin.row_or_404(request, object_id)
    form = form_class(posted(request))
    if form.is_valid():
        try:
            messages.success(request, act(form, lead, actor_of(request)))
            return HttpResponseRedirect(admin.page_url("change", lead.pk))
        except InvalidLead as error:
            show_faults(form, error.faults, PLACES)
        except Busy as error:
            form.add_error(None, f"Not done: {error}.")
    return admin.page(
        request,
        "lead/action.html",
        title=title,
        original=lead,
        lead=lead,
        form=form,
        cancel_url=admin.page_url("change", lead.pk),
    )
