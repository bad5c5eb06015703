"""Taking the rows of a file through routing, a batch at a time: for show, or for good.

With commit a batch is one transaction of `intake.receive_leads`; what the rows say of contacts
and outcomes follows in a second one. Running a file again does nothing twice: known leads are
updated, an outcome that stands is not told again, a refused row that is kept is not kept again.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, Protocol

from leads.body import MAX_LEAD_BYTES
from leads.errors import Fault, InvalidLead
from leads.models import RefusedSubmission
from leads.services import refusals
from leads.services.intake import Receipt, receive_leads
from leads.services.rehearsal import Rehearsal
from leads.services.told import Told, tell_of_leads
from territories.revisions import Actor

from .converting import Converted, convert, to_json
from .mapping import FileMap
from .reading import Row
from .results import LineResult


class Clock(Protocol):
    """Gives the instant of decision of the next batch."""

    def __call__(self) -> datetime: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A row on its way: what the map made of it, and its refusal where it came to one."""

    row: Row
    made: Converted
    raw: bytes
    faults: Sequence[Fault] = ()


@dataclass(slots=True, kw_only=True)
class FileRun:
    """Takes rows through routing; subclasses say what is done with a batch.

    `file_map` None takes each row's values as the body. `columns` are those of all rows."""

    file_map: FileMap | None
    source: str = ""
    batch: int = 500
    columns: set[str] = field(default_factory=set)

    def results(self, rows: Iterable[Row]) -> Iterator[LineResult]:
        """What becomes of each row, in order."""
        rows = iter(rows)
        while batch := [self._take(row) for row in islice(rows, self.batch)]:
            yield from self.do_batch(batch)

    def _take(self, row: Row) -> Taken:
        if len(self.columns) < 1_000:
            self.columns.update(row.values)
        if row.faults:
            return Taken(row=row, made=Converted(), raw=row.raw, faults=row.faults)
        if self.file_map is None:
            made = Converted(body=dict(row.values))
        else:
            made = convert(row.values, self.file_map)
        if self.source:
            made.body.setdefault("source", self.source)
        raw = to_json(made.body)
        faults = []
        if len(raw) > MAX_LEAD_BYTES:
            detail = f"larger than {MAX_LEAD_BYTES:,} bytes"
            faults.append(Fault("", "too_large", detail))
        return Taken(row=row, made=made, raw=raw, faults=faults)

    def do_batch(self, batch: Sequence[Taken]) -> Iterator[LineResult]:
        """Route a batch; one result a row, in order."""
        receipts = iter(self.receive([taken.made.body for taken in batch if not taken.faults]))
        answers = [InvalidLead(t.faults) if t.faults else next(receipts) for t in batch]
        pairs = list(zip(batch, answers, strict=True))
        self.follow_up(pairs)
        for taken, answer in pairs:
            yield _result(taken, answer)

    def receive(self, bodies: Sequence[Mapping[str, Any]]) -> list[Receipt | InvalidLead]:
        """Route the bodies of a batch."""
        raise NotImplementedError

    def follow_up(self, pairs: Sequence[tuple[Taken, Receipt | InvalidLead]]) -> None:
        """Do what comes after routing a batch."""


@dataclass(slots=True, kw_only=True)
class DryRun(FileRun):
    """Shows what would happen; writes nothing."""

    rehearsal: Rehearsal

    def receive(self, bodies: Sequence[Mapping[str, Any]]) -> list[Receipt | InvalidLead]:
        return self.rehearsal.receive_leads(bodies)

    def follow_up(self, pairs: Sequence[tuple[Taken, Receipt | InvalidLead]]) -> None:
        for taken, answer in pairs:
            if taken.made.outcome and isinstance(answer, Receipt):
                self.rehearsal.record_outcome(answer.lead, taken.made.outcome.status)


@dataclass(slots=True, kw_only=True)
class CommitRun(FileRun):
    """Routes for good. `name` is the file's, kept with what is refused."""

    name: str
    actor: Actor
    clock: Clock
    now: datetime = field(init=False)

    def receive(self, bodies: Sequence[Mapping[str, Any]]) -> list[Receipt | InvalidLead]:
        self.now = self.clock()
        return receive_leads(bodies=bodies, actor=self.actor, now=self.now)

    def follow_up(self, pairs: Sequence[tuple[Taken, Receipt | InvalidLead]]) -> None:
        told = []
        for taken, answer in pairs:
            if isinstance(answer, InvalidLead):
                self._keep_refused(taken, answer)
            elif taken.made.contact or taken.made.outcome:
                contact, outcome = taken.made.contact, taken.made.outcome
                told.append(Told(lead_id=answer.lead.pk, contact=contact, outcome=outcome))
        tell_of_leads(told=told, source=self.name, actor=self.actor, now=self.now)

    def _keep_refused(self, taken: Taken, answer: InvalidLead) -> None:
        path = f"{self.name}, line {taken.row.line}"
        kept = RefusedSubmission.objects.filter(path=path).values_list("body", flat=True)
        if any(bytes(body) == taken.raw for body in kept):
            return
        refusals.keep(
            body=taken.raw, faults=answer.faults, path=path, actor=self.actor, now=self.now
        )


def _result(taken: Taken, answer: Receipt | InvalidLead) -> LineResult:
    if isinstance(answer, InvalidLead):
        return LineResult(
            line=taken.row.line,
            body=taken.made.body,
            faults=answer.faults,
            kept=len(taken.raw) <= MAX_LEAD_BYTES,
        )
    return LineResult(
        line=taken.row.line,
        body=taken.made.body,
        answer=answer.answer,
        warnings=[*taken.made.warnings, *answer.answer["warnings"]],
        outcome=taken.made.outcome.status.value if taken.made.outcome else None,
        translated=taken.made.translated,
    )
