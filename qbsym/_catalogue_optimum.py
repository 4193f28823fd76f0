"""Derivations of the best level: the largest entropy, and where the exergy is largest.

May import: sympy, qbsym.symbols, .limits, .proofs.
"""

from __future__ import annotations

from sympy import (
    Derivative,
    Eq,
    Expr,
    Function,
    Integral,
    LambertW,
    Limit,
    Rational,
    Symbol,
    cancel,
    cos,
    diff,
    exp,
    integrate,
    limit,
    log,
    oo,
    pi,
    sin,
    solve,
    sqrt,
    symbols,
)

from qbsym import periodic
from qbsym import symbols as s
from qbsym.limits import _antiderivatives as band
from qbsym.limits import _optimum as best
from qbsym.limits import _weak_forms as weak
from qbsym.poles import COUPLING_SQUARED
from qbsym.proofs import Derivation, Step, fact, identity, is_zero

__all__ = ["DERIVATIONS"]

_p = Symbol("p", positive=True)
_b = Symbol("b", positive=True)
"""The bias over T."""
_s = Symbol("s", positive=True)
"""exp((mu_L - level)/T)."""


def _entropy(p: Expr) -> Expr:
    return -p * log(p) - (1 - p) * log(1 - p)


# --- Entropy -------------------------------------------------------------------------------------


def _thermal_deficit() -> tuple[Step, ...]:
    """Return the steps of S_eq at level = mu_eq in a band without structure."""
    x = Symbol("x", positive=True)
    y = exp(x)
    per_state = log(1 + y) - x * y / (1 + y)
    deficit = (log(2) - per_state) / x**2
    primitive = -(log(2) - per_state) / x - 1 / (1 + y)
    at_infinity, at_zero = limit(primitive, x, oo), limit(primitive, x, 0, "+")
    return (
        identity("The entropy of a state is largest, ln 2, at f = 1/2:", _entropy(_half()), log(2)),
        identity(
            "where its slope vanishes: shifts of the level cost nothing at first order.",
            diff(_entropy(_p), _p).subs(_p, _half()),
            0,
        ),
        identity(
            "A's tails average ln 2 - s(omega) over Gamma/[2 pi (omega - level)^2].",
            weak.tail_density(),
            s.Gamma / (2 * pi * (s.omega - s.level) ** 2),
        ),
        identity(
            "(ln 2 - s)/x^2, x = (omega - mu_eq)/T, has the antiderivative -(ln 2 - s)/x - f(x),",
            diff(primitive, x),
            deficit,
        ),
        fact(
            "of which 1/2 comes from each side: S_eq = ln 2 - Gamma/(2 pi T) in a flat band.",
            Eq(Integral(deficit, (x, 0, oo)), _half(), evaluate=False),
            lambda: at_infinity - at_zero == _half(),
        ),
        fact(
            "Up to x only, it is 1/2 - ln 2/x: what is missing is ln 2 times the tails beyond.",
            Eq(Limit(x * (primitive - at_zero - _half()), x, oo), -log(2), evaluate=False),
            lambda: limit(x * (primitive - at_zero - _half()), x, oo) == -log(2),
        ),
    )


def _half() -> Expr:
    return Rational(1, 2)


