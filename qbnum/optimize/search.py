"""The search: a scan of the whole box, and every maximum of it refined.

May import: numpy, scipy, qbnum.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.spatial import KDTree
from scipy.stats import qmc

from qbnum.optimize.objective import Problem

__all__ = ["Found", "refined", "scan_points", "starts"]

Array: TypeAlias = NDArray[np.float64]

SEED = 20240229
"""Of the scrambled Sobol points: the same search twice gives the same bits."""

LINE, SIDE = 513, 65
"""Points of the scan of one parameter, and along each of two: a fifth of a second or less."""

MANY = 4096
"""Points of the scan of three parameters or more: a power of two, as Sobol's sequence wants."""

MOST_STARTS = 8
"""Maxima of the scan that are refined, the highest first."""

STEP = 1e-4
"""Of the differences of slopes, in parts of the box: right to (STEP/feature)^2."""

TRUST = 0.05
"""The longest step of Newton's method, in parts of the box."""

NEWTON_STEPS = 8

NEAR = 1e-3
"""Nearer to a known maximum than this part of the box, the coarse way has led there again."""

ON_FACE = 1e-9
"""Nearer to a bound than this part of the box, and rising towards it: on the bound."""


@dataclass(frozen=True, eq=False)
class Found:
    """A local maximum in the unit cube.

    ``loose`` bounds, to first order, how far the exact one is: infinite where the objective is
    flat to rounding.
    """

    u: Array
    value: float
    error: float
    slope: Array
    slope_error: Array
    loose: Array
    on_lower: NDArray[np.bool_]
    on_upper: NDArray[np.bool_]


def scan_points(dimension: int, points: int | None) -> Array:
    """Return the points (n, d) of the unit cube that are scanned, its corners among them."""
    if dimension <= 2:
        side = (LINE, SIDE)[dimension - 1]
        if points is not None:
            side = max(3, round(points ** (1 / dimension)))
        axes = np.meshgrid(*(np.linspace(0, 1, side),) * dimension, indexing="ij")
        return np.stack([axis.ravel() for axis in axes], axis=-1)
    power = int(np.ceil(np.log2(points or MANY)))
    inner = np.asarray(qmc.Sobol(dimension, scramble=True, rng=SEED).random_base2(power))
    if dimension > 6:
        return inner
    corners = np.indices((2,) * dimension).reshape(dimension, -1).T.astype(np.float64)
    return np.concatenate([corners, inner])


def starts(u: Array, score: Array) -> list[Array]:
    """Return the points of a scan that no neighbour exceeds, the highest first."""
    defined = np.isfinite(score)
    points, heights = u[defined], score[defined]
    if not len(points):
        return []
    dimension = u.shape[1]
    # A grid's point has 3^d - 1 neighbours; scattered ones have as many that matter at d = 2.
    neighbours = min(len(points), 3 ** min(dimension, 2) + (0 if dimension <= 2 else 2 * dimension))
    _, index = KDTree(points).query(points, k=np.arange(1, neighbours + 1))
    highest = heights >= heights[index].max(axis=1)
    order = np.argsort(-heights[highest], kind="stable")
    return list(points[highest][order][:MOST_STARTS])


def refined(
    problem: Problem, u: Array, sign: float, unit: float, known: Iterable[Array]
) -> Found | None:
    """Climb from a point to the maximum of ``sign`` times the objective.

    Quasi-Newton inside the bounds, then Newton's method on the free parameters until rounding
    stops it. ``unit`` is the size of the objective over the box. None if the way leads nowhere,
    or to one of the maxima ``known``.
    """
    lowest, at_lowest = np.inf, u

    def descend(at: Array) -> tuple[float, Array]:
        nonlocal lowest, at_lowest
        there = problem.derivatives(at[None])
        value, slope = -sign * there.value[0] / unit, -sign * there.slope[0] / unit
        if not (np.isfinite(value) and np.isfinite(slope).all()):
            # Undefined here: higher than anything, so that the line search turns back.
            return 1e10, np.zeros_like(at)
        if value < lowest:
            lowest, at_lowest = value, at.copy()
        return value, slope

    # Coarse: Newton's method below is what makes it exact.
    minimize(
        descend, u, jac=True, method="L-BFGS-B", bounds=[(0, 1)] * len(u),
        options={"ftol": 1e-10, "gtol": 1e-6, "maxiter": 60},
    )  # fmt: skip
    if not np.isfinite(lowest) or any(np.abs(at_lowest - there).max() < NEAR for there in known):
        return None
    return _polished(problem, at_lowest, sign)


def _polished(problem: Problem, u: Array, sign: float) -> Found | None:
    u = u.copy()
    last, attained = np.inf, True
    curvature = np.zeros((0, 0))
    free = np.zeros(len(u), dtype=bool)
    here = problem.derivatives(u[None])
    for _ in range(NEWTON_STEPS):
        slope = sign * here.slope[0]
        u[(u < ON_FACE) & (slope < 0)] = 0.0
        u[(u > 1 - ON_FACE) & (slope > 0)] = 1.0
        now = ~(_on_lower(u, slope) | _on_upper(u, slope))
        if (now != free).any():
            free, last = now, np.inf
            curvature = sign * _curvature(problem, u, free)
        if not free.any() or not _is_negative(curvature):
            break
        step = -np.linalg.solve(curvature, slope[free])
        size = float(np.abs(step).max())
        if not size < last:  # no nearer than rounding allows
            break
        last = size
        moved = u.copy()
        moved[free] = np.clip(u[free] + np.clip(step, -TRUST, TRUST), 0, 1)
        there = problem.derivatives(moved[None])
        attained = bool(np.isfinite(there.value[0]))
        if not attained:  # the maximum is not where it is defined
            break
        u, here = moved, there
    here = problem.derivatives(u[None])  # a bound may have caught it since
    if not np.isfinite(here.value[0]):
        return None
    slope = sign * here.slope[0]
    loose = np.zeros(len(u))
    if free.any():
        loose[free] = np.inf
        if attained and _is_negative(curvature):
            gap = (np.abs(slope) + here.slope_error[0])[free]
            loose[free] = np.abs(np.linalg.inv(curvature)) @ gap
    return Found(
        u, float(here.value[0]), float(here.error[0]), here.slope[0], here.slope_error[0],
        loose, _on_lower(u, slope), _on_upper(u, slope),
    )  # fmt: skip


def _on_lower(u: Array, slope: Array) -> NDArray[np.bool_]:
    held: NDArray[np.bool_] = (u == 0) & (slope <= 0)
    return held


def _on_upper(u: Array, slope: Array) -> NDArray[np.bool_]:
    held: NDArray[np.bool_] = (u == 1) & (slope >= 0)
    return held


def _curvature(problem: Problem, u: Array, free: NDArray[np.bool_]) -> Array:
    """Return the second derivatives by the free coordinates, from differences of slopes."""
    # On the faces the differences are taken just inside.
    centre = np.where(free, np.clip(u, STEP, 1 - STEP), u)
    along = np.eye(len(u))[free] * STEP
    slope = problem.derivatives(np.concatenate([centre + along, centre - along])).slope[:, free]
    above, below = np.split(slope, 2)
    curvature = (above - below) / (2 * STEP)
    return np.asarray((curvature + curvature.T) / 2)


def _is_negative(curvature: Array) -> bool:
    return bool(np.isfinite(curvature).all() and np.linalg.eigvalsh(curvature).max() < 0)
