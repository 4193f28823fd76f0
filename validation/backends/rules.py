"""Two quadrature rules of different nature, and the mesh that suits both.

Gauss-Legendre nodes come from mpmath; the tanh-sinh rule is spelt out here, because the step must
follow the integrand and nodes must keep their distance to an end point. Each rule is a list of
(distance of the node from -1, weight) on [-1, 1]. May import: mpmath, validation.errors.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Sequence
from functools import cache

from mpmath import mp, mpc, mpf
from mpmath.calculus.quadrature import GaussLegendre

from validation.errors import PrecisionNotReachedError

__all__ = ["GAUSS_NODES", "gauss_legendre", "graded_mesh", "sharpness", "tanh_sinh"]

Rule = tuple[tuple[mpf, mpf], ...]

GAUSS_NODES = (24, 48, 96, 192, 384)
"""Orders that mpmath's generator offers (3 * 2^k) and that are worth their while."""

_EXTRA = 10
"""Decimal digits of nodes and weights beyond those asked of the integral."""


def _step(digits: int) -> int:
    """Round digits up, so that few rules serve all requests."""
    return -(-(digits + _EXTRA) // 16) * 16


def gauss_legendre(nodes: int, digits: int) -> Rule:
    """Return the Gauss-Legendre rule of 3 * 2^k nodes, accurate beyond ``digits``."""
    return _gauss_legendre(nodes, _step(digits))


@cache
def _gauss_legendre(nodes: int, digits: int) -> Rule:
    degree = (nodes // 3).bit_length()
    with mp.workdps(digits):
        found = GaussLegendre(mp).calc_nodes(degree, mp.prec)
        return tuple(sorted((1 + x, weight) for x, weight in found))


@cache
def tanh_sinh(steps_per_unit: int, digits: int) -> Rule:
    """Return the tanh-sinh rule of step 1/steps_per_unit, without the weights below 10^-digits.

    x = tanh(pi/2 sinh t); the distance 1 + x is computed without cancellation.
    """
    smallest = mpf(10) ** -digits
    return tuple(node for node in _tanh_sinh(steps_per_unit, _step(digits)) if node[1] > smallest)


@cache
def _tanh_sinh(steps_per_unit: int, digits: int) -> Rule:
    with mp.workdps(digits):
        step = mpf(1) / steps_per_unit
        smallest = mp.eps
        right = []
        for k in range(20 * steps_per_unit):
            growth = mp.exp(k * step)
            decay = 1 / growth
            distance = 2 / (1 + mp.exp(mp.pi * (growth - decay) / 2))  # 1 - x
            # cosh(t) / cosh^2(pi/2 sinh t), with 1/cosh^2 = (1 - x)(1 + x)
            weight = step * mp.pi / 4 * (growth + decay) * distance * (2 - distance)
            if weight < smallest:
                break
            right.append((distance, weight))
        left = [(distance, weight) for distance, weight in reversed(right[1:])]
        return (*left, *((2 - distance, weight) for distance, weight in right))


def sharpness(digits: int, nodes: int) -> float:
    """Return the size rho of the Bernstein ellipse in which ``nodes`` Gauss nodes reach 10^-digits.

    The error on an interval falls as rho^(-2 nodes), where rho is the sum of half-axes of the
    largest ellipse with the interval's ends as foci (half-length 1) that holds no singularity.
    """
    return 10 ** (digits / (2 * nodes))


def graded_mesh(singularities: Sequence[mpc], end: mpf, rho: float) -> list[mpf]:
    """Return breakpoints 0 = b_0 < ... < b_n = end such that each panel's ellipse is free.

    Parameters
    ----------
    singularities : sequence of mpc
        In the complex plane of the variable, none of them on the interval.
    end : mpf
        The interval is [0, end].
    rho : float
        Size of the Bernstein ellipse, > 1.

    Raises
    ------
    PrecisionNotReachedError
        The precision in force does not resolve a singularity from the interval.

    Notes
    -----
    Each panel is as long as may be. The ellipse with foci a and b passes through z where
    (|z - a| + |z - b|)/(b - a) equals (rho + 1/rho)/2 = K: for given a and z
    the largest b solves a quadratic.
    """
    k = mpf((rho + 1 / rho) / 2)
    points = [mpf(0)]
    while points[-1] < end:
        start = points[-1]
        longest = end
        for z in singularities:
            distance = abs(z - start)
            longest = min(longest, 2 * (k * distance - (z.real - start)) / (k * k - 1))
        points.append(min(start + longest, end))
        if points[-1] <= start:
            raise PrecisionNotReachedError(
                f"a feature of the integrand at theta = {mp.nstr(start, 10)} of its segment is "
                "narrower than the working precision resolves; ask for fewer digits"
            )
    return points


def strip_half_width(singularities: Sequence[complex]) -> float:
    """Return the half-width of the strip in which tanh-sinh is analytic on [-1, 1].

    Parameters
    ----------
    singularities : sequence of complex
        In the coordinate that maps the panel to [-1, 1].
    """
    width = math.pi / 2
    for u in singularities:
        if u.imag == 0 and abs(u.real) <= 1:
            return 0.0
        w = cmath.asinh(cmath.atanh(u) * 2 / math.pi)
        width = min(width, abs(w.imag))
    return width
