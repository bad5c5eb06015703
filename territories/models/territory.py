"""Territory: a node of a tree with boundaries and an optional segment, assigned to somebody."""

from collections.abc import Sequence
from functools import partial
from typing import Self

from django.core.exceptions import ValidationError
from django.db import models

from territories.validators.places import clean_country, clean_postal, clean_subdivision
from territories.validators.routing import clean_conditions

from .base import ChildRow, Keyed, WholeNumberField
from .checks import at_most_one, check_dates, check_lists, check_no_cycle, check_target
from .pool import Pool
from .rep import Rep

ALPHA_2 = 2


class Territory(Keyed):
    """Where (boundaries), which leads there (segment), and whose they are (semantics 5)."""

    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children"
    )
    assign_pool = models.ForeignKey(
        Pool,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="territories",
        verbose_name="assigned to pool",
        help_text="Neither a pool nor a rep: the nearest ancestor's.",
    )
    assign_rep = models.ForeignKey(
        Rep,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="territories",
        verbose_name="or to rep",
    )
    priority = WholeNumberField(
        default=100, help_text="Among equally specific territories the lower number wins."
    )
    segment = models.JSONField(
        null=True, blank=True, help_text="Which leads of the place; without it, all of them."
    )
    effective_from = models.DateField(null=True, blank=True)
    effective_to = models.DateField(null=True, blank=True, help_text="The last day, included.")
    reviewed_on = models.DateField(null=True, blank=True)

    class Meta(Keyed.Meta):
        verbose_name = "territory"
        verbose_name_plural = "territories"
        constraints = [
            models.CheckConstraint(
                condition=at_most_one("assign_pool", "assign_rep"),
                name="territory_one_assignee",
                violation_error_message="Assign to a pool or a rep, not both.",
            )
        ]

    CLEANERS = {"segment": partial(clean_conditions, segment=True)}

    def clean_values(self) -> None:
        """Check that the assignee is one and that the dates are in order."""
        check_target(self, {"assign_pool": "a pool", "assign_rep": "a rep"})
        check_dates(self)

    @classmethod
    def clean_relations(cls, objects: Sequence[Self]) -> None:
        """Check the tree and the value lists of the segments."""
        check_no_cycle(objects)
        check_lists(objects, "segment")


class Boundary(ChildRow):
    """A country, and within it optionally a subdivision or postal codes."""

    territory = models.ForeignKey(Territory, models.PROTECT, related_name="boundaries")
    country = models.CharField(
        max_length=100, help_text="A code (DE) or an English name (Germany)."
    )
    subdivision = models.CharField(
        max_length=100,
        blank=True,
        default="",
        help_text="A code (US-CA) or a name (California); empty: the whole country.",
    )
    postal = models.JSONField(
        "postal codes",
        default=list,
        blank=True,
        help_text="One per line: a code, a prefix (SW1*) or a range (10000..14999).",
    )
    position = WholeNumberField(default=0)

    class Meta(ChildRow.Meta):
        verbose_name = "boundary"
        verbose_name_plural = "boundaries"
        ordering = ("territory_id", "position", "id")

    CLEANERS = {"country": clean_country, "postal": clean_postal}

    def clean_values(self) -> None:
        """Bring the subdivision into its code; it belongs to the country."""
        if self.subdivision and len(self.country) == ALPHA_2:
            try:
                self.subdivision = clean_subdivision(self.country, self.subdivision)
            except ValidationError as error:
                raise ValidationError({"subdivision": error}) from None

    def __str__(self) -> str:
        place = self.subdivision or self.country
        return f"{place} {', '.join(self.postal)}".strip()
