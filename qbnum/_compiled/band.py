"""The band, resonance, pole and features of one junction with equal bands.

By scalar code; the formulas of `_geometry`, `_poles` and `_fronts`, where they are explained.
May import: numba, private modules.
"""

from __future__ import annotations

import math
from collections import namedtuple
from typing import Any

from numba import njit

from qbnum import _fronts, _poles
from qbnum._compiled import exact
from qbnum._compiled.exact import STRICT

MAX_FEATURES = 6
_THRESHOLD = 1e-25  # an edge where |F| is less is too near a bound state to be sure

_WARM = _fronts._WARM
_HEIGHT, _EDGE_SHARE = _poles._HEIGHT, _poles._EDGE_SHARE
_NEWTON_STEPS, _CONVERGED = _poles._NEWTON_STEPS, _poles._CONVERGED

# Columns of a feature: its energy and the distances from it.
ENERGY, LOW, HIGH, MU_L, MU_R, MU_EQ, F_THERE, TO_RESONANCE, ENERGY_REST = range(9)

Lead = namedtuple("Lead", "kappa kappa_rest mu temperature")
Given = namedtuple("Given", "level onsite hopping left right mu_eq temperature_eq")
"""One junction whose leads have the same band."""

Band = namedtuple("Band", "low high resonance half_width slope corrected pole residue")
"""The band's edges and resonance (pairs), and the pole that is corrected for (`_poles`)."""


@njit(**STRICT)
def _inverse_green(given: Any, at: Any) -> Any:
    """Return F inside the band, as a pair."""
    F = exact.subtract(at, (given.level, 0.0))
    x = exact.subtract(at, (given.onsite, 0.0))
    for lead in (given.left, given.right):
        F = exact.subtract(F, exact.multiply((lead.kappa, lead.kappa_rest), x))
    return F


@njit(**STRICT)
def find_band(given: Any) -> Any:
    """Return whether there is no bound state, and the band."""
    low = exact.two_sum(given.onsite, -2 * given.hopping)
    high = exact.two_sum(given.onsite, 2 * given.hopping)
    left, right = given.left, given.right
    F_low, F_high = _inverse_green(given, low), _inverse_green(given, high)
    free = F_low[0] < -_THRESHOLD and F_high[0] > _THRESHOLD
    steep = exact.subtract((1.0, 0.0), (left.kappa, left.kappa_rest))
    steep = exact.subtract(steep, (right.kappa, right.kappa_rest))
    if steep[0] == 0:
        steep = (1.0, 0.0)
    resonance = exact.subtract(low, exact.divide(F_low, steep))
    from_low, to_high = exact.difference(resonance, low), exact.difference(high, resonance)
    inside = from_low > 0 and to_high > 0
    half_width = math.inf
    if inside:
        half_width = (left.kappa + right.kappa) * math.sqrt(from_low * to_high) / abs(steep[0])
    else:
        resonance = low
    coolest = min(left.temperature, right.temperature, given.temperature_eq)
    corrected, pole, residue = _pole(
        left.kappa + right.kappa, from_low, -to_high, half_width, _HEIGHT * coolest, inside
    )
    slope = 1.0 - left.kappa - right.kappa
    return free, Band(low, high, resonance, half_width, slope, corrected, pole, residue)


@njit(**STRICT)
def root_of(z: complex) -> complex:
    """Return the principal square root, of numbers whose squares are doubles."""
    size = math.sqrt(z.real * z.real + z.imag * z.imag)
    larger = math.sqrt(0.5 * (size + abs(z.real)))
    if larger == 0:
        return 0j
    smaller = 0.5 * z.imag / larger
    if z.real >= 0:
        return complex(larger, smaller)
    return complex(abs(smaller), math.copysign(larger, z.imag))


@njit(**STRICT)
def _size(z: complex) -> float:
    return abs(z.real) + abs(z.imag)


@njit(**STRICT)
def _pole(
    k: float, from_low: float, from_high: float, half_width: float, height: float, inside: bool
) -> Any:
    """Return whether the pole is corrected for, its distance from the resonance, and residue."""
    limit = _EDGE_SHARE * min(from_low, -from_high)
    if not (inside and half_width < height and half_width < limit):
        return False, 0j, 0j
    z = complex(0.0, -half_width)
    slope, step = 1 + 0j, 0j
    for _ in range(_NEWTON_STEPS):
        above, below = from_low + z, from_high + z
        root = root_of(-(above * below))
        if root == 0:
            root = 1 + 0j
        value = z + k * (1j * root - z)
        slope = 1.0 - k * (1.0 + 1j * (0.5 * (above + below)) / root)
        step = value / slope
        if not _size(step) > _CONVERGED * _size(z):
            break
        z = z - step
    good = abs(step) <= 8 * _CONVERGED * abs(z) and z.imag < 0
    good = good and -z.imag < height and abs(z) < limit
    return good, z, 1.0 / slope


@njit(**STRICT)
def _less(a: Any, b: Any) -> bool:
    return exact.difference(a, b) < 0


@njit(**STRICT)
def find_features(given: Any, band: Any, features: Any) -> int:
    """Fill in the features from edge to edge, in order; return how many there are."""
    features[0, ENERGY], features[0, ENERGY_REST] = band.low
    n = 1
    if _less(band.low, band.resonance):
        features[n, ENERGY], features[n, ENERGY_REST] = band.resonance
        n += 1
    width = exact.difference(band.high, band.low)
    for mu, T in (
        (given.left.mu, given.left.temperature),
        (given.right.mu, given.right.temperature),
        (given.mu_eq, given.temperature_eq),
    ):
        if not (band.low[0] < mu < band.high[0] and _WARM * width > T):
            continue
        k = n
        while k > 1 and exact.difference((mu, 0.0), (features[k - 1, 0], features[k - 1, 8])) < 0:
            k -= 1
        if exact.difference((mu, 0.0), (features[k - 1, 0], features[k - 1, 8])) > 0:
            for other in range(n, k, -1):
                features[other, ENERGY] = features[other - 1, ENERGY]
                features[other, ENERGY_REST] = features[other - 1, ENERGY_REST]
            features[k, ENERGY], features[k, ENERGY_REST] = mu, 0.0
            n += 1
    if n == 1:
        middle = exact.add(band.low, (0.5 * width, 0.0))
        features[1, ENERGY], features[1, ENERGY_REST] = middle
        n = 2
    features[n, ENERGY], features[n, ENERGY_REST] = band.high
    n += 1
    for k in range(n):
        row = features[k]
        r = (row[ENERGY], row[ENERGY_REST])
        row[LOW], row[HIGH] = exact.difference(r, band.low), exact.difference(r, band.high)
        row[MU_L] = exact.difference(r, (given.left.mu, 0.0))
        row[MU_R] = exact.difference(r, (given.right.mu, 0.0))
        row[MU_EQ] = exact.difference(r, (given.mu_eq, 0.0))
        row[TO_RESONANCE] = exact.difference(band.resonance, r)
        F = _inverse_green(given, r)
        row[F_THERE] = F[0] + F[1]
    return n
