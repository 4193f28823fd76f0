"""Means over a smooth window in time, and how wrong they may be.

What oscillates leaves nothing in them; what falls as a power of the time is fitted, if that helps;
the error comes from shorter chains at earlier times, and from an earlier part of the window.
May import: numpy, validation.witness.chain, .evolution.
"""

from __future__ import annotations

import math

import numpy as np

from validation.witness.chain import Array, FiniteJunction, Parameters
from validation.witness.evolution import evolve

__all__ = ["mean", "scales_of"]

SHARPNESS = 32.0
"""beta of the Kaiser window: what oscillates more than beta/pi = 10 times within it is suppressed
by about e^-beta = 1e-14. (A smooth bump exp(-1/u - 1/(1-u)) left 2e-7 where this leaves 1e-13.)"""

SAMPLING = 1.2
"""Step in units of the inverse half-width of the spectrum: two and a half samples a period of the
fastest oscillation, between opposite edges."""

TAIL = (2, 3)
"""Powers of 1/t that band edges leave without an oscillation, fitted and taken off: seen in the
currents and in N. Not used where the exponential is still larger."""

SHORTER = 0.8
EARLIER = 0.75
"""Parts of the times, and of the window, that the error is judged by."""

FLOOR = 256 * float(np.finfo(float).eps)
"""Rounding of a mean, 6e-14 of the natural scale; the worst seen without a tail was 3e-14, and the
fit of a tail enlarges it by the sum of its weights' sizes."""


def mean(
    chain: FiniteJunction, begin: float, end: float, initial: float, direction: int
) -> tuple[Array, Array]:
    """Return the plateau values of what is `MEASURED`, and their estimated errors."""
    times, values = _samples(chain, begin, end, initial, direction)
    shorter = FiniteJunction.until(chain.parameters, SHORTER * end)
    before = _samples(shorter, SHORTER * begin, SHORTER * end, initial, direction)
    part = int(EARLIER * len(times))
    best: tuple[Array, Array] | None = None
    scales = scales_of(chain.parameters)
    for powers in ((), TAIL):
        weights = _weights(times, powers)
        found = weights @ values
        errors = (
            2 * np.abs(found - _weights(before[0], powers) @ before[1])
            + np.abs(found - _weights(times[:part], powers) @ values[:part])
            + FLOOR * float(np.sum(np.abs(weights))) * scales
        )
        if best is None or np.max(errors / scales) < np.max(best[1] / scales):
            best = found, errors
    assert best is not None
    return best


def _samples(
    chain: FiniteJunction, begin: float, end: float, initial: float, direction: int
) -> tuple[Array, Array]:
    count = max(64, math.ceil((end - begin) * chain.spectrum[1] / SAMPLING))
    times = np.linspace(begin, end, count)
    return times, evolve(chain, direction * times, initial)


def _weights(times: Array, powers: tuple[int, ...]) -> Array:
    """Return weights of the samples whose sum is the constant next to the given powers of 1/t.

    The coefficient 1 of a least-squares fit, weighted by the window.
    """
    window = np.kaiser(len(times), SHARPNESS)
    basis = np.stack([(times / times[-1]) ** -float(power) for power in (0, *powers)])
    first = np.zeros(len(basis))
    first[0] = 1.0
    return np.asarray(np.linalg.solve((basis * window) @ basis.T, first) @ (basis * window))


def scales_of(parameters: Parameters) -> Array:
    """Return the natural sizes of what is `MEASURED`, that errors are relative to."""
    p = parameters
    current = min((lead.coupling**2 / lead.hopping for lead in p.leads), default=0.0)
    current = current or max(lead.coupling**2 / lead.hopping for lead in p.leads) or 1.0
    energy = abs(p.level) + p.left.coupling + p.right.coupling or 1.0
    largest = max(abs(lead.onsite) + 2 * lead.hopping for lead in p.leads)
    return np.array([1.0, energy, current, current, current * largest, current * largest])
