"""The battery as it charges: everything along the time, from the decoupled state of Sec. II on.

May import: numpy, scipy, xarray (inside the functions), validation.errors, validation.witness.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import fft
from scipy.interpolate import CubicSpline
from scipy.special import entr, expit, rel_entr

from validation.errors import ParameterError, PrecisionNotReachedError
from validation.witness.chain import Array, FiniteJunction, Parameters, checked_occupation
from validation.witness.evolution import MEASURED, evolve
from validation.witness.propagation import moments
from validation.witness.steady import MAX_SITES, forgetting_time

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["VARIABLES", "charging", "charging_times", "equilibrium_number", "half_time"]

VARIABLES = {
    "particle_number": ("N", "1", "particles on the level"),
    "energy": ("E", "energy", "Re <d^+ [d, H]>, Eq. (11)"),
    "charge_current_left": ("I_L", "energy", "-dN_L/dt, out of the left lead"),
    "charge_current_right": ("I_R", "energy", "dN_R/dt, into the right lead"),
    "energy_current_left": ("J_L", "energy^2", "-d<H_L>/dt, out of the left lead"),
    "energy_current_right": ("J_R", "energy^2", "d<H_R>/dt, into the right lead"),
    "heat_current_left": ("J_H^L", "energy^2", "J_L - mu_L I_L"),
    "heat_current_right": ("J_H^R", "energy^2", "J_R - mu_R I_R"),
    "entropy_production": ("sigma", "energy", "of the reservoirs: sum of dQ_a/dt / T_a"),
    "two_state_entropy": ("S_2", "1", "entropy of the level's reduced state, (A4)"),
    "two_state_exergy": ("X_2", "1", "relative entropy of the level's state to d_eq, (A5)"),
}
"""Variables of the data set: symbol, unit and what they are."""

POINTS = 401
"""Times by default."""

CHARGED = 0.35
"""By default the last time is this part of that at which the level has forgotten its beginning to
1e-15: what is left of the transient is then 6e-6, below a line's width."""

LEAST = 40.0
"""The last time is not before this, in units of hbar/h of the narrower band: oscillations that fall
as a power of the time are seen to settle."""

EQUILIBRIUM_DIGITS = 37.0
"""ln of 1e16: the Fermi function's Chebyshev coefficients fall by e with each r/(pi T) orders."""


def charging(
    junction: Any,
    initial: float = 0.0,
    times: ArrayLike | None = None,
    *,
    max_sites: int = MAX_SITES,
    step: Callable[[], None] | None = None,
) -> xr.Dataset:
    """Return N, E, currents, entropy production and two-state entropies along the time.

    Parameters
    ----------
    junction : scalar qbnum.Junction, or anything with its attributes
    initial : float
        Occupation of the level at time 0, from 0 to 1.
    times : array, optional
        Ascending, at least two, in units of hbar over the energy unit; negative ones run into the
        past. By default `charging_times`.
    max_sites : int
        Sites of both chains together that may be used.
    step : callable, optional
        Called after each block of times; see `validation.witness.evolution.blocks`.

    Returns
    -------
    xarray.Dataset
        Along ``time``; the variables are `VARIABLES`, with ``units`` and ``long_name``. Its
        attributes are the parameters, ``initial``, ``sites_left``, ``sites_right`` and
        ``equilibrium_particle_number``, the d_eq of the two-state exergy.

    Raises
    ------
    ParameterError
        The junction, ``initial`` or ``times`` is outside its domain.
    PrecisionNotReachedError
        The chains' ends would answer before the last time; ``max_sites`` is too small.
    """
    import xarray as xr

    parameters = Parameters.of(junction)
    initial = checked_occupation(initial)
    when = charging_times(parameters, max_sites) if times is None else _checked_times(times)
    chain = FiniteJunction.until(parameters, float(np.max(np.abs(when))))
    if chain.size > max_sites:
        raise PrecisionNotReachedError(
            f"up to the time {np.max(np.abs(when)):.6g} the chains need {chain.size} sites, and "
            f"max_sites = {max_sites}; give an earlier last time or more sites"
        )
    found = dict(zip(MEASURED, evolve(chain, when, initial, step=step).T, strict=True))
    at_equilibrium = equilibrium_number(parameters, max_sites)
    found |= _derived(parameters, found, at_equilibrium)
    variables = {
        name: ("time", found[name], {"units": unit, "long_name": text, "symbol": symbol})
        for name, (symbol, unit, text) in VARIABLES.items()
    }
    time = ("time", when, {"units": "hbar/energy", "long_name": "time since the contact"})
    return xr.Dataset(
        variables,
        coords={"time": time},
        attrs=_named(parameters)
        | {
            "initial": initial,
            "equilibrium_particle_number": at_equilibrium,
            "sites_left": chain.sites[0],
            "sites_right": chain.sites[1],
            "conventions": "hbar = e = k_B = 1; currents are positive from left to right",
        },
    )


