"""UUIDs of version 7 (RFC 9562): ordered by their instant, so an id is also a cursor."""

import os
import threading
from datetime import datetime
from uuid import UUID

#: How far instants that are given may lie behind each other in one process and still be put in
#: the order of the calls: more than a batch or a wait for a lock takes. In ticks of 1/4096 ms.
ORDERED_TICKS = 10_000 << 12

_lock = threading.Lock()
_last = 0


def uuid7(at: datetime, *, after: UUID | None = None) -> UUID:
    """A UUID of version 7 for an aware instant; sorts later than `after` and than those of earlier
    calls in this process for about the same instant.

    The 12 bits after the millisecond count calls within it (RFC 9562, section 6.2, method 1);
    a full counter borrows from the next millisecond rather than repeat."""
    global _last  # noqa: PLW0603 - one clock a process is the point
    tick = int(at.timestamp() * 1000) << 12
    with _lock:
        if tick <= _last < tick + ORDERED_TICKS:
            tick = _last + 1
        if after is not None:
            tick = max(tick, _tick_of(after) + 1)
        _last = tick
    tail = int.from_bytes(os.urandom(8)) & 0x3FFF_FFFF_FFFF_FFFF
    milliseconds, counter = tick >> 12, tick & 0xFFF
    return UUID(int=milliseconds << 80 | 0x7 << 76 | counter << 64 | 0x2 << 62 | tail)


def _tick_of(one: UUID) -> int:
    return (one.int >> 80) << 12 | (one.int >> 64) & 0xFFF
