"""First answers to requests that carried an `Idempotency-Key`.

The row is claimed at the start of the transaction that does the work and completed at its end, so
it exists exactly when the work does. A second request with the same key waits on the unique index
(PostgreSQL) or on the write lock (SQLite, immediate transactions) until the first is done; it
therefore never sees a claim without an answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connections, models, router

IDEMPOTENCY_WINDOW = timedelta(hours=24)

# One statement claims a free key, or takes over one whose day is over. The unique index makes a
# concurrent claim wait, which get_or_create's two statements would need a savepoint for.
CLAIM_SQL = """
INSERT INTO {table} (scope, path, key, body_digest, status, headers, body, created_at, expires_at)
VALUES (%s, %s, %s, %s, 0, '{{}}', '', %s, %s)
ON CONFLICT (scope, path, key) DO UPDATE SET
    body_digest = excluded.body_digest, status = 0, headers = '{{}}', body = '',
    created_at = excluded.created_at, expires_at = excluded.expires_at
WHERE {table}.expires_at <= excluded.created_at
RETURNING id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdempotencyClaim:
    """What one request claims: `scope` is the caller, `body_digest` the SHA-256 of its body."""

    scope: str
    path: str
    key: str
    body_digest: str


class IdempotencyQuerySet(models.QuerySet["IdempotencyRecord"]):
    """Claims keys, and forgets them after a day."""

    def claim(self, claim: IdempotencyClaim, *, now: datetime) -> int | None:
        """Return the id of a newly claimed record, or None where an answer is stored already.

        Waits for a concurrent request with the same key. To be called inside a transaction.
        """
        connection = connections[router.db_for_write(self.model)]
        sql = CLAIM_SQL.format(table=connection.ops.quote_name(self.model._meta.db_table))
        times = [
            connection.ops.adapt_datetimefield_value(value)
            for value in (now, now + IDEMPOTENCY_WINDOW)
        ]
        values = [claim.scope, claim.path, claim.key, claim.body_digest, *times]
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            row = cursor.fetchone()
        return None if row is None else int(row[0])

    def stored(self, claim: IdempotencyClaim) -> IdempotencyRecord:
        """Return the record that holds the first answer to a claim that was not free."""
        return self.get(scope=claim.scope, path=claim.path, key=claim.key)

    def purge(self, *, now: datetime) -> int:
        """Delete the records whose day is over; return how many there were."""
        return self.filter(expires_at__lte=now).delete()[0]


class IdempotencyRecord(models.Model):
    """One stored first answer: status, headers and body as they were sent."""

    scope = models.CharField(max_length=100)
    path = models.CharField(max_length=500)
    key = models.CharField(max_length=255)
    body_digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    headers = models.JSONField(default=dict)
    body = models.TextField(blank=True, default="")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    objects = IdempotencyQuerySet.as_manager()

    class Meta:
        verbose_name = "idempotency record"
        constraints = [
            models.UniqueConstraint(fields=["scope", "path", "key"], name="leads_idempotency_once")
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.path} {self.key}"
