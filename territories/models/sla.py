"""SlaPolicy: the time in which the owner must respond first."""

from functools import partial

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from leads.engine.vocabulary import Clock
from territories.validators.text import clean_choices

from .base import Keyed, WholeNumberField


class BreachAction(models.TextChoices):
    """What runs when an SLA is breached (semantics 9)."""

    NOTIFY_OWNER = "notify_owner", "Notify the owner"
    NOTIFY_MANAGER = "notify_manager", "Notify the manager"
    REASSIGN = "reassign", "Reassign"


class SlaPolicy(Keyed):
    """Minutes on a clock, a warning before, and what happens after (semantics 9)."""

    CLOCKS = [
        (Clock.ALWAYS.value, "Always runs"),
        (Clock.BUSINESS.value, "The owner's business hours"),
    ]

    respond_within_minutes = WholeNumberField(validators=[MinValueValidator(1)])
    clock = models.CharField(max_length=10, choices=CLOCKS, default=Clock.ALWAYS.value)
    warn_at_percent = WholeNumberField(
        default=80,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text="The owner is warned when this much of the time has passed.",
    )
    on_breach = models.JSONField(default=list, blank=True)
    max_reassignments = WholeNumberField(
        default=0, help_text="How often a breach may move the lead; after that, the manager."
    )

    class Meta(Keyed.Meta):
        verbose_name = "SLA policy"
        verbose_name_plural = "SLA policies"

    CLEANERS = {"on_breach": partial(clean_choices, choices=BreachAction.values)}
