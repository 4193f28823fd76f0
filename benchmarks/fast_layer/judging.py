"""Every route against the certified reference: error of each observable, false claims.

May import: validation, benchmarks.fast_layer.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import qbnum
import validation
from validation.metrics import SIGN_CHANGING, compare

from .engines import Engine
from .routes import Outcome
from .textbook import combined

__all__ = ["DIGITS", "FALSE", "Judged", "judge", "of_engine", "of_outcome", "right_values"]

DIGITS = 20
FALSE = 1e-10
"""An integral whose route claims success is wrong in silence if it is wrong by more than this,
a thousand times the tolerance it claims."""


@dataclass
class Judged:
    """What a route got wrong, over the sample of a regime.

    Attributes
    ----------
    errors : dict of str to float
        Worst error of each observable: relative, for E, I, J and the heat currents near their
        zeros relative to the integral of abs(integrand). Infinite where there is no number.
    claimed, silent, answered : int
        Integrals for which success is claimed; those of them wrong by more than `FALSE`; all.
    """

    errors: dict[str, float] = field(default_factory=dict)
    claimed: int = 0
    silent: int = 0
    answered: int = 0

    @property
    def worst(self) -> float:
        """The largest error of all observables."""
        return max(self.errors.values(), default=math.nan)

    def add(self, errors: Mapping[str, float], claims: Mapping[str, bool]) -> None:
        """Take in one junction."""
        for name, error in errors.items():
            self.errors[name] = max(error, self.errors.get(name, 0.0))
        for name, claim in claims.items():
            if name in errors:
                self.answered += 1
                self.claimed += claim
                self.silent += claim and errors[name] > FALSE


def right_values(junction: qbnum.Junction) -> validation.Reference:
    """Return the certified reference of the band parts."""
    return validation.reference(junction, DIGITS, bound_states="exclude")


def judge(values: Mapping[str, float], reference: validation.Reference) -> dict[str, float]:
    """Return the error of each observable that the reference has."""
    errors = {}
    for name in reference:
        if name in values:
            found = compare(values[name], reference[name], sign_changing=name in SIGN_CHANGING)
            errors[name] = found.judged
    return errors


def of_outcome(outcome: Outcome, p: Mapping[str, float]) -> dict[str, float]:
    """Return the observables that a route's integrals make."""
    return combined(outcome.integrals, p)


def of_engine(engine: Engine, junction: qbnum.Junction) -> dict[str, float]:
    """Return the observables of a single junction by qbnum; NaN if it refuses."""
    try:
        state = engine.solve(junction)
    except qbnum.ConvergenceError:
        return dict.fromkeys(qbnum.OBSERVABLES, math.nan)
    return {name: float(getattr(state, name)) for name in state.available}
