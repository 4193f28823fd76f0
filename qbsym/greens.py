"""Green functions of the level and its leads, derived from the recursion of a semi-infinite chain.

Eq. (6) and the text around it: surface Green function, self-energy, broadening, G^r, A, tau, and
the distribution f_NE of Eq. (9). Every form is selected by SymPy from the roots of the recursion
g = 1/(x - h^2 g); none is typed in. May import: sympy, qbsym.symbols, .functions, .errors.
"""

from __future__ import annotations

from functools import cache

from sympy import (
    Expr,
    I,
    Integer,
    Poly,
    Symbol,
    cosh,
    diff,
    discriminant,
    exp,
    expand,
    factor,
    im,
    log,
    pi,
    re,
    simplify,
    solve,
    sqrt,
    together,
)

from qbsym import symbols as s
from qbsym._checks import takes_names
from qbsym.errors import UnknownNameError
from qbsym.functions import Fermi

__all__ = [
    "REGIONS",
    "broadening",
    "fermi",
    "green_retarded",
    "inverse_green",
    "occupation",
    "self_energy",
    "spectral_function",
    "surface_green",
    "transmission",
]

REGIONS = ("inside", "above", "below")
"""Where omega lies with respect to a lead's band."""

_g = Symbol("g")


def recursion_polynomial() -> Expr:
    """Return h^2 g^2 - x g + 1, whose roots solve g = 1/(x - h^2 g).

    Cutting the first site off a semi-infinite chain leaves the same chain: the surface Green
    function of the rest enters as the first site's self-energy h^2 g.
    """
    residual = together(_g - 1 / (s.x - s.hopping**2 * _g))
    return -residual.as_numer_denom()[0].expand()


@cache
def surface_roots(region: str) -> tuple[Expr, Expr]:
    """Return both roots g of the recursion for real x in a region, square roots real."""
    _checked_region(region)
    polynomial = Poly(recursion_polynomial(), _g)
    a, b, _ = polynomial.all_coeffs()
    disc = discriminant(polynomial, _g)
    upper = next(edge for edge in solve(disc, s.x) if edge.is_positive)
    if expand(disc - (s.x - upper) * (s.x + upper)) != 0:  # pragma: no cover
        raise AssertionError("the discriminant is not x^2 - edge^2")
    # Products of distances to the edges, each positive in its region: no digits lost at an edge.
    root = {
        "inside": I * sqrt((upper - s.x) * (upper + s.x)),
        "above": sqrt((s.x - upper) * (s.x + upper)),
        "below": sqrt((upper - s.x) * (-upper - s.x)),
    }[region]
    return (-b + root) / (2 * a), (-b - root) / (2 * a)


def decay_rate(root: Expr) -> Expr:
    """Return d ln|h g(x + i eta)|^2 / d eta at eta = 0+ for a root inside the band.

    Its sign is that of the decay: the retarded g obeys |h g| < 1 in the upper half plane. The band
    is parametrised by x = 2h (1 - u^2)/(1 + u^2), u > 0, which makes the square root rational.
    """
    u = Symbol("u", positive=True)
    x = 2 * s.hopping * (1 - u**2) / (1 + u**2)
    value = _rational(root, x)
    slope = _rational(diff(root, s.x), x)
    rate = 2 * re(I * value.conjugate() * slope) / (value * value.conjugate())
    return factor(expand(rate, complex=True))


def _rational(expression: Expr, x: Expr) -> Expr:
    """Substitute x and let the square root of (2h - x)(2h + x) come out."""
    return expression.subs(s.x, x).replace(
        lambda e: e.is_Pow and not e.exp.is_integer, lambda e: factor(together(e.base)) ** e.exp
    )


@takes_names
@cache
def surface_green(region: str = "inside") -> Expr:
    """Return the retarded surface Green function g of a chain of unit coupling, in x and h.

    Selected from the two roots of the recursion by |h g| < 1 in the upper half plane: inside the
    band by the decay at x + i0, outside by |h g| < 1 on the axis itself.
    """
    candidates = surface_roots(region)
    if region == "inside":
        chosen = [g for g in candidates if decay_rate(g).is_negative]
    else:
        x = 2 * s.hopping * cosh(s.kappa) * (1 if region == "above" else -1)
        decaying = exp(-s.kappa) * (1 if region == "above" else -1)
        chosen = [
            g
            for g in candidates
            if simplify((_outside(g, x) * s.hopping - decaying).rewrite(exp)) == 0
        ]
    if len(chosen) != 1:  # pragma: no cover - the two roots are each other's inverses
        raise AssertionError(f"the decay does not select one root in region {region!r}")
    return chosen[0]


def _outside(expression: Expr, x: Expr) -> Expr:
    q = Symbol("q", positive=True)
    # sqrt(x^2 - 4h^2) = 2h sinh(kappa): with kappa = ln(1 + q) the root is rational.
    in_q = expression.subs(s.x, x.rewrite(exp).subs(s.kappa, log(1 + q)))
    rational = in_q.replace(
        lambda e: e.is_Pow and not e.exp.is_integer, lambda e: factor(together(e.base)) ** e.exp
    )
    return factor(together(rational)).subs(q, exp(s.kappa) - 1)


@takes_names
@cache
def self_energy(lead: str, region: str = "inside") -> Expr:
    """Return Sigma^r of a lead for real omega, Eq. (6) with the right sign of Re Sigma.

    Parameters
    ----------
    lead : "L" or "R"
    region : "inside", "above" or "below"
        Where omega lies with respect to the lead's band.

    Returns
    -------
    Expr
        coupling^2 times the surface Green function, in `symbols.omega` and the lead's symbols.
    """
    p = lead_symbols(lead)
    return p.coupling**2 * surface_green(region).subs(
        {s.x: s.omega - p.onsite, s.hopping: p.hopping}, simultaneous=True
    )


