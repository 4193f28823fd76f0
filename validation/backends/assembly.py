"""From integrals and bound states to the observables, with the errors carried along.

Eqs. (7), (8), (10)-(13), (A4)-(A7) and the design's rule for occupied bound states. The two-state
observables are formed from d and its complement, each relatively accurate, at a precision that
leaves nothing to cancel but the errors of d themselves. May import: mpmath, qbsym, validation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from mpmath import mp, mpf

from qbsym.callables import lambdify
from qbsym.observables import INTEGRALS, observable
from validation.backends.bound import BoundState
from validation.backends.features import to_mpf
from validation.backends.quadrature import Total
from validation.exact import ExactJunction

__all__ = ["Value", "assemble"]


@dataclass(frozen=True)
class Value:
    """A number, a bound of its error, and the integral of the absolute value."""

    mid: mpf
    error: mpf
    absolute: mpf

    def __add__(self, other: Value) -> Value:
        return Value(self.mid + other.mid, self.error + other.error, self.absolute + other.absolute)

    def times(self, factor: mpf) -> Value:
        """Return the value times an exact factor."""
        size = abs(factor)
        return Value(self.mid * factor, self.error * size, self.absolute * size)


@cache
def _prefactors() -> object:
    return lambdify([observable(name).prefactor for name in INTEGRALS], (), "mpmath")


def assemble(
    j: ExactJunction,
    total: Total,
    states: Sequence[BoundState],
    occupations: Sequence[Fraction] | None,
    vanishing: frozenset[str],
) -> dict[str, Value]:
    """Return every observable that is defined, by name, at the precision in force.

    Parameters
    ----------
    j : ExactJunction
    total : Total
        The integrals over the bands.
    states : sequence of BoundState
    occupations : sequence of Fraction or None
        One for each bound state; None leaves the bound states out, and with them, if there are
        any, the two-state observables and the gaps, which need a whole probability.
    vanishing : frozenset of str
        Observables that are exactly zero.
    """
    factors = _prefactors()()  # type: ignore[operator]
    values = {
        name: Value(*parts).times(factor)
        for name, factor, *parts in zip(
            INTEGRALS, factors, total.value, total.error, total.absolute, strict=True
        )
    }
    if occupations is not None:
        for state, n in zip(states, occupations, strict=True):
            for name, gain in _bound_gains(j, state, n).items():
                values[name] += gain
    if occupations is not None or not states:
        values |= _two_state(values)
        # Jensen: 0 <= X2 <= X and 0 <= S <= S2, which says more than the integrals do where X is
        # exponentially small.
        exergy = values["exergy"]
        values["two_state_exergy"] = _within(values["two_state_exergy"], exergy)
        two_state = values["two_state_entropy"]
        values["entropy_gap"] = _within(_difference(two_state, values["entropy"]), two_state)
        values["exergy_gap"] = _within(_difference(exergy, values["two_state_exergy"]), exergy)
    # X2 may be zero where X is not: its scale is then X, the most that it can be.
    scales = {"two_state_exergy": values["exergy"].absolute}
    zeros = {name: Value(mpf(0), mpf(0), scales.get(name, mpf(0))) for name in vanishing}
    return values | zeros


def _definite(mid: mpf, error: mpf) -> Value:
    return Value(mid, error, abs(mid))


def _difference(first: Value, second: Value) -> Value:
    return _definite(first.mid - second.mid, first.error + second.error)


def _within(value: Value, most: Value) -> Value:
    """Return the part of the value's interval that lies between 0 and ``most``."""
    low = max(value.mid - value.error, mpf(0))
    high = min(value.mid + value.error, most.mid + most.error)
    if low > high or high - low >= 2 * value.error:
        return value
    return _definite((low + high) / 2, (high - low) / 2)


def _p_log_p(p: mpf, q: mpf) -> mpf:
    """Return p ln p with q = 1 - p: past one half the complement holds the digits."""
    if p == 0:
        return mpf(0)
    return p * (mp.log1p(-q) if p > q else mp.log(p))


