"""From Arb balls to `Enclosure` and back, without rounding: both are dyadic numbers.

May import: flint, mpmath, qbsym._flint, validation.enclosure.
"""

from __future__ import annotations

from typing import Any

from flint import arb
from mpmath import mp, mpf
from mpmath.libmp import from_man_exp

from qbsym._flint import to_ball
from validation.enclosure import Enclosure

__all__ = ["NAME", "ball", "enclosure", "exact_mpf"]

NAME = "arb"


def exact_mpf(value: Any) -> mpf:
    """Return an exact ball as an mpf, exactly."""
    mantissa, exponent = value.man_exp()
    return mp.make_mpf(from_man_exp(int(mantissa), int(exponent)))


def enclosure(value: Any, absolute: Any, digits: int) -> Enclosure:
    """Return a finite real ball as a certified enclosure."""
    scale = absolute.mid()
    mid, radius, size = map(exact_mpf, (value.mid(), value.rad(), -scale if scale < 0 else scale))
    return Enclosure(mid, radius, size, certified=True, backend=NAME, digits=digits)


def ball(value: Enclosure) -> Any:
    """Return an enclosure as a ball that contains it."""
    return arb(to_ball(value.mid), to_ball(value.radius))
