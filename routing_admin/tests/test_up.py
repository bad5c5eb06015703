"""`manage.py up` started for real: an own database, a free port, kills and an end."""

import os
import signal
import socket
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from .processes import Program, is_alive, running, wait_until_dead

CHILDREN = ("web", "worker", "scheduler")


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def environment(tmp_path: Path) -> Mapping[str, str]:
    """Of an instance with an own folder, on SQLite and the embedded broker."""
    services = {"DATABASE_URL": "", "BROKER_URL": "", "CACHE_URL": "", "LOG_LEVEL": "INFO"}
    return os.environ | services | {"VAR_DIR": str(tmp_path)}


@contextmanager
def up(environment: Mapping[str, str], port: int, *more: str) -> Iterator[Program]:
    command = [sys.executable, "manage.py", "up", "--no-demo", "--port", str(port), *more]
    with running(command, environment, ignore_interrupts=True) as program:
        yield program


def answer_of(port: int, path: str) -> int:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as response:
        return int(response.status)


def test_everything_starts_comes_back_after_a_kill_and_ends_together(
    environment: Mapping[str, str], port: int
) -> None:
    with up(environment, port) as program:
        pids = {name: program.wait_for_process(name) for name in CHILDREN}
        program.wait_for(lambda line: f"ready on http://127.0.0.1:{port}/" in line)
        assert answer_of(port, "/login/") == 200

        os.kill(pids["worker"], signal.SIGKILL)
        program.wait_for(lambda line: "worker" in line and "SIGKILL" in line)
        pids["worker"] = program.wait_for_process("worker")
        os.kill(pids["web"], signal.SIGKILL)
        pids["web"] = program.wait_for_process("web")

        assert program.end(signal.SIGINT) == 0
        assert not any(is_alive(pid) for pid in pids.values())


def test_the_worker_does_what_the_scheduler_sends(
    environment: Mapping[str, str], port: int
) -> None:
    with up(dict(environment) | {"LOG_LEVEL": "DEBUG"}, port) as program:
        program.wait_for(lambda line: line.startswith("scheduler") and "Sending due task" in line)
        program.wait_for(lambda line: line.startswith("worker") and "succeeded" in line)

        assert program.end(signal.SIGTERM) == 0


def test_nothing_outlives_a_killed_up(environment: Mapping[str, str], port: int) -> None:
    with up(environment, port) as program:
        pids = [program.wait_for_process(name) for name in CHILDREN]
        program.wait_for(lambda line: "ready on" in line)
        grandchildren = [
            int(pid)
            for path in Path("/proc").glob(f"{pids[0]}/task/*/children")
            for pid in path.read_text().split()
        ]

        program.end(signal.SIGKILL)

        assert grandchildren  # the server's own processes
        for pid in [*pids, *grandchildren]:
            wait_until_dead(pid)


def test_a_port_in_use_is_said_before_anything_starts(
    environment: Mapping[str, str], port: int
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        with up(environment, port) as program:
            line = program.wait_for(lambda line: "Cannot listen" in line)

    assert str(port) in line


def test_a_database_that_cannot_be_reached_ends_the_start_with_a_sentence(
    environment: Mapping[str, str], port: int
) -> None:
    away = dict(environment) | {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/none"}
    with up(away, port) as program:
        program.wait_for(lambda line: "The database cannot be reached" in line)
