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
    "charge_current",
    "energy_current",
    "heat_current_left",
    "heat_current_right",
    "entropy_production",
    "entropy_gap",
    "exergy_gap",
)
"""What is integrated beside the averages and the entropies."""

SIGNED = ROWS[:-2]
SIZES = (*SIGNED, "particle_number_change", "filling", "comparison", "exergy_noise")
"""Absolute values integrated too: |f - d|, |f - f_eq d/d_eq| with the holes' like, and what the
noise of an exergy integrated on its own is an ulp of."""

AVERAGES = (
    "particle_number",
    "hole_number",
    "equilibrium_particle_number",
    "equilibrium_hole_number",
    "particle_number_change",  # f - f_eq
)

_BLOCK = 1024  # panels evaluated together: 1024 x 16 nodes, 128 kB an array
_STEEPEST = 600.0  # e^600 does not overflow, nor its product with an occupation's inverse
_APART = 0.05  # kT from equilibrium; nearer, f/f_eq differs too little from 1
_RESOLVED = 1e-12  # the quadrature's estimate, which is part of the result's
_SUM_RULE = 1e-13
EPS = 2 * np.finfo(np.float64).eps
_CLEAN = 1e-13  # a gap's noise; beyond, the second pass of `_adaptive` does better
_CLOSE = 1.0  # exponents nearer than this need their difference
_SHARE = 20.0  # entropies may be this much smaller than what they are differences of


