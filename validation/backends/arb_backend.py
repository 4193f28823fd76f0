"""The certified reference by Arb: every observable of the design, Eqs. (7)-(A7), proven enclosed.

The integrands are those of qbsym, in another variable than `mpmath_backend`'s, with other panels,
another rule and another arithmetic. How accurate the integrals must be, and at what precision, is
guessed, tried and corrected; what comes out is enclosed whatever was guessed.
May import: flint, mpmath, qbsym, validation.exact, .enclosure, .errors, .metrics, .backends.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction
from typing import Any

from flint import arb, ctx

from qbsym.observables import INTEGRALS, OBSERVABLES
from validation.backends import bands, zeros
from validation.backends.arb_assembly import Ball, assemble
from validation.backends.arb_bound import bound_states
from validation.backends.arb_pieces import Integrator
from validation.backends.arb_rule import ball_log2
from validation.backends.balls import NAME, ball, enclosure
from validation.backends.bound import BoundState
from validation.enclosure import Enclosure
from validation.errors import PrecisionNotReachedError, ValidationError
from validation.exact import ExactJunction
from validation.metrics import SIGN_CHANGING

__all__ = ["NAME", "bound_states", "evaluate"]

BITS = math.log2(10)
"""Bits of a decimal digit."""

GUARD, MARGIN = 20, 24
"""Bits of the integrals beyond those asked, and of the arithmetic beyond those of the integrals."""

MAX_BITS = 1400
"""Accuracy of the integrals beyond which a cancellation is not pursued."""

MAX_PRECISION = 6000
"""Bits of arithmetic beyond which rounding is not pursued."""

MAX_PASSES = 8

UNDERFLOW_BITS = -1097
"""log2 of 1e-330: below it, where no double lies, a value is enclosed but not resolved."""

FILLINGS = (
    "particle_number",
    "hole_number",
    "equilibrium_particle_number",
    "equilibrium_hole_number",
)
"""The integrals whose logarithms matter, so that they are resolved however small they are."""

FEEDS = {
    "two_state_entropy": ("particle_number", "hole_number"),
    "two_state_exergy": FILLINGS,
}
FEEDS["entropy_gap"] = ("entropy", *FEEDS["two_state_entropy"])
FEEDS["exergy_gap"] = ("exergy", *FEEDS["two_state_exergy"])
"""The integrals that a combination without an integrand of its own is made of."""


def evaluate(
    j: ExactJunction,
    digits: int,
    names: Collection[str],
    occupations: Sequence[Fraction] | None,
    states: Sequence[BoundState],
) -> dict[str, Enclosure | ValidationError]:
    """Return the observables, each a certified enclosure or the error that refuses it.

    Parameters
    ----------
    j : ExactJunction
    digits : int
        Relative to the value; for observables whose integrand changes sign, relative to the
        integral of its absolute value.
    names : collection of str
        The observables whose digits matter; others come as accurate as they happen to be.
    occupations : sequence of Fraction or None
        Of each bound state; None leaves the bound states out.
    states : sequence of BoundState
        The junction's certified bound states, as `bound_states` of ``digits`` + 30 gives them.

    Raises
    ------
    PrecisionNotReachedError
        The sum rule integral A + sum Z = 1 does not hold within the enclosures.
    """
    whole = occupations is not None or not states
    vanishing = zeros.vanishing_observables(j, whole, bool(states))
    null = zeros.vanishing_integrals(j)
    j = bands.without_idle_leads(j)
    integrator = Integrator(j, bands.segments(j))
    wanted = [name for name in INTEGRALS if name not in null]
    bits = dict.fromkeys(wanted, math.ceil(digits * BITS) + GUARD)
    sizes, lost = _sizes(integrator, wanted, max(bits.values(), default=0) + MARGIN)
    integrals = {name: Ball(arb(0), arb(0)) for name in null}
    values: dict[str, Ball] = {}
    stale = wanted
    for _ in range(MAX_PASSES):
        precision = max((bits[name] + lost[name] for name in wanted), default=64) + MARGIN
        with ctx.workprec(min(precision, MAX_PRECISION)):
            integrals |= integrator.integrate(stale, sizes, bits)
            for name in stale:
                sizes[name] = _size(integrals[name], sizes[name])
            _check_sum_rule(integrals["spectral_weight"], states)
            values = assemble(j, integrals, states, occupations, vanishing)
        stale = _raise_goals(values, names, digits, bits)
        if not stale:
            break
    return {name: _result(name, values[name], digits) for name in OBSERVABLES if name in values}


def _sizes(
    integrator: Integrator, names: Sequence[str], bits: int
) -> tuple[dict[str, Any], dict[str, int]]:
    """Return the sizes of the integrals and the bits that rounding costs them.

    What lies below all doubles counts as just below them, and costs no more than to see that.
    """
    least = arb(2) ** (UNDERFLOW_BITS - 4)
    smallest = {name: least for name in names if name not in FILLINGS}
    precision = bits
    while True:
        with ctx.workprec(precision):
            sizes, lost = integrator.sizes(names, smallest)
        # With no bit left the loss itself is not known yet.
        if precision >= MAX_PRECISION or max(lost.values(), default=0) < precision - 8:
            return sizes, lost
        precision = min(2 * precision, MAX_PRECISION)


def _size(found: Ball, guess: Any) -> Any:
    """Return the size that an integral has turned out to have, if it tells."""
    known = found.absolute
    return known.mid() if known.is_finite() and known.mid() > 2 * known.rad() else guess


def _raise_goals(
    values: Mapping[str, Ball], names: Collection[str], digits: int, bits: dict[str, int]
) -> list[str]:
    """Raise the accuracy of the integrals that fell short, and return their names."""
    raised: dict[str, int] = {}
    for name in names:
        if name not in values:
            continue
        reached = max(_reached_bits(name, values[name]), 0.0)
        missing = math.ceil(max(digits * BITS - reached, 0.0))
        for integral in FEEDS.get(name, (name,)):
            if missing <= 0 or integral not in bits:
                continue
            # Where no bit is right the depth of the cancellation is not known yet.
            goal = bits[integral] + (missing + 8 if reached > 0 else bits[integral])
            raised[integral] = max(raised.get(integral, 0), min(goal, MAX_BITS))
    stale = [name for name in bits if raised.get(name, 0) > bits[name]]
    bits.update({name: raised[name] for name in stale})
    return stale


def _reached_bits(name: str, value: Ball) -> float:
    """Return the bits that the radius leaves, relative to what is asked of the observable."""
    if not value.value.is_finite():
        return -math.inf
    radius = ball_log2(value.value.rad())
    if ball_log2(value.value.abs_upper()) < UNDERFLOW_BITS or radius == -math.inf:
        return math.inf
    scale = value.absolute if name in SIGN_CHANGING else value.value
    size = ball_log2(abs(scale.mid()))
    return 0.0 if size == -math.inf else size - radius


def _check_sum_rule(found: Ball, states: Sequence[BoundState]) -> None:
    """Hold the integral of A against 1: its ball must contain it, or a proof is wrong."""
    total = sum((ball(state.weight) for state in states), start=found.value)
    if total.is_finite() and not total.overlaps(arb(1)):
        raise PrecisionNotReachedError(
            f"the sum rule (integral of A plus bound-state weights = 1) is violated: {total}; "
            "this is a defect of the certified backend, please report the junction",
            "spectral_weight",
        )


def _result(name: str, value: Ball, digits: int) -> Enclosure | ValidationError:
    reached = _reached_bits(name, value) / BITS
    if reached < digits:
        return PrecisionNotReachedError(
            f"{name} is enclosed to {max(reached, 0.0):.1f} digits where {digits} were asked: it "
            f"is left by a cancellation deeper than the caps ({MAX_BITS} bits of the integrals, "
            f"{MAX_PRECISION} of arithmetic) allow, or exactly zero; ask for fewer digits",
            name,
            digits,
            reached,
        )
    return enclosure(value.value, value.absolute, digits)
