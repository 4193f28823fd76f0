"""What the integration hands on: integrals, fillings and gaps of a chunk of junctions.

May import: numpy, private modules.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from qbnum import _statistics as st
from qbnum._geometry import BoundNodes, Points

Array: TypeAlias = NDArray[np.float64]
Index: TypeAlias = NDArray[np.intp]

RESULTS = (
    "spectral_weight",
    "particle_number",
    "hole_number",
    "energy",
    "entropy",
    "exergy",
    "charge_current",
    "energy_current",
    "heat_current_left",
    "heat_current_right",
    "entropy_production",
    "equilibrium_particle_number",
    "equilibrium_hole_number",
    "equilibrium_energy",
    "equilibrium_entropy",
    "particle_number_change",
)
"""The rows of `Integrals`."""

# A reservoir x kT outside the bands gives its nodes x ulps of noise; the quadrature error's share
# of it is within the tolerance up to this x.
_NOISE_EXPONENT = 50.0
_UNDERFLOW_EXPONENT = 745.0


class Filling(NamedTuple):
    """Per point: d = N, 1 - d, and how they compare with d_eq."""

    d: Array
    d_bar: Array
    ratio: Array  # d/d_eq - 1
    ratio_bar: Array
    log_ratio: Array  # ln(d/d_eq)
    log_ratio_bar: Array


@dataclass(frozen=True)
class Integrals:
    """Band integrals and bound-state terms, each array (rows, n) with the rows of RESULTS.

    ``bound`` are the occupied bound states' terms, to be added to ``value``. ``gap``: (2, n), the
    entropy gap and the exergy gap.
    """

    value: Array
    absolute: Array
    error: Array
    bound: Array
    gap: Array
    gap_error: Array
    filling: Filling
    present: NDArray[np.bool_]  # (n, 3), bound states, their weights and energies, 0 where none
    weight: Array
    energy: Array

    @classmethod
    def empty(cls, n: int, states: BoundNodes) -> Integrals:
        """Return room for n points."""
        k = len(RESULTS)
        value, absolute, error, bound = np.zeros((4, k, n))
        gap, gap_error = np.zeros((2, 2, n))
        filling = Filling(*np.zeros((len(Filling._fields), n)))
        return cls(value, absolute, error, bound, gap, gap_error, filling, *present_states(states))

    def put(self, at: Index, other: Integrals) -> None:
        """Store other points' results at an index."""
        for name in ("value", "absolute", "error", "bound", "gap", "gap_error"):
            getattr(self, name)[:, at] = getattr(other, name)
        for mine, theirs in zip(self.filling, other.filling, strict=True):
            mine[at] = theirs
        self.put_states(at, other)

    def put_states(self, at: Index, other: Integrals) -> None:
        """Store other points' bound states at an index."""
        for name in ("present", "weight", "energy"):
            getattr(self, name)[at] = getattr(other, name)


def present_states(states: BoundNodes) -> tuple[NDArray[np.bool_], Array, Array]:
    """Return which states there are, their weights and their energies, 0 where there is none."""
    present = states.present
    weight, energy = (np.where(present, x, 0.0) for x in (states.weight, states.energy.value()))
    return present, weight, energy


def log_ratio(ratio: Array, d: Array, d_eq: Array) -> Array:
    """Return ln(d/d_eq), given d/d_eq - 1."""
    near = np.abs(ratio) < 0.5
    return np.where(near, np.log1p(np.where(near, ratio, 0.0)), np.log(d) - np.log(d_eq))


def two_state_exergy(fill: Filling, d_eq: Array, d_eq_bar: Array) -> Array:
    """Return X2, Eq. (A5), against d_eq."""
    return np.asarray(
        st.divergence(fill.d, d_eq, fill.ratio, fill.log_ratio)
        + st.divergence(fill.d_bar, d_eq_bar, fill.ratio_bar, fill.log_ratio_bar)
    )


def tolerance_factor(points: Points) -> Array:
    """Return how much more noise the tails bring than a reservoir in the bands."""
    return np.asarray(1.0 + np.maximum(*tail_exponents(points)) / _NOISE_EXPONENT)


def tail_exponents(points: Points) -> tuple[Array, Array]:
    """Return how many kT the farthest reservoir lies outside the bands, and outside their overlap.

    There every occupation is e^-x, and x carries a relative rounding error: x ulps in e^-x, up to
    underflow. The first counts for what lives on the level, the second for the currents.
    """
    low, high = (edge.value() for edge in points.edges())
    coupled = points.coupled
    bottom = np.where(coupled, low, np.inf).min(axis=0)
    top = np.where(coupled, high, -np.inf).max(axis=0)
    isolated = ~coupled.any(axis=0)
    bottom, top = (np.where(isolated, points.level, end) for end in (bottom, top))
    return (
        _farthest(points, bottom, top),
        _farthest(points, np.maximum(low[0], low[1]), np.minimum(high[0], high[1])),
    )


def _farthest(points: Points, bottom: Array, top: Array) -> Array:
    tail = np.zeros(len(points))
    reservoirs = [(points.mu[a], points.temperature[a]) for a in range(2)]
    for mu, T in (*reservoirs, (points.mu_eq, points.temperature_eq)):
        tail = np.maximum(tail, np.maximum(bottom - mu, mu - top) / T)
    return np.minimum(tail, _UNDERFLOW_EXPONENT)
