"""All integrands in forms that keep relative accuracy near every limit, for any junction.

Eqs. (7)-(13) for the integrals, (A4)-(A7) for the gaps, which need the averages d and d_eq and so a
second pass (see `_statistics` and `_centre`). Every function takes complex energies as well.
May import: numpy, private modules.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from qbnum import _doubledouble as dd
from qbnum import _statistics as st
from qbnum._centre import Centre, Departures, departures
from qbnum._fronts import Fronts
from qbnum._geometry import Points
from qbnum._nodes import Nodes
from qbnum._results import RESULTS
from qbnum._spectrum import Spectrum

Array: TypeAlias = NDArray[np.float64]

INTEGRALS = (
    *RESULTS,
    "scaled_equilibrium_particle_number",
    "scaled_equilibrium_hole_number",
    "occupation_departure",
    "ratio_departure",
    "hole_ratio_departure",
)
"""The integrals of the first pass: the results' own, and what the gaps are built from."""

# e^-(omega - mu_eq)/T_eq is lifted where even its largest value in the spectrum is below e^-500.
LIFT_BEYOND = 500.0
_MEANINGFUL = 1e-3  # as relative noise
_STEEPEST = 1e3  # more than any |ln(f/d)| between doubles
# The relative error of a node's occupations and ratios: exponent differences, exponentials and
# products, a few ulps each.
_EPS = 16 * np.finfo(np.float64).eps


@dataclass(frozen=True)
class Measure:
    """What the second pass needs of every node: the measure A d omega and the occupations.

    Arrays have shape (nodes, columns), as in `_nodes`; bound states are (slots, points).
    """

    weight: Array
    f: Array
    f_bar: Array
    log_g: Array  # lifted: ln g + lift
    log_g_bar: Array
    ratio: Array  # f/g - 1
    ratio_bar: Array
    departures: Departures

    def take(self, index: NDArray[np.intp] | slice) -> Measure:
        """Return the columns at an index."""
        made: Measure = _rebuilt([self], lambda parts: parts[0][:, index])
        return made

    @staticmethod
    def concatenate(parts: list[Measure]) -> Measure:
        """Join along the columns."""
        made: Measure = _rebuilt(parts, lambda arrays: np.concatenate(arrays, axis=1))
        return made


def _rebuilt(records: list[Any], join: Callable[[list[Array]], Array]) -> Any:
    """Return a record of the same kind whose every array is ``join`` of the records' arrays."""
    kind = type(records[0])
    columns = {f.name: [getattr(r, f.name) for r in records] for f in fields(kind)}
    return kind(
        **{
            name: join(parts) if isinstance(parts[0], np.ndarray) else _rebuilt(parts, join)
            for name, parts in columns.items()
        }
    )


@dataclass(frozen=True)
class Lifts:
    """Per point: exponents x by which d_eq and 1 - d_eq are lifted above underflow, or 0.

    With the equilibrium far below the spectrum, f_eq = e^-x_bottom e^-(omega - bottom)/T_eq: the
    second factor is integrated, the first kept as an exponent (of either sign of x alike).
    """

    number: Array
    hole: Array

    @classmethod
    def of(cls, points: Points, where: Spectrum) -> Lifts:
        """Return the lifts, beyond the exponent LIFT_BEYOND."""
        x_bottom = dd.difference(where.bottom, dd.exact(points.mu_eq)) / points.temperature_eq
        x_top = dd.difference(where.top, dd.exact(points.mu_eq)) / points.temperature_eq
        return cls(
            np.where(x_bottom > LIFT_BEYOND, x_bottom, 0.0),
            np.where(x_top < -LIFT_BEYOND, -x_top, 0.0),
        )


@dataclass(frozen=True)
class Context:
    """What the rows need besides the nodes, per point, and per front of ``b`` (``from_``...)."""

    points: Points
    lifts: Lifts
    centre: Centre
    b: Fronts
    from_bottom: Array  # r - lowest energy of the spectrum
    from_top: Array
    from_centre: Array

    @classmethod
    def of(
        cls, points: Points, where: Spectrum, b: Fronts, lifts: Lifts, centre: Centre
    ) -> Context:
        """Return the context of some fronts."""
        ends = (where.bottom, where.top, where.centre)
        return cls(
            points, lifts, centre, b, *(dd.difference(b.exact, e.take(b.point)) for e in ends)
        )


