"""What docs/operations.md and .env.example promise."""

import os
import re
import shutil
import sqlite3
import subprocess
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.db import connection

BASE = settings.BASE_DIR


def test_every_variable_that_is_read_is_documented() -> None:
    code = "".join(
        (BASE / "routing_admin" / name).read_text() for name in ("settings.py", "connections.py")
    )
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', code))
    documented = set(re.findall(r"^#([A-Z_]+)=", (BASE / ".env.example").read_text(), re.MULTILINE))

    assert len(read) > 15
    assert documented == read


def test_the_example_file_sets_nothing_by_itself() -> None:
    lines = (BASE / ".env.example").read_text().splitlines()

    assert [line for line in lines if line and not line.startswith("#")] == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="the backup of SQLite")
def test_a_backup_of_sqlite_while_it_runs_holds_what_was_committed(tmp_path: Path) -> None:
    command = re.search(
        r'python3 -c "(import sqlite3.*?)"', (BASE / "docs/operations.md").read_text(), re.DOTALL
    )
    assert command is not None
    backup = tmp_path / "backup.sqlite3"
    code = (
        command[1]
        .replace("\\\n", "")
        .replace("var/db.sqlite3", str(connection.settings_dict["NAME"]))
        .replace("backup.sqlite3", str(backup))
    )
    Group.objects.create(name="kept")

    subprocess.run(["python3", "-c", code], check=True)

    with sqlite3.connect(backup) as restored:
        names = restored.execute("SELECT name FROM auth_group").fetchall()
    restored.close()
    assert ("kept",) in names


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_a_dump_of_postgresql_restores_into_a_new_database(tmp_path: Path) -> None:
    if shutil.which("pg_dump") is None:
        pytest.skip("not run: needs pg_dump")
    Group.objects.create(name="kept")
    server, dump = connection.settings_dict, tmp_path / "desk.dump"
    where = ["-h", server["HOST"], "-p", str(server["PORT"] or 5432), "-U", server["USER"]]
    environment = os.environ | {"PGPASSWORD": server["PASSWORD"]}
    restored = f"{server['NAME']}_restored"

    def run(*command: str) -> str:
        return subprocess.run(
            [command[0], *where, *command[1:]],
            check=True,
            env=environment,
            capture_output=True,
            text=True,
        ).stdout

    try:
        run("pg_dump", "--format=custom", f"--file={dump}", server["NAME"])
        run("createdb", restored)
        run("pg_restore", "--no-owner", f"--dbname={restored}", str(dump))
        names = run("psql", "-At", "-d", restored, "-c", "SELECT name FROM auth_group")
    finally:
        run("dropdb", "--if-exists", restored)

    assert "kept" in names.split()
