"""The weak-coupling limits against the reference: does the deviation shrink as claimed?

`qbsym.limits.weak_coupling` gives the leading term of each observable; the next one is two powers
of the coupling smaller, so that a coupling four times weaker deviates sixteen times less, and so
do the limits of the paper's Appendix A. May import: everything.
"""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, Any

from mpmath import mp, mpf
from sympy import Integral

import qbsym
import validation
from qbnum import OBSERVABLES, Junction
from qbsym import limits, symbols
from validation.checks.base import MODEL, Check, Row, Verdict
from validation.exact import ExactJunction

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["CHECKS"]

COUPLINGS = (2.0**-7, 2.0**-9)
"""Weak enough for the order to show, strong enough for the deviation to have digits."""

CLAIMED_ORDER = 2.0
"""Order of the deviation over the leading power: the next term has two more powers of v."""

TOLERANCE = 0.02
"""What a third term, of relative order v^2 ln v at these couplings, may still move the order."""

DIGITS = 20

REGIMES = {"full": -0.2, "resonant": 0.1, "empty": 0.4}
DRIVE = {"bias": 0.5, "temperature_gradient": 0.05}


@cache
def _leading(name: str) -> tuple[qbsym.CompiledFunction, qbsym.CompiledFunction | None]:
    """Return the callable of a leading term, and of the ends of its integral if it has one."""
    expression = limits.weak_coupling(name)
    if not isinstance(expression, Integral):
        return qbsym.lambdify(expression, symbols.PARAMETERS, "mpmath"), None
    variable, low, high = expression.limits[0]
    arguments = (variable, *symbols.PARAMETERS)
    integrand = qbsym.lambdify(expression.function, arguments, "mpmath", variables=1)
    return integrand, qbsym.lambdify([low, high], symbols.PARAMETERS, "mpmath")


def _leading_value(name: str, exact: ExactJunction) -> Any:
    with mp.workdps(DIGITS + 20):
        numbers = [mpf(p.numerator) / p.denominator for p in exact.parameters.values()]
        function, ends = _leading(name)
        if ends is None:
            return function(*numbers)
        low, high = ends(*numbers)
        level, bound = numbers[0], function.bind(*numbers)
        centre, half = (low + high) / 2, (high - low) / 2

        def in_k(k: Any) -> Any:
            return bound(centre - half * mp.cos(k)) * half * mp.sin(k)

        # Gauss-Legendre nodes keep away from the ends, where the integrand is 0/0.
        mus = {mp.acos((centre - x) / half) for x in (numbers[4], numbers[9]) if abs(x) < half}
        splits = sorted({mpf(0), mp.pi, mp.acos((centre - level) / half), *mus})
        return mp.quad(in_k, splits, method="gauss-legendre")


def _orders(digits: int) -> Iterator[Row]:
    for regime, level in REGIMES.items():
        found: dict[str, list[float]] = {name: [] for name in OBSERVABLES}
        for coupling in COUPLINGS:
            junction = Junction.symmetric(level=level, coupling=coupling, **DRIVE)
            exact = ExactJunction.from_junction(junction)
            reference = validation.reference(junction, digits=DIGITS)
            for name in OBSERVABLES:
                value, leading = reference[name].mid, _leading_value(name, exact)
                with mp.workdps(DIGITS + 20):
                    # Over the power of v of the leading term, not over the term: it may vanish.
                    power = limits.COUPLING_POWER[name]
                    found[name].append(float(abs(value - leading) / mpf(coupling) ** power))
        for name, (strong, weak) in found.items():
            yield _row(regime, name, strong, weak)


def _row(regime: str, name: str, strong: float, weak: float) -> Row:
    """Return the row of the order with which a deviation shrinks."""
    if strong == weak == 0 or (name == "spectral_weight" and max(strong, weak) < 10.0**-DIGITS):
        order = math.inf  # the leading term is the whole: better than claimed
    else:
        order = math.log(strong / weak) / math.log(COUPLINGS[0] / COUPLINGS[1])
    short = max(0.0, CLAIMED_ORDER - order)
    return Row(
        check="weak-coupling",
        case=f"{regime}, v = {COUPLINGS[0]:g} to {COUPLINGS[1]:g}",
        group=MODEL,
        observable=name,
        verdict=Verdict.AGREED if short <= TOLERANCE else Verdict.DISAGREED,
        error=short,
        plain=strong,
        scaled=weak,
        tolerance=TOLERANCE,
        value=f"order {order:.4f}: deviation over v^p {strong:.3e}, then {weak:.3e}",
        expected=f"order {CLAIMED_ORDER:g}",
    )


CHECKS = (
    Check(
        name="weak-coupling",
        claim="Each observable approaches its derived weak-coupling limit, by order 2 in v.",
        tolerance="the measured order may fall short of 2 by 0.02; more is better than claimed",
        run=_orders,
        counts_digits=False,
    ),
)
