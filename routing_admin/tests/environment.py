"""Pytest plugin: a folder of its own for the run, made before Django reads its settings.

Loaded by `-p` in pyproject.toml. DATABASE_URL, BROKER_URL and CACHE_URL stay as the caller set
them (`make test-services`); `.env` is not read.
"""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

PREFIX = "routing-run-"


def _own_folder() -> Path:
    """A new folder that names our process; those of processes that are gone are removed."""
    memory = Path("/dev/shm")  # noqa: S108 - a test database is quicker there; mkdtemp is safe
    parent = memory if memory.is_dir() else Path(tempfile.gettempdir())
    for left in parent.glob(f"{PREFIX}*") if Path("/proc/self").exists() else ():
        process = left.name.removeprefix(PREFIX).partition("-")[0]
        if not Path("/proc", process).exists():
            shutil.rmtree(left, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=parent))


FOLDER = _own_folder()
os.environ["VAR_DIR"] = str(FOLDER)
os.environ["ENV_FILE"] = os.devnull
for name in ("BASE_URL", "SECRET_KEY", "DEBUG", "PORT", "ALLOWED_HOSTS", "EMAIL_URL"):
    os.environ.pop(name, None)
os.environ["LOG_LEVEL"] = "WARNING"


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
