"""What A, tau and the two-state observables become at weak coupling: the limit's building blocks.

May import: sympy, qbsym.symbols, .greens, .observables, .functions.
"""

from __future__ import annotations

from functools import cache

from sympy import (
    Dummy,
    Expr,
    Integer,
    Symbol,
    cancel,
    diff,
    factor,
    factorial,
    integrate,
    limit,
    log,
    oo,
    simplify,
)

from qbsym import greens
from qbsym import symbols as s
from qbsym.functions import LogFermi, PLogP
from qbsym.observables import binary_entropy, expand_symbols, observable

__all__ = [
    "at_level",
    "averaged_over_spectrum",
    "bregman",
    "filling_slope",
    "in_parameters",
    "lorentzian_weight",
    "scaled_lorentzian",
    "tail_correction",
    "tail_density",
    "transmission_ratio",
    "transmission_weight",
]

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
def transmission_ratio() -> Expr:
    """Return tau/A, in Gamma_L and Gamma_R: it holds for every coupling and energy."""
    ratio = cancel(greens.transmission_form() / greens.spectral_form())
    return ratio.subs(s.Gamma, s.Gamma_L + s.Gamma_R)


@cache
def transmission_weight() -> Expr:
    """Return the integral of tau at leading order, in Gamma_L and Gamma_R at the level."""
    return transmission_ratio() * lorentzian_weight()


@cache
def tail_density() -> Expr:
    """Return A/lambda^2 for lambda -> 0 at a fixed omega away from the level."""
    away = greens.spectral_form().subs(
        {s.F: s.omega - s.level - _lambda**2 * _shift, s.Gamma: _lambda**2 * s.Gamma},
        simultaneous=True,
    )
    return factor(limit(cancel(away / _lambda**2), _lambda, 0))


@cache
def tail_correction() -> Expr:
    """Return the next term of A away from the level, of fourth order in the couplings.

    In `symbols.F`, which stands for Re Sigma here, and Gamma.
    """
    away = greens.spectral_form().subs(
        {s.F: s.omega - s.level - _lambda**2 * s.F, s.Gamma: _lambda**2 * s.Gamma},
        simultaneous=True,
    )
    rest = cancel(away / _lambda**2 - tail_density())
    return factor(limit(cancel(rest / _lambda**2), _lambda, 0))


@cache
def averaged_over_spectrum(name: str) -> Expr:
    """Return g such that an observable with an integrand is the integral of A g.

    In the abstract symbols of `qbsym.symbols`. For a current g holds tau/A and is itself of second
    order in the couplings.
    """
    entry = observable(name)
    if s.tau in entry.integrand.free_symbols:
        return entry.prefactor * transmission_ratio() * entry.integrand.coeff(s.tau)
    return entry.integrand.subs(s.A, 1)


@cache
def _explicit(symbol: Symbol, left: str, right: str) -> Expr:
    return expand_symbols(symbol, left, right)


def in_parameters(expression: Expr, left: str, right: str) -> Expr:
    """Return an expression of A's and tau's companions in omega and the parameters."""
    symbols = expression.free_symbols
    return expression.xreplace({symbol: _explicit(symbol, left, right) for symbol in symbols})


@cache
def _there(symbol: Symbol, left: str, right: str, order: int) -> Expr:
    """Return a derivative in omega of an abstract symbol at the level."""
    return _explicit(symbol, left, right).diff(s.omega, order).xreplace({s.omega: s.level})


