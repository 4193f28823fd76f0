"""Derivations of the closed forms and limits: `qbsym.matsubara`, `.periodic` and `.limits`.

May import: sympy, mpmath, qbsym.symbols, .greens, .poles, .periodic, .limits, .proofs,
._matsubara_forms.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from mpmath import mp
from sympy import (
    Abs,
    Eq,
    Expr,
    I,
    Integer,
    Integral,
    Limit,
    Rational,
    Sum,
    Symbol,
    conjugate,
    cos,
    exp,
    expand,
    expand_log,
    limit,
    log,
    oo,
    pi,
    re,
    sin,
    sqrt,
)

from qbsym import _matsubara_forms as matsubara
from qbsym import greens, periodic, poles
from qbsym import symbols as s
from qbsym.callables import lambdify
from qbsym.functions import Fermi, LogFermi, PLogP
from qbsym.limits import _weak_forms as weak
from qbsym.proofs import Derivation, Step, fact, identity, sampled

__all__ = ["DERIVATIONS"]

DIGITS = 40
"""Working digits of the checks that have to be numerical; agreement is asked for to ten fewer."""


def _numerically(check: Callable[[random.Random], bool], points: int = 12) -> Callable[[], bool]:
    """Return a procedure that runs a check at random points with DIGITS working digits."""

    def run() -> bool:
        generator = random.Random(7)
        with mp.workdps(DIGITS):
            return all(check(generator) for _ in range(points))

    return run


def _close(a: object, b: object) -> bool:
    return bool(mp.almosteq(a, b, mp.mpf(10) ** (10 - DIGITS)))


def _matsubara_sum() -> tuple[Step, ...]:
    n = Symbol("n", integer=True)
    count = Symbol("n", integer=True, nonnegative=True)
    small = Symbol("delta")
    # With omega = mu + i (2n + 1) pi T: exp((omega - mu)/T) = exp(i (2n + 1) pi) = -1
    phase = exp(I * pi * (2 * n + 1)).expand().simplify()
    near = 1 / (phase * exp(small / s.temperature) + 1)
    green = poles.rational_green()

    def partial_fractions(generator: random.Random) -> bool:
        x = mp.mpf(generator.randint(-3000, 3000)) / 1000
        total = mp.nsum(lambda m: 2 * x / (x**2 + ((2 * m + 1) * mp.pi) ** 2), [0, mp.inf])
        return _close(mp.mpf(1) / 2 - total, 1 / (mp.exp(x) + 1))

    return (
        identity("exp((omega - mu)/T) = -1 at omega = mu + i (2n + 1) pi T:", phase, -1),
        fact(
            "there f has a simple pole of residue -T.",
            Eq(Limit(small * near, small, 0), -s.temperature, evaluate=False),
            lambda: limit(small * near, small, 0) == -s.temperature,
        ),
        sampled(
            "f = 1/2 - T sum_n 1/(omega - mu - i w_n), the sum symmetric in n.",
            Eq(
                Fermi(s.x),
                Rational(1, 2)
                - Sum(2 * s.x / (s.x**2 + ((2 * count + 1) * pi) ** 2), (count, 0, oo)),
                evaluate=False,
            ),
            _numerically(partial_fractions, points=4),
        ),
        identity(
            "Poles +-w_n pair up to -2T Re 1/(omega - mu - i w_n).",
            1 / (s.x - I * s.w) + 1 / (s.x + I * s.w),
            2 * s.x / (s.x**2 + s.w**2),
        ),
        fact(
            "integral A/(zeta - omega) = G^r(zeta) in the upper half plane: both are analytic "
            "there, decay like 1/zeta (G^r zeta -> 1 at z -> 0), and jump by -2 pi i A across "
            "the band.",
            Eq(Limit(green * poles.dispersion(), s.z, 0), 1, evaluate=False),
            lambda: limit(green * poles.dispersion(), s.z, 0) == 1,
        ),
        identity(
            "omega/(zeta - omega) = zeta/(zeta - omega) - 1: integral omega A/(zeta - omega) = "
            "zeta G^r(zeta) - 1, with integral A = 1.",
            s.omega / (s.zeta - s.omega),
            s.zeta / (s.zeta - s.omega) - 1,
        ),
    )


def _upper_half_plane() -> tuple[Step, ...]:
    h, x = s.hopping, s.x
    root = Symbol("R")
    compiled = lambdify(h * 2 / (x + sqrt(x - 2 * h) * sqrt(x + 2 * h)), (x, h), "mpmath")

    def decays(generator: random.Random) -> bool:
        real, imaginary = (mp.mpf(generator.randint(1, 4000)) / 1000 for _ in range(2))
        point = mp.mpc(real - 2, imaginary / 10)
        return bool(abs(compiled(point, mp.one)) < 1)

    return (
        identity(
            "2/(x + R) with R^2 = x^2 - 4h^2 solves the recursion.",
            greens.recursion_polynomial().subs(Symbol("g"), 2 / (x + sqrt(x**2 - 4 * h**2))),
            0,
        ),
        identity(
            "It is (x - R)/(2h^2).",
            (x - root) * (x + root) / (2 * h**2) - 2,
            (x**2 - 4 * h**2 - root**2) / (2 * h**2),
        ),
        sampled(
            "R = sqrt(x - 2h) sqrt(x + 2h) with principal roots makes it the decaying one in the "
            "upper half plane (both roots have their cuts on the real axis).",
            Abs(2 * h / (x + root)) < 1,
            _numerically(decays, points=200),
        ),
    )


def _transmission_equal_leads() -> tuple[Step, ...]:
    gamma_L, gamma_R, F, p = s.Gamma_L, s.Gamma_R, s.F, Symbol("p", positive=True)
    green = 1 / (F + I * (gamma_L + gamma_R) / 2)
    squared = expand(green * conjugate(green), complex=True)
    shares = {gamma_L: p * s.Gamma, gamma_R: (1 - p) * s.Gamma}
    sine, cosine = sin(s.k), cos(s.k)
    on_band = {s.omega: periodic.energy()}
    root = sqrt((2 * s.hopping - s.omega + s.onsite) * (2 * s.hopping + s.omega - s.onsite))

    def generic(expression: Expr) -> Expr:
        equal = poles.equal_leads(expression)
        return equal.subs(root, 2 * s.hopping * sine).subs(on_band).subs(sine**2, 1 - cosine**2)

    return (
        identity(
            "With Gamma_L = p Gamma, Gamma_R = (1 - p) Gamma: tau = 2 p (1 - p) Re[i Gamma G^r].",
            (gamma_L * gamma_R * squared).subs(shares),
            (2 * p * (1 - p) * re(expand(I * s.Gamma / (F + I * s.Gamma / 2), complex=True))),
        ),
        identity(
            "For equal couplings tau = Re[i Gamma_L G^r].",
            (gamma_L * gamma_R * squared).subs(gamma_R, gamma_L),
            re(expand(I * gamma_L / (F + I * gamma_L), complex=True)),
        ),
        identity(
            "A in k is A in omega at omega = onsite - 2h cos k.",
            generic(greens.spectral_function()),
            periodic.pieces()[s.A],
        ),
        identity(
            "tau in k is tau in omega.",
            generic(greens.transmission()),
            periodic.pieces()[s.tau],
        ),
        identity(
            "1/|G^r|^2 = P(z) P(1/z) is a polynomial in cos k.",
            periodic.denominator().subs(cosine, (s.z + 1 / s.z) / 2),
            poles.pole_polynomial() * poles.conjugate_on_axis(poles.pole_polynomial()),
        ),
        identity(
            "tau is rational in x = omega - onsite on the band.",
            (matsubara.transmission_in_x()[0] / matsubara.transmission_in_x()[1]).subs(
                s.x, -2 * s.hopping * cosine
            ),
            periodic.pieces()[s.tau].subs(sine**2, 1 - cosine**2),
        ),
    )


def _transmission_transform() -> tuple[Step, ...]:
    numerator, denominator = matsubara.transmission_in_x()
    first, second = matsubara.transmission_poles()
    x, pole = s.x, Symbol("x_j")
    constant = limit(numerator / denominator, x, oo)
    residue = numerator / denominator.diff(x)
    arguments = (s.zeta, s.level, s.onsite, s.hopping, s.coupling_L, s.coupling_R)
    transform = lambdify(matsubara.transmission_transform(), arguments, "mpmath")
    tau = lambdify((numerator / denominator), (x, *arguments[1:]), "mpmath")

    def agrees(generator: random.Random) -> bool:
        def draw(low: int, high: int) -> Any:
            return mp.mpf(generator.randint(low, high)) / 1000

        level, onsite, h = draw(-900, 900), draw(-100, 100), draw(900, 1100)
        v_L, v_R = draw(200, 500), draw(200, 500)
        zeta = mp.mpc(draw(-2000, 2000), draw(500, 2000))
        there = (level, onsite, h, v_L, v_R)
        # zeta and tau are analytic within 0.04 of the band: tanh-sinh on pieces converges.
        value = mp.quad(
            lambda e: tau(e, *there) / (zeta - onsite - e),
            mp.linspace(-2 * h, 2 * h, 9),
        )
        return _close(value, transform(zeta, *there))

    return (
        *(
            identity(f"x_{i} is a zero of the denominator of tau.", denominator.subs(x, p), 0)
            for i, p in enumerate((first, second), start=1)
        ),
        identity(
            "tau = c + sum_j r_j/(x - x_j).",
            numerator / denominator,
            constant + sum(residue.subs(x, p) / (x - p) for p in (first, second)),
        ),
        identity(
            "1/((x - x_j)(zeta - x)) = [1/(x - x_j) + 1/(zeta - x)]/(zeta - x_j): each term "
            "integrates to logarithms.",
            1 / ((x - pole) * (s.zeta - x)),
            (1 / (x - pole) + 1 / (s.zeta - x)) / (s.zeta - pole),
        ),
        identity(
            "d/dx ln((x + 2h)/(x - 2h)) is the integral of -1/(x - x')^2 over the band.",
            matsubara.cut_logarithm(x).diff(x),
            1 / (x + 2 * s.hopping) - 1 / (x - 2 * s.hopping),
        ),
        sampled(
            "H(zeta) is the integral of tau/(zeta - omega), compared at random junctions.",
            Eq(
                Symbol("H"),
                Integral(
                    s.tau / (s.zeta - s.omega),
                    (s.omega, s.onsite - 2 * s.hopping, s.onsite + 2 * s.hopping),
                ),
                evaluate=False,
            ),
            _numerically(agrees, points=3),
        ),
    )


def _weak_coupling() -> tuple[Step, ...]:
    gamma, shift = Symbol("gamma", positive=True), Symbol("r", real=True)
    y = Symbol("y", real=True)
    primitive = weak.scaled_lorentzian()
    return (
        identity(
            "A d omega -> gamma/(2 pi) / ((y - r)^2 + gamma^2/4) dy, omega = level + lambda^2 y.",
            primitive,
            gamma / (2 * pi) / ((y - shift) ** 2 + gamma**2 / 4),
        ),
        identity("Its integral over y is 1.", weak.lorentzian_weight(), Integer(1)),
        identity(
            "tau d omega has the integral 2 pi Gamma_L Gamma_R/(Gamma_L + Gamma_R).",
            weak.transmission_weight(),
            2 * pi * s.Gamma_L * s.Gamma_R / (s.Gamma_L + s.Gamma_R),
        ),
        identity(
            "Away from the level A -> Gamma/(2 pi (omega - level)^2): what a gap averages "
            "vanishes quadratically there and is integrated against this tail.",
            weak.tail_density(),
            s.Gamma / (2 * pi * (s.omega - s.level) ** 2),
        ),
        *(
            identity(
                f"{name}: the remainder vanishes at the level,",
                _at_level(weak.bregman(name)),
                0,
            )
            for name in ("entropy_gap", "exergy_gap")
        ),
        *(
            identity(
                f"{name}: and so does its slope in f{' and f_eq' if variable == 'q' else ''}.",
                _at_level(_slope(name, variable)),
                0,
            )
            for name, variable in (("entropy_gap", "p"), ("exergy_gap", "p"), ("exergy_gap", "q"))
        ),
    )


def _plain(name: str) -> Expr:
    """Return a gap's remainder with plain logarithms and f + fbar = 1."""
    plain = weak.bregman(name).replace(PLogP, lambda p, _: p * log(p))
    return plain.subs({LogFermi(s.x_eq): log(s.f_eq), LogFermi(-s.x_eq): log(s.f_eq_bar)}).subs(
        {s.f_bar: 1 - s.f, s.f_eq_bar: 1 - s.f_eq, s.d_bar: 1 - s.d, s.d_eq_bar: 1 - s.d_eq}
    )


