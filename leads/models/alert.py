"""Alerts to people: how each rep is reached beside e-mail, what was sent, which links acted."""

from django.db import models
from django.db.models import Q


class AlertKind(models.TextChoices):
    """What an alert tells."""

    ASSIGNED = "assigned", "assigned"
    REASSIGNED = "reassigned", "reassigned"
    WARNING = "warning", "warning"
    BREACH = "breach", "breach"


class AlertState(models.TextChoices):
    """`failed` is tried again; `dead` was given up; `skipped` was no longer true when its turn
    came."""

    PENDING = "pending", "pending"
    SENT = "sent", "sent"
    FAILED = "failed", "failed"
    DEAD = "dead", "dead"
    SKIPPED = "skipped", "skipped"


class AlertChannel(models.Model):
    """A service, by Apprise URL, through which a rep is alerted beside e-mail."""

    rep = models.ForeignKey("territories.Rep", models.PROTECT, related_name="alert_channels")
    name = models.CharField(max_length=100)
    sealed_url = models.TextField(editable=False, help_text="Encrypted: see leads.secrets.")
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name


class Alert(models.Model):
    """One message to one person by one way about one event; no channel means e-mail."""

    id = models.UUIDField(primary_key=True, editable=False)
    event = models.ForeignKey("leads.OutboxEvent", models.CASCADE, related_name="alerts")
    lead = models.ForeignKey("leads.Lead", models.CASCADE, related_name="alerts")
    assignment_id = models.UUIDField(null=True)
    kind = models.TextField(choices=AlertKind.choices)
    rep = models.ForeignKey("territories.Rep", models.PROTECT, related_name="alerts")
    channel = models.ForeignKey(AlertChannel, models.PROTECT, null=True, related_name="alerts")
    state = models.TextField(choices=AlertState.choices, default=AlertState.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField()
    give_up_at = models.DateTimeField()
    error = models.TextField(blank=True, default="")
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["event", "rep", "channel"],
                name="alert_once",
                condition=Q(channel__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["event", "rep"],
                name="alert_once_by_mail",
                condition=Q(channel__isnull=True),
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at"],
                name="alert_to_send",
                condition=Q(state__in=("pending", "failed")),
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} alert to {self.rep_id}"


class LinkUse(models.Model):
    """A link of an alert that somebody acted with: it works no second time."""

    digest = models.CharField(max_length=64, primary_key=True)
    lead = models.ForeignKey("leads.Lead", models.CASCADE, related_name="link_uses")
    used_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"used {self.used_at:%Y-%m-%d %H:%M}"
