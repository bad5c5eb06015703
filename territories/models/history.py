"""History rows: each state an object had, with the revision that made it so.

django-simple-history keeps the rows; here they carry a Revision instead of a person and a
reason of their own, the switches that skip history are taken away, and rows are ordered by
their number (clocks may jump, numbers do not).
"""

from collections.abc import Iterable
from typing import Any, NoReturn

from django.db import models
from simple_history.manager import HistoricalQuerySet
from simple_history.models import HistoricalRecords

from territories import revisions
from territories.errors import UnauditedWrite

from .revision import Revision

CREATED, CHANGED, DELETED = "+", "~", "-"


class RevisionedHistory(models.Model):
    """What every history row has beside the object's own fields."""

    revision = models.ForeignKey(
        Revision, on_delete=models.PROTECT, related_name="+", db_index=True
    )

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert; a stored row is refused with UnauditedWrite."""
        if not self._state.adding:
            raise UnauditedWrite("History is proof: it is never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse with UnauditedWrite."""
        raise UnauditedWrite("History is proof: it is never deleted.")

    @property
    def history_user(self) -> str:
        """The person or key, by name."""
        return self.revision.actor

    @property
    def history_change_reason(self) -> str:
        """Why, as given."""
        return self.revision.reason


class AppendOnlyHistory(HistoricalQuerySet):
    """History is read and added to; it is never changed or removed through the ORM."""

    def update(self, **kwargs: Any) -> int:
        """Refuse with UnauditedWrite."""
        raise UnauditedWrite("History is proof: it is never changed.")

    def delete(self) -> tuple[int, dict[str, int]]:
        """Refuse with UnauditedWrite."""
        raise UnauditedWrite("History is proof: it is never deleted.")


class RevisionRecords(HistoricalRecords):
    """HistoricalRecords whose rows carry the open change's Revision, without exception."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            bases=[RevisionedHistory],
            history_id_field=models.BigAutoField(),
            historical_queryset=AppendOnlyHistory,
            **kwargs,
        )

    def add_extra_methods(self, cls: type[models.Model]) -> None:
        """Add none: the stock one saves without history."""

    def get_extra_fields(self, model: type[models.Model], fields: dict) -> dict[str, Any]:
        """Return the stock fields without reason and person: the revision has them."""
        extra = super().get_extra_fields(model, fields)
        del extra["history_change_reason"]
        return extra

    def _get_history_user_fields(self) -> dict[str, Any]:
        return {}

    def get_meta_options(self, model: type[models.Model]) -> dict[str, Any]:
        """Return options that order rows by number, newest first."""
        options = super().get_meta_options(model)
        options.update(
            ordering=("-history_id",),
            get_latest_by=("history_id",),
            default_permissions=("view",),
        )
        return options

    def post_save(
        self, instance: models.Model, created: bool, using: str | None = None, **kwargs: Any
    ) -> None:
        """Write the history row of a save, whatever switch is set."""
        self.create_historical_record(instance, CREATED if created else CHANGED, using)

    def post_delete(self, instance: models.Model, using: str | None = None, **_: Any) -> None:
        """Write the history row of a removal."""
        self.create_historical_record(instance, DELETED, using)

    def create_historical_record(
        self, instance: models.Model, history_type: str, using: str | None = None
    ) -> None:
        """Insert one history row."""
        write_history([instance], history_type)


def write_history(objects: Iterable[Any], history_type: str) -> None:
    """Insert a history row for each of `objects` (all of one model) as they are in memory.

    Raises UnauditedWrite without an open change."""
    made = revisions.require_revision()
    rows = [
        type(instance).history.model(
            history_date=made.at,
            history_type=history_type,
            revision=made,
            **{
                field.attname: getattr(instance, field.attname)
                for field in instance._meta.concrete_fields
            },
        )
        for instance in objects
    ]
    if rows:
        type(rows[0])._base_manager.bulk_create(rows, batch_size=500)
