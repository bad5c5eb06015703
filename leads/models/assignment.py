"""The ownership ledger: one immutable line per change of owner, and the clock each line starts."""

from django.db import models
from django.db.models import Q

from leads.engine.vocabulary import AssignmentKind, Reason, ReassignReason, RoutingModel

from .base import Acted, AppendOnly
from .lead import Lead

KINDS = [(kind.value, kind.value) for kind in AssignmentKind]
MODELS = [(model.value, model.value) for model in RoutingModel]
REASONS = [(reason.value, reason.value) for reason in Reason]
REASSIGN_REASONS = [(reason.value, reason.value) for reason in ReassignReason]


class Assignment(Acted, AppendOnly):
    """Who got a lead, when, by which rule, model and revision, and why.

    `facts` and `state` are what the decision read: with the configuration at `revision` they
    are enough to make it again (`leads.services.replay`). A `shadow` line records what would
    have been; it moves nobody."""

    id = models.UUIDField(primary_key=True, editable=False)
    lead = models.ForeignKey(Lead, models.CASCADE, related_name="assignments")
    at = models.DateTimeField()
    kind = models.TextField(choices=KINDS)
    owner = models.ForeignKey(
        "territories.Rep",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="assignments",
        db_index=False,
    )
    previous_owner = models.TextField(blank=True, default="")
    rule = models.TextField(blank=True, default="")
    rule_name = models.TextField(blank=True, default="")
    rule_priority = models.IntegerField(null=True, blank=True)
    model = models.TextField(blank=True, default="", choices=MODELS)
    territory = models.TextField(blank=True, default="")
    account = models.TextField(blank=True, default="")
    pool = models.TextField(blank=True, default="")
    picked_from = models.TextField(
        blank=True, default="", help_text="The pool whose turn this line used."
    )
    definition = models.TextField(blank=True, default="")
    is_fallback = models.BooleanField(default=False)
    fallback_reason = models.TextField(blank=True, default="", choices=REASONS)
    revision = models.PositiveIntegerField()
    sla = models.TextField(blank=True, default="")
    due_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True, default="", choices=REASSIGN_REASONS)
    note = models.TextField(blank=True, default="")
    explanation = models.TextField(blank=True, default="")
    shadow = models.BooleanField(default=False)
    facts = models.JSONField(default=dict, blank=True)
    state = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["owner", "at"], name="assignment_owner_at"),
            models.Index(fields=["at"], name="assignment_at"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.owner_id or 'nobody'}"


class SlaClock(models.Model):
    """The time in which the owner of one assignment must respond first (semantics 9)."""

    assignment = models.OneToOneField(
        Assignment, models.CASCADE, primary_key=True, related_name="clock"
    )
    lead = models.ForeignKey(Lead, models.CASCADE, related_name="clocks")
    policy = models.TextField()
    owner = models.TextField(blank=True, default="")
    started_at = models.DateTimeField()
    warn_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField()
    responded_at = models.DateTimeField(null=True, blank=True)
    response_seconds = models.PositiveBigIntegerField(null=True, blank=True)
    response_business_seconds = models.PositiveBigIntegerField(null=True, blank=True)
    stopped_at = models.DateTimeField(
        null=True, blank=True, help_text="No longer counts: reassigned or closed."
    )
    warned_at = models.DateTimeField(null=True, blank=True)
    breached_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at"],
                name="clock_running",
                condition=Q(
                    responded_at__isnull=True, stopped_at__isnull=True, breached_at__isnull=True
                ),
            ),
            models.Index(
                fields=["warn_at"],
                name="clock_to_warn",
                condition=Q(
                    responded_at__isnull=True,
                    stopped_at__isnull=True,
                    warned_at__isnull=True,
                    breached_at__isnull=True,
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.policy} due {self.due_at:%Y-%m-%d %H:%M}"
