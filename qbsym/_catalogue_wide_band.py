"""Derivations of the wide-band limit: a Lorentzian and digamma functions, Eqs. (6)-(13).

May import: sympy, mpmath, qbsym.symbols, .greens, .functions, .proofs, .callables, .limits.
"""

from __future__ import annotations

import random
from typing import Any

from mpmath import mp
from sympy import (
    Eq,
    Expr,
    I,
    Integral,
    Limit,
    Rational,
    Symbol,
    asin,
    atan,
    diff,
    expand_func,
    limit,
    log,
    loggamma,
    oo,
    pi,
    polygamma,
    sqrt,
    tan,
)

from qbsym import greens
from qbsym import symbols as s
from qbsym.callables import lambdify
from qbsym.functions import Fermi, LogFermi
from qbsym.limits import _wide_band as wide
from qbsym.proofs import Derivation, Step, fact, identity, sampled

__all__ = ["DERIVATIONS"]

DIGITS = 30
"""Working digits of the numerical comparisons; agreement is asked for to ten fewer."""

_u = Symbol("u", positive=True)
_n = Symbol("n", integer=True, nonnegative=True)
_gamma = Symbol("gamma", positive=True)
"""Gamma_a at the band centre, while h goes to infinity."""


def _zero(expression: Expr, at: Expr, where: Any) -> bool:
    return bool(limit(expression, at, where) == 0)


def _at_fixed_broadening(expression: Expr) -> Expr:
    """Return a lead's function of omega with v^2 = gamma h/2, in the generic hopping."""
    p = s.LEADS["L"]
    return expression.subs({p.coupling: sqrt(_gamma * p.hopping / 2)}, simultaneous=True)


def _lorentzian() -> tuple[Step, ...]:
    p = s.LEADS["L"]
    gamma = _at_fixed_broadening(greens.broadening("L"))
    shift = _at_fixed_broadening(greens.level_shift("L"))
    tangent = Symbol("t", real=True)
    uniform = greens.spectral_form().subs(s.F, s.Gamma * tangent / 2)
    return (
        identity("At its centre a lead broadens by 2 v^2/h.", wide.broadening("L"), _two_v2_h()),
        fact(
            "At fixed 2 v^2/h the broadening is the same everywhere,",
            Eq(Limit(gamma, p.hopping, oo), _gamma, evaluate=False),
            lambda: limit(gamma, p.hopping, oo).equals(_gamma),
        ),
        fact(
            "and Re Sigma vanishes: A is a Lorentzian.",
            Eq(Limit(shift, p.hopping, oo), 0, evaluate=False),
            lambda: _zero(shift, p.hopping, oo),
        ),
        identity(
            "With omega = level + (Gamma/2) t, t = tan(theta): A d omega = d theta/pi.",
            uniform * s.Gamma / 2 * (1 + tangent**2),
            1 / pi,
        ),
    )


def _two_v2_h() -> Expr:
    return 2 * s.coupling_L**2 / s.hopping_L


def _digamma() -> tuple[Step, ...]:
    temperature, mu = s.temperature, s.mu
    u = Rational(1, 2) + (s.Gamma / 2 + I * (mu - s.level)) / (2 * pi * temperature)
    energy = mu + I * (2 * _n + 1) * pi * temperature
    green = 1 / (energy - s.level + I * s.Gamma / 2)
    mirrored = green.subs(I, -I)
    lower = 1 / (s.zeta - s.level - I * s.Gamma / 2)
    lorentz = greens.spectral_form().subs(s.F, s.omega - s.level)
    root = _u / (2 * pi * temperature)
    return (
        identity(
            "2T Re G^r at the n-th Matsubara frequency is -Im[1/(n + u)]/pi.",
            temperature * (green + mirrored),
            (1 / (_n + u) - 1 / (_n + u.subs(I, -I))) / (-2 * I * pi),
        ),
        fact(
            "psi(u + 1) = psi(u) + 1/u,",
            Eq(polygamma(0, _u + 1), polygamma(0, _u) + 1 / _u, evaluate=False),
            lambda: (expand_func(polygamma(0, _u + 1)) - polygamma(0, _u) - 1 / _u).equals(0),
        ),
        fact(
            "and psi(u) - ln(u) -> 0: the sum telescopes to N = 1/2 + Im psi(u)/pi.",
            Eq(Limit(polygamma(0, _u) - log(_u), _u, oo), 0, evaluate=False),
            lambda: _zero(polygamma(0, _u) - log(_u), _u, oo),
        ),
        identity(
            "[(omega - level) + i Gamma/2] A = (Gamma/2 pi)/(omega - level - i Gamma/2): energy "
            "and number are real and imaginary part of one integral.",
            (s.omega - s.level + I * s.Gamma / 2) * lorentz,
            s.Gamma / (2 * pi) / (s.omega - s.level - I * s.Gamma / 2),
        ),
        identity(
            "Its derivative in mu has -f', with a double pole -T/(omega - mu + i w_n)^2 at each "
            "Matsubara frequency: closed below, each gives i/(2 pi T)/(n + u)^2,",
            2 * pi * I * temperature * diff(lower, s.zeta).subs(s.zeta, energy.subs(I, -I)),
            I / (2 * pi * temperature) / (_n + u) ** 2,
        ),
        identity(
            "which sum up to d psi(u)/d mu.",
            diff(polygamma(0, u), mu),
            I / (2 * pi * temperature) * polygamma(1, u),
        ),
        fact(
            "The constant: psi(u) + ln(2 pi T) -> ln(Gamma/2 + i (mu - level)) for T -> 0, "
            "(here for a real argument, from which it continues),",
            Eq(
                Limit(
                    polygamma(0, Rational(1, 2) + root) + log(2 * pi * temperature), temperature, 0
                ),
                log(_u),
                evaluate=False,
            ),
            lambda: _zero(polygamma(0, Rational(1, 2) + _u) - log(_u), _u, oo),
        ),
        identity(
            "which is what T = 0 gives: (omega - level) A integrates to a logarithm,",
            diff(s.Gamma / (4 * pi) * log((s.omega - s.level) ** 2 + s.Gamma**2 / 4), s.omega),
            (s.omega - s.level) * lorentz,
        ),
        identity(
            "A to an arctangent.",
            diff(atan(2 * (s.omega - s.level) / s.Gamma) / pi, s.omega),
            lorentz,
        ),
        sampled(
            "N and N_eq so obtained are integrals over theta, compared at random points.",
            Eq(Symbol("N"), Integral(Fermi(s.x) / pi, (wide.theta, -pi / 2, pi / 2))),
            lambda: _agrees(wide.filling("eq"), Fermi(greens.exponent("eq"))),
        ),
    )