def first_pass(context: Context, nodes: Nodes) -> tuple[list[Any], list[Any], Measure]:
    """Return the integrands of INTEGRALS, the sizes of the last three's terms, and the measure.

    All integrands are divided by A.
    """
    b, point = context.b, nodes.point
    points = context.points
    mu, T = points.mu[:, point], points.temperature[:, point]
    mu_eq, T_eq = points.mu_eq[point], points.temperature_eq[point]
    w_L, w_R = nodes.shares
    omega = nodes.offset(b.reference)
    offset = (nodes.offset(b.from_mu[0]), nodes.offset(b.from_mu[1]))
    offset_eq = nodes.offset(b.from_mu_eq)
    f_L, f_R = (st.Fermi.of(offset[a] / T[a]) for a in range(2))
    f_eq = st.Fermi.of(offset_eq / T_eq)
    f = w_L * f_L.f + w_R * f_R.f
    f_bar = w_L * f_L.f_bar + w_R * f_R.f_bar

    d = st.exponent_difference(*offset, mu[0] - mu[1], T[0], T[1])
    current = nodes.flux * st.fermi_difference(f_L, f_R, d)

    exponents, weighted = departure_exponents((w_L, w_R), offset, offset_eq, mu, T, mu_eq, T_eq)
    away = st.departure((w_L, w_R), (f_L, f_R), f_eq, exponents, weighted)
    log_g, log_g_bar = f_eq.log()
    log_f, log_f_bar = st.log_of(f, f_bar), st.log_of(f_bar, f)
    D = st.divergence(f, f_eq.f, away.ratio, log_f - log_g)
    D = D + st.divergence(f_bar, f_eq.f_bar, away.ratio_bar, log_f_bar - log_g_bar)

    log_g, scaled = lifted(
        log_g, f_eq.f, context.lifts.number[point], -nodes.offset(context.from_bottom) / T_eq
    )
    log_g_bar, scaled_bar = lifted(
        log_g_bar, f_eq.f_bar, context.lifts.hole[point], nodes.offset(context.from_top) / T_eq
    )
    moved = departures(
        context.centre.take(point),
        nodes.offset(context.from_centre),
        (w_L, w_R),
        (f_L, f_R),
        T,
        T_eq,
    )
    rows = {
        "spectral_weight": np.ones_like(f),
        "particle_number": f,
        "hole_number": f_bar,
        "energy": f * omega,
        "entropy": st.binary_entropy(f, f_bar),
        "exergy": D,
        "charge_current": current,
        "energy_current": current * omega,
        "heat_current_left": current * offset[0],
        "heat_current_right": current * offset[1],
        "entropy_production": current * d,
        "equilibrium_particle_number": f_eq.f,
        "equilibrium_hole_number": f_eq.f_bar,
        "equilibrium_energy": f_eq.f * omega,
        "equilibrium_entropy": st.binary_entropy(f_eq.f, f_eq.f_bar),
        "particle_number_change": away.difference,
        "scaled_equilibrium_particle_number": scaled,
        "scaled_equilibrium_hole_number": scaled_bar,
        "occupation_departure": moved.f,
        "ratio_departure": scaled * moved.ratio,
        "hole_ratio_departure": scaled_bar * moved.ratio_bar,
    }
    sizes = [
        moved.f_size,
        np.abs(scaled) * moved.ratio_size,
        np.abs(scaled_bar) * moved.ratio_size_bar,
    ]
    measure = Measure(
        weight=nodes.weight,
        f=f,
        f_bar=f_bar,
        log_g=log_g,
        log_g_bar=log_g_bar,
        ratio=away.ratio,
        ratio_bar=away.ratio_bar,
        departures=moved,
    )
    return [rows[name] for name in INTEGRALS], sizes, measure


