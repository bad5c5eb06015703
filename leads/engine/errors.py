"""The engine's errors.

    EngineError
    ├── BrokenCondition     a condition tree that never passed `conditions.check`
    ├── BrokenRecord        a recorded state that cannot be read back
    ├── NoOpenTime          a calendar that does not open within two years
    └── UnknownPool         a pool that the configuration does not have

"Nobody is available" is a Decision, not an error.
"""


class EngineError(Exception):
    """Any fault of the caller's input; the text says which."""


class BrokenCondition(EngineError):
    """A condition tree that never passed `conditions.check`."""


class BrokenRecord(EngineError):
    """A recorded state that cannot be read back."""


class NoOpenTime(EngineError):
    """A calendar that does not open within two years."""


class UnknownPool(EngineError):
    """A pool that the configuration does not have."""
