"""The paths of version 1, below `/api/v1/`."""

from typing import Any
from uuid import UUID

from django.urls import path, re_path, register_converter

from . import bulk, config, health, jobs, leads, reps, revisions, route, schema
from .base import not_found


class AnyCaseUuid:
    """A UUID in small or capital letters (RFC 9562 takes both on input)."""

    regex = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"

    def to_python(self, value: str) -> UUID:
        """Return the UUID."""
        return UUID(value)

    def to_url(self, value: Any) -> str:
        """Return the UUID's text."""
        return str(value)


register_converter(AnyCaseUuid, "any-case-uuid")

LEAD = "leads/<any-case-uuid:lead_id>/"
JOB = "jobs/<any-case-uuid:job_id>/"
REP = "reps/<slug:key>/"

urlpatterns = [
    path("leads/", leads.LeadsView.as_view(), name="api-leads"),
    path("leads/bulk/", bulk.LeadsBulkView.as_view(), name="api-leads-bulk"),
    path("leads/bulk-reassign/", bulk.BulkReassignView.as_view(), name="api-bulk-reassign"),
    path(LEAD, leads.LeadView.as_view(), name="api-lead"),
    path(f"{LEAD}assignments/", leads.LedgerView.as_view(), name="api-lead-assignments"),
    path(f"{LEAD}trace/", leads.TraceView.as_view(), name="api-lead-trace"),
    path(f"{LEAD}contacted/", leads.ContactedView.as_view(), name="api-lead-contacted"),
    path(f"{LEAD}reassign/", leads.ReassignView.as_view(), name="api-lead-reassign"),
    path(f"{LEAD}outcome/", leads.OutcomeView.as_view(), name="api-lead-outcome"),
    path(JOB, jobs.JobView.as_view(), name="api-job"),
    path(f"{JOB}results/", jobs.JobResultsView.as_view(), name="api-job-results"),
    path("route/", route.RouteView.as_view(), name="api-route"),
    path("config/", config.ConfigView.as_view(), name="api-config"),
    path("config/plan/", config.PlanView.as_view(), name="api-config-plan"),
    path("config/apply/", config.ApplyView.as_view(), name="api-config-apply"),
    path("revisions/", revisions.RevisionsView.as_view(), name="api-revisions"),
    path("revisions/<int:number>/", revisions.RevisionView.as_view(), name="api-revision"),
    path("reps/", reps.RepsView.as_view(), name="api-reps"),
    path(REP, reps.RepView.as_view(), name="api-rep"),
    path(f"{REP}absences/", reps.AbsencesView.as_view(), name="api-rep-absences"),
    path(f"{REP}absences/<int:absence_id>/", reps.AbsenceView.as_view(), name="api-rep-absence"),
    re_path(r"^health/live/?$", health.LiveView.as_view(), name="api-live"),
    re_path(r"^health/ready/?$", health.ReadyView.as_view(), name="api-ready"),
    path("schema/", schema.SchemaView.as_view(), name="api-schema"),
    path("docs/", schema.DocsView.as_view(), name="api-docs"),
    # Before the admin's own catch-all could send a program to the sign-in page.
    re_path(r"^.*\Z", not_found),
]
