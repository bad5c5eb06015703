"""ValueList: a named, reusable list of values."""

from django.core.exceptions import ValidationError
from django.db import models

from territories.validators.places import clean_members
from territories.validators.text import clean_texts

from .base import Keyed


class ValueList(Keyed):
    """A list that conditions refer to; of kind region it also names a `region` of countries."""

    class Kind(models.TextChoices):
        REGION = "region", "Region (countries)"
        DOMAIN = "domain", "Domains"
        OTHER = "other", "Other"

    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.OTHER)
    values = models.JSONField(default=list, blank=True, help_text="One value per line.")

    class Meta(Keyed.Meta):
        verbose_name = "value list"

    CLEANERS = {"values": clean_texts}

    def clean_values(self) -> None:
        """Bring the values of a region or of domains into their form."""
        if isinstance(self.values, list):
            try:
                self.values = clean_members(self.kind, self.values)
            except ValidationError as error:
                raise ValidationError({"values": error}) from None
