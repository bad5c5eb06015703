"""The supervisor, run as a program of its own with small children."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from .processes import Program, is_alive, running, wait_until_dead

SUPERVISOR = """
import os, sys
from pathlib import Path
from routing_admin import processes
processes.GRACE_SECONDS = 1.0
processes.Supervisor(
    children=[
        processes.Child(name=name, command=[sys.executable, "-u", "-c", code])
        for name, code in zip(sys.argv[1::2], sys.argv[2::2])
    ],
    environment=os.environ,
    folder=Path.cwd(),
    say=lambda name, line: print(f"{name} | {line}", flush=True),
).run()
print("finished", flush=True)
"""
STEADY = "import signal; print('here'); signal.pause()"
STUBBORN = (
    "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('here')\n"
    "while True: signal.pause()"
)
WITH_GRANDCHILD = (
    "import subprocess, sys, signal\n"
    "child = subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()'])\n"
    "print('grandchild', child.pid); signal.pause()"
)


@contextmanager
def supervised(*named: str, **options: bool) -> Iterator[Program]:
    with running([sys.executable, "-c", SUPERVISOR, *named], os.environ, **options) as program:
        yield program


def test_output_is_passed_on_by_line_under_the_childs_name() -> None:
    code = "import sys, signal; sys.stdout.write('one\\ntw'); print('o'); signal.pause()"
    with supervised("a", code) as program:
        program.wait_for(lambda line: line == "a | two")

        assert "a | one" in program.lines


def test_a_killed_child_is_started_again() -> None:
    with supervised("a", STEADY, "b", STEADY) as program:
        first = program.wait_for_process("a")
        other = program.wait_for_process("b")
        program.wait_for(lambda line: line == "a | here")

        os.kill(first, signal.SIGKILL)

        program.wait_for(lambda line: line == "a | ended (SIGKILL), starts again")
        second = program.wait_for_process("a")
        assert second != first
        assert is_alive(other)


def test_a_child_that_ends_at_once_is_given_growing_pauses() -> None:
    with supervised("a", "raise SystemExit(3)") as program:
        for _ in range(3):
            program.wait_for(lambda line: line == "a | ended (status 3), starts again")

        # At once, then after half a second and a second: the third start is still to come.
        starts = [line for line in program.lines if "started" in line]
        assert len(starts) == 3


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_all_children_also_where_the_shell_ignored_interrupts(
    number: signal.Signals,
) -> None:
    with supervised("a", STEADY, "b", STEADY, ignore_interrupts=True) as program:
        children = [program.wait_for_process("a"), program.wait_for_process("b")]
        program.wait_for(lambda line: line.endswith("here"))

        assert program.end(number) == 0
        assert not any(is_alive(child) for child in children)


def test_a_child_that_ignores_the_end_is_killed_after_the_grace() -> None:
    with supervised("a", STUBBORN) as program:
        child = program.wait_for_process("a")
        program.wait_for(lambda line: line == "a | here")

        assert program.end(signal.SIGTERM) == 0
        assert not is_alive(child)


def test_what_a_dead_child_leaves_behind_is_killed() -> None:
    with supervised("a", WITH_GRANDCHILD) as program:
        child = program.wait_for_process("a")
        grandchild = int(program.wait_for(lambda line: "grandchild" in line).split()[-1])

        os.kill(child, signal.SIGKILL)

        wait_until_dead(grandchild)
        program.wait_for_process("a")


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel of Linux does this")
def test_children_die_with_a_supervisor_that_is_killed() -> None:
    with supervised("a", STEADY, "b", STUBBORN) as program:
        children = [program.wait_for_process("a"), program.wait_for_process("b")]
        program.wait_for(lambda line: line == "b | here")

        program.end(signal.SIGKILL)

        for child in children:
            wait_until_dead(child)
