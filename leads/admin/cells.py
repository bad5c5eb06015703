"""How values are shown: times, owners, links, states. Everything here escapes what it is given."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from leads.models import Lead

NOTHING = mark_safe('<span class="quiet">–</span>')

#: How states are coloured, wherever they are shown; other words are plain.
TONES = {
    **dict.fromkeys(("assigned", "met", "done", "resolved", "received", "active", "sent"), "good"),
    **dict.fromkeys(("held", "fallback", "open", "expired"), "warning"),
    **dict.fromkeys(("nurture", "running", "queued", "pending"), "info"),
    **dict.fromkeys(("breached", "overdue", "failed", "revoked", "dead"), "bad"),
}


def badge(state: str, text: str = "") -> SafeString:
    """A state as a coloured word, or a dash for none.

    Written here since the theme renders a template for each, which takes half of a list's time."""
    if not state:
        return NOTHING
    tone = TONES.get(state, "plain")
    return format_html('<span class="desk-badge is-{}">{}</span>', tone, text or state)


def two_lines(first: str, second: str) -> SafeString:
    """A cell with what matters over what tells it from others."""
    if not second:
        return format_html("<strong>{}</strong>", first)
    return format_html(
        '<span class="two-lines"><strong>{}</strong><span class="quiet">{}</span></span>',
        first,
        second,
    )


def moment(value: datetime | None) -> SafeString:
    """An instant as UTC text; the page's script shows it in the reader's zone."""
    if value is None:
        return NOTHING
    utc = value.astimezone(UTC)
    return format_html(
        '<time datetime="{}" title="{} UTC">{}</time>',
        utc.isoformat(),
        f"{utc:%Y-%m-%d %H:%M:%S}",
        f"{utc:%Y-%m-%d %H:%M} UTC",
    )


def link(name: str, key: object, text: object = None) -> SafeString:
    """A link to a row's page in the admin, or a dash for no row. `name` as `leads_lead`.

    Plain text where the kind has no page."""
    if key in (None, ""):
        return NOTHING
    try:
        url = reverse(f"admin:{name}_change", args=[key])
    except NoReverseMatch:
        return format_html("{}", text or key)
    return format_html('<a class="cell-link" href="{}">{}</a>', url, text or key)


def sla_state(lead: Lead, now: datetime) -> str:
    """`Lead.sla_state`, with `overdue` for a clock that ran out and was not looked at yet."""
    state = lead.sla_state
    return "overdue" if state == "running" and lead.due_at and lead.due_at < now else state


def age(since: datetime, now: datetime) -> str:
    """How long ago something was, in its largest unit: `4 min`, `3 h`, `12 d`."""
    passed = max(now - since, timedelta())
    if passed < timedelta(hours=1):
        return f"{passed.seconds // 60} min"
    if passed < timedelta(days=2):
        return f"{int(passed.total_seconds()) // 3600} h"
    return f"{passed.days} d"


def pretty(value: Any) -> str:
    """A JSON value as people read it: plain text as it is, structures indented."""
    if isinstance(value, str):
        return value
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)


def plain(value: Any) -> str:
    """A fact in one line: lists with commas, blanks as a dash, yes and no for flags."""
    if value in (None, "", [], (), {}):
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(plain(one) for one in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {plain(one)}" for name, one in value.items())
    if isinstance(value, float) and value.is_integer():
        return f"{value:,.0f}"
    return str(value)
