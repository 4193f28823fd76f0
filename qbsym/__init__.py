"""SymPy derives the closed forms of the model: what is true, each with its equation number.

Everything is derived when first asked for and kept. Imports neither qbnum nor validation.
"""

from qbsym import export, functions, limits, matsubara, symbols
from qbsym.callables import BACKENDS, CompiledFunction, integrands, lambdify
from qbsym.catalogue import derivation, derivations
from qbsym.errors import (
    FloatAtomError,
    NotDerivedError,
    ParameterError,
    QbsymError,
    UnknownNameError,
)
from qbsym.greens import (
    REGIONS,
    broadening,
    fermi,
    green_retarded,
    occupation,
    self_energy,
    spectral_function,
    surface_green,
    transmission,
)
from qbsym.matsubara import closed_form
from qbsym.observables import AUXILIARY, INTEGRALS, OBSERVABLES, Observable, observable
from qbsym.periodic import PARITY, periodic_integrand, periodic_integrands
from qbsym.poles import BoundState, bound_state, pole_polynomial, rational_green
from qbsym.printed import (
    printed_self_energy,
    printed_spectral_function,
    printed_transmission,
)
from qbsym.proofs import Derivation, Step, StepResult

__all__ = [
    "AUXILIARY",
    "BACKENDS",
    "INTEGRALS",
    "OBSERVABLES",
    "PARITY",
    "REGIONS",
    "BoundState",
    "CompiledFunction",
    "Derivation",
    "FloatAtomError",
    "NotDerivedError",
    "Observable",
    "ParameterError",
    "QbsymError",
    "Step",
    "StepResult",
    "UnknownNameError",
    "bound_state",
    "broadening",
    "closed_form",
    "derivation",
    "derivations",
    "export",
    "fermi",
    "functions",
    "green_retarded",
    "integrands",
    "lambdify",
    "limits",
    "matsubara",
    "observable",
    "occupation",
    "periodic_integrand",
    "periodic_integrands",
    "pole_polynomial",
    "printed_self_energy",
    "printed_spectral_function",
    "printed_transmission",
    "rational_green",
    "self_energy",
    "spectral_function",
    "surface_green",
    "symbols",
    "transmission",
]
