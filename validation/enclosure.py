"""A number with its error: what a reference returns.

May import: mpmath, validation.errors.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from mpmath import mp, mpf

from validation.errors import MetricError

__all__ = ["Enclosure", "Number", "distance", "magnitude_digits"]

Number: TypeAlias = "int | float | Fraction | mpf | Enclosure"

GUARD_BITS = 64
"""Bits beyond the operands' own in a difference, which is then right to 2^-64 of itself."""


def _bits(value: mpf | Fraction) -> int:
    if isinstance(value, Fraction):
        return max(value.numerator.bit_length(), value.denominator.bit_length())
    return int(value.man.bit_length())


def _finite(value: Number) -> mpf | Fraction:
    if isinstance(value, Enclosure):
        return value.mid
    if isinstance(value, int | Fraction):
        return Fraction(value)
    if not mp.isfinite(value):
        raise MetricError(f"{value} is not a finite number, so nothing can be measured from it")
    with mp.workprec(max(53, _bits(value) if isinstance(value, mpf) else 53)):
        return mpf(value)


def distance(value: Number, reference: Number) -> mpf:
    """Return ``abs(value - reference)``, neither of them rounded before the difference.

    The result is correct to a relative 2^-64. An `Enclosure` stands for its midpoint.

    Raises
    ------
    MetricError
        One of the two is infinite or not a number.
    """
    first, second = _finite(value), _finite(reference)
    if isinstance(first, Fraction) and isinstance(second, Fraction):
        gap = abs(first - second)
        with mp.workprec(53 + GUARD_BITS):
            return mpf(gap.numerator) / mpf(gap.denominator)
    if isinstance(first, Fraction) or isinstance(second, Fraction):
        # p/q - x = (p - q x)/q: the products are exact, so that nothing cancels but once.
        fraction, other = (first, second) if isinstance(first, Fraction) else (second, first)
        numerator, denominator = mpf(0), mpf(1)
        with mp.workprec(2 * _bits(fraction) + _bits(other) + GUARD_BITS):
            denominator = mpf(fraction.denominator)
            product = denominator * other
            numerator = mpf(fraction.numerator) - product
        with mp.workprec(53 + GUARD_BITS):
            return abs(numerator) / denominator
    with mp.workprec(53 + GUARD_BITS):
        return abs(first - second)


def magnitude_digits(ratio: mpf) -> float:
    """Return ``-log10(ratio)`` as a float, infinite for 0; ``ratio`` may lie far below 1e-308."""
    if ratio == 0:
        return math.inf
    with mp.workprec(53):
        return float(-mp.log10(ratio))


@dataclass(frozen=True)
class Enclosure:
    """A reference value and a bound of its error.

    Parameters
    ----------
    mid, radius : mpf
        The exact value lies in ``[mid - radius, mid + radius]``: proven if ``certified``, else by
        an error estimate from a second quadrature.
    absolute_integral : mpf
        The integral of the integrand's absolute value, in the observable's own units (for
        sign-definite quantities ``abs(mid)``): the scale of what cancels in ``mid``.
    certified : bool
        Whether the radius is proven.
    backend : str
        Who computed it.
    digits : int
        Digits that were asked for.
    """

    mid: mpf
    radius: mpf
    absolute_integral: mpf
    certified: bool = False
    backend: str = ""
    digits: int = 0

    @property
    def right_digits(self) -> float:
        """Decimal digits of ``mid`` that the radius vouches for; infinite for an exact value."""
        if self.radius == 0:
            return math.inf
        if self.mid == 0:
            return 0.0
        with mp.workprec(53):
            return max(0.0, magnitude_digits(self.radius / abs(self.mid)))

    @property
    def condition(self) -> float:
        """``absolute_integral / abs(mid)`` >= 1: how much cancels; infinite where ``mid`` is 0."""
        if self.absolute_integral == 0:
            return 1.0
        if self.mid == 0:
            return math.inf
        with mp.workprec(53):
            return float(self.absolute_integral / abs(self.mid))

    def contains(self, value: Number) -> bool:
        """Return whether ``value`` lies within the radius of the midpoint.

        The distance is formed from the unrounded value, to a relative 2^-64.
        """
        return bool(distance(value, self.mid) <= self.radius)

    def overlaps(self, other: Enclosure) -> bool:
        """Return whether the two enclosures have a point in common."""
        with mp.workprec(53 + GUARD_BITS):
            return bool(distance(self.mid, other.mid) <= self.radius + other.radius)

    def __float__(self) -> float:
        return float(self.mid)

    def __str__(self) -> str:
        if self.radius == 0:
            return mp.nstr(self.mid, max(self.digits, 15))
        bound = mp.nstr(self.radius, 2)
        # One digit less than the radius vouches for: the last one may be off by rounding.
        shown = math.floor(self.right_digits)
        if shown < 1:
            with mp.workprec(53):
                return f"0 (+- {mp.nstr(abs(self.mid) + self.radius, 2)}, no digit is right)"
        return f"{mp.nstr(self.mid, shown)} (+- {bound})"

    def __repr__(self) -> str:
        kind = "certified" if self.certified else "estimated"
        return f"<Enclosure {self}, {kind} by {self.backend or 'unknown'}>"
