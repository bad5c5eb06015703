"""Account: a company already known, what identifies it and who has a role there."""

from collections.abc import Sequence
from typing import Self

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models

from territories.names import match_name
from territories.text import clean_text
from territories.validators.places import clean_country, clean_domain_name

from .base import ChildRow, Keyed, WholeNumberField
from .checks import at_most_one, check_no_cycle, check_target
from .pool import Pool
from .rep import Rep

#: Compared forms are cut to the length of their columns.
MATCH_LENGTH = 300


def match_value(kind: str, value: str) -> str:
    """Return an identifier as it is compared with what a lead says."""
    if kind == AccountIdentifier.Kind.ALIAS:
        return match_name(value)[:MATCH_LENGTH]
    return clean_text(value)


class Account(Keyed):
    """A company with an owner. `match_name` is the name as company names are compared."""

    DERIVED = ("match_name",)

    match_name = models.CharField(
        max_length=300, blank=True, default="", editable=False, db_index=True
    )
    country = models.CharField(
        max_length=100,
        blank=True,
        default="",
        help_text="A code (DE) or an English name (Germany).",
    )
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        help_text="An account without an owner takes its parent's.",
    )
    owner_rep = models.ForeignKey(
        Rep,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="accounts",
        verbose_name="owner",
    )
    owner_pool = models.ForeignKey(
        Pool,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="accounts",
        verbose_name="or owned by pool",
    )
    tier = models.CharField(max_length=100, blank=True, default="")
    industry = models.CharField(max_length=200, blank=True, default="")
    employees = WholeNumberField(null=True, blank=True)
    reviewed_on = models.DateField(null=True, blank=True)

    class Meta(Keyed.Meta):
        verbose_name = "account"
        constraints = [
            models.CheckConstraint(
                condition=at_most_one("owner_rep", "owner_pool"),
                name="account_one_owner",
                violation_error_message="The owner is a rep or a pool, not both.",
            )
        ]

    CLEANERS = {"country": clean_country}

    def clean_values(self) -> None:
        """Check that the owner is one."""
        check_target(self, {"owner_rep": "a rep", "owner_pool": "a pool"})

    @classmethod
    def clean_relations(cls, objects: Sequence[Self]) -> None:
        """Refuse parents in a circle."""
        check_no_cycle(objects)

    def derive(self) -> None:
        """Compute the name as it is compared."""
        self.match_name = match_name(self.name)[:MATCH_LENGTH]


class AccountIdentifier(ChildRow):
    """A domain, another name, an id elsewhere or the key of an account merged into this one.

    `match_value` is the value as it is compared: a name's match name, a clean domain."""

    class Kind(models.TextChoices):
        DOMAIN = "domain", "Domain"
        ALIAS = "alias", "Other name"
        EXTERNAL_ID = "external_id", "External id"
        KEY = "key", "Key of a merged account"

    DERIVED = ("match_value",)

    account = models.ForeignKey(Account, models.PROTECT, related_name="identifiers")
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.DOMAIN)
    value = models.CharField(max_length=300)
    match_value = models.CharField(max_length=300, blank=True, default="", editable=False)

    class Meta(ChildRow.Meta):
        verbose_name = "identifier of an account"
        verbose_name_plural = "identifiers of accounts"
        ordering = ("account_id", "kind", "id")
        indexes = [models.Index(fields=["match_value", "kind"], name="identifier_match")]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "kind", "value"],
                name="account_identifier_once",
                violation_error_message="The account has this identifier already.",
            )
        ]

    def __str__(self) -> str:
        return self.value

    def clean_values(self) -> None:
        """Bring the value into the form of its kind."""
        if self.kind == self.Kind.DOMAIN:
            try:
                self.value = clean_domain_name(self.value)
            except ValidationError as error:
                raise ValidationError({"value": error}) from None

    def derive(self) -> None:
        """Compute the value as it is compared."""
        self.match_value = match_value(self.kind, self.value)


class AccountRole(ChildRow):
    """Who plays a role (sdr, csm …) at an account: a rep or a pool."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="roles")
    role = models.CharField(
        max_length=50,
        validators=[
            RegexValidator(r"^[A-Za-z0-9_-]+\Z", "Letters, digits, hyphens and underscores.")
        ],
        help_text="Such as sdr.",
    )
    rep = models.ForeignKey(
        Rep, models.PROTECT, null=True, blank=True, related_name="account_roles"
    )
    pool = models.ForeignKey(
        Pool, models.PROTECT, null=True, blank=True, related_name="account_roles"
    )

    class Meta(ChildRow.Meta):
        verbose_name = "role at an account"
        verbose_name_plural = "roles at accounts"
        ordering = ("account_id", "role")
        constraints = [
            models.UniqueConstraint(
                fields=["account", "role"],
                name="account_role_once",
                violation_error_message="The account has this role already.",
            ),
            models.CheckConstraint(
                condition=at_most_one("rep", "pool", required=True),
                name="account_role_one_target",
                violation_error_message="A role is played by exactly one rep or pool.",
            ),
        ]

    def clean_values(self) -> None:
        """Check that exactly one plays the role."""
        check_target(self, {"rep": "a rep", "pool": "a pool"}, required=True)

    def __str__(self) -> str:
        return f"{self.role}: {self.rep_id or self.pool_id}"
