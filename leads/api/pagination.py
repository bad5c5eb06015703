"""Cursor pages: `{"next", "previous", "results"}`, stable while rows come and go.

A cursor names a direction and the last row's position in the order, which is one unique column
(an id that grows with time, a number or a key). No page counts rows, so the last page costs what
the first does.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from .problems import invalid
from .query import Query, as_integer, parameter_fault

Row = TypeVar("Row", bound=Model)

PAGE_PARAMETERS = ("cursor", "limit")
DEFAULT_LIMIT = 50
MAX_LIMIT = 200
FORWARD, BACKWARD = "n", "p"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Which rows are wanted: after (`n`) or before (`p`) a position, at most `limit`."""

    limit: int = DEFAULT_LIMIT
    direction: str = FORWARD
    position: str | None = None


def read_page(query: Query) -> Page:
    """Return the page that the query asks for; its faults are gathered in the query."""
    limit = query.get("limit", as_integer(1, MAX_LIMIT)) or DEFAULT_LIMIT
    direction, position = query.get("cursor", _decode) or (FORWARD, None)
    return Page(limit=limit, direction=direction, position=position)


def _decode(text: str) -> tuple[str, str]:
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        direction, position = base64.urlsafe_b64decode(padded).decode("ascii").split(":", 1)
    except (ValueError, binascii.Error) as error:
        raise ValueError("is no cursor of this list") from error
    if direction not in (FORWARD, BACKWARD) or "\0" in position:
        raise ValueError("is no cursor of this list")
    return direction, position


def _encode(direction: str, position: object) -> str:
    return base64.urlsafe_b64encode(f"{direction}:{position}".encode()).decode().rstrip("=")


def page_of(
    request: HttpRequest,
    rows: QuerySet[Row],
    page: Page,
    render: Callable[[Sequence[Row]], list[Any]],
    *,
    order: str,
) -> dict[str, Any]:
    """Return one page of rows in the order of a unique column (`-id` for newest first)."""
    column, descending = order.lstrip("-"), order.startswith("-")
    backward = page.direction == BACKWARD
    selected = rows.order_by(f"-{column}" if descending != backward else column)
    if page.position is not None:
        beyond = "lt" if descending != backward else "gt"
        selected = selected.filter(**{f"{column}__{beyond}": _position(rows, column, page)})
    found = list(selected[: page.limit + 1])
    more, found = len(found) > page.limit, found[: page.limit]
    if backward:
        found.reverse()
    has_next = more if not backward else True
    has_previous = more if backward else page.position is not None
    return {
        "next": _link(request, FORWARD, found[-1:], column) if has_next else None,
        "previous": _link(request, BACKWARD, found[:1], column) if has_previous else None,
        "results": render(found),
    }


def _position(rows: QuerySet[Row], column: str, page: Page) -> Any:
    """Return the cursor's position as a value of the column; a 400 Problem where it is none."""
    field: Any = rows.model._meta.get_field(column)
    try:
        value = field.to_python(page.position)
        field.run_validators(value)
    except (ValidationError, ValueError, OverflowError) as error:
        fault = parameter_fault("cursor", "invalid", "is no cursor of this list.")
        raise invalid([fault]) from error
    return value if isinstance(value, UUID | int) else str(value)


def _link(request: HttpRequest, direction: str, edge: Sequence[Row], column: str) -> str | None:
    if not edge:
        return None
    parameters = request.GET.copy()
    parameters["cursor"] = _encode(direction, getattr(edge[0], column))
    return request.build_absolute_uri(f"{request.path}?{parameters.urlencode()}")
