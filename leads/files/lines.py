"""The lines of a text file, one at a time, with their numbers; none is ever held that is too long.

Text is read as UTF-8 (a byte order mark is passed over). A line that is no UTF-8 is read as
Windows-1252, which cannot fail, and counted, so that one bad line does not lose a file.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field

from .errors import FileFault

#: Characters of one line of a file; a lead is at most 64 KiB.
MAX_LINE = 1024 * 1024
#: Of the lines that were no UTF-8 this many are named.
RECODED_NAMED = 5


@dataclass(slots=True)
class Lines:
    """Reads lines; `number` is that of the line given last.

    `recoded` are the first lines that were no UTF-8, `recoded_count` how many there were."""

    name: str
    text: io.TextIOWrapper
    size: int | None = None
    number: int = 0
    recoded: list[int] = field(default_factory=list)
    recoded_count: int = 0
    _again: list[str] = field(default_factory=list)

    def next(self) -> str:
        """The next line with its end; "" after the last. One that is too long is cut short,
        and what follows of it is passed over."""
        if self._again:
            self.number += 1
            return self._again.pop()
        line = part = self.text.readline(MAX_LINE)
        while len(part) == MAX_LINE and not part.endswith(("\n", "\r")):
            part = self.text.readline(MAX_LINE)
        if line:
            self.number += 1
        return line

    def next_text(self) -> str:
        """The next line as characters. Raises FileFault for one that is too long."""
        line = self.next()
        if len(line) >= MAX_LINE:
            where = f"{self.name}, line {self.number}"
            raise FileFault(f"{where}: longer than {MAX_LINE:,} characters; is it CSV?")
        return line if line.isascii() else self._recoded(line)

    def give_back(self, lines: Sequence[str]) -> None:
        """Have these lines, the last ones given, come again."""
        self._again.extend(reversed(lines))
        self.number -= len(lines)

    def close(self) -> None:
        """Close the file."""
        self.text.close()

    def share_read(self) -> float | None:
        """How much of the file was read, 0 to 1; None where its length is not known."""
        read = self.text.buffer.tell()  # type: ignore[attr-defined]  # any binary file has it
        return min(read / self.size, 1.0) if self.size else None

    def _recoded(self, line: str) -> str:
        try:
            line.encode()
        except UnicodeEncodeError:  # what stands for bytes that are no UTF-8
            self.recoded_count += 1
            if len(self.recoded) < RECODED_NAMED:
                self.recoded.append(self.number)
            return windows_1252(line.encode("utf-8", "surrogateescape"))
        return line


def windows_1252(raw: bytes) -> str:
    """The text of bytes; the five that Windows leaves open are read as ISO 8859-1."""
    try:
        return raw.decode("cp1252")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
