"""How the spectrum and its features move with the parameters.

Features carry the nodes along: a resonance moves by -dF/F', an edge with onsite and hopping, and
a difference of two features has the difference of their velocities, exactly 0 for a feature and
itself. Distances from a feature stretch with the length of the interval. So nothing is lost where
a resonance is narrow, or a state lies next to a threshold.

May import: numpy, private modules of qbnum.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from qbnum import _doubledouble as dd
from qbnum._derivatives.states import anchor_of, from_anchor
from qbnum._derivatives.velocities import Motion, Velocities
from qbnum._doubledouble import DoubleDouble
from qbnum._dual import Dual
from qbnum._fronts import Fronts, features, variable
from qbnum._geometry import Points, inverse_green
from qbnum._panels import Panels
from qbnum._poles import _Inverse, weighted_sum
from qbnum._rule import UNIT
from qbnum._spectrum import Spectrum

Array: TypeAlias = NDArray[np.float64]
Index: TypeAlias = NDArray[np.intp]

# What the rule misses of a pole farther away than this, as |z| + |z - 1| of a panel [0, 1], is
# nothing, its derivative included.
_FAR_POLE = 3.0


@dataclass(frozen=True)
class MovingSpectrum:
    """Velocities of the open segments' ends and resonances, and of their poles, (k, segments)."""

    start: Array
    end: Array
    resonance: Array
    resonant: NDArray[np.bool_]
    offset: NDArray[np.complex128]
    log_residue: NDArray[np.complex128]

    @classmethod
    def of(cls, points: Points, v: Velocities, where: Spectrum) -> MovingSpectrum:
        """Return that of a chunk of points."""
        segs = where.open
        p, own = points.take(segs.point), v.take(segs.point)
        start, end = (_edge_velocity(p, own, edge) for edge in (segs.start, segs.end))
        resonant = np.isfinite(where.half_width)
        resonance = np.zeros_like(start)
        offset = np.zeros(start.shape, dtype=complex)
        log_residue = np.zeros_like(offset)
        at = np.flatnonzero(resonant)
        if at.size:
            moved = _resonance_velocity(points, own.take(at), where, at)
            resonance[:, at] = moved
        at = np.flatnonzero(where.pole.corrected)
        if at.size:
            offset[:, at], log_residue[:, at] = _pole_velocity(
                points, own.take(at), where, at, resonance[:, at]
            )
        return cls(start, end, resonance, resonant, offset, log_residue)

    def lone(self, b: Fronts, v: Velocities) -> Motion:
        """Return the motion of the corrected poles' "fronts"."""
        reference = self.resonance[:, b.segment]
        return Motion.of(b, v.take(b.point), reference, np.ones(len(b), dtype=bool))

    def motion(self, b: Fronts, v: Velocities, where: Spectrum) -> Motion:
        """Return the motion of the intervals' fronts."""
        own = v.take(b.point)
        segs, s = where.open, b.segment
        start, end = self.start[:, s], self.end[:, s]
        left, right = segs.start.take(s), segs.end.take(s)
        share = dd.difference(b.exact, left) / dd.difference(right, left)
        velocity = (1.0 - share) * start + share * end  # a middle, or an edge
        exact_mu = [b.points.mu[0], b.points.mu[1], b.points.mu_eq]
        fits = np.stack([(b.exact.hi == mu) & (b.exact.lo == 0) for mu in exact_mu])
        count = fits.sum(axis=0)
        mus = np.stack([own.mu[:, 0], own.mu[:, 1], own.mu_eq], axis=1)
        mean = np.where(fits, mus, 0.0).sum(axis=1) / np.maximum(count, 1)
        inside = (share > 0) & (share < 1)
        velocity = np.where(inside & (count > 0), mean, velocity)
        resonance = where.resonance.take(s)
        resonant = self.resonant[s] & (dd.difference(resonance, b.exact) == 0)
        velocity = np.where(resonant, self.resonance[:, s], velocity)
        made = Motion.of(b, own, velocity, resonant)
        m = len(b) // 2
        size = dd.difference(b.exact.take(np.s_[m:]), b.exact.take(np.s_[:m]))
        stretch = (velocity[:, m:] - velocity[:, :m]) / size
        return Motion(**(vars(made) | {"stretch": np.tile(stretch, (1, 2))}))

    def pole_weights(
        self, where: Spectrum, b: Fronts, motion: Motion, panels: Panels
    ) -> tuple[Any, Any]:
        """Return what `_nodes.pole_weights` does, and its velocity."""
        pole = where.pole
        n = len(pole.corrected)
        near = np.flatnonzero(pole.corrected[b.segment[panels.front[0]]])
        z = np.empty((2, near.size), dtype=complex)
        for end in range(2):
            k = panels.front[end, near]
            t = variable(b, _to_pole(where, b, k), k)
            z[end] = (t - panels.start[end, near]) / panels.slope[end, near]
        half = np.where(np.abs(z[1]) < np.abs(z[0]), 1, 0)
        z = z[half, np.arange(near.size)]
        matters = np.abs(z) + np.abs(z - 1.0) < _FAR_POLE
        half, near, z = half[matters], near[matters], z[matters]
        k, slope = panels.front[half, near], panels.slope[half, near]
        D, s = b.direction[k] * _to_pole(where, b, k), b.segment[k]
        t = panels.start[half, near] + z * slope
        # D/length^2 alone enters t/length, and so z.
        moved = self.resonance[:, s] - motion.reference[:, k] + self.offset[:, s]
        moved = b.direction[k] * moved - D * motion.stretch[:, k]
        along = b.alpha[k] + 2 * b.beta[k] * t
        rate = moved / (along * slope)
        inverse = 1.0 / (UNIT[:, None] - z)
        missing = np.log(1.0 - 1.0 / z) - weighted_sum(inverse)
        steep = 1.0 / (z - 1.0) - weighted_sum(inverse * inverse)
        # That of -ln z. The panels on either side of the resonance have Q = offset'/offset in
        # common, which is huge where it is narrow, and taken off both.
        bend = b.beta[k] * t / along
        Q = self.offset[:, s] / pole.offset[s]
        apart = motion.stretch[:, k] * (1.0 - bend) + Q * bend
        at_resonance = dd.difference(where.resonance.take(s), b.exact.take(k)) == 0
        start = np.where(at_resonance & (panels.start[half, near] == 0), apart, -rate / z)
        sign = b.direction[k] * np.sign(slope)
        M = _per_segment(s, sign * missing, n) * pole.residue
        change = np.stack([_per_segment(s, row, n) for row in sign * (steep * rate + start)])
        change = change * pole.residue + M * self.log_residue
        return M[pole.corrected], change[:, pole.corrected]