class Occupations:
    """Everything at some nodes that needs no average, and its sums over the nodes of each column.

    ``ENTROPIES`` are the rows after ROWS: here S2 - S and its like at equilibrium.
    """

    ENTROPIES: tuple[str, ...] = ("entropy_lack", "equilibrium_entropy_lack")

    def __init__(self, points: Points, b: Fronts, nodes: Nodes) -> None:
        at, front = nodes.point, nodes.front
        mu, T = points.mu[:, at], points.temperature[:, at]
        mu_eq, T_eq = points.mu_eq[at], points.temperature_eq[at]
        self.weight, self.delta, self.point = nodes.weight, nodes.delta, at
        self.reference = b.reference[front]
        self.from_mu = [b.from_mu[a][front] for a in range(2)]
        from_mu_eq = b.from_mu_eq[front]
        left = f_L, f_L_bar = _fermi((self.from_mu[0] + nodes.delta) / T[0])
        equilibrium = self.g, self.g_bar = _fermi((from_mu_eq + nodes.delta) / T_eq)
        self.gain = Gain((self.from_mu[0], self.from_mu[1]), mu[0] - mu[1], T[0], T[1])
        w_L, w_R = nodes.shares
        if bool(((mu[1] == mu_eq) & (T[1] == T_eq)).all()):
            f_R, f_R_bar = equilibrium
            self.difference = apart(left, equilibrium, self.gain.at(nodes.delta))
            self.changes = [w_L * self.difference]
        else:
            right = f_R, f_R_bar = _fermi((self.from_mu[1] + nodes.delta) / T[1])
            self.difference = apart(left, right, self.gain.at(nodes.delta))
            gain_L, gain_R = (
                Gain((self.from_mu[a], from_mu_eq), mu[a] - mu_eq, T[a], T_eq) for a in range(2)
            )
            self.changes = [
                w_L * apart(left, equilibrium, gain_L.at(nodes.delta)),
                w_R * apart(right, equilibrium, gain_R.at(nodes.delta)),
            ]
        self.change = sum(self.changes[1:], self.changes[0])
        self.f = w_L * f_L + w_R * f_R
        self.f_bar = w_L * f_L_bar + w_R * f_R_bar
        self.current = nodes.flux * self.difference

    def averages(self) -> list[Any]:
        """Return the columns' sums of AVERAGES."""
        rows = (self.f, self.f_bar, self.g, self.g_bar, self.change)
        return [self._sum(row) for row in rows]

    def sums(self, averages: Any) -> tuple[list[Any], list[Any], Any]:
        """Return the columns' sums of ROWS and ENTROPIES, of SIZES, and the panels' check."""
        d, d_bar, e, e_bar, _ = averages[:, self.point]
        # Each of these and its logarithm belong together: their roundings then cancel in KL.
        r, r_bar = self.f * (1.0 / d), self.f_bar * (1.0 / d_bar)
        s, s_bar = self.g * (1.0 / e), self.g_bar * (1.0 / e_bar)
        ln_r, ln_r_bar, ln_s, ln_s_bar = (st.log(z) for z in (r, r_bar, s, s_bar))
        excess, apart, apart_bar = r - 1.0, r - s, r_bar - s_bar
        entropy, entropy_bar = r * ln_r - excess, r_bar * ln_r_bar - (r_bar - 1.0)
        exergy, exergy_bar = r * (ln_r - ln_s) - apart, r_bar * (ln_r_bar - ln_s_bar) - apart_bar
        equilibrium, equilibrium_bar = s * ln_s - (s - 1.0), s_bar * ln_s_bar - (s_bar - 1.0)
        lack = d * self._sum(entropy) + d_bar * self._sum(entropy_bar)
        sums = [
            lack,
            d * self._sum(exergy) + d_bar * self._sum(exergy_bar),
            lack,
            e * self._sum(equilibrium) + e_bar * self._sum(equilibrium_bar),
        ]
        sizes = [
            d * self._size(excess),
            d * self._size(apart) + d_bar * self._size(apart_bar),
            0.0 * lack.real,  # the exergy is X2 and its gap here
        ]
        check = entropy + entropy_bar + exergy + exergy_bar + equilibrium + equilibrium_bar
        return self._with_moments(sums, sizes, check + self.difference)

    def _with_moments(
        self, sums: list[Any], sizes: list[Any], check: Any
    ) -> tuple[list[Any], list[Any], Any]:
        """Return what `sums` does, SIGNED first: moments about the features, omega = r + delta.

        A half panel in which one changes sign counts by its sum: close enough for a size.
        """
        moment, moment_eq, flow = (self._moment(row) for row in (self.f, self.g, self.current))
        signed = [
            self.reference * moment[0] + moment[1],
            self.reference * moment_eq[0] + moment_eq[1],
            flow[0],
            self.reference * flow[0] + flow[1],
            self.from_mu[0] * flow[0] + flow[1],
            self.from_mu[1] * flow[0] + flow[1],
            self.gain.constant * flow[0] + self.gain.slope * flow[1],
        ]
        # The leads' changes may cancel: their sizes are what its rounding is an ulp of.
        change_size = sum(np.abs(self._sum(part)) for part in self.changes)
        sizes = [*map(np.abs, signed), change_size, *sizes]
        return [*signed, *sums], sizes, check

    @classmethod
    def of_bound(
        cls, points: Points, where: Spectrum, occupation: Array | None
    ) -> Occupations | None:
        """Return the bound states as nodes (3, n), one column a point, or None."""
        return None

    @staticmethod
    def noise(size: dict[str, Array], gap: Array) -> list[Array]:
        """Return what a gap's noise is an ulp of, for both gaps.

        The terms of a divergence carry ulps of first order in what the divergence has in second.
        """
        return [
            2 * size["filling"] + gap[0] + EPS,
            2 * (size["filling"] + size["comparison"]) + gap[1] + EPS,
        ]

    @staticmethod
    def applies(points: Points, averages: Array) -> NDArray[np.bool_]:
        """Return where no exponential overflows."""
        return _steepest(points) < _STEEPEST

    def _sum(self, row: Any) -> Any:
        return np.einsum("ij,ij->j", self.weight, row)

    def _moment(self, row: Any) -> tuple[Any, Any]:
        weighted = self.weight * row
        return weighted.sum(axis=0), np.einsum("ij,ij->j", weighted, self.delta)

    def _size(self, row: Any) -> Any:
        return self._sum(row * np.sign(row.real) if np.iscomplexobj(row) else np.abs(row))


