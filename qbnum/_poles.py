"""The pole of G^r beside a resonance, and how far a Gauss rule misses it.

A rule that does not resolve a narrow resonance misses A phi = -Im G^r phi/pi by the pole's part
alone: with G^r ~ Z/(omega - p), the missing part is phi(p) Z times the rule's error for
1/(omega - p), which is known. So one complex energy, p, joins the nodes, and no panel need be
small on the scale of the resonance, however narrow it is.

May import: numpy, private modules.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from qbnum import _doubledouble as dd
from qbnum._doubledouble import DoubleDouble
from qbnum._geometry import Points, Segments
from qbnum._rule import POLE_GRADING, UNIT, WEIGHTS

Array: TypeAlias = NDArray[np.float64]
Complex: TypeAlias = NDArray[np.complex128]

# phi is analytic up to pi T; the pole is corrected for where it lies well below that,
_HEIGHT = 1.5
# and so near to the real axis that both edges' square roots are on the branch of the segment.
_EDGE_SHARE = 0.3
_NEWTON_STEPS = 12
_CONVERGED = 1e-15


@dataclass(frozen=True)
class Poles:
    """Per segment: whether the pole is corrected for, its p - omega_0 from the resonance, and Z."""

    corrected: NDArray[np.bool_]
    offset: Complex
    residue: Complex


def poles(points: Points, segs: Segments, resonance: DoubleDouble, half_width: Array) -> Poles:
    """Return the poles by Newton's method from omega_0 - i half_width."""
    p = points.take(segs.point)
    height = _HEIGHT * np.minimum(p.temperature.min(axis=0), p.temperature_eq)
    to_edge = np.minimum(dd.difference(resonance, segs.start), dd.difference(segs.end, resonance))
    tried = (half_width < height) & (half_width < _EDGE_SHARE * to_edge)
    offset = np.where(tried, -1j * np.where(tried, half_width, 0.0), 0.0)
    residue = np.zeros(len(p), dtype=complex)
    at = np.flatnonzero(tried)
    if at.size:
        q, own = p.take(at), segs.take(at)
        inverse = _Inverse(q, own, resonance.take(at))
        z = offset[at]
        for _ in range(_NEWTON_STEPS):
            value, slope = inverse(z)
            step = value / slope
            moving = np.abs(step) > _CONVERGED * np.abs(z)
            z = np.where(moving, z - step, z)
            if not moving.any():
                break
        good = (np.abs(step) <= 8 * _CONVERGED * np.abs(z)) & (z.imag < 0)
        good &= (-z.imag < height[at]) & (np.abs(z) < _EDGE_SHARE * to_edge[at])
        offset[at] = z
        residue[at] = 1.0 / slope
        tried[at] = good
    return Poles(tried, offset, residue)


class _Inverse:
    """1/G^r continued from the segment into the lower half plane, and its derivative."""

    def __init__(self, points: Points, segs: Segments, resonance: DoubleDouble) -> None:
        self.open, self.side = segs.open, segs.side
        self.kappa, self.v2 = points.kappa, points.coupling**2
        low, high = points.edges()
        self.from_low = [dd.difference(resonance, low.take(a)) for a in range(2)]
        self.from_high = [dd.difference(resonance, high.take(a)) for a in range(2)]

    def __call__(self, z: Complex) -> tuple[Complex, Complex]:
        value, slope = z + 0j, np.ones_like(z)
        for a in range(2):
            above, below = self.from_low[a] + z, self.from_high[a] + z
            x = 0.5 * (above + below)
            is_open = self.open[a]
            root = np.sqrt(np.where(is_open, -above * below, above * below))
            root = np.where(root == 0, 1.0, root)
            k = self.kappa[a]
            open_value, open_slope = 1j * k * root, -k - 1j * k * x / root
            shift = k * z
            outer = 2 * self.v2[a] / (x + self.side[a] * root)
            x0 = 0.5 * (self.from_low[a] + self.from_high[a])
            root0 = np.sqrt(np.maximum(self.from_low[a] * self.from_high[a], 0.0))
            far = x0 + self.side[a] * root0
            outer0 = 2 * self.v2[a] / np.where(is_open | (far == 0), 1.0, far)
            value = value + np.where(is_open, open_value - shift, outer0 - outer)
            slope = slope + np.where(is_open, open_slope, self.side[a] * outer / root)
        return value, slope


def rule_errors(z: Any) -> tuple[NDArray[np.bool_], Any]:
    """Return what the rule on [0, 1] misses of the integral of 1/(u - z), and where it matters."""
    # Panels that keep away from the pole do so by POLE_GRADING exactly.
    matters = np.abs(z) + np.abs(z - 1.0) < POLE_GRADING * (1.0 - 1e-9)
    near = z[matters]
    rule = weighted_sum(1.0 / (UNIT[:, None] - near))
    return matters, np.log(1.0 - 1.0 / near) - rule


def weighted_sum(rows: Any) -> Any:
    """Return the rule's sum over rows (16, m), in an order that does not depend on m."""
    return np.add.accumulate(WEIGHTS[:, None] * rows)[-1]
