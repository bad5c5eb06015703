"""What a file of leads would come to, one after another, without writing anything.

The leads are received by the same functions as real ones, on a desk that locks and saves nothing.
What each leaves behind (turns, loads, the lead itself) is there for those that follow: the turns
in memory, the leads in a temporary database on disk, so that memory stays flat however long the
file. A rehearsal sees one revision throughout.
"""

import pickle
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from datetime import datetime
from uuid import UUID

from leads import snapshot
from leads.engine.vocabulary import LeadStatus, OutcomeStatus
from leads.errors import InvalidLead
from leads.models import Assignment, Lead
from leads.normalise import NormalisedLead

from .desk import Desk
from .intake import Item, Receipt, check_items, known_of, receive_items
from .known import KnownLeads, identity_names
from .ledger import CLOSING
from .locks import lock_ids


class Rehearsal:
    """Receives batches at one instant; close it when done."""

    def __init__(self, *, now: datetime) -> None:
        self._router = snapshot.live()
        self._now = now
        self._standing = Desk.dry(router=self._router, now=now).standing
        self._memory = _Memory()
        self._served: dict[UUID, Lead] = {}

    def receive_leads(self, bodies: Sequence[object]) -> list[Receipt | InvalidLead]:
        """What `intake.receive_leads` would answer after the batches before this one."""
        items, answers = check_items(bodies)
        desk = Desk.dry(router=self._router, now=self._now)
        desk.standing = self._standing
        desk.writes.changed.update(self._served)
        known = known_of(desk, items)
        for lead, line in self._memory.recall(item.lead for item in items):
            _replace(known, lead)
            if line is not None:
                desk.writes.add(line)
        answers |= receive_items(desk, items, known)
        received = {one.lead.pk for one in answers.values() if isinstance(one, Receipt)}
        # Held leads that were served before a new one are in the queue no longer.
        self._served |= {pk: lead for pk, lead in desk.writes.changed.items() if pk not in received}
        self._memory.keep(_touched(desk, items, answers))
        return [answers[index] for index in range(len(bodies))]

    def record_outcome(self, lead: Lead, outcome: OutcomeStatus) -> None:
        """Note what becomes of a lead just received; a closed one no longer counts as open."""
        if outcome not in CLOSING or lead.status == LeadStatus.CLOSED.value:
            return
        if lead.status == LeadStatus.ASSIGNED.value and lead.owner_id is not None:
            self._standing.take_back(lead.owner_id)
        lead.status, lead.closed_at = LeadStatus.CLOSED.value, self._now
        self._memory.keep_again(lead)

    def close(self) -> None:
        """Forget everything."""
        self._memory.close()


def _replace(known: KnownLeads, lead: Lead) -> None:
    """Put the rehearsed state of a lead in the place of the stored one."""
    for leads in known.by_email.values():
        leads[:] = [one for one in leads if one.pk != lead.pk]
    known.add(lead)


def _touched(
    desk: Desk, items: Sequence[Item], answers: dict[int, Receipt | InvalidLead]
) -> list[tuple[NormalisedLead, Lead, Assignment | None]]:
    lines = {line.pk: line for line in desk.writes.new[Assignment]}
    receipts = ((item, answers[item.index]) for item in items)
    return [
        (item.lead, receipt.lead, lines.get(receipt.lead.assignment_id))
        for item, receipt in receipts
        if isinstance(receipt, Receipt)
    ]


def _unpacked(kept: bytes) -> tuple[Lead, Assignment | None]:
    # Written by this process a moment ago, to a file that no other can open.
    lead, line = pickle.loads(kept)  # noqa: S301
    return lead, line


class _Memory:
    """Leads by their identities, in SQLite's own temporary file, gone when it is closed."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("")
        self._database.executescript(
            "CREATE TABLE lead (id BLOB PRIMARY KEY, kept BLOB) WITHOUT ROWID;"
            "CREATE TABLE identity (hash INTEGER, lead BLOB, PRIMARY KEY (hash, lead))"
            " WITHOUT ROWID;"
        )

    def keep(self, touched: Iterable[tuple[NormalisedLead, Lead, Assignment | None]]) -> None:
        """Remember leads with the lines they stand by."""
        for named, lead, line in touched:
            key = lead.pk.bytes
            self._database.execute(
                "INSERT OR REPLACE INTO lead VALUES (?, ?)", (key, pickle.dumps((lead, line)))
            )
            self._database.executemany(
                "INSERT OR IGNORE INTO identity VALUES (?, ?)",
                [(identity, key) for identity in lock_ids(identity_names(named))],
            )

    def keep_again(self, lead: Lead) -> None:
        """Remember the changed state of a lead that is remembered."""
        (kept,) = self._database.execute(
            "SELECT kept FROM lead WHERE id = ?", (lead.pk.bytes,)
        ).fetchone()
        _, line = _unpacked(kept)
        self._database.execute(
            "UPDATE lead SET kept = ? WHERE id = ?", (pickle.dumps((lead, line)), lead.pk.bytes)
        )

    def recall(self, leads: Iterable[NormalisedLead]) -> list[tuple[Lead, Assignment | None]]:
        """The remembered leads that share an identity with one of these, oldest first."""
        wanted = lock_ids(name for lead in leads for name in identity_names(lead))
        found: dict[bytes, bytes] = {}
        with closing(self._database.cursor()) as cursor:
            for identity in wanted:
                cursor.execute(
                    "SELECT id, kept FROM lead WHERE id IN"
                    " (SELECT lead FROM identity WHERE hash = ?)",
                    (identity,),
                )
                found.update(cursor.fetchall())
        return [_unpacked(found[key]) for key in sorted(found)]

    def close(self) -> None:
        self._database.close()
