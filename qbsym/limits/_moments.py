"""Moments of A and tau over the band of equal leads, in closed form.

Those of A are polynomials; those of tau follow from its partial fractions in x = omega - onsite,
whose two poles are complex conjugates where there are no bound states. Eq. (6) and after (A5).
May import: sympy, qbsym.symbols, .poles, ._matsubara_forms, ._catalogue_moments.
"""

from __future__ import annotations

from functools import cache

from sympy import (
    Expr,
    I,
    Integer,
    Poly,
    Symbol,
    atan,
    binomial,
    cancel,
    collect,
    div,
    expand,
    factor,
    im,
    integrate,
    log,
    re,
    sqrt,
    together,
)

from qbsym import _matsubara_forms as matsubara
from qbsym import poles
from qbsym import symbols as s
from qbsym._catalogue_moments import moment_from_chain

__all__ = ["shares", "spectral_moment", "transmission_moment"]

x0 = Symbol("x_0", real=True)
"""The level measured from the band centre."""
q = Symbol("q", positive=True)
"""sqrt(4 (h^2 - v_L^2 - v_R^2) - x0^2), real where the poles of G^r are complex."""
a = Symbol("a", real=True)
b = Symbol("b", real=True)
"""Real and imaginary part of a pole of tau in x."""
LOGARITHM = Symbol("Lambda", real=True)
ANGLE = Symbol("Theta", real=True)
"""Real and imaginary part of the integral of 1/(x - a - i b): see `logarithm` and `angle`."""
M0 = Symbol("M_0", positive=True)
M1 = Symbol("M_1", real=True)
"""The first two moments of tau in x."""


def shares() -> dict[str, Expr]:
    """Return Gamma_a/Gamma of equal bands, v_a^2/(v_L^2 + v_R^2)."""
    return {lead: p.coupling**2 / poles.COUPLING_SQUARED for lead, p in s.LEADS.items()}


@cache
def spectral_moment(power: int) -> Expr:
    """Return the integral of omega^n A over equal bands, without bound states."""
    equal = {s.onsite_R: s.onsite_L, s.hopping_R: s.hopping_L}
    return moment_from_chain(power).subs(equal, simultaneous=True)


def pole_in_z() -> Expr:
    """Return a zero of `poles.pole_polynomial`, in x0 and q."""
    return -2 * s.hopping / (x0 + I * q)


@cache
def transmission_pole() -> tuple[Expr, Expr]:
    """Return (a, b): the pole x = a + i b of tau that is the image of `pole_in_z`."""
    z = pole_in_z()
    x = (poles.dispersion() - s.onsite).subs(s.z, z)
    parts = expand(together(x), complex=True)
    real, imaginary = (factor(together(part(parts))) for part in (re, im))
    return real, imaginary


@cache
def transmission_in_q() -> tuple[Expr, Expr]:
    """Return numerator (over v_L^2 v_R^2) and denominator of tau in x, in h, x0 and q.

    v_L^2 + v_R^2 = h^2 - (x0^2 + q^2)/4 makes everything that follows rational.
    """
    numerator, denominator = matsubara.transmission_in_x()
    total = Symbol("V", positive=True)
    shifted = {s.level: s.onsite + x0, s.coupling_L: sqrt(total - s.coupling_R**2)}
    in_total = expand(denominator.subs(shifted))
    in_q = expand(in_total.subs(total, s.hopping**2 - (x0**2 + q**2) / 4))
    return cancel(numerator / (s.coupling_L * s.coupling_R) ** 2), in_q


@cache
def partial_fractions() -> tuple[Expr, Expr, Expr]:
    """Return (c, r', r''): tau = v_L^2 v_R^2 (c + 2 Re[(r' + i r'')/(x - a - i b)])."""
    numerator, denominator = transmission_in_q()
    constant, remainder = div(Poly(numerator, s.x), Poly(denominator, s.x))
    real, imaginary = transmission_pole()
    slope, offset = remainder.coeff_monomial(s.x), remainder.coeff_monomial(1)
    # The denominator is leading (x - a - i b)(x - a + i b): residue (slope (a + i b) + offset)
    # over 2 i b times the leading coefficient.
    scale = 2 * imaginary * Poly(denominator, s.x).LC()
    return (
        factor(constant.as_expr()),
        factor(slope * imaginary / scale),
        factor(-(slope * real + offset) / scale),
    )


