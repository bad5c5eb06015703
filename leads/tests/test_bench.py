"""The benchmarks run: the smallest sizes, every part of the machinery."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings


@pytest.mark.postgresql
def test_the_benchmarks_run(tmp_path: Path) -> None:
    server = settings.DATABASES["default"]
    secret = f":{server['PASSWORD']}" if server["PASSWORD"] else ""
    address = f"{server['USER']}{secret}@{server['HOST']}:{server['PORT'] or 5432}"
    done = subprocess.run(
        [sys.executable, "-m", "bench", "pools", "engine", "fairness", "--quick"],
        cwd=settings.BASE_DIR,
        env=os.environ
        | {"DATABASE_URL": f"postgres://{address}/postgres", "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    benches = {line.split(" ", 1)[0] for line in done.stdout.splitlines()[2:]}
    assert benches == {"pools", "engine", "fairness"}
