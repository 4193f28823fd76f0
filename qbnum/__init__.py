"""Fast double-precision observables of a level between two tight-binding reservoirs.

The model is the "quantum battery" of the paper: one electron level coupled to two semi-infinite
chains, in its steady state. Units: hbar = e = k_B = 1, energies in one unit of your choice.

>>> import qbnum
>>> j = qbnum.Junction.symmetric(level=0.4, coupling=0.12, bias=0.5)
>>> s = qbnum.steady_state(j)
>>> round(s.exergy, 12), s.error_estimate["exergy"] < 1e-12
(0.69673723304, True)

This package imports NumPy and SciPy only: it is one of the routes that the cross-validation holds
against each other, and shares no code with the reference.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from qbnum.bound import BOUND_STATE_POSITIONS, BoundStates, bound_states
from qbnum.errors import (
    BoundStateError,
    ConvergenceError,
    MissingDependencyError,
    ParameterError,
    QbnumError,
    ShapeError,
    WorkerDiedError,
)
from qbnum.gradients import Gradients, gradients
from qbnum.model import Junction, Lead
from qbnum.observables import OBSERVABLES, Observable
from qbnum.spectral import (
    broadening,
    green_retarded,
    occupation,
    self_energy,
    spectral_function,
    transmission,
)
from qbnum.steady_state import SteadyState, steady_state

if TYPE_CHECKING:
    from qbnum.optimize import Optimum, maximize, minimize
    from qbnum.sweeps import sweep, sweep_to_file

__all__ = [
    "BOUND_STATE_POSITIONS",
    "OBSERVABLES",
    "BoundStateError",
    "BoundStates",
    "ConvergenceError",
    "Gradients",
    "Junction",
    "Lead",
    "MissingDependencyError",
    "Observable",
    "Optimum",
    "ParameterError",
    "QbnumError",
    "ShapeError",
    "SteadyState",
    "WorkerDiedError",
    "bound_states",
    "broadening",
    "gradients",
    "green_retarded",
    "maximize",
    "minimize",
    "occupation",
    "self_energy",
    "spectral_function",
    "steady_state",
    "sweep",
    "sweep_to_file",
    "transmission",
]


_LATE = {
    "Optimum": "qbnum.optimize",
    "maximize": "qbnum.optimize",
    "minimize": "qbnum.optimize",
    "sweep": "qbnum.sweeps",
    "sweep_to_file": "qbnum.sweeps",
}
"""What is imported only when it is asked for, since it needs xarray or more."""


def __getattr__(name: str) -> Any:
    if name in _LATE:
        return getattr(import_module(_LATE[name]), name)
    raise AttributeError(f"module 'qbnum' has no attribute {name!r}")
