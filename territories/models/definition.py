"""Definition: what marketing and sales agreed a qualified lead is."""

from collections.abc import Sequence
from typing import Self

from django.db import models

from leads.engine.vocabulary import Trigger
from territories.validators.routing import clean_conditions, clean_lead_fields
from territories.validators.text import clean_texts

from .base import Keyed, WholeNumberField
from .checks import at_most_one, check_lists, check_target
from .pool import Pool
from .rep import Rep
from .sla import SlaPolicy


class Definition(Keyed):
    """What qualifies, what triggers routing, who owns the lead until then (semantics 2)."""

    TRIGGERS = [
        (Trigger.CREATE.value, "When a lead is created"),
        (Trigger.CREATE_OR_UPDATE.value, "When a lead is created or updated"),
    ]

    priority = WholeNumberField(
        default=100, help_text="The first definition that covers a lead's type decides; 1 first."
    )
    lead_types = models.JSONField(
        default=list, blank=True, help_text="One per line; none: every type."
    )
    conditions = models.JSONField(null=True, blank=True, help_text="None: every lead qualifies.")
    required_fields = models.JSONField(
        default=list, blank=True, help_text="One per line: fields a qualified lead must have."
    )
    trigger = models.CharField(max_length=20, choices=TRIGGERS, default=Trigger.CREATE.value)
    window_owner_rep = models.ForeignKey(
        Rep,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Who owns the lead until it qualifies.",
    )
    window_owner_pool = models.ForeignKey(
        Pool, models.PROTECT, null=True, blank=True, related_name="+", help_text="Or this pool."
    )
    sla = models.ForeignKey(
        SlaPolicy,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="definitions",
        verbose_name="SLA policy",
    )
    reengage = models.BooleanField(
        default=False, help_text="A later submission that qualifies reopens a closed lead."
    )
    agreed_by = models.JSONField(
        default=list, blank=True, help_text="One per line: who agreed, by rep key or name."
    )
    agreed_on = models.DateField(null=True, blank=True)

    class Meta(Keyed.Meta):
        verbose_name = "definition"
        ordering = ("priority", "key")  # type: ignore[assignment]
        constraints = [
            models.CheckConstraint(
                condition=at_most_one("window_owner_rep", "window_owner_pool"),
                name="definition_one_window_owner",
                violation_error_message="The window owner is a rep or a pool, not both.",
            )
        ]

    CLEANERS = {
        "lead_types": clean_texts,
        "conditions": clean_conditions,
        "required_fields": clean_lead_fields,
        "agreed_by": clean_texts,
    }

    def clean_values(self) -> None:
        """Check that the window owner is one."""
        check_target(self, {"window_owner_rep": "a rep", "window_owner_pool": "a pool"})

    @classmethod
    def clean_relations(cls, objects: Sequence[Self]) -> None:
        """Check the value lists of the conditions."""
        check_lists(objects, "conditions")
