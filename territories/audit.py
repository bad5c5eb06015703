"""Does history account for every live row? Finds what was changed behind the application's back.

Every live row is compared, field by field, with its newest history row; rows without history,
history without rows, gaps in the revisions' numbers and stale derived columns are named. Tables
are read in chunks, so memory does not grow with them. A difference is looked at again under
the configuration's lock before it is reported: a writer may have come in between.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from django.apps import apps
from django.db import models, transaction
from django.db.models import Exists, Max, OuterRef

from .models import Configuration, Revision, RevisionCounter
from .models.base import same_value
from .models.history import DELETED
from .revisions import COUNTER_ID, lock_configuration

CHUNK = 500

Row = dict[str, Any]


def configuration_models() -> list[type[Configuration]]:
    """Return every model that keeps history by revision, by name."""
    found = apps.get_app_config("territories").get_models()
    kinds = [model for model in found if issubclass(model, Configuration)]
    return sorted(kinds, key=lambda model: model.__name__)


def findings() -> Iterator[str]:
    """Yield one sentence for each thing that history does not account for."""
    yield from _number_findings()
    yield from _empty_revisions()
    for model in configuration_models():
        yield from _orphans(model)
        yield from _differences(model)
        yield from _vanished(model)


def _number_findings() -> Iterator[str]:
    """Gaps in the numbers, and a counter that is not at the newest of them."""
    expected = 1
    for number in Revision.objects.order_by("number").values_list("number", flat=True).iterator():
        if number != expected:
            missing = str(expected) if number == expected + 1 else f"{expected} to {number - 1}"
            yield f"revision {missing}: missing"
        expected = number + 1
    counter = RevisionCounter.objects.filter(pk=COUNTER_ID).values_list("number", flat=True)
    # Read last: a revision made meanwhile moves the counter on, never back.
    at = counter.first() or 0
    if at < expected - 1 or not _reaches(expected - 1, at):
        yield f"revision counter: stands at {at}, the newest revision is {expected - 1}"


def _reaches(newest: int, counter: int) -> bool:
    """Whether every number after `newest` up to the counter is a revision."""
    return Revision.objects.filter(number__gt=newest, number__lte=counter).count() == (
        counter - newest
    )


def _empty_revisions() -> Iterator[str]:
    numbers = Revision.objects.order_by("number").values_list("number", flat=True).iterator()
    while chunk := list(islice(numbers, CHUNK)):
        used: set[int] = set()
        for model in configuration_models():
            rows = model.history.filter(revision_id__in=chunk).order_by()
            used.update(rows.values_list("revision_id", flat=True).distinct())
        for number in chunk:
            if number not in used:
                yield f"revision {number}: no object's history tells what it changed"


def _orphans(model: type[Configuration]) -> Iterator[str]:
    """History rows whose revision does not exist."""
    known = Revision.objects.filter(pk=OuterRef("revision_id"))
    rows = model.history.filter(~Exists(known)).order_by("history_id")
    for row in rows.values("history_id", "revision_id", model._meta.pk.attname).iterator():
        key = row[model._meta.pk.attname]
        yield (
            f"{_name(model, key)}: history row {row['history_id']} belongs to revision"
            f" {row['revision_id']}, which does not exist"
        )


def _differences(model: type[Configuration]) -> Iterator[str]:
    """Live rows that are not as their newest history row says."""
    keys = model.objects.order_by("pk").values_list("pk", flat=True).iterator()
    while chunk := list(islice(keys, CHUNK)):
        if suspects := [key for key, _ in _compare(model, chunk)]:
            with transaction.atomic():
                lock_configuration()
                confirmed = list(_compare(model, suspects))
            yield from (text for _, text in confirmed)


def _compare(model: type[Configuration], keys: Sequence[Any]) -> Iterator[tuple[Any, str]]:
    """Yield the key and a sentence for each difference among these rows."""
    newest = {row[model._meta.pk.attname]: row for row in _newest(model, keys)}
    for instance in model.objects.filter(pk__in=keys).order_by("pk"):
        name, row = _name(model, instance.pk), newest.get(instance.pk)
        if row is None:
            yield instance.pk, f"{name}: has no history"
            continue
        if row["history_type"] == DELETED:
            yield instance.pk, f"{name}: exists, but history says it was removed"
            continue
        for text in (*_field_differences(instance, row), *_stale(instance)):
            yield instance.pk, f"{name}: {text}"


def _newest(model: type[Configuration], keys: Sequence[Any]) -> models.QuerySet:
    key = model._meta.pk.attname
    numbers = model.history.filter(**{f"{key}__in": keys}).order_by()
    newest = numbers.values(key).annotate(newest=Max("history_id")).values("newest")
    return model.history.filter(history_id__in=newest).values()


def _field_differences(instance: Configuration, row: Row) -> Iterator[str]:
    for field in instance._meta.concrete_fields:
        live, told = getattr(instance, field.attname), row[field.attname]
        if not same_value(field, live, told):
            yield (f"{field.name} is {live!r}, but revision {row['revision_id']} left it {told!r}")


def _stale(instance: Configuration) -> Iterator[str]:
    """Derived columns that do not follow from the others."""
    before = {name: getattr(instance, name) for name in instance.DERIVED}
    instance.derive()
    for name, value in before.items():
        if value != getattr(instance, name):
            yield f"{name} is {value!r}, but follows as {getattr(instance, name)!r}"


def _vanished(model: type[Configuration]) -> Iterator[str]:
    """Objects that history says exist and that no live row shows."""
    key = model._meta.pk.attname
    live = model.objects.filter(pk=OuterRef(key))
    newest = model.history.order_by().values(key).annotate(newest=Max("history_id"))
    rows = model.history.filter(history_id__in=newest.values("newest")).exclude(
        history_type=DELETED
    )
    for row in rows.filter(~Exists(live)).order_by("history_id").iterator():
        with transaction.atomic():
            lock_configuration()
            again = _newest(model, [getattr(row, key)]).get()
            gone = not model.objects.filter(pk=getattr(row, key)).exists()
        if gone and again["history_type"] != DELETED:
            yield (
                f"{_name(model, getattr(row, key))}: is gone, but revision"
                f" {again['revision_id']} left it in place"
            )


def _name(model: type[Configuration], key: Any) -> str:
    return f"{model._meta.verbose_name} {key}"
