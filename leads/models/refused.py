"""Bodies that could not be taken, kept so that nothing a marketer paid for is lost."""

from django.db import models

from .base import Acted

#: How long a refused body is kept (semantics 2).
KEEP_DAYS = 30


class RefusedSubmission(Acted):
    """A refused body of up to 64 KiB from a known key, as bytes, with its faults."""

    id = models.UUIDField(primary_key=True, editable=False)
    at = models.DateTimeField()
    path = models.TextField()
    body = models.BinaryField()
    faults = models.JSONField(default=list)
    expires_at = models.DateTimeField(db_index=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    lead = models.ForeignKey("leads.Lead", models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"refused {self.at:%Y-%m-%d %H:%M}"