def lifted(log_g: Array, g: Array, lift: Array, log_lifted: Array) -> tuple[Array, Array]:
    """Return ln g + lift and its exponential; ``log_lifted`` is that sum where lift > 0."""
    if not (lift > 0).any():
        return log_g, g
    high = lift > 0
    log_g = np.where(high, log_lifted, log_g)
    return log_g, np.where(high, np.exp(log_g), g)


def departure_exponents(
    weights: tuple[Array, Array],
    offset: tuple[Array, ...],
    offset_eq: Array,
    mu: Array,
    T: Array,
    mu_eq: Array,
    T_eq: Array,
) -> tuple[tuple[Array, Array], Array]:
    """Return d_a = x_eq - x_a per lead and sum_a w_a d_a, from parameter differences.

    With dT_a = T_a - T_eq, dmu_a = mu_a - mu_eq, p_a = dT_a (omega - mu_eq) + dmu_a T_eq is linear
    in the differences: d_a = p_a/T_eq^2 - p_a dT_a/(T_a T_eq^2), so that sum_a w_a p_a cancels
    exactly where the reservoirs lie symmetrically about equilibrium. That takes temperatures less
    than a factor of two apart; where they are not, these terms would cancel instead.
    """
    dT = [T[a] - T_eq for a in range(2)]
    dmu = [mu[a] - mu_eq for a in range(2)]
    closed = [w == 0 for w in weights]
    d_L, d_R = (
        np.where(closed[a], 0.0, st.exponent_difference(offset[a], offset_eq, dmu[a], T[a], T_eq))
        for a in range(2)
    )
    first = (weights[0] * dT[0] + weights[1] * dT[1]) * offset_eq
    first = first + (weights[0] * dmu[0] + weights[1] * dmu[1]) * T_eq
    second = sum(
        weights[a] * (dT[a] * offset_eq + dmu[a] * T_eq) * (dT[a] / T[a]) for a in range(2)
    )
    apart = np.maximum(*(np.abs(dT[a]) / np.minimum(T[a], T_eq) for a in range(2))) > 1.0
    plain = weights[0] * d_L + weights[1] * d_R
    return (d_L, d_R), np.where(apart, plain, (first - second) / T_eq / T_eq)


@dataclass(frozen=True)
class Fillings:
    """Per point: d, 1 - d, how they compare with equilibrium, and mean departures."""

    d: Array
    d_bar: Array
    ratio: Array  # d/d_eq - 1
    ratio_bar: Array
    log_ratio: Array  # ln(d/d_eq)
    log_ratio_bar: Array
    lifted_log_ratio: Array  # ln(d/d_eq) - lift
    lifted_log_ratio_bar: Array
    change: Array  # averages of the departures from the centre
    ratio_change: Array
    ratio_change_bar: Array
    change_size: Array  # averages of the sizes of their terms
    ratio_change_size: Array
    ratio_change_size_bar: Array

    def take(self, index: NDArray[np.intp]) -> Fillings:
        """Return the points at an index."""
        return Fillings(*(getattr(self, f.name)[index] for f in fields(self)))


