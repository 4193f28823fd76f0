"""Derivatives of the bound states' terms. May import: numpy, private modules of qbnum."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from qbnum import _doubledouble as dd
from qbnum import _statistics as st
from qbnum._careful import Fillings, Measure
from qbnum._derivatives.rows import SCALED, relative_entropy_moved
from qbnum._derivatives.states import MovingStates
from qbnum._derivatives.terms import Compared
from qbnum._derivatives.velocities import Velocities
from qbnum._geometry import Points

Array: TypeAlias = NDArray[np.float64]
Index: TypeAlias = NDArray[np.intp]
Pairs: TypeAlias = dict[str, tuple[Array, Array]]


def per_direction(at: Index, rows: Array, n: int) -> Array:
    """Return the sums (k, n) over the columns (k, m) of each of n points."""
    k = len(rows)
    bins = (np.arange(k)[:, None] * n + at).reshape(-1)
    return np.bincount(bins, rows.reshape(-1), k * n).astype(np.float64).reshape(k, n)


def weights_of(where: Any, states: MovingStates) -> Array:
    return np.asarray(where.states.weight[states.point, states.slot])


def add_states(
    points: Points,
    v: Velocities,
    where: Any,
    states: MovingStates,
    occupation: Array,
    measure: Measure,
    fill: Fillings,
    out: Pairs,
) -> None:
    """Add the derivatives of the bound states' terms, whose occupations stay fixed."""
    at = states.point
    p, own, n = points.take(at), v.take(at), len(points)
    Z, moved_Z = weights_of(where, states), states.weight
    energy = where.states.energy.take((at, states.slot))
    g = st.Fermi.of(dd.difference(energy, dd.exact(p.mu_eq)) / p.temperature_eq)
    x_eq = (states.energy - own.mu_eq - g.x * own.temperature_eq) / p.temperature_eq
    E, filling = energy.value(), occupation[at, states.slot]
    m = _listed(measure, states)
    c = Compared.of(m, fill.take(at), g)
    moved_g = -(g.f * g.f_bar) * x_eq
    f = filling, 1.0 - filling
    rest = f, g, x_eq
    terms = {
        "particle_number": (filling, 0.0),
        "energy": (filling * E, filling * states.energy),
        "entropy": (st.binary_entropy(filling, 1.0 - filling), 0.0),
        "exergy": (
            c.exergy[0] + c.exergy[1],
            relative_entropy_moved(c.exergy, c.log_exergy, *rest),
        ),
        "equilibrium_particle_number": (g.f, moved_g),
        "equilibrium_energy": (g.f * E, moved_g * E + g.f * states.energy),
        "equilibrium_entropy": (st.binary_entropy(g.f, g.f_bar), g.x * moved_g),
        SCALED[0]: (np.exp(m.log_g), -np.exp(m.log_g) * g.f_bar * x_eq),
        SCALED[1]: (np.exp(m.log_g_bar), np.exp(m.log_g_bar) * g.f * x_eq),
        "particle_number_change": (filling - g.f, -moved_g),
        "entropy_gap": (c.entropy_gap, 0.0),
        "exergy_gap": (
            c.exergy_gap[0] + c.exergy_gap[1],
            relative_entropy_moved(c.exergy_gap, c.log_gap, *rest),
        ),
    }
    for name in terms.keys() & out.keys():
        term, change = terms[name]
        added = moved_Z * term + Z * change
        total, size = out[name]
        out[name] = (
            total + per_direction(at, added, n),
            size + per_direction(at, states.weight_size * np.abs(term) + np.abs(Z * change), n),
        )


def _listed(measure: Measure, states: MovingStates) -> Measure:
    """Return a measure of (slots, points) at the states that there are."""

    def listed(record: Any) -> dict[str, Any]:
        return {name: array[states.slot, states.point] for name, array in record.items()}

    fields = dict(vars(measure))
    departures = fields.pop("departures")
    made = type(departures)(**listed(vars(departures)))
    return Measure(**listed(fields), departures=made)
