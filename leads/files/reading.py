"""Reading a file of leads row by row: CSV, its separator found out, or NDJSON.

Rows keep the number of their first line. A row that cannot be read is a row with faults: it is
refused and the next one is read. A quote that is opened and never closed would swallow the lines
after it; such a row ends with its first line, and the lines after it are read again.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from leads.body import MAX_LEAD_BYTES, parse_json
from leads.errors import Fault, InvalidLead

from .errors import FileFault
from .lines import Lines

DELIMITERS = ",;\t|"
NDJSON_ENDINGS = frozenset({".ndjson", ".jsonl", ".json"})
CSV_ENDINGS = frozenset({".csv", ".tsv", ".tab"})
#: First bytes of files that are something else, and what to do about it.
OTHER_KINDS = {
    b"\xff\xfe": "the file is UTF-16; save it as UTF-8",
    b"\xfe\xff": "the file is UTF-16; save it as UTF-8",
    b"PK\x03\x04": "this is a workbook or an archive; save the sheet as CSV (UTF-8)",
    b"\xd0\xcf\x11\xe0": "this is a workbook; save the sheet as CSV (UTF-8)",
    b"\x1f\x8b": "the file is compressed; unpack it first",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row: the number of its first line, its values by column, or why it is none.

    `raw` is the text as it stands in the file, where `faults` say that it could not be read."""

    line: int
    values: Mapping[str, object]
    raw: bytes = b""
    faults: Sequence[Fault] = ()


@dataclass(slots=True)
class NdjsonFile:
    """One JSON object a line. There is no header: a row's columns are its members."""

    lines: Lines
    header: None = None

    def rows(self) -> Iterator[Row]:
        """Every row that holds something; iterate once."""
        while line := self.lines.next():
            raw = line.encode("utf-8", "surrogateescape").strip(b" \t\r\n")
            if raw:
                yield self._row(raw)

    def _row(self, raw: bytes) -> Row:
        number = self.lines.number
        try:
            value = parse_json(raw, max_bytes=MAX_LEAD_BYTES)
        except InvalidLead as error:
            return Row(line=number, values={}, raw=raw, faults=error.faults)
        if not isinstance(value, dict):
            fault = Fault("", "invalid_type", "each line must be one JSON object")
            return Row(line=number, values={}, raw=raw, faults=[fault])
        return Row(line=number, values=value, raw=raw)


@dataclass(frozen=True, slots=True)
class _Tape:
    """Lines for the CSV reader, which notes those it takes. No generator: lines may come again
    after the last one, and a generator that has ended never goes on."""

    lines: Lines
    taken: list[str]

    def __iter__(self) -> "_Tape":
        return self

    def __next__(self) -> str:
        line = self.lines.next_text()
        if not line:
            raise StopIteration
        self.taken.append(line)
        return line


@dataclass(slots=True)
class CsvFile:
    """Rows of cells under a header. Raises FileFault where the header is none."""

    lines: Lines
    header: list[str] = field(init=False)
    _reader: Iterator[list[str]] = field(init=False)
    _taken: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        first = self._first_line_with_text()
        delimiter = max(DELIMITERS, key=lambda sign: _count_outside_quotes(first, sign))
        self._reader = csv.reader(
            _Tape(self.lines, self._taken), delimiter=delimiter, skipinitialspace=True
        )
        where = f"{self.lines.name}, line {self.lines.number + 1}"
        try:
            self.header = [" ".join(name.split()) for name in next(self._reader)]
        except csv.Error as error:
            raise FileFault(f"{where}: {error}") from error
        twice = sorted({name for name in self.header if name and self.header.count(name) > 1})
        if twice:
            names = ", ".join(f'"{name}"' for name in twice)
            raise FileFault(f"{where}: more than one column is called {names}")
        if not any(self.header):
            raise FileFault(f"{where}: the first row names no column")

    def _first_line_with_text(self) -> str:
        while line := self.lines.next_text():
            if line.strip():
                self.lines.give_back([line])
                return line
        raise FileFault(f"{self.lines.name}: the file is empty")

    def rows(self) -> Iterator[Row]:
        """Every row that holds something; iterate once."""
        while True:
            self._taken.clear()
            line = self.lines.number + 1
            try:
                cells = next(self._reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield self._broken(line, str(error))
                continue
            if self._ran_on(cells):
                yield self._broken(line, "a quote is opened and not closed")
            elif any(cell.strip() for cell in cells):
                yield self._row(line, cells)

    def _ran_on(self, cells: Sequence[str]) -> bool:
        """Whether a quote that is never closed, or far too late, has joined lines to a row."""
        if len(self._taken) == 1:
            return False
        odd = sum(line.count('"') for line in self._taken) % 2 == 1
        return odd or len(cells) != len(self.header)

    def _broken(self, line: int, why: str) -> Row:
        raw = self._taken[0].encode("utf-8", "replace").rstrip(b"\r\n")
        self.lines.give_back(self._taken[1:])
        return Row(line=line, values={}, raw=raw, faults=[Fault("", "not_csv", why)])

    def _row(self, line: int, cells: Sequence[str]) -> Row:
        if any(cell.strip() for cell in cells[len(self.header) :]):
            return self._broken(
                line, f"{len(cells)} cells, but the header names {len(self.header)} columns"
            )
        named = zip(self.header, cells, strict=False)
        return Row(line=line, values={name: cell for name, cell in named if name})


LeadFile: TypeAlias = CsvFile | NdjsonFile


def _count_outside_quotes(line: str, sign: str) -> int:
    return sum(part.count(sign) for part in line.split('"')[::2])


def open_file(path: str, stdin: io.BufferedReader) -> LeadFile:
    """The file at a path, "-" for standard input; its kind by its ending, else by what stands
    first in it. The caller closes its `lines`. Raises FileFault."""
    if path == "-":
        return _opened("standard input", "", stdin, None)
    file = Path(path)
    try:
        size = file.stat().st_size if file.is_file() else None
        binary = file.open("rb")
    except OSError as error:
        raise FileFault(f"{file}: {error.strerror or error}") from error
    try:
        return _opened(str(file), file.suffix.lower(), binary, size)
    except BaseException:
        binary.close()
        raise


def _opened(name: str, ending: str, binary: io.BufferedReader, size: int | None) -> LeadFile:
    start = _start(name, binary)
    for mark, advice in OTHER_KINDS.items():
        if start.startswith(mark):
            raise FileFault(f"{name}: {advice}")
    if not start:
        raise FileFault(f"{name}: the file is empty")
    sign = start.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    looks_like_json = sign in (b"{", b"[") and ending not in CSV_ENDINGS
    if not looks_like_json and ending not in NDJSON_ENDINGS:
        # "" leaves the ends of lines as they are and knows all three of them.
        return CsvFile(_lines(name, binary, "", size))
    if sign == b"[":
        raise FileFault(f"{name}: a JSON list; one object a line (NDJSON) is needed")
    return NdjsonFile(_lines(name, binary, "\n", size))


def _start(name: str, binary: io.BufferedReader) -> bytes:
    try:
        return binary.peek(64)
    except OSError as error:  # a folder, for one
        raise FileFault(f"{name}: {error.strerror or error}") from error


def _lines(name: str, binary: io.BufferedReader, newline: str, size: int | None) -> Lines:
    text = io.TextIOWrapper(binary, encoding="utf-8-sig", errors="surrogateescape", newline=newline)
    return Lines(name=name, text=text, size=size)
