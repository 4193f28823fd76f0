"""Linear response: small biases and temperature differences around the reference equilibrium.

mu_a = mu_eq + epsilon (...), T_a = T_eq + epsilon (...) for both leads. Currents are first order,
with the Onsager matrix of moments of tau f(1 - f); entropy production and exergy are quadratic
forms. Everything is an integral over the band(s). Eqs. (7)-(13), (A4)-(A7) and Sec. II.
May import: sympy, qbsym.symbols, .greens, .functions, .observables, .errors, .limits.core,
.limits._bands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from sympy import Expr, Integer, Integral, Matrix, Rational, Symbol, diff, factor, log, pi

from qbsym import greens
from qbsym import symbols as s
from qbsym._checks import takes_names
from qbsym.errors import NotDerivedError
from qbsym.functions import Fermi
from qbsym.limits._bands import pieces
from qbsym.limits.core import Entry, Limit, epsilon
from qbsym.observables import expand_symbols, observable

__all__ = ["ABSENT", "COEFFICIENTS", "ENTRIES", "linear_response", "onsager"]

FAMILY = "linear_response"

PATH = MappingProxyType(
    {p.mu: s.mu_eq + epsilon * (p.mu - s.mu_eq) for p in s.LEADS.values()}
    | {
        p.temperature: s.temperature_eq + epsilon * (p.temperature - s.temperature_eq)
        for p in s.LEADS.values()
    }
)
"""Bias and temperature difference of both leads shrink together."""

COEFFICIENTS = (
    "conductance",
    "seebeck",
    "thermal_conductance",
    "figure_of_merit",
    "lorenz_ratio",
)
"""Named combinations of the Onsager matrix."""


def force(lead: str) -> Expr:
    """Return xi = -dx/d epsilon at equilibrium: by how much a lead's exponent falls per epsilon."""
    moved = greens.exponent(lead).subs(PATH, simultaneous=True)
    return factor(-diff(moved, epsilon).subs(epsilon, 0))


def fermi_change(lead: str) -> Expr:
    """Return df_a/d epsilon at equilibrium, f_eq (1 - f_eq) xi_a, in `symbols.x_eq` and omega."""
    exponent = s.x_eq - epsilon * Symbol("xi")
    slope = diff(Fermi(exponent), epsilon).subs(epsilon, 0)
    return slope.subs(Symbol("xi"), force(lead))


@cache
def occupation_change() -> Expr:
    """Return df_NE/d epsilon in the abstract symbols Gamma_L, Gamma_R and `symbols.x_eq`."""
    changes = {s.f_L: fermi_change("L"), s.f_R: fermi_change("R")}
    return greens.occupation_form().subs(changes, simultaneous=True)


@cache
def relative_entropy_curvature() -> Expr:
    """Return d^2/dp^2 of p ln(p/q) + (1 - p) ln((1 - p)/(1 - q)) at p = q = f_eq."""
    p, q = Symbol("p", positive=True), Symbol("q", positive=True)
    divergence = p * log(p / q) + (1 - p) * log((1 - p) / (1 - q))
    at_equal = factor(diff(divergence, p, 2).subs(p, q))
    return at_equal.subs(1 - q, s.f_eq_bar).subs(q - 1, -s.f_eq_bar).subs(q, s.f_eq)


def over_bands(integrand: Expr, bands: str = "equal") -> Expr:
    """Return the integral of an integrand in abstract symbols over the band(s)."""
    total = Integer(0)
    for piece in pieces(bands):
        explicit = expand_symbols(integrand, piece.left, piece.right)
        if explicit != 0:
            total += Integral(explicit, (s.omega, piece.low, piece.high))
    return total


def moment(power: int, bands: str = "equal") -> Expr:
    """Return K_n = (1/2 pi) times the integral of tau (omega - mu_eq)^n f_eq (1 - f_eq)."""
    weight = s.tau * Fermi(s.x_eq) * Fermi(-s.x_eq) / (2 * pi)
    return over_bands((s.omega - s.mu_eq) ** power * weight, bands)


@takes_names
def onsager(bands: str = "equal") -> Matrix:
    """Return the matrix from (mu_L - mu_R)/T_eq, (T_L - T_R)/T_eq^2 to (I_Q, J_H).

    Parameters
    ----------
    bands : str
        ``"equal"``, or the order of the band edges: see `qbsym.limits._bands.ARRANGEMENTS`.
    """
    k0, k1, k2 = (moment(n, bands) for n in range(3))
    return Matrix([[k0, k1], [k1, k2]])


