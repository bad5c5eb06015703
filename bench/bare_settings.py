"""The least Django there can be: one view, no middleware, the product's database settings."""

from routing_admin.settings import (
    ALLOWED_HOSTS,
    DATABASES,
    LOGGING,
    SECRET_KEY,
    TIME_ZONE,
    USE_TZ,
)

__all__ = ["ALLOWED_HOSTS", "DATABASES", "LOGGING", "SECRET_KEY", "TIME_ZONE", "USE_TZ"]

ROOT_URLCONF = "bench.bare"
INSTALLED_APPS: list[str] = []
MIDDLEWARE: list[str] = []
