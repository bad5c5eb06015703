"""Plain data → text: YAML for pull requests, JSON for programs.

YAML comes in block style with one value a line, keys in the document's order, nothing folded,
Unicode kept. Text that any YAML 1.1 or 1.2 reader could take for something else (`NO`, `1e3`,
`09:00`, `2026-01-01`) is quoted, so that every reader gives the same data as the JSON form.
"""

import json
import re
from typing import Any

import yaml

try:
    from yaml import CSafeDumper as _YamlDumper
except ImportError:  # PyYAML built without libyaml: the same text, more slowly
    from yaml import SafeDumper as _YamlDumper  # type: ignore[assignment]

#: What PyYAML's own resolver does not quote but another reader takes for a number or a flag.
_MISTAKABLE = re.compile(
    r"(?:y|Y|n|N|[-+]?\.?[0-9][0-9_.,:]*(?:[eE][-+]?[0-9]+)?|0[oO][0-7_]+|0[xX][0-9a-fA-F_]+"
    r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}.*)\Z"
)
_LINE_BREAKS = re.compile(r"[\n\r\x85\u2028\u2029]")
#: Wider than any line, so that no text is folded.
_NEVER_FOLD = 2**31 - 1


class _Dumper(_YamlDumper):  # type: ignore[misc, valid-type]  # one of two base classes
    """The safe dumper with this document's quoting and no aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: _Dumper, value: str) -> yaml.ScalarNode:
    style = None
    if _LINE_BREAKS.search(value):
        style = '"'
    elif _MISTAKABLE.match(value):
        style = "'"
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)


def dump_document(document: dict[str, Any], media: str = "yaml") -> str:
    """The document as text that `parse_document` reads back to the same data."""
    if "json" in media:
        return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
    return yaml.dump(
        document,
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=False,
        width=_NEVER_FOLD,
    )
