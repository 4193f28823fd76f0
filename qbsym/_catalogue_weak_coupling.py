"""Derivations of the next order at weak coupling, the gaps, and tunnelling off resonance.

May import: sympy, qbsym.symbols, .greens, .observables, .functions, .limits, .proofs,
._catalogue_moments.
"""

from __future__ import annotations

from sympy import (
    Abs,
    Eq,
    Expr,
    Limit,
    Symbol,
    cancel,
    cos,
    diff,
    expand,
    expand_log,
    integrate,
    limit,
    log,
    pi,
    sin,
    symbols,
    trigsimp,
)

from qbsym import greens
from qbsym import symbols as s
from qbsym._catalogue_moments import moment_from_green
from qbsym.functions import LogFermi, PLogP
from qbsym.limits import _weak_forms as weak
from qbsym.limits._weak_coupling import GAPS
from qbsym.limits._weak_forms import SLOPES
from qbsym.observables import observable
from qbsym.proofs import Derivation, Step, fact, identity

__all__ = ["DERIVATIONS"]

_u = Symbol("u", real=True)
"""omega - level."""

_lambda = Symbol("lambda", positive=True)

TOTAL = {s.Gamma: s.Gamma_L + s.Gamma_R}


def _next_order() -> tuple[Step, ...]:
    value, slope, curvature = symbols("g0 g1 g2", real=True)
    tangent = value + slope * _u
    rest = value + slope * _u + curvature * _u**2 / 2 - tangent
    shift, half = Symbol("r", real=True), Symbol("c", positive=True)
    distance = (_u - _lambda**2 * shift) ** 2 + _lambda**4 * half**2
    return (
        identity(
            "integral A = 1 for every coupling (no bound state exists at weak coupling).",
            moment_from_green(0),
            1,
        ),
        identity("integral omega A = level, likewise.", moment_from_green(1), s.level),
        identity(
            "So the tangent at the level costs nothing: integral A (g0 + g1 u) = g0 with u = "
            "omega - level, and integral A g = g0 + integral A [g - tangent] at every coupling.",
            value * moment_from_green(0)
            + slope * (moment_from_green(1) - s.level * moment_from_green(0)),
            value,
        ),
        fact(
            "g - tangent vanishes quadratically at the level.",
            Eq(Limit(rest / _u**2, _u, 0), curvature / 2, evaluate=False),
            lambda: limit(rest / _u**2, _u, 0) == curvature / 2,
        ),
        identity(
            "With c = Gamma/2 it is averaged with a bounded weight: u^2/((u - lambda^2 r)^2 + "
            "lambda^4 c^2) <= 1 + r^2/c^2 for every lambda, since the difference is a square.",
            (1 + shift**2 / half**2) * distance - _u**2,
            (shift * (_u - _lambda**2 * shift) / half - _lambda**2 * half) ** 2,
        ),
        fact(
            "So A/lambda^2 may be replaced by its limit away from the level.",
            Eq(weak.tail_density(), s.Gamma / (2 * pi * (s.omega - s.level) ** 2), evaluate=False),
            lambda: cancel(weak.tail_density() * 2 * pi * (s.omega - s.level) ** 2 / s.Gamma) == 1,
        ),
        identity(
            "tau = 2 pi Gamma_L Gamma_R/Gamma A at every energy and coupling: a current averages "
            "that times f_L - f_R over A, so the same holds two powers higher.",
            greens.transmission_form().subs(TOTAL),
            (weak.transmission_ratio() * greens.spectral_form()).subs(TOTAL),
        ),
        *(
            identity(
                f"For g = omega^2 the tail gives integral Gamma_{lead}/(2 pi) = v_{lead}^2,",
                _broadening_integral(lead),
                s.LEADS[lead].coupling ** 2,
            )
            for lead in "LR"
        ),
        identity(
            "and level^2 + v_L^2 + v_R^2 is the second moment, exactly.",
            moment_from_green(2),
            s.level**2 + _broadening_integral("L") + _broadening_integral("R"),
        ),
        *(
            identity(
                f"{name} moves with {particles} (and {holes} = 1 - {particles}) by the slope",
                expand_log(
                    weak.filling_slope(name, particles, holes).subs(COMPLEMENTS), force=True
                ),
                _slope_in_filling(name, particles),
            )
            for name, particles, holes in (
                ("two_state_entropy", s.d, s.d_bar),
                ("two_state_exergy", s.d, s.d_bar),
                ("two_state_exergy", s.d_eq, s.d_eq_bar),
            )
        ),
    )


def _broadening_integral(lead: str) -> Expr:
    """Return the integral of Gamma/(2 pi) over the lead's band, in omega = onsite - 2h cos k."""
    p = s.LEADS[lead]
    energy = p.onsite - 2 * p.hopping * cos(s.k)
    in_k = _width_in_k(lead) * diff(energy, s.k) / (2 * pi)
    return integrate(expand(in_k), (s.k, 0, pi))


