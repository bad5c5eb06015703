"""Pools and their members."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from unfold.decorators import display

from territories.models import Pool, PoolMember

from .base import KeyedAdmin, RowsInline
from .forms import PlacedFormSet


class MemberInline(RowsInline):
    model = PoolMember
    formset = PlacedFormSet
    fields = ("rep", "weight", "position")
    autocomplete_fields = ("rep",)
    ordering = ("position", "id")
    verbose_name = "member"
    verbose_name_plural = "members, in rotation order"


@admin.register(Pool)
class PoolAdmin(KeyedAdmin):
    list_display = ("name", "key", "distribution", "member_count", "working_hours_only", "active")
    list_filter = ("active", "distribution", "working_hours_only")
    search_fields = ("key", "name", "members__rep__name")
    inlines = (MemberInline,)
    fieldsets = (
        (None, {"fields": ("key", "name", "active")}),
        (
            "How it picks",
            {
                "fields": (
                    "distribution",
                    "working_hours_only",
                    "make_up_limit",
                    "keep_company_together_days",
                )
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Pool]:
        """Return pools with the count of members that can receive."""
        receiving = Q(members__rep__active=True, members__weight__gt=0)
        return (
            super()
            .get_queryset(request)
            .annotate(
                members_all=Count("members", distinct=True),
                members_receiving=Count("members", filter=receiving, distinct=True),
            )
        )

    @display(description="Members", ordering="members_all")
    def member_count(self, pool: Any) -> str:
        paused = pool.members_all - pool.members_receiving
        return f"{pool.members_all} ({paused} out)" if paused else str(pool.members_all)