def _slope(name: str, variable: str) -> Expr:
    return _plain(name).diff(s.f if variable == "p" else s.f_eq)


def _at_level(expression: Expr) -> Expr:
    plain = expression.replace(PLogP, lambda p, _: p * log(p))
    plain = plain.subs({LogFermi(s.x_eq): log(s.f_eq), LogFermi(-s.x_eq): log(s.f_eq_bar)})
    there = plain.subs({s.f: s.d, s.f_bar: s.d_bar, s.f_eq: s.d_eq, s.f_eq_bar: s.d_eq_bar})
    pauli = there.subs({s.d_bar: 1 - s.d, s.d_eq_bar: 1 - s.d_eq})
    return expand_log(pauli, force=True)


DERIVATIONS = (
    Derivation(
        "matsubara_sums",
        "integral A f = 1/2 + 2T sum_(n>=0) Re G^r(mu + i w_n), and the same for omega A with "
        "zeta G^r - 1.",
        ("integral A = 1", "T > 0"),
        "(10), (11)",
        _matsubara_sum,
    ),
    Derivation(
        "green_function_upper_half_plane",
        "g = 2/(x + sqrt(x - 2h) sqrt(x + 2h)) is the retarded one off the axis.",
        ("Im x > 0",),
        "(6)",
        _upper_half_plane,
    ),
    Derivation(
        "transmission_equal_leads",
        "For equal bands tau = 2 p (1 - p) Re[i Gamma G^r], p = Gamma_L/Gamma, and both A and tau "
        "are free of square roots in k.",
        ("equal bands",),
        "(6)",
        _transmission_equal_leads,
    ),
    Derivation(
        "transmission_transform",
        "For equal bands tau is rational on the band; integral tau/(zeta - omega) is elementary, "
        "so I_Q and J_E are sums over Matsubara frequencies.",
        ("equal bands", "v_L^2 + v_R^2 != h^2"),
        "(7), (8)",
        _transmission_transform,
    ),
    Derivation(
        "weak_coupling",
        "A -> delta(omega - level), tau -> 2 pi Gamma_L Gamma_R/Gamma delta(omega - level); the "
        "gaps start at second order in the couplings.",
        ("the level inside a band",),
        "(A6), (A7)",
        _weak_coupling,
    ),
)
