"""Which of several candidate theories the witness agrees with, and in how many digits.

The candidates' numbers come from the caller: the witness knows none of the formulas.
May import: validation.errors, validation.witness.steady.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from validation.errors import UnknownNameError
from validation.witness.steady import OBSERVABLES, Plateau

__all__ = ["Agreement", "agreements"]


@dataclass(frozen=True)
class Agreement:
    """One number of one candidate beside the witness's.

    Attributes
    ----------
    candidate, observable : str
    value, witness : float
    error : float
        The witness's estimated error.
    digits : float
        -log10 of the difference relative to the witness's value; infinite where equal.
    agrees : bool
        Whether the difference is within the error.
    """

    candidate: str
    observable: str
    value: float
    witness: float
    error: float
    digits: float
    agrees: bool


def agreements(
    plateau: Plateau, candidates: Mapping[str, Mapping[str, float]]
) -> tuple[Agreement, ...]:
    """Return the comparison of each candidate's values with the plateau.

    Parameters
    ----------
    plateau : Plateau
    candidates : mapping
        Name of a theory to its values by the names of `validation.witness.OBSERVABLES`.

    Raises
    ------
    UnknownNameError
        A value's name is none of them.
    """
    found = []
    for candidate, values in candidates.items():
        for name, value in values.items():
            if name not in OBSERVABLES:
                raise UnknownNameError(
                    f"a plateau has no {name!r}; there are {', '.join(OBSERVABLES)}"
                )
            witness, error = getattr(plateau, name), plateau.error_estimate[name]
            gap = abs(value - witness)
            size = abs(witness) or 1.0
            digits = math.inf if gap == 0 else max(0.0, -math.log10(gap / size))
            found.append(Agreement(candidate, name, value, witness, error, digits, gap <= error))
    return tuple(found)
