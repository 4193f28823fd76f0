"""Derivations of the moments of tau, of high temperatures and of far-away reservoirs.

Eqs. (6)-(13), (A4)-(A7).
May import: sympy, qbsym.symbols, .functions, .greens, .poles, .proofs, .limits,
._matsubara_forms.
"""

from __future__ import annotations

from sympy import (
    Eq,
    Expr,
    I,
    Limit,
    Poly,
    Rational,
    Symbol,
    diff,
    exp,
    expand,
    integrate,
    limit,
    log,
    pi,
    sqrt,
)

from qbsym import _matsubara_forms as matsubara
from qbsym import greens, poles
from qbsym import symbols as s
from qbsym.functions import Fermi
from qbsym.limits import _far_reservoirs as far
from qbsym.limits import _high_temperature as high
from qbsym.limits import _moments as moments
from qbsym.limits.core import epsilon
from qbsym.proofs import Derivation, Step, fact, identity, nonnegative

__all__ = ["DERIVATIONS"]

_squares = (s.coupling_L * s.coupling_R) ** 2


def _transmission_moments() -> tuple[Step, ...]:
    numerator, denominator = moments.transmission_in_q()
    real, imaginary = moments.transmission_pole()
    constant, real_residue, imaginary_residue = moments.partial_fractions()
    pole = real + I * imaginary
    a, b, x = moments.a, moments.b, s.x
    h, total = s.hopping, Symbol("V", positive=True)
    x0, q = moments.x0, moments.q
    explicit = {s.level: s.onsite + x0, s.coupling_L: sqrt(total - s.coupling_R**2)}
    in_q = {total: h**2 - (x0**2 + q**2) / 4}
    polynomial = poles.pole_polynomial().subs(explicit).subs(in_q)
    threshold = 2 * (h - total / h)
    alpha, beta, gamma, rest = moments.recurrence(1)
    tau_top, tau_bottom = matsubara.transmission_in_x()
    lower, upper = -2 * h, 2 * h
    power = 3
    geometric = sum(pole ** (power - 1 - n) * x**n for n in range(power))
    part_log = log((x - a) ** 2 + b**2) / 2
    ratio = Symbol("r", positive=True)
    return (
        identity(
            "Without bound states, abs(x0) < 2(h - V/h), x0 = level - onsite, V = v_L^2 + v_R^2: "
            "4(h^2 - V) - x0^2 = q^2 exceeds this,",
            4 * (h**2 - total) - threshold**2,
            4 * total * (1 - total / h**2),
        ),
        nonnegative(
            "which is not negative (V = h^2/(1 + r)).",
            (4 * total * (1 - total / h**2)).subs(total, h**2 / (1 + ratio)).factor(),
        ),
        identity(
            "z = -2h/(x0 + iq) is a pole of G^r,",
            polynomial.subs(s.z, moments.pole_in_z()),
            0,
        ),
        identity(
            "x = -h(z + 1/z) = a + i b there is a pole of tau.",
            denominator.subs(x, pole),
            0,
        ),
        identity(
            "tau = v_L^2 v_R^2 {c + 2 Re[r/(x - a - i b)]} in partial fractions:",
            numerator / denominator,
            constant
            + (real_residue + I * imaginary_residue) / (x - pole)
            + (real_residue - I * imaginary_residue) / (x - real + I * imaginary),
        ),
        identity(
            "1/(x - a - i b) integrates to a logarithm and an arctangent,",
            diff(part_log, x) + I * b / ((x - a) ** 2 + b**2),
            1 / (x - a - I * b),
        ),
        identity(
            "the latter as Im, between the edges atan((2h - a)/b) + atan((2h + a)/b).",
            diff(moments.angle(), a),
            integrate(diff(b / ((x - a) ** 2 + b**2), a), x).subs(x, upper)
            - integrate(diff(b / ((x - a) ** 2 + b**2), a), x).subs(x, lower),
        ),
        identity(
            "x^n/(x - p) = polynomial + p^n/(x - p), here for n = 3.",
            x**power / (x - pole),
            geometric + pole**power / (x - pole),
        ),
        identity(
            "Higher moments by recurrence: (alpha x^2 + beta x + gamma) tau is a polynomial,",
            (alpha * x**2 + beta * x + gamma),
            tau_bottom.subs(s.level, s.onsite + x0),
        ),
        identity(
            "whose moments are elementary, here n = 1.",
            rest,
            integrate(x * tau_top, (x, lower, upper)),
        ),
    )


