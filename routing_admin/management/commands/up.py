"""Starts the whole product: migrates, then keeps web, worker and scheduler running."""

import os
import socket
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS, OperationalError, connections

from routing_admin.processes import Child, Supervisor
from routing_admin.servers import web_command
from territories.revisions import current_revision

#: Of the advisory lock under which one `up` at a time prepares a PostgreSQL database.
PREPARE_LOCK = 0x726F7574


class Command(BaseCommand):
    help = "Migrates, then runs web, worker and scheduler; Ctrl-C ends all of it."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
        parser.add_argument("--port", type=_port, default=settings.PORT, help="default: PORT")
        parser.add_argument("--no-demo", action="store_true", help="no demo data on first run")
        parser.add_argument("--workers", type=_count, default=1, help="web processes")
        parser.add_argument("--threads", type=_count, default=8, help="threads of a web process")
        parser.add_argument("--jobs", type=_count, default=4, help="threads of the worker")

    def handle(self, *args: Any, **options: Any) -> None:
        host, port = options["host"], options["port"]
        _require_free(host, port)
        try:
            with _alone():
                self._prepare(demo=not options["no_demo"])
        except OperationalError as fault:
            raise CommandError(f"The database cannot be reached: {fault}") from fault
        sign_in = _sign_in()
        # The children open their own; none is held here while they run.
        connections.close_all()
        supervisor = Supervisor(
            children=_children(**options),
            environment=os.environ | {"PORT": str(port), "PYTHONUNBUFFERED": "1"},
            folder=settings.BASE_DIR,
            say=self._say,
            on_tick=lambda: self._announce(host, port, sign_in),
        )
        supervisor.run()
        self._say("up", "all ended")

    def _prepare(self, *, demo: bool) -> None:
        settings.INSTANCE_DIR.mkdir(parents=True, exist_ok=True)
        call_command("migrate", interactive=False, verbosity=0)
        self._say("up", "the database is migrated")
        if not demo or current_revision() > 0:
            return
        if "demo" not in get_commands():
            self._say("up", "this installation has no demo data; starting empty")
            return
        self._say("up", "first run: making demo data, about a minute")
        call_command("demo", stdout=self.stdout, stderr=self.stderr)

    def _announce(self, host: str, port: int, sign_in: str) -> bool:
        """Whether the web server answers; says so when it does."""
        target = "127.0.0.1" if host in ("0.0.0.0", "") else host  # noqa: S104 - a comparison
        try:
            socket.create_connection((target, port), timeout=0.2).close()
        except OSError:
            return False
        self._say("up", f"ready on http://{target}:{port}/  {sign_in}")
        return True

    def _say(self, name: str, line: str) -> None:
        try:
            print(f"{name:<9} | {line}", flush=True)
        except BrokenPipeError:
            # Whoever read our output is gone; the product goes on.
            sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123 - stays open


def _port(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 65535:
        raise ValueError
    return number


def _count(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 256:
        raise ValueError
    return number


def _children(
    *, host: str, port: int, workers: int, threads: int, jobs: int, **_: Any
) -> list[Child]:
    """Web, worker and scheduler as commands of this Python."""
    python = sys.executable
    level = settings.LOG_LEVEL.lower()
    celery = [python, "-m", "celery", "--app", "routing_admin.celery:app", "--quiet"]
    return [
        Child(
            name="web",
            command=web_command(host=host, port=port, workers=workers, threads=threads),
        ),
        Child(
            name="worker",
            command=[
                # Threads: psycopg's pool does not survive a fork.
                *(*celery, "worker", "--pool", "threads", "--concurrency", str(jobs)),
                *("--without-gossip", "--without-mingle", "--without-heartbeat"),
                *("--loglevel", level),
            ],
        ),
        Child(
            name="scheduler",
            command=[
                *(*celery, "beat", "--loglevel", level, "--pidfile", ""),
                # By port: two `up` of one folder must not share it.
                *("--schedule", f"{settings.CELERY_BEAT_SCHEDULE_FILENAME}-{port}"),
            ],
        ),
    ]


def _require_free(host: str, port: int) -> None:
    """Raises CommandError when the port is taken (the server itself would share it silently)."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as fault:
            raise CommandError(
                f"Cannot listen on {host}:{port}: {fault.strerror}. Choose another --port."
            ) from fault


@contextmanager
def _alone() -> Iterator[None]:
    """Only one process at a time migrates a PostgreSQL database (SQLite has its own lock)."""
    connection = connections[DEFAULT_DB_ALIAS]
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [PREPARE_LOCK])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [PREPARE_LOCK])


def _sign_in() -> str:
    """How to sign in: the demo's person while the demo's password is still its own."""
    users = get_user_model()._default_manager
    demo = users.filter(username="demo", is_active=True).first()
    if demo is not None and demo.check_password("demo"):
        return "sign in as demo, password demo"
    if users.filter(is_superuser=True, is_active=True).exists():
        return "sign in with your account"
    return "nobody can sign in yet: run python manage.py createsuperuser"
