"""Statements of the hot path: text that never changes, sent often, prepared once a connection.

Django's own cursor writes parameters into the text, so that PostgreSQL parses and plans every
statement anew, and passes each through seven layers of Python; both cost more than to run the
statements that are sent here. These go to libpq as they are (`psycopg.pq`, the driver's low-level
interface), prepared when a connection first sends them. What Django does around a statement stays:
it opens the connection and the transaction, refuses one that is broken, and names the errors.

On SQLite, and while Django logs statements (tests, debugging), its own cursor is used.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

from django.db import connection
from psycopg import Connection, DataError
from psycopg.errors import error_from_result
from psycopg.postgres import types
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult

Rows = list[tuple[Any, ...]]

DONE = (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK)

#: What makes a value of its text, by the type's number. JSON stays text, as with Django's cursor.
READERS: dict[int, Callable[[bytes], Any]] = {
    **{types[name].oid: int for name in ("int2", "int4", "int8")},
    types["bool"].oid: b"t".__eq__,
    types["uuid"].oid: lambda value: UUID(value.decode()),
    types["date"].oid: lambda value: date.fromisoformat(value.decode()),
    types["timestamptz"].oid: lambda value: datetime.fromisoformat(value.decode()),
}

#: Names of the statements that a connection has prepared, by their text.
_names: "WeakKeyDictionary[Connection[Any], dict[str, bytes]]" = WeakKeyDictionary()


def rows_of(sql: str, parameters: Sequence[object] = ()) -> Rows:
    """The rows of a statement; JSON comes as text.

    Parameters are texts, numbers and lists of these."""
    if connection.vendor != "postgresql" or connection.queries_logged:
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            return cursor.fetchall()  # type: ignore[no-any-return]
    connection.ensure_connection()
    connection.validate_no_broken_transaction()
    with connection.wrap_database_errors:
        return _run(connection.connection, sql, parameters)


def _run(driver: "Connection[Any]", sql: str, parameters: Sequence[object]) -> Rows:
    libpq = driver.pgconn
    if not driver.autocommit and libpq.transaction_status == TransactionStatus.IDLE:
        _checked(libpq.exec_(b"BEGIN"))
    names = _names.setdefault(driver, {})
    name = names.get(sql)
    if name is None:
        name = f"desk_{len(names)}".encode()
        _checked(libpq.prepare(name, _numbered(sql)))
        names[sql] = name
    return _rows(_checked(libpq.exec_prepared(name, [_text(one) for one in parameters])))


def _checked(result: PGresult) -> PGresult:
    if result.status not in DONE:
        raise error_from_result(result)
    return result


@lru_cache(maxsize=200)
def _numbered(sql: str) -> bytes:
    """The statement with `$1`, `$2` … where Django's cursor wants `%s`."""
    first, *others = sql.split("%s")
    return "".join([first, *(f"${n}{part}" for n, part in enumerate(others, 1))]).encode()


def _text(value: object) -> bytes | None:
    """A parameter as PostgreSQL reads it from text."""
    if value is None:
        return None
    if isinstance(value, list):
        return f"{{{','.join(map(_element, value))}}}".encode()
    text = str(value)
    if "\0" in text:  # libpq would end the text here
        raise DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")
    return text.encode()


def _element(value: object) -> str:
    if isinstance(value, int):
        return str(value)
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    if "\0" in text:
        raise DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")
    return f'"{text}"'


def _rows(result: PGresult) -> Rows:
    readers = [READERS.get(result.ftype(column), bytes.decode) for column in range(result.nfields)]
    return [
        tuple(
            None if (value := result.get_value(row, column)) is None else read(value)
            for column, read in enumerate(readers)
        )
        for row in range(result.ntuples)
    ]
