"""All observables of ordinary junctions in one pass over few nodes.

Ordinary: no exponential overflows, no bound state, and none of the results is a small difference
that needs the special forms of `_integrands` (near equilibrium, hot, cold). What is ordinary is
decided afterwards, by the sizes of the terms: see `_finish`.

The averages d and d_eq come first, from the nodes of a block of junctions; then the gaps of
Eqs. (A6)-(A7) are integrals of relative entropies, KL(p || q) = p ln(p/q) - p + q,

    S2 - S = integral A [KL(f || d) + holes],    X - X2 = integral A [KL(f || f_eq d/d_eq) + holes],

of which nothing is subtracted: near the resonance f/d - 1 and ln(f/d) vanish together. Entropy and
exergy follow from the same four logarithms, as S2 less its gap and X2 plus its gap.

Every function of nodes takes complex energies as well. May import: numpy, private modules.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from qbnum import _statistics as st
from qbnum._fronts import Fronts, fronts
from qbnum._geometry import Points
from qbnum._nodes import Nodes, panel_nodes, pole_nodes, pole_weights
from qbnum._panels import graded
from qbnum._results import RESULTS, Filling, Integrals, log_ratio, two_state_exergy
from qbnum._spectrum import Spectrum
from qbnum._sums import missed, per_point

Array: TypeAlias = NDArray[np.float64]
Index: TypeAlias = NDArray[np.intp]

ROWS = (
    "energy",
    "equilibrium_energy",
    "particle_number_change",  # f - f_eq
    "charge_current",
    "energy_current",
    "heat_current_left",
    "heat_current_right",
    "entropy_production",
    "entropy_gap",
    "exergy_gap",
    "equilibrium_entropy_gap",
)
"""What is integrated beside the four averages."""

SIZES = (*ROWS[:8], "filling", "comparison")
"""Absolute values integrated too: |f - d|, and |f - f_eq d/d_eq| with the holes' like."""

AVERAGES = (
    "particle_number",
    "hole_number",
    "equilibrium_particle_number",
    "equilibrium_hole_number",
)
_MEASURED = 8

_BLOCK = 1024  # panels evaluated together: 1024 x 16 nodes, 128 kB an array
_STEEPEST = 600.0  # e^600 squared does not overflow ... its product with a double does not
_RESOLVED = 1e-12  # the quadrature's estimate, which is part of the result's
_SUM_RULE = 1e-13
_EPS = 2 * np.finfo(np.float64).eps
_CLEAN = 1e-13  # a gap's noise; beyond, the second pass of `_adaptive` does better
_SHARE = 20.0  # entropies may be this much smaller than what they are differences of