@cache
def at_level(slow: Expr, left: str, right: str, highest: int = 1) -> tuple[Expr, ...]:
    """Return g, dg/d omega, ... at the level, for g in abstract symbols."""
    # The second argument of p ln p is but the complement of the first.
    plain = slow.replace(PLogP, lambda p, _: p * log(p))
    step = Dummy("u", real=True)
    values: dict[Expr, Expr] = {}
    series: dict[Expr, Expr] = {}
    for symbol in sorted(plain.free_symbols, key=str):
        series[symbol] = Integer(0)
        for order in range(highest + 1):
            held = Dummy(f"{symbol}{order}", real=True)
            values[held] = _there(symbol, left, right, order)
            series[symbol] += held * step**order / factorial(order)
    along, found = plain.xreplace(series), []
    for order in range(highest + 1):
        found.append(along.diff(step, order).xreplace({step: Integer(0)}).xreplace(values))
    exact = {symbol: _there(symbol, left, right, 0) for symbol in slow.free_symbols}
    return slow.xreplace(exact), *found[1:]


@cache
def filling_slope(name: str, particles: Symbol, holes: Symbol) -> Expr:
    """Return the derivative of a two-state observable in a filling, at particles + holes = 1."""
    definition = observable(name).definition
    return simplify(diff(definition, particles) - diff(definition, holes))


_p, _q = Symbol("p", positive=True), Symbol("q", positive=True)


@cache
def convex(name: str) -> tuple[Expr, dict[Symbol, Symbol]]:
    """Return the convex function whose average and value at the average differ by a gap.

    With the names that its variables have in the observables: the fillings d and d_eq.
    """
    if name == "entropy_gap":
        return _p * log(_p) + (1 - _p) * log(1 - _p), {_p: s.d}
    return _p * log(_p / _q) + (1 - _p) * log((1 - _p) / (1 - _q)), {_p: s.d, _q: s.d_eq}


SLOPES = {
    s.d: (Symbol("f1", real=True), Symbol("f2", real=True)),
    s.d_eq: (Symbol("f1_eq", real=True), Symbol("f2_eq", real=True)),
}
"""First and second derivatives of f and f_eq in omega at the level, by filling."""


@cache
def curvatures(name: str) -> tuple[Expr, Expr, dict[tuple[Symbol, Symbol], Expr]]:
    """Return the second and third derivative of `bregman` in omega at the level, and its Hessian.

    The derivatives in `SLOPES`, d, dbar, ...; the Hessian by pairs of fillings.
    """
    function, variables = convex(name)

    def written(expression: Expr) -> Expr:
        holes = {1 - _p: s.d_bar, 1 - _q: s.d_eq_bar}
        return (
            factor(expression).subs({_p - 1: -s.d_bar, _q - 1: -s.d_eq_bar} | holes).subs(variables)
        )

    hessian = {}
    second, third = Integer(0), Integer(0)
    for a, of_a in variables.items():
        for b, of_b in variables.items():
            hessian[of_a, of_b] = written(function.diff(a, b))
            first_a, first_b, second_b = SLOPES[of_a][0], *SLOPES[of_b]
            second += hessian[of_a, of_b] * first_a * first_b
            third += 3 * hessian[of_a, of_b] * first_a * second_b
            for c, of_c in variables.items():
                third += written(function.diff(a, b, c)) * first_a * first_b * SLOPES[of_c][0]
    return second, third, hessian


@cache
def bregman(name: str) -> Expr:
    """Return what a gap averages: the convex function less its tangent at the level's values.

    In f, fbar, f_eq, fbar_eq at omega and d, dbar, d_eq, dbar_eq, their values at the level. It
    vanishes quadratically at the level, so that the average needs A's tail only.
    """
    function, variables = convex(name)
    value = -binary_entropy(s.f, s.f_bar)
    at_level = s.d * log(s.d) + s.d_bar * log(s.d_bar)
    if name == "exergy_gap":
        value += -s.f * LogFermi(s.x_eq) - s.f_bar * LogFermi(-s.x_eq)
        at_level = s.d * log(s.d / s.d_eq) + s.d_bar * log(s.d_bar / s.d_eq_bar)
    total = value - at_level
    for variable, filling in variables.items():
        slope = simplify(diff(function, variable)).subs({1 - _p: s.d_bar, 1 - _q: s.d_eq_bar})
        change = {s.d: s.f, s.d_eq: s.f_eq}[filling] - filling
        total -= slope.subs(variables) * change
    return total
