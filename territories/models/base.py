"""Configuration: what every kind of configured object has in common.

A write is refused outside an open revision, validated whole (errors name the field), and
stored together with its history row and its revision, or not at all. Saving an object that
did not change writes nothing. Objects with a key are never deleted: they are deactivated.
Foreign keys are PROTECT; there are no many-to-many fields, only explicit through models.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, NoReturn, Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models, transaction

from territories import revisions
from territories.errors import UnauditedWrite

from .audited import AuditedQuerySet, chunks
from .checks import about, check_characters, collect, same_value
from .history import RevisionRecords

#: The largest whole number that both databases store.
MAX_INTEGER = 2_147_483_647


class WholeNumberField(models.PositiveIntegerField):
    """A whole number from 0 to MAX_INTEGER."""

    default_validators = [MaxValueValidator(MAX_INTEGER)]


class Configuration(models.Model):
    """One row of configuration; see the module."""

    #: Fields computed by `derive()` from others; never typed by a person.
    DERIVED: tuple[str, ...] = ()
    #: Field → what returns its value in the form in which it is stored, or refuses it. Blank
    #: values are left alone.
    CLEANERS: Mapping[str, Callable[[Any], Any]] = {}

    #: Whether the last clean_fields() found faults: then other rows are not asked.
    _faulty = False

    objects = AuditedQuerySet.as_manager()
    history = RevisionRecords(inherit=True)

    class Meta:
        abstract = True
        base_manager_name = "objects"

    # ---- writing ------------------------------------------------------------------------

    def save(
        self,
        force_insert: Any = False,
        force_update: bool = False,
        using: str | None = None,
        update_fields: Iterable[str] | None = None,
    ) -> None:
        """Validate and store the object with its history row; nothing where nothing changed.

        `update_fields` narrows what is taken from this object; the rest stays as stored.
        Raises UnauditedWrite before anything is written, ValidationError."""
        revisions.require_open_change()
        with transaction.atomic():
            revisions.lock_configuration()
            stored = None if self._state.adding else self._read_stored()
            if stored is not None and update_fields is not None:
                self.take_stored_values(stored, keep=list(update_fields))
            self.full_clean()
            if stored is None or self.changed_fields(stored):
                revisions.require_revision()
                super().save(force_insert=stored is None, force_update=stored is not None)
        self.remember_key()

    def _read_stored(self) -> Self:
        self.clean_key()
        stored = type(self).objects.filter(pk=self.pk).first()
        if stored is None:
            raise ValidationError(f"{self} is no longer stored.")
        return stored

    def _save_table(self, raw: bool = False, *args: Any, **kwargs: Any) -> bool:
        # loaddata calls Model.save_base(raw=True), past save(): this is where it is stopped.
        if raw:
            raise UnauditedWrite(
                f"{type(self).__name__}: fixtures leave no history. Use `config apply`."
            )
        revisions.require_revision()
        return super()._save_table(raw, *args, **kwargs)  # type: ignore[misc]  # not in the stubs

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Remove a child row, keeping its history. Raises UnauditedWrite where there is a key
        or no open change."""
        self.refuse_delete()
        revisions.require_open_change()
        with transaction.atomic():
            revisions.require_revision()
            return super().delete(*args, **kwargs)

    @classmethod
    def refuse_delete(cls) -> None:
        """Raise UnauditedWrite when objects of this kind are never deleted."""

    @classmethod
    def from_db(
        cls, db: str | None, field_names: Collection[str], values: Any, **options: Any
    ) -> Self:
        """Return the row as an object that remembers its primary key."""
        instance = super().from_db(db, field_names, values, **options)
        instance.remember_key()
        return instance

    def remember_key(self) -> None:
        """Take the present primary key as the stored one."""
        self._stored_pk = self.pk

    # ---- validation ---------------------------------------------------------------------

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        """Validate each field; text and JSON are refused with control characters in them."""
        faults: dict[str, list[ValidationError]] = {}
        try:
            super().clean_fields(exclude=exclude)
        except ValidationError as error:
            faults = error.error_dict
        for field in self._meta.concrete_fields:
            if field.name not in faults and field.name not in (exclude or ()):
                faults.update(collect(partial(self._clean_value, field), field.name))
        self._faulty = bool(faults)
        if faults:
            raise ValidationError(faults)

    def _clean_value(self, field: models.Field) -> None:
        value = getattr(self, field.attname)
        check_characters(field, value)
        cleaner = self.CLEANERS.get(field.name)
        if cleaner is not None and value not in (None, ""):
            setattr(self, field.attname, cleaner(value))

    def clean(self) -> None:
        """Normalise and validate the row by itself, then against the other rows."""
        faults = collect(self.clean_values)
        faults.update(collect(self.clean_key))
        if not faults and not self._faulty:
            faults.update(collect(partial(self.clean_relations, [self])))
        if faults:
            raise ValidationError(faults)
        self.derive()

    def clean_values(self) -> None:
        """Normalise and validate without reading other rows. Raises ValidationError."""

    def get_constraints(
        self,
    ) -> list[tuple[type[models.Model], Sequence[models.BaseConstraint]]]:
        """Return what is left to check after clean(): rows that may stand once only. The
        database holds all constraints."""
        return [
            (model, [c for c in constraints if _is_plain_uniqueness(c)])
            for model, constraints in super().get_constraints()
        ]

    def derive(self) -> None:
        """Compute the DERIVED fields."""

    def clean_key(self) -> None:
        """Raise ValidationError when the primary key of a stored object was changed."""
        stored = getattr(self, "_stored_pk", None)
        if stored is not None and stored != self.pk:
            raise ValidationError(
                {self._meta.pk.name: f"The key names the same object for ever: it stays {stored}."}
            )

    @classmethod
    def clean_relations(cls, objects: Sequence[Self]) -> None:
        """Validate rows against other rows, in a number of queries that does not grow by row.

        Raises ValidationError; its `object` is the row at fault."""

    @classmethod
    def clean_in_bulk(cls, objects: Sequence[Self]) -> None:
        """Do what full_clean() does, in a number of queries that does not grow by row.

        Raises ValidationError; its `object` is the first object at fault. What only the
        database can say about many rows at once (uniqueness) it says as IntegrityError."""
        references = [f for f in cls._meta.concrete_fields if isinstance(f, models.ForeignKey)]
        names = [f.name for f in references]
        for instance in objects:
            faults = collect(partial(instance.clean_fields, exclude=names))
            faults.update(collect(instance.clean_values))
            faults.update(collect(instance.clean_key))
            if faults:
                raise about(ValidationError(faults), instance)
            instance.derive()
        for field in references:
            cls._check_references(field, objects)
        cls.clean_relations(objects)

    @classmethod
    def _check_references(cls, field: models.ForeignKey, objects: Sequence[Self]) -> None:
        """Raise ValidationError when a foreign key names nothing, in the database or among
        `objects`."""
        named = {getattr(o, field.attname) for o in objects} - {None}
        if field.related_model is cls:
            named -= {o.pk for o in objects}
        found: set[Any] = set()
        for chunk in chunks(sorted(named)):
            rows = field.related_model._base_manager.filter(pk__in=chunk)
            found.update(rows.values_list("pk", flat=True))
        missing = named - found
        for instance in objects:
            value = getattr(instance, field.attname)
            if value in missing or (value is None and not field.null):
                text = f"There is no {field.related_model._meta.verbose_name} “{value}”."
                raise about(ValidationError({field.name: text}), instance)

    # ---- comparing ----------------------------------------------------------------------

    def take_stored_values(self, stored: Self, keep: Collection[str]) -> None:
        """Set every field that `keep` does not name to its stored value."""
        for field in self._meta.concrete_fields:
            if field.name not in keep and field.attname not in keep:
                setattr(self, field.attname, getattr(stored, field.attname))

    def changed_fields(self, stored: Self) -> list[str]:
        """Return the names of the fields that differ."""
        return [
            field.name
            for field in self._meta.concrete_fields
            if not same_value(field, getattr(self, field.attname), getattr(stored, field.attname))
        ]


class Keyed(Configuration):
    """An object that people name by its key, for ever; switched off, never deleted."""

    key = models.SlugField(
        primary_key=True,
        max_length=100,
        db_index=False,
        help_text="Letters, digits, hyphens and underscores. Names this object for ever.",
    )
    name = models.CharField(max_length=200)
    active = models.BooleanField(
        default=True, help_text="Switched off, it never matches and never receives."
    )

    class Meta(Configuration.Meta):
        abstract = True
        ordering = ("key",)

    def __str__(self) -> str:
        return self.name or self.key

    @classmethod
    def refuse_delete(cls) -> NoReturn:
        """Raise UnauditedWrite."""
        raise UnauditedWrite(
            f"{str(cls._meta.verbose_name_plural).capitalize()} are never deleted: set active"
            " to false instead."
        )


class ChildRow(Configuration):
    """A row that belongs to a keyed object; added and removed with history."""

    id = models.BigAutoField(primary_key=True)

    class Meta(Configuration.Meta):
        abstract = True


def _is_plain_uniqueness(constraint: models.BaseConstraint) -> bool:
    return isinstance(constraint, models.UniqueConstraint) and constraint.condition is None
