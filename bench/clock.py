"""Fair timing: the candidates of a comparison take turns, and the median of each counts."""

import time
from collections.abc import Callable, Mapping
from statistics import median


def processor_seconds(work: Callable[[], object]) -> float:
    """Processor time that the work takes in this process, whatever else the machine does."""
    started = time.process_time()
    work()
    return time.process_time() - started


def interleaved(works: Mapping[str, Callable[[], float]], *, repeats: int) -> dict[str, float]:
    """The median of what each work returns, run in turns; a first round warms up."""
    results: dict[str, list[float]] = {name: [] for name in works}
    for work in works.values():
        work()
    for _ in range(repeats):
        for name, work in works.items():
            results[name].append(work())
    return {name: median(values) for name, values in results.items()}
