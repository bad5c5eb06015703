"""The configuration document over HTTP: exported, planned, applied."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from drf_spectacular.types import OpenApiTypes

from leads.body import parse_json
from leads.errors import Fault
from leads.models.api_key import Scope
from territories import document as documents
from territories.revisions import actor_of, current_revision, revision

from . import bodies
from .auth import ApiRequest
from .base import ApiView, json_response
from .config_shapes import PlanAnswer
from .describe import reads, text_parameter, writes
from .fields import Shape, read_shape
from .problems import document_fault, invalid
from .query import Query, as_choice
from .requests import ApplyBody, PlanBody

YAML = "application/yaml"
YAML_TYPES = (YAML, "application/x-yaml", "text/yaml", "text/x-yaml")
DOCUMENT_LIMIT_BYTES = 32 * bodies.MIB
# The document reader allows 64 levels; the body is one more around it.
DOCUMENT_DEPTH = 65
FORMATS = ("json", "yaml")


class ConfigView(ApiView):
    """`config/`: the live configuration."""

    scopes = {"GET": Scope.CONFIG_READ}
    parameters = ("format", "sections")

    @reads(
        "config_export",
        {bodies.JSON: OpenApiTypes.OBJECT, YAML: OpenApiTypes.STR},
        parameters=[
            text_parameter("format", "json or yaml; else by the Accept header.", enum=FORMATS),
            text_parameter("sections", "Names between commas; accounts only when named."),
        ],
    )
    def get(self, request: ApiRequest) -> HttpResponse:
        """Return the configuration document."""
        query = Query(request.GET, known=self.parameters)
        sections = query.get("sections", as_sections)
        form = query.get("format", as_choice(FORMATS)) or _accepted(request)
        query.refuse_faults()
        document = documents.export_document(sections)
        if form == "yaml":
            return HttpResponse(documents.dump_document(document), content_type=YAML)
        return json_response(document)


def as_sections(text: str) -> list[str]:
    """Return section names; ValueError for an unknown one."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    unknown = [name for name in names if name not in documents.SECTIONS]
    if unknown or not names:
        raise ValueError(f"must be names of {', '.join(documents.SECTIONS)}")
    return names


def _accepted(request: HttpRequest) -> str:
    """Return the form that the Accept header prefers; JSON where it does not say."""
    preferred = request.get_preferred_type([bodies.JSON, *YAML_TYPES])
    return "yaml" if preferred in YAML_TYPES else "json"


class _DocumentView(ApiView):
    body_limit = DOCUMENT_LIMIT_BYTES

    def members(self, shape: type[Shape]) -> dict[str, Any]:
        """Return the body's members; a document that is no object is a fault like others."""
        members = read_shape(shape, parse_json(self.body, max_depth=DOCUMENT_DEPTH))
        if not isinstance(members["document"], dict):
            raise invalid([Fault("/document", "invalid", "Must be an object.")])
        return members


class PlanView(_DocumentView):
    """`config/plan/`: what a document would change."""

    scopes = {"POST": Scope.CONFIG_READ}

    @writes("config_plan", PlanBody, {200: PlanAnswer})
    def post(self, request: ApiRequest) -> HttpResponse:
        """Return the changes a document would make; nothing is changed."""
        members = self.members(PlanBody)
        plan = documents.plan(members["document"], prune=members["prune"])
        if plan.faults:
            raise invalid(document_fault(fault) for fault in plan.faults)
        return json_response({"revision": None, "changes": _changes(plan)})


class ApplyView(_DocumentView):
    """`config/apply/`: put a document into force."""

    scopes = {"POST": Scope.CONFIG_WRITE}

    @writes("config_apply", ApplyBody, {200: PlanAnswer})
    def post(self, request: ApiRequest) -> HttpResponse:
        """Change the configuration to match the document, in one revision or not at all."""
        members = self.members(ApplyBody)
        actor = actor_of(request)
        with revision(actor=actor, reason=members["reason"], source="api"), transaction.atomic():
            plan = documents.apply(members["document"], prune=members["prune"])
            number = current_revision() if plan.changes else None
        return json_response({"revision": number, "changes": _changes(plan)})


def _changes(plan: documents.Plan) -> list[dict[str, Any]]:
    return [
        {"op": change.op, "kind": change.kind, "key": change.key, "fields": change.fields}
        for change in plan.changes
    ]
