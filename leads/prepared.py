"""Statements of the hot path: text that never changes, sent often, prepared once a connection.

Django's own cursor writes parameters into the text, so that PostgreSQL parses and plans every
statement anew, and passes each through seven layers of Python; both cost more than to run the
statements that are sent here. These go to libpq as they are (`psycopg.pq`, the driver's low-level
interface), prepared when a connection first sends them. What Django does around a statement stays:
it opens the connection and the transaction, refuses one that is broken, and names the errors.

On SQLite, and while Django logs statements (tests, debugging), its own cursor is used.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from functools import lru_cache
from select import POLLIN, poll
from typing import Any, TypeAlias
from uuid import UUID
from weakref import WeakKeyDictionary

from django.db import DEFAULT_DB_ALIAS, connections
from psycopg import Connection, DataError
from psycopg.errors import error_from_result
from psycopg.postgres import types
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.pq.abc import PGconn, PGresult

Rows: TypeAlias = list[tuple[Any, ...]]
#: A text with `%s` for each of its parameters, and these.
Statement: TypeAlias = tuple[str, Sequence[object]]
#: What runs a statement now, or gives the rows that it was sent ahead for.
Reader: TypeAlias = Callable[[str, Sequence[object]], Rows]

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
    return all_rows([(sql, parameters)])[0]


def all_rows(statements: Sequence[Statement]) -> list[Rows]:
    """The rows of statements that do not need each other's, sent together: one wait for all.

    They run in their order, each on what was committed when it began."""
    database = connections[DEFAULT_DB_ALIAS]
    if database.vendor != "postgresql" or database.queries_logged:
        with database.cursor() as cursor:
            return [_plainly(cursor, *statement) for statement in statements]
    database.ensure_connection()
    database.validate_no_broken_transaction()
    with database.wrap_database_errors:
        return _run(database.connection, statements)


def among(values: Iterable[str]) -> tuple[str, list[object]]:
    """The test of a column for being one of the values, and its parameters: on PostgreSQL the
    same text for any number of values."""
    listed: list[object] = [*sorted(values)]
    if connections[DEFAULT_DB_ALIAS].vendor == "postgresql":
        return "= ANY(%s::text[])", [listed]
    return f"IN ({', '.join(['%s'] * len(listed))})", listed


def _plainly(cursor: Any, sql: str, parameters: Sequence[object]) -> Rows:
    cursor.execute(sql, parameters)
    rows: Rows = cursor.fetchall()
    return rows


def _run(driver: "Connection[Any]", statements: Sequence[Statement]) -> list[Rows]:
    libpq = driver.pgconn
    starts = not driver.autocommit and libpq.transaction_status == TransactionStatus.IDLE
    sent = [
        (_prepared(driver, sql), [_text(one) for one in parameters])
        for sql, parameters in statements
    ]
    if len(sent) == 1 and not starts:
        ((name, parameters),) = sent
        return [_rows(_checked(libpq.exec_prepared(name, parameters)))]
    if starts:
        sent.insert(0, (_prepared(driver, "BEGIN"), []))
    results = _pipelined(libpq, sent)
    return [_rows(_checked(result)) for result in results][starts:]


def _prepared(driver: "Connection[Any]", sql: str) -> bytes:
    names = _names.setdefault(driver, {})
    name = names.get(sql)
    if name is None:
        name = f"desk_{len(names)}".encode()
        _checked(driver.pgconn.prepare(name, _numbered(sql)))
        names[sql] = name
    return name


def _pipelined(libpq: PGconn, sent: Sequence[tuple[bytes, list[bytes | None]]]) -> list[PGresult]:
    """The results of statements, up to the first that fails, sent without waiting for any."""
    libpq.enter_pipeline_mode()
    try:
        for name, parameters in sent:
            libpq.send_query_prepared(name, parameters)
        libpq.pipeline_sync()
        results: list[PGresult] = []
        while (result := _next(libpq)) is None or result.status != ExecStatus.PIPELINE_SYNC:
            if result is not None:
                results.append(result)
    finally:
        libpq.exit_pipeline_mode()
    return results


def _next(libpq: PGconn) -> PGresult | None:
    """The next result; None between two statements. The wait is Python's, since libpq's own
    would hold the interpreter, and with it whoever has the lock that is waited for."""
    while libpq.is_busy():
        waiting = poll()  # select() refuses high descriptors
        waiting.register(libpq.socket, POLLIN)
        waiting.poll()
        libpq.consume_input()
    return libpq.get_result()


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
