"""Reads the URLs of the database, the broker, the cache and the mail server from the environment.

Each function returns what the Django or Celery setting of its name holds; a URL that cannot be
used raises `SettingError` with the variable's name and never shows the URL (passwords).
"""

import hashlib
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qs, unquote

import dj_database_url

from .env import Env, SettingError

BROKER_SCHEMES = ("embedded", "memory", "redis", "rediss", "amqp", "amqps")
CACHE_SCHEMES = ("locmem", "dummy", "redis", "rediss")
EMAIL_SCHEMES = ("file", "console", "memory", "smtp", "smtps")

# WAL lets readers work while one writes. IMMEDIATE takes the write lock at BEGIN, where the busy
# timeout applies: a deferred transaction that turns to writing fails at once when another wrote.
SQLITE_OPTIONS: dict[str, Any] = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
}


def database(env: Env, var: Path, base: Path) -> dict[str, Any]:
    """The default entry of DATABASES, from DATABASE_URL (default: SQLite in `var`)."""
    url = env.text("DATABASE_URL")
    if not url:
        return _sqlite(str(var / "db.sqlite3"), var, base)
    try:
        parsed: dict[str, Any] = dict(dj_database_url.parse(url))
    except ValueError as fault:  # both of dj_database_url's errors
        raise SettingError("DATABASE_URL", "is no database URL") from fault
    if parsed["ENGINE"] == "django.db.backends.sqlite3":
        return _sqlite(parsed["NAME"], var, base)
    if parsed["ENGINE"] != "django.db.backends.postgresql":
        raise SettingError("DATABASE_URL", "scheme is neither sqlite nor postgres")
    return _postgresql(parsed, env)


def _sqlite(name: str, var: Path, base: Path) -> dict[str, Any]:
    if name == ":memory:":
        raise SettingError("DATABASE_URL", "an in-memory database cannot be shared by processes")
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(base / name),  # `/` keeps an absolute name as it is
        "OPTIONS": SQLITE_OPTIONS,
        # A file, so that threads in tests meet the same locks as in production.
        "TEST": {"NAME": str(var / "test.sqlite3")},
    }


def _postgresql(parsed: dict[str, Any], env: Env) -> dict[str, Any]:
    """The entry with psycopg's pool, which excludes CONN_MAX_AGE: Django refuses both."""
    size = env.integer("DATABASE_POOL_SIZE", 20, low=1, high=1000)
    pool = {"min_size": 1, "max_size": size, "timeout": 10, "max_idle": 300}
    # For cursors that bind on the server (leads.prepared); Django's own bind in the text.
    options: dict[str, Any] = {"connect_timeout": 10, "prepare_threshold": 2}
    options |= {**parsed.get("OPTIONS", {}), "pool": pool}
    return parsed | {"OPTIONS": options, "CONN_MAX_AGE": 0, "CONN_HEALTH_CHECKS": True}


def instance(database: dict[str, Any]) -> str:
    """A short name of the database, for files that two instances must not share."""
    parts = [str(database.get(part, "")) for part in ("ENGINE", "HOST", "PORT", "NAME", "USER")]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]


def broker(env: Env, folder: Path) -> tuple[str, dict[str, Any]]:
    """Celery's broker_url and broker_transport_options; `folder` is the embedded broker's."""
    parts = env.url("BROKER_URL", "embedded://", schemes=BROKER_SCHEMES)
    if parts.scheme == "embedded":
        # The host says nothing, but Kombu warns where there is none.
        return "embedded://localhost/", {"folder": str(folder), "polling_interval": 0.25}
    if parts.scheme in ("redis", "rediss"):
        # Publishing happens after a commit, in a request: a broker that is away must not hold it.
        return parts.geturl(), {"socket_connect_timeout": 2, "socket_timeout": 10}
    return parts.geturl(), {}


def cache(env: Env) -> dict[str, Any]:
    """The default entry of CACHES, from CACHE_URL."""
    parts = env.url("CACHE_URL", "locmem://", schemes=CACHE_SCHEMES)
    if parts.scheme == "locmem":
        return {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    if parts.scheme == "dummy":
        return {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}
    return {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": parts.geturl(),
        "OPTIONS": {"socket_connect_timeout": 2, "socket_timeout": 5},
    }


def email(env: Env, var: Path) -> dict[str, Any]:
    """Django's EMAIL_* settings, from EMAIL_URL (default: one file a message in `var`/mail)."""
    backends = "django.core.mail.backends"
    parts = env.url("EMAIL_URL", "file:", schemes=EMAIL_SCHEMES)
    if parts.scheme == "file":
        path = unquote(parts.path) or str(var / "mail")
        return {"EMAIL_BACKEND": f"{backends}.filebased.EmailBackend", "EMAIL_FILE_PATH": path}
    if parts.scheme == "console":
        return {"EMAIL_BACKEND": f"{backends}.console.EmailBackend"}
    if parts.scheme == "memory":
        return {"EMAIL_BACKEND": f"{backends}.locmem.EmailBackend"}
    return {"EMAIL_BACKEND": f"{backends}.smtp.EmailBackend"} | _smtp(parts)


def _smtp(parts: SplitResult) -> dict[str, Any]:
    """smtp://user:password@host:587/?tls=true (STARTTLS) or smtps://… (TLS from the start)."""
    if not parts.hostname:
        raise SettingError("EMAIL_URL", "names no host")
    implicit = parts.scheme == "smtps"
    query = parse_qs(parts.query)
    starttls = query.get("tls", ["false"])[-1].lower() in ("1", "true")
    return {
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or (465 if implicit else 587 if starttls else 25),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": implicit,
        "EMAIL_USE_TLS": starttls and not implicit,
        "EMAIL_TIMEOUT": 10,
    }
