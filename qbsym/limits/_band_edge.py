"""Band edges and strong coupling of equal leads: thresholds, what bound states take, A at an edge.

Near an edge z = exp(ik) = -+(1 - it)/(1 + it) with t^2/(1 + t^2) = distance/(4h) makes G^r
rational in t. At strong coupling, v -> v/epsilon, level and first sites of the leads bind two
states that take all weight but h^2/v^2. Eqs. (6)-(8) and the text around them.
May import: sympy, qbsym.symbols, .greens, .poles, .observables, .errors, .limits.core,
._matsubara_forms.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from types import MappingProxyType

from sympy import (
    Expr,
    I,
    Integral,
    Rational,
    Symbol,
    cancel,
    expand,
    factor,
    im,
    limit,
    pi,
    series,
    solve,
    sqrt,
    together,
)

from qbsym import _matsubara_forms as matsubara
from qbsym import poles
from qbsym import symbols as s
from qbsym._checks import takes_names
from qbsym.errors import NotDerivedError, UnknownNameError
from qbsym.functions import FermiDifference
from qbsym.limits.core import Entry, Limit, epsilon
from qbsym.observables import OBSERVABLES, expand_symbols, observable

__all__ = [
    "ABSENT",
    "ENTRIES",
    "band_edge",
    "edge_green",
    "edge_spectral_function",
    "strong_coupling",
    "threshold",
]

t = Symbol("t", positive=True)
"""tan of half the angle of z from the edge."""
distance = Symbol("delta", positive=True)
"""How far omega lies inside the band from the edge."""
beyond = Symbol("D", positive=True)
"""How far the level lies beyond the threshold of a bound state."""
V = Symbol("V", positive=True)
"""v_L^2 + v_R^2."""

SIDES = ("above", "below")


def _sign(side: str) -> int:
    if side not in SIDES:
        raise UnknownNameError(f"no side {side!r}; there are {', '.join(SIDES)}")
    return 1 if side == "above" else -1


def threshold(side: str = "above") -> Expr:
    """Return the level beyond which a bound state exists on a side, onsite +- 2(h - v^2/h).

    Where `poles.pole_polynomial` has a zero at the edge itself; in the generic onsite and hopping.
    """
    at_edge = poles.pole_polynomial().subs(s.z, -_sign(side))
    (level,) = solve(at_edge, s.level)
    return expand(level)


def in_lead_symbols(expression: Expr) -> Expr:
    """Return an expression with the left lead's onsite and hopping for both leads'."""
    return expression.subs({s.onsite: s.onsite_L, s.hopping: s.hopping_L}, simultaneous=True)


@cache
def _green_near(side: str) -> Expr:
    """Return G^r in t: at the upper edge z = -(1 - it)/(1 + it), at the lower (1 + it)/(1 - it)."""
    sign = _sign(side)
    z = -(1 - I * t) / (1 + I * t) if sign > 0 else (1 + I * t) / (1 - I * t)
    return cancel(together(poles.rational_green().subs(s.z, z)))


def edge_green(side: str = "above") -> Expr:
    """Return G^r at a band edge itself, real off the threshold."""
    return factor(_green_near(side).subs(t, 0))


@cache
def edge_spectral_function(side: str = "above", *, at_threshold: bool = False) -> Expr:
    """Return A at a small `distance` from an edge, to leading order.

    Parameters
    ----------
    side : "above" or "below"
        The upper or the lower edge.
    at_threshold : bool
        False: the level away from `threshold`; A vanishes as the square root of the distance.
        True: the level at it; A diverges as one over the square root.

    Returns
    -------
    Expr
        In `distance`, the level (off threshold), both couplings and the generic onsite, hopping.
    """
    green = _green_near(side)
    if at_threshold:
        green = cancel(together(green.subs(s.level, threshold(side))))
    numerator, denominator = green.as_numer_denom()
    conjugate = denominator.subs(I, -I)
    spectral = cancel(-im(expand(numerator * conjugate)) / (pi * expand(denominator * conjugate)))
    power = -1 if at_threshold else 1
    leading = factor(limit(cancel(spectral / t**power), t, 0))
    return leading * sqrt(distance / (4 * s.hopping)) ** power


@cache
def beyond_threshold(what: str, order: int) -> Expr:
    """Return weight, or distance of the energy from the edge, as a series in `beyond`.

    In V and the hopping; the same above and below the band.
    """
    state = poles.bound_state("above")
    value = state.weight if what == "weight" else state.energy - s.onsite - 2 * s.hopping
    in_v = {s.coupling_L: sqrt(V - s.coupling_R**2)}
    level = threshold("above").subs(in_v) + beyond
    near = value.subs(s.level, level).subs(in_v)
    simpler = near.replace(
        lambda e: e.is_Pow and not e.exp.is_integer, lambda e: factor(expand(e.base)) ** e.exp
    )
    start = 1 if what == "weight" else 2
    found = series(simpler, beyond, 0, start + 2).removeO()
    return sum(factor(found.coeff(beyond, n)) * beyond**n for n in range(start, start + order))


@takes_names
def band_edge(name: str, order: int = 1, *, side: str = "above") -> Expr:
    """Return what a level just beyond the threshold of a bound state leaves or gives.

    Parameters
    ----------
    name : str
        ``"spectral_weight"`` (of the band), ``"bound_state_weight"`` or ``"bound_state_energy"``.
    order : int
        1 or 2: how many powers of the level's distance D from the threshold. The weight starts
        with 2 h^3 D/v^4, the energy leaves the edge with h^3 D^2/v^4.
    side : "above" or "below"

    Raises
    ------
    NotDerivedError
        Another name or order.
    UnknownNameError
        Another side.
    """
    sign = _sign(side)
    if name not in ("spectral_weight", "bound_state_weight", "bound_state_energy"):
        raise NotDerivedError(f"{name} at a band edge: {_OCCUPATION}")
    if order not in (1, 2):
        raise NotDerivedError(f"the band-edge law of {name} has been derived up to order 2")
    gap = in_lead_symbols(sign * (s.level - threshold(side)))
    what = "energy" if name.endswith("energy") else "weight"
    value = in_lead_symbols(beyond_threshold(what, order).subs(V, poles.COUPLING_SQUARED))
    value = value.subs(beyond, gap)
    if name == "spectral_weight":
        return 1 - value
    if name == "bound_state_energy":
        return s.onsite_L + sign * (2 * s.hopping_L + value)
    return value


@cache
def strong_transmission(order: int) -> Expr:
    """Return tau for v -> infinity, in x = omega - onsite, to `order` terms in 1/v^2."""
    numerator, denominator = matsubara.transmission_in_x()
    scaled = {p.coupling: p.coupling / epsilon for p in s.LEADS.values()}
    tau = cancel(together((numerator / denominator).subs(scaled)))
    found = series(tau, epsilon, 0, 2 * order).removeO()
    return sum(factor(found.coeff(epsilon, 2 * n)) for n in range(order))


@cache
def strong_weight(order: int) -> Expr:
    """Return the band's weight for v -> infinity from those of both bound states, in V."""
    total = 1
    for side in SIDES:
        weight = poles.bound_state(side).weight.subs(s.coupling_L, sqrt(V - s.coupling_R**2))
        scaled = weight.subs(V, V / epsilon**2).replace(
            lambda e: e.is_Pow and not e.exp.is_integer,
            lambda e: sqrt(expand(e.base * epsilon**2)) ** (2 * e.exp) / epsilon ** (2 * e.exp),
        )
        total -= series(scaled, epsilon, 0, 2 * order + 1).removeO()
    total = expand(total)
    return sum(factor(total.coeff(epsilon, n)) for n in range(2 * order + 1))


