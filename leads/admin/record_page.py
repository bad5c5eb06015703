"""The page of one record: what it says as a table, then tables and texts that belong to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse

from .base import Button, RecordAdmin


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows under a heading; `empty` is said where there are none."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[Any]]
    empty: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A longer text under a heading, shown as it is; `fold` hides it behind its heading."""

    title: str
    text: str
    fold: bool = False


def record_page(
    admin: RecordAdmin,
    request: HttpRequest,
    row: Any,
    *,
    facts: Sequence[tuple[str, Any]],
    tables: Sequence[Table] = (),
    texts: Sequence[Text] = (),
    buttons: Sequence[Button] = (),
    template: str = "record.html",
    **context: Any,
) -> HttpResponse:
    """A read-only page; `facts` are (label, value), values escaped unless they are markup."""
    return admin.page(
        request,
        template,
        title=str(row),
        original=row,
        facts=facts,
        tables=tables,
        texts=texts,
        buttons=buttons,
        **context,
    )
