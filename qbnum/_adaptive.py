"""Adaptive integration of any junction, in two passes. May import: numpy, private modules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from qbnum import _doubledouble as dd
from qbnum import _statistics as st
from qbnum._careful import (
    INTEGRALS,
    Context,
    Fillings,
    Lifts,
    Measure,
    first_pass,
    gap_integrands,
    lifted,
)
from qbnum._centre import Centre
from qbnum._doubledouble import DoubleDouble
from qbnum._fronts import fronts
from qbnum._geometry import Points
from qbnum._nodes import panel_nodes, pole_nodes, pole_weights
from qbnum._panels import Panels, graded
from qbnum._results import (
    RESULTS,
    Filling,
    Integrals,
    log_ratio,
    present_states,
    tolerance_factor,
)
from qbnum._spectrum import Spectrum
from qbnum._sums import Sums, panel_sums, per_point, pole_values

Array: TypeAlias = NDArray[np.float64]
Index: TypeAlias = NDArray[np.intp]

# A panel is bisected while its estimate exceeds this share of the integral of |integrand|. The
# estimate's own noise, from nodes rounded to a few ulps, is about a fifth of it.
PANEL_TOLERANCE = 2e-14
_MAX_ROUNDS = 40
_MAX_PANELS = 4000  # a junction with more keeps the error estimate it has
_TINY = 1e-290  # below this an integral is at the bottom of the double range
_BLOCK = 128  # panels evaluated together: 128 x 16 nodes stay in cache


def integrate_carefully(points: Points, where: Spectrum, occupation: Array) -> Integrals:
    """Return every integral of the points; ``occupation`` (n, 3) belongs to the bound states."""
    n = len(points)
    lifts, centre = Lifts.of(points, where), Centre.of(points, where)
    tolerance = PANEL_TOLERANCE * tolerance_factor(points)
    b = fronts(points, where)
    context = Context.of(points, where, b, lifts, centre)
    bound_terms, bound_sizes, bound_measure = _bound_terms(points, where, occupation, lifts, centre)
    poles = _Poles(points, where, lifts, centre)

    value, absolute, error = np.zeros((3, len(INTEGRALS), n))
    gap, gap_noise, gap_error = np.zeros((3, 2, n))
    count = np.zeros(n, dtype=np.intp)
    panels = graded(where, b)
    evaluated = _Evaluated.of(context, where, panels)
    for _ in range(_MAX_ROUNDS):
        if not len(panels):
            break
        at = b.point[panels.front[0]]
        active = np.unique(at)
        sums = evaluated.sums
        poles.weigh(pole_weights(where, b, panels))
        for total, part, pole_part in (
            (value, sums.value, poles.value),
            (absolute, sums.absolute, poles.absolute),
        ):
            total[:, active] = (_per_point(part, at, n) + pole_part)[:, active]
        error[:, active] = _per_point(sums.error, at, n)[:, active]
        absolute[:, active] = np.maximum(absolute[:, active], np.abs(value[:, active]))
        count[active] = np.bincount(at, minlength=n)[active]
        crowded = (count > _MAX_PANELS)[at]
        wide = _exceeds(sums.error, (tolerance * absolute)[:, at]) & ~crowded

        # The gaps compare with d and d_eq, so they wait until a junction's integrals have settled.
        own = np.flatnonzero(~_any_per_point(wide, at, n)[at])
        if own.size:
            ready = np.unique(at[own])
            fill = _fillings(value, bound_terms, absolute[-3:] + bound_sizes, lifts)
            gaps, noise = _gap_sums(evaluated.take(own), fill, at[own])
            pole_gaps, pole_noise = poles.gaps(fill)
            gap[:, ready] = (_per_point(gaps.value, at[own], n) + pole_gaps)[:, ready]
            gap_noise[:, ready] = (_per_point(noise, at[own], n) + pole_noise)[:, ready]
            gap_error[:, ready] = _per_point(gaps.error, at[own], n)[:, ready]
            # Their own rounding noise is no reason to halve.
            share = (tolerance * gap + gap_noise)[:, at[own]]
            wide[own] = _exceeds(gaps.error, share) & ~crowded[own]

        stay = _any_per_point(wide, at, n)[at]
        kept, halved = np.flatnonzero(stay & ~wide), panels.take(wide).bisected()
        panels = Panels.concatenate([panels.take(kept), halved])
        evaluated = _Evaluated.joined(evaluated.take(kept), _Evaluated.of(context, where, halved))

    fill = _fillings(value, bound_terms, absolute[-3:] + bound_sizes, lifts)
    if where.states.present.any():
        rows, noises = gap_integrands(bound_measure, fill)
        gap += np.stack([(bound_measure.weight * row).sum(axis=0) for row in rows])
        gap_noise += np.stack([(bound_measure.weight * row).sum(axis=0) for row in noises])
    k = len(RESULTS)
    present, weight, energy = present_states(where.states)
    return Integrals(
        value=value[:k],
        absolute=absolute[:k],
        error=error[:k],
        bound=bound_terms[:k],
        gap=gap,
        gap_error=gap_error + gap_noise,
        filling=Filling(*(getattr(fill, name) for name in Filling._fields)),
        present=present,
        weight=weight,
        energy=energy,
    )


@dataclass(frozen=True)
class _Evaluated:
    """Panels' sums of the first pass, and what the second needs of their nodes."""

    sums: Sums
    nodes: Measure  # columns (2, m) flattened: all first halves, then all second ones
    measure: Array

    @classmethod
    def of(cls, context: Context, where: Spectrum, panels: Panels) -> _Evaluated:
        parts = []
        for start in range(0, max(len(panels), 1), _BLOCK):
            block = panels.take(np.s_[start : start + _BLOCK])
            nodes = panel_nodes(context.points, context.b, block, where.pole.corrected)
            rows, sizes, measure = first_pass(context, nodes)
            sums = panel_sums(nodes.weight, nodes.measure, np.stack(rows))
            # The last three are differences: their rounding is measured by their terms.
            for k, size in enumerate(sizes, start=len(INTEGRALS) - len(sizes)):
                sums.absolute[k] = _halves_joined(np.einsum("ij,ij->j", nodes.weight, size))
            parts.append(cls(sums, measure, nodes.measure))
        return cls._concatenated(parts)

    def take(self, index: Index) -> _Evaluated:
        """Return the panels at an index."""
        m = self.sums.value.shape[1]
        both = np.concatenate([index, index + m])
        return _Evaluated(self.sums.take(index), self.nodes.take(both), self.measure[:, both])

    @classmethod
    def joined(cls, *parts: _Evaluated) -> _Evaluated:
        """Join along the panels."""
        return cls._concatenated(list(parts))

    @classmethod
    def _concatenated(cls, parts: list[_Evaluated]) -> _Evaluated:
        if len(parts) == 1:
            return parts[0]
        halves: list[list[Any]] = [[], []]
        for part in parts:
            m = part.sums.value.shape[1]
            for k, columns in enumerate((np.s_[:m], np.s_[m:])):
                halves[k].append((part.nodes.take(columns), part.measure[:, columns]))
        ordered = halves[0] + halves[1]
        return cls(
            Sums.concatenate([part.sums for part in parts]),
            Measure.concatenate([nodes for nodes, _ in ordered]),
            np.concatenate([measure for _, measure in ordered], axis=1),
        )


