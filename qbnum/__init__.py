"""Fast double-precision observables of a level between two tight-binding reservoirs."""

from qbnum.errors import BoundStateError, ConvergenceError, ParameterError, QbnumError, ShapeError
from qbnum.model import Junction, Lead

__all__ = [
    "BoundStateError",
    "ConvergenceError",
    "Junction",
    "Lead",
    "ParameterError",
    "QbnumError",
    "ShapeError",
]
