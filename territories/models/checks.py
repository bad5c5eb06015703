"""What an object must be among the others: one owner of two kinds, parents without a circle,
references that exist. Each check raises ValidationError naming the field."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models

from territories.validators.routing import lists_in
from territories.validators.text import check_json, check_text, did_you_mean

if TYPE_CHECKING:
    from .base import Configuration, Keyed


def about(error: ValidationError, instance: "Configuration") -> ValidationError:
    """Return `error` with the object it is about as `object`."""
    error.object = instance  # type: ignore[attr-defined]  # ours: a bulk write names the row
    return error


def at_most_one(*names: str, required: bool = False) -> models.Q:
    """Return the condition that at most (required: exactly) one of these columns is set."""
    none = models.Q(**{f"{name}__isnull": True for name in names})
    one = models.Q()
    for chosen in names:
        one |= models.Q(**{f"{name}__isnull": name != chosen for name in names})
    return one if required else none | one


def check_target(
    instance: "Configuration", names: Mapping[str, str], *, required: bool = False
) -> None:
    """Raise ValidationError naming the field when both, or none where one is `required`, of
    two foreign keys (column → what it is in words) are set."""
    chosen = [name for name in names if getattr(instance, f"{name}_id")]
    words = " or ".join(names.values())
    if len(chosen) > 1:
        raise ValidationError({chosen[1]: f"Choose {words}, not both."})
    if required and not chosen:
        raise ValidationError({next(iter(names)): f"Choose {words}."})


def check_dates(instance: Any) -> None:
    """Raise ValidationError when `effective_to` is before `effective_from`."""
    first, last = instance.effective_from, instance.effective_to
    if isinstance(first, date) and isinstance(last, date) and last < first:
        raise ValidationError({"effective_to": "The last day is before the first."})


def check_no_cycle(objects: Sequence[Any]) -> None:
    """Raise ValidationError when the parents of `objects`, as they are now, run in a circle.

    One query for each level of the tree above them."""
    parents = {instance.pk: instance.parent_id for instance in objects}
    unknown = set(parents.values()) - parents.keys() - {None}
    while unknown:
        rows = type(objects[0]).objects.stored(unknown)
        found = {key: row.parent_id for key, row in rows.items()}
        parents.update(dict.fromkeys(unknown))
        parents.update(found)
        unknown = set(found.values()) - parents.keys() - {None}
    settled: set[Any] = {None}
    for instance in objects:
        path: dict[Any, None] = {}
        place = instance.pk
        while place not in settled:
            if place in path:
                way = " → ".join([*path, place])
                text = f"The parents run in a circle: {way}."
                raise about(ValidationError({"parent": text}), instance)
            path[place] = None
            place = parents.get(place)
        settled.update(path)


def refuse_switched_off(objects: Sequence["Keyed"], columns: Collection[str]) -> None:
    """Raise ValidationError when one of `objects` is inactive while one of these columns of the
    settings names it: routing must always end with somebody."""
    inactive = {instance.pk: instance for instance in objects if not instance.active}
    settings: Any = apps.get_model("territories", "RoutingSettings").load() if inactive else None
    for column in columns if settings is not None else ():
        needed = inactive.get(getattr(settings, f"{column}_id"))
        if needed is not None:
            name = settings._meta.get_field(column).verbose_name
            text = f"This is the {name} of the settings: choose another there first."
            raise about(ValidationError({"active": text}), needed)


def check_lists(objects: Sequence["Configuration"], field: str) -> None:
    """Raise ValidationError when a condition in `field` names a value list that is not stored."""
    check_known(objects, field, "ValueList", lambda row: set(lists_in(getattr(row, field))))


def check_known(
    objects: Sequence["Configuration"],
    field: str,
    model: str,
    keys_of: Callable[[Any], Collection[str]],
) -> None:
    """Raise ValidationError naming `field` when one of the keys that an object names there is
    no stored key of `model`."""
    named = [(instance, set(keys_of(instance))) for instance in objects]
    kind = apps.get_model("territories", model)
    missing = set().union(*(keys for _, keys in named))
    missing -= kind.objects.stored(missing).keys()
    for instance, keys in named:
        for key in sorted(keys & missing):
            near = did_you_mean(key, kind.objects.values_list("pk", flat=True))
            text = f"There is no {kind._meta.verbose_name} “{key}”{near}."
            raise about(ValidationError({field: text}), instance)


def same_value(field: models.Field, one: Any, other: Any) -> bool:
    """Whether two values of `field` are the same; in JSON, 1 is not true and not 1.0."""
    if isinstance(field, models.JSONField):
        return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    return one == other


def collect(
    check: Callable[[], None], field: str = NON_FIELD_ERRORS
) -> dict[str, list[ValidationError]]:
    """Return the faults that `check()` raises by field, {} when it raises none; those that
    name no field stand under `field`."""
    try:
        check()
    except ValidationError as error:
        if hasattr(error, "error_dict"):
            return dict(error.error_dict)
        return {field: error.error_list}
    return {}


def check_characters(field: models.Field, value: Any) -> None:
    """Raise ValidationError when text in `value` has control characters."""
    if isinstance(field, models.JSONField):
        check_json(value)
    elif isinstance(value, str):
        check_text(value, lines=isinstance(field, models.TextField))
