"""What can be wrong with a file or its map, beside single rows (those are refused one by one).

ValueError
├── FileFault      the file cannot be read as what it claims to be; names file and line
└── MapFault       the map cannot be taken: every fault of it, with its place
"""

from collections.abc import Sequence


class FileFault(ValueError):
    """The file as a whole cannot be read; the text names it, and the line where one is known."""


class MapFault(ValueError):
    """The map is refused; `faults` are sentences that begin with their place."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = tuple(faults)
