"""The terms of every observable of equal leads for small temperatures, all scaled together.

Two families take their partial sums: `_zero_temperature` up to the power 0 of the temperatures,
`_sommerfeld` the rest. Eqs. (7)-(13), (A4)-(A7).
May import: sympy, qbsym.symbols, .observables, .poles, .limits._antiderivatives, .limits.core,
.errors.
"""

from __future__ import annotations

from functools import cache

from sympy import (
    Abs,
    Expr,
    Integer,
    Rational,
    Symbol,
    diff,
    factorial,
    log,
    pi,
    polylog,
    series,
    sin,
)

from qbsym import symbols as s
from qbsym.errors import NotDerivedError
from qbsym.limits._antiderivatives import antiderivative, derivative
from qbsym.limits.core import Limit, epsilon
from qbsym.observables import observable
from qbsym.poles import COUPLING_SQUARED

__all__ = ["POWERS", "count_at_zero", "edge_entropy", "low_temperature_limit", "partial_sum"]

POWERS = {
    "particle_number": (0, 2, 4, 6),
    "energy": (0, 2, 4, 6),
    "entropy": (0, 1, 2),
    "exergy": (-1, 0, 1, 2),
    "charge_current": (0, 2, 4, 6),
    "energy_current": (0, 2, 4, 6),
    "heat_current_left": (0, 2, 4, 6),
    "heat_current_right": (0, 2, 4, 6),
    "entropy_production": (-1, 1, 3, 5),
    "equilibrium_particle_number": (0, 2, 4, 6),
    "equilibrium_energy": (0, 2, 4, 6),
    "equilibrium_entropy": (1, 3, 5),
    "two_state_entropy": (0, 2, 4),
    "two_state_exergy": (0, 2, 4),
    "entropy_gap": (0, 1, 2),
    "exergy_gap": (-1, 0, 1, 2),
}
"""Powers of the temperatures of each term that is derived; the last is that of what is left out."""

EDGE_ENTROPY = ("entropy", "exergy", "entropy_gap", "exergy_gap")
"""Observables whose term linear in the temperatures comes from the entropy at mu_L and mu_R."""

_p = Symbol("p", positive=True)


def count_at_zero(name: str) -> int:
    """Return how many of an observable's terms `zero_temperature` takes."""
    powers = POWERS[name][:-1]
    return max(1, sum(power <= 0 for power in powers))


@cache
def moment(order: int) -> Expr:
    """Return the integral of x^order f(x) f(-x) over all x, for an even order.

    From the generating function: integral exp(a x) f(x) f(-x) = pi a/sin(pi a).
    """
    a = Symbol("a")
    expansion = series(pi * a / sin(pi * a), a, 0, order + 2).removeO()
    return expansion.coeff(a, order) * factorial(order)


def sommerfeld_factor(order: int) -> Expr:
    """Return the factor of T^order g^(order - 1)(mu) in the integral of g f."""
    return moment(order) / factorial(order)


@cache
def edge_entropy(share: Expr) -> Expr:
    """Return the entropy of one edge of the bias window, over T A(mu).

    The integral over x of the entropy of p f(x) less its value p at x < 0, for a lead of the share
    p = Gamma_a/Gamma of the broadening: p [pi^2/3 - (1/2) integral_0^(1-p) ln^2 t/(1 - t)^2 dt].
    """
    q = 1 - share
    inner = q * log(q) ** 2 / share + 2 * log(share) * log(q) + 2 * polylog(2, q)
    return share * (moment(2) - inner / 2)


def edge_entropy_of(lead: str) -> Expr:
    """Return `edge_entropy` at a lead's share of the couplings."""
    return edge_entropy(_p).subs(_p, share(lead))


def share(lead: str) -> Expr:
    """Return Gamma_a/(Gamma_L + Gamma_R), the same at every energy for equal bands."""
    return s.LEADS[lead].coupling ** 2 / COUPLING_SQUARED


def _reservoir(name: str) -> tuple[Symbol, Symbol]:
    if name == "eq":
        return s.mu_eq, s.temperature_eq
    return s.LEADS[name].mu, s.LEADS[name].temperature


@cache
def fermi_term(kind: str, power: int, order: int, reservoir: str) -> Expr:
    """Return the T^order term of the integral of omega^power A (or tau) f, by Sommerfeld."""
    mu, temperature = _reservoir(reservoir)
    if order == 0:
        return antiderivative(kind, power, mu)
    slope = derivative(kind, power, order - 1, mu)
    return sommerfeld_factor(order) * temperature**order * slope


@cache
def _occupied(power: int, order: int) -> Expr:
    """Return the T^order term of N (power 0) or E (power 1)."""
    return sum(share(a) * fermi_term("A", power, order, a) for a in s.LEADS)


@cache
def _current(power: int, order: int) -> Expr:
    """Return the T^order term of I_Q (power 0) or J_E (power 1)."""
    left, right = (fermi_term("tau", power, order, a) for a in s.LEADS)
    return observable("charge_current").prefactor * (left - right)


@cache
def term(name: str, order: int) -> Expr:
    """Return the term of an observable with a power of the temperatures, one of `POWERS`."""
    entry = observable(name)
    if name in ("particle_number", "energy"):
        return _occupied(int(name == "energy"), order)
    if name in ("equilibrium_particle_number", "equilibrium_energy"):
        return fermi_term("A", int(name == "equilibrium_energy"), order, "eq")
    if name in ("charge_current", "energy_current"):
        return _current(int(name == "energy_current"), order)
    if "heat_current" in name or name == "entropy_production":
        # Dividing by the temperatures lowers the power by one.
        of_currents = order + 1 if name == "entropy_production" else order
        values = {s.I_Q: _current(0, of_currents), s.J_E: _current(1, of_currents)}
        return entry.definition.subs(values, simultaneous=True)
    if name == "equilibrium_entropy":
        # integral of the entropy times x^n = moment(n + 2)/(n + 1).
        n = order - 1
        weight = moment(n + 2) / (n + 1) / factorial(n) * s.temperature_eq**order
        return weight * derivative("A", 0, n, s.mu_eq)
    return _TERMS[name](order)


