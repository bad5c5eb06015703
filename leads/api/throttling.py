"""Limits per key, counted in fixed windows of a minute in the cache.

The headers follow draft-ietf-httpapi-ratelimit-headers. With the default cache each process counts
alone; set `CACHE_URL` to one Redis to count over processes and machines. A cache that is away
limits nobody: refusing leads because a counter is unreachable would lose them.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass

from django.core.cache import cache

from leads.models import ApiKey

from .problems import Problem

logger = logging.getLogger(__name__)

WINDOW_SECONDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What a key has used of its limit in the present window."""

    limit: int
    used: int
    reset_seconds: int

    @property
    def remaining(self) -> int:
        """How many requests are left in the window."""
        return max(self.limit - self.used, 0)

    def headers(self) -> dict[str, str]:
        """Return the `RateLimit` and `RateLimit-Policy` header fields."""
        return {
            "RateLimit-Policy": f'"key";q={self.limit};w={WINDOW_SECONDS}',
            "RateLimit": f'"key";r={self.remaining};t={self.reset_seconds}',
        }


def count_request(key: ApiKey) -> Usage | None:
    """Count one request of a key; return its usage, or None where it has no limit.

    Raises a 429 Problem with `Retry-After` once the limit is used up.
    """
    if key.rate_limit is None:
        return None
    now = int(time.time())
    window, passed = divmod(now, WINDOW_SECONDS)
    name = f"leads-api-rate:{key.pk}:{window}"
    try:
        cache.add(name, 0, timeout=2 * WINDOW_SECONDS)
        used = cache.incr(name)
    except Exception:  # whatever the configured cache raises when it is away
        logger.warning("The cache is away: key %s is not limited", key.pk, exc_info=True)
        return None
    usage = Usage(limit=key.rate_limit, used=used, reset_seconds=WINDOW_SECONDS - passed)
    if used > key.rate_limit:
        headers = {**usage.headers(), "Retry-After": str(usage.reset_seconds)}
        raise Problem(429, f"The key may call {key.rate_limit} times a minute.", headers=headers)
    return usage