_CURRENTS = (
    "charge_current",
    "energy_current",
    "heat_current_left",
    "heat_current_right",
    "entropy_production",
)


@takes_names
def strong_coupling(name: str, order: int = 1) -> Expr:
    """Return an observable of equal leads for couplings far above every other energy.

    Parameters
    ----------
    name : str
        The spectral weight (of the band) or a current: the rest needs the occupation of the two
        bound states.
    order : int
        1: tau = 4 v_L^2 v_R^2/(v_L^2 + v_R^2)^2 sin^2 k and a weight h^2/(v_L^2 + v_R^2). 2: with
        the next terms in 1/v^2.

    Raises
    ------
    NotDerivedError
        Another observable or order.
    UnknownNameError
        No such observable.
    """
    entry = observable(name)
    if name != "spectral_weight" and name not in _CURRENTS:
        raise NotDerivedError(f"{name} at strong coupling: {_OCCUPATION}")
    if order not in (1, 2):
        raise NotDerivedError(
            f"the strong-coupling expansion of {name} has been derived up to order 2, not {order}"
        )
    if name == "spectral_weight":
        return in_lead_symbols(strong_weight(order).subs(V, poles.COUPLING_SQUARED))
    if name == "entropy_production":
        values = {
            s.I_Q: strong_coupling("charge_current", order),
            s.J_E: strong_coupling("energy_current", order),
        }
        return entry.definition.subs(values, simultaneous=True)
    tau = strong_transmission(order).subs(s.x, s.omega - s.onsite)
    difference = expand_symbols(FermiDifference(s.x_L, s.x_R))
    slow = entry.integrand.coeff(FermiDifference(s.x_L, s.x_R)).coeff(s.tau)
    if entry.kind == "combination":
        slow = s.omega - (s.mu_L if name.endswith("left") else s.mu_R)
    integrand = in_lead_symbols(entry.prefactor * slow * tau) * difference
    edge = 2 * s.hopping_L
    return Integral(integrand, (s.omega, s.onsite_L - edge, s.onsite_L + edge))


