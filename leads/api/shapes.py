"""The shapes of bodies and answers, for the OpenAPI document.

Bodies of leads are read by `leads.body` and answers are made by `leads.services.answers`; tests
compare both with these shapes.
"""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field, inline_serializer
from rest_framework import serializers

from leads.engine.vocabulary import (
    AssignmentKind,
    LeadStatus,
    OutcomeStatus,
    Reason,
    ReassignReason,
    Result,
    RoutingModel,
    Step,
)
from leads.models.job import JobState

Serializer = serializers.Serializer[Any]
LEAD_STATUSES = tuple(map(str, LeadStatus))
OUTCOME_STATUSES = tuple(map(str, OutcomeStatus))
ASSIGNMENT_KINDS = tuple(map(str, AssignmentKind))
REASSIGN_REASONS = tuple(map(str, ReassignReason))
SLA_STATES = ("none", "running", "met", "breached")
ACTOR_KINDS = ("user", "api_key", "command", "task", "system")
CUSTOM_VALUE = {
    "nullable": True,
    "oneOf": [
        {"type": "string"},
        {"type": "number"},
        {"type": "boolean"},
        {"type": "array", "items": {"type": "string"}},
    ],
}


def words(choices: Any, **options: Any) -> serializers.ChoiceField:
    """Return a field that holds one of an enumeration's words."""
    return serializers.ChoiceField([(str(word), str(word)) for word in choices], **options)


def text(**options: Any) -> serializers.CharField:
    """Return a text field of a body: optional, may be null."""
    return serializers.CharField(required=False, allow_null=True, allow_blank=True, **options)


@extend_schema_field(CUSTOM_VALUE)
class CustomValue(serializers.JSONField):
    """A custom field's value."""


class Pointed(serializers.Serializer[Any]):
    """One fault of a request."""

    pointer = serializers.CharField(allow_blank=True)
    code = serializers.CharField()
    detail = serializers.CharField()