COMPLEMENTS = {s.d_bar: 1 - s.d, s.d_eq_bar: 1 - s.d_eq}


def _slope_in_filling(name: str, particles: Symbol) -> Expr:
    """Return d/dp of a two-state observable with every complement written out."""
    slope = diff(observable(name).definition.subs(COMPLEMENTS), particles)
    return expand_log(slope, force=True)


def _gaps() -> tuple[Step, ...]:
    u = _u
    slope, slope_eq = symbols("f1 f1_eq", real=True)
    steps = []
    for name in GAPS:
        kind = name.removesuffix("_gap")
        sign = 1 if kind == "entropy" else -1
        average = plain(weak.averaged_over_spectrum(kind))
        at_level = average.subs(_at_level(), simultaneous=True)
        tangent = at_level
        two_state = plain(observable(f"two_state_{kind}").definition)
        change = 0
        for f, d, along in ((s.f, s.d, slope), (s.f_eq, s.d_eq, slope_eq)):
            tangent += average.diff(f).subs(_at_level(), simultaneous=True) * along * u
            change += two_state.diff(d) * (f - d - along * u)
        steps.append(
            identity(
                f"{name}: the next orders of both terms differ by a Bregman divergence, from "
                "which the slopes of f and f_eq in omega have dropped out.",
                expand_log(sign * (change - (average - tangent)), force=True),
                expand_log(plain(weak.bregman(name)), force=True),
            )
        )
        for f in (s.f, s.f_eq) if kind == "exergy" else (s.f,):
            first = plain(weak.bregman(name)).diff(f)
            steps.append(
                identity(
                    f"Its slope in {f} vanishes at the level,",
                    expand_log(first.subs(_at_level(), simultaneous=True), force=True),
                    0,
                )
            )
        steps.append(_convex(name))
    return (
        *steps,
        identity(
            "So a gap's leading term is integral Gamma/(2 pi u^2) times that divergence.",
            weak.tail_density().subs(s.omega, s.level + _u) * _u**2,
            s.Gamma / (2 * pi),
        ),
    )


def _gaps_next_order() -> tuple[Step, ...]:
    v2 = s.coupling_L**2 + s.coupling_R**2
    second, third = (moment_from_green(n) for n in (2, 3))
    steps = [
        identity(
            "The second moment of A about the level is v_L^2 + v_R^2 and",
            second - s.level**2,
            v2,
        ),
        identity(
            "the third is sum_a v_a^2 (onsite_a - level): neither has a term of fourth order, so "
            "that a cubic in u = omega - level may be taken off what A averages.",
            third - 3 * s.level * second + 2 * s.level**3,
            s.coupling_L**2 * (s.onsite_L - s.level) + s.coupling_R**2 * (s.onsite_R - s.level),
        ),
        identity(
            "A = lambda^2 Gamma/(2 pi u^2) + lambda^4 Gamma Re Sigma/(pi u^3) + ... away from the "
            "level.",
            weak.tail_correction().subs(s.omega, s.level + _u),
            s.Gamma * s.F / (pi * _u**3),
        ),
    ]
    third_slopes = {s.d: Symbol("f3", real=True), s.d_eq: Symbol("f3_eq", real=True)}
    path = {}
    for f, d in ((s.f, s.d), (s.f_eq, s.d_eq)):
        one, two = SLOPES[d]
        path[f] = d + one * _u + two * _u**2 / 2 + third_slopes[d] * _u**3 / 6
    for name in GAPS:
        along = plain(weak.bregman(name)).subs(path, simultaneous=True)
        second_slope, third_slope, hessian = weak.curvatures(name)
        steps += [
            identity(
                f"{name}: derivative {order} of the Bregman divergence in omega at the level.",
                expand_log(along.diff(_u, order).subs(_u, 0), force=True),
                derivative.subs(COMPLEMENTS),
            )
            for order, derivative in ((2, second_slope), (3, third_slope))
        ]
        sign = 1 if name == "entropy_gap" else -1
        definition = observable(f"two_state_{name.removesuffix('_gap')}").definition
        two_state = definition.subs(COMPLEMENTS)
        steps += [
            identity(
                f"{name}: the shifts of {a} and {b} enter with minus the same curvature.",
                sign * two_state.diff(a, b),
                -curvature.subs(COMPLEMENTS),
            )
            for (a, b), curvature in hessian.items()
        ]
    return tuple(steps)


