"""What the rows of this app have in common: who did it, and lines that are never rewritten."""

from typing import Any, NoReturn

from django.db import models


class ImmutableRow(TypeError):
    """Somebody tried to rewrite or delete a line that only ever grows."""


class Acted(models.Model):
    """A row that says who made it, in the words of the revision's actor."""

    actor_kind = models.TextField(blank=True, default="")
    actor_id = models.TextField(blank=True, default="")
    actor_name = models.TextField(blank=True, default="")

    class Meta:
        abstract = True


class AppendOnly(models.Model):
    """A row that is written once. Erasure of personal data goes round it on purpose."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise ImmutableRow(f"{self._meta.verbose_name} lines are immutable")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise ImmutableRow(f"{self._meta.verbose_name} lines are immutable")
