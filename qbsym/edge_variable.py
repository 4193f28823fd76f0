"""The integrands in t, omega = edge +- t^2: analytic up to the band edge that t is measured from.

Near an edge each self-energy is a function of the square root of the distance to it, so that in t
the integrands of Eqs. (7)-(13) have no branch point there. What they are made of is given apart
(`ingredients`) from how (`composition`): the first depends on where the bands lie, the second does
not. May import: sympy, qbsym.symbols, .functions, .greens, .observables, .callables, .errors.
"""

# ruff: noqa: N816 - the field's symbols keep their case
from __future__ import annotations

from functools import cache

from sympy import Add, Expr, Function, Integer, Mul, Rational, Symbol, cancel, collect, expand, sqrt

from qbsym import greens
from qbsym import symbols as s
from qbsym.callables import CompiledFunction, lambdify
from qbsym.errors import UnknownNameError
from qbsym.functions import Fermi, FermiDifference, PLogP
from qbsym.observables import observable

__all__ = ["INGREDIENTS", "Mixture", "MixtureLog", "composition", "ingredients"]

t = Symbol("t", positive=True)
"""Square root of the distance to the edge."""
edge = Symbol("edge", real=True)
w_L = Symbol("w_L", nonnegative=True)
w_R = Symbol("w_R", nonnegative=True)
"""Shares of the leads in f_NE, Gamma_alpha/(Gamma_L + Gamma_R)."""
delta = Symbol("delta", real=True)
"""x_L - x_R."""

INGREDIENTS = (s.A, s.tau, s.omega, s.x_L, s.x_R, s.x_eq, w_L, w_R, delta)
"""What the integrands are composed of; A and tau include the Jacobian abs(d omega/dt)."""


class Mixture(Function):
    """w Fermi(x) + v Fermi(y), arguments (w, x, v, y, x - y): f_NE where both leads are open."""

    nargs = 5


class MixtureLog(Function):
    """p ln p for p = Mixture(w, x, v, y, x - y), with w + v = 1."""

    nargs = 5


def ingredient_forms(
    left: str,
    right: str,
    left_edge: str | None = None,
    right_edge: str | None = None,
    side: int = 1,
    threshold: bool = False,
) -> tuple[Expr, ...]:
    """Return the expressions of `INGREDIENTS` in t, the edge and the thirteen parameters.

    Parameters
    ----------
    left, right : "inside", "above" or "below"
        Where omega lies with respect to each lead's band.
    left_edge, right_edge : "lower", "upper" or None
        Which edge of the lead's band t is measured from, if it is one.
    side : 1 or -1
        omega = edge + side t^2.
    threshold : bool
        Whether 1/G^r vanishes at the edge.
    """
    position = edge + side * t**2
    # An edge that belongs to a lead stands for its onsite energy, so that t^2 comes out.
    ends = {"lower": 1, "upper": -1}
    moved = {
        s.LEADS[lead].onsite: edge + 2 * ends[which] * s.LEADS[lead].hopping
        for lead, which in (("L", left_edge), ("R", right_edge))
        if which is not None
    }

    def at_t(expression: Expr) -> Expr:
        return expression.subs({**moved, s.omega: position}, simultaneous=True)

    regions = (("L", left), ("R", right))
    gammas = [at_t(greens.broadening(lead, region)) for lead, region in regions]
    # Collected, so that on a wide ball t^2 comes once and not once from each lead.
    free = position - s.level
    free -= sum(at_t(greens.level_shift(a, r)) for a, r in regions if r == "inside")
    smooth = collect(expand(free), t)
    closed = [
        (s.LEADS[a].coupling ** 2, at_t(_inverse_surface(a, r)))
        for a, r in regions
        if r != "inside"
    ]
    scale: Expr = t
    if threshold:
        # 1/G^r = F + i Gamma/2 vanishes as t: the common factor goes.
        real = _slope(smooth)
        for strength, inverse in closed:
            real += strength * _slope(inverse) / (inverse * inverse.subs(t, 0))
        gammas = [g / t for g in gammas]
        scale = Integer(1)
    else:
        real = smooth - sum(strength / inverse for strength, inverse in closed)
    gamma = sum(gammas, start=Integer(0))
    numbers = {s.F: real, s.Gamma: gamma, s.Gamma_L: gammas[0], s.Gamma_R: gammas[1]}
    weights: tuple[Expr, Expr] = (
        Integer(1 if gammas[0] != 0 else 0),
        Integer(1 if gammas[1] != 0 else 0),
    )
    difference: Expr = Integer(0)
    if all(weights):
        # Where both vanish at the edge, as t, their ratio does not.
        first, second = (g / t for g in gammas) if all(_vanishes(g) for g in gammas) else gammas
        weights = first / (first + second), second / (first + second)
        difference = (
            position * (s.temperature_R - s.temperature_L)
            + (s.mu_R * s.temperature_L - s.mu_L * s.temperature_R)
        ) / (s.temperature_L * s.temperature_R)
    return (
        greens.spectral_form().subs(numbers, simultaneous=True) * 2 * scale,
        greens.transmission_form().subs(numbers, simultaneous=True) * 2 * t,
        position,
        *(at_t(greens.exponent(reservoir)) for reservoir in ("L", "R", "eq")),
        *weights,
        difference,
    )


