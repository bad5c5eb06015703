"""An assignment that needed a fallback, a hold or a person, and who looks into it."""

from django.db import models

from leads.engine.vocabulary import Reason

REASONS = [(reason.value, reason.value) for reason in Reason]


class RoutingException(models.Model):
    """Opened by the decision that needed it; `owner` reviews it (semantics 6)."""

    id = models.UUIDField(primary_key=True, editable=False)
    reason = models.TextField(choices=REASONS)
    lead = models.ForeignKey("leads.Lead", models.CASCADE, null=True, related_name="exceptions")
    assignment_id = models.UUIDField(null=True)
    rep = models.ForeignKey(
        "territories.Rep", models.PROTECT, null=True, blank=True, related_name="+"
    )
    owner = models.ForeignKey(
        "territories.Rep", models.PROTECT, null=True, blank=True, related_name="exceptions"
    )
    opened_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.TextField(blank=True, default="")
    note = models.TextField(blank=True, default="")

    class Meta:
        verbose_name = "exception"
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["opened_at"],
                name="exception_open",
                condition=models.Q(resolved_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return self.reason.replace("_", " ")
