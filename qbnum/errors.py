"""The errors that qbnum raises.

Each message says what was given, what is allowed, and what to do.
"""

__all__ = [
    "BoundStateError",
    "ConvergenceError",
    "MissingDependencyError",
    "ParameterError",
    "QbnumError",
    "ShapeError",
    "WorkerDiedError",
]


class QbnumError(Exception):
    """Base of every error that qbnum raises on purpose."""


class ParameterError(QbnumError, ValueError):
    """A parameter is of the wrong type or outside its domain."""


class ShapeError(ParameterError):
    """Parameter arrays do not broadcast against each other."""


class BoundStateError(QbnumError, ValueError):
    """An observable needs the occupation of a bound state, which the steady state does not fix."""


class ConvergenceError(QbnumError, ArithmeticError):
    """A quadrature did not reach the accuracy below which qbnum refuses to answer."""


class MissingDependencyError(QbnumError, ImportError):
    """An optional dependency is not installed."""


class WorkerDiedError(QbnumError, RuntimeError):
    """A worker process of a sweep died; blocks that were finished in a file are kept."""
