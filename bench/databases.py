"""Throw-away databases on the PostgreSQL server that DATABASE_URL names, else the local one."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import psycopg

LOCAL = "postgres://postgres@127.0.0.1:5432/postgres"


def server_url() -> str | None:
    """The URL of a server that answers, or None."""
    given = os.environ.get("DATABASE_URL", "")
    url = given if given.startswith("postgres") else LOCAL
    try:
        psycopg.connect(url, connect_timeout=3).close()
    except psycopg.OperationalError:
        return None
    return url


@contextmanager
def database(server: str, name: str, *, template: str | None = None) -> Iterator[str]:
    """The URL of a new database, a copy of `template` where given; dropped at the end."""
    full = f"bench_{name}_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{full}" WITH (FORCE)')
        source = f' TEMPLATE "{name_of(template)}"' if template else ""
        connection.execute(f'CREATE DATABASE "{full}"{source}')
    try:
        parts = urlsplit(server)
        yield urlunsplit((parts.scheme, parts.netloc, f"/{full}", parts.query, ""))
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{full}" WITH (FORCE)')


def name_of(url: str) -> str:
    """The name of a URL's database."""
    return urlsplit(url).path.removeprefix("/")


def run_sql(url: str, *statements: str) -> list[tuple[object, ...]]:
    """Run statements; return the rows of the last one."""
    rows: list[tuple[object, ...]] = []
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            cursor = connection.execute(statement)
            rows = cursor.fetchall() if cursor.description else []
    return rows
