"""Reps: who they are, whether they can take leads now, their time off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.http import Http404, HttpResponse
from django.utils import timezone

from leads.models.api_key import Scope
from leads.services.rep_standing import RepStanding, rep_standings
from territories.models import Absence, Rep
from territories.revisions import actor_of, lock_configuration, revision

from .auth import ApiRequest
from .base import ApiView, json_response
from .config_shapes import AbsenceShape, RepShape
from .describe import PAGE, reads, writes
from .fields import read_shape
from .pagination import PAGE_PARAMETERS, page_of, read_page
from .query import Query
from .requests import AbsenceBody, RepBody
from .shapes import page_shape

MAX_ID = 2**63 - 1
CHANGED_OVER_API = "Changed over the API"


class RepsView(ApiView):
    """`reps/`: all of them."""

    scopes = {"GET": Scope.CONFIG_READ}
    parameters = PAGE_PARAMETERS

    @reads("reps_list", page_shape("Rep", RepShape(many=True)), parameters=PAGE)
    def get(self, request: ApiRequest) -> HttpResponse:
        """Return a page of reps by key, with their availability now."""
        query = Query(request.GET, known=self.parameters)
        page = read_page(query)
        query.refuse_faults()
        return json_response(page_of(request, _rows(), page, rep_documents, order="key"))


class RepView(ApiView):
    """`reps/{key}/`: one rep."""

    scopes = {"GET": Scope.CONFIG_READ, "PATCH": Scope.CONFIG_WRITE}

    @reads("reps_read", RepShape, named=True)
    def get(self, request: ApiRequest, key: str) -> HttpResponse:
        """Return a rep with availability now, open leads and today's count."""
        return json_response(rep_document(key))

    @writes("reps_change", RepBody, {200: RepShape}, named=True, posted=False)
    def patch(self, request: ApiRequest, key: str) -> HttpResponse:
        """Change whether a rep is active, or the caps."""
        members = read_shape(RepBody, self.json())
        with revision(actor=actor_of(request), reason=CHANGED_OVER_API), transaction.atomic():
            lock_configuration()
            rep = _rep(key)
            for name, value in members.items():
                setattr(rep, name, value)
            rep.save(update_fields=list(members))
        return json_response(rep_document(key))


class AbsencesView(ApiView):
    """`reps/{key}/absences/`: time off, as an HR system pushes it."""

    scopes = {"POST": Scope.CONFIG_WRITE}

    @writes("absences_add", AbsenceBody, {201: AbsenceShape, 200: AbsenceShape}, named=True)
    def post(self, request: ApiRequest, key: str) -> HttpResponse:
        """Record time off: 201, or 200 where the same times are recorded already."""
        members = read_shape(AbsenceBody, self.json())
        actor = actor_of(request)
        reason = members.get("reason", "")
        with revision(actor=actor, reason=CHANGED_OVER_API), transaction.atomic():
            # Read under the lock: of two pushes at once the second finds the first's.
            lock_configuration()
            rep = _rep(key)
            same = rep.absences.filter(start=members["start"], end=members.get("end"))
            absence = same.first()
            created = absence is None
            if absence is None:
                absence = Absence(rep=rep, start=members["start"], end=members.get("end"))
            absence.reason = reason
            absence.save()
        return json_response(absence_document(absence), status=201 if created else 200)


class AbsenceView(ApiView):
    """`reps/{key}/absences/{id}/`: one absence."""

    scopes = {"DELETE": Scope.CONFIG_WRITE}

    @writes("absences_remove", None, {204: None}, named=True, posted=False)
    def delete(self, request: ApiRequest, key: str, absence_id: int) -> HttpResponse:
        """Take back time off."""
        if absence_id > MAX_ID:
            raise Http404
        with revision(actor=actor_of(request), reason=CHANGED_OVER_API):
            Absence.objects.get(pk=absence_id, rep_id=key).delete()
        return HttpResponse(status=204)


def _rows() -> Any:
    return Rep.objects.prefetch_related("rep_skills", "absences")


def _rep(key: str) -> Rep:
    return Rep.objects.get(pk=key)


def rep_document(key: str) -> dict[str, Any]:
    """Return one rep as the API shows it; raise DoesNotExist, which is answered 404."""
    (document,) = rep_documents([_rows().get(pk=key)])
    return document


def rep_documents(reps: Sequence[Rep]) -> list[dict[str, Any]]:
    """Return reps as the API shows them, with one read for all their loads."""
    standings = rep_standings([rep.key for rep in reps], now=timezone.now())
    return [_document(rep, standings[rep.key]) for rep in reps if rep.key in standings]


def _document(rep: Rep, standing: RepStanding) -> dict[str, Any]:
    return {
        "key": rep.key,
        "name": rep.name,
        "email": rep.email,
        "external_id": rep.external_id or None,
        "team": rep.team_id,
        "calendar": rep.calendar_id,
        "backup": rep.backup_id,
        "skills": sorted(one.skill_id for one in rep.rep_skills.all()),
        "max_open": rep.max_open,
        "max_per_day": rep.max_per_day,
        "active": rep.active,
        "availability": {
            "available": standing.is_available,
            "reason": standing.reason,
            "until": standing.until,
        },
        "open_leads": standing.load.open,
        "assigned_today": standing.load.today,
        "absences": [absence_document(absence) for absence in rep.absences.all()],
    }


def absence_document(absence: Absence) -> dict[str, Any]:
    """Return an absence as the API shows it."""
    return {
        "id": absence.pk,
        "start": absence.start,
        "end": absence.end,
        "reason": absence.reason,
    }
