"""Revisions: who changed what of the configuration, when and why."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse

from leads.models.api_key import Scope
from territories.changes import changes_of
from territories.models import Revision

from .auth import ApiRequest
from .base import ApiView, json_response
from .config_shapes import RevisionDetail, RevisionShape
from .describe import PAGE, reads
from .pagination import PAGE_PARAMETERS, page_of, read_page
from .query import Query
from .shapes import page_shape

MAX_NUMBER = 2_147_483_647


def revision_document(revision: Revision) -> dict[str, Any]:
    """Return a revision as the API lists it."""
    return {
        "number": revision.number,
        "at": revision.at,
        "actor": {
            "kind": revision.actor_kind,
            "id": revision.actor_id,
            "name": revision.actor,
        },
        "reason": revision.reason,
        "source": revision.source,
    }


class RevisionsView(ApiView):
    """`revisions/`: all of them."""

    scopes = {"GET": Scope.CONFIG_READ}
    parameters = PAGE_PARAMETERS

    @reads("revisions_list", page_shape("Revision", RevisionShape(many=True)), parameters=PAGE)
    def get(self, request: ApiRequest) -> HttpResponse:
        """Return a page of revisions, newest first."""
        query = Query(request.GET, known=self.parameters)
        page = read_page(query)
        query.refuse_faults()
        return json_response(
            page_of(
                request,
                Revision.objects.all(),
                page,
                lambda rows: [revision_document(row) for row in rows],
                order="-number",
            )
        )


class RevisionView(ApiView):
    """`revisions/{n}/`: one of them."""

    scopes = {"GET": Scope.CONFIG_READ}

    @reads("revisions_read", RevisionDetail, named=True)
    def get(self, request: ApiRequest, number: int) -> HttpResponse:
        """Return a revision with the before and after of each object it changed."""
        if number > MAX_NUMBER:
            raise Http404
        revision = Revision.objects.get(pk=number)
        changes = [
            {
                "op": change.op,
                "kind": change.kind,
                "key": change.key,
                "fields": change.fields,
                "text": change.text,
            }
            for change in changes_of(revision)
        ]
        return json_response({**revision_document(revision), "changes": changes})
