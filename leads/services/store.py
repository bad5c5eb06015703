"""Writing what a transaction decided: on PostgreSQL one statement for a few leads and COPY for
many; elsewhere one insert a table.

The statement that writes also reads the stamp of the newest revision, in its own snapshot: if
it is not the one decided on, the caller rolls back, reloads and decides again. So no decision is
committed on a configuration older than the newest at that statement.
"""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from operator import attrgetter
from typing import Any, TypeAlias

from django.db import connection, models

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
from leads.prepared import rows_of
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
        for lead in self.changed.values():
            lead.save(force_update=True)
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
        steps = [(insert_sql(table), self.new[table]) for table in tables]
        if self.changed:
            steps.append((update_sql(Lead), list(self.changed.values())))
        if pools:
            steps.append((update_sql(PoolState), list(pools)))
        parts = [f"w{index} AS ({sql})" for index, (sql, _) in enumerate(steps)]
        sql = f"WITH {', '.join(parts)} {STAMP_SQL}" if parts else STAMP_SQL
        found = rows_of(sql, [as_json(rows) for _, rows in steps])
        if not found:
            raise StaleConfiguration("the revision counter is missing")
        return ConfigurationStamp(*found[0])


@cache
def columns_of(table: type[models.Model]) -> tuple[str, ...]:
    """The columns of a table, in the order of its fields."""
    return tuple(str(field.column) for field in table._meta.concrete_fields)


@cache
def _values_of(table: type[models.Model]) -> Callable[[models.Model], tuple[Any, ...]]:
    return attrgetter(*(field.attname for field in table._meta.concrete_fields))


def as_json(rows: Sequence[models.Model]) -> str:
    """Rows of one table as the JSON that `json_populate_recordset` reads: instants and ids as
    text, JSON columns as they are."""
    table = type(rows[0])
    columns, values = columns_of(table), _values_of(table)
    return _encode([dict(zip(columns, values(row), strict=True)) for row in rows])


_encode = json.JSONEncoder(default=str, separators=(",", ":"), check_circular=False).encode


# One JSON text a table: a parameter a value would make a text of its own for each number of rows,
# and as many dumps as there are values.
@cache
def insert_sql(table: type[models.Model]) -> str:
    """The statement that adds rows given as JSON."""
    name, columns = table._meta.db_table, ", ".join(f'"{name}"' for name in columns_of(table))
    return f'INSERT INTO "{name}" ({columns}) SELECT {columns} FROM {_records(name)}'  # noqa: S608


@cache
def update_sql(table: type[models.Model]) -> str:
    """The statement that writes all columns of stored rows given as JSON."""
    name, key = table._meta.db_table, table._meta.pk.column
    columns = [f'"{column}"' for column in columns_of(table) if column != key]
    values = ", ".join(f"new.{column}" for column in columns)
    return (
        f'UPDATE "{name}" SET ({", ".join(columns)}) = ROW({values})'  # noqa: S608
        f' FROM {_records(name)} AS new WHERE "{name}"."{key}" = new."{key}"'
    )


def _records(name: str) -> str:
    return f'json_populate_recordset(NULL::"{name}", %s::json)'


@cache
def _json_places(table: type[models.Model]) -> tuple[int, ...]:
    """Where the JSON columns stand in a row."""
    fields = enumerate(table._meta.concrete_fields)
    return tuple(place for place, field in fields if isinstance(field, models.JSONField))


def _copy(table: type[models.Model], rows: Rows) -> None:
    columns = ", ".join(f'"{column}"' for column in columns_of(table))
    values, places = _values_of(table), _json_places(table)
    with connection.cursor() as cursor:
        # The driver's own cursor streams; Django's wrapper has no word for COPY.
        copy = f'COPY "{table._meta.db_table}" ({columns}) FROM STDIN'
        with cursor.cursor.copy(copy) as stream:
            for row in rows:
                line = list(values(row))
                for place in places:
                    if line[place] is not None:
                        line[place] = _encode(line[place])
                stream.write_row(line)
