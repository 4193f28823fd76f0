"""Equal leads: the rational form of G^r in z = exp(i k), its poles, and the bound states.

With omega = onsite - 2h cos k both self-energies are -v^2 z/h, so 1/G^r is a quadratic over z. Its
zeros with abs(z) < 1 are bound states; the others are resonances. Eq. (6) and the text around it.
May import: sympy, qbsym.symbols, .errors.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from sympy import Expr, Gt, Integer, Lt, Poly, Symbol, cancel, factor, roots, sqrt, together
from sympy.logic.boolalg import Boolean

from qbsym import symbols as s
from qbsym._checks import takes_names
from qbsym.errors import UnknownNameError

__all__ = [
    "BoundState",
    "bound_state",
    "conjugate_on_axis",
    "dispersion",
    "equal_leads",
    "pole_polynomial",
    "poles",
    "rational_green",
    "residue_at",
    "self_energy_slope",
    "surface_green_in_z",
]

COUPLING_SQUARED = s.coupling_L**2 + s.coupling_R**2
"""Equal leads act like one lead of this squared coupling."""


@dataclass(frozen=True)
class BoundState:
    """A real pole of G^r outside the band of equal leads.

    Attributes
    ----------
    side : "above" or "below"
    z : Expr
        Its place on the real axis of z, -1 < z < 0 above and 0 < z < 1 below the band.
    energy, weight : Expr
        omega_b and Z_b, the residue of G^r.
    condition : relational
        When it exists.

    All in `symbols.level`, ``coupling_L``, ``coupling_R`` and the leads' common ``onsite`` and
    ``hopping``.
    """

    side: str
    z: Expr
    energy: Expr
    weight: Expr
    condition: Boolean


def dispersion() -> Expr:
    """Return omega(z) = onsite - h (z + 1/z), that is onsite - 2h cos k."""
    return s.onsite - s.hopping * (s.z + 1 / s.z)


@cache
def surface_green_in_z() -> Expr:
    """Return g(z) of equal leads: the root of the recursion that vanishes at z = 0.

    abs(z) < 1 covers the upper and lower half plane of omega outside the cut once, and z = 0 is
    omega at infinity, where g must decay.
    """
    g = Symbol("g")
    x = dispersion() - s.onsite
    equation = together(g * x - s.hopping**2 * g**2 - 1).as_numer_denom()[0]
    candidates = [factor(root) for root in roots(Poly(equation, g))]
    (chosen,) = [root for root in candidates if root.subs(s.z, 0) == 0]
    return chosen


@cache
def rational_green() -> Expr:
    """Return G^r of equal leads as a rational function of z with a quadratic denominator.

    In `symbols.z`, ``level``, ``coupling_L``, ``coupling_R`` and the generic ``onsite`` and
    ``hopping`` that both leads share. abs(z) < 1 is the physical sheet.
    """
    inverse = dispersion() - s.level - COUPLING_SQUARED * surface_green_in_z()
    return cancel(together(1 / inverse))


@cache
def pole_polynomial() -> Expr:
    """Return P(z), quadratic, with G^r = z/P(z)."""
    polynomial = Poly(cancel(s.z / rational_green()), s.z)
    # Normalised by G^r -> 1/omega: z/P(z) with P(0) = -h.
    return sum((c.cancel().expand() * s.z**n for (n,), c in polynomial.terms()), start=Integer(0))


@cache
def _quadratic() -> tuple[Expr, Expr, Expr, Expr]:
    """Return the coefficients a, b, c of the pole polynomial and the root of b^2 - 4ac."""
    a, b, c = Poly(pole_polynomial(), s.z).all_coeffs()
    x0 = s.level - s.onsite
    # In level - onsite, which is what the paper's conditions are written in.
    discriminant = x0**2 + (b**2 - 4 * a * c - x0**2).expand()
    return a, b, c, sqrt(discriminant)


@cache
def poles() -> tuple[Expr, Expr]:
    """Return both zeros z of `pole_polynomial`, regular where the quadratic turns linear.

    The first can come to lie in (-1, 0), above the band, the second in (0, 1), below it.
    """
    _, b, c, root = _quadratic()
    # Not the textbook (-b -+ root)/(2a): a may vanish.
    return 2 * c / (root - b), -2 * c / (root + b)


@takes_names
@cache
def bound_state(side: str) -> BoundState:
    """Return the bound state above or below the band of equal leads, in closed form.

    Parameters
    ----------
    side : "above" or "below"

    Raises
    ------
    UnknownNameError
        Another side.
    """
    if side not in ("above", "below"):
        raise UnknownNameError(f"no side {side!r}; there are 'above' and 'below'")
    above = side == "above"
    z = poles()[0 if above else 1]
    energy = dispersion().subs(s.z, z)
    # The zero crosses z = -1 (z = 1) where P changes sign there; P(0) = -h < 0 inside.
    at_edge = pole_polynomial().subs(s.z, -1 if above else 1)
    x0 = s.level - s.onsite
    threshold = (-at_edge + x0 if above else at_edge + x0).expand()
    condition = Gt(x0, threshold) if above else Lt(x0, threshold)
    return BoundState(side, z, energy, _weight(above), condition)


def _weight(above: bool) -> Expr:
    """Return the residue of G^r at a bound state, with P'(z) = -+ the root of the discriminant."""
    root = _quadratic()[3]
    z = poles()[0 if above else 1]
    slope = -root if above else root
    return together((s.z * dispersion().diff(s.z)).subs(s.z, z)) / slope


def residue_at(z: Expr) -> Expr:
    """Return the residue of G^r in omega at a zero z of the pole polynomial."""
    residue = s.z * dispersion().diff(s.z) / pole_polynomial().diff(s.z)
    return residue.subs(s.z, z)


@cache
def self_energy_slope() -> Expr:
    """Return d Sigma/d omega (both leads) as a function of z."""
    sigma = COUPLING_SQUARED * surface_green_in_z()
    return factor(sigma.diff(s.z) / dispersion().diff(s.z))


def equal_leads(expression: Expr) -> Expr:
    """Return an expression of the thirteen parameters with equal leads' symbols made generic."""
    common = {}
    for lead in s.LEADS.values():
        common[lead.onsite] = s.onsite
        common[lead.hopping] = s.hopping
    return expression.subs(common, simultaneous=True)


def conjugate_on_axis(expression: Expr) -> Expr:
    """Return the complex conjugate of a real rational function of z for abs(z) = 1."""
    return expression.subs(s.z, 1 / s.z)
