"""What happens to leads: one noun a file."""

from .alert import Alert, AlertChannel, LinkUse
from .api_key import ApiKey
from .assignment import Assignment, SlaClock
from .exception import RoutingException
from .heartbeat import WorkerHeartbeat
from .idempotency import IdempotencyRecord
from .job import Job, JobChunk
from .lead import Contact, Lead, Outcome, Submission
from .outbox import OutboxEvent
from .pool_state import PoolState
from .refused import RefusedSubmission

__all__ = [
    "Alert",
    "AlertChannel",
    "ApiKey",
    "Assignment",
    "Contact",
    "IdempotencyRecord",
    "Job",
    "JobChunk",
    "Lead",
    "LinkUse",
    "OutboxEvent",
    "Outcome",
    "PoolState",
    "RefusedSubmission",
    "RoutingException",
    "SlaClock",
    "Submission",
    "WorkerHeartbeat",
]
