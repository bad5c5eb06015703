"""`merge_accounts SOURCE TARGET --reason …`: two accounts that are one company become one."""

import getpass
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from leads.services.merging import merge_accounts
from territories.models import Account, ActorKind
from territories.revisions import Actor, revision


class Command(BaseCommand):
    """One revision; the source's key goes on naming the target."""

    help = "Merge an account into another: its domains, names, ids, children and leads move."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("source", metavar="SOURCE", help="key of the account that goes")
        parser.add_argument("target", metavar="TARGET", help="key of the account that stays")
        parser.add_argument("--reason", required=True, help="why; kept with the revision")

    def handle(self, *args: Any, **options: Any) -> None:
        """Merge; exit 1 where an account is not known."""
        source, target = _account(options["source"]), _account(options["target"])
        actor = Actor(kind=ActorKind.COMMAND, name=getpass.getuser())
        try:
            with revision(actor=actor, reason=options["reason"], source="merge_accounts"):
                moved = merge_accounts(source=source, target=target)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(f"{source.key} is {target.key} now; {moved} leads moved.")


def _account(key: str) -> Account:
    account = Account.objects.filter(pk=key).first()
    if account is None:
        raise CommandError(f'no account "{key}"')
    return account
