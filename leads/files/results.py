"""What became of each line of a file, told on one line, and of the file, told at its end."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from leads.errors import Fault

#: Of the values that were odd in one way this many different ones are shown.
EXAMPLES = 5
#: Different values of one kind that are told apart; a file may hold a million.
KINDS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class LineResult:
    """What became of one line. `answer` is the answer of `POST leads/`; None where refused.

    `body` is the lead as the map read it. `kept` says whether a refused body was (or would
    be) kept; `outcome` is the status that the line gave its lead."""

    line: int
    body: Mapping[str, Any]
    answer: Mapping[str, Any] | None = None
    warnings: Sequence[Mapping[str, str]] = ()
    faults: Sequence[Fault] = ()
    kept: bool = True
    outcome: str | None = None
    translated: Sequence[tuple[str, str]] = ()

    @property
    def status(self) -> str:
        """The lead's status, or `refused`."""
        return str(self.answer["status"]) if self.answer else "refused"

    def as_json(self) -> str:
        """One JSON object, for programs."""
        if self.answer is None:
            errors = [
                {"pointer": fault.pointer, "code": fault.code, "detail": fault.detail}
                for fault in self.faults
            ]
            refused = {"line": self.line, "status": "refused", "kept": self.kept, "errors": errors}
            return json.dumps(refused, ensure_ascii=False)
        said = {
            "line": self.line,
            "status": self.status,
            "created": self.answer["created"],
            "id": self.answer.get("id"),
            "external_id": self.body.get("external_id"),
            "owner": self.answer["owner"]["key"] if self.answer["owner"] else None,
            **self._assignment(),
            "outcome": self.outcome,
            "warnings": list(self.warnings),
            "explanation": self.answer["explanation"],
        }
        return json.dumps(said, ensure_ascii=False)

    def _assignment(self) -> dict[str, Any]:
        line: Mapping[str, Any] = (self.answer or {}).get("assignment") or {}
        rule = line.get("rule")
        told = ("kind", "model", "territory", "account", "pool", "is_fallback", "fallback_reason")
        return {"rule": rule["key"] if rule else None} | {name: line.get(name) for name in told}

    def as_text(self) -> str:
        """One line for people: `line 7: assigned owner=ana rule=dach model=territory …`."""
        if self.answer is None:
            faults = "; ".join(f"{fault.pointer} {fault.detail}".strip() for fault in self.faults)
            kept = "" if self.kept else " (too large to be kept)"
            return f"line {self.line}: refused{kept}  {faults}"
        line = self._assignment()
        owner = self.answer["owner"]
        parts = [
            f"line {self.line}: {self.status}",
            f"owner={owner['key'] if owner else '-'}",
            f"rule={line['rule'] or '-'}",
            f"model={line['model'] or '-'}",
            f"fallback={line['fallback_reason'] or '-'}",
            f"warnings={self._short_warnings() or '-'}",
        ]
        if not self.answer["created"]:
            parts.append("known")
        if self.outcome:
            parts.append(f"outcome={self.outcome}")
        return "  ".join(parts)

    def _short_warnings(self) -> str:
        return ",".join(f"{one['field']}:{one['code']}" for one in self.warnings)


@dataclass(slots=True)
class Tally:
    """How often something was seen, and the first few different values it was seen with."""

    count: int = 0
    examples: dict[str, int] = field(default_factory=dict)

    def add(self, value: str) -> None:
        """Count once more."""
        self.count += 1
        value = value if len(value) <= 40 else f"{value[:40]}…"
        if value and (value in self.examples or len(self.examples) < KINDS):
            self.examples[value] = self.examples.get(value, 0) + 1

    def shown(self) -> str:
        """The most frequent values."""
        common = Counter(self.examples).most_common(EXAMPLES)
        several = len(self.examples) > 1
        shown = [
            json.dumps(value, ensure_ascii=False) + (f" ({n:,})" if several and n > 1 else "")
            for value, n in common
        ]
        return ", ".join([*shown, *["…"][: len(self.examples) > EXAMPLES]])


@dataclass(slots=True)
class Summary:
    """Counts over a file; its size does not grow with the file."""

    statuses: Counter[str] = field(default_factory=Counter)
    known: int = 0
    not_kept: list[int] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    fallbacks: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    warnings: dict[tuple[str, str], Tally] = field(default_factory=dict)
    translations: dict[str, Tally] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """How many rows there were."""
        return sum(self.statuses.values())

    def add(self, result: LineResult) -> None:
        """Count one line."""
        self.statuses[result.status] += 1
        if result.answer is None:
            self.refusals.update(self._told(f"{f.pointer} {f.code}".strip()) for f in result.faults)
            if not result.kept:
                self.not_kept.append(result.line)
            return
        self.known += not result.answer["created"]
        line = result.answer["assignment"] or {}
        if line.get("fallback_reason"):
            self.fallbacks[line["fallback_reason"]] += 1
        if result.outcome:
            self.outcomes[result.outcome] += 1
        self._add_values(result)

    def _told(self, what: str) -> str:
        return what if what in self.refusals or len(self.refusals) < KINDS else "other"

    def _add_values(self, result: LineResult) -> None:
        for warning in result.warnings:
            name, code = str(warning["field"]), str(warning["code"])
            if (name, code) not in self.warnings and len(self.warnings) >= KINDS:
                name = "other"
            value = _value_of(result.body, name)
            self.warnings.setdefault((name, code), Tally()).add(value)
        for name, value in result.translated:
            self.translations.setdefault(name, Tally()).add(value)

    def lines(self) -> Iterator[str]:
        """The summary for people."""
        counts = [f"{count:,} {status}" for status, count in sorted(self.statuses.items())]
        yield f"{self.rows:,} leads: {', '.join(counts)}" if counts else "no leads"
        if self.known:
            yield f"known already: {self.known:,}"
        if self.outcomes:
            yield f"outcomes: {_counts(self.outcomes)}"
        if self.fallbacks:
            yield f"fallbacks and holds: {_counts(self.fallbacks)}"
        if self.refusals:
            yield f"refused for: {_counts(self.refusals)}"
        for name, tally in sorted(self.translations.items()):
            yield f"dirty, replaced by the map: {name} {tally.count:,} × {tally.shown()}"
        for (name, code), tally in sorted(self.warnings.items()):
            yield f"dirty: {name} {code} {tally.count:,} × {tally.shown()}".rstrip(" ×")
        if self.not_kept:
            yield f"refused and too large to be kept: line {_numbers(self.not_kept)}"


def _value_of(body: Mapping[str, Any], name: str) -> str:
    """The value that a warning is about, as the lead was given it."""
    part, _, member = name.partition(".")
    value = body.get(part)
    if member and isinstance(value, Mapping):
        value = value.get(member)
    if value is None and isinstance(custom := body.get("custom"), Mapping):
        value = custom.get(name)
    return "" if value is None else str(value)


def _counts(counter: Counter[str]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in counter.most_common(20))


def _numbers(numbers: Sequence[int]) -> str:
    shown = ", ".join(map(str, numbers[:10]))
    return f"{shown}, … ({len(numbers):,})" if len(numbers) > 10 else shown
