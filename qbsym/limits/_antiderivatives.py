"""Antiderivatives of A, omega A, tau and omega tau over the band of equal leads, in closed form.

With omega = onsite - 2h cos k and z = exp(ik), A d omega is the imaginary part of a rational
function of z times dz, whose partial fractions integrate to k, the phase of G^r and one logarithm;
tau is rational in omega itself. Around Eq. (6).
May import: sympy, qbsym.symbols, .poles, .periodic, ._matsubara_forms.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from sympy import (
    Expr,
    I,
    Integer,
    Poly,
    Symbol,
    acos,
    apart,
    atan,
    atan2,
    cancel,
    cos,
    diff,
    div,
    expand,
    factor,
    log,
    pi,
    sin,
    sqrt,
    together,
)

from qbsym import _matsubara_forms as matsubara
from qbsym import periodic, poles
from qbsym import symbols as s

__all__ = ["antiderivative", "derivative", "x0"]

x0 = Symbol("x_0", real=True)
"""The level measured from the band centre."""
V = Symbol("V", positive=True)
"""v_L^2 + v_R^2: equal leads broaden the level as one."""
q = Symbol("q", positive=True)
"""sqrt(4 (h^2 - V) - x0^2), real where G^r has a pair of complex conjugate poles."""
V_OF_Q = s.hopping**2 - (x0**2 + q**2) / 4
"""V in q, with which everything below is rational."""


def inverse_pole(sign: int) -> Expr:
    """Return u, the inverse of a zero of P(z): P = -h (1 - u z)(1 - u* z), |u|^2 = 1 - V/h^2."""
    return -(x0 + sign * I * q) / (2 * s.hopping)


@cache
def reduced_polynomial() -> Expr:
    """Return -P(z)/h = (1 - u z)(1 - u* z) in x0, q and h."""
    polynomial = poles.pole_polynomial().subs(s.level, x0 + s.onsite)
    return expand(-polynomial.subs(s.coupling_L**2, V_OF_Q - s.coupling_R**2) / s.hopping)


@cache
def measure(power: int) -> Expr:
    """Return the rational R(z) with (omega - onsite)^power A d omega = Im[R dz]/pi."""
    energy = poles.dispersion() - s.onsite
    green = -s.z / (s.hopping * reduced_polynomial())
    return cancel(together(-(energy**power) * green * energy.diff(s.z)))


@dataclass(frozen=True)
class PartialFractions:
    """An integral of a rational function of z, term by term.

    Attributes
    ----------
    powers : mapping of int to Expr
        n -> coefficient of z^n.
    winding : Expr
        Coefficient of ln z.
    resonant : Expr
        Coefficient of ln(1 - u z); its conjugate belongs to ln(1 - u* z).
    """

    powers: Mapping[int, Expr]
    winding: Expr
    resonant: Expr

    def integral(self) -> Expr:
        """Return the sum of the terms, in z."""
        total = self.winding * log(s.z)
        for sign, c in ((1, self.resonant), (-1, _conjugate(self.resonant))):
            total += c * log(1 - inverse_pole(sign) * s.z)
        return total + sum(c * s.z**n for n, c in self.powers.items())


def _conjugate(value: Expr) -> Expr:
    return value.subs(I, -I)


@cache
def partial_fractions(power: int) -> PartialFractions:
    """Return the integral of `measure`."""
    powers: dict[int, Expr] = {}
    winding, resonant = Integer(0), Integer(0)
    u, conjugate = inverse_pole(1), inverse_pole(-1)
    for term in apart(measure(power), s.z).as_ordered_terms():
        bottom = Poly(together(term).as_numer_denom()[1], s.z)
        if not bottom.is_monomial:
            # (alpha z + beta)/((1 - u z)(1 - u* z)): its residue at z = 1/u.
            numerator = cancel(term * reduced_polynomial())
            resonant -= numerator.subs(s.z, 1 / u) / (1 - conjugate / u) / u
            continue
        shift = bottom.degree()
        for (n,), c in Poly(cancel(term * s.z**shift), s.z).terms():
            if n - shift == -1:
                winding += cancel(c)
            else:
                powers[n - shift + 1] = cancel(c / (n - shift + 1))
    top, bottom = together(resonant).as_numer_denom()
    top, squared = expand(top * _conjugate(bottom)), expand(bottom * _conjugate(bottom))
    real, imaginary = (cancel(part / squared) for part in top.as_real_imag())
    return PartialFractions(powers, winding, real + I * imaginary)


def on_circle(polynomial: Expr) -> tuple[Expr, Expr]:
    """Return real and imaginary part of a polynomial in z at z = exp(ik)."""
    real, imaginary = Integer(0), Integer(0)
    for (n,), c in Poly(polynomial, s.z).terms():
        a, b = expand(c).as_real_imag()
        cosine, sine = cos(n * s.k).expand(trig=True), sin(n * s.k).expand(trig=True)
        real += a * cosine - b * sine
        imaginary += b * cosine + a * sine
    return real, imaginary


@cache
def phase() -> Expr:
    """Return arg[(1 - u z)(1 - u* z)] on the band: k less the scattering phase of G^r."""
    real, imaginary = (_in_coupling(s.hopping**2 * e) for e in on_circle(reduced_polynomial()))
    return atan2(imaginary, real)


@cache
def resonance_logarithm() -> Expr:
    """Return ln|1 - u z| - ln|1 - u* z| on the band, whose squares are linear in cos and sin."""
    squares = []
    for sign in (1, -1):
        real, imaginary = on_circle(1 - inverse_pole(sign) * s.z)
        square = expand(real**2 + imaginary**2).subs(sin(s.k) ** 2, 1 - cos(s.k) ** 2)
        in_terms = expand(square * s.hopping**2)
        odd = in_terms.coeff(q, 1)
        squares.append(_in_coupling(expand(in_terms - odd * q)) + odd * q)
    return log(squares[0] / squares[1]) / 2


def _in_coupling(even: Expr) -> Expr:
    """Return an expression even in q in V."""
    return factor(cancel(even.subs(q, sqrt(4 * (s.hopping**2 - V) - x0**2))))


@cache
def cumulative_spectral(power: int) -> Expr:
    """Return the integral of (omega - onsite)^power A from the lower band edge to k.

    In `x0`, `V`, `q`, h and k.
    """
    found = partial_fractions(power)
    real, imaginary = found.resonant.as_real_imag()
    total = found.winding * s.k + _in_coupling(real) * phase()
    total += _in_coupling(imaginary * q) / q * resonance_logarithm()
    sines = sum(_in_coupling(c) * sin(n * s.k) for n, c in found.powers.items())
    return (total + sines) / pi


@cache
def transmission_in_x() -> tuple[Expr, Poly]:
    """Return numerator and quadratic denominator of tau in x = omega - onsite, in x0, V and h."""
    numerator, denominator = matsubara.transmission_in_x()
    in_v = denominator.subs(s.level, x0 + s.onsite).subs(s.coupling_L, sqrt(V - s.coupling_R**2))
    return numerator, Poly(expand(in_v), s.x)


@cache
def cumulative_transmission(power: int) -> Expr:
    """Return an integral of (omega - onsite)^power tau, in x = omega - onsite, x0, V, q and h."""
    numerator, denominator = transmission_in_x()
    alpha, beta, _ = denominator.all_coeffs()
    quotient, rest = div(Poly(expand(s.x**power * numerator), s.x), denominator)
    slope, constant = rest.coeff_monomial(s.x), rest.coeff_monomial(1)
    width = transmission_width()
    centred = factor((constant - slope * beta / (2 * alpha)) * 2 / width)
    lorentzian = centred * atan((2 * alpha * s.x + beta) / width)
    logarithm = factor(slope / (2 * alpha)) * log(denominator.as_expr())
    return factor(quotient.integrate().as_expr()) + logarithm + lorentzian


@cache
def transmission_width() -> Expr:
    """Return the root of 4 alpha gamma - beta^2 of the denominator of tau: it is h^2 q V."""
    alpha, beta, gamma = transmission_in_x()[1].all_coeffs()
    resonance = 4 * (s.hopping**2 - V) - x0**2
    return sqrt(cancel((4 * alpha * gamma - beta**2) / resonance)) * q


def in_parameters(expression: Expr) -> Expr:
    """Return an expression of x0, V, q and h in the thirteen parameters; the left lead's band."""
    centred = s.level - s.onsite
    total = poles.COUPLING_SQUARED
    width = sqrt(4 * (s.hopping**2 - total) - centred**2)
    there = expression.xreplace({q: width, x0: centred, V: total})
    return there.xreplace({s.onsite: s.onsite_L, s.hopping: s.hopping_L})


