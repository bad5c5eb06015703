"""The dry run: what would become of a lead."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils import timezone

from leads.body import check_lead
from leads.errors import Fault, InvalidLead
from leads.models.api_key import Scope
from leads.services import intake

from .auth import ApiRequest
from .base import ApiView, json_response
from .describe import writes
from .fields import Instant, Shape
from .problems import rest_faults
from .shapes import DryRunAnswer, DryRunBody


class _At(Shape):
    at = Instant(required=False, allow_null=True)


class RouteView(ApiView):
    """`route/`: decide on a lead and tell, without storing anything."""

    scopes = {"POST": Scope.LEADS_READ}

    @writes("route_dry_run", DryRunBody, {200: DryRunAnswer})
    def post(self, request: ApiRequest) -> HttpResponse:
        """Return what would become of a lead at an instant (`at`, else now), with the trace."""
        body = self.json()
        now = timezone.now()
        faults: list[Fault] = []
        if isinstance(body, dict) and "at" in body:
            body = dict(body)
            reader = _At(data={"at": body.pop("at")})
            if reader.is_valid():
                now = reader.validated_data["at"] or now
            else:
                faults = rest_faults(reader.errors)
        if faults:
            # Every fault at once: the lead's come behind the instant's.
            raise InvalidLead([*faults, *check_lead(body)])
        return json_response(intake.dry_run(body=body, now=now))
