"""The shapes of answers about the configuration, reps and health, for the OpenAPI document."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import inline_serializer
from rest_framework import serializers

from .shapes import ActorShape, OwnerShape, words

CHANGE_OPS = ("create", "update", "deactivate", "delete")
HEALTH_STATES = ("ok", "degraded", "unavailable")
CHECK_STATES = ("ok", "away", "failed", "pending")


class ChangeShape(serializers.Serializer[Any]):
    """What one revision changes of one object; each field with its value before and after."""

    op = words(CHANGE_OPS)
    kind = serializers.CharField()
    key = serializers.CharField()
    fields = serializers.DictField(child=serializers.ListField())  # type: ignore[assignment]


class PlanAnswer(serializers.Serializer[Any]):
    """The changes of a document; `revision` is null where nothing was changed."""

    revision = serializers.IntegerField(allow_null=True)
    changes = ChangeShape(many=True)


class RevisionShape(serializers.Serializer[Any]):
    """Who changed the configuration, when, by which way in and why."""

    number = serializers.IntegerField()
    at = serializers.DateTimeField()
    actor = ActorShape()
    reason = serializers.CharField(allow_blank=True)
    source = serializers.CharField(allow_blank=True)


class RevisionChange(ChangeShape):
    """A change of one object, in words too."""

    text = serializers.CharField()


class RevisionDetail(RevisionShape):
    """A revision with the before and after of each object."""

    changes = RevisionChange(many=True)


class AbsenceShape(serializers.Serializer[Any]):
    """Time off of a rep."""

    id = serializers.IntegerField()
    start = serializers.DateTimeField()
    end = serializers.DateTimeField(allow_null=True)
    reason = serializers.CharField(allow_blank=True)


class RepShape(OwnerShape):
    """A rep, and whether leads can be assigned now."""

    team = serializers.CharField(allow_null=True)
    calendar = serializers.CharField(allow_null=True)
    backup = serializers.CharField(allow_null=True)
    skills = serializers.ListField(child=serializers.CharField())
    max_open = serializers.IntegerField(allow_null=True)
    max_per_day = serializers.IntegerField(allow_null=True)
    active = serializers.BooleanField()
    availability = inline_serializer(
        "Availability",
        {
            "available": serializers.BooleanField(),
            "reason": serializers.CharField(allow_null=True),
            "until": serializers.DateTimeField(allow_null=True),
        },
    )
    open_leads = serializers.IntegerField()
    assigned_today = serializers.IntegerField()
    absences = AbsenceShape(many=True)


class LiveShape(serializers.Serializer[Any]):
    """The process answers."""

    status = words(HEALTH_STATES)


class ReadyShape(LiveShape):
    """Whether everything is there that the process needs."""

    checks = inline_serializer(
        "HealthChecks",
        {
            "database": words(CHECK_STATES),
            "broker": words(CHECK_STATES),
            "migrations": words(CHECK_STATES),
            "worker": words(CHECK_STATES),
        },
    )
