"""The embedded broker: a queue of messages in a folder of this machine.

Kombu's filesystem transport opens a message under its final name and writes then: a reader that
is quicker meets half a message and dies. Here every file appears whole:

* a message or a binding table is written aside and renamed into place;
* a message is claimed by renaming it out of the queue, which succeeds for one reader only;
* binding tables change under a lock file, as their own file is replaced at each change.

Delivery is at most once: a reader that is killed between claim and answer loses the message. The
database says what is to be done, and the scheduler wakes the work again.

Options: `folder`, where all of it lies; it is made when it is not there.
"""

import fcntl
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty
from typing import Any

import structlog
from kombu.exceptions import ChannelError
from kombu.transport import filesystem, virtual
from kombu.utils.encoding import bytes_to_str, str_to_bytes
from kombu.utils.json import dumps, loads
from kombu.utils.objects import cached_property

log = structlog.get_logger("broker")

#: Files that a killed process left aside are removed after this time.
STALE_SECONDS = 3600


class Channel(filesystem.Channel):
    """A channel whose files appear and disappear whole."""

    @cached_property
    def folder(self) -> Path:
        folder = Path(self.transport_options["folder"])
        for part in ("messages", "aside", "control"):
            (folder / part).mkdir(parents=True, exist_ok=True, mode=0o700)
        _remove_stale(folder / "aside")
        return folder

    @cached_property
    def data_folder_in(self) -> str:
        return str(self.folder / "messages")

    @cached_property
    def data_folder_out(self) -> str:
        return self.data_folder_in

    @property
    def control_folder(self) -> Path:
        return self.folder / "control"

    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:  # type: ignore[override]
        # Nanoseconds of the wall clock, of one width until 2286: the order of names is the
        # order of arrival, also over a restart of the machine.
        name = f"{time.time_ns():019d}_{uuid.uuid4().hex}.{queue}.msg"
        self._write(Path(self.data_folder_in, name), payload)

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        for name in sorted(self._names(queue)):
            claimed = self.folder / "aside" / name
            try:
                Path(self.data_folder_in, name).rename(claimed)
            except FileNotFoundError:  # another reader was quicker
                continue
            try:
                return loads(bytes_to_str(claimed.read_bytes()))
            except ValueError:  # a power failure may leave an empty file under a whole name
                log.warning("unreadable message dropped", queue=queue)
            finally:
                claimed.unlink()
        raise Empty

    def _names(self, queue: str) -> Iterator[str]:
        for path in Path(self.data_folder_in).iterdir():
            if path.name.partition(".")[2] == f"{queue}.msg":
                yield path.name

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str, queue: str) -> None:
        row = filesystem.exchange_queue_t(routing_key or "", pattern or "", queue or "")
        with self._locked_tables():
            rows = self.get_table(exchange)
            if row not in rows:
                self._write(self._exchange_file(exchange), [row, *rows])

    def _delete(
        self, queue: str, exchange: str, routing_key: str, pattern: str, *args: Any, **kwargs: Any
    ) -> None:
        # The virtual channel's, not the filesystem's: that one writes tables in place.
        super(filesystem.Channel, self)._delete(queue, exchange, routing_key, pattern)
        row = filesystem.exchange_queue_t(routing_key or "", pattern or "", queue or "")
        with self._locked_tables():
            rows = self.get_table(exchange)
            if row in rows:
                self._write(
                    self._exchange_file(exchange), [other for other in rows if other != row]
                )

    @contextmanager
    def _locked_tables(self) -> Iterator[None]:
        with (self.folder / "lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # released when the file closes, also by a kill
            yield

    def _write(self, path: Path, content: Any) -> None:
        aside = self.folder / "aside" / uuid.uuid4().hex
        try:
            aside.write_bytes(str_to_bytes(dumps(content)))
            aside.replace(path)
        except OSError as fault:
            aside.unlink(missing_ok=True)
            raise ChannelError(f"The embedded broker cannot write: {fault}") from fault


def _remove_stale(folder: Path) -> None:
    """Removes what processes that were killed had written aside or claimed."""
    oldest = time.time() - STALE_SECONDS
    for path in folder.iterdir():
        try:
            if path.stat().st_mtime < oldest:
                path.unlink()
        except FileNotFoundError:  # another process cleans up too
            continue


class Transport(filesystem.Transport):
    """`embedded://`, registered in `routing_admin.celery`."""

    Channel = Channel
    driver_type = driver_name = "embedded"

    def __init__(self, client: Any, **kwargs: Any) -> None:
        super().__init__(client, **kwargs)
        # Known bindings are a connection's, not the process's: a new connection writes them
        # again, so that a folder that was emptied or is another one comes right.
        self.state = virtual.BrokerState()
