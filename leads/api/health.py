"""Health: whether the process answers, and whether it has what it needs.

`ready` is 503 where a request could not be served: no database, migrations missing, no broker.
A worker that is away is reported as `degraded` with 200: leads are still taken and assigned, what
waits for a worker waits safely in the database, and a web process that were taken out of service
for it would take no leads.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from celery import current_app
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from kombu.exceptions import OperationalError

from leads.models import WorkerHeartbeat

from .auth import ApiRequest
from .base import ApiView, json_response
from .config_shapes import LiveShape, ReadyShape
from .problems import RETRY_AFTER_SECONDS

logger = logging.getLogger(__name__)

WORKER = "worker"
BROKER_TIMEOUT_SECONDS = 2
NEEDED = ("database", "migrations", "broker")


class HealthView(ApiView):
    """Answers anybody; asks for no key, so that a probe needs none."""

    authentication_classes = ()


class LiveView(HealthView):
    """`health/live`: the process is up; nothing else is asked."""

    @extend_schema(operation_id="health_live", auth=[], responses={200: LiveShape})
    def get(self, request: ApiRequest) -> HttpResponse:
        """Return ok."""
        return json_response({"status": "ok"})


class ReadyView(HealthView):
    """`health/ready`: the process can do its work."""

    @extend_schema(
        operation_id="health_ready", auth=[], responses={200: ReadyShape, 503: ReadyShape}
    )
    def get(self, request: ApiRequest) -> HttpResponse:
        """Return the state of the database, its migrations, the broker and the worker."""
        checks = run_checks()
        status = state_of(checks)
        answer = {"status": status, "checks": checks}
        if status != "unavailable":
            return json_response(answer)
        headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
        return json_response(answer, status=503, headers=headers)


def state_of(checks: Mapping[str, str]) -> str:
    """Return `ok`, `degraded` (somebody is away) or `unavailable` (something needed fails)."""
    if any(checks[name] != "ok" for name in NEEDED):
        return "unavailable"
    return "ok" if set(checks.values()) == {"ok"} else "degraded"


def run_checks() -> dict[str, str]:
    """Return each check's state; what cannot be asked because the database is away has failed."""
    checks = {"database": _try(_check_database), "broker": _try(_check_broker)}
    if checks["database"] != "ok":
        return {**checks, "migrations": "failed", "worker": "away"}
    checks["migrations"] = _try(_check_migrations)
    migrated = checks["migrations"] == "ok"
    checks["worker"] = _try(_check_worker) if migrated else "away"
    return checks


def _try(check: Callable[[], str]) -> str:
    try:
        return check()
    except (Error, OperationalError, OSError) as error:
        logger.warning("A health check failed: %s", error)
        return "failed"


def _check_database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "ok"


def _check_migrations() -> str:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return "pending" if plan else "ok"


def _check_broker() -> str:
    with current_app.connection_for_write() as broker:
        broker.ensure_connection(max_retries=1, timeout=BROKER_TIMEOUT_SECONDS)
    return "ok"


def _check_worker() -> str:
    alive = WorkerHeartbeat.objects.is_alive(name=WORKER, now=timezone.now())
    return "ok" if alive else "away"
