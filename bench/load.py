"""The client of the HTTP benchmarks: `python -m bench.load`, one process, one thread, many kept
connections.

It reads `{"port", "path", "key", "connections", "bodies": [...]}` and sends each body once, the
next as soon as a connection is free. It prints `{"seconds", "statuses": {...}, "median_ms",
"p90_ms"}`. Requests are made before the clock starts.
"""

import json
import selectors
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


@dataclass(slots=True)
class Line:
    """One connection and the request it waits for."""

    socket: socket.socket
    started: float = 0.0
    received: bytes = b""


@dataclass(slots=True)
class Run:
    """The requests that are left and what came of the others."""

    requests: list[bytes]
    selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    statuses: Counter[int] = field(default_factory=Counter)
    milliseconds: list[float] = field(default_factory=list)

    def send(self, line: Line) -> None:
        """Send the next request, or end the connection."""
        if not self.requests:
            self.selector.unregister(line.socket)
            line.socket.close()
            return
        line.received, line.started = b"", time.perf_counter()
        line.socket.sendall(self.requests.pop())

    def receive(self, line: Line) -> None:
        """Take what came; when the answer is whole, note it and go on."""
        data = line.socket.recv(65536)
        if not data:
            raise ConnectionError("the server ended a connection")
        line.received += data
        head, found, body = line.received.partition(b"\r\n\r\n")
        if not found or len(body) < _length(head):
            return
        self.milliseconds.append((time.perf_counter() - line.started) * 1000)
        self.statuses[int(head[9:12])] += 1
        self.send(line)


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    raise ValueError("an answer without Content-Length")


def request(port: int, path: str, key: str, body: bytes) -> bytes:
    """One POST as bytes."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def main() -> None:
    """Run the load that standard input describes."""
    told = json.loads(sys.stdin.read())
    made = [
        request(told["port"], told["path"], told["key"], json.dumps(body).encode())
        for body in told["bodies"]
    ]
    run = Run(requests=made[::-1])
    lines = [
        Line(socket.create_connection(("127.0.0.1", told["port"])))
        for _ in range(told["connections"])
    ]
    started = time.perf_counter()
    for line in lines:
        run.selector.register(line.socket, selectors.EVENT_READ, line)
        run.send(line)
    while run.selector.get_map():
        for key, _ in run.selector.select(timeout=60):
            run.receive(key.data)
    seconds = time.perf_counter() - started
    times = run.milliseconds
    answer = {
        "seconds": seconds,
        "statuses": run.statuses,
        "median_ms": median(times),
        "p90_ms": quantiles(times, n=10)[-1],
    }
    print(json.dumps(answer))


def post_all(
    port: int, path: str, bodies: Sequence[Any], *, key: str = "", connections: int = 16
) -> dict[str, Any]:
    """What the client reports of sending each body once; any answer but 2xx is an error."""
    told = {
        "port": port, "path": path, "key": key, "connections": connections, "bodies": bodies,
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "bench.load"],
        cwd=ROOT,
        input=json.dumps(told),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    report: dict[str, Any] = json.loads(done.stdout)
    if any(not status.startswith("2") for status in report["statuses"]):
        raise RuntimeError(f"{path} answered {report['statuses']}")
    return report


if __name__ == "__main__":
    main()
