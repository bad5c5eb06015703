"""Statements of the hot path: text that never changes, sent often, planned once.

Django's own cursor writes parameters into the text, so that PostgreSQL parses and plans every
statement anew, which for the statements here costs more than to run them. These go by a cursor
that sends text and parameters apart; psycopg has the server prepare what it sends
(`prepare_threshold` of the connection). SQLite keeps its statements prepared by itself.
"""

from collections.abc import Sequence
from typing import Any

from django.db import connection
from psycopg import Cursor


def rows_of(sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
    """The rows of a statement; JSON comes as text."""
    with _cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()  # type: ignore[no-any-return]


def _cursor() -> Any:
    """A cursor whose errors Django translates; Django's own where statements are logged, since
    only that one can say afterwards what it sent."""
    if connection.vendor != "postgresql" or connection.queries_logged:
        return connection.cursor()
    connection.ensure_connection()
    # The stubs ask for the wrapper that this call makes.
    return connection.make_cursor(Cursor(connection.connection))  # type: ignore[arg-type]