def affinities() -> Matrix:
    """Return the forces (mu_L - mu_R)/T_eq and (T_L - T_R)/T_eq^2."""
    temperature = s.temperature_eq
    return Matrix(
        [
            (s.mu_L - s.mu_R) / temperature,
            (s.temperature_L - s.temperature_R) / temperature**2,
        ]
    )


def coefficient(name: str, bands: str = "equal") -> Expr:
    """Return one of `COEFFICIENTS`."""
    k0, k1, _, k2 = onsager(bands)
    temperature = s.temperature_eq
    conductance = k0 / temperature
    determinant = k0 * k2 - k1**2
    thermal = determinant / (k0 * temperature**2)
    return {
        "conductance": conductance,
        "seebeck": k1 / (temperature * k0),
        "thermal_conductance": thermal,
        "figure_of_merit": k1**2 / determinant,
        "lorenz_ratio": thermal / (conductance * temperature),
    }[name]


def _change(name: str, bands: str) -> Expr:
    """Return the first-order change of an integral of A."""
    if name in ("particle_number", "energy"):
        slope = observable(name).integrand.coeff(s.f)
    else:
        slope = s.A * s.x_eq  # ds/df = ln((1 - f)/f), x_eq at equilibrium
    return over_bands(slope * occupation_change(), bands)


def _two_state(name: str, order: int, bands: str) -> Expr:
    filled = over_bands(observable("equilibrium_particle_number").integrand, bands)
    empty = over_bands(observable("equilibrium_hole_number").integrand, bands)
    change = _change("particle_number", bands)
    if name == "two_state_exergy":
        curvature = relative_entropy_curvature().subs({s.f_eq: filled, s.f_eq_bar: empty})
        return curvature * change**2 / 2
    at_equilibrium = observable(name).definition.subs({s.d: filled, s.d_bar: empty})
    return at_equilibrium + (log(empty / filled) * change if order == 2 else 0)


_AT_EQUILIBRIUM = {
    "particle_number": "equilibrium_particle_number",
    "energy": "equilibrium_energy",
    "entropy": "equilibrium_entropy",
}


@takes_names
def linear_response(name: str, order: int = 1, bands: str = "equal") -> Expr:
    """Return an observable, or one of `COEFFICIENTS`, near the reference equilibrium.

    Parameters
    ----------
    name : str
        One of `OBSERVABLES` or `COEFFICIENTS`.
    order : int
        1: the leading term: first order for currents, second for entropy production and exergies,
        the equilibrium value for N, E, S, their two-state version and the entropy gap. 2: the
        latter with their first-order change.
    bands : str
        ``"equal"``, or the order of the band edges: see `qbsym.limits._bands.ARRANGEMENTS`.

    Returns
    -------
    Expr
        In the thirteen parameters, with `Integral` over omega.

    Raises
    ------
    NotDerivedError
        An observable that does not depend on the bias; another order.
    UnknownNameError
        No such observable, coefficient or arrangement.
    """
    if name in COEFFICIENTS:
        highest = 1
    else:
        observable(name)
        highest = 2 if name in _WITH_CHANGE else 1
    if (FAMILY, name) in ABSENT and name not in COEFFICIENTS:
        raise NotDerivedError(f"{name} in linear response: {ABSENT[FAMILY, name]}")
    if order not in range(1, highest + 1):
        raise NotDerivedError(
            f"the linear response of {name} has been derived up to order {highest}, not {order}"
        )
    if name in COEFFICIENTS:
        return coefficient(name, bands)
    if name in _AT_EQUILIBRIUM:
        start = over_bands(observable(_AT_EQUILIBRIUM[name]).integrand, bands)
        return start + (_change(name, bands) if order == 2 else 0)
    if name == "exergy":
        fisher = relative_entropy_curvature() * occupation_change() ** 2 / 2
        return over_bands(s.A * fisher, bands)
    if name in ("two_state_entropy", "two_state_exergy"):
        return _two_state(name, order, bands)
    if name == "entropy_gap":
        return _two_state("two_state_entropy", order, bands) - linear_response(
            "entropy", order, bands
        )
    if name == "exergy_gap":
        return linear_response("exergy", 1, bands) - _two_state("two_state_exergy", 1, bands)
    fluxes = onsager(bands) * affinities()
    if name == "entropy_production":
        return (affinities().T * fluxes)[0]
    if name == "charge_current":
        return fluxes[0]
    return fluxes[1] + (s.mu_eq * fluxes[0] if name == "energy_current" else 0)


