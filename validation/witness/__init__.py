"""A microscopic witness of the steady state that uses none of the formulas.

Two finite chains and the level, the decoupled initial state of the paper's Sec. II, and exact
propagation in time: `plateau` is what the junction settles to before the chains' ends answer,
`charging` the way there, `bound_states` what never forgets how it began.
May import: numpy, scipy, xarray, validation.errors, validation.exact; never qbnum, qbsym, the
reference, or anything that knows a Green function.
"""

from validation.witness.bound import BoundState, Oscillation, bound_states
from validation.witness.judgement import Agreement, agreements
from validation.witness.steady import OBSERVABLES, Plateau, plateau
from validation.witness.transient import (
    VARIABLES,
    charging,
    charging_times,
    equilibrium_number,
    half_time,
)

__all__ = [
    "OBSERVABLES",
    "VARIABLES",
    "Agreement",
    "BoundState",
    "Oscillation",
    "Plateau",
    "agreements",
    "bound_states",
    "charging",
    "charging_times",
    "equilibrium_number",
    "half_time",
    "plateau",
]
