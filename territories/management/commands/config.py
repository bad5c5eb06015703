"""`config export | plan | apply`: the configuration as one document (docs/configuration.md)."""

import getpass
import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from territories import document
from territories.document.faults import Suggestions
from territories.models import ActorKind
from territories.revisions import Actor, current_revision, revision

INVALID, DIFFERS = 1, 2


class Command(BaseCommand):
    """Faults go to standard error, one a line; exit 1 when there are any."""

    help = "Export, compare or apply the configuration as one YAML or JSON document."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the three subcommands."""
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="export|plan|apply")
        export = verbs.add_parser("export", help="write the configuration to standard output")
        export.add_argument(
            "--sections", metavar="A,B", help="only these sections (accounts only when named)"
        )
        export.add_argument("--format", choices=("yaml", "json"), default="yaml")
        export.add_argument("--revision", type=int, metavar="N", help="as it was at revision N")
        plan = verbs.add_parser("plan", help="show what apply would change; exit 0 none, 2 some")
        apply = verbs.add_parser("apply", help="change the configuration to the document")
        for verb in (plan, apply):
            verb.add_argument("file", metavar="FILE", help="YAML, or JSON (.json); - is stdin")
            verb.add_argument(
                "--prune",
                action="store_true",
                help="deactivate what a section of the document does not list",
            )
        apply.add_argument("--reason", required=True, help="why; kept with the revision")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the subcommand."""
        try:
            getattr(self, f"_{options['verb']}")(options)
        except document.InvalidDocument as error:
            self._refuse(error.faults)

    def _export(self, options: dict[str, Any]) -> None:
        sections = _sections(options["sections"])
        number, newest = options["revision"], current_revision()
        if number is None:
            made = document.export_document(sections)
        elif 0 <= number <= newest:
            made = document.document_at(number, sections)
        else:
            raise CommandError(f"There is no revision {number}; the newest is {newest}.")
        self.stdout.write(document.dump_document(made, options["format"]), ending="")

    def _plan(self, options: dict[str, Any]) -> None:
        plan = document.plan(_read(options["file"]), prune=options["prune"])
        if plan.faults:
            self._refuse(plan.faults)
        self._show(plan)
        if plan.changes:
            sys.exit(DIFFERS)

    def _apply(self, options: dict[str, Any]) -> None:
        made = _read(options["file"])
        actor = Actor(kind=ActorKind.COMMAND, id="config apply", name=_person())
        why = options["reason"]
        with revision(actor=actor, reason=why, source="config apply"), transaction.atomic():
            plan = document.apply(made, prune=options["prune"])
            number = current_revision()  # read before others can make the next one
        self._show(plan)
        if plan.changes:
            self.stdout.write(f"Revision {number}.")

    def _show(self, plan: document.Plan) -> None:
        for change in plan.changes:
            self.stdout.write(f"{change.op} {change.kind}/{change.key}")
            for name, (before, after) in change.fields.items():
                self.stdout.write(f"    {name}: {_shown(before)} → {_shown(after)}")
        if not plan.changes:
            self.stdout.write("No changes.")

    def _refuse(self, faults: Iterable[document.Fault]) -> None:
        for fault in faults:
            self.stderr.write(str(fault))
        sys.exit(INVALID)


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _sections(text: str | None) -> list[str] | None:
    """The named sections; raises CommandError for one that does not exist."""
    if text is None:
        return None
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in document.SECTIONS:
            near = Suggestions().near(name, document.SECTIONS)
            raise CommandError(f"There is no section {name}{near}")
    return names


def _read(path: str) -> dict[str, Any]:
    """The document in a file or on standard input. Raises InvalidDocument, CommandError."""
    if path == "-":
        return document.parse_document(sys.stdin.buffer.read())
    try:
        text = Path(path).read_bytes()
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror or error}") from error
    media = "json" if path.lower().endswith(".json") else "yaml"
    return document.parse_document(text, media)


def _person() -> str:
    """Who runs the command, as the system knows them."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no name for this user id, as in a bare container
        return "command line"
