"""Certified bound states: an approximate zero of 1/G^r, proven by a change of sign in Arb balls.

1/G^r = F(omega) is strictly increasing in every gap of the spectrum (`backends.bands`), so that
F < 0 at one point and F > 0 at a higher one of the same gap enclose the zero that the gap holds.
May import: flint, qbsym, validation.exact, .enclosure, .errors, .backends.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from flint import arb, ctx
from sympy import diff

from qbsym import greens, symbols
from qbsym._flint import to_ball
from qbsym.callables import lambdify
from validation.backends import bound
from validation.backends.balls import enclosure
from validation.backends.bands import Gap, gaps_with_bound_state, without_idle_leads
from validation.backends.bound import BoundState
from validation.backends.features import to_fraction
from validation.errors import PrecisionNotReachedError
from validation.exact import ExactJunction

__all__ = ["bound_states"]


def bound_states(j: ExactJunction, digits: int) -> tuple[BoundState, ...]:
    """Return the bound states in order of energy, enclosed rigorously.

    The energy is accurate to ``digits`` relative to its distance from the nearest band edge, the
    weight relative to itself. With both couplings zero the level itself is one, of weight 1.

    Raises
    ------
    PrecisionNotReachedError
        A bound state lies too close to an edge, or its energy is not confirmed.
    """
    approximate = bound.bound_states(j, digits)
    moved = without_idle_leads(j)
    if not (moved.left.coupling or moved.right.coupling):
        with ctx.workprec(4 * digits + 64):
            level = to_ball(j.level)
            return (BoundState(enclosure(level, abs(level), digits),
                               enclosure(arb(1), arb(1), digits)),)  # fmt: skip
    return tuple(
        _proven(moved, gap, state, digits)
        for gap, state in zip(gaps_with_bound_state(moved), approximate, strict=True)
    )


@cache
def _compiled(left: str, right: str) -> Any:
    function = greens.inverse_green(left, right)[0]
    expressions = [function, diff(function, symbols.omega)]
    return lambdify(expressions, backend="flint", variables=1)


def _proven(j: ExactJunction, gap: Gap, state: BoundState, digits: int) -> BoundState:
    middle, radius = (to_fraction(part) for part in (state.energy.mid, state.energy.radius))
    low, high = middle - radius, middle + radius
    inside = (gap.lower is None or low > gap.lower) and (gap.upper is None or high < gap.upper)
    function = _compiled(*gap.regions).bind(*j.parameters.values())
    # Enough to tell the distance to the edge and the width of the enclosure from rounding.
    bits = max(low.denominator, high.denominator).bit_length() + 8 * digits
    with ctx.workprec(bits + 64):
        if not (inside and function(low)[0] < 0 and function(high)[0] > 0):
            raise PrecisionNotReachedError(
                "the bound state's energy is not confirmed by a change of sign; "
                "ask for fewer digits",
                "bound states",
                digits,
                0,
            )
        energy = to_ball(low).union(to_ball(high))
        weight = 1 / function(energy)[1]
        return BoundState(enclosure(energy, abs(energy), digits), enclosure(weight, weight, digits))
