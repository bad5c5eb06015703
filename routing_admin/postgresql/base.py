"""The backend that `connections.database` names for PostgreSQL.

The pool's own check asks the server before each request, which takes as long as a read. A server
that ends a connection says so on it (restart, kill, failover by a proxy), and on an idle one
nothing else comes unasked: so a connection is asked only when there is something to read on it.
"""

from select import POLLIN, poll
from typing import Any

from django.db.backends.postgresql import base
from psycopg import Connection, OperationalError


class DatabaseWrapper(base.DatabaseWrapper):
    """Takes connections from the pool that the server has not ended."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> "Connection[Any]":
        """Return an open connection; those found ended are given back for the pool to replace."""
        connection: Connection[Any] = super().get_new_connection(conn_params)
        while self.pool is not None and has_ended(connection):
            connection.close()
            self.pool.putconn(connection)
            connection = super().get_new_connection(conn_params)
        return connection


def has_ended(connection: "Connection[Any]") -> bool:
    """Whether the server has closed an idle connection."""
    waiting = poll()
    waiting.register(connection.fileno(), POLLIN)
    if not waiting.poll(0):
        return False
    try:
        connection.execute("")
    except OperationalError:
        return True
    return False