_WITH_CHANGE = ("particle_number", "energy", "entropy", "two_state_entropy", "entropy_gap")

EXAMPLE = MappingProxyType(
    {
        "level": "0.3",
        "left.onsite": "0",
        "left.hopping": "1",
        "left.coupling": "0.4",
        "left.mu": "0.5",
        "left.temperature": "0.35",
        "right.onsite": "0",
        "right.hopping": "1",
        "right.coupling": "0.25",
        "right.mu": "0.1",
        "right.temperature": "0.25",
        "mu_eq": "0.2",
        "temperature_eq": "0.3",
    }
)

ISOTHERMAL = MappingProxyType(
    dict(EXAMPLE) | {"left.temperature": "0.3", "right.temperature": "0.3"}
)
"""A bias alone, which conductance and thermopower (by Kelvin's relation) are measured with."""

Values = Mapping[str, Any]


def _conductance(values: Values, at: Values) -> Any:
    return values["charge_current"] / (at["left.mu"] - at["right.mu"])


def _seebeck(values: Values, at: Values) -> Any:
    # By Kelvin's relation: heat per charge at one temperature, over that temperature.
    heat = values["energy_current"] - at["mu_eq"] * values["charge_current"]
    return heat / (values["charge_current"] * at["temperature_eq"])


MEASURED: dict[str, Callable[[Values, Values], Any]] = {
    "conductance": _conductance,
    "seebeck": _seebeck,
}

SECOND = ("entropy_production", "exergy", "two_state_exergy", "exergy_gap")
FIRST = ("charge_current", "energy_current", "heat_current_left", "heat_current_right")


def _limit(name: str, order: int) -> Limit:
    starts = 2 if name in SECOND else 1 if name in FIRST else 0
    return Limit(
        expression=linear_response(name, order),
        path=PATH,
        starts=Rational(starts),
        remainder=Rational(starts + order),
        assumptions=("no bound states", "equal bands (other arrangements by name)"),
        example=ISOTHERMAL if name in MEASURED else EXAMPLE,
        epsilons=tuple(Rational(1, 2**n) for n in (6, 8, 10)),
    )


def _entry(name: str, order: int) -> Entry:
    of = MEASURED.get(name)
    title = name.replace("_", " ")
    if of is not None:
        statement = f"The {title} from the Onsager matrix."
        equation, proof = "(7), (8)", "onsager_matrix"
    else:
        if name in SECOND:
            statement = f"The {title} is a quadratic form in bias and temperature difference."
        elif name in FIRST:
            statement = f"The {title} is linear in bias and temperature difference."
        else:
            change = " with its first-order change" if order == 2 else ""
            statement = f"The {title} at equilibrium{change}."
        equation = observable(name).equation
        currents = (*FIRST, "entropy_production")
        proof = "onsager_matrix" if name in currents else "linear_response_of_the_battery"
    return Entry(FAMILY, name, order, statement, equation, proof, lambda: _limit(name, order), of)


ENTRIES: tuple[Entry, ...] = (
    *(_entry(name, 1) for name in (*FIRST, *SECOND, *_WITH_CHANGE, *MEASURED)),
    *(_entry(name, 2) for name in _WITH_CHANGE),
)

_TWO_JUNCTIONS = (
    "it compares two junctions, one biased and one heated, and is no combination of one junction's "
    "observables; `linear_response` has the closed form"
)

ABSENT: dict[tuple[str, str], str] = {
    (FAMILY, "spectral_weight"): "it does not depend on the reservoirs",
    (FAMILY, "equilibrium_particle_number"): "it does not depend on bias or gradient",
    (FAMILY, "equilibrium_energy"): "it does not depend on bias or gradient",
    (FAMILY, "equilibrium_entropy"): "it does not depend on bias or gradient",
    (FAMILY, "thermal_conductance"): _TWO_JUNCTIONS,
    (FAMILY, "figure_of_merit"): _TWO_JUNCTIONS,
    (FAMILY, "lorenz_ratio"): _TWO_JUNCTIONS,
}
