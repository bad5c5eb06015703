"""SLA policies."""

from django import forms
from django.contrib import admin
from unfold.decorators import display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from territories.models import BreachAction, SlaPolicy

from .base import KeyedAdmin
from .forms import ConfigurationForm


class SlaPolicyForm(ConfigurationForm):
    """A policy; what runs on a breach is ticked."""

    on_breach = forms.MultipleChoiceField(
        label="On a breach",
        choices=BreachAction.choices,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )


@admin.register(SlaPolicy)
class SlaPolicyAdmin(KeyedAdmin):
    form = SlaPolicyForm
    list_display = (
        "name",
        "key",
        "respond_within_minutes",
        "clock",
        "warn_at_percent",
        "breach",
        "active",
    )
    list_filter = ("active", "clock")
    fieldsets = (
        (None, {"fields": ("key", "name", "active")}),
        ("First response", {"fields": ("respond_within_minutes", "clock", "warn_at_percent")}),
        ("When it is late", {"fields": ("on_breach", "max_reassignments")}),
    )

    @display(description="On a breach")
    def breach(self, policy: SlaPolicy) -> str:
        labels = dict(BreachAction.choices)
        return ", ".join(labels[action].lower() for action in policy.on_breach) or "–"
