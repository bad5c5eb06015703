"""Pooled connections: one that the server has ended is replaced before it is used."""

import pytest
from django.db import connection

from routing_admin.postgresql.base import has_ended

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


def backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def test_a_connection_stays_while_the_server_keeps_it() -> None:
    before = backend()
    assert not has_ended(connection.connection)
    assert backend() == before


def test_a_connection_that_the_server_ended_in_the_pool_is_not_handed_out() -> None:
    ended = backend()
    connection.close()  # back to the pool
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 10000)", [ended])
        assert cursor.fetchone() == (True,)
    assert backend() != ended