class Gain:
    """x_b - x_a = (omega - mu_b)/T_b - (omega - mu_a)/T_a, linear in delta, from differences.

    ``from_mu`` are r - mu_a and r - mu_b.
    """

    def __init__(
        self, from_mu: tuple[Array, Array], mu_difference: Array, T_a: Array, T_b: Array
    ) -> None:
        first = T_a <= T_b  # see `_statistics.exponent_difference`
        self.slope = (T_a - T_b) / (T_a * T_b)
        self.constant = mu_difference / np.where(first, T_b, T_a)
        self.constant = self.constant + np.where(first, *from_mu) * self.slope

    def at(self, delta: Any) -> Any:
        """Return it at the nodes: one value a column where the temperatures are equal."""
        return self.constant + self.slope * delta if self.slope.any() else self.constant[None, :]


def apart(a: tuple[Any, Any], b: tuple[Any, Any], gained: Any) -> Any:
    """Return f_a - f_b, given x_b - x_a and the pairs (f, 1 - f).

    As (1-f_a) f_b (e^{x_b - x_a} - 1) where that is small, else as f_a (1-f_b) - f_b (1-f_a): then
    no large exponent, with its many ulps, stands in the place of another.
    """
    close = np.abs(np.real(gained)) < _CLOSE
    if close.all():
        return a[1] * b[0] * np.expm1(gained)
    far = a[0] * b[1] - b[0] * a[1]
    if not close.any():
        return far
    return np.where(close, a[1] * b[0] * np.expm1(np.where(close, gained, 0.0)), far)


def _fermi(x: Any) -> tuple[Any, Any]:
    """Return f and 1 - f; e^x does not overflow for ordinary junctions."""
    e = np.exp(x)
    f = 1.0 / (1.0 + e)
    return f, e * f


def integrate_ordinary(
    points: Points,
    where: Spectrum,
    kind: type[Occupations] = Occupations,
    occupation: Array | None = None,
) -> tuple[NDArray[np.bool_], Integrals]:
    """Return which points are ordinary, and the integrals of all (of the others unspecified).

    ``occupation`` (n, 3) belongs to the bound states, of which only some kinds know.
    """
    n = len(points)
    b = fronts(points, where)
    panels = graded(where, b)
    at_poles, pole = pole_nodes(points, where)
    pole = replace(pole, weight=pole_weights(where, b, panels)[None, :])
    at_pole = kind(points, at_poles, pole)

    def of_poles(columns: list[Any]) -> Array:
        return np.stack([per_point(pole.point, -column.imag / np.pi, n) for column in columns])

    weight = of_poles([pole.weight[0]])[0]
    band = of_poles(at_pole.averages())
    states = kind.of_bound(points, where, occupation)
    bound = {name: np.zeros(n) for name in (*ROWS, *kind.ENTROPIES, *AVERAGES)}
    if states is not None:
        bound |= dict(zip(AVERAGES, states.averages(), strict=True))
    outside = np.stack([bound[name] for name in AVERAGES])
    averages = band + outside
    names = (*ROWS, *kind.ENTROPIES)
    value = np.zeros((len(names), n))
    absolute = np.zeros((len(SIZES), n))
    lost, checked = np.zeros((2, n))

    owner = b.point[panels.front[0]]
    order = np.argsort(owner, kind="stable")
    panels, owner = panels.take(order), owner[order]
    for block in _blocks(owner):
        nodes = panel_nodes(points, b, panels.take(block), where.pole.corrected)
        here = kind(points, b, nodes)
        first = np.flatnonzero(np.diff(owner[block], prepend=-1))
        own = owner[block][first]
        m = block.stop - block.start

        def totals(columns: list[Any], first: Index = first, m: int = m) -> Array:
            rows = np.stack(columns)
            return np.add.reduceat(rows[:, :m] + rows[:, m:], first, axis=1)

        found = totals([nodes.weight.sum(axis=0), *here.averages()])
        weight[own] += found[0]
        band[:, own] += found[1:]
        averages[:, own] = band[:, own] + outside[:, own]
        sums, sizes, check = here.sums(averages)
        absolute[:, own] += totals(sizes)
        value[:, own] += totals(sums)
        size = np.einsum("ij,ij->j", nodes.weight, np.abs(check))
        size = size[:m] + size[m:]
        checked[own] += np.add.reduceat(size, first)
        lost[own] += np.add.reduceat(missed(nodes.measure * check, size), first)

    sums, sizes, _ = at_pole.sums(averages)
    value += of_poles(sums)
    m = len(SIGNED)
    absolute[:m] += np.abs(of_poles(sums[:m]))
    absolute[m] += sum(np.abs(of_poles([at_pole._sum(part)])[0]) for part in at_pole.changes)
    absolute[m + 1 :] += np.abs(of_poles(sizes[m + 1 :]))
    if states is not None:
        bound |= dict(zip(names, states.sums(averages)[0], strict=True))
    inside = dict(zip(names, value, strict=True)) | dict(zip(AVERAGES, band, strict=True))
    inside["spectral_weight"] = weight
    return _finish(points, where, kind, averages, inside, bound, absolute, lost / checked)


