"""`route FILE`: route the leads of a CSV or NDJSON file (docs/routing-files.md)."""

import getpass
import os
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from io import BufferedReader
from pathlib import Path
from typing import Any, cast

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from leads.errors import Busy
from leads.files.converting import time_of
from leads.files.errors import FileFault, MapFault
from leads.files.mapping import FileMap, map_of_header, nearest, read_map
from leads.files.progress import Progress
from leads.files.reading import LeadFile, open_file
from leads.files.results import Summary
from leads.files.runs import CommitRun, DryRun, FileRun
from leads.services.rehearsal import Rehearsal
from territories.models import ActorKind
from territories.revisions import Actor

MAX_BATCH = 5_000
FAILED, INTERRUPTED = 1, 130


class Command(BaseCommand):
    """One result line per lead on standard output; everything else on standard error."""

    help = "Route the leads of a CSV or NDJSON file: a dry run, unless --commit."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("file", metavar="FILE", help="CSV or NDJSON; - is standard input")
        parser.add_argument("--map", metavar="MAP", help="YAML: which column is which field")
        parser.add_argument("--commit", action="store_true", help="write; a dry run otherwise")
        parser.add_argument(
            "--at",
            metavar="INSTANT",
            help="when it is decided: RFC 3339, or a day (its midnight in UTC); default now",
        )
        parser.add_argument("--source", default="", help="source of leads that name none")
        parser.add_argument("--batch", default="500", metavar="N", help="leads a transaction (500)")
        parser.add_argument("--format", choices=("text", "ndjson"), default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        """Route the file; exit 1 where a row could neither be routed nor kept."""
        options["batch"] = _batch(str(options["batch"]))
        options["at"] = _instant(options["at"]) if options["at"] else None
        try:
            file = open_file(options["file"], cast("BufferedReader", sys.stdin.buffer))
            with closing(file.lines):
                summary = self._route_file(file, options)
        except FileFault as error:
            raise CommandError(f"{error}.") from error
        except MapFault as error:
            faults = "\n".join(error.faults)
            raise CommandError(f"{options['map']} cannot be taken:\n{faults}") from error
        if summary.not_kept:
            sys.exit(FAILED)

    def _route_file(self, file: LeadFile, options: dict[str, Any]) -> Summary:
        file_map = _map_for(file, options["map"])
        self._name_unmapped(file.header, file_map)
        with _run_for(file, file_map, options) as run:
            summary = self._route(file, run, as_json=options["format"] == "ndjson")
        self._tell(file, run, summary, committed=options["commit"])
        return summary

    def _route(self, file: LeadFile, run: FileRun, *, as_json: bool) -> Summary:
        summary, progress = Summary(), Progress(sys.stderr)
        try:
            for result in run.results(file.rows()):
                summary.add(result)
                self._print(result.as_json() if as_json else result.as_text())
                progress.show(summary.rows, file.lines.share_read())
        except Busy as error:
            detail = f"{error} {summary.rows:,} leads are through; run it again for the others."
            raise CommandError(detail) from error
        except KeyboardInterrupt:
            progress.clear()
            self.stderr.write(f"interrupted after {summary.rows:,} leads; run it again to go on")
            sys.exit(INTERRUPTED)
        finally:
            progress.clear()
        return summary

    def _print(self, line: str) -> None:
        try:
            self.stdout.write(line)
        except BrokenPipeError:
            # Whoever read the lines is gone. Python would complain once more at its end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(FAILED)

    def _name_unmapped(self, header: list[str] | None, file_map: FileMap | None) -> None:
        if header is None or file_map is None:
            return
        used = file_map.used_columns()
        unmapped = [name for name in header if name and name not in used]
        if unmapped:
            self.stderr.write(f"unmapped columns: {', '.join(unmapped)}")
        if not file_map.columns:
            raise CommandError("No column has the name of a lead's field; give a --map.")

    def _tell(self, file: LeadFile, run: FileRun, summary: Summary, *, committed: bool) -> None:
        if file.header is None and run.file_map is not None:
            self._tell_members(run.file_map, run.columns)
        lines = file.lines
        if lines.recoded_count:
            numbers = ", ".join(map(str, lines.recoded))
            more = ", …" if lines.recoded_count > len(lines.recoded) else ""
            count = f"{lines.recoded_count:,} lines were no UTF-8 and were read as Windows-1252"
            self.stderr.write(f"{count}: {numbers}{more}")
        for line in summary.lines():
            self.stderr.write(line)
        if not committed:
            self.stderr.write("dry run: nothing was written; --commit writes")

    def _tell_members(self, file_map: FileMap, members: set[str]) -> None:
        """NDJSON has no header: what its members were is known at the end."""
        used = set(file_map.used_columns())
        if unmapped := sorted(members - used):
            self.stderr.write(f"unmapped columns: {', '.join(unmapped)}")
        if missing := sorted(used - members - file_map.ignore):
            self.stderr.write(f"columns of the map that no line has: {', '.join(missing)}")


def _map_for(file: LeadFile, path: str | None) -> FileMap | None:
    """The map to read a file by; None where each line is a lead's body already."""
    if path is None:
        return None if file.header is None else map_of_header(file.header)
    try:
        file_map = read_map(Path(path).read_bytes())
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror or error}.") from error
    if file.header is not None:
        _require_columns(file_map, file)
    return file_map


def _require_columns(file_map: FileMap, file: LeadFile) -> None:
    header = file.header or []
    faults = [
        f'{place}: {file.lines.name} has no column "{column}"{nearest(column, header)}'
        for column, place in file_map.used_columns().items()
        if column not in header and not place.startswith("ignore")
    ]
    if faults:
        raise MapFault(faults)


@contextmanager
def _run_for(
    file: LeadFile, file_map: FileMap | None, options: dict[str, Any]
) -> Iterator[FileRun]:
    common = {"file_map": file_map, "source": options["source"], "batch": options["batch"]}
    at: datetime | None = options["at"]
    if options["commit"]:
        clock: Callable[[], datetime] = timezone.now if at is None else lambda: at
        name = f"route {Path(file.lines.name).name}"
        actor = Actor(kind=ActorKind.COMMAND, id="route", name=_person())
        yield CommitRun(**common, name=name, actor=actor, clock=clock)
        return
    rehearsal = Rehearsal(now=at or timezone.now())
    try:
        yield DryRun(**common, rehearsal=rehearsal)
    finally:
        rehearsal.close()


def _instant(text: str) -> datetime:
    instant = time_of(text)
    if instant is None:
        detail = f"{text!r} is neither a day such as 2027-01-01 nor an RFC 3339 time"
        raise CommandError(f"--at: {detail}.")
    return instant.astimezone(UTC)


def _batch(text: str) -> int:
    number = int(text) if text.isascii() and text.isdigit() else 0
    if not 1 <= number <= MAX_BATCH:
        raise CommandError(f"--batch: must be a number from 1 to {MAX_BATCH:,}.")
    return number


def _person() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return "route"
