"""How far a double is from a reference: total, and without rounding the reference.

Design, "Error measure": E, I, J and the heat currents change sign, so two figures are kept, the
plain relative error and the error relative to the integral of abs(integrand), with their ratio,
the condition number. May import: mpmath, validation.enclosure, validation.errors.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass

from mpmath import mp, mpf

from validation.enclosure import Enclosure, Number, distance, magnitude_digits

__all__ = [
    "NEAR_ZERO_CONDITION",
    "SIGN_CHANGING",
    "Comparison",
    "compare",
    "digits_of_agreement",
    "relative_error",
    "ulps",
]

SIGN_CHANGING = frozenset(
    {
        "energy",
        "equilibrium_energy",
        "charge_current",
        "energy_current",
        "heat_current_left",
        "heat_current_right",
    }
)
"""Observables whose integrand changes sign, so that they may vanish by cancellation."""

NEAR_ZERO_CONDITION = 10.0
"""Condition number from which a sign-changing observable counts as near its zero: there, one
digit of the plain relative error is lost to the cancellation and not to the method."""

SMALLEST_NORMAL = sys.float_info.min
"""Below it doubles lose relative accuracy, and 2^-1074 is all that they can keep."""


def _to_float(value: mpf) -> float:
    """Return ``value`` as a float that is 0 only for 0; beyond the largest double, inf."""
    number = float(value)
    return math.ulp(0.0) if number == 0 and value != 0 else number


def _is_finite(value: float) -> bool:
    if not isinstance(value, float | mpf):
        of_numpy = getattr(value, "shape", None) == () and not getattr(value, "mask", False)
        scalar = value.item() if of_numpy else value
        if not isinstance(scalar, float):
            distance(value, 0)  # refuses what is no number
            return True
        value = scalar
    return bool(mp.isfinite(value))


def _scaled(value: float, reference: Number, scale: mpf) -> float:
    """Return abs(value - reference)/scale, with 0/0 = 0, and inf for any value not finite."""
    if not _is_finite(value):
        return math.inf
    gap = distance(value, reference)
    if gap == 0:
        return 0.0
    if scale == 0:
        return math.inf
    with mp.workprec(117):
        return _to_float(gap / scale)


def relative_error(value: float, reference: Number) -> float:
    """Return ``abs(value - reference)/abs(reference)``, the reference unrounded.

    Total in ``value``: NaN and the infinities are infinitely wrong, and so is any value but 0 for
    a reference that is 0. The result is 0 only where the two are equal.

    Parameters
    ----------
    value : float
        What is judged.
    reference : int, float, Fraction, mpf or Enclosure
        What is right; finite. An enclosure stands for its midpoint.

    Raises
    ------
    MetricError
        The reference is infinite or not a number, or ``value`` is no real number at all.
    """
    return _scaled(value, reference, distance(reference, 0))


def ulps(value: float, reference: Number) -> float:
    """Return the error in units of the spacing of doubles at the reference, in fractions of it.

    A correctly rounded value has at most 0.5. Total like `relative_error`.

    Raises
    ------
    MetricError
        The reference is infinite or not a number, or ``value`` is no real number at all.
    """
    magnitude = float(distance(reference, 0))
    spacing = math.ulp(min(magnitude, sys.float_info.max))
    return _scaled(value, reference, mpf(spacing))


def digits_of_agreement(value: float, reference: Number) -> float:
    """Return the decimal digits in which ``value`` agrees with ``reference``, as far as is known.

    ``-log10`` of the relative error, between 0 and what the reference itself vouches for: the
    radius of an enclosure counts as disagreement. Infinite only for equality with an exact
    reference.

    Raises
    ------
    MetricError
        The reference is infinite or not a number, or ``value`` is no real number at all.
    """
    return compare(value, reference).digits


@dataclass(frozen=True)
class Comparison:
    """A value against its reference, in all the figures that are reported.

    Parameters
    ----------
    value : float
        What is judged.
    reference : Enclosure
        What is right.
    relative : float
        Plain relative error.
    scaled : float
        Error relative to the integral of abs(integrand).
    condition : float
        Ratio of the two: >= 1, infinite at a zero by cancellation.
    ulps : float
        Error in units of the last place.
    judged : float
        The figure that goals on "relative error" mean: ``scaled`` for a sign-changing observable
        near its zero and for what is exactly zero but has a scale, ``relative`` elsewhere. Below
        the smallest normal double, where no double is relatively accurate, it is the error
        relative to that double.
    digits : float
        ``-log10(judged)``, between 0 and what the reference's radius vouches for.
    digits_are_a_bound : bool
        Whether value and reference agree within the reference's radius: then ``digits`` is
        only a lower bound.
    """

    value: float
    reference: Enclosure
    relative: float
    scaled: float
    condition: float
    ulps: float
    judged: float
    digits: float
    digits_are_a_bound: bool

    def __str__(self) -> str:
        if self.digits == math.inf:
            return "equal"
        return f"{'>= ' if self.digits_are_a_bound else ''}{self.digits:.1f} digits"


def compare(value: float, reference: Number, *, sign_changing: bool = False) -> Comparison:
    """Return every figure of ``value`` against ``reference``.

    Parameters
    ----------
    value : float
        What is judged; NaN and infinities are infinitely wrong.
    reference : Enclosure or exact number
        What is right; finite.
    sign_changing : bool
        Whether the observable may vanish by cancellation (`SIGN_CHANGING`).

    Raises
    ------
    MetricError
        The reference is infinite or not a number, or ``value`` is no real number at all.
    """
    magnitude = distance(reference, 0)
    if isinstance(reference, Enclosure):
        enclosure = reference
    else:
        # For show only: all figures below are formed from the reference itself.
        with mp.workprec(117):
            enclosure = Enclosure(mp.convert(reference), mpf(0), magnitude)
    relative = relative_error(value, reference)
    scale = enclosure.absolute_integral
    scaled = _scaled(value, reference, scale) if scale else relative
    near_zero = enclosure.condition >= NEAR_ZERO_CONDITION
    if 0 < magnitude < SMALLEST_NORMAL:
        yardstick = mpf(SMALLEST_NORMAL)
    elif scale and (magnitude == 0 or (sign_changing and near_zero)):
        yardstick = scale
    else:
        yardstick = magnitude
    judged = _scaled(value, reference, yardstick)
    digits, bound = 0.0, False
    if _is_finite(value):
        gap = distance(value, reference)
        with mp.workprec(117):
            total = gap + enclosure.radius
            if total == 0:
                digits = math.inf
            elif yardstick:
                digits = max(0.0, magnitude_digits(total / yardstick))
        bound = bool(gap <= enclosure.radius)
    return Comparison(
        value, enclosure, relative, scaled, enclosure.condition, ulps(value, reference),
        judged, digits, bound,
    )  # fmt: skip
