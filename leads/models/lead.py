"""A lead, the submissions it came in with, the contacts made and what became of it."""

from django.db import models
from django.db.models import Q

from leads.engine.vocabulary import LeadStatus, OutcomeStatus

from .base import Acted, AppendOnly

STATUSES = [(status.value, status.value) for status in LeadStatus]
OUTCOMES = [(status.value, status.value) for status in OutcomeStatus]


class Lead(models.Model):
    """A person at a company who showed interest, as the newest submission describes them.

    The routing columns (`owner` … `due_at`) repeat the current assignment, so that lists filter
    on one table; the ledger is the truth."""

    id = models.UUIDField(primary_key=True, editable=False)

    external_id = models.TextField(blank=True, default="")
    source = models.TextField(blank=True, default="")
    lead_type = models.TextField(blank=True, default="")
    email = models.TextField(blank=True, default="")
    email_domain = models.TextField(blank=True, default="")
    domain = models.TextField(
        blank=True, default="", help_text="Registrable domain of the e-mail, unless free."
    )
    first_name = models.TextField(blank=True, default="")
    last_name = models.TextField(blank=True, default="")
    phone = models.TextField(blank=True, default="")
    title = models.TextField(blank=True, default="")
    company = models.TextField(blank=True, default="")
    website = models.TextField(blank=True, default="")
    country = models.TextField(blank=True, default="")
    state = models.TextField(blank=True, default="")
    city = models.TextField(blank=True, default="")
    postal_code = models.TextField(blank=True, default="")
    industry = models.TextField(blank=True, default="")
    employees = models.BigIntegerField(null=True, blank=True)
    annual_revenue = models.FloatField(null=True, blank=True)
    product_interest = models.JSONField(default=list, blank=True)
    language = models.TextField(blank=True, default="")
    score = models.FloatField(null=True, blank=True)
    campaign = models.TextField(blank=True, default="")
    account_ref = models.TextField(
        "account given", blank=True, default="", help_text="Account as the caller named it."
    )
    owner_ref = models.TextField(
        "owner given", blank=True, default="", help_text="Owner as the caller named it."
    )
    crm_ids = models.JSONField(default=dict, blank=True)
    received_at = models.DateTimeField(null=True, blank=True)
    custom = models.JSONField(default=dict, blank=True)
    original = models.JSONField(
        default=dict, blank=True, help_text="Values as they came, where normalising changed them."
    )
    warnings = models.JSONField(default=list, blank=True)

    status = models.TextField(choices=STATUSES)
    owner = models.ForeignKey(
        "territories.Rep",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="leads",
        db_index=False,
    )
    account = models.ForeignKey(
        "territories.Account",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="leads",
        db_index=False,
    )
    assignment_id = models.UUIDField(null=True, editable=False)
    definition = models.TextField(blank=True, default="")
    qualified = models.BooleanField(default=False)
    rule = models.TextField(blank=True, default="")
    model = models.TextField(blank=True, default="")
    territory = models.TextField(blank=True, default="")
    is_fallback = models.BooleanField(default=False)
    due_at = models.DateTimeField(null=True, blank=True)
    responded_at = models.DateTimeField(null=True, blank=True)
    breached_at = models.DateTimeField(null=True, blank=True)
    hold = models.JSONField(
        null=True, blank=True, editable=False, help_text="What a held lead waits for, until when."
    )
    hold_until = models.DateTimeField(null=True, blank=True)
    hold_pool = models.TextField(
        blank=True, default="", help_text="The pool in whose queue the lead waits."
    )

    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    submitted_at = models.DateTimeField(help_text="The newest submission.")
    submissions_count = models.PositiveIntegerField(default=1)
    closed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.TextField(blank=True, default="", choices=OUTCOMES)
    outcome_at = models.DateTimeField(null=True, blank=True)
    amount = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)
    currency = models.TextField(blank=True, default="")
    credited = models.BooleanField(
        default=False, help_text="Handed back as no lead: its member was owed a turn again."
    )

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["email"], name="lead_email", condition=~Q(email_domain="")),
            models.Index(fields=["owner", "status"], name="lead_owner_status"),
            models.Index(fields=["status", "id"], name="lead_status"),
            models.Index(fields=["domain"], name="lead_domain", condition=~Q(domain="")),
            models.Index(
                fields=["account"], name="lead_account", condition=Q(account__isnull=False)
            ),
            models.Index(
                fields=["hold_pool", "id"], name="lead_queue", condition=Q(hold_until__isnull=False)
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["external_id", "source"],
                name="lead_external_id",
                condition=~Q(external_id=""),
            )
        ]

    def __str__(self) -> str:
        person = f"{self.first_name} {self.last_name}".strip()
        return (
            person or self.email or self.company or self.phone or self.external_id or str(self.pk)
        )

    @property
    def sla_state(self) -> str:
        """`none`, `running`, `met` or `breached`: how the current clock stands.

        A lead that was closed without a response has none that counts."""
        if self.breached_at is not None:
            return "breached"
        if self.due_at is None:
            return "none"
        if self.responded_at is not None:
            return "met"
        return "none" if self.status == LeadStatus.CLOSED.value else "running"


class Submission(Acted, AppendOnly):
    """One arrival of a lead: the body as it came, and what it changed."""

    id = models.UUIDField(primary_key=True, editable=False)
    lead = models.ForeignKey(Lead, models.CASCADE, related_name="submissions")
    at = models.DateTimeField()
    body = models.JSONField()
    created = models.BooleanField(default=False)
    changed = models.JSONField(default=dict, blank=True)
    warnings = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["at", "id"]


class Contact(Acted, AppendOnly):
    """The owner reached out. The first one stops the clock; later ones are kept."""

    id = models.UUIDField(primary_key=True, editable=False)
    lead = models.ForeignKey(Lead, models.CASCADE, related_name="contacts")
    assignment_id = models.UUIDField(null=True)
    at = models.DateTimeField()
    by = models.TextField(blank=True, default="")
    channel = models.TextField(blank=True, default="")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]


class Outcome(Acted, AppendOnly):
    """What became of a lead, as somebody said; the newest line stands."""

    id = models.UUIDField(primary_key=True, editable=False)
    lead = models.ForeignKey(Lead, models.CASCADE, related_name="outcomes")
    status = models.TextField(choices=OUTCOMES)
    at = models.DateTimeField()
    amount = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)
    currency = models.TextField(blank=True, default="")
    reason = models.TextField(blank=True, default="")
    source = models.TextField(blank=True, default="")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["recorded_at", "id"]