@takes_names
@cache
def broadening(lead: str, region: str = "inside") -> Expr:
    """Return Gamma = -2 Im Sigma^r >= 0 of a lead, after Eq. (6); zero outside its band."""
    return -2 * split(self_energy(lead, region))[1]


@cache
def level_shift(lead: str, region: str = "inside") -> Expr:
    """Return Re Sigma^r of a lead."""
    return split(self_energy(lead, region))[0]


@cache
def inverse_green(left: str = "inside", right: str = "inside") -> tuple[Expr, Expr]:
    """Return (F, Gamma) with 1/G^r = F + i Gamma/2, both real."""
    real = s.omega - s.level - level_shift("L", left) - level_shift("R", right)
    return real, broadening("L", left) + broadening("R", right)


@takes_names
@cache
def green_retarded(left: str = "inside", right: str = "inside") -> Expr:
    """Return G^r = 1/(omega - level - Sigma_L - Sigma_R), Eq. (6), for omega in the regions."""
    return 1 / (s.omega - s.level - self_energy("L", left) - self_energy("R", right))


@cache
def spectral_form() -> Expr:
    """Return A = -Im G^r/pi in `symbols.F` and `symbols.Gamma` (text before Eq. (10))."""
    return factor(-im((1 / (s.F + I * s.Gamma / 2)).expand(complex=True)) / pi)


@cache
def transmission_form() -> Expr:
    """Return tau = Gamma_L Gamma_R |G^r|^2, Eq. (6), in F, Gamma, Gamma_L and Gamma_R."""
    green = 1 / (s.F + I * s.Gamma / 2)
    return factor(s.Gamma_L * s.Gamma_R * (green * green.conjugate()).expand(complex=True))


def occupation_form() -> Expr:
    """Return f_NE, Eq. (9), in Gamma_L, Gamma_R, f_L and f_R."""
    return (s.Gamma_L * s.f_L + s.Gamma_R * s.f_R) / (s.Gamma_L + s.Gamma_R)


@takes_names
@cache
def spectral_function(left: str = "inside", right: str = "inside") -> Expr:
    """Return A = -Im G^r/pi (text before Eq. (10)); zero where both leads are closed."""
    real, gamma = inverse_green(left, right)
    if gamma == 0:
        return Integer(0)
    return spectral_form().subs({s.F: real, s.Gamma: gamma}, simultaneous=True)


@takes_names
@cache
def transmission(left: str = "inside", right: str = "inside") -> Expr:
    """Return tau, Eq. (6); zero where either lead is closed."""
    real, gamma = inverse_green(left, right)
    gammas = broadening("L", left), broadening("R", right)
    if 0 in gammas:
        return Integer(0)
    return transmission_form().subs(
        {s.F: real, s.Gamma: gamma, s.Gamma_L: gammas[0], s.Gamma_R: gammas[1]},
        simultaneous=True,
    )


def exponent(reservoir: str) -> Expr:
    """Return (omega - mu)/T of the reservoir "L", "R" or "eq"."""
    if reservoir == "eq":
        return (s.omega - s.mu_eq) / s.temperature_eq
    p = lead_symbols(reservoir)
    return (s.omega - p.mu) / p.temperature


@takes_names
def fermi(reservoir: str, *, holes: bool = False) -> Expr:
    """Return the Fermi function of "L", "R" or "eq" (Sec. III), or its complement.

    The complement is the Fermi function of the opposite exponent, never one minus it.
    """
    x = exponent(reservoir)
    return Fermi(-x) if holes else Fermi(x)


@takes_names
@cache
def occupation(left: str = "inside", right: str = "inside", *, holes: bool = False) -> Expr:
    """Return f_NE, Eq. (9), or the weight of holes 1 - f_NE in its own form.

    Where only one lead is open it is that lead's Fermi function; where none is, 0 is returned for
    both (there is no state to occupy).
    """
    gammas = broadening("L", left), broadening("R", right)
    if gammas == (0, 0):
        return Integer(0)
    if 0 in gammas:
        return fermi("R" if gammas[0] == 0 else "L", holes=holes)
    return occupation_form().subs(
        {
            s.Gamma_L: gammas[0],
            s.Gamma_R: gammas[1],
            s.f_L: fermi("L", holes=holes),
            s.f_R: fermi("R", holes=holes),
        },
        simultaneous=True,
    )


def split(expression: Expr) -> tuple[Expr, Expr]:
    """Return real and imaginary part of an expression linear in I whose square roots are real.

    The caller's region is what makes the square roots real; SymPy cannot know it.
    """
    unit = Symbol("i")
    in_unit = expression.subs(I, unit)
    imaginary = diff(in_unit, unit)
    if imaginary.has(unit):  # pragma: no cover
        raise AssertionError("not linear in the imaginary unit")
    return in_unit.subs(unit, 0), imaginary


def lead_symbols(name: str) -> s.LeadSymbols:
    """Return the parameters of lead "L" or "R"."""
    try:
        return s.LEADS[name]
    except KeyError:
        raise UnknownNameError(f"no lead {name!r}; there are 'L' and 'R'") from None


def _checked_region(name: str) -> None:
    if name not in REGIONS:
        raise UnknownNameError(f"no region {name!r}; there are {', '.join(REGIONS)}")
