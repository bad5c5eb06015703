"""Territories and their boundaries."""

from typing import Any

from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from unfold.decorators import display

from territories.models import Boundary, Territory
from territories.words import conditions_words

from .base import KeyedAdmin, RowForm, RowsInline
from .condition_rows import ConditionsField
from .fields import LinesField
from .forms import ConfigurationForm, PlacedFormSet

#: Boundaries named in the list before "… and n more".
NAMED = 5


class TerritoryForm(ConfigurationForm):
    """A territory; which leads there is chosen, not typed."""

    segment = ConditionsField(help_text=Territory._meta.get_field("segment").help_text)


class BoundaryForm(RowForm):
    """A boundary, with postal codes as lines."""

    postal = LinesField(
        label="Postal codes", help_text=Boundary._meta.get_field("postal").help_text
    )


class BoundaryInline(RowsInline):
    model = Boundary
    form = BoundaryForm
    formset = PlacedFormSet
    fields = ("country", "subdivision", "postal", "position")
    ordering = ("position", "id")
    per_page = 100


@admin.register(Territory)
class TerritoryAdmin(KeyedAdmin):
    form = TerritoryForm
    list_display = ("name", "key", "parent", "assignee", "where", "who", "priority", "active")
    list_filter = ("active", ("parent", admin.RelatedOnlyFieldListFilter), "assign_pool")
    search_fields = ("key", "name", "boundaries__country", "boundaries__subdivision")
    list_select_related = ("parent", "assign_pool", "assign_rep")
    autocomplete_fields = ("parent", "assign_pool", "assign_rep")
    inlines = (BoundaryInline,)
    fieldsets = (
        (None, {"fields": ("key", "name", "parent", "active")}),
        ("Whose it is", {"fields": ("assign_pool", "assign_rep", "priority")}),
        ("Which leads there", {"fields": ("segment",)}),
        ("When", {"fields": ("effective_from", "effective_to", "reviewed_on")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Territory]:
        """Return territories with their boundaries."""
        boundaries = Boundary.objects.order_by("position", "id")
        return super().get_queryset(request).prefetch_related(Prefetch("boundaries", boundaries))

    @display(description="Assigned to")
    def assignee(self, territory: Any) -> str:
        chosen = territory.assign_pool or territory.assign_rep
        return str(chosen) if chosen else "as its parent"

    @display(description="Where")
    def where(self, territory: Any) -> str:
        boundaries = territory.boundaries.all()
        more = len(boundaries) - NAMED
        named = ", ".join(map(str, boundaries[:NAMED]))
        return f"{named} and {more} more" if more > 0 else named or "–"

    @display(description="Which leads")
    def who(self, territory: Any) -> str:
        return conditions_words(territory.segment)
