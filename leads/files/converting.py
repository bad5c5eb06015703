"""One row by a map: the body of a lead, what became of the lead, and what was dirty.

A value that cannot be what its field is (`n/a` employees) does not lose the row: it is put under
`custom` with the field's name as it came, and a warning says so.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from leads.body import TEXT_FIELDS
from leads.engine.vocabulary import OutcomeStatus
from leads.services.told import ContactFact, OutcomeFact

from .mapping import LIST_FIELD, NESTED, FileMap, ValueType, fold

_TRUE = frozenset({"yes", "y", "true", "1", "x"})
_FALSE = frozenset({"no", "n", "false", "0"})
#: 1,234,567.89 with its commas; a lone decimal comma is no number that is sure.
_NUMBER = re.compile(r"[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[eE][-+]?\d{1,3})?|[-+]?\.\d+")
_DAY = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d(?:\.\d+)?)?)?")
_KIND_NAMES = {ValueType.INTEGER: "whole number", ValueType.BOOLEAN: "yes or no"}
_AMOUNT_LIMIT = Decimal(10) ** 16


@dataclass(slots=True, kw_only=True)
class Converted:
    """A row as a lead. `translated` are the values that the map replaced, as (field, value)."""

    body: dict[str, Any] = field(default_factory=dict)
    outcome: OutcomeFact | None = None
    contact: ContactFact | None = None
    warnings: list[dict[str, str]] = field(default_factory=list)
    translated: list[tuple[str, str]] = field(default_factory=list)

    def warn(self, target: str, value: str, detail: str) -> None:
        """Note a value that is not what its field is."""
        shown = value if len(value) <= 60 else f"{value[:60]}…"
        warning = {"field": target, "code": "unparsable", "detail": f'"{shown}" {detail}'}
        self.warnings.append(warning)

    def put(self, target: str, value: Any) -> None:
        """Set a field, or a member of `custom` and `crm_ids`."""
        nested, _, member = target.partition(".")
        if member and nested in NESTED:
            self.body.setdefault(nested, {})[member] = value
        elif target == LIST_FIELD:
            values = value if isinstance(value, list) else [value]
            self.body.setdefault(target, []).extend(values)
        else:
            self.body[target] = value

    def is_blank(self, target: str) -> bool:
        """Whether the row said nothing of a field."""
        nested, _, member = target.partition(".")
        if member and nested in NESTED:
            return member not in self.body.get(nested, {})
        return target not in self.body


def convert(values: Mapping[str, object], file_map: FileMap) -> Converted:
    """The lead that a row describes."""
    made = Converted()
    for column, targets in file_map.columns.items():
        value = values.get(column)
        for target in targets:
            _put(made, target, value, file_map)
    for target, constant in file_map.constants.items():
        if made.is_blank(target):
            made.put(target, constant)
    _read_outcome(made, values, file_map)
    _read_contact(made, values, file_map)
    return made


def _put(made: Converted, target: str, value: object, file_map: FileMap) -> None:
    if isinstance(value, int | float) and target in TEXT_FIELDS:
        value = str(value)
    if not isinstance(value, str):
        if value is not None:
            made.put(target, value)
        return
    separator = file_map.split.get(target)
    if separator is None:
        text = _meaning(made, target, value, file_map)
        if text is not None:
            _put_typed(made, target, text, file_map.type_of(target))
        return
    parts = [_meaning(made, target, part, file_map) for part in value.split(separator)]
    if kept := [part for part in parts if part is not None]:
        made.put(target, kept)


def _meaning(made: Converted, target: str, value: str, file_map: FileMap) -> str | None:
    """The cell's text after the map's words for blank and for other values; None is blank."""
    folded = fold(value)
    if folded in file_map.blank:
        return None
    table = file_map.values.get(target)
    if table is None or folded not in table:
        return value.strip()
    meant = table[folded]
    if meant != value.strip():
        made.translated.append((target, value.strip()))
    return meant


def _put_typed(made: Converted, target: str, text: str, kind: ValueType) -> None:
    match kind:
        case ValueType.NUMBER | ValueType.INTEGER:
            value: Any = number_of(text, whole=kind is ValueType.INTEGER)
        case ValueType.BOOLEAN:
            value = _boolean(text)
        case ValueType.TIME:
            value = time_text(text)
        case ValueType.TEXT:
            value = text
    if value is not None:
        made.put(target, value)
    elif target.startswith("custom."):
        made.put(target, text)
        made.warn(target, text, f"is no {_KIND_NAMES.get(kind, kind.value)}; kept as text")
    else:
        made.put(f"custom.{target}", text)
        made.warn(
            target, text, f"is no {_KIND_NAMES.get(kind, kind.value)}; kept as custom.{target}"
        )


def number_of(text: str, *, whole: bool = False) -> int | float | None:
    """The number that a text spells, thousands with commas or without; None for none."""
    if not _NUMBER.fullmatch(text) or len(text) > 40:
        return None
    number = float(text.replace(",", ""))
    if number.is_integer() and abs(number) < 2**53:
        return int(number)
    return None if whole else number


def _boolean(text: str) -> bool | None:
    folded = fold(text)
    if folded in _TRUE:
        return True
    return False if folded in _FALSE else None


def time_text(text: str) -> str:
    """A day or a time without a zone as RFC 3339 in UTC; any other text as it came (routing
    warns of what is no time)."""
    found = _DAY.fullmatch(text)
    if found is None:
        return text
    day, minutes, seconds = found.groups()
    return f"{day}T{minutes or '00:00'}{seconds or ':00'}Z"


def time_of(text: str) -> datetime | None:
    """The instant that a text spells, UTC where it names no zone; None for none."""
    try:
        instant = datetime.fromisoformat(time_text(text.strip()))
    except ValueError:
        return None
    return None if instant.tzinfo is None else instant.astimezone(UTC)


def _cell(values: Mapping[str, object], column: str | None, file_map: FileMap) -> str:
    """The text of a column, "" where the map takes it for blank."""
    value = values.get(column) if column else None
    text = "" if value is None else str(value).strip()
    return "" if fold(text) in file_map.blank else text


def _read_outcome(made: Converted, values: Mapping[str, object], file_map: FileMap) -> None:
    spec = file_map.outcome
    status = spec.values.get(fold(_cell(values, spec.status, file_map))) if spec else None
    if spec is None or status is None:
        return
    at, amount = _cell(values, spec.at, file_map), _cell(values, spec.amount, file_map)
    made.outcome = OutcomeFact(
        status=OutcomeStatus(status),
        at=_time_or_warning(made, "outcome.at", at),
        amount=_amount_or_warning(made, amount),
        currency=spec.currency if amount else "",
        reason=_cell(values, spec.reason, file_map),
    )


def _read_contact(made: Converted, values: Mapping[str, object], file_map: FileMap) -> None:
    spec = file_map.contacted
    if spec is None:
        return
    at = _time_or_warning(made, "contacted.at", _cell(values, spec.at, file_map))
    if at is not None:
        by = _cell(values, spec.by, file_map)
        made.contact = ContactFact(at=at, by=by, channel=spec.channel)


def _time_or_warning(made: Converted, place: str, text: str) -> datetime | None:
    instant = time_of(text) if text else None
    if text and instant is None:
        made.warn(place, text, "is no time; left out")
    return instant


def _amount_or_warning(made: Converted, text: str) -> Decimal | None:
    if not text:
        return None
    try:
        amount = Decimal(text.replace(",", "")).quantize(Decimal("0.01"))
    except InvalidOperation:
        amount = None
    if amount is None or not amount.is_finite() or abs(amount) >= _AMOUNT_LIMIT:
        made.warn("outcome.amount", text, "is no amount; left out")
        return None
    return amount


def to_json(body: Mapping[str, Any]) -> bytes:
    """A body as the bytes that are kept when it is refused."""
    return json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
