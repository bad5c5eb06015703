"""Long work in pieces: making jobs and reading them (`job_runs` does them).

A job's chunks are done one transaction each, in order: the leads of a chunk and its results
commit together, so a worker that is killed leaves a job that the next worker takes up where it
stopped, and no lead is made twice.

The table is the truth. A task only wakes the work up; the periodic `wake_jobs` finds what a lost
message left lying.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from leads.errors import Fault, InvalidLead, NotFound
from leads.ids import uuid7
from leads.models import Job, JobChunk
from leads.models.job import JobKind, JobState
from territories.revisions import Actor

#: Leads routed in one transaction: one decision instant, one lock of each pool.
CHUNK_LINES = 500
MAX_LINES = 100_000


def create_bulk_job(*, lines: Iterable[bytes], actor: Actor, now: datetime) -> Job:
    """A queued job that routes one lead a line (NDJSON); blank lines are skipped.

    Raises InvalidLead when there are none or more than 100,000."""
    with transaction.atomic():
        job = _new_job(JobKind.ROUTE, {}, actor=actor, now=now)
        chunk: list[bytes] = []
        first, number = 1, 0
        for number, line in enumerate(lines, start=1):
            if number > MAX_LINES:
                raise InvalidLead([Fault("", "too_many", f"at most {MAX_LINES:,} lines")])
            if not chunk:
                first = number
            chunk.append(line.rstrip(b"\r\n"))
            if len(chunk) == CHUNK_LINES:
                _add_chunk(job, chunk, first)
                chunk = []
        if chunk:
            _add_chunk(job, chunk, first)
        if job.total == 0:
            raise InvalidLead([Fault("", "required", "no lead in the body")])
        job.save()
        return job


def _new_job(kind: JobKind, params: Mapping[str, Any], *, actor: Actor, now: datetime) -> Job:
    return Job.objects.create(
        id=uuid7(now),
        kind=kind,
        params=dict(params),
        created_at=now,
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_name=actor.name,
    )


def _add_chunk(job: Job, lines: Sequence[bytes], first: int) -> None:
    index = (first - 1) // CHUNK_LINES
    JobChunk.objects.create(job=job, index=index, first_line=first, body=b"\n".join(lines))
    job.total += sum(1 for line in lines if line.strip())


def create_reassign_job(
    *, lead_ids: Sequence[UUID], params: Mapping[str, Any], actor: Actor, now: datetime
) -> Job:
    """A queued job that reassigns these leads; `params` holds `to`, `reason` and the filter."""
    with transaction.atomic():
        job = _new_job(JobKind.REASSIGN, params, actor=actor, now=now)
        for start in range(0, len(lead_ids), CHUNK_LINES):
            part = [str(one).encode() for one in lead_ids[start : start + CHUNK_LINES]]
            _add_chunk(job, part, start + 1)
        job.save()
        return job


def job_of(job_id: UUID, actor: Actor | None = None) -> Job:
    """A job by id; with an actor only their own. Raises NotFound."""
    jobs = Job.objects.filter(pk=job_id)
    if actor is not None:
        jobs = jobs.filter(actor_kind=actor.kind, actor_id=actor.id)
    job = jobs.first()
    if job is None:
        raise NotFound(f"no job {job_id}")
    return job


def jobs_to_wake() -> list[UUID]:
    """Jobs that wait for a worker, or whose worker is gone."""
    waiting = Job.objects.filter(state__in=[JobState.QUEUED, JobState.RUNNING])
    return list(waiting.order_by("id").values_list("pk", flat=True))


def results_of(job: Job) -> Iterator[bytes]:
    """The results so far as NDJSON, chunk by chunk."""
    chunks = job.chunks.filter(done_at__isnull=False).order_by("index")
    for results in chunks.values_list("results", flat=True).iterator(chunk_size=20):
        yield bytes(results or b"")