def _entropy(order: int) -> Expr:
    if order == 0:
        left, right = (fermi_term("A", 0, 0, a) for a in s.LEADS)
        return _binary(share("L"), share("R")) * Abs(left - right)
    edges = (edge_entropy_of(a) * derivative("A", 0, 0, p.mu) for a, p in s.LEADS.items())
    return sum(p.temperature * e for p, e in zip(s.LEADS.values(), edges, strict=True))


def _exergy(order: int) -> Expr:
    entropy = _difference("entropy", order) if order >= 0 else Integer(0)
    if order == 0:
        return -entropy  # E and N have no term linear in the temperatures
    energy, number = (_difference(n, order + 1) for n in ("energy", "particle_number"))
    return (energy - s.mu_eq * number) / s.temperature_eq - entropy


def _difference(name: str, order: int) -> Expr:
    """Return a term of an observable less its equilibrium value."""
    at_equilibrium = f"equilibrium_{name}"
    known = order in POWERS[at_equilibrium]
    return term(name, order) - (term(at_equilibrium, order) if known else 0)


def _binary(p: Expr, p_bar: Expr) -> Expr:
    return -p * log(p) - p_bar * log(p_bar)


def _two_state(name: str, order: int) -> Expr:
    definition = observable(name).definition
    number, equilibrium = "particle_number", "equilibrium_particle_number"
    values = {s.d: term(number, 0), s.d_eq: term(equilibrium, 0)}
    if order == 0:
        steps = {s.d_bar: 1 - s.d, s.d_eq_bar: 1 - s.d_eq}
        return definition.subs(steps).subs(values, simultaneous=True)
    pauli = definition.subs({s.d_bar: 1 - s.d, s.d_eq_bar: 1 - s.d_eq})
    slope = diff(pauli, s.d) * term(number, 2)
    slope += diff(pauli, s.d_eq) * term(equilibrium, 2)
    return slope.subs(values, simultaneous=True)


def _gap(name: str, order: int) -> Expr:
    """Return a term of a gap; the two-state value has even powers only."""
    exact = {"entropy_gap": "entropy", "exergy_gap": "exergy"}[name]
    sign = -1 if exact == "entropy" else 1
    two = term(f"two_state_{exact}", 0) if order == 0 else Integer(0)
    return sign * (term(exact, order) - two)


_TERMS = {
    "entropy": _entropy,
    "exergy": _exergy,
    "two_state_entropy": lambda order: _two_state("two_state_entropy", order),
    "two_state_exergy": lambda order: _two_state("two_state_exergy", order),
    "entropy_gap": lambda order: _gap("entropy_gap", order),
    "exergy_gap": lambda order: _gap("exergy_gap", order),
}


def partial_sum(name: str, count: int) -> Expr:
    """Return the first ``count`` terms of an observable."""
    powers = POWERS[name][:-1]
    if not 1 <= count <= len(powers):
        raise NotDerivedError(
            f"{name} has been derived for small temperatures with 1 to {len(powers)} terms, "
            f"not {count}"
        )
    return sum((term(name, power) for power in powers[:count]), start=Integer(0))


ASSUMPTIONS = (
    "equal bands (the couplings may differ)",
    "(level - onsite)^2 < 4 (h^2 - v_L^2 - v_R^2): a pair of complex poles, no bound state",
    "mu_L, mu_R and mu_eq inside the band",
    "T_L, T_R and T_eq go to zero together, far below the width of the level",
)

EXAMPLE = {
    "level": "1/5",
    "left.onsite": "1/10",
    "left.hopping": "1",
    "left.coupling": "7/20",
    "left.mu": "7/10",
    "left.temperature": "1/10",
    "right.onsite": "1/10",
    "right.hopping": "1",
    "right.coupling": "1/4",
    "right.mu": "-3/10",
    "right.temperature": "3/40",
    "mu_eq": "1/10",
    "temperature_eq": "1/8",
}

EPSILONS = (Rational(1, 64), Rational(1, 128), Rational(1, 256))


def low_temperature_limit(name: str, count: int) -> Limit:
    """Return the `Limit` of the first ``count`` terms."""
    powers = POWERS[name]
    expression, example = partial_sum(name, count), EXAMPLE
    assumptions: tuple[str, ...] = ASSUMPTIONS
    if name in EDGE_ENTROPY:
        assumptions = (*assumptions, "mu_L != mu_R")
        if any(power >= 1 for power in powers[:count]):
            # The dilogarithm of the couplings' ratio is elementary where they are equal.
            assumptions = (*assumptions, "v_L = v_R")
            expression = expression.subs(s.coupling_R, s.coupling_L)
            example = EXAMPLE | {"right.coupling": EXAMPLE["left.coupling"]}
    return Limit(
        expression=expression,
        path={t: epsilon * t for t in (s.temperature_L, s.temperature_R, s.temperature_eq)},
        starts=Rational(powers[0]),
        remainder=Rational(powers[count]),
        assumptions=assumptions,
        example=example,
        epsilons=EPSILONS,
    )