def _blocks(owner: Index) -> list[slice]:
    """Return blocks of whole points, of about _BLOCK panels."""
    starts = np.flatnonzero(np.diff(owner, prepend=-1))
    ends = [*starts[np.diff(starts // _BLOCK, prepend=-1) > 0], len(owner)]
    return [np.s_[int(a) : int(z)] for a, z in pairwise(ends)]


def _finish(
    points: Points,
    where: Spectrum,
    kind: type[Occupations],
    averages: Array,
    sums: dict[str, Array],
    bound: dict[str, Array],
    sizes: Array,
    lost: Array,
) -> tuple[NDArray[np.bool_], Integrals]:
    """Return where the results are free of cancellation, and the results.

    ``averages`` count the bound states, ``sums`` are the bands' alone.
    """
    sums = dict(sums)
    size = dict(zip(SIZES, sizes, strict=True))
    d, d_bar, e, e_bar, change = averages
    ratio, ratio_bar = change / e, -change / e_bar
    filling = Filling(
        d, d_bar, ratio, ratio_bar, log_ratio(ratio, d, e), log_ratio(ratio_bar, d_bar, e_bar)
    )
    gap = np.stack([sums[name] + bound[name] for name in ("entropy_gap", "exergy_gap")])
    gap_noise = EPS * np.stack(kind.noise(size, gap))
    weight = sums["spectral_weight"] + np.where(where.states.present, where.states.weight, 0.0).sum(
        axis=1
    )
    if "exergy" not in sums:
        sums["exergy"] = two_state_exergy(filling, e, e_bar) + gap[1]
    made = Integrals.empty(len(points), where.states)
    ordinary = (
        (lost < _RESOLVED)
        & (np.abs(weight - 1.0) < _SUM_RULE)
        & (gap_noise < _CLEAN * gap).all(axis=0)
        & kind.applies(points, averages)
    )
    for name, lack, (p, p_bar) in (
        ("entropy", "entropy_lack", (d, d_bar)),
        ("equilibrium_entropy", "equilibrium_entropy_lack", (e, e_bar)),
    ):
        if lack in sums:
            whole = st.binary_entropy(p, p_bar)
            sums[name] = whole - sums[lack]
            ordinary &= (sums[name] > whole / _SHARE) & (sums[name] > EPS)
            made.error[RESULTS.index(name)] = EPS * whole + EPS**2
    for k, name in enumerate(RESULTS):
        made.value[k] = sums[name]
        made.absolute[k] = np.maximum(size.get(name, 0.0), np.abs(sums[name]))
        made.bound[k] = bound.get(name, 0.0)
    made.error[:] += lost * made.absolute
    made.error[RESULTS.index("exergy")] += gap_noise[1] + EPS * size["exergy_noise"]
    made.gap[:], made.gap_error[:] = gap, gap_noise + lost * gap
    for mine, theirs in zip(made.filling, filling, strict=True):
        mine[:] = theirs
    return ordinary, made


def seems_ordinary(points: Points) -> NDArray[np.bool_]:
    """Return where it is worth a try: neither too cold nor very near equilibrium."""
    T_eq = points.temperature_eq
    apart = np.abs(points.mu - points.mu_eq) + np.abs(points.temperature - T_eq)
    return np.asarray((_steepest(points) < _STEEPEST) & (apart.max(axis=0) > _APART * T_eq))


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
