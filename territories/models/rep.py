"""People: calendars, skills, teams, reps, what reps can do and when they are away."""

from collections.abc import Sequence
from typing import Self

from django.core.exceptions import ValidationError
from django.db import models

from territories.validators.calendars import (
    check_opens,
    clean_holidays,
    clean_hours,
    clean_timezone,
)

from .base import ChildRow, Keyed, WholeNumberField
from .checks import refuse_switched_off


class Calendar(Keyed):
    """Weekly open hours in a time zone, and the days that are closed."""

    timezone = models.CharField("time zone", max_length=64, help_text="Such as Europe/Berlin.")
    CLEANERS = {"timezone": clean_timezone, "hours": clean_hours, "holidays": clean_holidays}

    hours = models.JSONField(default=dict, help_text="Open intervals by weekday.")
    holidays = models.JSONField(default=dict, blank=True, help_text="Days that are closed.")

    class Meta(Keyed.Meta):
        verbose_name = "calendar"

    def clean_values(self) -> None:
        """Refuse a calendar that never opens."""
        if self.hours and not self._faulty:
            try:
                check_opens(self.hours, self.holidays)
            except ValidationError as error:
                raise ValidationError({"holidays": error}) from None


class Skill(Keyed):
    """Something a lead may call for and a rep may have."""

    class Kind(models.TextChoices):
        LANGUAGE = "language", "Language"
        PRODUCT = "product", "Product"
        INDUSTRY = "industry", "Industry"
        OTHER = "other", "Other"

    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.OTHER)

    class Meta(Keyed.Meta):
        verbose_name = "skill"


class Team(Keyed):
    """Reps with one manager."""

    manager = models.ForeignKey(
        "territories.Rep",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="managed_teams",
        help_text="The rep who leads the team; fallbacks and alerts may go there.",
    )

    class Meta(Keyed.Meta):
        verbose_name = "team"


class Rep(Keyed):
    """A person who can own leads."""

    email = models.EmailField("e-mail", blank=True, default="")
    external_id = models.CharField(
        "external id",
        max_length=200,
        blank=True,
        default="",
        db_index=True,
        help_text="The rep's id in another system, such as the CRM.",
    )
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="reps")
    calendar = models.ForeignKey(
        Calendar,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="reps",
        help_text="Without one the rep is always open.",
    )
    backup = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="backs_up",
        help_text="Receives in the rep's place where a rule's fallback says so.",
    )
    max_open = WholeNumberField(
        "open leads at most", null=True, blank=True, help_text="Empty: no limit."
    )
    max_per_day = WholeNumberField(
        "leads a day at most", null=True, blank=True, help_text="Empty: no limit."
    )

    class Meta(Keyed.Meta):
        verbose_name = "rep"

    def clean_values(self) -> None:
        """Refuse a rep as its own backup."""
        if self.backup_id and self.backup_id == self.key:
            raise ValidationError({"backup": "A rep cannot be its own backup."})

    @classmethod
    def clean_relations(cls, objects: Sequence[Self]) -> None:
        """Refuse to switch off the exceptions owner or the global fallback."""
        refuse_switched_off(objects, ("exceptions_owner", "fallback_rep"))


class RepSkill(ChildRow):
    """A skill that a rep has."""

    rep = models.ForeignKey(Rep, models.PROTECT, related_name="rep_skills")
    skill = models.ForeignKey(Skill, models.PROTECT, related_name="rep_skills")

    class Meta(ChildRow.Meta):
        verbose_name = "skill of a rep"
        verbose_name_plural = "skills of reps"
        ordering = ("rep_id", "skill_id")
        constraints = [
            models.UniqueConstraint(
                fields=["rep", "skill"],
                name="rep_skill_once",
                violation_error_message="The rep has this skill already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.rep_id}: {self.skill_id}"


class Absence(ChildRow):
    """A time in which a rep receives nothing: start ≤ instant < end."""

    rep = models.ForeignKey(Rep, models.PROTECT, related_name="absences")
    start = models.DateTimeField()
    end = models.DateTimeField(null=True, blank=True, help_text="Empty: until further notice.")
    reason = models.CharField(max_length=200, blank=True, default="")

    class Meta(ChildRow.Meta):
        verbose_name = "absence"
        ordering = ("start", "id")
        indexes = [models.Index(fields=["rep", "start"], name="absence_rep_start")]

    def __str__(self) -> str:
        until = f"{self.end:%Y-%m-%d %H:%M}" if self.end else "further notice"
        return f"{self.rep_id} from {self.start:%Y-%m-%d %H:%M} to {until} (UTC)"

    def clean_values(self) -> None:
        """Refuse an absence that ends before it starts."""
        if self.start and self.end and self.end <= self.start:
            raise ValidationError({"end": "The end must be after the start."})
