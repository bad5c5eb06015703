"""Accounts from a spreadsheet: compared with what is stored, applied as one revision.

A column that the file does not have leaves a stored account's key as it is; an empty cell means
none. A listed account is active unless its `active` cell says otherwise.

Everything is compared by the configuration document's own reading, so that a file and a document
mean the same; what is added here are the rows and the owner conflicts that a person should see.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .account_map import AccountMap
from .account_sheet import RowFault, Sheet, read_sheet
from .document import Change, apply, plan
from .document.export import objects_of
from .document.faults import Fault, InvalidDocument
from .document.plan import same
from .models import Account, AccountIdentifier
from .names import clean_domain, match_name

#: Keys in one `IN (…)`, below SQLite's limit of variables in a statement.
_CHUNK = 500
_ENTRY = re.compile(r"accounts\[(\d+)\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class RowChange:
    """What a row would create or change."""

    row: int
    change: Change


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """An owner that differs from what is known: a person decides, nothing is refused."""

    row: int
    key: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What importing a file would do. With any fault nothing can be imported."""

    rows: int = 0
    changes: list[RowChange] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    faults: list[RowFault] = field(default_factory=list)


def preview_accounts(content: bytes, name: str, account_map: AccountMap | None = None) -> Preview:
    """What `import_accounts` would do with a file (CSV, or XLSX by its name). Writes nothing."""
    sheet = read_sheet(content, name, account_map)
    if sheet.faults:
        return Preview(rows=len(sheet.rows), faults=sheet.faults)
    stored = _stored(sheet)
    document = {"accounts": _merged(sheet, stored)}
    planned = plan(document)
    if planned.faults:
        faults = [_row_fault(fault, sheet) for fault in planned.faults]
        return Preview(rows=len(sheet.rows), faults=faults)
    row_of = {made["key"]: row for made, row in zip(document["accounts"], sheet.rows, strict=True)}
    return Preview(
        rows=len(sheet.rows),
        changes=[RowChange(row=row_of[change.key], change=change) for change in planned.changes],
        conflicts=list(_conflicts(planned.changes, document["accounts"], row_of)),
    )


def import_accounts(content: bytes, name: str, account_map: AccountMap | None = None) -> Preview:
    """Store a file's accounts, inside an open `revision()`; what was done is the answer.

    With any fault nothing is stored."""
    preview = preview_accounts(content, name, account_map)
    if preview.faults or not preview.changes:
        return preview
    sheet = read_sheet(content, name, account_map)
    try:
        apply({"accounts": _merged(sheet, _stored(sheet))})
    except InvalidDocument as error:
        faults = [_row_fault(fault, sheet) for fault in error.faults]
        return Preview(rows=len(sheet.rows), faults=faults)
    return preview


def _stored(sheet: Sheet) -> Mapping[str, dict[str, Any]]:
    keys = {made["key"] for made in sheet.accounts if made["key"]}
    return {made["key"]: made for made in objects_of("accounts", keys)}


def _merged(sheet: Sheet, stored: Mapping[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows as whole accounts: columns that the file lacks stay as they are stored."""
    return [
        {**stored.get(made["key"] or "", {}), "active": True, **made} for made in sheet.accounts
    ]


def _row_fault(fault: Fault, sheet: Sheet) -> RowFault:
    """A fault of the document as one of the row that it comes from."""

    def row(index: str) -> int | None:
        return sheet.rows[int(index)] if int(index) < len(sheet.rows) else None

    _, _, rest = fault.pointer.removeprefix("/").partition("/")
    index, _, inner = rest.partition("/")
    detail = _ENTRY.sub(lambda match: f"row {row(match[1])}", fault.detail)
    return RowFault(
        row=row(index) if index.isdecimal() else None,
        column=inner.partition("/")[0],
        detail=detail,
    )


def _conflicts(
    changes: Sequence[Change], accounts: Sequence[dict[str, Any]], row_of: Mapping[str, int]
) -> Iterator[Conflict]:
    """Changed owners, and other accounts of another owner with a name or domain of a row."""
    for change in changes:
        before, after = change.fields.get("owner", [None, None])
        if change.op != "create" and before is not None:
            detail = f"owner {_person(before)} → {_person(after)}"
            yield Conflict(row=row_of[change.key], key=change.key, detail=detail)
    yield from _shared(accounts, {change.key for change in changes}, row_of)


def _shared(
    accounts: Sequence[dict[str, Any]], changed: Collection[str], row_of: Mapping[str, int]
) -> Iterator[Conflict]:
    marks = {made["key"]: _marks(made) for made in accounts}
    others = _holders({mark for key in changed for mark in marks.get(key, ())})
    owners = {made["key"]: made.get("owner") for made in accounts}
    for key, found in marks.items():
        for kind, value in found:
            others.setdefault((kind, value), {})[key] = owners[key]
    for key in sorted(changed, key=lambda key: row_of[key]):
        for mark in sorted(marks[key]):
            for other, owner in sorted(others[mark].items()):
                owner = owners.get(other, owner)
                if other != key and not same(owner, owners[key]):
                    detail = f"{mark[0]} {mark[1]} is on account {other} too, {_owned(owner)}"
                    yield Conflict(row=row_of[key], key=key, detail=detail)


def _marks(made: dict[str, Any]) -> set[tuple[str, str]]:
    """What a lead would find the account by: its domains and its compared names."""
    names = {match_name(str(name)) for name in (made.get("name"), *made.get("aliases", ())) if name}
    domains = {clean_domain(str(domain)) or str(domain) for domain in made.get("domains", ())}
    return {("domain", domain) for domain in domains} | {("name", name) for name in names if name}


def _holders(marks: Collection[tuple[str, str]]) -> dict[tuple[str, str], dict[str, Any]]:
    """Stored active accounts that have these marks: mark → key → owner."""
    found: dict[tuple[str, str], dict[str, Any]] = {mark: {} for mark in marks}
    names = sorted(value for kind, value in marks if kind == "name")
    owner = ("owner_pool_id", "owner_rep_id")
    for start in range(0, len(names), _CHUNK):
        rows = Account.objects.filter(active=True, match_name__in=names[start : start + _CHUNK])
        for name, key, pool, rep in rows.values_list("match_name", "key", *owner):
            found["name", name][key] = rep if pool is None else {"pool": pool}
    for kind, stored in (("domain", "domain"), ("name", "alias")):
        values = sorted(value for mark, value in marks if mark == kind)
        for start in range(0, len(values), _CHUNK):
            marked = AccountIdentifier.objects.filter(
                kind=stored, match_value__in=values[start : start + _CHUNK], account__active=True
            )
            columns = ("match_value", "account_id", *(f"account__{name}" for name in owner))
            for value, key, pool, rep in marked.values_list(*columns):
                found[kind, value][key] = rep if pool is None else {"pool": pool}
    return found


def _person(owner: Any) -> str:
    return f"pool {owner['pool']}" if isinstance(owner, dict) else str(owner or "none")


def _owned(owner: Any) -> str:
    return "which has no owner" if owner is None else f"which {_person(owner)} owns"
