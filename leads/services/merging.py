"""Merging two accounts, their leads included (semantics 4)."""

from django.db import transaction

from leads.models import Lead
from territories import services
from territories.models import Account


def merge_accounts(*, source: Account, target: Account) -> int:
    """Merge `source` into `target` in the open revision; return how many leads moved.

    Raises ValidationError where they are one account."""
    with transaction.atomic():
        services.merge_accounts(source=source, target=target)
        return Lead.objects.filter(account=source).update(account=target)
