"""From certified integrals and bound states to the observables, in Arb balls.

Eqs. (7), (8), (10)-(13), (A4)-(A7) and the design's rule for occupied bound states. The two-state
observables are evaluated at the midpoints of d and d_eq and widened by the mean-value theorem with
their derivatives on the whole balls: near equilibrium, where the derivatives vanish, that keeps the
digits that ball arithmetic would lose. May import: flint, qbsym, validation.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

from flint import arb, ctx
from sympy import Symbol

from qbsym._flint import to_ball
from qbsym.callables import lambdify
from qbsym.functions import Fermi, LogFermi
from qbsym.observables import INTEGRALS, observable
from validation.backends.balls import ball
from validation.backends.bound import BoundState
from validation.exact import ExactJunction

__all__ = ["Ball", "assemble"]


@dataclass(frozen=True)
class Ball:
    """A certified ball and the integral of the absolute value, roughly."""

    value: Any
    absolute: Any

    def __add__(self, other: Ball) -> Ball:
        return Ball(self.value + other.value, self.absolute + other.absolute)

    def times(self, factor: Any) -> Ball:
        """Return the ball times a number."""
        return Ball(self.value * factor, self.absolute * abs(factor))


def assemble(
    j: ExactJunction,
    integrals: Mapping[str, Ball],
    states: Sequence[BoundState],
    occupations: Sequence[Fraction] | None,
    vanishing: Collection[str],
) -> dict[str, Ball]:
    """Return every observable that is defined, by name, at the precision in force.

    Parameters
    ----------
    j : ExactJunction
    integrals : mapping of str to Ball
        All of `qbsym.INTEGRALS`, over the bands.
    states : sequence of BoundState
        Certified.
    occupations : sequence of Fraction or None
        One for each bound state; None leaves the bound states out, and with them, if there are
        any, the two-state observables and the gaps, which need a whole probability.
    vanishing : collection of str
        Observables that are exactly zero.
    """
    values = {
        name: integrals[name].times(factor)
        for name, factor in zip(INTEGRALS, _prefactors()(), strict=True)
    }
    if occupations is not None:
        for state, n in zip(states, occupations, strict=True):
            for name, gain in _bound_gains(j, state, n).items():
                values[name] += gain
    if occupations is not None or not states:
        values |= _two_state(values)
        # Jensen: 0 <= X2 <= X and 0 <= S <= S2, which says more than the integrals do where X is
        # exponentially small.
        exergy, entropy = values["exergy"], values["two_state_entropy"]
        values["two_state_exergy"] = _within(values["two_state_exergy"], exergy)
        values["entropy_gap"] = _within(_minus(entropy, values["entropy"]), entropy)
        values["exergy_gap"] = _within(_minus(exergy, values["two_state_exergy"]), exergy)
    # X2 may be zero where X is not: its scale is then X, the most that it can be.
    scales = {"two_state_exergy": values["exergy"].absolute}
    zeros = {name: Ball(arb(0), scales.get(name, arb(0))) for name in vanishing}
    return values | zeros


@cache
def _prefactors() -> Any:
    return lambdify([observable(name).prefactor for name in INTEGRALS], (), "flint")


def _definite(value: Any) -> Ball:
    return Ball(value, abs(value))


def _minus(first: Ball, second: Ball) -> Ball:
    return _definite(first.value - second.value)


def _within(value: Ball, most: Ball) -> Ball:
    """Return the part of the ball that lies between 0 and ``most``."""
    allowed = arb(0).union(most.value.upper())
    if allowed.contains(value.value):
        return value
    return _definite(value.value.intersection(allowed))


@cache
def _fermi() -> Any:
    x = Symbol("x", real=True)
    return lambdify([Fermi(x), Fermi(-x), LogFermi(x), LogFermi(-x)], (x,), "flint")


def _p_log_p(p: Fraction) -> Any:
    exact = to_ball(p)
    return exact * exact.log() if p else arb(0)


def _bound_gains(j: ExactJunction, state: BoundState, n: Fraction) -> dict[str, Ball]:
    """Return what a bound state of occupation n adds to each observable."""
    energy, weight = ball(state.energy), ball(state.weight)
    filled, holes = to_ball(n), to_ball(1 - n)
    g, g_holes, log_g, log_g_holes = _fermi()(
        (energy - to_ball(j.mu_eq)) / to_ball(j.temperature_eq)
    )
    entropy = -_p_log_p(n) - _p_log_p(1 - n)
    gains = {
        "particle_number": filled,
        "hole_number": holes,
        "energy": energy * filled,
        "entropy": entropy,
        "exergy": -entropy - filled * log_g - holes * log_g_holes,
        "equilibrium_particle_number": g,
        "equilibrium_hole_number": g_holes,
        "equilibrium_energy": energy * g,
        "equilibrium_entropy": -g * log_g - g_holes * log_g_holes,
    }
    return {name: Ball(weight * gain, weight * abs(gain)) for name, gain in gains.items()}


@dataclass(frozen=True)
class _Filling:
    """A probability by the smaller of p and 1 - p, which holds the digits of both."""

    small: Any
    is_holes: bool

    @property
    def middle(self) -> _Filling:
        return _Filling(self.small.mid(), self.is_holes)

    @property
    def pair(self) -> tuple[Any, Any]:
        """p and 1 - p."""
        both = self.small, 1 - self.small
        return both[::-1] if self.is_holes else both

    @property
    def logs(self) -> tuple[Any, Any]:
        """ln p and ln(1 - p); the logarithm of an exact 0 is left as 0, which multiplies 0.

        That of a ball around 0 is nothing known.
        """
        small = arb(0) if self.small == 0 else self.small.log()
        both = small, (-self.small).log1p()
        return both[::-1] if self.is_holes else both


def _filling(particles: Any, holes: Any) -> _Filling:
    return _Filling(particles, False) if particles.mid() < holes.mid() else _Filling(holes, True)


def _two_state(values: Mapping[str, Ball]) -> dict[str, Ball]:
    """Return the two-state entropy and exergy, Eqs. (A4) and (A5), of d = N and d_eq."""
    d = _filling(values["particle_number"].value, values["hole_number"].value)
    d_eq = _filling(
        values["equilibrium_particle_number"].value, values["equilibrium_hole_number"].value
    )
    # At the midpoints nothing but rounding is in the way.
    with ctx.workprec(4 * ctx.prec):
        (p, q), (log_p, log_q) = d.middle.pair, d.middle.logs
        log_p_eq, log_q_eq = d_eq.middle.logs
        entropy = -p * log_p - q * log_q
        relative = p * (log_p - log_p_eq) + q * (log_q - log_q_eq)
    (p, _), (log_p, log_q) = d.pair, d.logs
    (p_eq, q_eq), (log_p_eq, log_q_eq) = d_eq.pair, d_eq.logs
    error, error_eq = d.small.rad(), d_eq.small.rad()
    if error > 0:
        entropy += arb(0, (abs(log_q - log_p) * error).abs_upper())
        slope = (log_p - log_p_eq) - (log_q - log_q_eq)
        relative += arb(0, (abs(slope) * error).abs_upper())
    if error_eq > 0:
        relative += arb(0, (abs(p_eq - p) / (p_eq * q_eq) * error_eq).abs_upper())
    return {"two_state_entropy": _definite(entropy), "two_state_exergy": _definite(relative)}
