"""Business calendars."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from territories.models import Calendar
from territories.words import holidays_words, hours_words

from .base import KeyedAdmin
from .fields import HolidaysField, HoursField
from .forms import ConfigurationForm


class CalendarForm(ConfigurationForm):
    """A calendar; hours a day as text such as 09:00-12:30, 13:30-18:00."""

    hours = HoursField(
        help_text="Such as 09:00-12:30, 13:30-18:00; 24:00 ends a day; an empty day is closed."
    )
    holidays = HolidaysField(
        help_text="The public holidays of a country or a part of it, and days of your own."
    )

    class Meta:
        widgets = {"timezone": UnfoldAdminTextInputWidget}


@admin.register(Calendar)
class CalendarAdmin(KeyedAdmin):
    form = CalendarForm
    list_display = ("name", "key", "timezone", "week", "closed", "rep_count", "active")
    list_filter = ("active", "timezone")
    fieldsets = (
        (None, {"fields": ("key", "name", "timezone", "active")}),
        ("Open", {"fields": ("hours",)}),
        ("Closed", {"fields": ("holidays",)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Calendar]:
        """Return calendars with the count of reps who follow them."""
        return super().get_queryset(request).annotate(reps_all=Count("reps"))

    @display(description="Hours")
    def week(self, calendar: Calendar) -> str:
        return hours_words(calendar.hours)

    @display(description="Holidays")
    def closed(self, calendar: Calendar) -> str:
        return holidays_words(calendar.holidays)

    @display(description="Reps", ordering="reps_all")
    def rep_count(self, calendar: Any) -> int:
        return calendar.reps_all
