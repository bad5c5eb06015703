"""The command of the web server: what `up` starts, and what the benchmarks measure."""

import sys


def web_command(*, host: str, port: int, workers: int, threads: int) -> list[str]:
    """granian with `workers` processes of `threads` threads each, run by this Python."""
    return [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws"),
        *("--host", host, "--port", str(port), "--log-level", "error"),
        *("--workers", str(workers), "--blocking-threads", str(threads)),
        # One that dies is replaced while the others go on serving.
        *("--respawn-failed-workers", "--respawn-interval", "1"),
        "routing_admin.wsgi:application",
    ]
