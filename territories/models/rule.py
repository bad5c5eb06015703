"""Rule: priority, conditions, where to route, a fallback that may not be empty, an SLA."""

from collections.abc import Sequence
from functools import partial
from typing import Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from territories.validators.routing import (
    clean_conditions,
    clean_fallback,
    clean_route_to,
    keys_in_route,
    keys_in_steps,
)

from .base import MAX_INTEGER, Keyed
from .checks import about, check_dates, check_known, check_lists
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
        default=list,
        error_messages={"blank": "The fallback may not be empty: add a step."},
        help_text="What is tried, in order, when nobody is available.",
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
        ordering = ("priority", "key")  # type: ignore[assignment]
        constraints = [
            models.UniqueConstraint(
                fields=["priority"],
                condition=models.Q(active=True),
                name="rule_priority_unique_when_active",
                violation_error_message="Another active rule has this priority.",
            )
        ]

    CLEANERS = {
        "conditions": clean_conditions,
        "route_to": clean_route_to,
        "fallback": clean_fallback,
    }

    def clean_values(self) -> None:
        """Check that the dates are in order."""
        check_dates(self)

    @classmethod
    def clean_relations(cls, objects: Sequence[Self]) -> None:
        """Check every key that the rules name, and that no two active rules share a priority."""
        check_lists(objects, "conditions")
        for model, kind in (("Pool", "pool"), ("Rep", "rep")):
            check_known(objects, "route_to", model, partial(cls._routed_keys, kind=kind))
            check_known(objects, "fallback", model, partial(cls._fallback_keys, kind=kind))
        cls._check_priorities(objects)

    def _routed_keys(self, kind: str) -> set[str]:
        return keys_in_route(self.route_to, kind)

    def _fallback_keys(self, kind: str) -> set[str]:
        return keys_in_steps(self.fallback, kind)

    @classmethod
    def _check_priorities(cls, objects: Sequence[Self]) -> None:
        changing = {rule.pk for rule in objects}
        active = cls.objects.filter(active=True).only("key", "name", "priority")
        taken = {rule.priority: rule for rule in active if rule.pk not in changing}
        for rule in objects:
            if rule.active and (other := taken.setdefault(rule.priority, rule)) is not rule:
                text = f"The active rule “{other}” ({other.key}) has this priority."
                clash = ValidationError(text, code="unique")
                raise about(ValidationError({"priority": clash}), rule)
