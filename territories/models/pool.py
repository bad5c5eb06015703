"""Pool: an ordered set of weighted members and a distribution that picks one."""

from collections.abc import Sequence
from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from leads.engine.vocabulary import Distribution

from .base import ChildRow, Keyed, WholeNumberField
from .checks import refuse_switched_off
from .rep import Rep

MAX_WEIGHT = 1000


class Pool(Keyed):
    """Who shares leads, and how (semantics 8)."""

    DISTRIBUTIONS = [
        (Distribution.ROUND_ROBIN.value, "Round robin, by weight"),
        (Distribution.LEAST_LOADED.value, "Least loaded, by weight"),
    ]

    distribution = models.CharField(
        max_length=20, choices=DISTRIBUTIONS, default=Distribution.ROUND_ROBIN.value
    )
    working_hours_only = models.BooleanField(
        default=False, help_text="Members receive only inside their business calendar."
    )
    make_up_limit = WholeNumberField(
        default=0,
        help_text="How many leads a member who comes back from an absence may catch up on.",
    )
    keep_company_together_days = WholeNumberField(
        "keep a company together for days",
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text="A member who owns an open lead of the same company domain from these days is"
        " picked first. Empty: off.",
    )

    class Meta(Keyed.Meta):
        verbose_name = "pool"

    @classmethod
    def clean_relations(cls, objects: Sequence[Self]) -> None:
        """Refuse to switch off the global fallback."""
        refuse_switched_off(objects, ("fallback_pool",))


class PoolMember(ChildRow):
    """A rep's place and weight in a pool."""

    pool = models.ForeignKey(Pool, models.PROTECT, related_name="members")
    rep = models.ForeignKey(Rep, models.PROTECT, related_name="memberships")
    weight = WholeNumberField(
        default=1,
        validators=[MaxValueValidator(MAX_WEIGHT)],
        help_text="A share of 0 to 1000; 0 pauses the member.",
    )
    position = WholeNumberField(default=0, help_text="Place in the rotation.")

    class Meta(ChildRow.Meta):
        verbose_name = "member of a pool"
        verbose_name_plural = "members of pools"
        ordering = ("pool_id", "position", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["pool", "rep"],
                name="pool_member_once",
                violation_error_message="The rep is a member of this pool already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.pool_id}: {self.rep_id} × {self.weight}"
