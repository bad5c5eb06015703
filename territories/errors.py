"""The errors of this package.

TerritoriesError
└── UnauditedWrite      a configuration write that would leave no trace in history
"""


class TerritoriesError(Exception):
    """Any error of this package."""


class UnauditedWrite(TerritoriesError):
    """A configuration write was refused before it happened; the text says what to do instead."""
