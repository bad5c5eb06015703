"""AuditedQuerySet: the bulk ways to write configuration, each refused or audited.

`update()` cannot be audited (it never sees the rows), so it is refused. `bulk_create`,
`bulk_update` and `delete` validate, write the rows and their history in one transaction.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, NoReturn

from django.core.exceptions import ValidationError
from django.db import models, transaction

from territories import revisions
from territories.errors import UnauditedWrite

from .history import CHANGED, CREATED, DELETED, write_history

#: Rows in one `IN (…)`; below SQLite's limit of variables in a statement.
CHUNK = 500


class AuditedQuerySet(models.QuerySet):
    """The default and base manager's queryset of every configuration model."""

    @property
    def _kind(self) -> Any:
        """The model, with what Configuration adds to one."""
        return self.model

    def update(self, **kwargs: Any) -> NoReturn:
        """Refuse with UnauditedWrite."""
        raise UnauditedWrite(
            f"{self.model.__name__}: update() leaves no history. Change the objects and save()"
            " them, or use bulk_update()."
        )

    def _raw_delete(self, using: str | None) -> NoReturn:
        raise UnauditedWrite(f"{self.model.__name__}: a raw delete leaves no history.")

    def bulk_create(
        self,
        objs: Iterable[Any],
        batch_size: int | None = None,
        ignore_conflicts: bool = False,
        update_conflicts: bool = False,
        update_fields: Collection[str] | None = None,
        unique_fields: Collection[str] | None = None,
    ) -> list[Any]:
        """Validate and insert `objs` with their history; return them with their ids.

        Raises ValidationError (its `object` is the first object at fault), UnauditedWrite."""
        if ignore_conflicts or update_conflicts:
            raise UnauditedWrite(
                f"{self.model.__name__}: which rows a bulk_create with conflicts wrote is not"
                " known, so it cannot be audited. Look the rows up first."
            )
        revisions.require_open_change()
        objects = list(objs)
        if not objects:
            return objects
        with transaction.atomic():
            revisions.lock_configuration()
            self._kind.clean_in_bulk(objects)
            revisions.require_revision()
            super().bulk_create(objects, batch_size=batch_size or CHUNK)
            write_history(objects, CREATED)
        for instance in objects:
            instance.remember_key()
        return objects

    def bulk_update(
        self,
        objs: Iterable[Any],
        fields: Iterable[str],
        batch_size: int | None = None,
    ) -> int:
        """Validate and write `fields` of `objs`; return how many rows differed from the
        database. Fields that are not named take their stored values.

        Raises ValidationError, UnauditedWrite."""
        revisions.require_open_change()
        objects, names = list(objs), list(fields)
        with transaction.atomic():
            revisions.lock_configuration()
            stored = self._kind.objects.stored(instance.pk for instance in objects)
            for instance in objects:
                if instance.pk not in stored:
                    raise ValidationError(f"{instance!r} is not stored.")
                instance.take_stored_values(stored[instance.pk], keep=names)
            self._kind.clean_in_bulk(objects)
            changed = [o for o in objects if o.changed_fields(stored[o.pk])]
            if changed:
                revisions.require_revision()
                differing = {name for o in changed for name in o.changed_fields(stored[o.pk])}
                plain: models.QuerySet[Any] = models.QuerySet(self.model, using=self.db)
                plain.bulk_update(changed, sorted(differing), batch_size=batch_size)
                write_history(changed, CHANGED)
        return len(changed)

    def delete(self) -> tuple[int, dict[str, int]]:
        """Remove child rows with a history row each; return the count as Django does.

        Objects with a key are refused with UnauditedWrite: they are deactivated."""
        self._kind.refuse_delete()
        revisions.require_open_change()
        with transaction.atomic():
            revisions.lock_configuration()
            rows: list[Any] = list(self)
            if rows:
                revisions.require_revision()
                write_history(rows, DELETED)
            for chunk in chunks([row.pk for row in rows]):
                super(AuditedQuerySet, self._kind.objects.filter(pk__in=chunk))._raw_delete(self.db)
        return len(rows), {self.model._meta.label: len(rows)} if rows else {}

    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]

    def stored(self, keys: Iterable[Any]) -> dict[Any, Any]:
        """Return the rows with these primary keys as the database has them."""
        found: dict[Any, Any] = {}
        for chunk in chunks(list(keys)):
            found.update(self.in_bulk(chunk))
        return found


def chunks(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Yield `items` in pieces of at most CHUNK."""
    for start in range(0, len(items), CHUNK):
        yield items[start : start + CHUNK]
