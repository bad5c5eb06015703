"""What every test of the project shares."""

import os
import shutil
from collections.abc import Iterator

import hypothesis
import pytest
from django.conf import settings
from django.core.cache import cache

# A law holds or fails whatever the load of the machine: examples have no time limit.
hypothesis.settings.register_profile("laws", deadline=None)
hypothesis.settings.load_profile("laws")

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")


def _missing() -> dict[str, str]:
    """Marker → why its tests cannot run here."""
    why = {}
    if not settings.DATABASES["default"]["ENGINE"].endswith("postgresql"):
        why["postgresql"] = "needs PostgreSQL (DATABASE_URL)"
    if not settings.CELERY_BROKER_URL.startswith("redis"):
        why["redis"] = "needs Redis (BROKER_URL)"
    if not any(shutil.which(name) for name in CHROMIUM_NAMES):
        why["browser"] = "needs Chromium"
    return why


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skips what cannot run here; what REQUIRE names (markers between commas) must be there."""
    required = set(os.environ.get("REQUIRE", "").split(","))
    for marker, reason in _missing().items():
        if marker in required:
            raise pytest.UsageError(f"REQUIRE names {marker}, which {reason}")
        for item in items:
            if item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=f"not run: {reason}"))


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    """No test meets what another one cached in this process.

    A shared cache is left alone: other processes of the run use it at the same time.
    """
    if settings.CACHES["default"]["BACKEND"].endswith("LocMemCache"):
        cache.clear()
    return
