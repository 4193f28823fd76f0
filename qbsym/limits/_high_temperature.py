"""High temperatures: every observable as a series in 1/T whose coefficients are moments.

All three temperatures grow together, T -> T/epsilon. f = 1/2 - x/4 + x^3/48 - ..., so that every
integrand becomes a polynomial in omega and every integral a moment of A (a polynomial in the
parameters) or tau (elementary). Equal bands. Eqs. (7)-(13), (A4)-(A7).
May import: sympy, qbsym.symbols, .functions, .observables, .errors, .limits.core, .limits._moments.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from types import MappingProxyType

from sympy import Expr, Integer, Poly, Rational, Symbol, exp, expand, expand_log, log, series

from qbsym import symbols as s
from qbsym._checks import takes_names
from qbsym.errors import NotDerivedError
from qbsym.limits._moments import shares, spectral_moment, transmission_moment
from qbsym.limits.core import Entry, Limit, epsilon
from qbsym.observables import observable

__all__ = ["ABSENT", "ENTRIES", "HIGHEST", "STARTS", "high_temperature"]

FAMILY = "high_temperature"

STARTS: dict[str, int] = {
    "particle_number": 0,
    "energy": 0,
    "entropy": 0,
    "exergy": 2,
    "charge_current": 1,
    "energy_current": 1,
    "heat_current_left": 1,
    "heat_current_right": 1,
    "entropy_production": 2,
    "equilibrium_particle_number": 0,
    "equilibrium_energy": 0,
    "equilibrium_entropy": 0,
    "two_state_entropy": 0,
    "two_state_exergy": 2,
    "entropy_gap": 2,
    "exergy_gap": 2,
}
"""The power of 1/T with which each observable starts."""

HIGHEST = 2
"""The leading term and the next one have been derived."""

_ODD_NEXT = ("particle_number", "energy", "equilibrium_particle_number", "equilibrium_energy")


def powers(name: str) -> tuple[int, int, int]:
    """Return the powers of the leading term, of the next, and of what then remains."""
    first = STARTS[name]
    return (0, 1, 3) if name in _ODD_NEXT else (first, first + 2, first + 4)


PATH = MappingProxyType(
    {t: t / epsilon for t in (s.temperature_L, s.temperature_R, s.temperature_eq)}
)
"""All temperatures grow together; the chemical potentials stay."""


_EXPONENTS = {
    s.x_L: (s.mu_L, s.temperature_L),
    s.x_R: (s.mu_R, s.temperature_R),
    s.x_eq: (s.mu_eq, s.temperature_eq),
}
_beta = {x: Symbol(f"beta_{x}", positive=True) for x in _EXPONENTS}
_offset = {x: Symbol(f"c_{x}", real=True) for x in _EXPONENTS}


@cache
def fermi_series(order: int) -> Expr:
    """Return 1/(exp(x) + 1) about x = 0, up to and including x^order."""
    return series(1 / (exp(s.x) + 1), s.x, 0, order + 1).removeO()


@cache
def entropy_series(order: int) -> Expr:
    """Return the entropy of p = 1/2 - y about y = 0, in `symbols.x` for y, up to y^order."""
    p = Rational(1, 2) - s.x
    entropy = -p * log(p) - (1 - p) * log(1 - p)
    return expand_log(series(entropy, s.x, 0, order + 1).removeO(), force=True)


@cache
def cross_entropy_series(order: int) -> tuple[Expr, Expr]:
    """Return (ln f, ln(1 - f)) of a Fermi function about x = 0, up to x^order."""
    log_particles = series(-log(1 + exp(s.x)), s.x, 0, order + 1).removeO()
    return log_particles, log_particles.subs(s.x, -s.x)


def truncated(expression: Expr, order: int) -> Expr:
    """Return a polynomial in epsilon without its powers above an order."""
    polynomial = Poly(expand(expression), epsilon)
    return sum((c * epsilon**n for (n,), c in polynomial.terms() if n <= order), start=Integer(0))


@cache
def occupation_series(order: int, reservoirs: str = "LR") -> Expr:
    """Return f_NE (or f_eq) in powers of epsilon, in the abstract exponents x_L, x_R, x_eq."""
    if reservoirs == "eq":
        return fermi_series(order).subs(s.x, epsilon * s.x_eq)
    exponents = {"L": s.x_L, "R": s.x_R}
    return sum(
        share * fermi_series(order).subs(s.x, epsilon * exponents[lead])
        for lead, share in (("L", s.Gamma_L), ("R", s.Gamma_R))
    )


@cache
def integrand_series(name: str, order: int) -> Expr:
    """Return an integral's integrand in powers of epsilon.

    In the exponents x_L, x_R, x_eq; Gamma_L and Gamma_R stand for the shares of the leads, which
    add up to 1; A and tau are left out.
    """
    kind = "eq" if name.startswith("equilibrium") else "LR"
    filled = _with_whole(occupation_series(order, kind))
    if name in ("particle_number", "equilibrium_particle_number"):
        value = filled
    elif name in ("energy", "equilibrium_energy"):
        value = s.omega * filled
    elif name in ("entropy", "equilibrium_entropy"):
        value = entropy_series(order).subs(s.x, Rational(1, 2) - filled)
    elif name == "exergy":
        log_particles, log_holes = (
            e.subs(s.x, epsilon * s.x_eq) for e in cross_entropy_series(order)
        )
        entropy = entropy_series(order).subs(s.x, Rational(1, 2) - filled)
        value = -entropy - filled * log_particles - (1 - filled) * log_holes
    else:
        difference = fermi_series(order).subs(s.x, epsilon * s.x_L) - fermi_series(order).subs(
            s.x, epsilon * s.x_R
        )
        value = difference * (s.omega if name == "energy_current" else 1)
    return truncated(expand_log(expand(value), force=True), order)


def _with_whole(filled: Expr) -> Expr:
    """Return a polynomial with Gamma_L + Gamma_R = 1 in its constant term."""
    constant = filled.subs(epsilon, 0)
    return expand(filled - constant) + constant.subs(s.Gamma_R, 1 - s.Gamma_L)


@cache
def _in_omega(polynomial: Expr) -> tuple[tuple[int, Expr], ...]:
    """Return powers of omega and their coefficients, with x_a = beta_a omega - c_a."""
    linear = {x: _beta[x] * s.omega - _offset[x] for x in _EXPONENTS}
    in_omega = Poly(expand(polynomial.subs(linear, simultaneous=True)), s.omega)
    return tuple((n, c) for (n,), c in in_omega.terms())


def in_moments(polynomial: Expr, moment: Callable[[int], Expr]) -> Expr:
    """Return an integral: exponents written out, omega^n replaced by the n-th moment."""
    explicit: dict[Symbol, Expr] = {s.Gamma_L: shares()["L"], s.Gamma_R: shares()["R"]}
    for x, (mu, temperature) in _EXPONENTS.items():
        explicit |= {_beta[x]: 1 / temperature, _offset[x]: mu / temperature}
    return sum(
        (c.subs(explicit, simultaneous=True) * moment(n) for n, c in _in_omega(polynomial)),
        start=Integer(0),
    )


@cache
def partial_sum(name: str, order: int) -> Expr:
    """Return an observable up to a power of epsilon, in `epsilon` and the parameters."""
    if name in ("charge_current", "energy_current"):
        entry = observable(name)
        return entry.prefactor * in_moments(integrand_series(name, order), transmission_moment)
    if name in ("heat_current_left", "heat_current_right"):
        mu = s.mu_L if name.endswith("left") else s.mu_R
        return partial_sum("energy_current", order) - mu * partial_sum("charge_current", order)
    if name == "entropy_production":
        affinity = epsilon * (s.mu_L / s.temperature_L - s.mu_R / s.temperature_R)
        thermal = epsilon * (1 / s.temperature_L - 1 / s.temperature_R)
        return affinity * partial_sum("charge_current", order - 1) - thermal * partial_sum(
            "energy_current", order - 1
        )
    if name.startswith("two_state"):
        return _two_state(name, order)
    if name == "entropy_gap":
        return _two_state("two_state_entropy", order) - partial_sum("entropy", order)
    if name == "exergy_gap":
        return partial_sum("exergy", order) - _two_state("two_state_exergy", order)
    return in_moments(integrand_series(name, order), spectral_moment)


@cache
def two_state_series(name: str, order: int) -> Expr:
    """Return a two-state observable where N = 1/2 - y and N_eq = 1/2 - y_eq are small series.

    y = y_1 epsilon + y_3 epsilon^3, as `occupation_series` has it, and y_eq likewise.
    """
    deviation, reference = (
        sum(epsilon**n * y for n, y in pair.items()) for pair in (_deviation, _reference)
    )
    half = Rational(1, 2)
    entropy = entropy_series(order).subs(s.x, deviation)
    if name == "two_state_entropy":
        return truncated(entropy, order)
    log_particles, log_holes = (
        series(log(1 + sign * 2 * s.x), s.x, 0, order + 1).removeO().subs(s.x, reference) - log(2)
        for sign in (-1, 1)
    )
    cross = -(half - deviation) * log_particles - (half + deviation) * log_holes
    return truncated(cross - entropy, order)


_deviation = {n: Symbol(f"y_{n}", real=True) for n in (1, 3)}
_reference = {n: Symbol(f"y_eq{n}", real=True) for n in (1, 3)}


def _two_state(name: str, order: int) -> Expr:
    values = {}
    for symbols, number in (
        (_deviation, "particle_number"),
        (_reference, "equilibrium_particle_number"),
    ):
        for n, symbol in symbols.items():
            values[symbol] = partial_sum(number, n - 1) - partial_sum(number, n)
    # partial_sum carries its powers of epsilon: those of the series are left out.
    bare = {symbol: value.subs(epsilon, 1) for symbol, value in values.items()}
    return two_state_series(name, order).subs(bare, simultaneous=True)


@takes_names
def high_temperature(name: str, order: int = 1) -> Expr:
    """Return an observable at temperatures far above every other energy, for equal bands.

    Parameters
    ----------
    name : str
        One of `OBSERVABLES`, but the spectral weight.
    order : int
        1: the leading term, of the power `STARTS` in 1/T; 2: with the next one.

    Returns
    -------
    Expr
        In the thirteen parameters, in closed form. The left lead's onsite energy and hopping stand
        for both.

    Raises
    ------
    NotDerivedError
        The spectral weight; another order.
    UnknownNameError
        No such observable.
    """
    observable(name)
    if (FAMILY, name) in ABSENT:
        raise NotDerivedError(f"{name} at high temperature: {ABSENT[FAMILY, name]}")
    if order not in range(1, HIGHEST + 1):
        raise NotDerivedError(
            f"the high-temperature series of {name} has been derived up to order {HIGHEST}, "
            f"not {order}"
        )
    return partial_sum(name, powers(name)[order - 1]).subs(epsilon, 1)


EXAMPLE = MappingProxyType(
    {
        "level": "0.3",
        "left.onsite": "0.1",
        "left.hopping": "1",
        "left.coupling": "0.4",
        "left.mu": "0.5",
        "left.temperature": "1.5",
        "right.onsite": "0.1",
        "right.hopping": "1",
        "right.coupling": "0.3",
        "right.mu": "0.1",
        "right.temperature": "1",
        "mu_eq": "-0.2",
        "temperature_eq": "1.25",
    }
)


def _limit(name: str, order: int) -> Limit:
    start = STARTS[name]
    return Limit(
        expression=high_temperature(name, order),
        path=PATH,
        starts=Rational(start),
        remainder=Rational(powers(name)[order]),
        assumptions=("equal bands", "no bound states", "T_L, T_R, T_eq grow together"),
        example=EXAMPLE,
        epsilons=tuple(Rational(1, 2**n) for n in (4, 5, 6)),
    )


def _entry(name: str, order: int) -> Entry:
    how = {1: "to leading order", 2: "with its next term"}[order]
    return Entry(
        family=FAMILY,
        observable=name,
        order=order,
        statement=f"{name.replace('_', ' ').capitalize()} {how} in 1/T, in moments of A and tau.",
        equation=observable(name).equation,
        derivation="high_temperature",
        build=lambda: _limit(name, order),
    )


ENTRIES: tuple[Entry, ...] = tuple(
    _entry(name, order) for order in range(1, HIGHEST + 1) for name in STARTS
)

ABSENT: dict[tuple[str, str], str] = {
    (FAMILY, "spectral_weight"): "it does not depend on temperature",
}
