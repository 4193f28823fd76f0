"""The analytic functions whose Matsubara sums `qbsym.matsubara` takes, Eqs. (6)-(8), (10), (11).

May import: sympy, qbsym.symbols, .periodic.
"""

from __future__ import annotations

from functools import cache

from sympy import Expr, I, Integer, Poly, cancel, cos, factor, limit, log, oo, sin, sqrt

from qbsym import periodic
from qbsym import symbols as s

__all__ = [
    "FORM_ARGUMENTS",
    "LEAD_ARGUMENTS",
    "cut_logarithm",
    "forms",
    "green_upper",
    "transmission_in_x",
    "transmission_moments",
    "transmission_poles",
    "transmission_transform",
]

LEAD_ARGUMENTS = (s.onsite_L, s.hopping_L, s.coupling_L, s.onsite_R, s.hopping_R, s.coupling_R)
FORM_ARGUMENTS = {
    "A": (s.mu, s.level, *LEAD_ARGUMENTS),
    "tau": (s.mu, s.level, s.onsite, s.hopping, s.coupling_L, s.coupling_R),
}
"""The arguments of the forms with A (any leads) and with tau (equal bands)."""


@cache
def green_upper() -> Expr:
    """Return G^r at `symbols.zeta` in the upper half plane, for any leads.

    g = 2/(x + R), R = sqrt(x - 2h) sqrt(x + 2h): the root of the recursion with abs(h g) < 1
    there, in the form that does not cancel at large x.
    """
    inverse = s.zeta - s.level
    for lead in s.LEADS.values():
        x = s.zeta - lead.onsite
        root = sqrt(x - 2 * lead.hopping) * sqrt(x + 2 * lead.hopping)
        inverse -= lead.coupling**2 * 2 / (x + root)
    return 1 / inverse


@cache
def transmission_in_x() -> tuple[Expr, Expr]:
    """Return numerator and quadratic denominator of tau for equal leads, in x = omega - onsite."""
    in_cos = periodic.pieces()[s.tau].subs(sin(s.k) ** 2, 1 - cos(s.k) ** 2)
    tau = cancel(in_cos.subs(cos(s.k), -s.x / (2 * s.hopping)))
    numerator, denominator = tau.as_numer_denom()
    return factor(numerator), Poly(denominator, s.x).as_expr()


@cache
def transmission_poles() -> tuple[Expr, Expr]:
    """Return the zeros x of the denominator of tau: the resonance and its mirror image."""
    a, b, c = Poly(transmission_in_x()[1], s.x).all_coeffs()
    discriminant = factor(b**2 - 4 * a * c)
    # sqrt of a complex number: conjugate zeros where it is negative.
    return (-b + sqrt(discriminant)) / (2 * a), (-b - sqrt(discriminant)) / (2 * a)


def cut_logarithm(x: Expr) -> Expr:
    """Return ln((x + 2h)/(x - 2h)), the integral of 1/(x - x') over the band."""
    return log((x + 2 * s.hopping) / (x - 2 * s.hopping))


@cache
def transmission_transform() -> Expr:
    """Return H(zeta), the integral of tau(omega)/(zeta - omega) over the band of equal leads.

    tau = c + sum_j r_j/(x - x_j) in partial fractions; each term integrates to logarithms.
    """
    numerator, denominator = transmission_in_x()
    x = s.zeta - s.onsite
    total = (numerator / denominator).subs(s.x, x) * cut_logarithm(x)
    for pole in transmission_poles():
        residue = (numerator / denominator.diff(s.x)).subs(s.x, pole)
        total -= residue * cut_logarithm(pole) / (x - pole)
    return total


@cache
def transmission_moments() -> tuple[Expr, Expr]:
    """Return the integrals of tau and of (omega - onsite) tau over the band."""
    numerator, denominator = transmission_in_x()
    constant = limit(numerator / denominator, s.x, oo)
    zeroth, first = 4 * s.hopping * constant, Integer(0)
    for pole in transmission_poles():
        residue = (numerator / denominator.diff(s.x)).subs(s.x, pole)
        zeroth -= residue * cut_logarithm(pole)
        first += residue * (4 * s.hopping - pole * cut_logarithm(pole))
    return zeroth, first


@cache
def forms() -> dict[str, tuple[Expr, Expr]]:
    """Return constant and summand of each integral against a Fermi function."""
    zeta = s.mu + I * s.w
    green = green_upper()
    transform = transmission_transform()
    zeroth, first = transmission_moments()
    half = Integer(1) / 2
    return {
        "number": (half, green.subs(s.zeta, zeta)),
        "energy": (s.level * half, (s.zeta * green - 1).subs(s.zeta, zeta)),
        "transmitted": (zeroth * half, transform.subs(s.zeta, zeta)),
        "transmitted_energy": (
            (first + s.onsite * zeroth) * half,
            (s.zeta * transform - zeroth).subs(s.zeta, zeta),
        ),
    }
