"""The bodies that callers send, beside the lead itself (`leads.body`)."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from leads.engine.vocabulary import OutcomeStatus, ReassignReason

from .fields import EARLIEST, Flag, Instant, Shape, Target, Text, Whole, Word

NOTE_LIMIT = 5_000
LINE_LIMIT = 200
MAX_BULK_LEADS = 1_000
MAX_CAP = 2_147_483_647


class ContactedBody(Shape):
    """The first response, or a later one."""

    at = Instant(required=False)
    by = Text(required=False, allow_blank=True, max_length=LINE_LIMIT)
    channel = Text(required=False, allow_blank=True, max_length=LINE_LIMIT)


class ReassignBody(Shape):
    """Another owner for one lead."""

    to = Target()
    reason = Word(ReassignReason)
    note = Text(required=False, allow_blank=True, max_length=NOTE_LIMIT)


class OutcomeBody(Shape):
    """What became of a lead."""

    status = Word(OutcomeStatus)
    at = Instant(required=False)
    amount = serializers.DecimalField(
        required=False,
        allow_null=True,
        max_digits=18,
        decimal_places=2,
        min_value=0,
        coerce_to_string=False,
    )
    currency = serializers.RegexField(
        r"^[A-Z]{3}$",
        required=False,
        allow_null=True,
        error_messages={"invalid": "Must be an ISO 4217 code such as EUR."},
    )
    reason = Text(required=False, allow_blank=True, max_length=NOTE_LIMIT)
    source = Text(required=False, allow_blank=True, max_length=LINE_LIMIT)


class BulkReassignBody(Shape):
    """Another owner for every lead of a filter; filters are those of the list of leads."""

    filter = serializers.DictField()
    to = Target()
    reason = Word(ReassignReason)
    only_uncontacted = Flag(required=False, default=False)
    preview = Flag(required=False, default=False)


@extend_schema_field({"type": "object", "additionalProperties": True})
class Document(serializers.Field):  # type: ignore[type-arg]
    """The configuration document; its faults are found by planning it."""

    def to_internal_value(self, data: object) -> object:
        """Return the document as it was sent."""
        return data

    def to_representation(self, value: object) -> object:
        """Return the document unchanged."""
        return value


class PlanBody(Shape):
    """A configuration document to compare with what is live."""

    document = Document()
    reason = Text(required=False, allow_blank=True, max_length=2_000)
    prune = Flag(required=False, default=False)


class ApplyBody(PlanBody):
    """A configuration document to put into force, and why."""

    reason = Text(max_length=2_000)


class AbsenceBody(Shape):
    """Time off: `start` is the first instant away, `end` the first one back, null where unknown."""

    start = Instant()
    end = Instant(required=False, allow_null=True)
    reason = Text(required=False, allow_blank=True, max_length=LINE_LIMIT)

    def validate(self, attributes: dict[str, object]) -> dict[str, object]:
        """Return the attributes; refuse an absence that ends before it begins."""
        start, end = attributes.get("start", EARLIEST), attributes.get("end")
        if end is not None and end <= start:  # type: ignore[operator]
            raise serializers.ValidationError({"end": "Must be after start."}, code="invalid")
        return attributes


class RepBody(Shape):
    """What an outside system may change of a rep."""

    active = Flag(required=False)
    max_open = Whole(required=False, allow_null=True, min_value=0, max_value=MAX_CAP)
    max_per_day = Whole(required=False, allow_null=True, min_value=0, max_value=MAX_CAP)

    def validate(self, attributes: dict[str, object]) -> dict[str, object]:
        """Return the attributes; refuse a change of nothing."""
        if not attributes:
            raise serializers.ValidationError("Nothing to change was given.", code="required")
        return attributes
