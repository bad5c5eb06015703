"""What is to be told about a lead, written in the transaction that made it true."""

from django.db import models


class OutboxEvent(models.Model):
    """One event: alerts and deliveries are made from these rows by the workers."""

    id = models.UUIDField(primary_key=True, editable=False)
    event = models.TextField()
    lead = models.ForeignKey("leads.Lead", models.CASCADE, null=True, related_name="events")
    assignment_id = models.UUIDField(null=True)
    at = models.DateTimeField()
    data = models.JSONField(default=dict, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(
                fields=["at"], name="outbox_pending", condition=models.Q(done_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return self.event
