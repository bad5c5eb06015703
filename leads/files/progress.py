"""A line on the terminal that says how far a long command is; nothing where there is none."""

import time
from typing import Protocol

WIDTH = 30
EVERY_SECONDS = 0.2


class Terminal(Protocol):
    """A text stream, or a command's wrapper of one."""

    def write(self, text: str, /) -> object: ...

    def flush(self) -> None: ...

    def isatty(self) -> bool: ...


class Progress:
    """Draws at most five times a second on a terminal; silent on anything else."""

    def __init__(self, stream: Terminal) -> None:
        self._stream = stream
        self._on = stream.isatty()
        self._started = self._drawn = time.monotonic()

    def show(self, done: int, share: float | None) -> None:
        """Say that `done` leads are through, `share` (0 to 1) of the file where known."""
        now = time.monotonic()
        if self._on and now - self._drawn >= EVERY_SECONDS:
            self._drawn = now
            self._stream.write(f"\r{bar(done, share, now - self._started)}")
            self._stream.flush()

    def clear(self) -> None:
        """Take the bar away, for a line of text or for good."""
        if self._on:
            self._stream.write("\r\x1b[K")
            self._stream.flush()


def bar(done: int, share: float | None, seconds: float) -> str:
    """`[######......]  50 %  1,200 leads  340 leads/s`; without the bar where no share is known."""
    speed = f"{done:,} leads  {done / seconds if seconds else 0:,.0f} leads/s"
    if share is None:
        return speed
    full = round(share * WIDTH)
    return f"[{'#' * full}{'.' * (WIDTH - full)}] {share:4.0%}  {speed}"
