"""Accounts, what identifies them and who has a role there."""

from typing import Any

from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from unfold.decorators import display

from territories.models import Account, AccountIdentifier, AccountRole

from .base import KeyedAdmin, RowsInline


class IdentifierInline(RowsInline):
    model = AccountIdentifier
    fields = ("kind", "value")
    verbose_name = "domain, name or id"
    verbose_name_plural = "domains, other names and ids"
    per_page = 50


class RoleInline(RowsInline):
    model = AccountRole
    fields = ("role", "rep", "pool")
    autocomplete_fields = ("rep", "pool")
    verbose_name = "role"
    verbose_name_plural = "roles"


@admin.register(Account)
class AccountAdmin(KeyedAdmin):
    list_display = (
        "name",
        "key",
        "domains",
        "country",
        "owner",
        "parent",
        "tier",
        "industry",
        "reviewed_on",
        "active",
    )
    list_filter = (
        "active",
        ("owner_rep", admin.RelatedOnlyFieldListFilter),
        ("tier", admin.AllValuesFieldListFilter),
        ("country", admin.AllValuesFieldListFilter),
    )
    search_fields = ("key", "name", "match_name", "identifiers__value")
    list_select_related = ("owner_rep", "owner_pool", "parent")
    autocomplete_fields = ("parent", "owner_rep", "owner_pool")
    inlines = (IdentifierInline, RoleInline)
    fieldsets = (
        (None, {"fields": ("key", "name", "active")}),
        ("Owner", {"fields": ("owner_rep", "owner_pool", "parent", "reviewed_on")}),
        ("Company", {"fields": ("country", "tier", "industry", "employees")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Account]:
        """Return accounts with their domains."""
        rows = AccountIdentifier.objects.filter(kind=AccountIdentifier.Kind.DOMAIN)
        domains = Prefetch("identifiers", rows, to_attr="domain_rows")
        return super().get_queryset(request).prefetch_related(domains)

    @display(description="Domains")
    def domains(self, account: Any) -> str:
        return ", ".join(row.value for row in account.domain_rows) or "–"

    @display(description="Owner", ordering="owner_rep__name")
    def owner(self, account: Account) -> str:
        chosen = account.owner_rep or account.owner_pool
        if chosen:
            return str(chosen)
        return "as its parent" if account.parent_id else "nobody"
