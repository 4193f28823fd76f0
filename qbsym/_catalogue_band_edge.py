"""Derivations of what happens at band edges and at strong coupling, for equal leads.

Eqs. (6)-(8) and the text around them.
May import: sympy, qbsym.symbols, .greens, .poles, .proofs, .limits, ._matsubara_forms.
"""

from __future__ import annotations

from functools import partial

from sympy import (
    Eq,
    Expr,
    I,
    Integer,
    Limit,
    Rational,
    Symbol,
    cancel,
    cos,
    diff,
    expand,
    factor,
    integrate,
    limit,
    oo,
    pi,
    sin,
    solve,
    sqrt,
    together,
)

from qbsym import _matsubara_forms as matsubara
from qbsym import poles
from qbsym import symbols as s
from qbsym.limits import _band_edge as edge
from qbsym.limits.core import epsilon
from qbsym.proofs import Derivation, Step, fact, identity

__all__ = ["DERIVATIONS"]

_V = edge.V
_in_v = {s.coupling_L: sqrt(_V - s.coupling_R**2)}
_total = s.coupling_L**2 + s.coupling_R**2


def _thresholds() -> tuple[Step, ...]:
    h, x0 = s.hopping, s.level - s.onsite
    polynomial = poles.pole_polynomial()
    steps: list[Step] = []
    for side, sign in (("above", 1), ("below", -1)):
        at_edge = {s.level: edge.threshold(side)}
        state = poles.bound_state(side)
        steps += [
            identity(
                f"{side}: the zero of P sits at the edge, z = {-sign}, for level - onsite = "
                f"{'' if sign > 0 else '-'}2(h - v^2/h), v^2 = v_L^2 + v_R^2;",
                polynomial.subs(s.z, -sign).subs(at_edge),
                0,
            ),
            identity(
                "it is the condition under which the bound state exists.",
                (state.condition.lhs - state.condition.rhs).subs(at_edge),
                0,
            ),
            identity(
                "Off it G^r at the edge is real: 1/G^r = +-2h - (level - onsite) -+ v^2/h.",
                1 / edge.edge_green(side),
                sign * 2 * h - x0 - sign * _total / h,
            ),
        ]
    return tuple(steps)


def _bound_states() -> tuple[Step, ...]:
    h, d = s.hopping, edge.beyond
    weight, energy = (edge.beyond_threshold(what, 2) for what in ("weight", "energy"))
    y = Symbol("y", positive=True)
    # P(-1 + y) = 0 with the level d beyond the threshold: d = y (...)
    shifted = poles.pole_polynomial().subs(s.level, edge.threshold("above") + d).subs(_in_v)
    at = expand(shifted.subs(s.z, -1 + y))
    (level,) = solve(at, d)
    rise = cancel(together(poles.dispersion().subs(s.z, -1 + y) - s.onsite - 2 * h))
    slope = poles.residue_at(s.z).subs(s.level, edge.threshold("above") + d).subs(_in_v)
    residue = cancel(together(slope.subs(s.z, -1 + y).subs(d, level)))

    def agrees(series: Expr, exact: Expr, power: int) -> bool:
        # In y both are rational; the series in d must leave a remainder of the next power.
        rest = cancel(together((series.subs(d, level) - exact) / y**power))
        return bool(limit(rest, y, 0) == 0)

    return (
        identity(
            "With the level D beyond the threshold P(-1 + y) = 0 is linear in D, which is "
            "rational in y;",
            at.subs(d, level),
            0,
        ),
        identity("the energy is h y^2/(1 - y) above the edge,", rise, h * y**2 / (1 - y)),
        fact(
            "so that energy - edge = h^3 D^2/v^4 + ..., quadratic in D,",
            Eq(Symbol("omega_b") - s.onsite - 2 * h, energy, evaluate=False),
            lambda: agrees(energy, rise, 3),
        ),
        fact(
            "and the weight 2 h^3 D/v^4 + ..., linear.",
            Eq(Symbol("Z_b"), weight, evaluate=False),
            lambda: agrees(weight, residue, 2),
        ),
        identity(
            "The weight is d(energy)/d(level) (Hellmann-Feynman), as far as the energy is known.",
            diff(edge.beyond_threshold("energy", 1), d),
            edge.beyond_threshold("weight", 1),
        ),
    )