def _series_at_zero(expression: Expr, order: int) -> Expr:
    """Return the Taylor polynomial in `symbols.x` from derivatives at 0."""
    total, current, factorial = Rational(0), expression, 1
    for n in range(order + 1):
        total += current.subs(s.x, 0) * s.x**n / factorial
        current = diff(current, s.x)
        factorial *= n + 1
    return total


def _high_temperature() -> tuple[Step, ...]:
    x = s.x
    p = Rational(1, 2) - x
    entropy = -p * log(p) - (1 - p) * log(1 - p)
    share = moments.shares()
    beta = {a: 1 / s.LEADS[a].temperature for a in "LR"}
    mean = share["L"] * beta["L"] + share["R"] * beta["R"]
    mixed = s.Gamma_L * s.x_L + s.Gamma_R * s.x_R
    centred = moments.spectral_moment(2) - moments.spectral_moment(1) ** 2
    whole = {s.Gamma_R: 1 - s.Gamma_L}
    variance = poles.COUPLING_SQUARED
    return (
        identity(
            "f = 1/2 - x/4 + x^3/48 - ..., without even powers,",
            _series_at_zero(1 / (exp(x) + 1), 3),
            Rational(1, 2) - x / 4 + x**3 / 48,
        ),
        identity(
            "which is what is used, to fifth order.",
            _series_at_zero(1 / (exp(x) + 1), 5),
            high.fermi_series(5),
        ),
        identity(
            "s(1/2 - y) = ln 2 - 2 y^2 - (4/3) y^4 - ...",
            _series_at_zero(entropy, 4),
            log(2) - 2 * x**2 - 4 * x**4 / 3,
        ),
        identity("which is what is used.", high.entropy_series(4), _series_at_zero(entropy, 4)),
        identity(
            "N's integrand: 1/2 less a quarter of the leads' mean exponent.",
            high.integrand_series("particle_number", 1),
            Rational(1, 2) - epsilon * mixed / 4,
        ),
        identity(
            "S's: ln 2 less an eighth of its square.",
            high.integrand_series("entropy", 2),
            log(2) - epsilon**2 * mixed**2 / 8,
        ),
        identity(
            "X's: an eighth of the square of what it differs from x_eq.",
            high.integrand_series("exergy", 2).subs(whole),
            (epsilon**2 * (mixed - s.x_eq) ** 2 / 8).subs(whole),
        ),
        identity(
            "I_Q's: a quarter of the exponents' difference.",
            high.integrand_series("charge_current", 2),
            epsilon * (s.x_R - s.x_L) / 4,
        ),
        identity(
            "The variance of A is v_L^2 + v_R^2,",
            centred,
            variance,
        ),
        identity(
            "which the entropy gap measures at leading order,",
            high.high_temperature("entropy_gap"),
            mean**2 * variance / 8,
        ),
        identity(
            "and so does the exergy gap.",
            high.high_temperature("exergy_gap"),
            (mean - 1 / s.temperature_eq) ** 2 * variance / 8,
        ),
        nonnegative("Both are not negative.", Symbol("b", real=True) ** 2 * variance / 8),
        *_production(),
    )


def _production() -> tuple[Step, ...]:
    zeroth, first, second = (Symbol(f"M_{n}", real=True) for n in range(3))
    named = {0: zeroth, 1: first, 2: second}
    series = {
        name: high.in_moments(high.integrand_series(name, 1), lambda n: named[n])
        for name in ("charge_current", "energy_current")
    }
    affinity = s.mu_L / s.temperature_L - s.mu_R / s.temperature_R
    thermal = 1 / s.temperature_L - 1 / s.temperature_R
    produced = affinity * series["charge_current"] - thermal * series["energy_current"]
    square = Poly(expand((affinity - thermal * s.omega) ** 2), s.omega)
    form = sum(c * named[n] for (n,), c in square.terms())
    return (
        identity(
            "sigma starts with integral tau (x_L - x_R)^2/(8 pi) >= 0, written in moments of tau.",
            produced / (2 * pi),
            epsilon * form / (8 * pi),
        ),
    )


