"""Jobs: how far long work is, and what came of each lead."""

from __future__ import annotations

import functools
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes

from leads import tasks
from leads.models import Job
from leads.models.api_key import Scope
from leads.services.jobs import job_of, results_of

from .auth import ApiRequest
from .base import ApiView, json_response
from .bodies import NDJSON
from .describe import reads
from .shapes import JobShape


def job_url(request: HttpRequest, job: Job) -> str:
    """Return the address of a job."""
    return request.build_absolute_uri(reverse("api-job", args=[job.pk]))


def job_response(request: HttpRequest, job: Job) -> HttpResponse:
    """Return the answer to the start of a job, which is woken once it is committed.

    A broker that is away costs seconds, no job: the scheduler wakes what waits.
    """
    transaction.on_commit(functools.partial(tasks.run_job.delay, str(job.pk)), robust=True)
    headers = {"Location": job_url(request, job)}
    return json_response(job_document(request, job), status=202, headers=headers)


def job_document(request: HttpRequest, job: Job) -> dict[str, Any]:
    """Return a job as the API shows it."""
    results = reverse("api-job-results", args=[job.pk])
    return {
        "id": job.pk,
        "kind": job.kind,
        "state": job.state,
        "done": job.done,
        "total": job.total,
        "failed": job.failed,
        "errors": job.errors,
        "results": request.build_absolute_uri(results),
        "created_at": job.created_at,
        "started_at": job.started_at,
        "finished_at": job.finished_at,
    }


class JobView(ApiView):
    """`jobs/{id}/`: how far a job is."""

    scopes = {"GET": Scope.LEADS_WRITE}

    @reads("jobs_read", JobShape, named=True)
    def get(self, request: ApiRequest, job_id: UUID) -> HttpResponse:
        """Return the state and the counts of a job."""
        job = job_of(job_id)
        return json_response(job_document(request, job))


class JobResultsView(ApiView):
    """`jobs/{id}/results/`: one line a lead, in their order, as far as the job is."""

    scopes = {"GET": Scope.LEADS_WRITE}

    @reads("jobs_results", {NDJSON: OpenApiTypes.STR}, named=True)
    def get(self, request: ApiRequest, job_id: UUID) -> StreamingHttpResponse:
        """Return the results so far as NDJSON: `{"status": 201, "body": {…}}` a line."""
        job = job_of(job_id)
        return StreamingHttpResponse(results_of(job), content_type=NDJSON)