class _Poles:
    """The corrected poles' part of every integral."""

    def __init__(self, points: Points, where: Spectrum, lifts: Lifts, centre: Centre) -> None:
        at, self.nodes = pole_nodes(points, where)
        self.n = len(points)
        context = Context.of(points, where, at, lifts, centre)
        self.rows, self.sizes, self.measure = first_pass(context, self.nodes)

    def weigh(self, M: Any) -> None:
        """Set the weights for the panels in force."""
        self.M = M
        sums = [pole_values(M, row) for row in self.rows]
        self.value = self._per_point([value for value, _ in sums])
        self.absolute = self._per_point([size for _, size in sums])
        self.absolute[-len(self.sizes) :] = self._per_point(
            [np.abs(M) / np.pi * size[0] for size in self.sizes]
        )

    def gaps(self, fill: Fillings) -> tuple[Array, Array]:
        """Return the poles' part of the gaps and of their noise."""
        rows, noises = gap_integrands(self.measure, fill.take(self.nodes.point))
        values = self._per_point([pole_values(self.M, row)[0] for row in rows])
        return values, self._per_point([np.abs(self.M) / np.pi * row[0] for row in noises])

    def _per_point(self, rows: list[Array]) -> Array:
        return _per_point(np.stack(rows), self.nodes.point, self.n)