class Occupations:
    """Everything at some nodes that needs no average, and its sums over the nodes of each column.

    f_a - f_b = (1 - f_a) f_b (e^{x_b - x_a} - 1) keeps relative accuracy for either sign.
    """

    def __init__(self, points: Points, b: Fronts, nodes: Nodes) -> None:
        at, front = nodes.point, nodes.front
        mu, T = points.mu[:, at], points.temperature[:, at]
        mu_eq, T_eq = points.mu_eq[at], points.temperature_eq[at]
        self.weight, self.delta, self.point = nodes.weight, nodes.delta, at
        self.reference = b.reference[front]
        self.from_mu = [b.from_mu[a][front] for a in range(2)]
        f_L, f_L_bar = _fermi((self.from_mu[0] + nodes.delta) / T[0])
        self.g, self.g_bar = _fermi((b.from_mu_eq[front] + nodes.delta) / T_eq)
        self.gain = _Gain(self.from_mu[0], mu[0] - mu[1], T[0], T[1])
        w_L, w_R = nodes.shares
        if bool(((mu[1] == mu_eq) & (T[1] == T_eq)).all()):
            f_R, f_R_bar = self.g, self.g_bar
            self.difference = f_L_bar * f_R * np.expm1(self.gain.at(nodes.delta))
            self.change = w_L * self.difference
        else:
            f_R, f_R_bar = _fermi((self.from_mu[1] + nodes.delta) / T[1])
            self.difference = f_L_bar * f_R * np.expm1(self.gain.at(nodes.delta))
            gain_L = _Gain(self.from_mu[0], mu[0] - mu_eq, T[0], T_eq)
            gain_R = _Gain(self.from_mu[1], mu[1] - mu_eq, T[1], T_eq)
            self.change = w_L * (f_L_bar * self.g * np.expm1(gain_L.at(nodes.delta)))
            self.change = self.change + w_R * (f_R_bar * self.g * np.expm1(gain_R.at(nodes.delta)))
        self.f = w_L * f_L + w_R * f_R
        self.f_bar = w_L * f_L_bar + w_R * f_R_bar
        self.current = nodes.flux * self.difference

    def averages(self) -> list[Any]:
        """Return the columns' sums of AVERAGES."""
        return [self._sum(row) for row in (self.f, self.f_bar, self.g, self.g_bar)]

    def sums(self, averages: Any) -> tuple[list[Any], list[Any], Any]:
        """Return the columns' sums of ROWS, of what their sizes are, and the panels' check.

        First moments are taken about the columns' features: omega = r + delta.
        """
        d, d_bar, e, e_bar = averages[:, self.point]
        # Each of these and its logarithm belong together: their roundings then cancel in KL.
        r, r_bar = self.f * (1.0 / d), self.f_bar * (1.0 / d_bar)
        s, s_bar = self.g * (1.0 / e), self.g_bar * (1.0 / e_bar)
        ln_r, ln_r_bar, ln_s, ln_s_bar = (st.log(z) for z in (r, r_bar, s, s_bar))
        excess, apart, apart_bar = r - 1.0, r - s, r_bar - s_bar
        entropy, entropy_bar = r * ln_r - excess, r_bar * ln_r_bar - (r_bar - 1.0)
        exergy, exergy_bar = r * (ln_r - ln_s) - apart, r_bar * (ln_r_bar - ln_s_bar) - apart_bar
        equilibrium, equilibrium_bar = s * ln_s - (s - 1.0), s_bar * ln_s_bar - (s_bar - 1.0)

        moment, moment_eq, flow = (self._moment(row) for row in (self.f, self.g, self.current))
        sums = [
            self.reference * moment[0] + moment[1],
            self.reference * moment_eq[0] + moment_eq[1],
            self._sum(self.change),
            flow[0],
            self.reference * flow[0] + flow[1],
            self.from_mu[0] * flow[0] + flow[1],
            self.from_mu[1] * flow[0] + flow[1],
            self.gain.constant * flow[0] + self.gain.slope * flow[1],
            d * self._sum(entropy) + d_bar * self._sum(entropy_bar),
            d * self._sum(exergy) + d_bar * self._sum(exergy_bar),
            e * self._sum(equilibrium) + e_bar * self._sum(equilibrium_bar),
        ]
        sizes = [
            d * self._size(excess),
            d * self._size(apart) + d_bar * self._size(apart_bar),
        ]
        check = entropy + entropy_bar + exergy + exergy_bar + equilibrium + equilibrium_bar
        return sums, sizes, check + self.difference

    def _sum(self, row: Any) -> Any:
        return np.einsum("ij,ij->j", self.weight, row)

    def _moment(self, row: Any) -> tuple[Any, Any]:
        weighted = self.weight * row
        return weighted.sum(axis=0), np.einsum("ij,ij->j", weighted, self.delta)

    def _size(self, row: Any) -> Any:
        return self._sum(row * np.sign(row.real) if np.iscomplexobj(row) else np.abs(row))


class _Gain:
    """x_b - x_a = (omega - mu_b)/T_b - (omega - mu_a)/T_a, linear in delta, from differences."""

    def __init__(self, from_mu: Array, mu_difference: Array, T_a: Array, T_b: Array) -> None:
        self.slope = (T_a - T_b) / (T_a * T_b)
        self.constant = mu_difference / T_b + from_mu * self.slope

    def at(self, delta: Any) -> Any:
        """Return it at the nodes: one value a column where the temperatures are equal."""
        return self.constant + self.slope * delta if self.slope.any() else self.constant[None, :]


def _fermi(x: Any) -> tuple[Any, Any]:
    """Return f and 1 - f; e^x does not overflow for ordinary junctions."""
    e = np.exp(x)
    f = 1.0 / (1.0 + e)
    return f, e * f


def integrate_ordinary(points: Points, where: Spectrum) -> tuple[NDArray[np.bool_], Integrals]:
    """Return which points are ordinary, and the integrals of all (of the others unspecified)."""
    n = len(points)
    b = fronts(points, where)
    panels = graded(where, b)
    at_poles, pole = pole_nodes(points, where)
    pole = replace(pole, weight=pole_weights(where, b, panels)[None, :])
    at_pole = Occupations(points, at_poles, pole)

    def of_poles(columns: list[Any]) -> Array:
        return np.stack([per_point(pole.point, -column.imag / np.pi, n) for column in columns])

    weight = of_poles([pole.weight[0]])[0]
    averages = of_poles(at_pole.averages())
    value = np.zeros((len(ROWS), n))
    absolute = np.zeros((len(SIZES), n))
    lost, checked = np.zeros((2, n))

    owner = b.point[panels.front[0]]
    order = np.argsort(owner, kind="stable")
    panels, owner = panels.take(order), owner[order]
    for block in _blocks(owner):
        nodes = panel_nodes(points, b, panels.take(block), where.pole.corrected)
        here = Occupations(points, b, nodes)
        first = np.flatnonzero(np.diff(owner[block], prepend=-1))
        own = owner[block][first]
        m = block.stop - block.start

        def totals(columns: list[Any], first: Index = first, m: int = m) -> Array:
            rows = np.stack(columns)
            return np.add.reduceat(rows[:, :m] + rows[:, m:], first, axis=1)

        found = totals([nodes.weight.sum(axis=0), *here.averages()])
        weight[own] += found[0]
        averages[:, own] += found[1:]
        sums, sizes, check = here.sums(averages)
        # A half panel in which omega changes sign counts by its sum: close enough for a size.
        absolute[:, own] += totals([*(np.abs(column) for column in sums[:_MEASURED]), *sizes])
        value[:, own] += totals(sums)
        size = np.einsum("ij,ij->j", nodes.weight, np.abs(check))
        size = size[:m] + size[m:]
        checked[own] += np.add.reduceat(size, first)
        lost[own] += np.add.reduceat(missed(nodes.measure * check, size), first)

    sums, sizes, _ = at_pole.sums(averages)
    value += of_poles(sums)
    absolute += np.abs(of_poles([*sums[:_MEASURED], *sizes]))
    return _finish(points, where, weight, averages, value, absolute, lost / checked)


