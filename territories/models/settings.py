"""RoutingSettings: the one row of global settings."""

from collections.abc import Sequence
from typing import NoReturn, Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from leads.engine.vocabulary import Mode
from territories.errors import UnauditedWrite
from territories.validators.calendars import clean_timezone

from .base import Configuration, WholeNumberField
from .checks import at_most_one, check_target
from .pool import Pool
from .rep import Rep
from .sla import SlaPolicy

SETTINGS_ID = 1


class RoutingSettings(Configuration):
    """The settings section of the document. Without this row there is no configuration."""

    MODES = [
        (Mode.LIVE.value, "Live"),
        (Mode.SHADOW.value, "Shadow: decide and record, assign nothing"),
        (Mode.PAUSED.value, "Paused: hold every lead"),
    ]

    CLEANERS = {"timezone": clean_timezone}

    id = models.PositiveSmallIntegerField(primary_key=True, default=SETTINGS_ID, editable=False)
    timezone = models.CharField(
        "time zone",
        max_length=64,
        default="UTC",
        help_text="Such as Europe/Berlin; for reports and for reps without a calendar.",
    )
    mode = models.CharField(max_length=10, choices=MODES, default=Mode.LIVE.value)
    fallback_pool = models.ForeignKey(
        Pool,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Where a lead goes that no rule routed; hours and caps are ignored.",
    )
    fallback_rep = models.ForeignKey(
        Rep, models.PROTECT, null=True, blank=True, related_name="+", help_text="Or this rep."
    )
    default_sla = models.ForeignKey(
        SlaPolicy,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="default SLA policy",
    )
    exceptions_owner = models.ForeignKey(
        Rep,
        models.PROTECT,
        related_name="+",
        help_text="The active rep who reviews exceptions, and owns a lead when nobody else can.",
    )
    dedupe_window_days = WholeNumberField(
        default=90, help_text="The same e-mail within these days is the same lead."
    )
    accuracy_window_days = WholeNumberField(
        default=14, help_text="A correction within these days counts against accuracy."
    )
    review_after_days = WholeNumberField(
        default=90,
        validators=[MinValueValidator(1)],
        help_text="Territories, accounts, rules and definitions are due for review after these.",
    )
    fuzzy_match_threshold = WholeNumberField(
        null=True,
        blank=True,
        validators=[MaxValueValidator(100)],
        help_text="0 to 100; company names at least this alike match an account. Empty: off.",
    )

    class Meta(Configuration.Meta):
        verbose_name = "settings"
        verbose_name_plural = "settings"
        constraints = [
            models.CheckConstraint(condition=models.Q(id=SETTINGS_ID), name="one_settings_row"),
            models.CheckConstraint(
                condition=at_most_one("fallback_pool", "fallback_rep", required=True),
                name="settings_one_fallback",
                violation_error_message="The fallback is exactly one pool or rep.",
            ),
        ]

    def __str__(self) -> str:
        return "Settings"

    @classmethod
    def load(cls) -> "RoutingSettings | None":
        """Return the settings, None before the first configuration."""
        return cls.objects.filter(pk=SETTINGS_ID).first()

    @classmethod
    def refuse_delete(cls) -> NoReturn:
        """Raise UnauditedWrite."""
        raise UnauditedWrite("The settings are changed, never deleted.")

    def clean_values(self) -> None:
        """Check that there is exactly one fallback."""
        check_target(self, {"fallback_pool": "a pool", "fallback_rep": "a rep"}, required=True)

    @classmethod
    def clean_relations(cls, objects: Sequence[Self]) -> None:
        """Refuse a fallback or an exceptions owner that is switched off."""
        for instance in objects:
            for column in ("fallback_pool", "fallback_rep", "exceptions_owner"):
                chosen = getattr(instance, column) if getattr(instance, f"{column}_id") else None
                if chosen is not None and not chosen.active:
                    raise ValidationError(
                        {column: f"“{chosen}” is inactive; choose an active one."}
                    )