def _far_reservoirs() -> tuple[Step, ...]:
    x = s.x
    p, q = Symbol("p", positive=True), Symbol("q", positive=True)
    small, share = Symbol("eta", positive=True), Symbol("s", positive=True)
    entropy = -p * log(p) - (1 - p) * log(1 - p)
    change = diff(entropy.subs(p, share + epsilon * q), epsilon).subs(epsilon, 0)
    tangent = diff(entropy, p).subs(p, share) * q
    relative = p * log(p / small) + (1 - p) * log((1 - p) / (1 - small))
    left = relative - p * log(1 / small) + entropy
    return (
        identity("1 - f(x) = exp(x) f(x): small far below,", 1 - Fermi(x), exp(x) * Fermi(x)),
        identity("as f(x) = exp(-x) [1 - f(x)] is far above.", Fermi(x), exp(-x) * (1 - Fermi(x))),
        nonnegative("f(x) < exp(-x).", exp(-x) * Fermi(-x), strict=True),
        identity(
            "That is uniform over the band: at the edge next to mu it is exp(-rate),",
            ((s.omega - s.mu_R) / s.temperature_R).subs(s.omega, s.onsite_L - 2 * s.hopping_L),
            far.distance("R", "below"),
        ),
        identity(
            "on either side.",
            -((s.omega - s.mu_L) / s.temperature_L).subs(s.omega, s.onsite_L + 2 * s.hopping_L),
            far.distance("L", "above"),
        ),
        fact(
            "An empty or full state has no entropy.",
            Eq(Limit(entropy, p, 0), 0, evaluate=False),
            lambda: limit(entropy, p, 0) == 0 and limit(entropy, p, 1) == 0,
        ),
        fact(
            "Relative to an almost empty reference (f_eq = eta), exergy is -p ln(eta) less the "
            "entropy,",
            Eq(Limit(left, small, 0), 0, evaluate=False),
            lambda: limit(left.expand(func=True), small, 0).expand(func=True).equals(0),
        ),
        identity(
            "with -ln f_eq = x_eq + ln(1 + exp(-x_eq)), the second exponentially small.",
            1 / (1 / (exp(x) + 1)),
            exp(x) * (1 + exp(-x)),
        ),
        identity(
            "The entropy's change is linear in that of f with the same slope everywhere, so it "
            "cancels in the entropy gap, whose rate is twice that of the others.",
            change,
            tangent,
        ),
        identity(
            "f_NE is the share of the filled lead, at every energy:",
            far.far_reservoirs("particle_number"),
            greens.occupation()
            .subs({Fermi(greens.exponent("L")): 1, Fermi(greens.exponent("R")): 0})
            .subs({s.onsite_R: s.onsite_L, s.hopping_R: s.hopping_L}),
        ),
        identity(
            "there, and the currents have f_L - f_R = 1 - exp(-x_R) f(-x_R) - exp(x_L) f(x_L): "
            "moments of tau.",
            Fermi(s.x_L) - Fermi(s.x_R),
            1 - exp(s.x_L) * Fermi(s.x_L) - exp(-s.x_R) * Fermi(-s.x_R),
        ),
    )


DERIVATIONS = (
    Derivation(
        "transmission_moments",
        "The integrals of omega^n tau over the band of equal leads are elementary: a logarithm and "
        "an arctangent for n = 0 and 1, a recurrence of three terms for the others.",
        ("equal bands", "no bound states"),
        "(6)",
        _transmission_moments,
    ),
    Derivation(
        "high_temperature",
        "Every observable is a series in 1/T of moments of A and tau: N = 1/2 - <x>/4, S = ln 2 - "
        "<x^2>/8, X = <(x - x_eq)^2>/8, I_Q = integral tau (x_R - x_L)/(8 pi).",
        ("equal bands", "no bound states", "T_L, T_R, T_eq grow together"),
        "(7)-(13), (A4)-(A7)",
        _high_temperature,
    ),
    Derivation(
        "far_reservoirs",
        "With the chemical potentials far outside the band f_a is 1 or 0 up to exp(-distance/T): "
        "N is a share of the couplings, I_Q and J_E are moments of tau.",
        ("equal bands", "no bound states"),
        "(7)-(13), (A4)-(A7)",
        _far_reservoirs,
    ),
)
