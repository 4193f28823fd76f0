"""The weak-coupling limit of every observable at leading order, as limits of the derived forms.

With v_a -> lambda v_a and omega = level + lambda^2 y, A d omega becomes a Lorentzian of weight 1
in y and tau d omega one of weight 2 pi Gamma_L Gamma_R/(Gamma_L + Gamma_R), whatever the bands
look like elsewhere: A -> delta(omega - level). Eqs. (7)-(13), (A4)-(A7).
May import: sympy, qbsym.symbols, .greens, .observables, .functions, .errors.
"""

from __future__ import annotations

from functools import cache

from sympy import (
    Expr,
    Integral,
    Symbol,
    cancel,
    diff,
    factor,
    integrate,
    limit,
    log,
    oo,
    simplify,
)

from qbsym import greens
from qbsym import symbols as s
from qbsym.errors import NotDerivedError
from qbsym.functions import LogFermi, PLogP
from qbsym.observables import OBSERVABLES, binary_entropy, expand_symbols, observable

__all__ = ["COUPLING_POWER", "weak_coupling"]

COUPLING_POWER = {
    name: 2
    if "current" in name or name in ("entropy_production", "entropy_gap", "exergy_gap")
    else 0
    for name in OBSERVABLES
}
"""The power of the couplings (v_L, v_R together) with which each observable starts."""

_lambda = Symbol("lambda", positive=True)
_y = Symbol("y", real=True)
_gamma = Symbol("gamma", positive=True)
_shift = Symbol("r", real=True)


@cache
def scaled_lorentzian() -> Expr:
    """Return A d omega/dy at omega = level + lambda^2 y.

    There F = lambda^2 (y - r), Gamma = lambda^2 gamma, with Re Sigma = lambda^2 r. No lambda is
    left but in the slow dependence of r, gamma and f on omega, which go to their values at the
    level.
    """
    scaled = greens.spectral_form().subs(
        {s.F: _lambda**2 * (_y - _shift), s.Gamma: _lambda**2 * _gamma}, simultaneous=True
    )
    return limit(cancel(_lambda**2 * scaled), _lambda, 0)


@cache
def lorentzian_weight() -> Expr:
    """Return the integral of the scaled Lorentzian over y."""
    centred = scaled_lorentzian().subs(_y, _y + _shift)
    return simplify(integrate(centred, (_y, -oo, oo)))


@cache
def transmission_weight() -> Expr:
    """Return the integral of tau at leading order, in Gamma_L and Gamma_R at the level."""
    total = s.Gamma_L + s.Gamma_R
    ratio = cancel(greens.transmission_form() / greens.spectral_form())
    return (ratio * lorentzian_weight()).subs(s.Gamma, total)


@cache
def tail_density() -> Expr:
    """Return A/lambda^2 for lambda -> 0 at a fixed omega away from the level."""
    away = greens.spectral_form().subs(
        {s.F: s.omega - s.level - _lambda**2 * _shift, s.Gamma: _lambda**2 * s.Gamma},
        simultaneous=True,
    )
    return factor(limit(cancel(away / _lambda**2), _lambda, 0))


