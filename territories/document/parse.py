"""Text → plain data: one safe reader for YAML and one for JSON, with the same limits.

YAML is read by the core schema of YAML 1.2, so that `NO`, `on` and `09:00` stay text and a
postal code with a leading zero keeps it: only `true`, `false`, `null`, whole numbers in
canonical form and decimal numbers are anything but text. A date is text here; the schema
reads it. Anchors, aliases, tags and merge keys are refused (none is needed, and aliases are
how a small file becomes a huge document). Built from parser events with an explicit stack,
so that depth costs no recursion.
"""

import json
import math
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, NoReturn

import yaml

from .faults import Fault, InvalidDocument, Place, fault_at, quoted

try:
    from yaml import CLoader as _YamlParser
except ImportError:  # PyYAML built without libyaml: the same events, more slowly
    from yaml import Loader as _YamlParser  # type: ignore[assignment]

#: A whole document; 5,000 accounts and 10,000 boundaries are about 3 MiB.
MAX_BYTES = 32 * 1024 * 1024
#: Deep enough for any condition that a person can read.
MAX_DEPTH = 64

_INT = re.compile(r"-?(?:0|[1-9][0-9]*)\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?\Z")
_WORDS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
#: Longer digit strings are text: no field holds them, and Python's parser is quadratic.
_MAX_DIGITS = 30


def parse_document(text: str | bytes, media: str = "yaml") -> dict[str, Any]:
    """The document as plain data. `media` is "yaml", "json" or a media type naming one.

    Raises InvalidDocument: too large, not UTF-8, not well formed, duplicate keys, nested
    deeper than 64, aliases or tags, numbers that are not finite, not a mapping."""
    source = _decoded(text)
    data = _read_json(source) if "json" in media else _read_yaml(source)
    if not isinstance(data, dict):
        _refuse("the document must be a mapping that begins with `version: 1`", "type")
    deep = too_deep(data)
    if deep is not None:
        raise InvalidDocument([deep])
    return data


def _refuse(detail: str, code: str = "syntax") -> NoReturn:
    raise InvalidDocument([Fault(path="", detail=detail, code=code)])


def _decoded(text: str | bytes) -> str:
    size = len(text)
    if size > MAX_BYTES:
        _refuse(f"the document is larger than {MAX_BYTES // 1024 // 1024} MiB", "too_large")
    if isinstance(text, str):
        return text.removeprefix("\ufeff")
    try:
        return text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        _refuse(f"not UTF-8 text: byte {error.start} is not valid")


def _read_json(source: str) -> Any:
    try:
        return json.loads(
            source,
            object_pairs_hook=_json_object,
            parse_constant=lambda word: _refuse(f"{word} is not a number"),
            parse_float=_finite,
            parse_int=_whole,
        )
    except json.JSONDecodeError as error:
        _refuse(f"not JSON: line {error.lineno}, column {error.colno}: {error.msg}")
    except RecursionError:
        _refuse(f"nested deeper than {MAX_DEPTH} levels", "too_deep")


def _json_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        (twice, _), *_ = Counter(key for key, _ in pairs).most_common(1)
        _refuse(f"the key {quoted(twice)} stands twice in one object", "duplicate_key")
    return made


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        _refuse(f"{quoted(text)} is too large a number")
    return number


def _whole(text: str) -> int:
    if len(text) > _MAX_DIGITS:
        _refuse(f"{quoted(text)} is too large a number")
    return int(text)


def _read_yaml(source: str) -> Any:
    try:
        return _Builder(_events(source)).document()
    except UnicodeEncodeError as error:
        _refuse(f"not UTF-8 text: character {error.start} is half of a pair")
    except yaml.MarkedYAMLError as error:
        where = _line(error.problem_mark or error.context_mark)
        _refuse(f"not YAML: {where}{error.problem or error.context}")
    except yaml.YAMLError as error:
        _refuse(f"not YAML: {' '.join(str(error).split())}")


