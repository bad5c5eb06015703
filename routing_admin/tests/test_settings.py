import importlib.util
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from routing_admin.env import SettingError

SETTINGS = settings.BASE_DIR / "routing_admin" / "settings.py"
VARIABLES = (
    *("DATABASE_URL", "BROKER_URL", "CACHE_URL", "SECRET_KEY", "ALLOWED_HOSTS", "DEBUG", "PORT"),
    *("EMAIL_URL", "BASE_URL", "TRUSTED_PROXIES", "ALLOWED_PRIVATE_NETWORKS", "LOG_LEVEL"),
    *("LOG_FORMAT", "METRICS_TOKEN"),
)


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Runs the settings module in an environment with these variables alone."""

    def run(**variables: str) -> dict[str, Any]:
        for name in VARIABLES:
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("VAR_DIR", str(tmp_path))
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        # Under a name of its own, so that the settings in use stay as they are.
        spec = importlib.util.spec_from_file_location("routing_admin.probed", SETTINGS)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return vars(module)

    return run


def test_nothing_set_is_sqlite_on_loopback_with_debug_off(load: Any, tmp_path: Path) -> None:
    made = load()

    assert made["DEBUG"] is False
    assert made["BASE_URL"] == "http://127.0.0.1:8000"
    assert made["DATABASES"]["default"]["NAME"] == str(tmp_path / "db.sqlite3")
    assert made["DATABASES"]["default"]["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert made["CELERY_BROKER_URL"].startswith("embedded:")
    assert made["SESSION_COOKIE_SECURE"] is False
    assert made["SECURE_HSTS_SECONDS"] == 0


def test_an_own_secret_is_made_once_and_is_for_the_owner_only(load: Any, tmp_path: Path) -> None:
    first, second = load()["SECRET_KEY"], load()["SECRET_KEY"]

    assert first == second
    assert len(first) > 50
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.glob(".secret*")] == []


def test_no_secret_of_its_own_for_a_public_site(load: Any) -> None:
    with pytest.raises(SettingError, match="SECRET_KEY: must be set"):
        load(BASE_URL="https://desk.example.com")


def test_https_makes_cookies_secure_and_redirects(load: Any) -> None:
    made = load(BASE_URL="https://desk.example.com/", SECRET_KEY="x" * 60)

    assert made["BASE_URL"] == "https://desk.example.com"
    assert made["CSRF_TRUSTED_ORIGINS"] == ["https://desk.example.com"]
    assert "desk.example.com" in made["ALLOWED_HOSTS"]
    assert made["SESSION_COOKIE_SECURE"] is True
    assert made["CSRF_COOKIE_SECURE"] is True
    assert made["SECURE_SSL_REDIRECT"] is True
    assert made["SECURE_HSTS_SECONDS"] > 0


def test_postgresql_gets_a_pool_and_no_persistent_connections(load: Any) -> None:
    database = load(
        DATABASE_URL="postgres://me:p%40ss@db:5433/desk?sslmode=require", DATABASE_POOL_SIZE="7"
    )["DATABASES"]["default"]

    assert database["ENGINE"] == "django.db.backends.postgresql"
    assert (database["USER"], database["PASSWORD"]) == ("me", "p@ss")
    assert (database["HOST"], database["PORT"], database["NAME"]) == ("db", 5433, "desk")
    assert database["OPTIONS"]["pool"]["max_size"] == 7
    assert database["OPTIONS"]["sslmode"] == "require"
    assert database["CONN_MAX_AGE"] == 0


def test_two_databases_share_no_broker_folder(load: Any) -> None:
    folders = {
        load(DATABASE_URL=url)["CELERY_BROKER_TRANSPORT_OPTIONS"]["folder"]
        for url in ("", "sqlite:///other.sqlite3", "postgres://u@h/a", "postgres://u@h/b")
    }

    assert len(folders) == 4


def test_a_relative_sqlite_path_starts_at_the_project(load: Any) -> None:
    made = load(DATABASE_URL="sqlite:///var/other.sqlite3")

    assert made["DATABASES"]["default"]["NAME"] == str(made["BASE_DIR"] / "var/other.sqlite3")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://u@h/d"),
        ("DATABASE_URL", "nonsense"),
        ("DATABASE_URL", "sqlite://:memory:"),
        ("DATABASE_URL", "postgres://u@h:port/d"),
        ("BROKER_URL", "kafka://x"),
        ("CACHE_URL", "file:///x"),
        ("EMAIL_URL", "smtp:///nohost"),
        ("BASE_URL", "https://host/with/path"),
        ("BASE_URL", "desk.example.com"),
        ("DEBUG", "perhaps"),
        ("PORT", "0"),
        ("TRUSTED_PROXIES", "proxy.local"),
        ("ALLOWED_PRIVATE_NETWORKS", "10.0.0.0/99"),
        ("LOG_LEVEL", "LOUD"),
    ],
)
def test_a_wrong_value_stops_the_start_with_its_name(load: Any, name: str, value: str) -> None:
    with pytest.raises(SettingError, match=f"^{name}: "):
        load(**{name: value})


def test_mail_may_go_over_smtp_with_tls(load: Any) -> None:
    made = load(EMAIL_URL="smtp://me%40x:pa%3Ass@mail.example.com/?tls=true")

    assert made["EMAIL_BACKEND"].endswith("smtp.EmailBackend")
    assert (made["EMAIL_HOST"], made["EMAIL_PORT"]) == ("mail.example.com", 587)
    assert (made["EMAIL_HOST_USER"], made["EMAIL_HOST_PASSWORD"]) == ("me@x", "pa:ss")
    assert (made["EMAIL_USE_TLS"], made["EMAIL_USE_SSL"]) == (True, False)


def test_mail_is_kept_in_files_where_no_server_is_named(load: Any, tmp_path: Path) -> None:
    assert load()["EMAIL_FILE_PATH"] == str(tmp_path / "mail")


def test_a_command_ends_with_the_name_of_the_wrong_variable_and_no_traceback() -> None:
    run = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=settings.BASE_DIR,
        env=os.environ | {"PORT": "eighty"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 2
    assert run.stderr == "Wrong setting. PORT: 'eighty' is no whole number\n"