def _to_pole(where: Spectrum, b: Fronts, k: Index) -> Any:
    s = b.segment[k]
    return dd.difference(where.resonance.take(s), b.exact.take(k)) + where.pole.offset[s]


def _per_segment(s: Index, values: Any, n: int) -> Any:
    return np.bincount(s, values.real, n) + 1j * np.bincount(s, values.imag, n)


def _edge_velocity(p: Points, v: Velocities, edge: DoubleDouble) -> Array:
    """Return the velocity of band edges: where two leads' coincide, the mean."""
    edges = [e.take(a) for e in p.edges() for a in range(2)]
    moving = np.concatenate(v.edges(), axis=1)
    coupled = np.tile(p.coupled, (2, 1))
    same = np.stack([(e.hi == edge.hi) & (e.lo == edge.lo) for e in edges]) & coupled
    return np.asarray(np.where(same, moving, 0.0).sum(axis=1) / np.maximum(same.sum(axis=0), 1))


def _resonance_velocity(points: Points, v: Velocities, where: Spectrum, at: Index) -> Array:
    """Return the velocities of the roots of F in the segments ``at``."""
    b = features(points, where, at, where.resonance.take(at))
    _, slope = inverse_green(b.points, b.exact, b.open, b.side)
    closed = ~b.open & b.points.coupled
    edges = np.concatenate([b.from_low, b.from_high])
    moving = np.concatenate(v.edges(), axis=1)
    anchor = anchor_of(b.points, edges, moving, np.tile(closed, (2, 1)))
    steps = [
        -Motion.of(b, v, velocity, np.zeros(len(b), dtype=bool)).F / slope
        for velocity in (anchor, np.zeros_like(anchor))
    ]
    return from_anchor(anchor, *steps)


def _pole_velocity(
    points: Points, v: Velocities, where: Spectrum, at: Index, resonance: Array
) -> tuple[Any, Any]:
    """Return the velocities of p - omega_0 and of ln Z in the segments ``at``."""
    segs = where.open.take(at)
    p = points.take(segs.point)
    inverse: Any = _Inverse(p, segs, where.resonance.take(at))
    low, high = v.edges()
    inverse.kappa = Dual(p.kappa, v.kappa(p))
    coupling = Dual(p.coupling, v.coupling)
    inverse.v2 = coupling * coupling
    inverse.from_low = [Dual(d, resonance - low[:, a]) for a, d in enumerate(inverse.from_low)]
    inverse.from_high = [Dual(d, resonance - high[:, a]) for a, d in enumerate(inverse.from_high)]
    z = where.pole.offset[at]
    value, slope = inverse(z)
    moved = -value.dots / slope.value
    _, slope = inverse(Dual(z, moved))
    return moved, -slope.dots / slope.value
