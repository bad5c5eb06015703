"""Advisory locks of PostgreSQL, by name, held to the end of the transaction.

SQLite needs none: its transactions here take the one write lock when they begin.
Names are locked in the order of their hashes, so two batches never wait for each other in a ring
of one kind. What may still deadlock (a pool, then reps, then the next pool) is ended by the
database and retried by the caller.
"""

from collections.abc import Iterable
from hashlib import blake2b

from django.db import connection

from leads.prepared import rows_of

#: Statement fragment that takes the locks of an array in its order.
LOCKS_SQL = "SELECT count(pg_advisory_xact_lock(k)) FROM unnest(%s::bigint[]) AS k"


def lock_ids(names: Iterable[tuple[str, ...]]) -> list[int]:
    """The sorted, signed 64-bit lock numbers of names such as `("email", "ana@example.com")`."""
    return sorted(
        {
            int.from_bytes(blake2b("\x1f".join(name).encode(), digest_size=8).digest(), signed=True)
            for name in names
        }
    )


def take_locks(names: Iterable[tuple[str, ...]]) -> None:
    """Wait for every named lock; nothing to do where the database has one writer."""
    if connection.vendor != "postgresql":
        return
    if ids := lock_ids(names):
        rows_of(LOCKS_SQL, [ids])
