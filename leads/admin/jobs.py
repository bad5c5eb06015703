"""Jobs: how far long work is, what failed, and the results as a file."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.safestring import SafeString
from unfold.decorators import display

from leads.models import Job
from leads.models.job import JobState
from leads.services.jobs import results_of

from .base import Button, Page, RecordAdmin
from .cells import badge, moment, plain
from .filters import ChoiceFilter, Choices
from .record_page import Table, record_page


class StateFilter(ChoiceFilter):
    title = "state"
    parameter_name = column = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [(value, value.capitalize()) for value in JobState.values]


@admin.register(Job)
class JobAdmin(RecordAdmin):
    """Work that goes on while the page is left, and can be come back to."""

    list_display = ("started", "kind", "state_badge", "progress", "failed", "sender")
    list_filter = (StateFilter,)
    search_fields = ("actor_name",)
    ordering = ("-id",)
    list_title = "Jobs, newest first"
    empty_title = "No jobs yet"
    empty_text = (
        "Many leads sent at once (POST /api/v1/leads/bulk/ as NDJSON) or reassigned at once "
        "become a job."
    )

    def pages(self) -> Iterable[Page]:
        return (("<uuid:object_id>/results/", "results", self.results_view),)

    def get_queryset(self, request: HttpRequest) -> Any:
        match = request.resolver_match
        is_list = match is not None and match.url_name == self.page_name("changelist")
        jobs = super().get_queryset(request)
        return jobs.defer("errors", "params") if is_list else jobs

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        self.require(request)
        job = self.row_or_404(request, object_id)
        buttons = []
        if job.done:
            url = self.page_url("results", job.pk)
            buttons = [Button(label="Results (NDJSON)", url=url, icon="download", primary=True)]
        return record_page(
            self,
            request,
            job,
            template="job.html",
            job=job,
            state_badge=badge(job.state),
            is_running=job.state in (JobState.QUEUED, JobState.RUNNING),
            facts=[
                ("Kind", "route leads" if job.kind == "route" else "reassign leads"),
                ("By", job.actor_name or "–"),
                *(
                    (name.replace("_", " ").capitalize(), plain(value))
                    for name, value in job.params.items()
                    if value
                ),
                ("Made", moment(job.created_at)),
                ("Started", moment(job.started_at)),
                ("Finished", moment(job.finished_at)),
            ],
            tables=[
                Table(
                    title="Errors",
                    head=("Line", "Status", "What"),
                    rows=[_error(error) for error in job.errors],
                    empty="None so far.",
                )
            ],
            buttons=buttons,
        )

    def results_view(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        """The results so far, one JSON object a line."""
        self.require(request)
        job = self.row_or_404(request, object_id)
        answer = StreamingHttpResponse(results_of(job), content_type="application/x-ndjson")
        answer["Content-Disposition"] = f'attachment; filename="job-{job.pk}.ndjson"'
        return answer  # type: ignore[return-value]

    # --- Columns --------------------------------------------------------------------------

    @display(description="Made", ordering="id")
    def started(self, job: Job) -> SafeString:
        return moment(job.created_at)

    @display(description="State")
    def state_badge(self, job: Job) -> SafeString:
        return badge(job.state)

    @display(description="Done")
    def progress(self, job: Job) -> str:
        return f"{job.done:,} of {job.total:,}"

    @display(description="By")
    def sender(self, job: Job) -> str:
        return job.actor_name or "–"


def _error(error: dict[str, Any]) -> tuple[Any, Any, str]:
    """A failed line: its number, its status, its faults in words."""
    faults = [f"{fault['pointer']} {fault['detail']}".strip() for fault in error.get("errors", ())]
    return (
        error.get("line") or "–",
        error.get("status", "–"),
        "; ".join(faults) or str(error.get("detail", "")),
    )
