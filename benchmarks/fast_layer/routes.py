"""What one would write without qbnum: each route takes a junction at a time.

(a) `quad`, one call for each of ten integrals, with break points; (b) `quad_vec`, all ten at
once, with the same; (c) fixed grids of NumPy arrays, trapezoid and Gauss-Legendre; (d)
`mpmath.quad` at 15 digits. May import: numpy, scipy, mpmath, benchmarks.fast_layer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any

import numpy as np
from mpmath import mp
from numpy.typing import NDArray
from scipy.integrate import quad, quad_vec

from . import textbook
from .textbook import INTEGRALS
from .timing import best

__all__ = ["ROUTES", "TOLERANCE", "Outcome", "Route"]

TOLERANCE = 1e-13
"""Relative tolerance that is asked of `quad`; the absolute one is 0."""

VECTOR_TOLERANCE = 1e-12
"""That of `quad_vec`, in the norm of all ten: its rounding estimate admits no smaller one."""

QUAD_INTERVALS = 400
VECTOR_INTERVALS = 1000
TRAPEZOID_NODES, GAUSS_NODES = 2001, 400
MPMATH_DIGITS = 15
MPMATH_REPEATS = 1  # seconds long, and hundreds of times slower than anything else


@dataclass(frozen=True)
class Outcome:
    """One junction by one route.

    Parameters
    ----------
    integrals : mapping
        The ten integrals.
    seconds : float
        For all of them.
    cores : float
        The share of a core while they were timed.
    seconds_each : mapping
        For each of them, where they are separate calls.
    claims : mapping
        Whether the route says that it reached its tolerance; empty if it cannot say.
    """

    integrals: Mapping[str, float]
    seconds: float
    cores: float
    seconds_each: Mapping[str, float] = field(default_factory=dict)
    claims: Mapping[str, bool] = field(default_factory=dict)


Parameters = Mapping[str, float]


def by_quad(p: Parameters) -> Outcome:
    """Integrate with `scipy.integrate.quad`, one call for each integral."""
    low, *inner, high = textbook.breakpoints(p)
    integrands = textbook.one_by_one(p)

    def integral(name: str) -> Any:
        return quad(
            integrands[name], low, high, points=inner or None, full_output=1,
            epsabs=0.0, epsrel=TOLERANCE, limit=QUAD_INTERVALS,
        )  # fmt: skip

    timed = {name: best(partial(integral, name)) for name in INTEGRALS}
    seconds = sum(t.seconds for t in timed.values())
    return Outcome(
        integrals={name: float(t.result[0]) for name, t in timed.items()},
        seconds=seconds,
        cores=sum(t.cores * t.seconds for t in timed.values()) / seconds,
        seconds_each={name: t.seconds for name, t in timed.items()},
        # A fourth item is the message of what went wrong.
        claims={name: len(t.result) == 3 for name, t in timed.items()},
    )


def by_quad_vec(p: Parameters) -> Outcome:
    """Integrate with `scipy.integrate.quad_vec`, all integrals in one vector."""
    low, *inner, high = textbook.breakpoints(p)

    def integral() -> Any:
        return quad_vec(
            textbook.all_at_once(p), low, high, points=inner, full_output=True,
            epsabs=0.0, epsrel=VECTOR_TOLERANCE, limit=VECTOR_INTERVALS,
        )  # fmt: skip

    timed = best(integral)
    values, _, info = timed.result
    return Outcome(
        integrals=dict(zip(INTEGRALS, map(float, values), strict=True)),
        seconds=timed.seconds,
        cores=timed.cores,
        claims=dict.fromkeys(INTEGRALS, bool(info.success)),
    )


@cache
def _trapezoid() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    weights = np.full(TRAPEZOID_NODES, 2 / (TRAPEZOID_NODES - 1))
    weights[[0, -1]] /= 2
    return np.linspace(-1, 1, TRAPEZOID_NODES), weights


@cache
def _gauss() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    nodes, weights = np.polynomial.legendre.leggauss(GAUSS_NODES)
    return nodes, weights


Rule = Callable[[], tuple[NDArray[np.float64], NDArray[np.float64]]]


def by_grid(rule: Rule, p: Parameters) -> Outcome:
    """Integrate on a fixed grid over the whole spectrum."""
    nodes, weights = rule()
    low, *_, high = textbook.breakpoints(p)

    def integral() -> NDArray[np.float64]:
        half = (high - low) / 2
        w = low + half * (1 + nodes)
        return textbook.on_grid(p, w) @ weights * half

    with np.errstate(all="ignore"):  # what overflows, and 0/0 at the edges, is replaced
        timed = best(integral)
    values = dict(zip(INTEGRALS, map(float, timed.result), strict=True))
    return Outcome(values, timed.seconds, timed.cores)


def by_mpmath(p: Parameters) -> Outcome:
    """Integrate with `mpmath.quad` at 15 digits, one call for each integral."""
    with mp.workdps(MPMATH_DIGITS):
        exact = {name: mp.mpf(value) for name, value in p.items()}
        points = textbook.breakpoints(p)
        integrands = textbook.one_by_one(exact, mp)

        def integrals() -> dict[str, float]:
            return {name: float(mp.quad(integrands[name], points)) for name in INTEGRALS}

        timed = best(integrals, MPMATH_REPEATS)
    return Outcome(timed.result, timed.seconds, timed.cores)


@dataclass(frozen=True)
class Route:
    """A way to the numbers: ``solve`` takes the parameters of one junction.

    ``most``: of how many junctions a regime; None for the whole sample.
    """

    name: str
    text: str
    solve: Callable[[Parameters], Outcome]
    most: int | None = None


ROUTES = (
    Route("quad", f"scipy quad, ten calls, points, {TOLERANCE:g}", by_quad),
    Route("quad_vec", f"scipy quad_vec, points, {VECTOR_TOLERANCE:g}", by_quad_vec),
    Route("trapezoid", f"NumPy, trapezoid, {TRAPEZOID_NODES} nodes", partial(by_grid, _trapezoid)),
    Route("gauss", f"NumPy, Gauss-Legendre, {GAUSS_NODES} nodes", partial(by_grid, _gauss)),
    Route("mpmath", f"mpmath.quad, {MPMATH_DIGITS} digits, points", by_mpmath, most=1),
)
"""The routes that are not qbnum's, the first being what ratios refer to."""
