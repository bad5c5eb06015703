"""The whole product as processes of its own, to be killed while clients use it."""

import http.client
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings

from leads.tests.company import company
from routing_admin.tests.processes import Program, running

SCOPES = ("leads:write", "leads:read", "config:read", "config:write")
#: What a client may meet while the server is down or dies under it.
AWAY = (OSError, http.client.HTTPException)
#: Between two tries of a server that is away; real processes cannot be waited for otherwise.
PAUSE_SECONDS = 0.05
PATIENCE_SECONDS = 60


class Instance:
    """A running `manage.py up` on its own database and port."""

    def __init__(self, program: Program, port: int, key: str, database: str) -> None:
        self.program = program
        self.port = port
        self.key = key
        self._database = database

    def call(self, method: str, path: str, body: object = None, **headers: str) -> Any:
        """The status and the parsed answer of one request, tried until there is one."""
        with Client(self) as client:
            for _ in range(int(PATIENCE_SECONDS / PAUSE_SECONDS)):
                with suppress(*AWAY):
                    return client.call(method, path, body, **headers)
                client.pause()
        raise AssertionError("the server does not answer:\n" + "\n".join(self.program.lines))

    def processes(self, name: str) -> list[int]:
        """Web processes (with those they started), or the worker; those that live now."""
        children = _children()
        words = {"web": b"granian", "worker": b"\0worker\0"}[name]
        found = [pid for pid in children.get(self.program.process.pid, ()) if words in _words(pid)]
        return [pid for one in found for pid in (one, *children.get(one, ()))]

    def kill(self, name: str, choice: int = 0) -> bool:
        """Kill one of the processes of a name; False when none lives at the moment."""
        pids = self.processes(name)
        if not pids:
            return False
        with suppress(ProcessLookupError):
            os.kill(pids[choice % len(pids)], signal.SIGKILL)
        return True

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What the database says, asked past the product. Booleans and ids may differ in form."""
        if self._database.startswith("postgres"):
            with psycopg.connect(self._database) as connection:
                return connection.execute(sql).fetchall()
        path = self._database.removeprefix("sqlite:///")
        with closing(sqlite3.connect(path)) as connection:
            return connection.execute(sql).fetchall()


class Client:
    """One caller with one connection that is made anew when it breaks."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._never = threading.Event()
        self._connection: http.client.HTTPConnection | None = None

    def call(self, method: str, path: str, body: object = None, **headers: str) -> Any:
        """The status and the answer; one of AWAY is raised where the server is not there."""
        if self._connection is None:
            self._connection = http.client.HTTPConnection(
                "127.0.0.1", self._instance.port, timeout=30
            )
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {
            "Authorization": f"Bearer {self._instance.key}",
            "Content-Type": "application/json",
        } | {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            self._connection.request(method, f"/api/v1/{path}", data, sent)
            response = self._connection.getresponse()
            return response.status, _parsed(response.read())
        except AWAY:
            self.close()
            raise

    def close(self) -> None:
        """End the connection; the next call makes a new one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def pause(self) -> None:
        """Give the server a moment to come back."""
        self._never.wait(PAUSE_SECONDS)


def _parsed(text: bytes) -> Any:
    lines = text.splitlines()
    return json.loads(text) if len(lines) == 1 else [json.loads(line) for line in lines]


def _words(pid: int) -> bytes:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


def _children() -> dict[int, list[int]]:
    """Living processes by their parent."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, parent = path.read_text().rpartition(")")[2].split()[:2]
            if state not in "ZX":
                children.setdefault(int(parent), []).append(int(path.parent.name))
    return children


@contextmanager
def postgresql_database() -> Iterator[str]:
    """The URL of a new database on the server of the tests, dropped at the end."""
    server = settings.DATABASES["default"]
    name = f"faults_{os.getpid()}"
    parts = {"host": server["HOST"], "port": server["PORT"] or 5432, "user": server["USER"]}
    secret = {"password": server["PASSWORD"]} if server["PASSWORD"] else {}
    with psycopg.connect(**parts, **secret, dbname="postgres", autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name}")
        try:
            word = f":{server['PASSWORD']}" if secret else ""
            yield f"postgres://{parts['user']}{word}@{parts['host']}:{parts['port']}/{name}"
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def instance(database: str, folder: Path, *more: str) -> Iterator[Instance]:
    """The product on a new database, configured, with a key."""
    services = {"BROKER_URL": "", "CACHE_URL": "", "LOG_LEVEL": "ERROR"}
    environment = os.environ | services | {"DATABASE_URL": database, "VAR_DIR": str(folder)}
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "manage.py", "up", "--no-demo", "--port", str(port), *more]
    with running(command, environment) as program:
        program.wait_for(lambda line: "ready on" in line)
        made = Instance(program, port, _key(environment), database)
        status, answer = made.call("POST", "config/apply/", _apply(company()))
        assert status == 200, answer
        yield made
        assert program.end(signal.SIGTERM) == 0


def _key(environment: dict[str, str]) -> str:
    scopes: Sequence[str] = [part for scope in SCOPES for part in ("--scope", scope)]
    command = [sys.executable, "manage.py", "create_api_key", "faults", *scopes]
    made = subprocess.run(
        command,
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return made.stdout.strip()


def _apply(document: dict[str, Any]) -> dict[str, Any]:
    return {"document": document, "reason": "test"}