def weak_coupling(
    name: str, order: int = 1, *, left: str = "inside", right: str = "inside"
) -> Expr:
    """Return the leading term of an observable for small couplings.

    Parameters
    ----------
    name : str
        One of `OBSERVABLES`.
    order : int
        1: the leading term, of the power `COUPLING_POWER` in the couplings. Nothing else is
        derived yet.
    left, right : "inside", "above" or "below"
        Where the level lies with respect to each band. It must be inside one at least, away from
        the edges by more than its width.

    Returns
    -------
    Expr
        In the thirteen parameters. The gaps vanish with the width; their leading term, of second
        order in the couplings, is an unevaluated `Integral` over the band, for equal bands. Its
        integrand is 0/0 at the level: integrate with extra digits and no node next to it.

    Raises
    ------
    NotDerivedError
        Another order; a level outside both bands (a bound state takes all weight); a current with
        the level in one band only (its second-order term vanishes).
    UnknownNameError
        No such observable.
    """
    entry = observable(name)
    if order != 1:
        raise NotDerivedError(
            f"the weak-coupling expansion of {name} has been derived at order 1 (the leading "
            f"term) only, not {order}"
        )
    if "inside" not in (left, right):
        raise NotDerivedError(
            "the level is outside both bands: at weak coupling a bound state takes all weight, "
            "and the steady state does not fix its occupation"
        )
    if name in ("entropy_gap", "exergy_gap"):
        return _gap(name, left, right)
    if entry.integrand is None:
        value = {
            s.d: weak_coupling("particle_number", left=left, right=right),
            s.d_bar: weak_coupling("hole_number", left=left, right=right),
            s.d_eq: weak_coupling("equilibrium_particle_number", left=left, right=right),
            s.d_eq_bar: weak_coupling("equilibrium_hole_number", left=left, right=right),
        }
        return entry.definition.subs(value, simultaneous=True)
    if s.tau in entry.integrand.free_symbols:
        if (left, right) != ("inside", "inside"):
            raise NotDerivedError(
                f"{name} vanishes at second order in the couplings where the level lies in one "
                "band only; its fourth-order term has not been derived"
            )
        weight, slow = transmission_weight(), entry.integrand.coeff(s.tau)
    else:
        weight, slow = lorentzian_weight(), entry.integrand.subs(s.A, 1)
    at_level = expand_symbols(entry.prefactor * weight * slow, left, right)
    return at_level.subs(s.omega, s.level)


@cache
def bregman(name: str) -> Expr:
    """Return what a gap averages: the convex function less its tangent at the level's values.

    In f, fbar, f_eq, fbar_eq at omega and d, dbar, d_eq, dbar_eq, their values at the level. It
    vanishes quadratically at the level, so that the average needs A's tail only.
    """
    p, q = Symbol("p", positive=True), Symbol("q", positive=True)
    if name == "entropy_gap":
        convex = p * log(p) + (1 - p) * log(1 - p)
        value = -binary_entropy(s.f, s.f_bar)
        at_level = s.d * log(s.d) + s.d_bar * log(s.d_bar)
        slope_p = diff(convex, p).subs(log(1 - p), log(s.d_bar)).subs(p, s.d)
        return value - at_level - simplify(slope_p) * (s.f - s.d)
    convex = p * log(p / q) + (1 - p) * log((1 - p) / (1 - q))
    value = (
        PLogP(s.f, s.f_bar)
        + PLogP(s.f_bar, s.f)
        - s.f * LogFermi(s.x_eq)
        - s.f_bar * LogFermi(-s.x_eq)
    )
    at_level = s.d * log(s.d / s.d_eq) + s.d_bar * log(s.d_bar / s.d_eq_bar)
    slopes = (simplify(diff(convex, variable)) for variable in (p, q))
    slope_p, slope_q = (
        e.subs({1 - p: s.d_bar, 1 - q: s.d_eq_bar}).subs({p: s.d, q: s.d_eq}) for e in slopes
    )
    return value - at_level - slope_p * (s.f - s.d) - slope_q * (s.f_eq - s.d_eq)


def _gap(name: str, left: str, right: str) -> Expr:
    if (left, right) != ("inside", "inside"):
        raise NotDerivedError(f"the leading term of {name} has been derived for equal bands only")
    at_level = {
        s.d: weak_coupling("particle_number"),
        s.d_bar: weak_coupling("hole_number"),
        s.d_eq: weak_coupling("equilibrium_particle_number"),
        s.d_eq_bar: weak_coupling("equilibrium_hole_number"),
    }
    integrand = expand_symbols(
        bregman(name) * tail_density().subs(s.Gamma, s.Gamma_L + s.Gamma_R)
    ).subs(at_level, simultaneous=True)
    edge = 2 * s.hopping_L
    return Integral(integrand, (s.omega, s.onsite_L - edge, s.onsite_L + edge))
