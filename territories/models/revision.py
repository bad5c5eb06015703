"""Revision: one numbered, attributed change of the live configuration; and its counter."""

from typing import Any, NoReturn

from django.db import models

from territories.errors import UnauditedWrite


class AppendOnlyQuerySet(models.QuerySet):
    """Reads and inserts; what is proof is never changed or removed through the ORM."""

    def update(self, **kwargs: Any) -> NoReturn:
        """Refuse with UnauditedWrite."""
        raise UnauditedWrite(f"{self.model._meta.verbose_name_plural} are proof: never changed.")

    def delete(self) -> NoReturn:
        """Refuse with UnauditedWrite."""
        raise UnauditedWrite(f"{self.model._meta.verbose_name_plural} are proof: never deleted.")

    delete.queryset_only = True  # type: ignore[attr-defined]


class ActorKind(models.TextChoices):
    """Who made a change."""

    USER = "user", "Person"
    API_KEY = "api_key", "API key"
    COMMAND = "command", "Command"
    TASK = "task", "Task"
    SYSTEM = "system", "System"


class Revision(models.Model):
    """One change of the configuration. Numbers start at 1 and have no gaps (semantics 11)."""

    number = models.PositiveIntegerField(primary_key=True)
    at = models.DateTimeField(db_index=True)
    actor = models.CharField("by", max_length=200)
    actor_kind = models.CharField(max_length=10, choices=ActorKind.choices)
    actor_id = models.CharField(max_length=64, blank=True, default="")
    reason = models.TextField("why", blank=True, default="")
    source = models.CharField(max_length=100, blank=True, default="")

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        ordering = ("-number",)
        base_manager_name = "objects"

    def __str__(self) -> str:
        return f"Revision {self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert; a stored revision is refused with UnauditedWrite."""
        if not self._state.adding:
            raise UnauditedWrite("A revision is proof: it is never changed.")
        kwargs["force_insert"] = True
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse with UnauditedWrite."""
        raise UnauditedWrite("A revision is proof: it is never deleted.")


class RevisionCounter(models.Model):
    """The newest revision's number, in one row: its lock keeps numbers in commit order.

    `epoch` is new with every revision, so that a number which comes again (a restored backup)
    is not taken for the same configuration."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    number = models.PositiveIntegerField(default=0)
    epoch = models.CharField(max_length=32, default="")

    def __str__(self) -> str:
        return str(self.number)