def _convex(name: str) -> Step:
    p, q = symbols("p q", positive=True)
    if name == "entropy_gap":
        curvature = diff(p * log(p) + (1 - p) * log(1 - p), p, 2)
        return identity(
            "and it is positive: its curvature is 1/(p (1 - p)) > 0.",
            curvature,
            1 / (p * (1 - p)),
        )
    term = p * log(p / q)
    a, b = symbols("a b", real=True)
    form = diff(term, p, 2) * a**2 + 2 * diff(term, p, q) * a * b + diff(term, q, 2) * b**2
    return identity(
        "and it is positive: the curvature of p ln(p/q), and of the same in 1 - p and 1 - q, is a "
        "square.",
        form,
        p * (a / p - b / q) ** 2,
    )


def _at_level() -> dict[Symbol, Symbol]:
    return {s.f: s.d, s.f_eq: s.d_eq}


def plain(expression: Expr) -> Expr:
    """Return an expression in f and f_eq alone, with plain logarithms, and d and d_eq likewise."""
    logs = expression.replace(PLogP, lambda p, _: p * log(p))
    logs = logs.subs({LogFermi(s.x_eq): log(s.f_eq), LogFermi(-s.x_eq): log(s.f_eq_bar)})
    pauli = {s.f_bar: 1 - s.f, s.f_eq_bar: 1 - s.f_eq} | COMPLEMENTS
    return expand_log(logs.subs(pauli, simultaneous=True), force=True)


def _virtual() -> tuple[Step, ...]:
    shift = Symbol("r", real=True)
    scaled = greens.transmission_form().subs(
        {
            s.F: _u - _lambda**2 * shift,
            s.Gamma: _lambda**2 * s.Gamma,
            s.Gamma_L: _lambda**2 * s.Gamma_L,
            s.Gamma_R: _lambda**2 * s.Gamma_R,
        },
        simultaneous=True,
    )
    closed = greens.transmission("inside", "below")
    return (
        identity(
            "Where one lead is closed tau = 0: the resonance itself carries no current.",
            closed,
            0,
        ),
        fact(
            "Where both are open the level is away, and tau/lambda^4 -> Gamma_L Gamma_R/u^2.",
            Eq(
                Limit(scaled / _lambda**4, _lambda, 0),
                s.Gamma_L * s.Gamma_R / _u**2,
                evaluate=False,
            ),
            lambda: (
                cancel(
                    limit(cancel(scaled / _lambda**4), _lambda, 0) - s.Gamma_L * s.Gamma_R / _u**2
                )
                == 0
            ),
        ),
        identity(
            "It is tau/A times the tail of A: the same average as at resonance, without tangent.",
            (weak.transmission_ratio() * weak.tail_density()).subs(TOTAL),
            s.Gamma_L * s.Gamma_R / (s.omega - s.level) ** 2,
        ),
        identity(
            "With omega = onsite - 2h cos k the width is 2 v^2 sin(k)/h: integrable at the edges.",
            _width_in_k("L"),
            2 * s.coupling_L**2 * sin(s.k) / s.hopping_L,
        ),
    )


def _width_in_k(lead: str) -> Expr:
    p = s.LEADS[lead]
    in_k = greens.broadening(lead).subs(s.omega, p.onsite - 2 * p.hopping * cos(s.k))
    in_k = in_k.replace(
        lambda e: e.is_Pow and not e.exp.is_integer,
        lambda e: trigsimp(expand(e.base)) ** e.exp,
    )
    # Inside the band 0 < k < pi, where sin k > 0.
    return in_k.replace(Abs, lambda a: a)


DERIVATIONS = (
    Derivation(
        "weak_coupling_next_order",
        "integral A g = g(level) + integral Gamma/(2 pi) [g - tangent at the level]/(omega - "
        "level)^2 + O(v^4), for equal and unequal bands: the level's shift and the principal "
        "parts of the tail cancel.",
        ("the level inside a band, away from all edges", "g twice differentiable at the level"),
        "(7)-(13), (A4), (A5)",
        _next_order,
    ),
    Derivation(
        "weak_coupling_gaps",
        "Both gaps start with integral Gamma/(2 pi) B/(omega - level)^2, B >= 0 the Bregman "
        "divergence of the (relative) entropy between omega and the level.",
        ("the level inside a band, away from all edges",),
        "(A6), (A7)",
        _gaps,
    ),
    Derivation(
        "weak_coupling_gaps_next_order",
        "A gap's next term is the average of B less its cubic Taylor polynomial over Gamma Re "
        "Sigma/(pi u^3), less half the Hessian of the (relative) entropy in the fillings' shifts.",
        ("the level inside a band, away from all edges",),
        "(A6), (A7)",
        _gaps_next_order,
    ),
    Derivation(
        "weak_coupling_virtual",
        "With the level outside one band the currents start with the fourth power of v: tau -> "
        "Gamma_L Gamma_R/(omega - level)^2.",
        ("the level not inside both bands, away from all edges",),
        "(6)-(8)",
        _virtual,
    ),
)
