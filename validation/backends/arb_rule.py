"""Certified Gauss-Legendre quadrature of several integrands at once, in Arb balls.

The algorithm of `acb.integral` (Petras; Johansson 2018), for functions that share evaluations. Let
f be analytic with abs(f) <= M on the ellipse with foci -1, 1 and semi-axes (rho +- 1/rho)/2. Its
Chebyshev coefficients obey abs(a_k) <= 2 M rho^-k; the n-point rule is exact up to degree 2n - 1,
right for every odd k by symmetry, and wrong for T_k by at most 2 + 2/(k^2 - 1) <= 32/15, k >= 4. So

    abs(integral - rule) <= 64/15 M rho^(-2n)/(1 - rho^-2),    n >= 2.

M comes from one evaluation on a box around the ellipse; where the box touches a singularity the
result is not finite and the panel is bisected. May import: flint.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, TypeAlias

from flint import acb, arb, ctx, fmpq

__all__ = ["Integrand", "ball_log2", "integrate"]

Integrand: TypeAlias = Callable[[Any, bool], Sequence[Any]]
"""Several functions of one complex ball; the flag asks for balls that are not finite where a
function is not analytic."""

ELLIPSES = (fmpq(5), fmpq(5, 2))
"""The rho that are tried on a panel, in this order."""

POINTS = (4, 6, 8, 12, 16, 20, 24, 28, 32, 40, 48, 56, 64, 80, 96, 128, 160, 192, 256, 384, 512)

MAX_EVALUATIONS = 200_000
"""Evaluations after which the panels left over are enclosed by their range."""


def integrate(
    functions: Integrand, a: Any, b: Any, goals: Sequence[Any], budget: int = MAX_EVALUATIONS
) -> tuple[list[Any], int]:
    """Return balls around the integrals from a to b, and the number of evaluations.

    Parameters
    ----------
    functions : callable
        See `Integrand`.
    a, b : arb
        Real limits.
    goals : sequence of arb
        Errors that are aimed at on each panel, one for each function, positive. A goal too small
        for the precision in force costs time and is not reached: the balls tell.
    budget : int
        Evaluations after which what is left is enclosed by its range, finite or not.
    """
    totals: list[Any] = [acb(0)] * len(goals)
    targets = [ball_log2(goal) for goal in goals]
    # Beyond, a panel is better bisected.
    most = 48 + ctx.prec // 4
    stack, evaluations = [(a, b)], 0
    while stack:
        low, high = stack.pop()
        centre, radius = (low + high) / 2, (high - low) / 2
        found = None
        if evaluations < budget:
            for rho in ELLIPSES:
                evaluations += 1
                values = functions(_box(centre, radius, rho), True)
                if all(value.is_finite() for value in values):
                    found = _rule(functions, centre, radius, rho, values, targets, most)
                    if found is not None:
                        break
        if found is None:
            found = _by_range(functions, low, high, targets, evaluations >= budget)
        if found is None:
            middle = centre.mid()
            stack += [(middle, high), (low, middle)]
            evaluations += 1
            continue
        parts, used = found
        evaluations += used
        totals = [total + part for total, part in zip(totals, parts, strict=True)]
    return [total.real for total in totals], evaluations


def _box(centre: Any, radius: Any, rho: fmpq) -> Any:
    across, along = (rho + 1 / rho) / 2, (rho - 1 / rho) / 2
    return acb(centre + radius * arb(0, across), radius * arb(0, along))


def _rule(
    functions: Integrand,
    centre: Any,
    radius: Any,
    rho: fmpq,
    bounds: Sequence[Any],
    targets: Sequence[float],
    most: int,
) -> tuple[list[Any], int] | None:
    """Return the sums of the smallest rule that meets the targets, with their errors, or None."""
    factor = radius * arb(fmpq(64, 15)) / arb(1 - 1 / rho**2)
    sizes = [(bound.abs_upper() * factor).abs_upper() for bound in bounds]
    excess = max(
        (ball_log2(size) - goal for size, goal in zip(sizes, targets, strict=True) if size > 0),
        default=0.0,
    )
    rate = 2 * math.log2(float(rho.p) / float(rho.q))
    needed = excess / rate
    n = next((n for n in POINTS if n >= needed), None)
    if n is None or n > most:
        return None
    totals = [acb(0)] * len(bounds)
    for node, weight in _nodes(n, ctx.prec):
        values = functions(acb(centre + radius * node), False)
        totals = [total + weight * value for total, value in zip(totals, values, strict=True)]
    shrink = arb(1 / rho) ** (2 * n)
    errors = [arb(0, (size * shrink).abs_upper()) for size in sizes]
    return [radius * total + error for total, error in zip(totals, errors, strict=True)], n


def _by_range(
    functions: Integrand, low: Any, high: Any, targets: Sequence[float], forced: bool
) -> tuple[list[Any], int] | None:
    """Return the ranges of the functions times the length, if that meets the targets or must do."""
    interval = low.union(high)
    length = high - low
    parts = [length * value for value in functions(acb(interval), False)]
    if forced or all(
        part.is_finite() and ball_log2(part.real.rad()) <= target
        for part, target in zip(parts, targets, strict=True)
    ):
        return parts, 1
    return None


def ball_log2(value: Any) -> float:
    """Return log2 of a positive exact ball, -inf for 0, inf where it is not finite."""
    if not value.is_finite():
        return math.inf
    mantissa, exponent = value.mid().man_exp()
    if mantissa == 0:
        return -math.inf
    return float(int(exponent)) + math.log2(abs(int(mantissa)))


@cache
def _nodes(n: int, precision: int) -> tuple[tuple[Any, Any], ...]:
    """Return nodes and weights on [-1, 1] at a precision."""
    with ctx.workprec(precision):
        return tuple(arb.legendre_p_root(n, k, weight=True) for k in range(n))
