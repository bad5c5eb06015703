"""System checks of the deployment that Django does not make."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register


@register(Tags.security, deploy=True)
def proxies_are_named(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    """Warns where https is promised but no proxy is trusted to say that a request was https."""
    if settings.BASE_URL.startswith("https:") and not settings.TRUSTED_PROXIES:
        return [
            Warning(
                "BASE_URL is https, but TRUSTED_PROXIES is empty: every request looks like"
                " plain http and is redirected.",
                hint="Name the address of the proxy that ends TLS.",
                id="routing_admin.W001",
            )
        ]
    return []


@register(Tags.security, deploy=True)
def broker_is_shared(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    """Warns where PostgreSQL is used with the broker that lives on one machine's disk."""
    engine = settings.DATABASES["default"]["ENGINE"]
    if engine.endswith("postgresql") and settings.CELERY_BROKER_URL.startswith("embedded:"):
        return [
            Warning(
                "DATABASE_URL is PostgreSQL, but BROKER_URL is the embedded broker, which"
                " processes on other machines cannot reach.",
                hint="Set BROKER_URL to a Redis server.",
                id="routing_admin.W002",
            )
        ]
    return []
