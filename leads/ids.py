"""UUIDs of version 7 (RFC 9562): ordered by the instant they stand for, so an id is also a cursor."""

import os
import threading
from datetime import datetime
from uuid import UUID

_lock = threading.Lock()
_last = 0


def uuid7(at: datetime) -> UUID:
    """A UUID of version 7 for an aware instant; later calls for one millisecond sort later.

    The 12 bits after the millisecond count calls within it (RFC 9562, section 6.2, method 1);
    a full counter borrows from the next millisecond rather than repeat."""
    global _last
    tick = int(at.timestamp() * 1000) << 12
    with _lock:
        if tick >> 12 == _last >> 12:
            tick = _last + 1
        _last = tick
    tail = int.from_bytes(os.urandom(8)) & 0x3FFF_FFFF_FFFF_FFFF
    milliseconds, counter = tick >> 12, tick & 0xFFF
    return UUID(int=milliseconds << 80 | 0x7 << 76 | counter << 64 | 0x2 << 62 | tail)
