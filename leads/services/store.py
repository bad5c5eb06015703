"""Writing what a transaction decided: on PostgreSQL one statement for a few leads and COPY for
many; elsewhere one insert a table.

The statement that writes also reads the stamp of the newest revision, in its own snapshot: if
it is not the one decided on, the caller rolls back, reloads and decides again. So no decision is
committed on a configuration older than the newest at that statement.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, TypeAlias

from django.db import connection, connections, models

from leads.errors import StaleConfiguration
from leads.models import (
    Assignment,
    Lead,
    OutboxEvent,
    PoolState,
    RoutingException,
    SlaClock,
    Submission,
)
from territories.revisions import ConfigurationStamp, configuration_stamp

Rows: TypeAlias = list[Any]

#: In the order in which foreign keys allow them to be written.
TABLES: tuple[type[models.Model], ...] = (
    Lead,
    Submission,
    Assignment,
    SlaClock,
    RoutingException,
    OutboxEvent,
)
#: Up to this many leads are written by one statement, more by COPY.
ONE_STATEMENT_LEADS = 8

# Table and column names below come from the models, never from data.
STAMP_SQL = "SELECT number, epoch FROM territories_revisioncounter"


class Writes:
    """The rows that one transaction is going to add or change."""

    def __init__(self) -> None:
        self.new: dict[type[models.Model], Rows] = {table: [] for table in TABLES}
        self.changed: dict[Any, Lead] = {}
        self._new_clocks: dict[Any, list[SlaClock]] = {}
        self._clocks: list[Any] = []
        self._clocks_at: datetime | None = None

    def add(self, row: models.Model) -> None:
        """A new row of one of the tables."""
        self.new[type(row)].append(row)
        if isinstance(row, SlaClock):
            self._new_clocks.setdefault(row.lead_id, []).append(row)

    def change(self, lead: Lead) -> None:
        """A stored lead whose columns are to be written again, once."""
        if not lead._state.adding:
            self.changed[lead.pk] = lead

    def stop_clocks(self, lead: Lead, *, at: datetime) -> None:
        """The clocks that run for a lead count no further: it is closed or somebody else's."""
        for clock in self._new_clocks.get(lead.pk, ()):
            clock.stopped_at = at
        if not lead._state.adding:
            self._clocks.append(lead.pk)
            self._clocks_at = at

    def save(self, *, pools: Sequence[PoolState], stamp: ConfigurationStamp) -> None:
        """Write everything. Raises StaleConfiguration when the configuration has moved on."""
        for lead in self.changed.values():
            lead.save(force_update=True)
        if self._clocks:
            running = SlaClock.objects.filter(
                lead_id__in=self._clocks, responded_at__isnull=True, stopped_at__isnull=True
            )
            running.update(stopped_at=self._clocks_at)
        if connection.vendor == "postgresql":
            newest = self._save_on_postgresql(pools)
        else:
            newest = self._save_by_table(pools)
        if newest != stamp:
            raise StaleConfiguration(f"decided on revision {stamp.number}, now {newest.number}")

    def _save_by_table(self, pools: Sequence[PoolState]) -> ConfigurationStamp:
        for table in TABLES:
            if self.new[table]:
                table._default_manager.bulk_create(self.new[table])
        for pool in pools:
            pool.save(force_update=True)
        return configuration_stamp()

    def _save_on_postgresql(self, pools: Sequence[PoolState]) -> ConfigurationStamp:
        tables = [table for table in TABLES if self.new[table]]
        if len(self.new[Lead]) > ONE_STATEMENT_LEADS:
            for table in tables:
                _copy(table, self.new[table])
            tables = []
        steps = [_insert(table, self.new[table]) for table in tables]
        steps += [_update_pool(pool) for pool in pools]
        parts = [f"w{index} AS ({sql})" for index, (sql, _) in enumerate(steps)]
        sql = f"WITH {', '.join(parts)} {STAMP_SQL}" if parts else STAMP_SQL
        with connection.cursor() as cursor:
            cursor.execute(sql, [value for _, values in steps for value in values])
            row = cursor.fetchone()
        if row is None:
            raise StaleConfiguration("the revision counter is missing")
        return ConfigurationStamp(row[0], row[1])


def _fields(table: type[models.Model]) -> list[Any]:
    return list(table._meta.concrete_fields)


def _values(fields: Iterable[Any], row: models.Model) -> list[Any]:
    database = connections[connection.alias]  # the proxy would be asked for each value
    return [field.get_db_prep_save(getattr(row, field.attname), database) for field in fields]


def _insert(table: type[models.Model], rows: Rows) -> tuple[str, list[Any]]:
    fields = _fields(table)
    columns = ", ".join(f'"{field.column}"' for field in fields)
    marks = f"({', '.join(['%s'] * len(fields))})"
    sql = (
        f'INSERT INTO "{table._meta.db_table}" ({columns})'  # noqa: S608
        f" VALUES {', '.join([marks] * len(rows))}"
    )
    return sql, [value for row in rows for value in _values(fields, row)]


def _update_pool(pool: PoolState) -> tuple[str, list[Any]]:
    fields = [field for field in _fields(PoolState) if not field.primary_key]
    columns = ", ".join(f'"{field.column}" = %s' for field in fields)
    sql = f'UPDATE "{PoolState._meta.db_table}" SET {columns} WHERE pool_id = %s'  # noqa: S608
    return sql, [*_values(fields, pool), pool.pk]


def _copy(table: type[models.Model], rows: Rows) -> None:
    fields = _fields(table)
    columns = ", ".join(f'"{field.column}"' for field in fields)
    with connection.cursor() as cursor:
        # The driver's own cursor streams; Django's wrapper has no word for COPY.
        copy = f'COPY "{table._meta.db_table}" ({columns}) FROM STDIN'
        with cursor.cursor.copy(copy) as stream:
            for row in rows:
                stream.write_row(_values(fields, row))
