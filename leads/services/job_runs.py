"""Doing jobs, a chunk a transaction (see `jobs`)."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from leads.body import MAX_LEAD_BYTES, parse_json
from leads.errors import InvalidLead
from leads.models import Job, JobChunk
from leads.models.job import JobKind, JobState
from territories.revisions import Actor

from . import bulk_reassign, refusals
from .intake import Receipt, receive_leads, storable

MAX_ERRORS_KEPT = 100
MAX_RETRIES = 5


def run_job(job_id: UUID) -> None:
    """Do the chunks of a job that are left. Safe to be called by several workers at once."""
    Job.objects.filter(pk=job_id, state=JobState.QUEUED).update(
        state=JobState.RUNNING, started_at=timezone.now()
    )
    while _run_next_chunk(job_id):
        pass


def _run_next_chunk(job_id: UUID) -> bool:
    """Do the next chunk; False when there is none left or another worker has the job."""
    with transaction.atomic():
        jobs = Job.objects.filter(pk=job_id, state=JobState.RUNNING)
        skip = connection.features.has_select_for_update_skip_locked
        job = jobs.select_for_update(skip_locked=skip, no_key=True).first()
        if job is None:
            return False
        chunk = job.chunks.filter(done_at__isnull=True).order_by("index").first()
        if chunk is not None:
            _do_chunk(job, chunk)
        if not job.chunks.filter(done_at__isnull=True).exists():
            job.state, job.finished_at = JobState.DONE, timezone.now()
        job.save()
        return job.state == JobState.RUNNING


def _do_chunk(job: Job, chunk: JobChunk) -> None:
    now = timezone.now()
    actor = Actor(kind=job.actor_kind, id=job.actor_id, name=job.actor_name)
    results = list(RUNNERS[JobKind(job.kind)](job, chunk, actor, now))
    failed = [result for result in results if result["status"] >= 400]
    job.done += len(results)
    job.failed += len(failed)
    room = MAX_ERRORS_KEPT - len(job.errors)
    job.errors = storable([*job.errors, *failed[: max(room, 0)]])
    chunk.results = b"".join(json.dumps(result).encode() + b"\n" for result in results)
    chunk.done_at = now
    chunk.save(update_fields=["results", "done_at"])


def _route_chunk(
    job: Job, chunk: JobChunk, actor: Actor, now: datetime
) -> Iterator[dict[str, Any]]:
    lines = [
        (chunk.first_line + offset, line)
        for offset, line in enumerate(bytes(chunk.body).split(b"\n"))
        if line.strip()
    ]
    bodies: list[object] = []
    broken: dict[int, InvalidLead] = {}
    for number, line in lines:
        try:
            bodies.append(parse_json(line, max_bytes=MAX_LEAD_BYTES))
        except InvalidLead as error:
            broken[number] = error
    receipts = iter(receive_leads(bodies=bodies, actor=actor, now=now))
    for number, line in lines:
        answer = broken[number] if number in broken else next(receipts)
        if isinstance(answer, InvalidLead):
            refusals.keep(
                body=line, faults=answer.faults, path=f"job {job.pk}", actor=actor, now=now
            )
        yield line_result(number, answer)


def line_result(number: int, answer: Receipt | InvalidLead) -> dict[str, Any]:
    """One line of a job's results: the line's number, its status and body."""
    if isinstance(answer, InvalidLead):
        errors = [
            {"pointer": fault.pointer, "code": fault.code, "detail": fault.detail}
            for fault in answer.faults
        ]
        return {"line": number, "status": 400, "errors": errors}
    return {"line": number, "status": 201 if answer.created else 200, "body": answer.answer}


def _reassign_chunk(
    job: Job, chunk: JobChunk, actor: Actor, now: datetime
) -> Iterator[dict[str, Any]]:
    ids = [UUID(line.decode()) for line in bytes(chunk.body).split(b"\n")]
    for offset, result in enumerate(bulk_reassign.run_chunk(job.params, ids, actor, now)):
        yield {"line": chunk.first_line + offset, **result}


RUNNERS: dict[JobKind, Callable[[Job, JobChunk, Actor, datetime], Iterator[dict[str, Any]]]] = {
    JobKind.ROUTE: _route_chunk,
    JobKind.REASSIGN: _reassign_chunk,
}


def fail_job(job_id: UUID, why: str) -> bool:
    """Note that a run broke; after several the job is given up. Returns whether it may go on."""
    jobs = Job.objects.filter(pk=job_id, state__in=[JobState.QUEUED, JobState.RUNNING])
    jobs.update(retries=F("retries") + 1)
    given_up = jobs.filter(retries__gt=MAX_RETRIES)
    error = [{"line": None, "status": 500, "detail": why}]
    return not given_up.update(state=JobState.FAILED, finished_at=timezone.now(), errors=error)
