"""Configuration: what every kind of configured object has in common.

A write is refused outside an open revision, validated whole (errors name the field), and
stored together with its history row and its revision, or not at all. Saving an object that
did not change writes nothing. Objects with a key are never deleted: they are deactivated.
Foreign keys are PROTECT; there are no many-to-many fields, only explicit through models.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NoReturn, Self

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.validators import MaxValueValidator
from django.db import models, transaction

from territories import revisions
from territories.errors import UnauditedWrite
from territories.validators import check_json, check_text

from .audited import AuditedQuerySet, chunks
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

    objects = AuditedQuerySet.as_manager()
    history = RevisionRecords(inherit=True)

    class Meta:
        abstract = True
        base_manager_name = "objects"

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Any) -> Self:
        """Return the row as an object that remembers its primary key."""
        instance = super().from_db(db, field_names, values)
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
            if field.name in faults or field.name in (exclude or ()):
                continue
            try:
                check_characters(field, getattr(self, field.attname))
            except ValidationError as error:
                faults[field.name] = error.error_list
        if faults:
            raise ValidationError(faults)

    def clean(self) -> None:
        """Normalise and validate the row by itself, then against the other rows."""
        faults = collect(self.clean_values)
        faults.update(collect(self.clean_key))
        if not faults:
            faults.update(collect(self.clean_relations))
        if faults:
            raise ValidationError(faults)
        self.derive()

    def clean_values(self) -> None:
        """Normalise and validate without reading other rows. Raises ValidationError."""

    def clean_relations(self) -> None:
        """Validate against other rows. Raises ValidationError."""
        self.clean_relations_in_bulk([self])

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
    def clean_relations_in_bulk(cls, objects: Sequence[Self]) -> None:
        """Validate many rows against other rows in a few queries. Raises ValidationError."""

    @classmethod
    def clean_in_bulk(cls, objects: Sequence[Self]) -> None:
        """Do what full_clean() does, in a number of queries that does not grow by row.

        Raises ValidationError; its `object` is the first object at fault. What only the
        database can say about many rows at once (uniqueness) it says as IntegrityError."""
        references = [f for f in cls._meta.concrete_fields if f.is_relation]
        names = [f.name for f in references] + [cls._meta.pk.name]
        for instance in objects:
            faults = collect(lambda row=instance: row.clean_fields(exclude=names))
            faults.update(collect(instance.clean_values))
            faults.update(collect(instance.clean_key))
            if faults:
                raise about(ValidationError(faults), instance)
            instance.derive()
        for field in references:
            cls._check_references(field, objects)
        cls.clean_relations_in_bulk(objects)

    @classmethod
    def _check_references(cls, field: models.ForeignKey, objects: Sequence[Self]) -> None:
        """Raise ValidationError when a foreign key names nothing, in the database or among
        `objects`."""
        named = {getattr(o, field.attname) for o in objects} - {None}
        if field.related_model is cls:
            named -= {o.pk for o in objects}
        found = set()
        for chunk in chunks(sorted(named)):
            rows = field.related_model._base_manager.filter(pk__in=chunk)
            found.update(rows.values_list("pk", flat=True))
        missing = named - found
        for instance in objects:
            value = getattr(instance, field.attname)
            if value in missing or (value is None and not field.null):
                text = f"There is no {field.related_model._meta.verbose_name} “{value}”."
                raise about(ValidationError({field.name: text}), instance)

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
        return super()._save_table(raw, *args, **kwargs)

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
            f"{cls._meta.verbose_name_plural.capitalize()} are never deleted: set active to"
            " false instead."
        )


class ChildRow(Configuration):
    """A row that belongs to a keyed object; added and removed with history."""

    id = models.BigAutoField(primary_key=True)

    class Meta(Configuration.Meta):
        abstract = True


def same_value(field: models.Field, one: Any, other: Any) -> bool:
    """Whether two values of `field` are the same; in JSON, 1 is not true and not 1.0."""
    if isinstance(field, models.JSONField):
        return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    return one == other


def collect(check: Any) -> dict[str, list[ValidationError]]:
    """Return the faults that `check()` raises by field, {} when it raises none."""
    try:
        check()
    except ValidationError as error:
        return dict(error.update_error_dict({}))
    return {}


def about(error: ValidationError, instance: Configuration) -> ValidationError:
    """Return `error` with the object it is about as `object`."""
    error.object = instance
    return error


def check_characters(field: models.Field, value: Any) -> None:
    """Raise ValidationError when text in `value` has control characters."""
    if isinstance(field, models.JSONField):
        check_json(value)
    elif isinstance(value, str):
        check_text(value, lines=isinstance(field, models.TextField))


def at_most_one(*names: str, required: bool = False) -> models.Q:
    """Return the condition that at most (required: exactly) one of these columns is set."""
    none = models.Q(**{f"{name}__isnull": True for name in names})
    one = models.Q()
    for chosen in names:
        one |= models.Q(**{f"{name}__isnull": name != chosen for name in names})
    return one if required else none | one


def check_target(
    instance: Configuration, names: Mapping[str, str], *, required: bool = False
) -> None:
    """Raise ValidationError naming the field when both, or none where one is `required`, of
    two foreign keys (column → what it is in words) are set."""
    chosen = [name for name in names if getattr(instance, f"{name}_id")]
    words = " or ".join(names.values())
    if len(chosen) > 1:
        raise ValidationError({chosen[1]: f"Choose {words}, not both."})
    if required and not chosen:
        raise ValidationError({next(iter(names)): f"Choose {words}."})


__all__ = [
    "MAX_INTEGER",
    "NON_FIELD_ERRORS",
    "ChildRow",
    "Configuration",
    "Keyed",
    "WholeNumberField",
    "at_most_one",
    "check_target",
]
