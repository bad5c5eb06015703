"""Verbs on configuration that take more than one save; each is one transaction and, like every
change, happens inside an open revision.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import models, transaction

from .models import Account, AccountIdentifier, Rule
from .models.base import Keyed
from .revisions import lock_configuration, require_open_change


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where a rule stands: its priority (1 first) and whether it is active."""

    priority: int
    active: bool


def arrange_rules(*, placements: Mapping[str, Placement]) -> None:
    """Give rules (by key) their priorities and active flags all at once, so that two may change
    places.

    Raises ValidationError naming both rules where two active ones would share a priority."""
    require_open_change()
    with transaction.atomic():
        lock_configuration()
        check_placements(placements)
        rules = list(Rule.objects.filter(pk__in=placements))
        moved = [rule for rule in rules if _placement(rule) != placements[rule.key]]
        # The database holds priorities unique at each statement: the rules that move are first
        # parked where no rule stands. No history is due for it: each is saved below.
        parked: models.QuerySet[Rule] = models.QuerySet(Rule).filter(
            pk__in=[rule.key for rule in moved]
        )
        parked.update(priority=-models.F("priority") - 1)
        for rule in moved:
            rule.priority = placements[rule.key].priority
            rule.active = placements[rule.key].active
            rule.save()


def check_placements(placements: Mapping[str, Placement]) -> None:
    """Raise ValidationError naming both rules where two active ones would share a priority."""
    standing = {rule.key: _placement(rule) for rule in Rule.objects.filter(active=True)}
    taken: dict[int, str] = {}
    for key, placement in sorted({**standing, **placements}.items()):
        if not placement.active:
            continue
        other = taken.setdefault(placement.priority, key)
        if other != key:
            raise ValidationError(
                f"The rules {other} and {key} would both have the priority {placement.priority}.",
                code="unique",
            )


def _placement(rule: Rule) -> Placement:
    return Placement(priority=rule.priority, active=rule.active)


def set_active(*, objects: Iterable[Keyed], active: bool) -> int:
    """Switch objects on or off; return how many were not so already.

    Raises ValidationError where one of them may not be."""
    changed = 0
    with transaction.atomic():
        lock_configuration()
        for instance in objects:
            if instance.active != active:
                instance.active = active
                instance.save(update_fields=["active"])
                changed += 1
    return changed


def merge_accounts(*, source: Account, target: Account) -> None:
    """Move what identifies `source` to `target`, its name and key included; switch it off.

    Accounts below it get the target as parent; roles that the target lacks move too. The leads
    of `source` are the caller's affair."""
    if source.pk == target.pk:
        raise ValidationError("An account cannot be merged into itself.")
    with transaction.atomic():
        lock_configuration()
        known = set(target.identifiers.values_list("kind", "value"))
        kinds = AccountIdentifier.Kind
        moving = [(row.kind, row.value) for row in source.identifiers.all()]
        moving += [(kinds.ALIAS, source.name), (kinds.KEY, source.key)]
        source.identifiers.all().delete()
        for kind, value in dict.fromkeys(moving):
            if (kind, value) not in known:
                AccountIdentifier.objects.create(account=target, kind=kind, value=value)
        _move_roles(source, target)
        _move_children(source, target)
        source.active = False
        source.save()


def _move_roles(source: Account, target: Account) -> None:
    held = set(target.roles.values_list("role", flat=True))
    for row in source.roles.all():
        if row.role not in held:
            row.account = target
            row.save()


def _move_children(source: Account, target: Account) -> None:
    if target.parent_id == source.pk:
        target.parent_id = source.parent_id
        target.save()
    for child in source.children.exclude(pk=target.pk):
        child.parent = target
        child.save()