def antiderivative(kind: str, power: int, mu: Symbol) -> Expr:
    """Return an integral of omega^power A or omega^power tau up to a chemical potential.

    Parameters
    ----------
    kind : "A" or "tau"
        With A the integral starts at the lower band edge; with tau only differences have a meaning.
    power : 0 or 1
    mu : Symbol
        Of a reservoir, inside the band.
    """
    return _antiderivative(kind, power).xreplace({s.mu: mu})


@cache
def _antiderivative(kind: str, power: int) -> Expr:
    if kind == "A":
        k = acos((s.onsite - s.mu) / (2 * s.hopping))
        centred = [cumulative_spectral(n).subs(s.k, k) for n in range(power + 1)]
    else:
        centred = [cumulative_transmission(n).subs(s.x, s.mu - s.onsite) for n in range(power + 1)]
    total = centred[0] if power == 0 else s.onsite * centred[0] + centred[1]
    return in_parameters(total)


@cache
def slopes(kind: str, order: int) -> tuple[Expr, dict[Symbol, Expr]]:
    """Return the order-th derivative of A or tau in x, and what its symbols stand for.

    Both are R^(m/2) over a quadratic D, times a constant, with R = 4h^2 - x^2 and m = 1 or 2. The
    derivative is kept in x, R, D, D' and D'', in which it stays short.
    """
    constant, denominator, half_powers = _shape(kind)
    names = {
        R: 4 * s.hopping**2 - s.x**2,
        D: denominator.as_expr(),
        D1: denominator.diff(s.x).as_expr(),
        D2: denominator.diff((s.x, 2)).as_expr(),
    }
    value = constant * R ** (Integer(half_powers) / 2) / D
    for _ in range(order):
        chain = diff(value, R) * -2 * s.x + diff(value, D) * D1 + diff(value, D1) * D2
        value = chain + diff(value, s.x)
    return factor(value), names


