"""What can be wrong with a configuration document, and where.

    ValueError
    └── InvalidDocument   the document cannot be taken: every fault of it, at once

A place is a tuple of mapping keys and list indexes from the root of the document. People read
it as a path (`rules[3].conditions.all[0].op`), programs as a JSON pointer (RFC 6901).
"""

import difflib
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

Place = tuple[str | int, ...]

_PLAIN = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*\Z")
#: Suggestions are looked for among this many names at most: the search is quadratic.
_SUGGESTION_POOL = 5000
#: and no more often than this for one document; further faults name no near miss.
_SUGGESTIONS = 50
#: A word from the document is quoted in a fault up to this many characters.
_QUOTED = 60
#: A fault's sentence is cut here: it may quote more than a word.
_LONGEST = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault. `path` is for people, `pointer` for programs; both are "" for the whole
    document. `code` is a word for programs, `detail` a sentence without a full stop."""

    path: str
    detail: str
    code: str = "invalid"
    pointer: str = ""

    def __str__(self) -> str:
        return f"{self.path}: {self.detail}" if self.path else self.detail


class InvalidDocument(ValueError):
    """The document is refused as a whole; `faults` are all of its faults, in its order."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(map(str, faults[:20])))
        self.faults: tuple[Fault, ...] = tuple(faults)


def path_of(place: Place) -> str:
    """The place in words: `rules[3].conditions.all[0].op`."""
    text = ""
    for part in place:
        if isinstance(part, int):
            text += f"[{part}]"
        elif _PLAIN.match(part):
            text += f".{part}" if text else part
        else:
            text += f"[{quoted(part)}]"
    return text


def pointer_of(place: Place) -> str:
    """The place as an RFC 6901 pointer: `/rules/3/conditions/all/0/op`."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in place)


def fault_at(place: Place, detail: str, code: str = "invalid") -> Fault:
    """The fault `detail` at a place; what it quotes of the document is made printable."""
    text = _printable(detail[:_LONGEST])
    text = text if len(text) < _LONGEST else f"{text[: _LONGEST - 1]}…"
    return Fault(path=path_of(place), detail=text, code=code, pointer=pointer_of(place))


def quoted(value: object) -> str:
    """A value as a fault names it: short, on one line, printable."""
    text = str(value)
    if len(text) > _QUOTED:
        text = f"{text[:_QUOTED]}…"
    return f'"{_printable(text)}"'


def _printable(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)


class Suggestions:
    """Near misses for misspelt names, with a bound on the work for one document."""

    def __init__(self) -> None:
        self._left = _SUGGESTIONS

    def near(self, word: object, names: Collection[str]) -> str:
        """`; did you mean "x"?` when one of `names` is close to `word`, else nothing."""
        if self._left <= 0 or len(names) > _SUGGESTION_POOL:
            return ""
        self._left -= 1
        match = difflib.get_close_matches(str(word)[:100], list(names), n=1, cutoff=0.6)
        return f'; did you mean "{match[0]}"?' if match else ""
