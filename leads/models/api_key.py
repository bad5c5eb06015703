"""Keys for the HTTP API: shown once, stored as a digest, found by one indexed read.

A key reads `rak_<prefix>_<secret>`. The prefix (8 hexadecimal digits, unique) finds the row; the
SHA-256 digest of the whole key proves it. A slow password hash would protect nothing here: the
secret has 256 random bits, so there is nothing to guess, and every request would pay for it.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import json
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import connection, models
from django.utils import timezone

from leads.prepared import rows_of

KEY_START = "rak"
PREFIX_BYTES = 4
SECRET_BYTES = 32
# A key is written "used" at most this often, so that reading stays reading.
LAST_USED_EVERY = timedelta(hours=1)


class Scope(models.TextChoices):
    """What a key may do, as named in the API's contract."""

    LEADS_WRITE = "leads:write", "Leads: write"
    LEADS_READ = "leads:read", "Leads: read"
    OUTCOMES_WRITE = "outcomes:write", "Outcomes: write"
    CONFIG_READ = "config:read", "Configuration: read"
    CONFIG_WRITE = "config:write", "Configuration: write"
    REPORTS_READ = "reports:read", "Reports: read"


def digest_of(key: str) -> str:
    """Return the hexadecimal SHA-256 digest under which a key is stored."""
    return hashlib.sha256(key.encode()).hexdigest()


def prefix_of(key: str) -> str | None:
    """Return the prefix that finds a key's row, or None where the text cannot be a key."""
    start, _, rest = key.partition("_")
    prefix, _, secret = rest.partition("_")
    well_formed = len(prefix) == 2 * PREFIX_BYTES and len(secret) == 2 * SECRET_BYTES
    if (
        start != KEY_START
        or not well_formed
        or not key.isascii()
        or not rest.replace("_", "").isalnum()
    ):
        return None
    return prefix


def validate_scopes(value: object) -> None:
    """Raise ValidationError unless value is a list of at least one known scope, none twice."""
    if not isinstance(value, list) or not value:
        raise ValidationError("A key needs at least one scope.", code="required")
    unknown = [str(scope) for scope in value if scope not in Scope.values]
    if unknown:
        raise ValidationError(
            f"Unknown scope {', '.join(unknown)}. Scopes are: {', '.join(Scope.values)}.",
            code="unknown_scope",
        )
    if len(set(value)) != len(value):
        raise ValidationError("A scope is named twice.", code="twice")


def validate_networks(value: object) -> None:
    """Raise ValidationError unless value is a list of networks in CIDR notation."""
    if not isinstance(value, list):
        raise ValidationError("Networks are a list.", code="not_a_list")
    for network in value:
        try:
            ipaddress.ip_network(network)
        except (TypeError, ValueError) as error:
            raise ValidationError(
                f"{network!r} is not a network: {error}.", code="not_a_network"
            ) from error


class ApiKeyManager(models.Manager["ApiKey"]):
    """Makes keys and finds them again."""

    def issue(
        self,
        *,
        name: str,
        scopes: Iterable[str],
        created_by: str = "",
        expires_at: datetime | None = None,
        allowed_networks: Sequence[str] = (),
        rate_limit: int | None = None,
    ) -> tuple[ApiKey, str]:
        """Return a new saved key's row and the key itself, which is never readable again.

        Raises ValidationError for a wrong scope, network, limit or a name already in use.
        """
        chosen = list(scopes)
        validate_scopes(chosen)  # the field itself would only say that it is blank
        prefix = secrets.token_hex(PREFIX_BYTES)
        key = f"{KEY_START}_{prefix}_{secrets.token_hex(SECRET_BYTES)}"
        row = ApiKey(
            name=name,
            prefix=prefix,
            digest=digest_of(key),
            scopes=chosen,
            created_by=created_by,
            expires_at=expires_at,
            allowed_networks=list(allowed_networks),
            rate_limit=rate_limit,
        )
        row.full_clean()
        row.save(force_insert=True)
        return row, key

    def find(self, key: str) -> ApiKey | None:
        """Return the row of a key, whatever its state, or None: one indexed read."""
        prefix = prefix_of(key)
        if prefix is None:
            return None
        row = self._of_prefix(prefix)
        if row is None or not hmac.compare_digest(row.digest, digest_of(key)):
            return None
        return row

    def _of_prefix(self, prefix: str) -> ApiKey | None:
        """The row, read with as little as can be: every request asks this."""
        if connection.vendor != "postgresql":
            return next(iter(self.raw(FIND_SQL, [prefix])), None)
        found = rows_of(FIND_SQL, [prefix])
        if not found:
            return None
        row = ApiKey.from_db(self.db, COLUMNS, found[0])
        row.scopes, row.allowed_networks = map(json.loads, (row.scopes, row.allowed_networks))
        return row


