"""Definitions: what marketing and sales agreed a qualified lead is."""

from django.contrib import admin
from unfold.decorators import display

from territories.models import Definition
from territories.words import conditions_words

from .base import KeyedAdmin
from .condition_rows import ConditionsField
from .fields import LinesField
from .forms import ConfigurationForm


class DefinitionForm(ConfigurationForm):
    """A definition, by choosing."""

    lead_types = LinesField(help_text="One per line; none: every type.")
    conditions = ConditionsField()
    required_fields = LinesField(help_text="One per line, such as email; none: no field.")
    agreed_by = LinesField(help_text="One per line.")


@admin.register(Definition)
class DefinitionAdmin(KeyedAdmin):
    form = DefinitionForm
    list_display = (
        "priority",
        "title",
        "types",
        "qualifies",
        "trigger",
        "window_owner",
        "agreed",
        "active",
    )
    list_display_links = ("title",)
    list_filter = ("active", "trigger", "reengage")
    list_select_related = ("window_owner_rep", "window_owner_pool", "sla")
    ordering = ("priority", "key")
    autocomplete_fields = ("window_owner_rep", "window_owner_pool", "sla")
    fieldsets = (
        (None, {"fields": ("key", "name", "priority", "active")}),
        ("What qualifies", {"fields": ("lead_types", "conditions", "required_fields")}),
        ("What triggers routing", {"fields": ("trigger", "reengage", "sla")}),
        ("Who owns it until then", {"fields": ("window_owner_rep", "window_owner_pool")}),
        ("Agreement", {"fields": ("agreed_by", "agreed_on")}),
    )

    @display(description="Definition", ordering="name")
    def title(self, definition: Definition) -> str:
        return definition.name

    @display(description="Lead types")
    def types(self, definition: Definition) -> str:
        return ", ".join(definition.lead_types) or "every type"

    @display(description="Qualifies when")
    def qualifies(self, definition: Definition) -> str:
        needed = ", ".join(definition.required_fields)
        words = conditions_words(definition.conditions)
        return f"{words}; needs {needed}" if needed else words

    @display(description="Until then")
    def window_owner(self, definition: Definition) -> str:
        return str(definition.window_owner_rep or definition.window_owner_pool or "–")

    @display(description="Agreed")
    def agreed(self, definition: Definition) -> str:
        by = ", ".join(definition.agreed_by)
        return " ".join(filter(None, [str(definition.agreed_on or ""), by])) or "–"