def logarithm() -> Expr:
    """Return the real part of the integral of 1/(x - a - i b) over the band."""
    edge = 2 * s.hopping
    return log(((edge - a) ** 2 + b**2) / ((edge + a) ** 2 + b**2)) / 2


def angle() -> Expr:
    """Return its imaginary part."""
    edge = 2 * s.hopping
    return atan((edge - a) / b) + atan((edge + a) / b)


def band_integral(power: int) -> tuple[Expr, Expr]:
    """Return real and imaginary part of the integral of x^n/(x - a - i b) over the band.

    In the symbols `LOGARITHM` and `ANGLE`: x^n/(x - p) = sum_k p^(n - 1 - k) x^k + p^n/(x - p).
    """
    edge, pole = 2 * s.hopping, a + I * b
    total = pole**power * (LOGARITHM + I * ANGLE)
    for k in range(0, power, 2):
        total += pole ** (power - 1 - k) * 2 * edge ** (k + 1) / (k + 1)
    total = expand(total)
    return re(total), im(total)


@cache
def first_moments() -> tuple[Expr, Expr]:
    """Return the integrals of tau and x tau over the band, x = omega - onsite.

    In x0, q, h, v_L, v_R, linear in `LOGARITHM` and `ANGLE`.
    """
    constant, real_residue, imaginary_residue = partial_fractions()
    squares = (s.coupling_L * s.coupling_R) ** 2
    place = dict(zip((a, b), transmission_pole(), strict=True))
    found = []
    for power in (0, 1):
        real, imaginary = band_integral(power)
        total = 2 * (real_residue * real - imaginary_residue * imaginary)
        if power == 0:
            total += 4 * s.hopping * constant
        parts = collect(expand(total), (LOGARITHM, ANGLE), evaluate=False)
        written = (factor(value.subs(place)) * key for key, value in parts.items())
        found.append(squares * sum(written))
    return found[0], found[1]


def recurrence(power: int) -> tuple[Expr, Expr, Expr, Expr]:
    """Return (alpha, beta, gamma, rest): alpha M_(n+2) + beta M_(n+1) + gamma M_n = rest.

    tau is a ratio of two quadratics in x; the integral of x^n times the numerator is elementary.
    """
    numerator, denominator = (
        expand(part.subs(s.level, s.onsite + x0)) for part in matsubara.transmission_in_x()
    )
    alpha, beta, gamma = (factor(c) for c in Poly(denominator, s.x).all_coeffs())
    edge = 2 * s.hopping
    return alpha, beta, gamma, factor(integrate(s.x**power * numerator, (s.x, -edge, edge)))


@cache
def centred_moment(power: int) -> Expr:
    """Return the integral of x^n tau over the band, linear in `M0` and `M1`."""
    if power < 2:
        return (M0, M1)[power]
    alpha, beta, gamma, rest = recurrence(power - 2)
    total = rest - beta * centred_moment(power - 1) - gamma * centred_moment(power - 2)
    parts = collect(expand(total / alpha), (M0, M1), evaluate=False)
    return sum((factor(value) * key for key, value in parts.items()), start=Integer(0))


@cache
def transmission_moment(power: int) -> Expr:
    """Return the integral of omega^n tau over equal bands, in the thirteen parameters.

    Real where there are no bound states, abs(level - onsite) < 2(h - v^2/h), v^2 = v_L^2 + v_R^2.
    """
    shifted = sum(
        binomial(power, n) * s.onsite ** (power - n) * centred_moment(n) for n in range(power + 1)
    )
    place = dict(zip((a, b), transmission_pole(), strict=True))
    functions = {
        LOGARITHM: logarithm().subs(place).replace(log, lambda e: log(factor(together(e)))),
        ANGLE: angle().subs(place).replace(atan, lambda e: atan(factor(together(e)))),
    }
    zeroth, first = (moment.subs(functions) for moment in first_moments())
    explicit = shifted.subs({M0: zeroth, M1: first}, simultaneous=True)
    distance = s.level - s.onsite
    width = sqrt(4 * (s.hopping**2 - poles.COUPLING_SQUARED) - distance**2)
    explicit = explicit.subs({x0: distance, q: width}, simultaneous=True)
    return explicit.subs({s.onsite: s.onsite_L, s.hopping: s.hopping_L}, simultaneous=True)
