"""What can go wrong with a lead, beside routing (which always ends with an owner or a queue).

LeadsError
├── InvalidLead          the body cannot be taken: every fault of it, at once (400)
├── NotFound             no such row, or none that the caller may see (404)
├── Gone                 it was there and its time is over: a used or expired link (410)
├── Conflict             the row stands in a state that forbids the change (409)
├── StaleConfiguration   decided on an older revision than the newest; to be retried
└── Busy                 locks could not be had after the allowed retries (503)
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of a body. `pointer` is RFC 6901 within the body ("" is the whole of it),
    `code` a word for programs, `detail` a sentence for people."""

    pointer: str
    code: str
    detail: str


class LeadsError(Exception):
    """Any failure of the leads package that a caller may act on."""


class InvalidLead(LeadsError):
    """A body that is refused; `faults` holds at least one fault, in the order of the body."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(f"{fault.pointer}: {fault.detail}" for fault in faults))
        self.faults: tuple[Fault, ...] = tuple(faults)


class NotFound(LeadsError):
    """The row does not exist, or the caller may not see it."""


class Gone(LeadsError):
    """What was there and is over: a link that was used or has expired."""


class Conflict(LeadsError):
    """The change does not fit the row's present state; `detail` says why."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class StaleConfiguration(LeadsError):
    """A newer revision was committed while the decision was being made."""


class Busy(LeadsError):
    """The database's locks could not be had within the allowed retries."""
