"""Pool turns, rep loads and company owners as one transaction sees them: locked, read when the
engine first asks, kept in step while a batch goes on, written once at its end.

Order of locks: the lead's identity, then a pool's row, then its capped reps in key order. A
transaction holds a pool from its first pick to its commit, so turns and caps are exact at any
concurrency, and a rolled-back lead moves nothing (semantics 8).
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from leads.engine.config import Config
from leads.engine.decision import Decision
from leads.engine.state import NO_LOAD, AccountHit, Load, PoolState, Turn
from leads.engine.vocabulary import LeadStatus
from leads.models import Lead
from leads.models import PoolState as PoolRow
from leads.prepared import rows_of

from .locks import take_locks

#: Company owners looked at, newest first; more open leads of one company change nothing.
COMPANY_LIMIT = 50

#: A pool's turns, and whether held leads wait for it.
POOL_SQL = """
SELECT picks, turns, EXISTS (
    SELECT 1 FROM leads_lead l WHERE l.hold_until IS NOT NULL AND l.hold_pool = p.pool_id
) FROM leads_poolstate p WHERE p.pool_id = %s"""
LOCKED_POOL_SQL = f"{POOL_SQL} FOR NO KEY UPDATE"

LOADS_SQL = """
WITH wanted(rep, midnight) AS (VALUES {rows})
SELECT wanted.rep,
    (SELECT count(*) FROM leads_lead l WHERE l.owner_id = wanted.rep AND l.status = 'assigned'),
    (SELECT count(*) FROM leads_assignment a
        WHERE a.owner_id = wanted.rep AND a.at >= wanted.midnight AND a.kind <> 'held'
        AND NOT a.shadow)
FROM wanted
"""


def turns_to_json(state: PoolState) -> dict[str, list[int]]:
    """A pool's turns as its row keeps them."""
    return {rep: [turn.owed, turn.last_pick] for rep, turn in state.turns.items()}


def turns_from_json(picks: int, turns: Mapping[str, Sequence[int]]) -> PoolState:
    """The engine's state of a pool from its row."""
    return PoolState(
        picks=picks,
        turns={rep: Turn(owed=owed, last_pick=last) for rep, (owed, last) in turns.items()},
    )


