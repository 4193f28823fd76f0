"""Adaptive evaluation of all integrals for a chunk of junctions. May import: private modules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from qbnum import _doubledouble as dd
from qbnum import _statistics as st
from qbnum._centre import Centre
from qbnum._doubledouble import DoubleDouble
from qbnum._geometry import BoundNodes, Points, Spectrum, spectrum
from qbnum._integrands import (
    INTEGRALS,
    Fillings,
    Lifts,
    Measure,
    Sums,
    first_pass,
    gap_integrands,
    lifted,
    panel_sums,
)
from qbnum._panels import LIFT_BEYOND, Branches, Panels, branches, graded

Array: TypeAlias = NDArray[np.float64]

# A panel is bisected while its estimate exceeds this share of the integral of |integrand|. The
# estimate's own noise, from nodes rounded to a few ulps, is about a fifth of it.
PANEL_TOLERANCE = 2e-14
# A reservoir x kT outside the bands gives its nodes x ulps of noise; the estimate's share of it is
# within the tolerance up to this x.
_NOISE_EXPONENT = 50.0
_UNDERFLOW_EXPONENT = 745.0
_GAP_ROWS = 4  # two gaps and their noise
_MAX_ROUNDS = 40
_MAX_PANELS = 4000  # a junction with more keeps the error estimate it has
_TINY = 1e-290  # below this an integral is at the bottom of the double range
_BLOCK = 256  # panels evaluated together: 256 x 32 nodes stay in cache


@dataclass(frozen=True)
class Integrals:
    """Band integrals and bound-state terms of a chunk of points, each array (k, n).

    ``bound`` are the occupied bound states' terms, to be added to ``value``; rows as INTEGRALS.
    """

    value: Array
    absolute: Array
    error: Array
    bound: Array
    states: BoundNodes
    fillings: Fillings
    gap: Array  # (2, n): entropy gap, exergy gap
    gap_error: Array


def integrate(points: Points, occupation: Array) -> Integrals:
    """Return every integral of the points; ``occupation`` (n, 3) belongs to the bound states."""
    where = spectrum(points)
    states = where.states
    lifts = _lifts(points, where)
    centre = Centre.of(points, where)
    tolerance = PANEL_TOLERANCE * (1.0 + np.maximum(*tail_exponents(points)) / _NOISE_EXPONENT)
    n = len(points)
    b = branches(points, where)
    bound_terms, bound_sizes, bound_measure = _bound_terms(points, where, occupation, lifts, centre)
    value, absolute, error = np.zeros((3, len(INTEGRALS), n))
    gap, gap_error = np.zeros((2, _GAP_ROWS, n))
    count = np.zeros(n, dtype=np.intp)

    panels = graded(b)
    sums, measure = _evaluate(points, b, panels, lifts, centre)
    for _ in range(_MAX_ROUNDS):
        if not len(panels):
            break
        at = b.point[panels.branch]
        active = np.unique(at)
        for total, part in ((value, sums.value), (absolute, sums.absolute), (error, sums.error)):
            total[:, active] = _per_point(part, at, n)[:, active]
        count[active] = np.bincount(at, minlength=n)[active]
        crowded = (count > _MAX_PANELS)[at]
        wide = _exceeds(sums.error, (tolerance * absolute)[:, at]) & ~crowded

        # The gaps compare with d and d_eq, so they wait until a junction's integrals have settled.
        settled = ~_any_per_point(wide, at, n)[at]
        own = np.flatnonzero(settled)
        fill = _fillings(value, bound_terms, absolute[-3:] + bound_sizes, lifts)
        gaps = _gap_sums(measure.take(own), fill, panels.take(own), at[own])
        ready = np.unique(at[own])
        gap[:, ready] = _per_point(gaps.value, at[own], n)[:, ready]
        gap_error[:, ready] = _per_point(gaps.error, at[own], n)[:, ready]
        # Their own rounding noise, the rows after the gaps, is no reason to halve.
        share = (tolerance * gap[:2] + gap[2:])[:, at[own]]
        wide[own] = _exceeds(gaps.error[:2], share) & ~crowded[own]

        stay = _any_per_point(wide, at, n)[at]
        kept, halved = np.flatnonzero(stay & ~wide), panels.take(wide).halves()
        new_sums, new_measure = _evaluate(points, b, halved, lifts, centre)
        panels = Panels.concatenate([panels.take(kept), halved])
        sums = Sums.concatenate([sums.take(kept), new_sums])
        measure = Measure.concatenate([measure.take(kept), new_measure])

    fill = _fillings(value, bound_terms, absolute[-3:] + bound_sizes, lifts)
    gap += gap_integrands(bound_measure, fill.take(np.arange(n))).sum(axis=-1)
    return Integrals(
        value=value,
        absolute=absolute,
        error=error,
        bound=bound_terms,
        states=states,
        fillings=fill,
        gap=gap[:2],
        gap_error=gap_error[:2] + gap[2:],
    )


def _evaluate(
    points: Points, b: Branches, panels: Panels, lifts: Lifts, centre: Centre
) -> tuple[Sums, Measure]:
    parts = [
        first_pass(points, b, panels.take(block), lifts, centre) for block in _blocks(len(panels))
    ]
    return Sums.concatenate([s for s, _ in parts]), Measure.concatenate([m for _, m in parts])


def _blocks(size: int) -> list[slice]:
    return [np.s_[start : start + _BLOCK] for start in range(0, max(size, 1), _BLOCK)]


def _per_point(rows: Array, at: NDArray[np.intp], n: int) -> Array:
    return np.stack([np.bincount(at, weights=row, minlength=n) for row in rows])


def _any_per_point(condition: NDArray[np.bool_], at: NDArray[np.intp], n: int) -> NDArray[np.bool_]:
    return np.bincount(at[condition], minlength=n) > 0


def _exceeds(error: Array, share: Array) -> NDArray[np.bool_]:
    return np.asarray((error > share + _TINY).any(axis=0))


def tail_exponents(points: Points) -> tuple[Array, Array]:
    """Return how many kT the farthest reservoir lies outside the bands, and outside their overlap.

    There every occupation is e^-x, and x carries a relative rounding error: x ulps in e^-x, up to
    underflow. The first counts for what lives on the level, the second for the currents.
    """
    low, high = (edge.value() for edge in points.edges())
    coupled = points.coupled
    bottom = np.where(coupled, low, np.inf).min(axis=0)
    top = np.where(coupled, high, -np.inf).max(axis=0)
    isolated = ~coupled.any(axis=0)
    bottom, top = (np.where(isolated, points.level, end) for end in (bottom, top))
    return (
        _farthest(points, bottom, top),
        _farthest(points, np.maximum(low[0], low[1]), np.minimum(high[0], high[1])),
    )


def _farthest(points: Points, bottom: Array, top: Array) -> Array:
    tail = np.zeros(len(points))
    reservoirs = [(points.mu[a], points.temperature[a]) for a in range(2)]
    for mu, T in (*reservoirs, (points.mu_eq, points.temperature_eq)):
        tail = np.maximum(tail, np.maximum(bottom - mu, mu - top) / T)
    return np.minimum(tail, _UNDERFLOW_EXPONENT)


def _gap_sums(measure: Measure, fill: Fillings, panels: Panels, at: NDArray[np.intp]) -> Sums:
    length = panels.b - panels.a
    parts = []
    for block in _blocks(len(panels)):
        values = gap_integrands(measure.take(block), fill.take(at[block]))
        parts.append(panel_sums(values, length[block]))
    return Sums.concatenate(parts)


def _lifts(points: Points, where: Spectrum) -> Lifts:
    x_bottom = (where.bottom - points.mu_eq).value() / points.temperature_eq
    x_top = (where.top - points.mu_eq).value() / points.temperature_eq
    return Lifts(
        np.where(x_bottom > LIFT_BEYOND, x_bottom, 0.0),
        np.where(x_top < -LIFT_BEYOND, -x_top, 0.0),
    )


def _bound_terms(
    points: Points,
    where: Spectrum,
    occupation: Array,
    lifts: Lifts,
    centre: Centre,
) -> tuple[Array, Array, Measure]:
    """Return the bound states' terms of every integral (k, n), sizes, and their nodes' measure."""
    states = where.states
    bottom, top = (DoubleDouble(*(v[:, None] for v in e)) for e in (where.bottom, where.top))
    Z = np.where(states.present, states.weight, 0.0)
    # An empty slot is put inside the spectrum, where every term is finite and Z = 0 drops it.
    states_energy = dd.where(states.present, states.energy, bottom)
    energy = states_energy.value()
    T_eq = points.temperature_eq[:, None]
    f_eq = st.Fermi.of((states_energy - points.mu_eq[:, None]).value() / T_eq)
    n_bar = 1.0 - occupation
    log_g, log_g_bar = f_eq.log()
    occupied = st.Fermi.with_occupation(occupation)
    from_eq = st.fermi_difference(occupied, f_eq, f_eq.x - occupied.x)
    ratio = np.where(f_eq.f > 0, from_eq / f_eq.f, np.inf)
    ratio_bar = np.where(f_eq.f_bar > 0, -from_eq / f_eq.f_bar, np.inf)
    log_n, log_n_bar = st.log_of(occupation, n_bar), st.log_of(n_bar, occupation)
    D = st.divergence(occupation, f_eq.f, ratio, log_n - log_g)
    D = D + st.divergence(n_bar, f_eq.f_bar, ratio_bar, log_n_bar - log_g_bar)
    log_g, scaled = lifted(log_g, f_eq.f, lifts.number, (bottom - states_energy).value() / T_eq)
    log_g_bar, scaled_bar = lifted(
        log_g_bar, f_eq.f_bar, lifts.hole, (states_energy - top).value() / T_eq
    )
    moved = centre.take(np.arange(len(points))).departures_of(occupied, (ratio, ratio_bar))
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
        return np.asarray(np.where(states.present, Z * term, 0.0).sum(axis=1))

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
        log_near = np.log1p(np.where(near, ratio, 0.0))
        lifted_log = np.where(near, log_near - lift, np.log(d) - np.log(scaled))
        return ratio, np.where(near, log_near, lifted_log + lift), lifted_log

    ratio, log_ratio, lifted_log = compare(
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
        log_ratio=log_ratio,
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
