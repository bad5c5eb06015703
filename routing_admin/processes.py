"""Starts child processes, keeps them running, and ends them all.

Theory of operation. One thread waits on the children's output and on signals (a wake-up pipe),
so that nothing races:

* Each child is the leader of its own session. A Ctrl-C of the terminal reaches us alone, and
  what a dead child leaves behind (a server's workers) is found by its process group.
* A child that ends is started again, at once the first time and then after a pause that
  doubles up to `PAUSE_MAX`; a child that lived for `STEADY_SECONDS` starts afresh.
* SIGINT, SIGTERM and SIGHUP end us: TERM to the children, KILL after `GRACE_SECONDS` or at a
  second signal. The handlers are set in any case: a shell starts its background jobs with
  SIGINT ignored.
* A child dies with its parent (Linux), also when the parent is killed with SIGKILL.
"""

import contextlib
import ctypes
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

GRACE_SECONDS = 20.0
STEADY_SECONDS = 60.0
PAUSE_MIN = 0.5
PAUSE_MAX = 30.0
#: Set for children; see `die_with_parent`.
PARENT_VARIABLE = "ROUTING_PARENT"
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with_parent(parent: int | None = None) -> None:
    """Asks the kernel to kill this process when its parent dies; does nothing but on Linux.

    With `parent`, ends at once if that process is no longer the parent: it died before we asked.
    """
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if parent is not None and os.getppid() != parent:
            os._exit(1)


@dataclass(slots=True, kw_only=True)
class Child:
    """One process to keep running."""

    name: str
    command: Sequence[str]
    process: "subprocess.Popen[bytes] | None" = None
    started: float = 0.0
    start_at: float = 0.0
    pause: float = 0.0
    rest: bytes = b""  # of an unfinished line

    def start(self, environment: Mapping[str, str], folder: Path) -> None:
        parent = os.getpid()
        # The hook runs between fork and exec, which is safe: we have one thread.
        self.process = subprocess.Popen(  # noqa: S603 - our own commands
            self.command,
            env=dict(environment) | {PARENT_VARIABLE: str(parent)},
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=lambda: die_with_parent(parent),  # noqa: PLW1509
        )
        self.started = time.monotonic()

    def has_ended(self) -> bool:
        """Whether the process is there and dead; it is not reaped, so its number stays its own."""
        if self.process is None:
            return False
        flags = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return os.waitid(os.P_PID, self.process.pid, flags) is not None

    def signal(self, number: int) -> None:
        """Sends the signal to the process and, for KILL, to all of its group."""
        if self.process is None:
            return
        send = os.killpg if number == signal.SIGKILL else os.kill
        with contextlib.suppress(ProcessLookupError):
            send(self.process.pid, number)

    def reap(self) -> int:
        """The exit status; what the process started is killed, and the next start is set."""
        assert self.process is not None  # noqa: S101 - for the type checker: has_ended said so
        self.signal(signal.SIGKILL)
        status = self.process.wait()
        now = time.monotonic()
        if now - self.started >= STEADY_SECONDS:
            self.pause = 0.0
        self.start_at = now + self.pause
        self.pause = min(max(self.pause * 2, PAUSE_MIN), PAUSE_MAX)
        self.process = None
        return status


@dataclass(slots=True, kw_only=True)
class Supervisor:
    """Keeps the children running until a signal comes; see the module's text.

    `on_tick` is called about every `tick` seconds while all is well, until it returns True.
    """

    children: Sequence[Child]
    environment: Mapping[str, str]
    folder: Path
    say: Callable[[str, str], None]
    on_tick: Callable[[], bool] | None = None
    tick: float = 0.25
    _signals: int = 0
    _selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)

    def run(self) -> None:
        """Returns when a signal came and all children have ended."""
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        os.set_blocking(reader, False)
        previous = {number: signal.getsignal(number) for number in (*ENDING, signal.SIGCHLD)}
        for number in ENDING:
            signal.signal(number, self._count)
        # A handler is needed for the wake-up byte to be written.
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        self._selector.register(reader, selectors.EVENT_READ)
        try:
            self._keep_running()
            self._end_all()
        finally:
            self._kill_all()
            signal.set_wakeup_fd(-1)
            for number, handler in previous.items():
                signal.signal(number, handler)
            self._selector.close()
            os.close(reader)
            os.close(writer)

    def _count(self, *_: object) -> None:
        self._signals += 1

    def _keep_running(self) -> None:
        while not self._signals:
            now = time.monotonic()
            for child in self.children:
                if child.process is None and child.start_at <= now:
                    self._start(child)
            if self.on_tick is not None and self.on_tick():
                self.on_tick = None
            self._wait(self._pause(now))
            for child in self._ended():
                status = child.reap()
                self.say(child.name, f"ended ({_describe(status)}), starts again")

    def _start(self, child: Child) -> None:
        child.start(self.environment, self.folder)
        assert child.process is not None  # noqa: S101 - for the type checker
        assert child.process.stdout is not None  # noqa: S101
        os.set_blocking(child.process.stdout.fileno(), False)
        self._selector.register(child.process.stdout, selectors.EVENT_READ, child)
        self.say(child.name, f"started (process {child.process.pid})")

    def _pause(self, now: float) -> float | None:
        """How long to wait for events at most, in seconds; None is as long as it takes."""
        if self.on_tick is not None:
            return self.tick
        waiting = [child.start_at - now for child in self.children if child.process is None]
        return max(0.0, min(waiting)) if waiting else None

    def _wait(self, timeout: float | None) -> None:
        for key, _ in self._selector.select(timeout):
            if key.data is None:
                _drain(key.fd)
            else:
                self._relay(key.data, key.fileobj)  # type: ignore[arg-type]

    def _relay(self, child: Child, pipe: IO[bytes]) -> None:
        """Passes the child's whole lines on, under its name."""
        try:
            data = os.read(pipe.fileno(), 65536)
        except BlockingIOError:
            return
        if not data:
            self._selector.unregister(pipe)
            pipe.close()
        *lines, child.rest = (child.rest + data).split(b"\n")
        if (not data or len(child.rest) > 1_000_000) and child.rest:
            lines.append(child.rest)
            child.rest = b""
        for line in lines:
            self.say(child.name, line.decode(errors="replace"))

    def _ended(self) -> list[Child]:
        return [child for child in self.children if child.has_ended()]

    def _end_all(self) -> None:
        """TERM to all and a wait; a second signal or the end of the grace ends the wait."""
        asked, deadline = self._signals, time.monotonic() + GRACE_SECONDS
        for child in self.children:
            child.signal(signal.SIGTERM)
        while any(child.process for child in self.children):
            left = deadline - time.monotonic()
            if left <= 0 or self._signals > asked:
                return
            self._wait(left)
            for child in self._ended():
                child.reap()
                self.say(child.name, "ended")
        self._wait(0)  # what they said last

    def _kill_all(self) -> None:
        for child in self.children:
            if child.process is not None:
                child.signal(signal.SIGKILL)
                child.reap()


def _drain(descriptor: int) -> None:
    with contextlib.suppress(BlockingIOError):
        os.read(descriptor, 4096)


def _describe(status: int) -> str:
    return f"status {status}" if status >= 0 else signal.Signals(-status).name