_OCCUPATION = "it needs the occupation of the bound states, which the steady state does not fix"

_BOUND = MappingProxyType(
    {
        "level": "2",
        "left.onsite": "0",
        "left.hopping": "1",
        "left.coupling": "0.4",
        "left.mu": "0.5",
        "left.temperature": "0.2",
        "right.onsite": "0",
        "right.hopping": "1",
        "right.coupling": "0.3",
        "right.mu": "0.1",
        "right.temperature": "0.25",
        "mu_eq": "0.1",
        "temperature_eq": "0.25",
    }
)

_STRONG = MappingProxyType(
    dict(_BOUND) | {"level": "0.3", "left.coupling": "1.25", "right.coupling": "1"}
)


def _edge_limit(order: int) -> Limit:
    start = in_lead_symbols(threshold("above"))
    return Limit(
        expression=band_edge("spectral_weight", order),
        path={s.level: start + epsilon * (s.level - start)},
        starts=Rational(0),
        remainder=Rational(order + 1),
        assumptions=("equal bands", "the level just above the threshold of the upper bound state"),
        example=_BOUND,
        epsilons=tuple(Rational(1, 2**n) for n in (8, 10, 12)),
        occupation="0.5",
    )


def _strong_limit(name: str, order: int) -> Limit:
    first = 1 if name == "spectral_weight" else 0
    return Limit(
        expression=strong_coupling(name, order),
        path={p.coupling: p.coupling / epsilon for p in s.LEADS.values()},
        starts=Rational(2 * first),
        remainder=Rational(2 * (first + order)),
        assumptions=("equal bands", "v_L and v_R grow together"),
        example=_STRONG,
        epsilons=tuple(Rational(1, 2**n) for n in (3, 4, 5)),
        occupation="0.5",
    )


def _entry(family: str, name: str, order: int, build: Callable[[], Limit]) -> Entry:
    title = name.replace("_", " ").capitalize()
    where = {
        "band_edge": "of the band, with the level just beyond a bound state's threshold",
        "strong_coupling": "at strong coupling, where two bound states take the level",
    }[family]
    more = ", with the next term" if order == 2 else ""
    equation = observable(name).equation
    return Entry(family, name, order, f"{title} {where}{more}.", equation, family, build)


ENTRIES: tuple[Entry, ...] = (
    *(
        _entry("band_edge", "spectral_weight", n, lambda n=n: _edge_limit(n))  # type: ignore[misc]
        for n in (1, 2)
    ),
    *(
        _entry(
            "strong_coupling",
            name,
            n,
            lambda name=name, n=n: _strong_limit(name, n),  # type: ignore[misc]
        )
        for n in (1, 2)
        for name in ("spectral_weight", *_CURRENTS)
    ),
)

_BATTERY = tuple(name for name in OBSERVABLES if name not in ("spectral_weight", *_CURRENTS))

ABSENT: dict[tuple[str, str], str] = {
    (family, name): _OCCUPATION for family in ("band_edge", "strong_coupling") for name in _BATTERY
} | {("band_edge", name): "it passes a threshold without a trace" for name in _CURRENTS}
