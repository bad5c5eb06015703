"""Reps, what they can do and when they are away; teams; skills."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSplitDateTimeVerticalWidget

from territories.models import Absence, Rep, RepSkill, Skill, Team

from .base import KeyedAdmin, RowsInline


class SkillInline(RowsInline):
    model = RepSkill
    fields = ("skill",)
    autocomplete_fields = ("skill",)
    verbose_name = "skill"
    verbose_name_plural = "skills"


class AbsenceInline(RowsInline):
    model = Absence
    fields = ("start", "end", "reason")
    ordering = ("-start",)
    formfield_overrides = {models.DateTimeField: {"widget": UnfoldAdminSplitDateTimeVerticalWidget}}
    per_page = 25
    verbose_name_plural = "absences (times in UTC)"


@admin.register(Rep)
class RepAdmin(KeyedAdmin):
    list_display = (
        "name",
        "key",
        "email",
        "team",
        "calendar",
        "backup",
        "caps",
        "skills",
        "active",
    )
    list_filter = (
        "active",
        "team",
        "calendar",
        ("rep_skills__skill", admin.RelatedOnlyFieldListFilter),
    )
    search_fields = ("key", "name", "email", "external_id")
    list_select_related = ("team", "calendar", "backup")
    autocomplete_fields = ("team", "calendar", "backup")
    inlines = (SkillInline, AbsenceInline)
    fieldsets = (
        (None, {"fields": ("key", "name", "email", "external_id", "active")}),
        ("Place", {"fields": ("team", "calendar", "backup")}),
        ("Caps", {"fields": ("max_open", "max_per_day")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Rep]:
        """Return reps with their skills."""
        return super().get_queryset(request).prefetch_related("rep_skills__skill")

    @display(description="Caps (open / day)")
    def caps(self, rep: Rep) -> str:
        if rep.max_open is None and rep.max_per_day is None:
            return "–"
        limits = ("–" if limit is None else limit for limit in (rep.max_open, rep.max_per_day))
        return " / ".join(map(str, limits))

    @display(description="Skills")
    def skills(self, rep: Any) -> str:
        return ", ".join(row.skill.name for row in rep.rep_skills.all()) or "–"


@admin.register(Team)
class TeamAdmin(KeyedAdmin):
    list_display = ("name", "key", "manager", "rep_count", "active")
    list_select_related = ("manager",)
    search_fields = ("key", "name", "manager__name")
    autocomplete_fields = ("manager",)
    fieldsets = ((None, {"fields": ("key", "name", "manager", "active")}),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Team]:
        """Return teams with the count of their reps."""
        return super().get_queryset(request).annotate(reps_all=Count("reps"))

    @display(description="Reps", ordering="reps_all")
    def rep_count(self, team: Any) -> int:
        return team.reps_all


@admin.register(Skill)
class SkillAdmin(KeyedAdmin):
    list_display = ("name", "key", "kind", "rep_count", "active")
    list_filter = ("active", "kind")
    fieldsets = ((None, {"fields": ("key", "name", "kind", "active")}),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Skill]:
        """Return skills with the count of reps who have them."""
        return super().get_queryset(request).annotate(reps_all=Count("rep_skills"))

    @display(description="Reps", ordering="reps_all")
    def rep_count(self, skill: Any) -> int:
        return skill.reps_all
