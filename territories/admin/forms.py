"""The forms of configuration: who saves over a change that they have not seen is told."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from unfold.forms import PaginationInlineFormSet
from unfold.widgets import UnfoldAdminTextInputWidget

from territories.words import value_words

from .timeline import entries_of, newest_revision


class TolerantForm(forms.ModelForm):
    """A form whose model may name fields that are not on the page: these faults stand over it."""

    def add_error(self, field: str | None, error: Any) -> None:
        """Add an error, over the form where the field is not shown."""
        if field is None and hasattr(error, "error_dict"):
            hidden = {name for name in error.error_dict if name not in self.fields}
            for name in hidden - {NON_FIELD_ERRORS}:
                super().add_error(None, self._named(name, error.error_dict.pop(name)))
            if not error.error_dict:
                return
        super().add_error(field, error)

    def _update_errors(self, errors: ValidationError) -> None:
        # Django moves a model's errors to the form past add_error()'s own look at their names.
        if hasattr(errors, "error_dict"):
            for name in [n for n in errors.error_dict if n not in {*self.fields, NON_FIELD_ERRORS}]:
                found = errors.error_dict.pop(name)
                errors.error_dict.setdefault(NON_FIELD_ERRORS, []).extend(self._named(name, found))
        super()._update_errors(errors)

    def _named(self, name: str, errors: Iterable[ValidationError]) -> list[ValidationError]:
        label = str(self._meta.model._meta.get_field(name).verbose_name)
        label = label[:1].upper() + label[1:]
        return [ValidationError(f"{label}: {text}") for e in errors for text in e.messages]


class ConfigurationForm(TolerantForm):
    """The form of one object: asks why, and knows which revision the person has seen."""

    change_reason = forms.CharField(
        label="Reason",
        required=False,
        max_length=500,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
        help_text="Optional; stands in the history beside your name.",
    )
    seen_revision = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            self.initial["seen_revision"] = newest_revision(self.instance)

    def clean(self) -> dict[str, Any]:
        """Refuse to save over a change that the person has not seen."""
        cleaned = super().clean() or self.cleaned_data
        seen = cleaned.get("seen_revision")
        newest = self.initial.get("seen_revision", 0)
        if seen is not None and seen < newest:
            self.add_error(None, self._conflict(seen))
            # Now both are shown: the next save is made knowing them.
            typed: Any = self.data.copy()
            typed[self.add_prefix("seen_revision")] = str(newest)
            self.data = typed
        return cleaned

    def _conflict(self, seen: int) -> list[ValidationError]:
        """Every value that was changed meanwhile, theirs and yours."""
        errors = [
            ValidationError(
                "This was changed while you were editing it; nothing has been saved. Compare,"
                " and save again to put your values in place of the newer ones.",
                code="conflict",
            )
        ]
        for entry in reversed(entries_of(self.instance, after=seen)):
            who = f"{entry.revision.actor}, revision {entry.revision.number}"
            for change in entry.changes:
                text = f"{change.label}: {change.before} → {change.after} by {who}"
                errors.append(ValidationError(f"• {text}{self._yours(change.name)}."))
        return errors

    def _yours(self, name: str) -> str:
        return f"; yours: {self._words(name)}" if name in self.fields else ""

    def _words(self, name: str) -> str:
        model_field = self._meta.model._meta.get_field(name)
        value = self.cleaned_data.get(name)
        if isinstance(value, models.Model):
            value = value.pk
        return value_words(model_field, value)


class ListRowForm(TolerantForm):
    """One row of a list that is edited in place. What the person did not touch stays as it is
    now; what somebody else changed meanwhile is not overwritten."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.show_hidden_initial = True
            field.widget.attrs.setdefault("aria-label", f"{field.label or name} of {self.instance}")

    def clean(self) -> dict[str, Any]:
        """Take stored values for untouched fields; refuse touched ones that moved on."""
        cleaned = super().clean() or self.cleaned_data
        for name in list(cleaned):
            now = getattr(self.instance, name)
            if isinstance(now, models.Model) or name == self.instance._meta.pk.name:
                continue
            if name not in self.changed_data:
                cleaned[name] = now
            elif self._shown(name) != now:
                text = f"Changed meanwhile: it is now {now}, yours is {cleaned[name]}."
                self.add_error(name, ValidationError(text, code="conflict"))
        return cleaned

    def _shown(self, name: str) -> Any:
        """The value that stood on the page, as the field reads it."""
        bound = self[name]
        raw = bound.field.hidden_widget().value_from_datadict(
            self.data, self.files, bound.html_initial_name
        )
        try:
            return bound.field.to_python(raw)
        except ValidationError:
            return raw


class PlacedFormSet(PaginationInlineFormSet):
    """Rows with a place in an order: one that is added goes to the end unless it says where."""

    def save_new(self, form: forms.ModelForm, commit: bool = True) -> Any:
        """Store a new row."""
        if "position" not in form.changed_data:
            places = self.get_queryset().model.objects.filter(**{self.fk.name: self.instance})
            last = places.aggregate(last=models.Max("position"))["last"]
            form.instance.position = 0 if last is None else last + 1
        return super().save_new(form, commit)
