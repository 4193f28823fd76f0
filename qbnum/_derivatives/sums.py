"""Derivatives of the observables of a chunk of junctions. May import: numpy, private modules."""

from __future__ import annotations

from collections.abc import Collection
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from qbnum._derivatives.bound import Pairs
from qbnum._derivatives.part import Part
from qbnum._derivatives.rows import AGAINST_EQUILIBRIUM, CURRENTS, EQUILIBRIUM, SCALED
from qbnum._derivatives.states import at_threshold
from qbnum._derivatives.velocities import Velocities
from qbnum._geometry import Points
from qbnum._ordinary import _STEEPEST, _steepest
from qbnum._results import RESULTS, Integrals, tail_exponents

Array: TypeAlias = NDArray[np.float64]

# Gaps of which plain forms keep all digits but two.
_ENTROPY_GAP = 1e-4
_EXERGY_GAP = 3e-3
_LEAST = 1e-3  # of a filling
# Of the absolute integral of a derivative's terms.
_ROUNDING = 64 * np.finfo(np.float64).eps
_GAP_ROUNDING = 4  # as in `steady_state`
_POINTS = 512  # integrated together


def derivatives(
    points: Points,
    v: Velocities,
    occupation: Array,
    done: Integrals,
    wanted: Collection[str],
    *,
    band_only: bool = False,
    at_level: bool = False,
) -> Pairs:
    """Return observables' derivatives and error estimates, (k, n).

    Parameters
    ----------
    points, v
        The junctions, and how their parameters move.
    occupation : array
        (n, 3), of the bound states, whose terms are left out if ``band_only``.
    done : Integrals
        What the integration of the points gave.
    wanted : collection of str
        Names of observables.
    at_level : bool
        The two-state reference of Eq. (A5) is f_eq at the level.
    """
    k, n = v.level.shape
    made = {name: (np.zeros((k, n)), np.zeros((k, n))) for name in wanted}
    # Currents compare with no average, and know no bound states.
    plain = _plain(points, done) | bool(set(wanted) <= {*CURRENTS, "spectral_weight"})
    for chosen in (True, False):
        every = np.flatnonzero(plain == chosen)
        for start in range(0, every.size, _POINTS):
            at = every[start : start + _POINTS]
            names = _needed(wanted, at_level, chosen)
            part = Part(points.take(at), v.take(at), occupation[at], names)
            part.integrate_plainly(done, at) if chosen else part.integrate_carefully()
            change = done.absolute[RESULTS.index("particle_number_change"), at]
            part.complete(change, band_only, at_level)
            level_noise, current_noise = (
                _ROUNDING * (1.0 + tail) for tail in tail_exponents(part.points)
            )
            undefined = np.where(at_threshold(part.points), np.nan, 1.0)
            for name in wanted:
                noise = current_noise if name in CURRENTS else level_noise
                noise = noise * (_GAP_ROUNDING if name.endswith("gap") else 1.0)
                noise = noise + _relative_error(done, name)[at]
                value, size = part.out[name]
                depends = _depends(name, part.points, part.v)
                made[name][0][:, at] = np.where(depends, value * undefined, 0.0)
                made[name][1][:, at] = np.where(depends, size * noise * undefined, 0.0)
    return made


def _relative_error(done: Integrals, name: str) -> Array:
    """Return the integration's own error estimate of an observable, as a share of its size."""
    if name in RESULTS:
        k = RESULTS.index(name)
        error, size = done.error[k], done.absolute[k] + np.abs(done.bound[k])
    elif name.endswith("gap"):
        k = 0 if name == "entropy_gap" else 1
        error, size = done.gap_error[k], done.gap[k]
    else:
        return np.zeros_like(done.filling.d)
    return np.minimum(np.where(size > 0, error / np.where(size > 0, size, 1.0), 0.0), 1.0)


def _depends(name: str, points: Points, v: Velocities) -> NDArray[np.bool_]:
    """Return which directions an observable depends on at all, (k, n)."""
    junction = (v.onsite != 0) | (v.hopping != 0) | (v.coupling != 0)
    reservoirs = (v.mu != 0) | (v.temperature != 0)
    both = (points.coupled & junction).any(axis=1) | (v.level != 0)
    found = both
    if name != "spectral_weight" and name not in EQUILIBRIUM:
        found = found | (points.coupled & reservoirs).any(axis=1)
    if name in (*EQUILIBRIUM, *AGAINST_EQUILIBRIUM, "two_state_exergy"):
        found = found | (v.mu_eq != 0) | (v.temperature_eq != 0)
    return np.asarray(found)


def _needed(wanted: Collection[str], at_level: bool, plain: bool) -> frozenset[str]:
    """Return the rows that observables are made of."""
    names = set(wanted)
    if "exergy_gap" in names and at_level:
        names |= {"exergy", "two_state_exergy"}
    if "exergy" in names and plain:  # X2 + (X - X2), of which neither is a small difference
        names = names - {"exergy"} | {"exergy_gap", "two_state_exergy"}
    if "two_state_entropy" in names:
        names.add("particle_number")
    if "two_state_exergy" in names:
        names |= {"particle_number", "equilibrium_particle_number", "particle_number_change"}
        names |= set(() if plain else SCALED)
    return frozenset(names - {"two_state_entropy", "two_state_exergy", "spectral_weight"})


def _plain(points: Points, done: Integrals) -> NDArray[np.bool_]:
    """Return where the textbook forms of the divergences keep their digits."""
    d, d_bar = done.filling.d, done.filling.d_bar
    e, e_bar = (
        done.value[RESULTS.index(f"equilibrium_{kind}_number")] for kind in ("particle", "hole")
    )
    least = np.min([d, d_bar, e, e_bar], axis=0)
    return np.asarray(
        (_steepest(points) < _STEEPEST)
        & ~done.present.any(axis=1)
        & (least > _LEAST)
        & (done.gap[0] > _ENTROPY_GAP * d * d_bar)
        & (done.gap[1] > _EXERGY_GAP)
    )
