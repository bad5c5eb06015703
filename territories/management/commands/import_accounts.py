"""`import_accounts FILE`: accounts from CSV or XLSX, previewed, then stored as one revision."""

import getpass
import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from territories.account_import import Preview, import_accounts, preview_accounts
from territories.account_map import AccountMap, read_account_map
from territories.account_sheet import COLUMNS
from territories.document import InvalidDocument
from territories.models import ActorKind
from territories.revisions import Actor, current_revision, revision

INVALID, DIFFERS = 1, 2


class Command(BaseCommand):
    """Faults go to standard error by row. Exit 1 for faults; a preview exits 2 for changes."""

    help = (
        "Import accounts from a CSV or XLSX file. Shows what would happen; writes with --commit."
        f" Columns: {', '.join(COLUMNS)}; domains and aliases separated by semicolons."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("file", metavar="FILE", help="CSV (UTF-8) or .xlsx with a header row")
        parser.add_argument("--map", metavar="MAP", help="YAML: which column is which key")
        parser.add_argument("--commit", action="store_true", help="store the accounts")
        parser.add_argument("--reason", help="why; kept with the revision (needed to commit)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Preview the file, or import it."""
        path = Path(options["file"])
        try:
            content = path.read_bytes()
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror or error}") from error
        account_map = self._map(options["map"])
        if not options["commit"]:
            preview = preview_accounts(content, path.name, account_map)
            self._show(preview)
            self._sum(preview, "Nothing was written; --commit --reason WHY imports.")
            if preview.changes:
                sys.exit(DIFFERS)
            return
        if not options["reason"]:
            raise CommandError("--commit needs a --reason.")
        actor = Actor(kind=ActorKind.COMMAND, id="import_accounts", name=_person())
        with revision(actor=actor, reason=options["reason"], source="import_accounts"):
            preview = import_accounts(content, path.name, account_map)
        self._show(preview)
        self._sum(preview, f"Revision {current_revision()}." if preview.changes else "")

    def _map(self, path: str | None) -> AccountMap | None:
        if path is None:
            return None
        try:
            return read_account_map(Path(path).read_bytes())
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror or error}") from error
        except InvalidDocument as error:
            faults = "\n".join(map(str, error.faults))
            raise CommandError(f"{path} cannot be taken:\n{faults}") from error

    def _show(self, preview: Preview) -> None:
        for fault in preview.faults:
            self.stderr.write(str(fault))
        if preview.faults:
            count = len(preview.faults)
            self.stderr.write(f"{count} fault{'s' if count > 1 else ''}; nothing was written.")
            sys.exit(INVALID)
        for item in preview.changes:
            self.stdout.write(f"row {item.row}: {item.change.op} {item.change.key}")
            for name, (before, after) in item.change.fields.items():
                self.stdout.write(f"    {name}: {_shown(before)} → {_shown(after)}")
        for conflict in preview.conflicts:
            where = f"row {conflict.row}: owner conflict {conflict.key}"
            self.stdout.write(f"{where}: {conflict.detail}")

    def _sum(self, preview: Preview, end: str) -> None:
        created = sum(item.change.op == "create" for item in preview.changes)
        changed = len(preview.changes) - created
        self.stdout.write(
            f"{preview.rows} rows: {created} new, {changed} changed,"
            f" {preview.rows - created - changed} as they are;"
            f" {len(preview.conflicts)} owner conflicts. {end}".rstrip()
        )


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _person() -> str:
    """Who runs the command, as the system knows them."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no name for this user id, as in a bare container
        return "command line"
