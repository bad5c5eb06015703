"""A program under test: its lines of output read with a deadline, and its end made sure of."""

import os
import queue
import select
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

PATIENCE_SECONDS = 90


class Program:
    """A running program; `lines` is all it has said so far."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self.lines: list[str] = []
        self._queue: queue.Queue[str | None] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._queue.put(line.rstrip("\n"))
        self._queue.put(None)

    def wait_for(self, wanted: Callable[[str], bool]) -> str:
        """The next line that is wanted; fails with all output where none comes in time."""
        while True:
            try:
                line = self._queue.get(timeout=PATIENCE_SECONDS)
            except queue.Empty:
                raise AssertionError("no such line in time:\n" + "\n".join(self.lines)) from None
            if line is None:
                raise AssertionError("the program ended:\n" + "\n".join(self.lines))
            self.lines.append(line)
            if wanted(line):
                return line

    def wait_for_process(self, name: str) -> int:
        """The process number that the supervisor next reports for the child."""
        line = self.wait_for(lambda text: text.startswith(name) and "started (process" in text)
        return int(line.rsplit(" ", 1)[1].rstrip(")"))

    def close(self) -> None:
        """Kills what still runs and closes its output."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._reader.join(timeout=PATIENCE_SECONDS)
        assert self.process.stdout is not None
        self.process.stdout.close()

    def end(self, number: signal.Signals) -> int:
        """The status after the signal."""
        self.process.send_signal(number)
        return self.process.wait(timeout=PATIENCE_SECONDS)


@contextmanager
def running(
    command: Sequence[str], environment: Mapping[str, str], *, ignore_interrupts: bool = False
) -> Iterator[Program]:
    """The program while it runs; it is killed at the end where it still does."""

    def ignore() -> None:
        if ignore_interrupts:
            signal.signal(signal.SIGINT, signal.SIG_IGN)

    process = subprocess.Popen(
        command,
        cwd=settings.BASE_DIR,
        env=dict(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        preexec_fn=ignore,  # noqa: PLW1509 - the forked child runs this alone
    )
    program = Program(process)
    try:
        yield program
    finally:
        program.close()


def is_alive(pid: int) -> bool:
    """Whether the process is there and no zombie."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in ("Z", "X")


def wait_until_dead(pid: int) -> None:
    """Returns when the process has ended; its end is an event of its descriptor (pidfd)."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        ready, _, _ = select.select([descriptor], [], [], PATIENCE_SECONDS)
        assert ready or not is_alive(pid), f"process {pid} still runs"
    finally:
        os.close(descriptor)
