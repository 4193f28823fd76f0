"""Quadrature nodes: energies as distances from features, and the measure A d omega on them.

Node arrays have shape (nodes, columns): a column is half a panel (8 nodes), a pole (one complex
node) or a bound state. Per-column quantities then broadcast along the contiguous axis.

May import: numpy, private modules.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from qbnum import _doubledouble as dd
from qbnum._fronts import Fronts, features, variable
from qbnum._geometry import Points, closed_increment
from qbnum._panels import Panels
from qbnum._poles import rule_errors
from qbnum._rule import HALF, HALF_WEIGHTS
from qbnum._spectrum import Spectrum
from qbnum._sums import per_point

Array: TypeAlias = NDArray[np.float64]
Index: TypeAlias = NDArray[np.intp]


@dataclass(frozen=True)
class Nodes:
    """Energies r + delta of the columns, with the measure and the leads' shares there.

    ``weight`` is A d omega times the rule's weights: real, or for a pole the complex M of
    integral A phi = ... - Im(M phi)/pi. ``shares`` are w_a = Gamma_a/Gamma of Eq. (9), ``flux`` is
    Gamma_L Gamma_R/Gamma = tau/(2 pi A). ``measure`` is proportional to A d omega/dt, without the
    pole's denominator where that is corrected for: what a panel must resolve.
    """

    point: Index
    front: Index
    delta: Any
    weight: Any
    shares: tuple[Any, Any]
    flux: Any
    measure: Any

    def offset(self, from_reference: Array) -> Any:
        """Return omega - c, given r - c of every front."""
        return from_reference[self.front] + self.delta


def panel_nodes(points: Points, b: Fronts, panels: Panels, corrected: NDArray[np.bool_]) -> Nodes:
    """Return the panels' nodes, (8, 2m): all first halves, then all second halves."""
    i = panels.front.reshape(-1)
    slope = panels.slope.reshape(-1)
    t = panels.start.reshape(-1) + HALF[:, None] * slope
    alpha, beta = b.alpha[i], b.beta[i]
    beta_t = beta * t
    delta = b.direction[i] * t * (alpha + beta_t)
    jacobian = alpha + 2 * beta_t
    point = b.point[i]
    F, gammas = inverse_green_at(points, b, i, delta)
    gamma = gammas[0] + gammas[1]
    denominator = F * F + 0.25 * gamma * gamma
    measure = jacobian * gamma
    A = measure / denominator
    weight = A * (HALF_WEIGHTS[:, None] * (np.abs(slope) / (2 * np.pi)))
    is_pole = corrected[b.segment[i]]
    if not is_pole.all():
        measure = np.where(is_pole, measure, A)
    shares = gammas[0] / gamma, gammas[1] / gamma
    return Nodes(point, i, delta, weight, shares, gammas[0] * shares[1], measure)


def pole_nodes(points: Points, spectrum: Spectrum) -> tuple[Fronts, Nodes]:
    """Return the poles as nodes, one column a corrected segment, and their "fronts".

    Their weight depends on the panels: see `pole_weights`.
    """
    pole = spectrum.pole
    segment = np.flatnonzero(pole.corrected)
    at = features(points, spectrum, segment, spectrum.resonance.take(segment))
    delta = pole.offset[segment][None, :]
    column = np.arange(segment.size)
    gammas = broadenings(points, at, column, delta)
    gamma = gammas[0] + gammas[1]
    shares = gammas[0] / gamma, gammas[1] / gamma
    none = np.zeros_like(delta)
    return at, Nodes(at.point, column, delta, none, shares, gammas[0] * shares[1], none)


def pole_weights(spectrum: Spectrum, b: Fronts, panels: Panels) -> Any:
    """Return the poles' M, one for each corrected segment.

    M is Z times what the rule on these panels misses of the integral of 1/(omega - p), so that
    integral A phi is the rule's sum - Im(M phi(p))/pi.
    """
    pole = spectrum.pole
    size = len(pole.corrected)
    i = panels.front
    near = np.flatnonzero(pole.corrected[b.segment[i[0]]])
    # From the end that is nearer to the pole, for the digits of their distance.
    z = np.empty((2, near.size), dtype=complex)
    for end in range(2):
        k = i[end, near]
        seg = b.segment[k]
        to_pole = dd.difference(spectrum.resonance.take(seg), b.exact.take(k)) + pole.offset[seg]
        z[end] = (variable(b, to_pole, k) - panels.start[end, near]) / panels.slope[end, near]
    half = np.where(np.abs(z[1]) < np.abs(z[0]), 1, 0)
    matters, missing = rule_errors(z[half, np.arange(near.size)])
    half, near = half[matters], near[matters]
    k = i[half, near]
    missing = missing * (b.direction[k] * np.sign(panels.slope[half, near]))
    seg = b.segment[k]
    total = per_point(seg, missing.real, size) + 1j * per_point(seg, missing.imag, size)
    return (total * pole.residue)[pole.corrected]


def broadenings(points: Points, b: Fronts, i: Index, delta: Any) -> tuple[Any, Any]:
    """Return Gamma_a at distance ``delta`` from the references of the fronts ``i``."""
    point = b.point[i]
    found = []
    root = None
    for a in range(2):
        if a == 0 or not (
            np.array_equal(b.from_low[0], b.from_low[1])
            and np.array_equal(b.from_high[0], b.from_high[1])
        ):
            square = (b.from_low[a][i] + delta) * -(b.from_high[a][i] + delta)
            root = np.sqrt(square if np.iscomplexobj(square) else np.maximum(square, 0.0))
        gamma = (2 * points.kappa[a][point]) * root
        is_open = b.open[a][i]
        found.append(gamma if is_open.all() else np.where(is_open, gamma, 0.0))
    return found[0], found[1]


def inverse_green_at(
    points: Points, b: Fronts, i: Index, delta: Array
) -> tuple[Array, tuple[Array, Array]]:
    """Return F and the broadenings at distance ``delta`` from the features of the fronts ``i``."""
    point = b.point[i]
    gammas = broadenings(points, b, i, delta)
    slope = 1.0 - points.kappa[0][point] - points.kappa[1][point]
    F = b.F[i] + slope * delta
    mixed = np.flatnonzero(~b.open[:, i].all(axis=0))
    if mixed.size:
        F[:, mixed] = _beside_a_band(points, b, i[mixed], delta[:, mixed])
    return F, gammas


def _beside_a_band(points: Points, b: Fronts, i: Index, delta: Array) -> Array:
    """Return F where one lead is closed."""
    point = b.point[i]
    F = b.F[i] + delta
    for a in range(2):
        from_low, from_high = b.from_low[a][i], b.from_high[a][i]
        closed = closed_increment(
            points.coupling[a][point],
            b.side[a][i],
            0.5 * (from_low + from_high),
            np.sqrt(np.maximum(from_low * from_high, 0.0)),
            from_low + delta + from_high,
            delta,
        )
        F = F - np.where(b.open[a][i], points.kappa[a][point] * delta, closed)
    return F