def _bound_gains(j: ExactJunction, state: BoundState, n_exact: Fraction) -> dict[str, Value]:
    """Return what a bound state of occupation n adds to each observable."""
    n, holes = to_mpf(n_exact), to_mpf(1 - n_exact)
    energy, weight = state.energy, state.weight
    x = (energy.mid - to_mpf(j.mu_eq)) / to_mpf(j.temperature_eq)
    dx = energy.radius / to_mpf(j.temperature_eq)
    g, g_holes = 1 / (mp.exp(x) + 1), 1 / (mp.exp(-x) + 1)
    log_g, log_g_holes = -mp.log1p(mp.exp(x)), -mp.log1p(mp.exp(-x))
    entropy = -_p_log_p(n, holes) - _p_log_p(holes, n)
    relative = -entropy - n * log_g - holes * log_g_holes
    # d ln g = -g_holes dx, d g = -g g_holes dx, d s2(g) = x dg
    slope = g * g_holes * dx

    def gain(value: mpf, error: mpf) -> Value:
        size = abs(value)
        return Value(
            weight.mid * value, weight.mid * error + weight.radius * size, weight.mid * size
        )

    return {
        "particle_number": gain(n, mpf(0)),
        "hole_number": gain(holes, mpf(0)),
        "energy": gain(energy.mid * n, energy.radius * n),
        "entropy": gain(entropy, mpf(0)),
        "exergy": gain(relative, abs(n - g) * dx + slope * dx),
        "equilibrium_particle_number": gain(g, slope),
        "equilibrium_hole_number": gain(g_holes, slope),
        "equilibrium_energy": gain(energy.mid * g, energy.radius * g + abs(energy.mid) * slope),
        "equilibrium_entropy": gain(
            -g * log_g - g_holes * log_g_holes, abs(x) * slope + slope * dx
        ),
    }


def _two_state(values: Mapping[str, Value]) -> dict[str, Value]:
    """Return the two-state entropy and exergy, Eqs. (A4) and (A5), of d = N and d_eq.

    Errors to first order with the true derivatives (those of X2 vanish at equilibrium), plus the
    second-order term.
    """
    d, holes = values["particle_number"], values["hole_number"]
    d_eq, holes_eq = values["equilibrium_particle_number"], values["equilibrium_hole_number"]
    # d + holes = 1: the smaller of the two holds the digits of both, and its error is theirs.
    p, q, error = _complementary(d, holes)
    p_eq, q_eq, error_eq = _complementary(d_eq, holes_eq)
    # Of p - p_eq and q_eq - q the one between the smaller numbers has lost no digit.
    gap = p - p_eq if p + p_eq < q + q_eq else q_eq - q
    entropy = -_p_log_p(p, q) - _p_log_p(q, p)
    relative = p * _log_ratio(p, p_eq, gap) + q * _log_ratio(q, q_eq, -gap)
    if p and q:
        slope = mp.log(q / p)
        slope_relative = _log_ratio(p, p_eq, gap) - _log_ratio(q, q_eq, -gap)
        curvature = error**2 / min(p, q)
    else:  # an isolated level of occupation 0 or 1, known exactly
        slope = slope_relative = curvature = mpf(0)
    curvature_eq = error_eq**2 / min(p_eq, q_eq) * (1 + max(p / p_eq, q / q_eq))
    return {
        "two_state_entropy": _definite(entropy, abs(slope) * error + curvature),
        "two_state_exergy": _definite(
            relative,
            abs(slope_relative) * error
            + abs(gap) / (p_eq * q_eq) * error_eq
            + curvature
            + curvature_eq,
        ),
    }


def _complementary(d: Value, holes: Value) -> tuple[mpf, mpf, mpf]:
    """Return d and 1 - d from the smaller of d and the holes, and its error."""
    if d.mid < holes.mid:
        return d.mid, 1 - d.mid, d.error
    return 1 - holes.mid, holes.mid, holes.error


def _log_ratio(a: mpf, b: mpf, gap: mpf) -> mpf:
    """Return ln(a/b), given a - b; 0 at a = 0, where it is multiplied by a."""
    if a == 0:
        return mpf(0)
    return mp.log1p(gap / b) if 2 * abs(gap) < b else mp.log(a / b)