def _tails() -> tuple[Step, ...]:
    """Return the steps of the weight of the tails in the band."""
    weight, angle = best.tail_weight()
    below = weight.subs(angle, s.k)
    energy = periodic.energy() - s.onsite
    root = 2 * s.hopping * sin(s.k)
    # Gamma/V = root/h^2.
    density = root / s.hopping**2 / (2 * pi * (energy - band.x0) ** 2) * energy.diff(s.k)
    distance, end = symbols("a a_1", positive=True)
    width, middle, half = s.Gamma, Symbol("m", real=True), Symbol("Delta", positive=True) / 2
    one_side = integrate(width / (2 * pi * distance**2), (distance, end, oo))
    deficit = one_side.subs(end, half - middle) + one_side.subs(end, half + middle)
    return (
        fact(
            "The weight of A up to k at first order in V grows as the tails do:",
            Eq(Derivative(below, s.k), density, evaluate=False),
            lambda: is_zero(_rational(diff(below, s.k) - density)),
        ),
        identity("from 0 at the lower band edge,", below.subs(s.k, 0), 0),
        identity("to 0 at the upper one,", weight.subs(angle, s.k - pi).subs(s.k, pi), 0),
        identity(
            "and its phase turns by pi at the level, which adds d Re Sigma/d omega = V/(2 h^2) to "
            "the weight around it.",
            best._left_band(-pi * diff(weight, angle) * COUPLING_SQUARED),
            best.shift_slope(),
        ),
        identity(
            "In a flat band the tails outside the bias window Delta, a level m off its middle, are",
            deficit,
            width / (2 * pi) * (1 / (half - middle) + 1 / (half + middle)),
        ),
        identity("stationary in the middle,", diff(deficit, middle).subs(middle, 0), 0),
        identity(
            "where they are 2 Gamma/(pi Delta): S = ln 2 [1 - 2 Gamma/(pi Delta)] at most.",
            deficit.subs(middle, 0),
            width / (pi * half),
        ),
    )


def _rational(expression: Expr) -> Expr:
    """Return a function of cos k, sin k and sqrt(4h^2 - x0^2) in the half angles' tangents."""
    t, u = Symbol("t", positive=True), Symbol("u", positive=True)
    half_angle = {cos(s.k): (1 - t**2) / (1 + t**2), sin(s.k): 2 * t / (1 + t**2)}
    level = {band.x0: 2 * s.hopping * (1 - u**2) / (1 + u**2)}
    root = 4 * s.hopping * u / (1 + u**2)
    return expression.subs(sqrt(4 * s.hopping**2 - band.x0**2), root).subs(level).subs(half_angle)


# --- Exergy --------------------------------------------------------------------------------------


def _stationarity() -> tuple[Step, ...]:
    x, f = s.x_eq, Function("f")(s.x_eq)
    log_f_eq, f_eq = -log(1 + exp(x)), 1 / (1 + exp(x))
    relative = f * (log(f) - log_f_eq) + (1 - f) * (log(1 - f) - log_f_eq - x)
    y = 1 / _s
    left = 1 / (1 + y)
    occupied = _p * left
    ratio = occupied / (1 - occupied)
    total = _b - log(_s) + log(_p) - log(1 - _p + y)
    slope = -_p * left * (1 - left)
    return (
        identity(
            "At weak coupling X is the relative entropy of f and f_eq at the level; its slope in "
            "x = (level - mu_eq)/T_eq:",
            diff(relative, x),
            diff(f, x) * (log(f) - log(1 - f) + x) + f - f_eq,
        ),
        identity(
            "For a bias b T and mu_R = mu_eq, b >> 1, only the left lead fills the level: f = p "
            "f_L, f_eq -> 0. With s = exp((mu_L - level)/T)",
            ratio,
            _p / (1 - _p + y),
        ),
        identity(
            "the slope of X is p f_L {1 - (1 - f_L) [b - ln s + ln p - ln(1 - p + 1/s)]}:",
            slope * total + occupied,
            occupied * (1 - (1 - left) * total),
        ),
        identity(
            "it vanishes for 1 + s = b - ln s + ln p - ln(1 - p + 1/s).",
            1 / (1 - left),
            1 + _s,
        ),
    )


