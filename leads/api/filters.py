"""The filters of leads, in the query of the list and in the body of a bulk reassignment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import QueryDict

from leads.engine.vocabulary import LeadStatus, RoutingModel
from leads.errors import Fault

from .describe import text_parameter
from .problems import Problem, invalid, pointer_of
from .query import Query, as_choice, as_flag, as_instant, as_text
from .shapes import SLA_STATES

FILTERS: dict[str, tuple[Callable[[str], Any], str]] = {
    "owner": (as_text, "Key of the owner."),
    "status": (as_choice(LeadStatus), f"One of {', '.join(LeadStatus)}."),
    "rule": (as_text, "Key of the rule that routed it."),
    "model": (as_choice(RoutingModel), f"One of {', '.join(RoutingModel)}."),
    "territory": (as_text, "Key of the territory it was routed by."),
    "account": (as_text, "Key of its account."),
    "fallback": (as_flag, "true: needed a fallback; false: did not."),
    "sla_state": (as_choice(SLA_STATES), f"One of {', '.join(SLA_STATES)}."),
    "source": (as_text, "Where it came from."),
    "email": (as_text, "Its address, in any case."),
    "external_id": (as_text, "Its id in the source."),
    "created_after": (as_instant, "RFC 3339: received then or later."),
    "created_before": (as_instant, "RFC 3339: received earlier."),
}
PARAMETERS = [text_parameter(name, help_text) for name, (_, help_text) in FILTERS.items()]


def read_filters(query: Query) -> dict[str, Any]:
    """Return the filters that a query sets; its faults are gathered in the query."""
    found = {name: query.get(name, read) for name, (read, _) in FILTERS.items()}
    return {name: value for name, value in found.items() if value is not None}


def read_filter_members(members: dict[str, Any]) -> dict[str, Any]:
    """Return the filters of a body's `filter`, as JSON; raise a 400 Problem with every fault.

    Times stay text, so that a job can keep the filter.
    """
    written = QueryDict(mutable=True)
    faults = []
    if not members:
        # Every lead there is would change hands for want of a word.
        faults.append(Fault("/filter", "required", "Name at least one filter."))
    for name, value in members.items():
        if isinstance(value, str | bool):
            written[name] = str(value).lower() if isinstance(value, bool) else value
        else:
            faults.append(
                Fault(pointer_of(["filter", name]), "invalid", "Must be a string or a flag.")
            )
    query = Query(written, known=FILTERS)
    filters = read_filters(query)
    try:
        query.refuse_faults()
    except Problem as problem:
        faults += [Fault("/filter", fault.code, fault.detail) for fault in problem.errors]
    if faults:
        raise invalid(faults)
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in filters.items()
    }
