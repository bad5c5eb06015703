"""Value lists."""

from django.contrib import admin
from unfold.decorators import display

from territories.models import ValueList

from .base import KeyedAdmin
from .fields import LinesField
from .forms import ConfigurationForm

#: Values named in the list before "… and n more".
NAMED = 8


class ValueListForm(ConfigurationForm):
    """A list, one value per line."""

    values = LinesField(
        help_text="One per line. A region takes countries by code or name; domains such as"
        " rival.com."
    )


@admin.register(ValueList)
class ValueListAdmin(KeyedAdmin):
    form = ValueListForm
    list_display = ("name", "key", "kind", "members", "active")
    list_filter = ("active", "kind")
    fieldsets = ((None, {"fields": ("key", "name", "kind", "values", "active")}),)

    @display(description="Values")
    def members(self, value_list: ValueList) -> str:
        named, more = value_list.values[:NAMED], len(value_list.values) - NAMED
        return f"{', '.join(named)} and {more} more" if more > 0 else ", ".join(named) or "–"
