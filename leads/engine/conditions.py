"""Condition trees (semantics 3)."""

from .checks import Problem, check

__all__ = ["Problem", "check"]