def _far_bias() -> tuple[Step, ...]:
    u, p_bar = Symbol("u", positive=True), 1 - _p
    occupied = _p * _s / (1 + _s)
    log_p, log_s = log(_p) + log(_s), log(1 + _s)
    log_holes = log(1 + p_bar * _s) - log_s
    x = 1 + _s - (log_p - log_s) + log_holes
    value = occupied * (log_p - log_s) + (1 - occupied) * log_holes + occupied * x
    small = Symbol("r", positive=True)
    largest = (_p / small + log((1 + p_bar / small) / (1 + 1 / small))) - _p / small - log(p_bar)
    return (
        fact(
            "For s >> 1 that is s + ln s = b - 1 + ln(p/(1 - p)), s exp(s) = u: s = W(u), so that "
            "the level is mu_L - T ln W.",
            Eq(_s, LambertW(u), evaluate=False),
            lambda: solve(_s * exp(_s) - u, _s) == [LambertW(u)],
        ),
        identity(
            "There X = f ln f + fbar ln fbar + f x, and with x = 1 + s - ln(f/fbar) it is "
            "p s + ln[(1 + (1 - p) s)/(1 + s)].",
            value,
            _p * _s + log(1 + p_bar * _s) - log_s,
        ),
        fact(
            "For s >> 1 the logarithm is ln(1 - p) + p/[(1 - p) s],",
            Eq(Limit(largest / small, small, 0), _p / p_bar, evaluate=False),
            lambda: cancel(limit(largest / small, small, 0, "+") - _p / p_bar) == 0,
        ),
        fact(
            "and -ln(1 - p + 1/s) moves s by -1/[(1 - p) s]: p s changes by the opposite, and X is "
            "p W + ln(1 - p) up to the square of T over the bias.",
            Eq(
                Limit((log(p_bar) - log(p_bar + small)) / small, small, 0),
                -1 / p_bar,
                evaluate=False,
            ),
            lambda: (
                cancel(limit((log(p_bar) - log(p_bar + small)) / small, small, 0) + 1 / p_bar) == 0
            ),
        ),
    )


def _cold_level() -> tuple[Step, ...]:
    place = Symbol("Delta", positive=True)
    spectral = s.Gamma / (2 * pi * ((s.omega - s.level) ** 2 + s.Gamma**2 / 4))
    shape = Function("A")(s.omega)
    away = sqrt(s.Gamma * place / (2 * pi))
    return (
        identity(
            "For T -> 0, T X = p integral (omega - mu_eq) A over the bias window. In a flat band A "
            "moves with the level:",
            diff(spectral, s.level),
            -diff(spectral, s.omega),
        ),
        identity(
            "so that the slope of T X is p [integral A - Delta A(mu_L)], Delta the bias, by parts.",
            diff((s.omega - s.mu_eq) * shape, s.omega),
            shape + (s.omega - s.mu_eq) * diff(shape, s.omega),
        ),
        identity(
            "A narrow level has the weight 1 in the window and the tail Gamma/(2 pi d^2) at mu_L: "
            "d = sqrt(Gamma Delta/2 pi) below it.",
            place * weak.tail_density().subs(s.omega, s.level + away),
            1,
        ),
    )


DERIVATIONS = (
    Derivation(
        "largest_entropy",
        "S_eq at level = mu_eq is ln 2 - Gamma/(2 pi T) + ln 2 V/(2 h^2) at weak coupling; S at "
        "T = 0 is the couplings' binary entropy times one less A's tails outside the bias window.",
        ("equal bands", "weak coupling"),
        "(12), Figs. 2, 3",
        lambda: (*_thermal_deficit(), *_tails()),
    ),
    Derivation(
        "exergy_optimum",
        "For a bias far above T the exergy is largest, p W + ln(1 - p), at mu_L - T ln W with W "
        "exp(W) = p/(1 - p) exp(bias/T - 1); for T -> 0 at mu_L - sqrt(Gamma bias/2 pi).",
        ("equal bands", "weak coupling", "mu_R = mu_eq", "T_L = T_R = T_eq"),
        "(13), Figs. 6, 7",
        lambda: (*_stationarity(), *_far_bias(), *_cold_level()),
    ),
)