class ProblemShape(serializers.Serializer[Any]):
    """RFC 9457."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    request_id = serializers.CharField(allow_blank=True)
    errors = Pointed(many=True)


class LeadBody(serializers.Serializer[Any]):
    """A lead as it is sent; at least one of email, phone, company and external_id."""

    external_id = text()
    source = text()
    lead_type = text()
    email = text()
    first_name = text()
    last_name = text()
    phone = text()
    title = text()
    company = text()
    website = text()
    country = text()
    state = text()
    city = text()
    postal_code = text()
    industry = text()
    employees = serializers.IntegerField(required=False, allow_null=True)
    annual_revenue = serializers.FloatField(required=False, allow_null=True)
    product_interest = serializers.ListField(
        child=serializers.CharField(), required=False, allow_null=True
    )
    language = text()
    score = serializers.FloatField(required=False, allow_null=True)
    campaign = text()
    account = text()
    owner = text()
    crm_ids = serializers.DictField(child=serializers.CharField(), required=False, allow_null=True)
    received_at = serializers.DateTimeField(required=False, allow_null=True)
    custom = serializers.DictField(child=CustomValue(), required=False, allow_null=True)


class DryRunBody(LeadBody):
    """A lead, and the instant at which it would arrive."""

    at = serializers.DateTimeField(required=False, allow_null=True)


class OwnerShape(serializers.Serializer[Any]):
    """A rep as the owner of a lead."""

    key = serializers.CharField()
    name = serializers.CharField()
    email = serializers.CharField(allow_blank=True)
    external_id = serializers.CharField(allow_null=True, allow_blank=True)


class ActorShape(serializers.Serializer[Any]):
    """Who did something: a person, a key, a command or the desk itself."""

    kind = words(ACTOR_KINDS)
    id = serializers.CharField(allow_blank=True)
    name = serializers.CharField(allow_blank=True)


class AssignmentShape(serializers.Serializer[Any]):
    """One line of the ownership ledger."""

    id = serializers.UUIDField()
    at = serializers.DateTimeField()
    kind = words(ASSIGNMENT_KINDS)
    rule = inline_serializer(
        "RuleReference",
        {
            "key": serializers.CharField(),
            "name": serializers.CharField(),
            "priority": serializers.IntegerField(),
        },
        allow_null=True,
    )
    model = words(RoutingModel, allow_null=True)
    territory = serializers.CharField(allow_null=True)
    account = serializers.CharField(allow_null=True)
    pool = serializers.CharField(allow_null=True)
    is_fallback = serializers.BooleanField()
    fallback_reason = words(Reason, allow_null=True)
    revision = serializers.IntegerField()
    sla = inline_serializer(
        "SlaReference",
        {"policy": serializers.CharField(), "due_at": serializers.DateTimeField()},
        allow_null=True,
    )


class LedgerLine(AssignmentShape):
    """One line of the ownership ledger: who had it, who did it and why."""

    owner = OwnerShape(allow_null=True)
    previous_owner = serializers.CharField(allow_null=True)
    reason = words(REASSIGN_REASONS, allow_null=True)
    note = serializers.CharField(allow_null=True)
    by = ActorShape()
    shadow = serializers.BooleanField()
    explanation = serializers.CharField(allow_blank=True)


class Warned(serializers.Serializer[Any]):
    """A value that was stored as it came, because it was not understood."""

    field = serializers.CharField()
    code = serializers.CharField()
    detail = serializers.CharField()


class LeadAnswer(serializers.Serializer[Any]):
    """Who owns the lead, and why."""

    id = serializers.UUIDField()
    created = serializers.BooleanField()
    status = words(LEAD_STATUSES)
    owner = OwnerShape(allow_null=True)
    assignment = AssignmentShape(allow_null=True)
    warnings = Warned(many=True)
    explanation = serializers.CharField(allow_blank=True)


class OutcomeShape(serializers.Serializer[Any]):
    """What became of a lead."""

    status = words(OUTCOME_STATUSES)
    at = serializers.DateTimeField(allow_null=True)
    amount = serializers.FloatField(allow_null=True)
    currency = serializers.CharField(allow_null=True)


class StoredLead(LeadAnswer):
    """A stored lead: its answer, its fields as they stand, and how far it has come."""

    lead = LeadBody()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    responded_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    sla_state = words(SLA_STATES)
    outcome = OutcomeShape(allow_null=True)


class TraceStepShape(serializers.Serializer[Any]):
    """One step on the way to a decision."""

    step = words(Step)
    subject = serializers.CharField(allow_null=True)
    result = words(Result)
    reason = serializers.CharField(allow_null=True)
    data = serializers.DictField()
    text = serializers.CharField()


class DryRunLine(AssignmentShape):
    """The line that would be written."""

    id = None  # type: ignore[assignment]


class DryRunAnswer(LeadAnswer):
    """What would happen to a lead; nothing was stored."""

    id = None  # type: ignore[assignment]
    assignment = DryRunLine(allow_null=True)
    trace = TraceStepShape(many=True)


class BulkBody(serializers.Serializer[Any]):
    """Up to 1,000 leads."""

    leads = LeadBody(many=True)


class BulkAnswer(serializers.Serializer[Any]):
    """One result a lead, in their order; `body` is an answer or a problem."""

    results = inline_serializer(
        "BulkResult",
        {"status": serializers.IntegerField(), "body": serializers.DictField()},
        many=True,
    )


class JobShape(serializers.Serializer[Any]):
    """Long work: `total`, `done` and `failed` count leads."""

    id = serializers.UUIDField()
    kind = serializers.CharField()
    state = words(JobState.values)
    done = serializers.IntegerField()
    total = serializers.IntegerField()
    failed = serializers.IntegerField()
    errors = serializers.ListField(child=serializers.DictField())
    results = serializers.URLField(allow_null=True)
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)


class ReassignPreview(serializers.Serializer[Any]):
    """How many leads each rep would give and get."""

    total = serializers.IntegerField()
    by_rep = inline_serializer(
        "RepMoves",
        {
            "rep": serializers.CharField(allow_null=True),
            "loses": serializers.IntegerField(),
            "gains": serializers.IntegerField(),
        },
        many=True,
    )
    refused = serializers.ListField(child=serializers.DictField())


def page_shape(name: str, row: Any) -> Serializer:
    """Return the shape of a cursor page of rows."""
    return inline_serializer(
        f"{name}Page",
        {
            "next": serializers.URLField(allow_null=True),
            "previous": serializers.URLField(allow_null=True),
            "results": row,
        },
    )
