"""Accounts as a spreadsheet has them: CSV or XLSX → the document's accounts, row by row.

The columns are the account keys of the document. Lists (domains, aliases, external_ids,
former_keys) are separated by `;`, an owner is a rep's key or `pool:key`, roles are written
`sdr=pool:key; ae=key`. Cells are read as the text that a person sees in them; an apostrophe that
a formula-safe export put in front of text is taken off.
"""

import csv
import io
import re
import zipfile
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import chain
from typing import Any

import tablib

from .account_map import AccountMap
from .document.faults import Suggestions, quoted
from .document.schema import OBJECTS

COLUMNS = OBJECTS["accounts"].names
LISTS = ("aliases", "domains", "external_ids", "former_keys")
#: A file is read whole; 100,000 accounts are about 20 MiB.
MAX_BYTES = 32 * 1024 * 1024
MAX_UNPACKED_BYTES = 8 * MAX_BYTES

_TARGET = re.compile(r"\{?\s*(pool|rep)\s*:\s*(.+?)\s*\}?\Z")
_FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
#: What a formula-safe export puts in front of text that a spreadsheet would compute.
_ESCAPED = re.compile(r"'[=+\-@\t\r]")


class NotASheet(ValueError):
    """Bytes that no spreadsheet program would open, or that unpack to too much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFault:
    """What is wrong with a row (None: the file), in which column where it is one's."""

    row: int | None
    column: str
    detail: str

    def __str__(self) -> str:
        where = [f"row {self.row}"] if self.row else []
        return ": ".join([*where, *filter(None, [self.column]), self.detail])


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The accounts that a file lists, each with its row, and the faults of its form."""

    accounts: list[dict[str, Any]] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    faults: list[RowFault] = field(default_factory=list)


def read_sheet(content: bytes, name: str, account_map: AccountMap | None = None) -> Sheet:
    """The accounts of a CSV or XLSX file, whose columns are an account's or are mapped to them."""
    if len(content) > MAX_BYTES:
        return _refused(f"the file is larger than {MAX_BYTES // 1024 // 1024} MiB")
    try:
        table = list(_xlsx(content) if name.lower().endswith(".xlsx") else _csv(content))
    except UnicodeDecodeError as error:
        return _refused(f"not UTF-8 text: byte {error.start} is not valid; save it as CSV UTF-8")
    except csv.Error as error:
        return _refused(f"not CSV: {error}")
    except NotASheet as error:
        return _refused(f"not an XLSX file: {error}")
    return _sheet(table, account_map) if table else _refused("the file is empty")


def _sheet(table: list[tuple[int, list[Any]]], account_map: AccountMap | None) -> Sheet:
    if account_map is not None:
        if faults := _map_faults(account_map, table):
            return Sheet(faults=faults)
        table = account_map.mapped(table)
    headers = [str(cell or "").strip().lower() for cell in table[0][1]]
    faults = list(_header_faults(headers))
    if faults:
        return Sheet(faults=faults)
    return _rows(headers, table[1:])


def _map_faults(account_map: AccountMap, table: Sequence[tuple[int, list[Any]]]) -> list[RowFault]:
    header = [str(cell or "").strip() for cell in table[0][1]]
    return [
        RowFault(row=None, column="", detail=detail) for detail in account_map.header_faults(header)
    ]


def _refused(detail: str) -> Sheet:
    return Sheet(faults=[RowFault(row=None, column="", detail=detail)])


def _csv(content: bytes) -> Iterator[tuple[int, list[Any]]]:
    """Rows with their line numbers; the separator is the one that the first line has most of."""
    text = content.decode("utf-8-sig")
    first = text.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    for row in reader:
        yield reader.line_num, row


def _xlsx(content: bytes) -> Iterator[tuple[int, list[Any]]]:
    """Rows of the first sheet with their numbers. Raises NotASheet."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            size = sum(part.file_size for part in archive.infolist())
        if size > MAX_UNPACKED_BYTES:
            raise NotASheet(f"larger than {MAX_UNPACKED_BYTES // 1024 // 1024} MiB unpacked")
        sheet = tablib.Dataset().load(content, format="xlsx")
    except NotASheet:
        raise
    except Exception as error:  # a broken file: the reader raises whatever its parsers raise
        raise NotASheet(quoted(error)) from error
    for number, row in enumerate(chain([sheet.headers or []], sheet), start=1):
        yield number, list(row)


def _header_faults(headers: Sequence[str]) -> Iterator[RowFault]:
    suggestions = Suggestions()
    for index, name in enumerate(headers):
        if name not in COLUMNS:
            detail = f"unknown column {quoted(name)}{suggestions.near(name, COLUMNS)}"
            yield RowFault(row=None, column="", detail=detail)
        elif name in headers[:index]:
            yield RowFault(row=None, column=name, detail="the column stands twice")
    if "key" not in headers:
        yield RowFault(row=None, column="key", detail="the column is missing")


def _rows(headers: Sequence[str], table: Collection[tuple[int, list[Any]]]) -> Sheet:
    sheet = Sheet()
    for number, row in table:
        if not any(_text(cell) for cell in row):
            continue
        if any(_text(cell) for cell in row[len(headers) :]):
            detail = f"has more cells than the {len(headers)} columns"
            sheet.faults.append(RowFault(row=number, column="", detail=detail))
            continue
        cells = [*row, *[""] * (len(headers) - len(row))]
        sheet.accounts.append(
            {name: _value(name, cell) for name, cell in zip(headers, cells, strict=False)}
        )
        sheet.rows.append(number)
    return sheet


def _text(cell: Any) -> str:
    """A cell as the text that a person sees."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    text = str(cell).strip()
    return text[1:] if _ESCAPED.match(text) else text


def _value(name: str, cell: Any) -> Any:
    """A cell as the document has it; what cannot be read stays for the document to refuse."""
    text = _text(cell)
    if name in LISTS:
        return [part.strip() for part in text.split(";") if part.strip()]
    if name == "roles":
        return dict(_roles(text))
    if name == "owner":
        return _owner(text)
    if name == "active":
        return _FLAGS.get(text.lower(), text) if text else True
    if name == "employees" and text.isdecimal():
        return int(text[:30])
    return text or None


def _owner(text: str) -> Any:
    target = _TARGET.match(text)
    if target is None:
        return text or None
    return {"pool": target[2]} if target[1] == "pool" else target[2]


def _roles(text: str) -> Iterator[tuple[str, Any]]:
    for part in filter(None, (part.strip() for part in text.split(";"))):
        role, _, owner = part.partition("=")
        yield role.strip(), _owner(owner.strip())
