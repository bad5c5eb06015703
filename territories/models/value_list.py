"""ValueList: a named, reusable list of values."""

from django.db import models

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
