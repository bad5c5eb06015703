"""Long work that is done in pieces, each piece in one transaction, so that a killed worker
loses nothing and does nothing twice."""

from django.db import models

from .base import Acted


class JobState(models.TextChoices):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class JobKind(models.TextChoices):
    ROUTE = "route"
    REASSIGN = "reassign"


class Job(Acted):
    """`total`, `done` and `failed` count leads; `errors` keeps the first hundred."""

    id = models.UUIDField(primary_key=True, editable=False)
    kind = models.TextField(choices=JobKind.choices)
    state = models.TextField(choices=JobState.choices, default=JobState.QUEUED)
    params = models.JSONField(default=dict, blank=True)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    errors = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    retries = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"


class JobChunk(models.Model):
    """A piece of a job: lines in, results out, committed together with the leads they made."""

    job = models.ForeignKey(Job, models.CASCADE, related_name="chunks")
    index = models.PositiveIntegerField()
    first_line = models.PositiveIntegerField(default=0)
    body = models.BinaryField()
    results = models.BinaryField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["index"]
        constraints = [models.UniqueConstraint(fields=["job", "index"], name="job_chunk_index")]

    def __str__(self) -> str:
        return f"chunk {self.index}"
