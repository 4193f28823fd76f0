"""A number with its error: what a reference returns.

May import: mpmath, validation.errors, .exact.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from html import escape
from typing import Any, TypeAlias

from mpmath import mp, mpf

from validation.errors import MetricError, ParameterError
from validation.exact import exact_number

__all__ = ["Enclosure", "Number", "distance", "magnitude_digits", "rounded", "to_fraction"]

Number: TypeAlias = "int | float | Fraction | mpf | Enclosure"

GUARD_BITS = 64
"""Bits beyond the operands' own in a difference, which is then right to 2^-64 of itself."""

SPARE_DIGITS = 10
"""Most digits of a text beyond those asked for."""


def _bits(value: mpf | Fraction) -> int:
    if isinstance(value, Fraction):
        return max(value.numerator.bit_length(), value.denominator.bit_length())
    return int(value.man.bit_length())


def _finite(value: Number) -> mpf | Fraction:
    if isinstance(value, Enclosure):
        return value.mid
    if not isinstance(value, float | mpf):
        try:
            return exact_number(value)
        except ParameterError as error:
            raise MetricError(str(error)) from error
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
        One of the two is infinite or not a number, or no single real number at all.
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


def rounded(value: Fraction, digits: int, *, up: bool = False) -> str:
    """Return a decimal of so many significant digits: the nearest, or the next one above."""
    context = Context(prec=digits, rounding=ROUND_CEILING if up else ROUND_HALF_EVEN)
    text = str(context.divide(Decimal(value.numerator), Decimal(value.denominator)))
    return text.replace("E", "e")


def to_fraction(value: mpf) -> Fraction:
    """Return the fraction that an mpf is."""
    return Fraction(int(value.man)) * Fraction(2) ** int(value.exp) * (-1 if value < 0 else 1)


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

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data: decimal texts, to which the radius belongs as they stand.

        Returns
        -------
        dict
            ``value``, ``radius`` (rounded up, the rounding of ``value`` included) and
            ``absolute_integral`` as texts; ``certified``, ``backend``, ``digits``.
        """
        mid = to_fraction(self.mid)
        # Two digits more than are right, so that the rounding hardly adds to the radius.
        value = rounded(mid, int(min(self.right_digits, self.digits + SPARE_DIGITS)) + 2)
        radius = to_fraction(self.radius) + abs(Fraction(value) - mid)
        return {
            "value": value,
            "radius": rounded(radius, 3, up=True),
            "absolute_integral": rounded(to_fraction(self.absolute_integral), 17),
            "certified": self.certified,
            "backend": self.backend,
            "digits": self.digits,
        }

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
        return f"<Enclosure {self}, {self._origin()}>"

    def _repr_html_(self) -> str:
        return f"<code>{escape(str(self))}</code> {escape(self._origin())}"

    def _origin(self) -> str:
        kind = "certified" if self.certified else "estimated"
        return f"{kind} by {self.backend or 'unknown'}"
