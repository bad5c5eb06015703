"""Rule: priority, conditions, where to route, a fallback that may not be empty, an SLA."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from .base import MAX_INTEGER, Keyed
from .sla import SlaPolicy


class Rule(Keyed):
    """The first active rule whose conditions hold and whose model applies routes the lead
    (semantics 6). `route_to` and `fallback` hold keys, checked when the rule is saved."""

    # Signed: reordering parks priorities below zero for the length of a transaction.
    priority = models.IntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(MAX_INTEGER)],
        help_text="1 is tried first; unique among active rules.",
    )
    conditions = models.JSONField(null=True, blank=True, help_text="None: every lead.")
    route_to = models.JSONField(help_text="How the rule finds an owner.")
    fallback = models.JSONField(
        default=list, help_text="What is tried, in order, when nobody is available."
    )
    working_hours_only = models.BooleanField(
        default=False, help_text="Only reps inside their business calendar receive."
    )
    respect_caps = models.BooleanField(
        default=False,
        help_text="Caps bind account owners, territory reps and named reps too.",
    )
    sla = models.ForeignKey(
        SlaPolicy,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="rules",
        verbose_name="SLA policy",
    )
    effective_from = models.DateField(null=True, blank=True)
    effective_to = models.DateField(null=True, blank=True, help_text="The last day, included.")

    class Meta(Keyed.Meta):
        verbose_name = "rule"
        ordering = ("priority", "key")
        constraints = [
            models.UniqueConstraint(
                fields=["priority"],
                condition=models.Q(active=True),
                name="rule_priority_unique_when_active",
                violation_error_message="Another active rule has this priority.",
            )
        ]