def _events(source: str) -> Iterator[yaml.Event]:
    parser = _YamlParser(source)
    try:
        while parser.check_event():
            event = parser.get_event()
            if event is not None:
                yield event
    finally:
        parser.dispose()


def _line(mark: Any) -> str:
    return f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""


class _Builder:
    """Plain data from parser events; `stack` holds the open containers with the key that
    waits for its value."""

    def __init__(self, events: Iterator[yaml.Event]) -> None:
        self._events = events
        self._stack: list[Any] = []
        self._keys: list[str | None] = []

    def document(self) -> Any:
        """The one document of the stream; None when the stream is empty."""
        root, documents = None, 0
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    _refuse(f"{_line(event.start_mark)}only one document may be given")
            elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
                closed = self._stack.pop()
                self._keys.pop()
                root = closed if not self._stack else root
            elif isinstance(event, yaml.NodeEvent):
                value = self._node(event)
                root = value if not self._stack else root
                self._open(event, value)
        return root

    def _node(self, event: yaml.NodeEvent) -> Any:
        """The value of one node, put where it belongs."""
        _refuse_extras(event)
        if isinstance(event, yaml.ScalarEvent):
            value: Any = event.value if event.style else _plain(event.value)
        else:
            value = {} if isinstance(event, yaml.MappingStartEvent) else []
        if self._stack:
            self._put(event, value)
        return value

    def _put(self, event: yaml.NodeEvent, value: Any) -> None:
        container = self._stack[-1]
        if isinstance(container, list):
            container.append(value)
        elif self._keys[-1] is not None:
            container[self._keys[-1]] = value
            self._keys[-1] = None
        else:
            self._keys[-1] = self._key(event, container)

    def _key(self, event: yaml.NodeEvent, container: dict[str, Any]) -> str:
        if not isinstance(event, yaml.ScalarEvent):
            _refuse(f"{_line(event.start_mark)}a key must be a word")
        if event.value in container:
            first = quoted(event.value)
            _refuse(f"{_line(event.start_mark)}the key {first} stands twice", "duplicate_key")
        return str(event.value)

    def _open(self, event: yaml.NodeEvent, value: Any) -> None:
        if isinstance(event, yaml.ScalarEvent):
            return
        if len(self._stack) >= MAX_DEPTH:
            where = _line(event.start_mark)
            _refuse(f"{where}nested deeper than {MAX_DEPTH} levels", "too_deep")
        self._stack.append(value)
        self._keys.append(None)


def _refuse_extras(event: yaml.NodeEvent) -> None:
    if isinstance(event, yaml.AliasEvent) or event.anchor:
        _refuse(f"{_line(event.start_mark)}anchors and aliases (& and *) are not allowed")
    if getattr(event, "tag", None):
        _refuse(f"{_line(event.start_mark)}tags (!) are not allowed")


def _plain(text: str) -> Any:
    """The value of an unquoted scalar by the core schema."""
    if text in _WORDS:
        return _WORDS[text]
    if len(text) <= _MAX_DIGITS:
        if _INT.match(text):
            return int(text)
        if _FLOAT.match(text) and math.isfinite(float(text)):
            return float(text)
    return text


def too_deep(data: Any) -> Fault | None:
    """The first place nested deeper than the limit (JSON's parser has no limit of its own)."""
    level: list[tuple[Place, Any]] = [((), data)]
    for _ in range(MAX_DEPTH):
        level = [
            ((*place, key), child)
            for place, value in level
            for key, child in _children(value)
            if isinstance(child, dict | list)
        ]
        if not level:
            return None
    return fault_at(level[0][0][:3], f"nested deeper than {MAX_DEPTH} levels", "too_deep")


def _children(value: Any) -> list[tuple[Any, Any]]:
    return list(value.items()) if isinstance(value, dict) else list(enumerate(value))
