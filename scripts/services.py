"""Runs a command with PostgreSQL and Redis: given by URL, else thrown up for the run.

    python scripts/services.py [--optional] COMMAND ...

DATABASE_URL and BROKER_URL of the environment are used where set (a PostgreSQL one, a Redis one).
For the others a server is started from the binaries installed here, on a free port of loopback,
in a folder that is removed at the end. With --optional a missing server is left out, else it is
an error (status 3). The status is the command's.
"""

import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

START_SECONDS = 60


class Missing(Exception):
    """The binaries of a server are not installed."""


def main() -> int:
    arguments = sys.argv[1:]
    optional = arguments[:1] == ["--optional"]
    command = arguments[1:] if optional else arguments
    # An end by TERM must pass through the clean-up like any other.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with ExitStack() as stack:
        environment = dict(os.environ)
        for variable, schemes, server in (
            ("DATABASE_URL", ("postgres:", "postgresql:"), postgresql),
            ("BROKER_URL", ("redis:", "rediss:"), redis),
        ):
            if environment.get(variable, "").startswith(schemes):
                continue
            try:
                environment[variable] = stack.enter_context(server())
            except Missing as why:
                print(f"{server.__name__}: {why}", file=sys.stderr)
                if not optional:
                    return 3
        return subprocess.run(command, env=environment, check=False).returncode


@contextmanager
def postgresql() -> Iterator[str]:
    """The URL of a new PostgreSQL server; durability is off, since nothing outlives the run."""
    binaries = _postgresql_binaries()
    account = _account()
    with _folder(account) as folder:
        data = folder / "data"
        subprocess.run(
            [
                binaries / "initdb",
                *("-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale"),
                "--no-sync",
            ],
            **_as(account),
            check=True,
            stdout=subprocess.DEVNULL,
        )
        port = _free_port()
        options = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "max_connections": "200",
        }
        settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        ready = [binaries / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]
        with _server(
            [binaries / "postgres", "-D", data, "-p", str(port), *settings],
            folder,
            account,
            end=signal.SIGINT,  # the fast shutdown: clients are disconnected
            is_ready=lambda: subprocess.run(ready, check=False).returncode == 0,
        ):
            yield f"postgres://postgres@127.0.0.1:{port}/postgres"


@contextmanager
def redis() -> Iterator[str]:
    """The URL of a new Redis server that keeps nothing on disk."""
    binary = shutil.which("redis-server")
    if binary is None:
        raise Missing("redis-server is not installed")
    account = _account()
    port = _free_port()
    with (
        _folder(account) as folder,
        _server(
            [
                binary,
                *("--port", str(port), "--bind", "127.0.0.1", "--dir", folder),
                *("--save", "", "--appendonly", "no"),
            ],
            folder,
            account,
            end=signal.SIGTERM,
            is_ready=lambda: _redis_answers(port),
        ),
    ):
        yield f"redis://127.0.0.1:{port}/0"


def _postgresql_binaries() -> Path:
    """The folder with the newest PostgreSQL's binaries."""
    folders = [folder for folder in Path("/usr/lib/postgresql").glob("*/bin") if _has_all(folder)]
    if on_path := shutil.which("initdb"):
        folders.append(Path(on_path).resolve().parent)
    if not folders:
        raise Missing("PostgreSQL's initdb is not installed")
    return max(folders, key=lambda folder: [int(s) for s in folder.parts if s.isdigit()])


def _has_all(folder: Path) -> bool:
    return all((folder / name).exists() for name in ("initdb", "postgres", "pg_isready"))


def _account() -> pwd.struct_passwd | None:
    """Who runs the servers: PostgreSQL refuses to run as root. None is ourselves."""
    if os.getuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise Missing("there is no account but root to run it")


def _as(account: pwd.struct_passwd | None) -> dict[str, object]:
    if account is None:
        return {}
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


@contextmanager
def _folder(account: pwd.struct_passwd | None) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="routing-service-"))
    try:
        if account is not None:
            os.chown(folder, account.pw_uid, account.pw_gid)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _server(
    command: list[str | Path],
    folder: Path,
    account: pwd.struct_passwd | None,
    *,
    end: signal.Signals,
    is_ready: Callable[[], bool],
) -> Iterator[None]:
    log = folder / "log"
    libc = ctypes.CDLL(None)
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            **_as(account),
            cwd=folder,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # a Ctrl-C reaches us alone, and we end it
            preexec_fn=lambda: libc.prctl(1, signal.SIGQUIT),  # PR_SET_PDEATHSIG
        )
    try:
        deadline = time.monotonic() + START_SECONDS
        while not is_ready():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{command[0]} did not start:\n{log.read_text()}")
            time.sleep(0.1)
        yield
    finally:
        process.send_signal(end)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _redis_answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(main())
