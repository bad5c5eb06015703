"""What every page of configuration has in common.

A form carries the newest revision its object had when the page was made. It is saved under the
configuration's lock, and where a newer revision has touched the object it is refused with both
values: nobody's change is lost. One request is one transaction and therefore one revision.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import models, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from unfold.admin import ModelAdmin, TabularInline
from unfold.forms import PaginationInlineFormSet
from unfold.widgets import UnfoldAdminTextInputWidget, UnfoldBooleanSwitchWidget

from territories.models.base import Keyed
from territories.revisions import lock_configuration
from territories.services import set_active
from territories.words import value_words

from .timeline import entries_of, newest_revision

HISTORY_PAGE = 25


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
        label="Why?",
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
            self.data = self.data.copy()
            self.data[self.add_prefix("seen_revision")] = str(newest)
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
                errors.append(ValidationError(f"{text}{self._yours(change.name)}"))
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
        for field in self.fields.values():
            field.show_hidden_initial = True

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


class RowsInline(TabularInline):
    """Rows that belong to the object on the page."""

    form = TolerantForm
    extra = 0
    show_change_link = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _may_change(self, request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _may_change(self, request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _may_change(self, request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _may_change(self, request) or request.user.has_perm(_permission(self, "view"))


def _permission(inline: RowsInline, verb: str) -> str:
    owner = inline.parent_model._meta
    return f"{owner.app_label}.{verb}_{owner.model_name}"


def _may_change(inline: RowsInline, request: HttpRequest) -> bool:
    """Who may change an object may change its rows."""
    return bool(request.user.has_perm(_permission(inline, "change")))


class PlacedFormSet(PaginationInlineFormSet):
    """Rows with a place in an order: one that is added goes to the end unless it says where."""

    def save_new(self, form: forms.ModelForm, commit: bool = True) -> Any:
        """Store a new row."""
        if "position" not in form.changed_data:
            places = self.get_queryset().model.objects.filter(**{self.fk.name: self.instance})
            last = places.aggregate(last=models.Max("position"))["last"]
            form.instance.position = 0 if last is None else last + 1
        return super().save_new(form, commit)


class ConfigurationAdmin(ModelAdmin):
    """List, form and history of one kind."""

    form = ConfigurationForm
    list_row_form: type[ListRowForm] = ListRowForm
    list_per_page = 50
    show_full_result_count = False
    list_filter_submit = True
    warn_unsaved_form = True
    compressed_fields = True
    formfield_overrides = {models.BooleanField: {"widget": UnfoldBooleanSwitchWidget}}

    class Media:
        css = {"all": ("territories/admin.css",)}

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Return the kind's groups of fields, then why."""
        groups = list(super().get_fieldsets(request, obj))
        if self.fieldsets:
            groups.append(("Why?", {"fields": [("change_reason", "seen_revision")]}))
        return groups

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Sequence[Any]:
        """A key is chosen once."""
        readonly = list(super().get_readonly_fields(request, obj))
        return [*readonly, "key"] if obj is not None and isinstance(obj, Keyed) else readonly

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_changelist_form(self, request: HttpRequest, **kwargs: Any) -> type[forms.ModelForm]:
        """Return the form of a row of the list."""
        return super().get_changelist_form(request, **{"form": self.list_row_form, **kwargs})

    # ---- writing under the lock ---------------------------------------------------------

    def _changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        # Django opened the transaction: the object is read after the lock, so that what the
        # form compares with is what it overwrites.
        if request.method == "POST":
            lock_configuration()
        return super()._changeform_view(request, *args, **kwargs)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show and save the form; what only saving finds out is said and nothing is saved."""
        return self._refusable(
            request,
            lambda: super(ConfigurationAdmin, self).changeform_view(request, *args, **kwargs),
        )

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the list; rows edited in place are one transaction."""

        def view() -> HttpResponse:
            return super(ConfigurationAdmin, self).changelist_view(request, extra_context)

        if request.method != "POST":
            return view()
        return self._refusable(request, lambda: self._locked(view))

    @staticmethod
    def _locked(view: Callable[[], HttpResponse]) -> HttpResponse:
        with transaction.atomic():
            lock_configuration()
            return view()

    def _refusable(self, request: HttpRequest, view: Callable[[], HttpResponse]) -> HttpResponse:
        try:
            return view()
        except ValidationError as error:
            for text in error.messages:
                self.message_user(request, f"Nothing was saved: {text}", messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())

    # ---- history ------------------------------------------------------------------------

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show who changed the object and its rows, when, why, before and after."""
        instance = self.get_object(request, object_id)
        if instance is None:
            raise Http404(f"There is no {self.opts.verbose_name} {object_id}.")
        if not self.has_view_or_change_permission(request, instance):
            raise PermissionDenied
        pages = Paginator(entries_of(instance), HISTORY_PAGE)
        context = {
            **self.admin_site.each_context(request),
            "title": f"History of {instance}",
            "opts": self.opts,
            "object": instance,
            "original": instance,
            "page_obj": pages.get_page(request.GET.get("p")),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/territories/history.html", context)


class KeyedAdmin(ConfigurationAdmin):
    """A kind whose objects have a key: switched on and off, never deleted."""

    list_filter: Sequence[Any] = ("active",)
    search_fields: Sequence[str] = ("key", "name")
    actions: Sequence[Any] = ("activate", "deactivate")

    @admin.action(description="Switch on", permissions=["change"])
    def activate(self, request: HttpRequest, queryset: models.QuerySet) -> None:
        """Switch the selected objects on, in one revision."""
        self._switch(request, queryset, active=True)

    @admin.action(description="Switch off", permissions=["change"])
    def deactivate(self, request: HttpRequest, queryset: models.QuerySet) -> None:
        """Switch the selected objects off, in one revision."""
        self._switch(request, queryset, active=False)

    def _switch(self, request: HttpRequest, queryset: models.QuerySet, *, active: bool) -> None:
        changed = set_active(objects=queryset, active=active)
        words = "on" if active else "off"
        self.message_user(
            request, f"{changed} of {len(queryset)} switched {words}.", messages.SUCCESS
        )

    def get_search_results(
        self, request: HttpRequest, queryset: models.QuerySet, search_term: str
    ) -> tuple[models.QuerySet, bool]:
        """Return what the search finds; what is chosen from is active."""
        found, duplicates = super().get_search_results(request, queryset, search_term)
        if request.resolver_match and request.resolver_match.url_name == "autocomplete":
            found = found.filter(active=True)
        return found, duplicates
