"""Metamorphic checks: how the observables of two related junctions must be related.

Exchange of the leads, particle-hole reflection, change of the unit of energy, shift of the
origin of energy, and the Onsager reciprocity of the linear response. All on qbnum; no reference
value is needed. The signs are derived in `qbnum.Junction.reflected` and its neighbours.
"""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from qbnum import OBSERVABLES
from validation.checks.base import Check, Context, Row, compare, goal
from validation.junctions import bound_energies

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from qbnum import Junction, Lead, SteadyState
    from validation.cases import Case

    Values: TypeAlias = Mapping[str, Any]

__all__ = ["CHECKS", "FACTOR", "exactly_shifted", "exchanged", "on_grid", "reflected", "scaled"]
__all__ += ["shifted"]

FACTOR = 2.0**20
"""Change of the unit of energy; a power of two, so that the scaled junction is exact."""

POWERS = {
    "energy": 1,
    "equilibrium_energy": 1,
    "charge_current": 1,
    "entropy_production": 1,
    "energy_current": 2,
    "heat_current_left": 2,
    "heat_current_right": 2,
}
"""The power of the unit of energy in each observable; 0 for those not listed."""

GRID_BITS = 30
"""Before a shift, energies are rounded to 2^-30 of the hopping: then the shift is exact."""

FORCE = 1e-6
"""Relative size of the forces in the Onsager check; what is not linear is of its square."""

EPS = 2.0**-52


def _values(state: SteadyState) -> dict[str, float]:
    return {name: float(getattr(state, name)) for name in OBSERVABLES}


def _absolute(*states: SteadyState) -> dict[str, float]:
    return {
        name: max(float(state.absolute_integral[name]) for state in states) for name in OBSERVABLES
    }


def exchanged(values: Values) -> Values:
    """Return what the observables must be once the leads are exchanged."""
    left, right = values["heat_current_left"], values["heat_current_right"]
    return dict(values) | {
        "charge_current": -values["charge_current"],
        "energy_current": -values["energy_current"],
        "heat_current_left": -right,
        "heat_current_right": -left,
    }


def reflected(values: Values, image: Values, level: Any) -> tuple[Values, Values]:
    """Return the reflected junction's observables, as far as they add up, and what they must be.

    N + N' = 1 and E - E' = level, with bound states included.
    """
    expected = dict(values) | {"charge_current": -values["charge_current"]}
    summed = dict(image)
    for name in ("particle_number", "equilibrium_particle_number"):
        summed[name] = image[name] + values[name]
        expected[name] = np.ones_like(values[name])
    for name in ("energy", "equilibrium_energy"):
        summed[name] = image[name] + level
    return summed, expected


def scaled(values: Values, factor: float) -> Values:
    """Return what the observables must be in a unit of energy smaller by ``factor``."""
    return {name: value * factor ** POWERS.get(name, 0) for name, value in values.items()}


def shifted(values: Values, energy: Any) -> Values:
    """Return what the observables must be once every energy is raised by ``energy``."""
    return dict(values) | {
        "energy": values["energy"] + energy * values["particle_number"],
        "equilibrium_energy": values["equilibrium_energy"]
        + energy * values["equilibrium_particle_number"],
        "energy_current": values["energy_current"] + energy * values["charge_current"],
    }


def _exchange(context: Context) -> Iterator[Row]:
    case = context.case
    here, there = context.state, context.state_of(case.junction.exchanged())
    expected, absolute = exchanged(_values(here)), _absolute(here, there)
    for name, value in _values(there).items():
        yield _row("exchange", case, name, value, expected[name], absolute[name])


def _reflection(context: Context) -> Iterator[Row]:
    case = context.case
    occupation = case.occupation
    if isinstance(occupation, tuple):
        mirrored: object = tuple(1 - n for n in reversed(occupation))
    else:
        mirrored = "error" if occupation is None else 1 - occupation
    here = context.state
    there = context.state_of(case.junction.reflected(), mirrored)
    level = float(case.junction.level)
    values, expected = reflected(_values(here), _values(there), level)
    absolute = _absolute(here, there)
    for name in ("energy", "equilibrium_energy"):
        absolute[name] += abs(level)
    for name, value in values.items():
        yield _row("particle-hole", case, name, float(value), float(expected[name]), absolute[name])