def _blocks(owner: Index) -> list[slice]:
    """Return blocks of whole points, of about _BLOCK panels."""
    starts = np.flatnonzero(np.diff(owner, prepend=-1))
    ends = [*starts[np.diff(starts // _BLOCK, prepend=-1) > 0], len(owner)]
    return [np.s_[int(a) : int(z)] for a, z in pairwise(ends)]


def _finish(
    points: Points,
    where: Spectrum,
    weight: Array,
    averages: Array,
    values: Array,
    sizes: Array,
    lost: Array,
) -> tuple[NDArray[np.bool_], Integrals]:
    """Return where the results are free of cancellation, and the results."""
    sums = dict(zip(ROWS, values, strict=True)) | dict(zip(AVERAGES, averages, strict=True))
    sums["spectral_weight"] = weight
    size = dict(zip(SIZES, sizes, strict=True))
    d, d_bar, e, e_bar = averages
    change = sums["particle_number_change"]
    ratio, ratio_bar = change / e, -change / e_bar
    filling = Filling(
        d, d_bar, ratio, ratio_bar, log_ratio(ratio, d, e), log_ratio(ratio_bar, d_bar, e_bar)
    )
    gap = np.stack([sums["entropy_gap"], sums["exergy_gap"]])
    S2, S2_eq = st.binary_entropy(d, d_bar), st.binary_entropy(e, e_bar)
    sums["entropy"] = S2 - gap[0]
    sums["equilibrium_entropy"] = S2_eq - sums["equilibrium_entropy_gap"]
    sums["exergy"] = two_state_exergy(filling, e, e_bar) + gap[1]
    # The terms of a divergence carry ulps of first order in what the divergence has in second.
    apart = size["filling"] + size["comparison"]
    gap_noise = _EPS * np.stack([2 * size["filling"] + gap[0], 2 * apart + gap[1]]) + _EPS**2

    made = Integrals.empty(len(points), where.states)
    for k, name in enumerate(RESULTS):
        made.value[k] = sums[name]
        made.absolute[k] = np.maximum(size.get(name, 0.0), np.abs(sums[name]))
    made.error[:] = lost * made.absolute
    for name, whole in (("entropy", S2), ("equilibrium_entropy", S2_eq)):
        made.error[RESULTS.index(name)] += _EPS * whole + _EPS**2
    made.error[RESULTS.index("exergy")] += gap_noise[1]
    made.gap[:], made.gap_error[:] = gap, gap_noise + lost * gap
    for mine, theirs in zip(made.filling, filling, strict=True):
        mine[:] = theirs
    ordinary = (
        (lost < _RESOLVED)
        & (np.abs(weight - 1.0) < _SUM_RULE)
        & (gap_noise < _CLEAN * gap).all(axis=0)
        & (sums["entropy"] > S2 / _SHARE)
        & (sums["equilibrium_entropy"] > S2_eq / _SHARE)
        & (np.minimum(sums["entropy"], sums["equilibrium_entropy"]) > _EPS)
        & ~where.states.present.any(axis=1)
        & (_steepest(points) < _STEEPEST)
    )
    return ordinary, made


def _steepest(points: Points) -> Array:
    """Return the largest exponent |omega - mu|/T in the bands."""
    low, high = (edge.value() for edge in points.edges())
    bottom, top = low.min(axis=0), high.max(axis=0)
    reservoirs = [(points.mu[a], points.temperature[a]) for a in range(2)]
    return np.asarray(
        np.max(
            [
                np.maximum(np.abs(bottom - mu), np.abs(top - mu)) / T
                for mu, T in (*reservoirs, (points.mu_eq, points.temperature_eq))
            ],
            axis=0,
        )
    )
