"""The map of a file: which column is which field of a lead, and what its values mean.

A map is a small YAML document (docs/routing-files.md). Every fault of it is listed with its
place, and a misspelt name comes with the nearest one that there is.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from typing import Any

from leads.body import FIELDS, NUMBER_FIELDS
from leads.engine.vocabulary import OutcomeStatus
from territories.document import InvalidDocument, parse_document

from .errors import MapFault

#: Objects of a lead whose members a column may fill: `custom.visits`, `crm_ids.salesforce`.
NESTED = ("custom", "crm_ids")
#: A field that takes the values of several columns.
LIST_FIELD = "product_interest"
TARGETS = (*(name for name in FIELDS if name not in NESTED), *(f"{name}." for name in NESTED))


class ValueType(StrEnum):
    """What the text of a cell is turned into."""

    TEXT = "text"
    NUMBER = "number"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    TIME = "time"


#: Standard fields that are no text, whatever the map says.
FIELD_TYPES = {
    **dict.fromkeys(NUMBER_FIELDS, ValueType.NUMBER),
    "employees": ValueType.INTEGER,
    "received_at": ValueType.TIME,
}

SECTIONS = (
    "columns", "ignore", "blank", "values", "constants", "split", "types", "outcome", "contacted",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeMap:
    """Where a row says what became of its lead. `values` are the statuses by folded cell."""

    status: str
    values: Mapping[str, str]
    at: str | None = None
    amount: str | None = None
    reason: str | None = None
    currency: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactMap:
    """Where a row says when its lead was first responded to."""

    at: str
    by: str | None = None
    channel: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileMap:
    """Columns to fields. Words to compare with (`blank`, the keys of `values`) are folded.

    `columns` is column → fields; `values` field → folded text → what it stands for (None is
    blank); `constants` fill fields that a row leaves blank."""

    columns: Mapping[str, Sequence[str]]
    ignore: frozenset[str] = frozenset()
    blank: frozenset[str] = frozenset({""})
    values: Mapping[str, Mapping[str, str | None]] = field(default_factory=dict)
    constants: Mapping[str, Any] = field(default_factory=dict)
    split: Mapping[str, str] = field(default_factory=dict)
    types: Mapping[str, ValueType] = field(default_factory=dict)
    outcome: OutcomeMap | None = None
    contacted: ContactMap | None = None

    def used_columns(self) -> dict[str, str]:
        """Every column that the map reads → the place in the map that names it first."""
        used = {name: f"ignore[{index}]" for index, name in enumerate(sorted(self.ignore))}
        for section, parts in (("outcome", self.outcome), ("contacted", self.contacted)):
            for key in ("reason", "amount", "at", "by", "status"):
                column = getattr(parts, key, None)
                if column:
                    used[column] = f"{section}.{key}"
        return used | {name: f'columns["{name}"]' for name in self.columns}

    def type_of(self, target: str) -> ValueType:
        """What the cells of a field are turned into."""
        return FIELD_TYPES.get(target) or self.types.get(target, ValueType.TEXT)


def fold(text: str) -> str:
    """A word as maps compare words."""
    return " ".join(text.split()).casefold()


def map_of_header(header: Sequence[str]) -> FileMap:
    """The map of a file that has none: columns named like fields are those fields."""
    columns: dict[str, Sequence[str]] = {}
    taken: set[str] = set()
    for name in header:
        target = name.strip().casefold().replace(" ", "_")
        plain = target in FIELDS and target not in NESTED
        nested = any(target.startswith(f"{part}.") for part in NESTED)
        if nested:
            part, _, member = name.strip().partition(".")
            target = f"{part.casefold()}.{member}"
        if (plain or nested) and target not in taken:
            columns[name] = (target,)
            taken.add(target)
    return FileMap(columns=columns)


def read_map(text: str | bytes) -> FileMap:
    """The map that a YAML text spells. Raises MapFault with every fault."""
    try:
        document = parse_document(text)
    except InvalidDocument as error:
        raise MapFault([str(fault) for fault in error.faults]) from error
    reader = _Reader(document)
    made = reader.read()
    if reader.faults:
        raise MapFault(reader.faults)
    return made


def nearest(word: str, names: Collection[str]) -> str:
    """`; did you mean "x"?` where one of the names is near, else nothing."""
    folded = {name.casefold(): name for name in names}
    match = get_close_matches(word.casefold(), folded, n=1, cutoff=0.6)
    return f'; did you mean "{folded[match[0]]}"?' if match else ""


@dataclass(slots=True)
class _Reader:
    """Reads one map; every fault is noted and reading goes on."""

    document: Mapping[str, Any]
    faults: list[str] = field(default_factory=list)

    def read(self) -> FileMap:
        self._refuse_unknown("", self.document, SECTIONS)
        columns = self._columns()
        if not columns and not self.faults:
            self.faults.append("columns: at least one column must be mapped")
        return FileMap(
            columns=columns,
            ignore=frozenset(self._texts("ignore")),
            blank=frozenset({"", *map(fold, self._texts("blank"))}),
            values=self._values(),
            constants=self._constants(),
            split=self._split(),
            types=self._types(),
            outcome=self._outcome(),
            contacted=self._contacted(),
        )

    def _mapping(self, name: str) -> Mapping[str, Any]:
        value = self.document.get(name)
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            self.faults.append(f"{name}: must be a mapping")
            return {}
        return {str(key): one for key, one in value.items()}

    def _texts(self, name: str) -> list[str]:
        value = self.document.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            self.faults.append(f"{name}: must be a list")
            return []
        return ["" if one is None else str(one) for one in value]

    def _refuse_unknown(self, place: str, value: Mapping[str, Any], known: Sequence[str]) -> None:
        for key in value:
            if key not in known:
                where = f"{place}.{key}" if place else str(key)
                self.faults.append(f"{where}: unknown key{nearest(str(key), known)}")

    def _columns(self) -> dict[str, Sequence[str]]:
        columns: dict[str, Sequence[str]] = {}
        taken: dict[str, str] = {}
        for column, value in self._mapping("columns").items():
            place = f'columns["{column}"]'
            targets = [str(one) for one in (value if isinstance(value, list) else [value])]
            for target in targets:
                self._check_target(place, target)
                if target in taken and target != LIST_FIELD:
                    other = taken[target]
                    self.faults.append(f'{place}: column "{other}" is {target} already')
                taken[target] = column
            columns[column] = tuple(targets)
        return columns

    def _check_target(self, place: str, target: str) -> None:
        nested, _, member = target.partition(".")
        if target in FIELDS and target not in NESTED:
            return
        if nested in NESTED and member.strip():
            return
        near = nearest(target, TARGETS) or "; fields of your own are custom.<name>"
        self.faults.append(f'{place}: "{target}" is no field of a lead{near}')

    def _values(self) -> dict[str, dict[str, str | None]]:
        values: dict[str, dict[str, str | None]] = {}
        for target, table in self._mapping("values").items():
            self._check_target(f"values.{target}", target)
            if not isinstance(table, Mapping):
                self.faults.append(f"values.{target}: must map what stands there to what it means")
                continue
            values[target] = {
                fold(str(key)): None if one is None else _word(one) for key, one in table.items()
            }
        return values

    def _constants(self) -> dict[str, Any]:
        constants = self._mapping("constants")
        for target in constants:
            self._check_target(f"constants.{target}", target)
        return dict(constants)

    def _split(self) -> dict[str, str]:
        split = self._mapping("split")
        for target, separator in split.items():
            self._check_target(f"split.{target}", target)
            if target != LIST_FIELD and not target.startswith("custom."):
                detail = f"only {LIST_FIELD} and custom fields hold lists"
                self.faults.append(f"split.{target}: {detail}")
            if not isinstance(separator, str) or not separator:
                self.faults.append(f"split.{target}: must be the text between two values")
        return {target: str(separator) for target, separator in split.items()}

    def _types(self) -> dict[str, ValueType]:
        types: dict[str, ValueType] = {}
        for target, word in self._mapping("types").items():
            if not target.startswith("custom."):
                detail = "only custom fields have a type to choose"
                self.faults.append(f"types.{target}: {detail}")
            elif word not in tuple(ValueType):
                known = ", ".join(ValueType)
                self.faults.append(f'types.{target}: "{word}" is none of {known}')
            else:
                types[target] = ValueType(word)
        return types

    def _outcome(self) -> OutcomeMap | None:
        if self.document.get("outcome") is None:
            return None
        parts = self._mapping("outcome")
        self._refuse_unknown("outcome", parts, ("status", "at", "amount", "reason", "currency"))
        status = parts.get("status")
        if not isinstance(status, Mapping) or not {"column", "values"} <= set(status):
            self.faults.append("outcome.status: must be {column: …, values: {…: converted}}")
            return None
        self._refuse_unknown("outcome.status", status, ("column", "values"))
        return OutcomeMap(
            status=str(status["column"]),
            values=self._statuses(status["values"]),
            at=_text_or_none(parts.get("at")),
            amount=_text_or_none(parts.get("amount")),
            reason=_text_or_none(parts.get("reason")),
            currency=self._currency(parts.get("currency")),
        )

    def _statuses(self, values: Any) -> dict[str, str]:
        if not isinstance(values, Mapping):
            self.faults.append("outcome.status.values: must map what stands there to a status")
            return {}
        for key, status in values.items():
            if status is not None and status not in tuple(OutcomeStatus):
                known = ", ".join(OutcomeStatus)
                place = f'outcome.status.values["{key}"]'
                self.faults.append(f'{place}: "{status}" is none of {known}')
        return {fold(str(key)): str(one) for key, one in values.items() if one is not None}

    def _currency(self, value: Any) -> str:
        text = _text_or_none(value) or ""
        if text and not (len(text) == 3 and text.isalpha() and text.isascii()):
            self.faults.append("outcome.currency: must be the three letters of ISO 4217")
        return text.upper()

    def _contacted(self) -> ContactMap | None:
        parts = self._mapping("contacted")
        self._refuse_unknown("contacted", parts, ("at", "by", "channel"))
        at = _text_or_none(parts.get("at"))
        if at is None:
            if parts:
                self.faults.append("contacted.at: the column with the time is needed")
            return None
        by, channel = _text_or_none(parts.get("by")), _text_or_none(parts.get("channel"))
        return ContactMap(at=at, by=by, channel=channel or "")


def _word(value: Any) -> str:
    """A scalar of the map as a cell would spell it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _text_or_none(value: Any) -> str | None:
    return None if value is None else str(value)
