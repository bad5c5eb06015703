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

from django.db import transaction

from leads.body import MAX_LEAD_BYTES
from leads.errors import Fault, InvalidLead
from leads.models import Contact, Lead, RefusedSubmission
from leads.services import ledger, refusals
from leads.services.intake import Receipt, receive_leads
from leads.services.rehearsal import Rehearsal
from territories.revisions import Actor

from .converting import Converted, OutcomeFact, convert, to_json
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
        with transaction.atomic():
            for taken, answer in pairs:
                if isinstance(answer, InvalidLead):
                    self._keep_refused(taken, answer)
                elif taken.made.contact or taken.made.outcome:
                    self._tell(answer.lead, taken.made)

    def _keep_refused(self, taken: Taken, answer: InvalidLead) -> None:
        path = f"{self.name}, line {taken.row.line}"
        kept = RefusedSubmission.objects.filter(path=path).values_list("body", flat=True)
        if any(bytes(body) == taken.raw for body in kept):
            return
        refusals.keep(
            body=taken.raw, faults=answer.faults, path=path, actor=self.actor, now=self.now
        )

    def _tell(self, lead: Lead, made: Converted) -> None:
        contact, outcome = made.contact, made.outcome
        if contact and not Contact.objects.filter(lead=lead, at=contact.at).exists():
            ledger.record_contact(
                lead_id=lead.pk,
                at=contact.at,
                by=contact.by,
                channel=contact.channel,
                actor=self.actor,
                now=self.now,
            )
        if outcome and not _stands(lead, outcome):
            ledger.record_outcome(
                lead_id=lead.pk,
                status=outcome.status,
                at=outcome.at,
                amount=outcome.amount,
                currency=outcome.currency,
                reason=outcome.reason,
                source=self.name,
                actor=self.actor,
                now=self.now,
            )


def _stands(lead: Lead, outcome: OutcomeFact) -> bool:
    """Whether a lead has the outcome already."""
    same = lead.outcome == outcome.status and lead.amount == outcome.amount
    return same and outcome.at in (None, lead.outcome_at)


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
        outcome=taken.made.outcome.status if taken.made.outcome else None,
        translated=taken.made.translated,
    )
