"""What every page of configuration has in common.

A form carries the newest revision its object had when the page was made. It is saved under the
configuration's lock, and where a newer revision has touched the object it is refused with both
values: nobody's change is lost. One request is one transaction and therefore one revision.
"""

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import models, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from unfold.admin import ModelAdmin, TabularInline
from unfold.widgets import UnfoldBooleanSwitchWidget

from territories.models.base import Keyed
from territories.revisions import lock_configuration
from territories.services import set_active

from .forms import ConfigurationForm, ListRowForm, TolerantForm
from .timeline import entries_of

HISTORY_PAGE = 25


class KnownSelect(AutocompleteSelect):
    """A choice by search that shows what the row has chosen without asking the database again:
    `known` was read with the rows."""

    known: models.Model | None = None

    def optgroups(self, name: str, value: Sequence[str], attr: Any = None) -> list[Any]:
        """Return the chosen option, and the empty one where nothing must be chosen."""
        if self.known is None or list(map(str, value)) != [str(self.known.pk)]:
            return super().optgroups(name, value, attr)
        options = [] if self.is_required else [self.create_option(name, "", "", False, 0)]
        label = str(self.known)
        options.append(self.create_option(name, self.known.pk, label, True, len(options)))
        return [(None, options, 0)]


class RowForm(TolerantForm):
    """A row of an object."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            widget: Any = getattr(field.widget, "widget", field.widget)
            # The table's heading is no label to a screen reader.
            widget.attrs.setdefault("aria-label", str(field.label or name))
            if isinstance(widget, KnownSelect) and getattr(self.instance, f"{name}_id"):
                widget.known = getattr(self.instance, name)


class RowsInline(TabularInline):
    """Rows that belong to the object on the page."""

    form = RowForm
    extra = 0
    hide_title = True

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        """Return the rows with what they have chosen."""
        return super().get_queryset(request).select_related(*self.autocomplete_fields)

    def formfield_for_foreignkey(
        self, db_field: models.ForeignKey, request: HttpRequest, **kwargs: Any
    ) -> Any:
        """Return the field; what is chosen by search costs no query a row."""
        if db_field.name in self.autocomplete_fields:
            kwargs.setdefault("widget", KnownSelect(db_field, self.admin_site))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

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


class ConfigurationAdmin(ModelAdmin):
    """List, form and history of one kind."""

    form = ConfigurationForm
    list_row_form: type[ListRowForm] = ListRowForm
    list_per_page = 50
    show_full_result_count = False
    list_filter_submit = True
    warn_unsaved_form = True
    change_form_before_template = "admin/territories/seen_revision.html"
    compressed_fields = True
    formfield_overrides = {models.BooleanField: {"widget": UnfoldBooleanSwitchWidget}}

    class Media:
        css = {"all": ("territories/admin.css",)}

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Return the kind's groups of fields, then why."""
        groups = list(super().get_fieldsets(request, obj))
        if self.fieldsets:
            groups.append(("Why?", {"fields": ["change_reason"]}))
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
        instance = self.get_object(request, unquote(object_id))
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