class Standing:
    """What the decisions of one transaction read and move. With `locked` off (dry runs)
    nothing is locked and nothing can be written back."""

    def __init__(self, config: Config, now: datetime, *, locked: bool = True) -> None:
        self.config = config
        self.now = now
        self.locked = locked
        self.moved: dict[str, PoolState] = {}
        self._pools: dict[str, PoolState] = {}
        #: Turns of pools that leads are given to by hand: never written, so that many leads at
        #: once go round and the pool still does not move.
        self.by_hand: dict[str, PoolState] = {}
        #: Pools that held leads wait for, as read with the pool.
        self.queued: set[str] = set()
        self._loads: dict[str, Load] = {}
        self._companies: dict[tuple[str, int], list[str]] = {}
        # What this transaction gave out and has not written yet.
        self._given: dict[str, Load] = {}
        self._given_companies: dict[str, list[str]] = {}

    def pool(self, key: str) -> PoolState:
        """A pool's turns, under its row lock from now on."""
        if key not in self._pools:
            self._pools[key] = self._read_pool(key)
        return self._pools[key]

    def _read_pool(self, key: str) -> PoolState:
        sql = LOCKED_POOL_SQL if self.locked and connection.vendor == "postgresql" else POOL_SQL
        found = rows_of(sql, [key])
        if not found and self.locked:
            # The row must be there to be locked; whoever came first made it.
            PoolRow.objects.bulk_create([PoolRow(pool_id=key)], ignore_conflicts=True)
            found = rows_of(sql, [key])
        if not found:
            return PoolState()
        picks, turns, waited_for = found[0]
        if waited_for:
            self.queued.add(key)
        return turns_from_json(picks, json.loads(turns))

    def loads(self, reps: Sequence[str]) -> Mapping[str, Load]:
        """The loads of reps, under a lock each from now on."""
        missing = sorted({rep for rep in reps if rep not in self._loads})
        if missing:
            if self.locked:
                take_locks(("rep", rep) for rep in missing)
            self._loads.update(self._read_loads(missing))
        given, read = self._given, self._loads
        return {rep: _sum(read[rep], given.get(rep, NO_LOAD)) for rep in reps}

    def _read_loads(self, reps: Sequence[str]) -> dict[str, Load]:
        parameters: list[Any] = [part for rep in reps for part in (rep, self._midnight(rep))]
        sql = LOADS_SQL.format(rows=", ".join(["(%s, %s)"] * len(reps)))
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            return {rep: Load(open=open_, today=today) for rep, open_, today in cursor.fetchall()}

    def _midnight(self, rep: str) -> object:
        """The last midnight in the rep's zone, as the database stores instants."""
        config = self.config
        calendar = config.calendars.get(config.reps[rep].calendar or "")
        settings = config.settings
        name = calendar.timezone if calendar else settings.timezone if settings else "UTC"
        zone = ZoneInfo(name)
        midnight = datetime.combine(self.now.astimezone(zone).date(), time(), zone)
        return connection.ops.adapt_datetimefield_value(midnight)

    def company_owners(self, domain: str, days: int) -> list[str]:
        """Owners of open leads of a domain from these days, newest first."""
        if not domain:
            return []
        given = self._given_companies.get(domain, [])
        if (domain, days) not in self._companies:
            self._companies[domain, days] = self._read_company(domain, days)
        return list(dict.fromkeys([*given, *self._companies[domain, days]]))

    def _read_company(self, domain: str, days: int) -> list[str]:
        rows = Lead.objects.filter(
            domain=domain,
            status=LeadStatus.ASSIGNED.value,
            owner__isnull=False,
            created_at__gte=self.now - timedelta(days=days),
        )
        return [
            str(owner)
            for owner in rows.order_by("-id").values_list("owner_id", flat=True)[:COMPANY_LIMIT]
        ]

    def apply(self, decision: Decision, *, domain: str, was_open_with: str | None = None) -> None:
        """Take a decision into account for the rest of the transaction."""
        self._pools.update(decision.pools)
        self.moved.update(decision.pools)
        if decision.status is not LeadStatus.ASSIGNED or decision.owner is None:
            return
        self._give(decision.owner, open_=0 if was_open_with == decision.owner else 1, today=1)
        if was_open_with not in (None, decision.owner):
            self._give(str(was_open_with), open_=-1, today=0)
        if domain:
            self._given_companies.setdefault(domain, []).insert(0, decision.owner)

    def _give(self, rep: str, *, open_: int, today: int) -> None:
        self._given[rep] = _sum(self._given.get(rep, NO_LOAD), Load(open=open_, today=today))

    def take_back(self, rep: str) -> None:
        """One open lead less for a rep: it was closed."""
        self._give(rep, open_=-1, today=0)

    def lock_owner(self, rep: str | None) -> None:
        """Take the lock of a capped rep who is given a lead past a pool, so that a pool which
        counts this rep's leads at the same time counts this one."""
        known = self.config.reps.get(rep or "")
        if self.locked and known is not None and known.capped:
            self.loads([known.key])

    def credit(self, pool: str, state: PoolState) -> None:
        """Take over a pool's state that was changed outside a pick."""
        self._pools[pool] = self.moved[pool] = state


def _sum(one: Load, other: Load) -> Load:
    return Load(open=one.open + other.open, today=one.today + other.today)


class HandState:
    """The engine's `State` for a lead that is given to a pool by hand."""

    def __init__(self, standing: Standing, *, ruled_out: Mapping[str, str] | None = None) -> None:
        self._standing = standing
        self.accounts: Sequence[AccountHit] = ()
        self.owner: str | None = None
        self.ruled_out: Mapping[str, str] = ruled_out or {}
        self.was_qualified = True

    def pool(self, key: str) -> PoolState:
        return self._standing.by_hand.get(key) or self._standing.pool(key)

    def loads(self, reps: Sequence[str]) -> Mapping[str, Load]:
        return self._standing.loads(reps)

    def company_owners(self, pool: str) -> Sequence[str]:
        return ()


class LeadState:
    """The engine's `State` for one lead, over a transaction's standing."""

    __slots__ = ("_domain", "_standing", "accounts", "owner", "ruled_out", "was_qualified")

    def __init__(
        self,
        standing: Standing,
        *,
        domain: str = "",
        accounts: Sequence[AccountHit] = (),
        owner: str | None = None,
        ruled_out: Mapping[str, str] | None = None,
        was_qualified: bool = False,
    ) -> None:
        self._standing = standing
        self._domain = domain
        self.accounts = accounts
        self.owner = owner
        self.ruled_out = ruled_out or {}
        self.was_qualified = was_qualified

    def pool(self, key: str) -> PoolState:
        return self._standing.pool(key)

    def loads(self, reps: Sequence[str]) -> Mapping[str, Load]:
        return self._standing.loads(reps)

    def company_owners(self, pool: str) -> Sequence[str]:
        days = self._standing.config.pools[pool].keep_company_together_days
        return self._standing.company_owners(self._domain, days) if days else ()
