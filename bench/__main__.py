"""`python -m bench [names] [--quick]`: run benchmarks, print the table, store it as JSON."""

import argparse
import os
import sys
from collections.abc import Callable
from functools import partial

import django

from . import fairness, posting, report, services
from .children import environment


def engine(*, quick: bool) -> list[report.Row]:
    """The engine's benchmarks need Django set up for normalising, and no database."""
    os.environ |= environment("sqlite:///bench.sqlite3")
    django.setup()
    from . import engine as engine_bench  # noqa: PLC0415 - imports what needs Django

    return engine_bench.run(quick=quick)


BENCHES: dict[str, Callable[..., list[report.Row]]] = {
    "configuration": services.configuration,
    "bulk": services.bulk,
    "http": posting.run,
    "accounts": posting.accounts,
    "pools": posting.pools,
    "processes": posting.processes,
    "fairness": fairness.run,
    # Last: it sets Django up in this process.
    "engine": engine,
}


def main() -> int:
    """Return 0; a goal that is missed stands in the table."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *BENCHES], help="which; all, unless named")
    parser.add_argument("--quick", action="store_true", help="tiny sizes: does it run?")
    asked = parser.parse_args()
    rows: list[report.Row] = []
    for name, bench in BENCHES.items():
        if not asked.names or name in asked.names:
            print(f"{name} …", file=sys.stderr, flush=True)
            rows += partial(bench, quick=asked.quick)()
    print(report.table(rows))
    print(f"stored in {report.write(rows, quick=asked.quick)}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