def charging_times(junction: Any, max_sites: int = MAX_SITES) -> Array:
    """Return times until the charging is over to the eye, closer together at the beginning."""
    parameters = Parameters.of(junction)
    end = max(CHARGED * forgetting_time(parameters, max_sites), LEAST / (parameters.slowest or 1.0))
    return np.asarray(end * np.linspace(0.0, 1.0, POINTS) ** 2)


def equilibrium_number(junction: Any, max_sites: int = MAX_SITES) -> float:
    """Return d_eq = <level| f_eq(H) |level>, the equilibrium of the coupled finite chains.

    The Fermi function of mu_eq and temperature_eq by its Chebyshev expansion in H; no time enters.

    Raises
    ------
    PrecisionNotReachedError
        ``temperature_eq`` is so low that the chains need more than ``max_sites``.
    """
    p = Parameters.of(junction)
    cold = replace(
        p,
        left=replace(p.left, temperature=p.temperature_eq),
        right=replace(p.right, temperature=p.temperature_eq),
    )
    chain = FiniteJunction.until(cold, 0.0)
    if chain.size > max_sites:
        raise PrecisionNotReachedError(
            f"temperature_eq = {p.temperature_eq!r} is so low that the chains need {chain.size} "
            f"sites, and max_sites = {max_sites}; give a higher temperature or more sites"
        )
    centre, radius = chain.spectrum
    count = math.ceil(EQUILIBRIUM_DIGITS * radius / (math.pi * p.temperature_eq)) + 50
    theta = (np.arange(2 * count) + 0.5) * np.pi / (2 * count)
    energies = centre + radius * np.cos(theta)
    coefficients = fft.dct(expit(-(energies - p.mu_eq) / p.temperature_eq), type=2) / (2 * count)
    coefficients[0] /= 2
    return float(coefficients[:count] @ moments(chain, count))


def half_time(dataset: xr.Dataset, plateau_number: float) -> float:
    """Return when N has gone half the way from its initial value to the plateau, for good.

    Raises
    ------
    ParameterError
        The data set does not reach half of the way.
    """
    time, number = dataset["time"].values, dataset["particle_number"].values
    target = (number[0] + plateau_number) / 2
    crossings = CubicSpline(time, number - target).roots(extrapolate=False)
    if crossings.size == 0:
        raise ParameterError(
            f"N goes from {number[0]:.6g} to {number[-1]:.6g} and never has {target:.6g}; give "
            "later times"
        )
    return float(crossings[-1])


def _derived(parameters: Parameters, found: dict[str, Array], d_eq: float) -> dict[str, Array]:
    heat = {
        side: found[f"energy_current_{side}"] - lead.mu * found[f"charge_current_{side}"]
        for side, lead in zip(("left", "right"), parameters.leads, strict=True)
    }
    # Rounding must not leave the interval on which entropies are defined.
    number = np.clip(found["particle_number"], 0.0, 1.0)
    left, right = parameters.leads
    return {
        "heat_current_left": heat["left"],
        "heat_current_right": heat["right"],
        "entropy_production": heat["right"] / right.temperature - heat["left"] / left.temperature,
        "two_state_entropy": np.asarray(entr(number) + entr(1 - number), dtype=np.float64),
        "two_state_exergy": np.asarray(
            rel_entr(number, d_eq) + rel_entr(1 - number, 1 - d_eq), dtype=np.float64
        ),
    }


def _checked_times(times: ArrayLike) -> Array:
    when = np.asarray(times, dtype=float)
    if when.ndim != 1 or when.size < 2 or not np.all(np.isfinite(when)):
        raise ParameterError(f"times = {times!r}; give at least two finite numbers, in order")
    if np.any(np.diff(when) <= 0):
        raise ParameterError("times must ascend; sort them, each once")
    return when


def _named(parameters: Parameters) -> dict[str, float]:
    named = {"level": parameters.level}
    for side, lead in zip(("left", "right"), parameters.leads, strict=True):
        named |= {f"{side}_{name}": value for name, value in vars(lead).items()}
    return named | {"mu_eq": parameters.mu_eq, "temperature_eq": parameters.temperature_eq}
