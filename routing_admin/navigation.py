"""The admin's side bar: what people do, in four groups, with the pages that exist."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

#: Group → (title, icon, name of the address, permission).
GROUPS: dict[str, list[tuple[str, str, str, str]]] = {
    "Route": [
        ("Leads", "contacts", "admin:leads_lead_changelist", "leads.view_lead"),
        ("Simulator", "science", "admin:leads_lead_simulate", "leads.view_lead"),
        ("Rules", "alt_route", "admin:territories_rule_changelist", "territories.view_rule"),
        ("Pools", "groups", "admin:territories_pool_changelist", "territories.view_pool"),
        (
            "Definitions",
            "handshake",
            "admin:territories_definition_changelist",
            "territories.view_definition",
        ),
        (
            "SLA policies",
            "timer",
            "admin:territories_slapolicy_changelist",
            "territories.view_slapolicy",
        ),
    ],
    "Organise": [
        (
            "Territories",
            "public",
            "admin:territories_territory_changelist",
            "territories.view_territory",
        ),
        ("Accounts", "domain", "admin:territories_account_changelist", "territories.view_account"),
        ("Reps", "person", "admin:territories_rep_changelist", "territories.view_rep"),
        ("Teams", "diversity_3", "admin:territories_team_changelist", "territories.view_team"),
        ("Skills", "school", "admin:territories_skill_changelist", "territories.view_skill"),
        (
            "Calendars",
            "calendar_month",
            "admin:territories_calendar_changelist",
            "territories.view_calendar",
        ),
        (
            "Value lists",
            "list_alt",
            "admin:territories_valuelist_changelist",
            "territories.view_valuelist",
        ),
        (
            "Settings",
            "settings",
            "admin:territories_routingsettings_changelist",
            "territories.view_routingsettings",
        ),
    ],
    "Review": [
        (
            "Assignment history",
            "history",
            "admin:leads_assignment_changelist",
            "leads.view_assignment",
        ),
        ("Due now", "alarm", "admin:leads_slaclock_changelist", "leads.view_slaclock"),
        (
            "Exceptions",
            "report",
            "admin:leads_routingexception_changelist",
            "leads.view_routingexception",
        ),
        ("Alerts", "notifications", "admin:leads_alert_changelist", "leads.view_alert"),
        (
            "Change log",
            "difference",
            "admin:territories_revision_changelist",
            "territories.view_revision",
        ),
        (
            "Refused submissions",
            "block",
            "admin:leads_refusedsubmission_changelist",
            "leads.view_refusedsubmission",
        ),
        (
            "Rotation",
            "cycle",
            "admin:leads_poolstate_changelist",
            "leads.view_poolstate",
        ),
        ("Jobs", "pending_actions", "admin:leads_job_changelist", "leads.view_job"),
    ],
    "Connect": [
        ("API keys", "key", "admin:leads_apikey_changelist", "leads.view_apikey"),
        (
            "Alert channels",
            "campaign",
            "admin:leads_alertchannel_changelist",
            "leads.view_alertchannel",
        ),
        ("API documentation", "menu_book", "api-docs", ""),
        ("People", "manage_accounts", "admin:auth_user_changelist", "auth.view_user"),
    ],
}


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The groups as the theme wants them, without pages that are not there or not allowed."""
    groups = []
    for title, entries in GROUPS.items():
        items = [item for entry in entries if (item := _item(request, *entry))]
        if items:
            groups.append({"title": title, "separator": True, "items": items})
    return groups


def _item(
    request: HttpRequest, title: str, icon: str, address: str, permission: str
) -> dict[str, Any] | None:
    if permission and not request.user.has_perm(permission):
        return None
    try:
        link = reverse(address, current_app=admin.site.name)
    except NoReverseMatch:
        return None
    return {"title": title, "icon": icon, "link": link}