def _halves_joined(columns: Array) -> Array:
    m = columns.shape[-1] // 2
    return columns[..., :m] + columns[..., m:]


def _per_point(rows: Array, at: Index, n: int) -> Array:
    return np.stack([per_point(at, row, n) for row in rows])


def _any_per_point(condition: NDArray[np.bool_], at: Index, n: int) -> NDArray[np.bool_]:
    return np.bincount(at[condition], minlength=n) > 0


def _exceeds(error: Array, share: Array) -> NDArray[np.bool_]:
    return np.asarray((error > share + _TINY).any(axis=0))


def _gap_sums(evaluated: _Evaluated, fill: Fillings, at: Index) -> tuple[Sums, Array]:
    """Return the gaps over panels of the points ``at``, and their noise."""
    parts, noises = [], []
    for start in range(0, len(at), _BLOCK):
        index = np.arange(start, min(start + _BLOCK, len(at)))
        own = evaluated.take(index)
        rows, noise = gap_integrands(own.nodes, fill.take(np.tile(at[index], 2)))
        weight = own.nodes.weight
        parts.append(panel_sums(weight, own.measure, np.stack(rows)))
        noises.append(_halves_joined(np.einsum("ij,kij->kj", weight, np.stack(noise))))
    return Sums.concatenate(parts), np.concatenate(noises, axis=1)


