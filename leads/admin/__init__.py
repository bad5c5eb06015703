"""The admin of what happens: leads, their ledger, exceptions, refused bodies, jobs, keys."""

from . import (
    alert_channels,
    alerts,
    api_keys,
    assignments,
    clocks,
    exceptions,
    jobs,
    leads,
    pool_states,
    refused,
)

__all__ = [
    "alert_channels",
    "alerts",
    "api_keys",
    "assignments",
    "clocks",
    "exceptions",
    "jobs",
    "leads",
    "pool_states",
    "refused",
]