R, D = Symbol("R", positive=True), Symbol("D", positive=True)
D1, D2 = Symbol("D_1", real=True), Symbol("D_2", real=True)


@cache
def _shape(kind: str) -> tuple[Expr, Poly, int]:
    """Return the constant, D and m of A or tau."""
    numerator, denominator = transmission_in_x()
    band = 4 * s.hopping**2 - s.x**2
    if kind == "tau":
        return cancel(numerator / band), denominator, 2
    # In k, A is sin k over the same denominator; sin k = sqrt(R)/(2h).
    in_cos = periodic.pieces()[s.A] / (2 * s.hopping * sin(s.k))
    in_x = in_cos.subs(cos(s.k), -s.x / (2 * s.hopping)).subs(s.level, x0 + s.onsite)
    in_v = in_x.subs(s.coupling_L, sqrt(V - s.coupling_R**2))
    return cancel(in_v * denominator.as_expr()), denominator, 1


def derivative(kind: str, power: int, order: int, mu: Symbol) -> Expr:
    """Return the order-th derivative of omega^power A or omega^power tau at omega = mu."""
    return _derivative(kind, power, order).xreplace({s.mu: mu})


@cache
def _derivative(kind: str, power: int, order: int) -> Expr:
    value, names = slopes(kind, order)
    at = value.xreplace(names)
    if power == 1:
        at = (s.x + s.onsite) * at
        if order > 0:
            lower, names = slopes(kind, order - 1)
            at += order * lower.xreplace(names)
    return in_parameters(at.subs(s.x, s.mu - s.onsite))