def gap_integrands(m: Measure, fill: Fillings) -> tuple[list[Any], list[Array]]:
    """Return the integrands of the entropy and exergy gaps, and of their rounding noise.

    All are divided by A; ``fill`` is that of every column's point.

    Neither gap is a difference of nearly equal numbers:
    S2 - S = integral A [f ln(f/d) - f + d + (holes)], and
    X - X2 = integral A [f ln(f d_eq/(g d)) - f + g d/d_eq + (holes)],
    where the added terms integrate to zero (the measure with its deltas is a probability). The
    small f - d and (f/g)/(d/d_eq) - 1 are taken from whichever form has less noise: directly, or
    through the departures from the centre.
    """
    log_f, log_f_bar = st.log_of(m.f, m.f_bar), st.log_of(m.f_bar, m.f)
    # f - d through the rarer kind: near a full level it is 1-f and 1-d that have the digits.
    rare = fill.d < 0.5
    difference = np.where(rare, m.f - fill.d, fill.d_bar - m.f_bar)
    size = np.where(rare, np.abs(m.f) + fill.d, np.abs(m.f_bar) + fill.d_bar)
    moved = m.departures
    departure_size = moved.f_size + fill.change_size
    quieter = departure_size < size
    difference = np.where(quieter, moved.f - fill.change, difference)
    noise = _EPS * np.where(quieter, departure_size, size)
    entropy = _relative(m.f, fill.d, difference, log_f)
    entropy = entropy + _relative(m.f_bar, fill.d_bar, -difference, log_f_bar)
    reach = np.abs(difference) + noise
    steep = np.minimum(_ratio(reach, fill.d) + _ratio(reach, fill.d_bar), _STEEPEST)
    entropy_noise = noise * steep

    exergy, noise = _relative_to_scaled(
        m.f,
        log_f - m.log_g,
        fill.lifted_log_ratio,
        m.log_g,
        _quieter(
            (m.ratio, fill.ratio),
            (moved.ratio, fill.ratio_change),
            moved.ratio_size + fill.ratio_change_size,
            (log_f - m.log_g, fill.lifted_log_ratio),
        ),
    )
    exergy_bar, noise_bar = _relative_to_scaled(
        m.f_bar,
        log_f_bar - m.log_g_bar,
        fill.lifted_log_ratio_bar,
        m.log_g_bar,
        _quieter(
            (m.ratio_bar, fill.ratio_bar),
            (moved.ratio_bar, fill.ratio_change_bar),
            moved.ratio_size_bar + fill.ratio_change_size_bar,
            (log_f_bar - m.log_g_bar, fill.lifted_log_ratio_bar),
        ),
    )
    return [entropy, exergy + exergy_bar], [entropy_noise, noise + noise_bar]


def _quieter(
    direct: tuple[Array, Array],
    centred: tuple[Array, Array],
    centred_size: Array,
    logs: tuple[Array, Array],
) -> tuple[Array, Array]:
    """Return (1 + a)/(1 + mean) - 1, from the pair (a, mean) of less noise, and its size.

    Where equilibrium is below the double range, from the ``logs`` of 1 + a and 1 + mean.
    """
    size = (np.abs(direct[0]) + np.abs(direct[1])) / (1.0 + direct[1])
    other = centred_size / (1.0 + centred[1])
    # Not where an exponential overflowed, nor where the average is -1 to rounding.
    better = (other < size) & (centred[1] > -1.0) & (_EPS * other < _MEANINGFUL)
    relative, other_relative = ((a - mean) / (1.0 + mean) for a, mean in (direct, centred))
    relative, size = np.where(better, other_relative, relative), np.where(better, other, size)
    unknown = ~(np.isfinite(relative) & np.isfinite(size))
    if unknown.any():
        relative = np.where(unknown, np.expm1(logs[0] - logs[1]), relative)
        size = np.where(unknown, 1.0 + np.abs(logs[0]) + np.abs(logs[1]), size)
    return np.where(np.isnan(relative), np.inf, relative), size


def _ratio(a: Array, b: Array) -> Array:
    """Return a/b, 0 where b underflows."""
    return np.where(b > 0, a / np.where(b > 0, b, 1.0), 0.0)


def _relative(p: Array, q: Array, difference: Array, log_p: Array) -> Array:
    log_q = np.log(np.where(q > 0, q, 1.0))
    return np.where(q > 0, st.divergence(p, q, _ratio(difference, q), log_p - log_q), 0.0)


def _relative_to_scaled(
    p: Array, log_ratio: Array, log_mean: Array, log_g: Array, compared: tuple[Array, Array]
) -> tuple[Array, Array]:
    """Return the divergence of p from q = g R, R = d/d_eq, and its noise.

    ``log_ratio`` is ln(p/g); ``compared`` is p/q - 1 with the size of the terms that it is made of.
    """
    relative, size = compared
    q = np.exp(log_g + log_mean)
    divergence = st.divergence(p, q, relative, log_ratio - log_mean)
    near = np.abs(relative) < 1.0  # beyond, the divergence is no small difference
    noise = np.where(near, np.abs(q) * _EPS * size * (np.abs(relative) + _EPS * size), 0.0)
    empty = np.isneginf(log_mean)  # the whole filling is below the double range
    return np.where(empty, 0.0, divergence), np.where(empty, 0.0, noise)