def _spectral_function() -> tuple[Step, ...]:
    h, delta = s.hopping, edge.distance
    steps: list[Step] = []
    for side, sign in (("above", 1), ("below", -1)):
        z = -sign * (1 - sign * I * edge.t) / (1 + sign * I * edge.t)
        steps += [
            identity(
                f"{side}: on the band, at the edge's distance 4h t^2/(1 + t^2), t > 0;",
                sign * (s.onsite + sign * 2 * h - poles.dispersion().subs(s.z, z)),
                4 * h * edge.t**2 / (1 + edge.t**2),
            ),
            identity(
                "A = |G^r|^2 v^2 sin(k)/(pi h) starts with sin(k) = sqrt(distance/h):",
                edge.edge_spectral_function(side),
                edge.edge_green(side) ** 2 * _total / (pi * h) * sqrt(delta / h),
            ),
            identity(
                "at the threshold it diverges: h^(3/2)/(pi v^2 sqrt(distance)).",
                edge.edge_spectral_function(side, at_threshold=True),
                h * sqrt(h) / (pi * _total * sqrt(delta)),
            ),
        ]
    return tuple(steps)


def _strong_coupling() -> tuple[Step, ...]:
    h, k = s.hopping, s.k
    first = edge.strong_transmission(1).subs(s.x, -2 * h * cos(k))
    numerator, denominator = matsubara.transmission_in_x()
    scaled = {p.coupling: p.coupling / epsilon for p in s.LEADS.values()}
    tau = cancel(together((numerator / denominator).subs(scaled)))
    leading, next_order = edge.strong_transmission(1), edge.strong_transmission(2)
    rest = cancel(together((tau - leading - epsilon**2 * (next_order - leading)) / epsilon**2))
    # 1/G^r = (v^2/h) z + omega - level, expanded in 1/v^2.
    x, level = -2 * h * cos(k), Symbol("x_0", real=True)
    small = _V * s.z / h
    series = 1 / small - (x - level) / small**2
    weight = -_imaginary(series) / pi * 2 * h * sin(k)
    return (
        fact(
            "tau -> 4 v_L^2 v_R^2 sin^2(k)/v^4 whatever the level, and so on in 1/v^2;",
            Eq(Limit(rest, epsilon, 0), 0, evaluate=False),
            lambda: limit(rest, epsilon, 0) == 0,
        ),
        identity(
            "(x = -2h cos k).",
            first,
            4 * (s.coupling_L * s.coupling_R) ** 2 * sin(k) ** 2 / _total**2,
        ),
        identity(
            "The band keeps a weight h^2/v^2 + h^4/v^4 + ... from A's expansion,",
            factor(integrate(expand(weight, trig=True), (k, 0, pi))),
            h**2 / _V + h**4 / _V**2,
        ),
        identity(
            "which is what the two bound states' weights leave of 1.",
            edge.strong_weight(2),
            h**2 / _V + h**4 / _V**2,
        ),
        *(
            fact(
                f"The bound state {side} takes half of the level.",
                Eq(Limit(_centred_weight(side), _V, oo), Rational(1, 2), evaluate=False),
                partial(_takes_half, side),
            )
            for side in edge.SIDES
        ),
    )


def _imaginary(expression: Expr) -> Expr:
    """Return the imaginary part on the band of a Laurent polynomial in z = exp(ik)."""
    flat = expand(expression)
    return sum((flat.coeff(s.z, n) * sin(n * s.k) for n in range(-4, 5)), start=Integer(0))


def _centred_weight(side: str) -> Expr:
    """Return a bound state's weight with the level at the band's centre, in V.

    Elsewhere it differs by a correction of relative order 1/v.
    """
    return poles.bound_state(side).weight.subs(_in_v).subs(s.level, s.onsite)


def _takes_half(side: str) -> bool:
    return bool(limit(_centred_weight(side), _V, oo) * 2 == 1)


DERIVATIONS = (
    Derivation(
        "bound_state_thresholds",
        "Bound states of equal leads appear at level - onsite = +-2(h - v^2/h); off it G^r at the "
        "edge is real.",
        ("equal bands",),
        "(6)",
        _thresholds,
    ),
    Derivation(
        "band_edge",
        "Just beyond the threshold, by D, a bound state takes the weight 2 h^3 D/v^4 from the band "
        "and leaves the edge by h^3 D^2/v^4.",
        ("equal bands",),
        "(6), after (A5)",
        _bound_states,
    ),
    Derivation(
        "spectral_function_at_an_edge",
        "A vanishes as the square root of the distance from an edge, but at a bound state's "
        "threshold it diverges as one over the square root.",
        ("equal bands",),
        "(6)",
        _spectral_function,
    ),
    Derivation(
        "strong_coupling",
        "For v -> infinity tau = 4 v_L^2 v_R^2 sin^2(k)/v^4, and the band keeps a weight h^2/v^2 "
        "beside two bound states of weight 1/2.",
        ("equal bands",),
        "(6)-(8)",
        _strong_coupling,
    ),
)