def _bound_terms(
    points: Points,
    where: Spectrum,
    occupation: Array,
    lifts: Lifts,
    centre: Centre,
) -> tuple[Array, Array, Measure]:
    """Return the bound states' terms of every integral (k, n), sizes, and their nodes' measure."""
    present = where.states.present.T
    occupation = occupation.T
    bottom, top = where.bottom, where.top
    Z = np.where(present, where.states.weight.T, 0.0)
    # An empty slot is put inside the spectrum, where every term is finite and Z = 0 drops it.
    states_energy = dd.where(present, DoubleDouble(*(v.T for v in where.states.energy)), bottom)
    energy = states_energy.value()
    T_eq = points.temperature_eq
    f_eq = st.Fermi.of(dd.difference(states_energy, dd.exact(points.mu_eq)) / T_eq)
    n_bar = 1.0 - occupation
    log_g, log_g_bar = f_eq.log()
    occupied = st.Fermi.with_occupation(occupation)
    from_eq = st.fermi_difference(occupied, f_eq, f_eq.x - occupied.x)
    ratio = np.where(f_eq.f > 0, from_eq / f_eq.f, np.inf)
    ratio_bar = np.where(f_eq.f_bar > 0, -from_eq / f_eq.f_bar, np.inf)
    log_n, log_n_bar = st.log_of(occupation, n_bar), st.log_of(n_bar, occupation)
    D = st.divergence(occupation, f_eq.f, ratio, log_n - log_g)
    D = D + st.divergence(n_bar, f_eq.f_bar, ratio_bar, log_n_bar - log_g_bar)
    log_g, scaled = lifted(log_g, f_eq.f, lifts.number, dd.difference(bottom, states_energy) / T_eq)
    log_g_bar, scaled_bar = lifted(
        log_g_bar, f_eq.f_bar, lifts.hole, dd.difference(states_energy, top) / T_eq
    )
    moved = centre.departures_of(occupied, (ratio, ratio_bar))
    terms = {
        "particle_number": occupation,
        "hole_number": n_bar,
        "energy": occupation * energy,
        "entropy": st.binary_entropy(occupation, n_bar),
        "exergy": D,
        "equilibrium_particle_number": f_eq.f,
        "equilibrium_hole_number": f_eq.f_bar,
        "equilibrium_energy": f_eq.f * energy,
        "equilibrium_entropy": st.binary_entropy(f_eq.f, f_eq.f_bar),
        "particle_number_change": from_eq,
        "scaled_equilibrium_particle_number": scaled,
        "scaled_equilibrium_hole_number": scaled_bar,
        "occupation_departure": moved.f,
        "ratio_departure": scaled * moved.ratio,
        "hole_ratio_departure": scaled_bar * moved.ratio_bar,
    }
    sizes = [moved.f_size, scaled * moved.ratio_size, scaled_bar * moved.ratio_size_bar]
    none = np.zeros(len(points))

    def total(term: Array) -> Array:
        return np.asarray(np.where(present, Z * term, 0.0).sum(axis=0))

    rows = [total(terms[k]) if k in terms else none for k in INTEGRALS]
    measure = Measure(
        weight=Z,
        f=occupation,
        f_bar=n_bar,
        log_g=log_g,
        log_g_bar=log_g_bar,
        ratio=ratio,
        ratio_bar=ratio_bar,
        departures=moved,
    )
    return np.stack(rows), np.stack([total(size) for size in sizes]), measure


def _fillings(value: Array, bound: Array, sizes: Array, lifts: Lifts) -> Fillings:
    total = {name: value[k] + bound[k] for k, name in enumerate(INTEGRALS)}
    change = total["particle_number_change"]

    def compare(
        d: Array, d_eq: Array, scaled: Array, lift: Array, change: Array
    ) -> tuple[Array, Array, Array]:
        ratio = change / d_eq
        ratio = np.where(np.isnan(ratio), np.inf, ratio)  # both below the double range
        near = np.abs(ratio) < 0.5
        lifted_log = np.where(near, log_ratio(ratio, d, d_eq) - lift, np.log(d) - np.log(scaled))
        return ratio, lifted_log + lift, lifted_log

    ratio, log_of_ratio, lifted_log = compare(
        total["particle_number"],
        total["equilibrium_particle_number"],
        total["scaled_equilibrium_particle_number"],
        lifts.number,
        change,
    )
    ratio_bar, log_ratio_bar, lifted_log_bar = compare(
        total["hole_number"],
        total["equilibrium_hole_number"],
        total["scaled_equilibrium_hole_number"],
        lifts.hole,
        -change,
    )
    scaled, scaled_bar = (
        total[f"scaled_equilibrium_{kind}_number"] for kind in ("particle", "hole")
    )
    return Fillings(
        d=total["particle_number"],
        d_bar=total["hole_number"],
        ratio=ratio,
        ratio_bar=ratio_bar,
        log_ratio=log_of_ratio,
        log_ratio_bar=log_ratio_bar,
        lifted_log_ratio=lifted_log,
        lifted_log_ratio_bar=lifted_log_bar,
        change=total["occupation_departure"],
        ratio_change=total["ratio_departure"] / scaled,
        ratio_change_bar=total["hole_ratio_departure"] / scaled_bar,
        change_size=sizes[0],
        ratio_change_size=sizes[1] / scaled,
        ratio_change_size_bar=sizes[2] / scaled_bar,
    )