def _agrees(closed: Expr, slow: Expr, points: int = 3) -> bool:
    """Return whether a closed form is the integral of `slow` over the angle, at random points."""
    level, gammas, _ = wide.lorentzian(1)
    omega = level + (gammas["L"] + gammas["R"]) / 2 * tan(wide.theta)
    integrand = lambdify(
        slow.subs(s.omega, omega) / pi, (wide.theta, *s.PARAMETERS), "mpmath", variables=1
    )
    function = lambdify(closed, s.PARAMETERS, "mpmath")
    generator = random.Random(7)
    for _ in range(points):
        with mp.workdps(DIGITS):
            numbers = [mp.mpf(generator.randint(300, 900)) / 1000 for _ in s.PARAMETERS]
            ends = mp.linspace(-mp.pi / 2, mp.pi / 2, 9)
            value = mp.quad(integrand.bind(*numbers), ends)
            if not mp.almosteq(value, function(*numbers), mp.mpf(10) ** (10 - DIGITS)):
                return False
    return True


def _entropy() -> tuple[Step, ...]:
    x, q = s.x_eq, Symbol("q", positive=True)
    per_state = -Fermi(x) * LogFermi(x) - Fermi(-x) * LogFermi(-x)
    u = Rational(1, 2) + (s.Gamma / 2 + I * (s.mu - s.level)) / (2 * pi * s.temperature)
    whole = 2 * ((u - Rational(1, 2)) * polygamma(0, u) - loggamma(u))
    real = 2 * ((_u - Rational(1, 2)) * polygamma(0, _u) - loggamma(_u))
    slope = diff(per_state, x).replace(LogFermi, lambda a: -log(1 + _exp(a, x, q)))
    slope = slope.replace(Fermi, lambda a: 1 / (1 + _exp(a, x, q)))
    slope = slope.replace(log, lambda a: _log_in_q(a, q))
    return (
        identity(
            "d s/d x = -x f (1 - f) for the entropy of a Fermi function, (q = exp(x)), so that "
            "ds/d mu = df/dT at each energy (Maxwell):",
            slope,
            -log(q) * q / (1 + q) ** 2,
        ),
        identity(
            "2 [(u - 1/2) psi(u) - ln Gamma(u)] has the derivative in mu that -i psi(u)/pi has in "
            "T.",
            diff(whole, s.mu),
            diff(-I * polygamma(0, u) / pi, s.temperature),
        ),
        fact(
            "Far from the level it is 2u - 1 - ln(2 pi), where S vanishes: that is subtracted.",
            Eq(Limit(real - 2 * _u, _u, oo), -1 - log(2 * pi), evaluate=False),
            lambda: limit(_stirling(real - 2 * _u), _u, oo).equals(-1 - log(2 * pi)),
        ),
        sampled(
            "S_eq so obtained is the integral over theta, compared at random points.",
            Eq(Symbol("S_eq"), Integral(s.S, (wide.theta, -pi / 2, pi / 2)), evaluate=False),
            lambda: _agrees(wide.filled_entropy("eq"), per_state.subs(x, greens.exponent("eq"))),
        ),
    )


def _exp(argument: Expr, x: Symbol, q: Symbol) -> Expr:
    return q if argument == x else 1 / q


def _log_in_q(argument: Expr, q: Symbol) -> Expr:
    return log(argument) if argument != 1 + 1 / q else log(1 + q) - log(q)


