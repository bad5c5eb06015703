"""Web servers started with the command of `manage.py up`, without worker and scheduler."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from routing_admin.servers import web_command

from .children import ROOT, environment

START_SECONDS = 60


@contextmanager
def server(database: str, *, workers: int = 1, **more: str) -> Iterator[int]:
    """The port of a web server on a database; `more` goes into its environment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    surroundings = environment(database, PORT=str(port), **more)
    process = subprocess.Popen(
        web_command(host="127.0.0.1", port=port, workers=workers, threads=8),
        cwd=ROOT,
        env=surroundings,
        start_new_session=True,
    )
    try:
        _wait_until_ready(process, port)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait_until_ready(process: "subprocess.Popen[bytes]", port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the web server did not start")


def memory_mib(port: int) -> float:
    """The largest resident memory, in MiB, of the web processes that listen on a port's server."""
    sizes = [
        int(line.split()[1]) / 1024
        for pid in _serving(port)
        for line in Path(f"/proc/{pid}/status").read_text().splitlines()
        if line.startswith("VmHWM")
    ]
    return max(sizes)


def _serving(port: int) -> list[str]:
    wanted = f"\0--port\0{port}\0".encode()
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if wanted in path.read_bytes():
                found.append(path.parent.name)
        except OSError:
            continue
    return found
