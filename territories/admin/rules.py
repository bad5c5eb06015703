"""Rules: in the order in which they are tried."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from unfold.decorators import display

from territories.models import Rule
from territories.services import Placement, arrange_rules, check_placements
from territories.words import conditions_words, fallback_words, route_words

from .base import KeyedAdmin
from .condition_rows import ConditionsField
from .forms import ConfigurationForm, ListRowForm
from .routing_rows import FallbackField, RouteToField


class RuleForm(ConfigurationForm):
    """A rule, by choosing."""

    conditions = ConditionsField()
    route_to = RouteToField(label="Route to")
    fallback = FallbackField()


class RuleRowForm(ListRowForm):
    """A rule in the list; whether priorities clash is asked of all rows together, which stand
    in `placements` then."""

    placements: dict[str, Placement]

    def _post_clean(self) -> None:
        super()._post_clean()
        clash = self._errors.get("priority")
        if clash and all(error.code == "unique" for error in clash.as_data()):
            del self._errors["priority"]

    @property
    def placement(self) -> Placement:
        """Where the person put the rule."""
        cleaned = self.cleaned_data
        return Placement(
            priority=cleaned.get("priority", self.instance.priority),
            active=cleaned.get("active", self.instance.active),
        )


class RuleListFormSet(forms.BaseModelFormSet):
    """The rules of the list: two may change places."""

    def clean(self) -> None:
        """Refuse two active rules at one priority, naming both."""
        super().clean()
        moved = [form for form in self.forms if form.is_valid() and form.has_changed()]
        placements = {form.instance.pk: form.placement for form in moved}
        check_placements(placements)
        for form in moved:
            form.placements = placements


@admin.register(Rule)
class RuleAdmin(KeyedAdmin):
    form = RuleForm
    list_row_form = RuleRowForm
    list_display = ("priority", "title", "active", "does", "then", "sla", "effective")
    list_display_links = ("title",)
    list_editable = ("priority", "active")
    list_filter = ("active", "sla", "working_hours_only", "respect_caps")
    list_select_related = ("sla",)
    ordering = ("priority", "key")
    autocomplete_fields = ("sla",)
    fieldsets = (
        (None, {"fields": ("key", "name", "priority", "active")}),
        ("When", {"fields": ("conditions", "effective_from", "effective_to")}),
        ("Then", {"fields": ("route_to", "working_hours_only", "respect_caps")}),
        ("If nobody is available", {"fields": ("fallback",)}),
        ("First response", {"fields": ("sla",)}),
    )

    @display(description="Rule", ordering="name")
    def title(self, rule: Rule) -> str:
        return rule.name

    @display(description="What it does")
    def does(self, rule: Rule) -> str:
        return f"{conditions_words(rule.conditions)} → {route_words(rule.route_to)}"

    @display(description="Else")
    def then(self, rule: Rule) -> str:
        return fallback_words(rule.fallback)

    @display(description="In effect")
    def effective(self, rule: Rule) -> str:
        if not (rule.effective_from or rule.effective_to):
            return "always"
        return f"{rule.effective_from or '…'} to {rule.effective_to or '…'}"

    def get_changelist_formset(self, request: HttpRequest, **kwargs: Any) -> Any:
        """Return the list's formset, which looks at all priorities together."""
        return super().get_changelist_formset(request, **{"formset": RuleListFormSet, **kwargs})

    def save_model(self, request: HttpRequest, obj: Rule, form: Any, change: bool) -> None:
        """Save a rule; in the list, all that were moved are put in place together."""
        if isinstance(form, RuleRowForm):
            arrange_rules(placements=form.placements)
        else:
            super().save_model(request, obj, form, change)