def _inverse_surface(lead: str, region: str) -> Expr:
    """Return 1/g of a lead outside its band, as h^2 times the other root: a sum, no difference."""
    p = s.LEADS[lead]
    other = next(g for g in greens.surface_roots(region) if g != greens.surface_green(region))
    inverse = s.hopping**2 * other
    return inverse.subs({s.x: s.omega - p.onsite, s.hopping: p.hopping}, simultaneous=True)


def _slope(expression: Expr) -> Expr:
    """Return (F(t) - F(0))/t without a subtraction that leaves t in the denominator."""
    slope: Expr = Integer(0)
    for term in Add.make_args(expand(expression)):
        root = next((f for f in Mul.make_args(term) if f.is_Pow and f.exp == Rational(1, 2)), None)
        if term.subs(t, 0) == 0:
            slope += term / t
        elif root is not None and root.has(t):
            square, start = root.base, root.base.subs(t, 0)
            slope += term / root * cancel((square - start) / t) / (root + sqrt(start))
    return collect(slope, t)


def _vanishes(gamma: Expr) -> bool:
    return bool(gamma.subs(t, 0) == 0)


@cache
def ingredients(
    left: str,
    right: str,
    left_edge: str | None = None,
    right_edge: str | None = None,
    side: int = 1,
    threshold: bool = False,
) -> CompiledFunction:
    """Return the callable of (t, edge, *13 parameters) for `INGREDIENTS`, in Arb balls.

    Parameters
    ----------
    left, right : "inside", "above" or "below"
        Where omega lies with respect to each lead's band; at least one inside.
    left_edge, right_edge : "lower", "upper" or None
        Which edge of the lead's band t is measured from, if it is one.
    side : 1 or -1
        omega = edge + side t^2.
    threshold : bool
        Whether 1/G^r vanishes at the edge: a bound state is about to leave the band there, and the
        common factor t of numerator and denominator must go.

    Raises
    ------
    UnknownNameError
        No such region, edge or side.
    """
    if not {left_edge, right_edge} <= {"lower", "upper", None} or side not in (1, -1):
        raise UnknownNameError(
            f"edges {left_edge!r}, {right_edge!r}, side {side!r}; edges are 'lower', 'upper' or "
            "None, the side is 1 or -1"
        )
    forms = ingredient_forms(left, right, left_edge, right_edge, side, threshold)
    return lambdify(forms, (t, edge, *s.PARAMETERS), "flint", variables=1)


def composed(name: str, left_open: bool, right_open: bool) -> Expr:
    """Return the integrand of an observable in the symbols of `INGREDIENTS` and the parameters."""
    entry = observable(name)
    if entry.integrand is None:
        raise UnknownNameError(f"{name} has no integrand: it is the combination {entry.definition}")
    both = left_open and right_open
    if both:
        particles = (w_L, s.x_L, w_R, s.x_R, delta)
        holes = (w_L, -s.x_L, w_R, -s.x_R, -delta)
        expression = entry.integrand.subs(
            {PLogP(s.f, s.f_bar): MixtureLog(*particles), PLogP(s.f_bar, s.f): MixtureLog(*holes)}
        )
        expression = expression.replace(
            FermiDifference, lambda x, y: FermiDifferenceBy(x, y, delta)
        )
        f, f_bar = Mixture(*particles), Mixture(*holes)
    else:
        expression = entry.integrand.subs(s.tau, 0)
        x = s.x_L if left_open else s.x_R
        f, f_bar = Fermi(x), Fermi(-x)
    return expression.subs(
        {s.f: f, s.f_bar: f_bar, s.f_eq: Fermi(s.x_eq), s.f_eq_bar: Fermi(-s.x_eq)},
        simultaneous=True,
    )


class FermiDifferenceBy(Function):
    """Fermi(x) - Fermi(y), arguments (x, y, x - y)."""

    nargs = 3


@cache
def composition(
    names: tuple[str, ...], left_open: bool = True, right_open: bool = True
) -> CompiledFunction:
    """Return the callable of (*INGREDIENTS, *13 parameters) for some integrands, in Arb balls.

    Parameters
    ----------
    names : tuple of str
        Of `qbsym.INTEGRALS`.
    left_open, right_open : bool
        Which leads' bands contain omega.

    Raises
    ------
    UnknownNameError
        An observable does not exist or has no integrand.
    """
    forms = [composed(name, left_open, right_open) for name in names]
    args = (*INGREDIENTS, *s.PARAMETERS)
    return lambdify(forms, args, "flint", variables=len(INGREDIENTS))
