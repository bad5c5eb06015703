"""The settings: one row, one form."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from territories.models import RoutingSettings
from territories.models.settings import SETTINGS_ID

from .base import ConfigurationAdmin


@admin.register(RoutingSettings)
class RoutingSettingsAdmin(ConfigurationAdmin):
    autocomplete_fields = ("fallback_pool", "fallback_rep", "default_sla", "exceptions_owner")
    fieldsets = (
        (None, {"fields": ("mode", "timezone")}),
        (
            "When nobody else can",
            {"fields": ("fallback_pool", "fallback_rep", "exceptions_owner", "default_sla")},
        ),
        (
            "Windows and matching",
            {
                "fields": (
                    "dedupe_window_days",
                    "accuracy_window_days",
                    "review_after_days",
                    "fuzzy_match_threshold",
                )
            },
        ),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and RoutingSettings.load() is None

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Go to the one form."""
        if RoutingSettings.load() is None and self.has_add_permission(request):
            return HttpResponseRedirect(reverse("admin:territories_routingsettings_add"))
        address = reverse("admin:territories_routingsettings_change", args=[SETTINGS_ID])
        return HttpResponseRedirect(address)