def _scale(context: Context) -> Iterator[Row]:
    case = context.case
    here, there = context.state, context.state_of(case.junction.scaled(FACTOR))
    expected, absolute = (scaled(part, FACTOR) for part in (_values(here), _absolute(here)))
    for name, value in _values(there).items():
        yield _row("scale", case, name, value, expected[name], absolute[name])


def _shift(context: Context) -> Iterator[Row]:
    case = context.case
    base, energy = on_grid(case.junction)
    moved = base.shifted(energy)
    if not exactly_shifted(base, moved, energy):
        return
    here, there = context.state_of(base), context.state_of(moved)
    expected, absolute = shifted(_values(here), energy), _absolute(here, there)
    for name, value in _values(there).items():
        yield _row("shift", case, name, value, float(expected[name]), absolute[name])


def on_grid(junction: Junction) -> tuple[Junction, Any]:
    """Return the junctions with their energies on a dyadic grid, and shifts of that size."""
    largest = np.maximum(junction.left.hopping, junction.right.hopping)
    exponent = np.frexp(largest)[1]
    grid = np.ldexp(1.0, exponent - GRID_BITS)

    def snapped(value: Any) -> Any:
        return np.round(value / grid) * grid

    leads = [
        replace(lead, onsite=snapped(lead.onsite), mu=snapped(lead.mu))
        for lead in (junction.left, junction.right)
    ]
    moved = replace(
        junction,
        level=snapped(junction.level),
        left=leads[0],
        right=leads[1],
        mu_eq=snapped(junction.mu_eq),
    )
    return moved, np.ldexp(1.0, exponent)


def exactly_shifted(base: Junction, moved: Junction, energy: Any) -> Any:
    """Say where no sum was rounded: both are on the grid, so that no difference is."""
    before, after = base.parameters, moved.parameters
    kept = ("hopping", "coupling", "temperature", "temperature_eq")
    exact = np.ones(base.shape, dtype=bool)
    for name, value in before.items():
        if not name.endswith(kept):
            exact &= (after[name] - value == energy) & (after[name] - energy == value)
    return exact


def _equilibrium(context: Context) -> Iterator[Row]:
    case = context.case
    j = case.junction
    left, right = (
        replace(lead, mu=j.mu_eq, temperature=j.temperature_eq) for lead in (j.left, j.right)
    )
    # Whatever occupation is named, a bound state of an equilibrium junction has f_eq's.
    occupations = tuple(_fermi(energy, j) for energy in bound_energies(j).values())
    state = context.state_of(replace(j, left=left, right=right), occupations or "error")
    hopping = max(float(j.left.hopping), float(j.right.hopping))
    for name in (
        "exergy",
        "two_state_exergy",
        "exergy_gap",
        "charge_current",
        "energy_current",
        "heat_current_left",
        "heat_current_right",
        "entropy_production",
    ):
        value = float(getattr(state, name)) / hopping ** POWERS.get(name, 0)
        # Judged against 1 in units of the hopping, so a plain number is the error.
        yield compare("equilibrium", case, name, 1.0 + value, 1.0, tolerance=EQUILIBRIUM, shown="0")


EQUILIBRIUM = 4 * EPS


def _fermi(energy: float, junction: Junction) -> float:
    x = (energy - float(junction.mu_eq)) / float(junction.temperature_eq)
    return 1 / (1 + math.exp(x)) if x < 700 else math.exp(-x)


