"""Measurements: one row each, with the goal it is held against; as a table and as JSON."""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "var"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One measured value; `reached` is None where there is no goal or nothing was measured."""

    bench: str
    what: str
    value: float | None
    unit: str
    goal: str = ""
    reached: bool | None = None
    note: str = ""


def at_least(bench: str, what: str, value: float, unit: str, goal: float, note: str = "") -> Row:
    """A row whose value has to reach the goal."""
    return _held(bench, what, value, unit, f"≥ {goal:g}", value >= goal, note)


def at_most(bench: str, what: str, value: float, unit: str, goal: float, note: str = "") -> Row:
    """A row whose value may not pass the goal."""
    return _held(bench, what, value, unit, f"≤ {goal:g}", value <= goal, note)


def shown(bench: str, what: str, value: float, unit: str, note: str = "") -> Row:
    """A row without a goal."""
    return Row(bench=bench, what=what, value=value, unit=unit, note=note)


def missing(bench: str, what: str, why: str) -> Row:
    """A row that could not be measured here."""
    return Row(bench=bench, what=what, value=None, unit="", note=f"not measured: {why}")


def _held(
    bench: str, what: str, value: float, unit: str, goal: str, reached: bool, note: str
) -> Row:
    return Row(
        bench=bench, what=what, value=value, unit=unit, goal=goal, reached=reached, note=note
    )


def table(rows: Sequence[Row]) -> str:
    """The rows in columns."""
    verdicts = {True: "yes", False: "NO", None: ""}
    cells = [("bench", "what", "value", "unit", "goal", "met", "note")]
    for row in rows:
        value = "–" if row.value is None else _number(row.value)
        cells.append(
            (row.bench, row.what, value, row.unit, row.goal, verdicts[row.reached], row.note)
        )
    widths = [max(len(line[column]) for line in cells) for column in range(len(cells[0]))]
    lines = [
        "  ".join(
            cell.rjust(width) if column == 2 else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in cells
    ]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(lines)


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def write(rows: Sequence[Row], *, quick: bool) -> Path:
    """Store the rows with the machine they were measured on; return the file."""
    FOLDER.mkdir(exist_ok=True)
    name = "bench-quick.json" if quick else "bench.json"
    document = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "quick": quick,
        "rows": [asdict(row) for row in rows],
    }
    path = FOLDER / name
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")
    return path


def machine() -> dict[str, object]:
    """What the figures depend on."""
    return {
        "cores": os.cpu_count(),
        "load": [round(part, 1) for part in os.getloadavg()],
        "python": platform.python_version(),
        "system": platform.platform(terse=True),
    }