def _stirling(expression: Expr) -> Expr:
    """Replace ln Gamma(u) and psi(u) by what they approach at large u."""
    asymptotic = (_u - Rational(1, 2)) * log(_u) - _u + log(2 * pi) / 2
    return expression.subs({loggamma(_u): asymptotic, polygamma(0, _u): log(_u) - 1 / (2 * _u)})


def _band_bottom() -> tuple[Step, ...]:
    r = sqrt(1 - _u**2)
    primitive = r - log((1 + r) / _u)
    rest = primitive.subs(_u, 1) - primitive - log(2 / _u) + 1
    return (
        identity(
            "Far below, omega A = Gamma(omega)/(2 pi omega) and Gamma(omega) = Gamma sqrt(1 - u^2),"
            " u = -omega/(2h): the integral over u is elementary,",
            diff(primitive, _u),
            r / _u,
        ),
        fact(
            "from a small u on it is ln(2/u) - 1: E keeps -Gamma_a/(2 pi) [ln(4 h_a/cutoff) - 1].",
            Eq(Limit(rest, _u, 0), 0, evaluate=False),
            lambda: _zero(
                rest.subs(log((1 + r) / _u), log(1 + r) - log(_u))
                .subs(log(2 / _u), log(2) - log(_u))
                .expand(),
                _u,
                0,
            ),
        ),
        fact(
            "(with u = cutoff/(2h)).",
            Eq(wide.band_bottom_energy("L"), log(4 * s.hopping_L) - 1, evaluate=False),
            lambda: (
                (log(2 / (1 / (2 * s.hopping_L))) - 1 - wide.band_bottom_energy("L"))
                .expand(force=True)
                .equals(0)
            ),
        ),
    )


def _next_order() -> tuple[Step, ...]:
    level, gammas, weight = wide.lorentzian(2)
    slopes = {lead: wide.slope(lead) for lead in "LR"}
    inverse = (
        s.omega
        - s.level
        - sum(slopes[a] * (s.omega - s.LEADS[a].onsite) for a in "LR")
        + I * (wide.broadening("L") + wide.broadening("R")) / 2
    )
    hopping = s.LEADS["L"].hopping
    change = hopping * (_at_fixed_broadening(greens.broadening("L")) - _gamma)
    r = sqrt(1 - _u**2)
    primitive = -r / _u - asin(_u)
    total = Symbol("s", positive=True)
    return (
        identity(
            "Re Sigma is linear inside the band, with the slope Gamma/(4h).",
            wide.slope("L"),
            wide.broadening("L") / (4 * hopping),
        ),
        fact(
            "The broadening changes by less than 1/h.",
            Eq(Limit(change, hopping, oo), 0, evaluate=False),
            lambda: _zero(change, hopping, oo),
        ),
        identity(
            "So 1/G^r is that of a Lorentzian of weight 1/(1 - s), s = sum_a Gamma_a/(4 h_a), to "
            "this order.",
            inverse,
            (s.omega - level + I * (gammas["L"] + gammas["R"]) / 2) / weight,
        ),
        identity(
            "At the filled bottom of the band A = Gamma sqrt(1 - u^2)/(2 pi omega^2):",
            diff(primitive, _u),
            r / _u**2,
        ),
        fact(
            "integrated from a small u on it is 1/u - pi/2, where a Lorentzian has 1/u:",
            Eq(Limit(primitive.subs(_u, 1) - primitive - 1 / _u, _u, 0), -pi / 2, evaluate=False),
            lambda: limit(primitive.subs(_u, 1) - primitive - 1 / _u, _u, 0) == -pi / 2,
        ),
        identity(
            "with Gamma/(4 pi h) in front N is short by Gamma_a/(8 h_a).",
            wide.broadening("L") / (4 * pi * hopping) * pi / 2,
            wide.band_bottom_number("L"),
        ),
        identity(
            "Both ends together restore the weight to this order: 1/(1 - s) - s = 1 + O(s^2).",
            1 / (1 - total) - total - 1,
            total**2 / (1 - total),
        ),
    )


DERIVATIONS = (
    Derivation(
        "wide_band",
        "For h -> infinity at fixed Gamma_a = 2 v_a^2/h_a the level is a Lorentzian; N, I_Q, J_E, "
        "S_eq are digamma functions of u = 1/2 + [Gamma/2 + i (mu - level)]/(2 pi T), and E keeps "
        "the logarithm of the bandwidth.",
        ("no bound states", "T > 0"),
        "(6)-(13)",
        lambda: (*_lorentzian(), *_digamma(), *_entropy(), *_band_bottom()),
    ),
    Derivation(
        "wide_band_next_order",
        "To order 1/h level, width and weight of the Lorentzian are renormalised by 1/(1 - s), "
        "s = sum_a Gamma_a/(4 h_a), and N is short by Gamma_a/(8 h_a) at the bottom of each band.",
        ("no bound states", "T > 0"),
        "(6)-(13)",
        _next_order,
    ),
)
