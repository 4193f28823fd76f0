"""Bound states: real poles of G^r outside the bands. May import: numpy, private modules."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from qbnum._checks import refuse_unless, require_memory
from qbnum._geometry import Points, bound_nodes, segments
from qbnum.errors import ConvergenceError
from qbnum.model import Junction

BYTES_PER_POINT = 800
"""What a junction takes at the most, measured at 1e5 and 2e5 of them."""

__all__ = ["BOUND_STATE_POSITIONS", "BoundStates", "bound_states"]

BOUND_STATE_POSITIONS = ("below", "between", "above")
"""Where a bound state can lie: below all bands, between two disjoint ones, above all."""


@dataclass(frozen=True, eq=False)
class BoundStates:
    """Bound states of a junction, at most three.

    Attributes
    ----------
    energy, weight : masked arrays of the junction's shape + (3,)
        omega_b and Z_b = 1/(1 - Sigma'(omega_b)), masked where there is none. The last axis is
        `BOUND_STATE_POSITIONS`: below all bands, between two disjoint bands, above all bands. The
        isolated level (both couplings zero) counts as "between".
    """

    energy: Any
    weight: Any

    @property
    def count(self) -> Any:
        """How many there are, of the junction's shape."""
        return self.energy.count(axis=-1)

    @property
    def total_weight(self) -> Any:
        """The sum of the weights, what the band part of A lacks to 1."""
        return self.weight.filled(0.0).sum(axis=-1)


def bound_states(junction: Junction) -> BoundStates:
    """Return the energies and weights of the real poles of G^r outside the bands.

    For equal leads one lies above the band when level - onsite > 2 (h - v^2/h), one below when it
    is < -2 (h - v^2/h). F = 1/G^r increases strictly outside the bands, so no state is missed.

    Parameters
    ----------
    junction : Junction
        One junction or arrays that broadcast.

    Returns
    -------
    BoundStates

    Raises
    ------
    ParameterError
        ``junction`` is not a Junction, or more of them than memory holds.
    ConvergenceError
        Energies so far apart that doubles do not hold the states.
    """
    refuse_unless(Junction, "junction", junction)
    require_memory(math.prod(junction.shape), BYTES_PER_POINT, "give fewer")
    points = Points.of(junction)
    with np.errstate(all="ignore"):
        low, high = points.edges()
        _refuse(~np.isfinite(points.kappa + low.value() + high.value()).all(axis=0))
        nodes = bound_nodes(points, segments(points))
        energy = nodes.energy.value() / points.scale[:, None]
        _refuse((nodes.present & ~np.isfinite(energy + nodes.weight)).any(axis=1))
    shape = (*junction.shape, len(BOUND_STATE_POSITIONS))
    return BoundStates(
        np.ma.MaskedArray(energy.reshape(shape), mask=~nodes.present.reshape(shape)),
        np.ma.MaskedArray(nodes.weight.reshape(shape), mask=~nodes.present.reshape(shape)),
    )


def _refuse(lost: Any) -> None:
    if lost.any():
        raise ConvergenceError(
            f"the bound states of {int(lost.sum())} of {lost.size} junctions leave the range of "
            "doubles; give energies that are nearer to the hoppings"
        )