def _onsager(context: Context) -> Iterator[Row]:
    """Compare two linear responses: with forces F = Delta(mu/T) and F' = -Delta(1/T)."""
    case = context.case
    force = FORCE / (1 + _tail(case))
    by_bias, by_gradient = _pushed(case, bias=force), _pushed(case, gradient=force)
    # Currents do not know of bound states.
    a, b = (context.state_of(j, "exclude") for j in (by_bias, by_gradient))
    first, second = _forces(by_bias), _forces(by_gradient)
    value = a.charge_current * second[0] + a.energy_current * second[1]
    expected = b.charge_current * first[0] + b.energy_current * first[1]
    absolute = sum(
        abs(float(state.absolute_integral[name])) * abs(force)
        for state, forces in ((a, second), (b, first))
        for name, force in zip(("charge_current", "energy_current"), forces, strict=True)
    )
    # Rounding the fields moves the point about which the response is linear.
    centre = EPS * max(abs(float(case.junction.mu_eq)) / float(case.junction.temperature_eq), 1.0)
    yield compare(
        "onsager",
        case,
        "charge_current",
        float(value),
        float(expected),
        absolute=absolute,
        tolerance=100 * (FORCE**2 + centre),
    )


def _tail(case: Case) -> float:
    """Return how many temperatures mu_eq lies outside the bands: f ~ e^-x, less linear by x."""
    p = case.parameters
    sides = ("left", "right")
    low = min(p[f"{side}.onsite"] - 2 * p[f"{side}.hopping"] for side in sides)
    high = max(p[f"{side}.onsite"] + 2 * p[f"{side}.hopping"] for side in sides)
    return max(low - p["mu_eq"], p["mu_eq"] - high, 0.0) / p["temperature_eq"]


def _pushed(case: Case, bias: float = 0.0, gradient: float = 0.0) -> Junction:
    """Return the case's junction, pushed symmetrically from its equilibrium."""
    j = case.junction
    mu, T = float(j.mu_eq), float(j.temperature_eq)

    def reservoir(lead: Lead, sign: float) -> Lead:
        return replace(lead, mu=mu + sign * bias * T / 2, temperature=T * (1 + sign * gradient / 2))

    return replace(j, left=reservoir(j.left, 1.0), right=reservoir(j.right, -1.0))


def _forces(junction: Junction) -> tuple[float, float]:
    """Return Delta(mu/T) and -Delta(1/T) of the fields as they are, formed exactly."""
    (mu_L, T_L), (mu_R, T_R) = (
        (Fraction(float(lead.mu)), Fraction(float(lead.temperature)))
        for lead in (junction.left, junction.right)
    )
    return float(mu_L / T_L - mu_R / T_R), float(1 / T_R - 1 / T_L)


def _row(check: str, case: Case, name: str, value: float, expected: float, absolute: float) -> Row:
    return compare(
        check, case, name, value, expected, absolute=absolute, tolerance=goal(case.group)
    )


GOALS = "1e-12 on the paper's cases, 1e-10 elsewhere, as for the values themselves"

CHECKS = (
    Check(
        name="exchange",
        claim="L and R exchanged: I and J change sign, everything else stays.",
        tolerance=GOALS,
        run=_exchange,
        applies=lambda case: True,
    ),
    Check(
        name="particle-hole",
        claim="Energies reflected: N -> 1 - N, E -> E - level, I -> -I; S, X, J, sigma stay.",
        tolerance=GOALS,
        run=_reflection,
        applies=lambda case: True,
    ),
    Check(
        name="scale",
        claim="Unit of energy times 2^-20: E, I, sigma, J scale, N, S and X stay.",
        tolerance=GOALS,
        run=_scale,
        applies=lambda case: True,
    ),
    Check(
        name="shift",
        claim="Origin of energy shifted by c: E -> E + c N, J -> J + c I, the rest stays.",
        tolerance=GOALS,
        run=_shift,
        applies=lambda case: True,
    ),
    Check(
        name="equilibrium",
        claim="With both leads at the equilibrium, X = I = J = sigma = 0.",
        tolerance="rounding of numbers of order one, in units of the hopping",
        run=_equilibrium,
        applies=lambda case: True,
    ),
    Check(
        name="onsager",
        claim="The linear response to bias and to gradient is symmetric: L12 = L21.",
        tolerance="what is not linear, force^2 = 1e-12, and the rounding of mu over T; times 100",
        run=_onsager,
        applies=lambda case: True,
    ),
)
