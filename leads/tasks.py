"""What workers do: each task wakes a service up. The tables are the truth, so a lost message
costs a few seconds and a repeated one nothing."""

from uuid import UUID

from celery import shared_task
from django.utils import timezone

from leads.models import IdempotencyRecord, WorkerHeartbeat
from leads.services import alerts, clocks, exceptions, holding, job_runs, jobs, refusals


@shared_task(ignore_result=True)
def run_job(job_id: str) -> None:
    """Do what is left of a job; a failure is noted, and `wake_jobs` tries again."""
    try:
        job_runs.run_job(UUID(job_id))
    except Exception as error:
        job_runs.fail_job(UUID(job_id), type(error).__name__)
        raise


@shared_task(ignore_result=True)
def wake_jobs() -> None:
    """Start every job that waits for a worker or lost its own."""
    for job_id in jobs.jobs_to_wake():
        run_job.delay(str(job_id))


@shared_task(ignore_result=True)
def scan_time() -> None:
    """Release held leads, warn and record breaches: whatever time has brought since."""
    holding.release_due(now=timezone.now())
    clocks.scan(now=timezone.now())


@shared_task(ignore_result=True)
def send_alerts() -> None:
    """Make alerts of what happened and send those that are due."""
    alerts.expand_outbox(now=timezone.now())
    alerts.send_due(now=timezone.now())


@shared_task(ignore_result=True)
def purge_expired() -> None:
    """Delete refused bodies and stored answers whose time is over."""
    now = timezone.now()
    refusals.purge(now=now)
    IdempotencyRecord.objects.purge(now=now)


@shared_task(ignore_result=True)
def beat_heart() -> None:
    """Show that a worker is there and the scheduler reached it."""
    WorkerHeartbeat.objects.beat(name="worker", now=timezone.now())


@shared_task(ignore_result=True)
def note_inactive_owners() -> None:
    """Open an exception for each rep who left and still has open leads."""
    exceptions.note_inactive_owners(now=timezone.now())
