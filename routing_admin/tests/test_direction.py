import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import leads.engine

ENGINE = Path(leads.engine.__file__).parent


def imported_roots(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.partition(".")[0]


def test_the_engine_imports_the_standard_library_and_itself_only() -> None:
    files = list(ENGINE.glob("*.py"))
    foreign = {
        (path.name, root)
        for path in files
        for root in imported_roots(path)
        if root not in sys.stdlib_module_names and root != "leads"
    }

    assert len(files) > 5
    assert foreign == set()


def test_the_engine_reads_no_clock() -> None:
    clocks = {"now", "utcnow", "today", "time", "time_ns", "monotonic", "perf_counter"}
    called = {
        f"{path.name}:{node.lineno}: {node.func.attr}"
        for path in ENGINE.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in ("time", "datetime", "date")
        and node.func.attr in clocks
    }

    assert called == set()