class ApiKey(models.Model):
    """Who may call the API from outside, for what, from where and until when."""

    actor_kind = "api_key"

    name = models.CharField(max_length=100, help_text="Who uses the key, e.g. 'Website forms'.")
    prefix = models.CharField(max_length=2 * PREFIX_BYTES, unique=True, editable=False)
    digest = models.CharField(max_length=64, editable=False)
    scopes = models.JSONField(default=list, validators=[validate_scopes])
    expires_at = models.DateTimeField(null=True, blank=True)
    allowed_networks = models.JSONField(
        default=list,
        blank=True,
        validators=[validate_networks],
        help_text="Networks in CIDR notation that may use the key; empty: any.",
    )
    rate_limit = models.PositiveIntegerField(
        null=True, blank=True, help_text="Requests per minute; empty: no limit."
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.CharField(max_length=200, blank=True, default="", editable=False)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ApiKeyManager()

    class Meta:
        verbose_name = "API key"
        ordering = ["name", "pk"]
        constraints = [
            # A name may be used again once its key is revoked: rotation keeps the audit readable.
            models.UniqueConstraint(
                fields=["name"],
                condition=models.Q(revoked_at__isnull=True),
                name="leads_apikey_name_in_use",
                violation_error_message="A key of this name is in use.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({KEY_START}_{self.prefix}…)"

    @property
    def actor_id(self) -> str:
        """The identity under which the audit records what was done with this key."""
        return str(self.pk)

    def refusal(self, *, now: datetime, address: str | None) -> str | None:
        """Return why the key is refused at an instant and from an address, or None."""
        if self.revoked_at is not None and self.revoked_at <= now:
            return "The key was revoked."
        if self.expires_at is not None and self.expires_at <= now:
            return "The key has expired."
        if self.allowed_networks and not self._is_in_network(address):
            return "The key may not be used from this network."
        return None

    def _is_in_network(self, address: str | None) -> bool:
        try:
            caller = ipaddress.ip_address(address or "")
        except ValueError:
            return False
        # A dual-stack socket reports IPv4 callers as ::ffff:a.b.c.d.
        caller = getattr(caller, "ipv4_mapped", None) or caller
        return any(caller in ipaddress.ip_network(network) for network in self.allowed_networks)

    def has_scope(self, scope: str) -> bool:
        """Return whether the key was given a scope."""
        return scope in self.scopes

    def note_use(self, *, now: datetime) -> None:
        """Record that the key is in use, at most once an hour."""
        if self.last_used_at is not None and now - self.last_used_at < LAST_USED_EVERY:
            return
        # The old value in the filter lets one of many concurrent requests write.
        ApiKey.objects.filter(pk=self.pk, last_used_at=self.last_used_at).update(last_used_at=now)


COLUMNS = [str(field.column) for field in ApiKey._meta.concrete_fields]
_LIST = ", ".join(COLUMNS)
FIND_SQL = f"SELECT {_LIST} FROM {ApiKey._meta.db_table} WHERE prefix = %s"  # noqa: S608 - our names
