"""The plateau that the finite junction reaches before its ends answer: the witness's steady state.

The mean over a window that begins when the level has forgotten its beginning, and moves on until
the estimated error is small enough.
May import: numpy, validation.errors, validation.witness.chain, .means, .bound, .propagation.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from validation.errors import ParameterError, PrecisionNotReachedError
from validation.witness.bound import (
    BoundState,
    Oscillation,
    bound_states,
    oscillations,
    states_of,
)
from validation.witness.chain import (
    Array,
    FiniteJunction,
    Parameters,
    checked_occupation,
    sites_until,
)
from validation.witness.evolution import MEASURED
from validation.witness.means import mean, scales_of
from validation.witness.propagation import return_amplitude

__all__ = [
    "MAX_SITES",
    "OBSERVABLES",
    "TOLERANCE",
    "Plateau",
    "entropy_factors",
    "forgetting_time",
    "plateau",
]

TOLERANCE = 1e-11
"""Error asked for, relative to the natural scale of each quantity: one digit better than the ten
that the witness is to have."""

MAX_SITES = 12_000
"""Sites of both chains together; the longest take some twenty seconds."""

FORGOTTEN = 1e-15
"""Probability left of having stayed on the level, from which on it has forgotten its beginning."""

POWER_LAW = (1e-4, 8.0)
"""Below this probability, a fall by less than this factor over a time `GROWTH` times as long is no
exponential any more (t^-3 gives 2.2): waiting for `FORGOTTEN` would be of no use."""

GROWTH = 1.3

WINDOW = (100.0, 300.0)
"""Least and largest length of the first window, in units of hbar/h of the narrower band."""

LATER = 1.6
"""If the error is too large, the next window begins later and is longer by this factor: power laws
need the former, slow oscillations (a bound state near its band) the latter, and the fit of the
tail that the two grow together."""

OBSERVABLES = (
    "particle_number",
    "energy",
    "charge_current",
    "energy_current",
    "heat_current_left",
    "heat_current_right",
    "entropy_production",
)
"""What a plateau has; names, signs and units are those of `qbnum.OBSERVABLES`."""


@dataclass(frozen=True)
class Plateau:
    """The steady state that two finite chains show.

    Attributes
    ----------
    particle_number, energy : float
        N and E = Re <d^+ [d, H]>, Eqs. (10)-(11).
    charge_current, energy_current, heat_current_left, heat_current_right : float
        Positive from left to right (energy, and energy^2), Eqs. (7)-(8).
    entropy_production : float
        Of the reservoirs, sum of beta_a (dE_a/dt - mu_a dN_a/dt) (energy).
    error_estimate : dict of str to float
        Absolute errors by name.
    initial : float
        Occupation of the level at time 0.
    sites : tuple of int
        Sites of the two chains.
    window : tuple of float
        First and last time of the mean; negative when evolved backwards.
    bound_states : tuple of BoundState
        With their occupations, which belong to ``initial``.
    oscillations : tuple of Oscillation
        What N(t) goes on doing for ever around the mean that is given here; empty for fewer than
        two bound states.
    """

    particle_number: float
    energy: float
    charge_current: float
    energy_current: float
    heat_current_left: float
    heat_current_right: float
    entropy_production: float
    error_estimate: dict[str, float]
    initial: float
    sites: tuple[int, int]
    window: tuple[float, float]
    bound_states: tuple[BoundState, ...]
    oscillations: tuple[Oscillation, ...]


def plateau(
    junction: Any,
    initial: float = 0.0,
    *,
    direction: int = 1,
    tolerance: float = TOLERANCE,
    max_sites: int = MAX_SITES,
) -> Plateau:
    """Return what the junction settles to from the decoupled initial state of Sec. II.

    Parameters
    ----------
    junction : scalar qbnum.Junction, or anything with its attributes
    initial : float
        Occupation of the level at time 0, from 0 to 1. Only bound states remember it.
    direction : 1 or -1
        Into the future, or into the past: C(-t) is the complex conjugate of C(t), since H and C(0)
        are real, so that N and E are the same and the currents are reversed.
    tolerance : float
        Largest estimated error, relative to 1 for N, |level| + v_L + v_R for E, the smaller v^2/h
        for the charge current, and that times the largest energy for the energy current.
    max_sites : int
        Sites of both chains together that may be used.

    Returns
    -------
    Plateau

    Raises
    ------
    ParameterError
        The junction, ``initial``, ``direction`` or ``tolerance`` is outside its domain.
    PrecisionNotReachedError
        No chain of ``max_sites`` is long enough: the coupling is very weak, a level or bound state
        is very near a band edge, or a reservoir is very cold.
    """
    parameters = Parameters.of(junction)
    initial = checked_occupation(initial)
    if direction not in (1, -1):
        raise ParameterError(f"direction = {direction!r}; give 1 (forward) or -1 (backward)")
    if not tolerance > 0:
        raise ParameterError(f"tolerance = {tolerance!r}; give a positive number, such as 1e-11")
    scales = scales_of(parameters)
    reached = math.inf
    if sum(sites_until(parameters, 0.0)) + 1 > max_sites:
        raise _no_plateau(parameters, tolerance, reached, max_sites)
    for begin, end in _windows(parameters, max_sites):
        chain = FiniteJunction.until(parameters, end)
        if chain.size > max_sites:
            break
        found, errors = mean(chain, begin, end, initial, direction)
        relative = errors / scales
        # What leaves on the left arrives on the right: the better side of the two decides.
        reached = float(max(*relative[:2], min(relative[2:4]), min(relative[4:6])))
        if reached <= tolerance:
            window = (direction * begin, direction * end)
            return _plateau(chain, window, initial, found, errors)
    raise _no_plateau(parameters, tolerance, reached, max_sites)


def _no_plateau(
    parameters: Parameters, tolerance: float, reached: float, max_sites: int
) -> PrecisionNotReachedError:
    return PrecisionNotReachedError(
        _too_long(parameters, tolerance, reached, max_sites),
        asked=-math.log10(tolerance),
        reached=max(0.0, -math.log10(reached)) if math.isfinite(reached) else 0.0,
    )


def _too_long(parameters: Parameters, tolerance: float, reached: float, max_sites: int) -> str:
    least = sum(sites_until(parameters, 0.0)) + 1
    if least > max_sites:
        why = f"the reservoirs are so cold that the chains need {least} sites"
    elif math.isfinite(reached):
        why = f"the estimated error is {reached:.1e} (of the natural scale), {tolerance:.0e} asked"
    else:
        why = "the level has not forgotten its beginning when the ends answer"
    return (
        f"no plateau within {max_sites} sites: {why}; give a larger max_sites or tolerance, or a "
        "junction with a stronger coupling, farther from band edges, or warmer"
    )


def _windows(parameters: Parameters, max_sites: int) -> Iterator[tuple[float, float]]:
    """Yield begin and end of ever later and longer windows."""
    unit = 1 / (parameters.slowest or 1.0)
    begin = forgetting_time(parameters, max_sites)
    length = min(max(begin, WINDOW[0] * unit), WINDOW[1] * unit)
    while True:
        yield begin, begin + length
        begin, length = LATER * begin, LATER * length


def forgetting_time(parameters: Parameters, max_sites: int) -> float:
    """Return when the level has forgotten its beginning, bound states left aside.

    From |<level| exp(-i H t) |level>|^2 in chains that grow with the time.
    """
    time, before = 30 / (parameters.slowest or 1.0), 1.0
    small, factor = POWER_LAW
    while True:
        times = np.array([time * GROWTH**k for k in range(4)])
        chain = FiniteJunction.until(parameters, 1.2 * times[-1])
        if chain.size > max_sites:
            return float(times[0])
        for now, left in zip(times, _survival(chain, times), strict=True):
            if left <= FORGOTTEN or (left <= small and before <= factor * left):
                return float(now)
            before = left
        time = times[-1] * GROWTH


def _survival(chain: FiniteJunction, times: Array) -> Array:
    """Return the largest probability to be on the level, not bound, from each time to 1.2 times."""
    energies, states = states_of(chain)
    weights = states[:, chain.level_at] ** 2
    close = np.outer(times, np.linspace(1.0, 1.2, 5)).ravel()
    amplitude = return_amplitude(chain, close)
    amplitude -= np.exp(-1j * np.outer(close, energies - chain.spectrum[0])) @ weights
    return np.asarray(np.max(np.abs(amplitude.reshape(len(times), -1)) ** 2, axis=1))


def _plateau(
    chain: FiniteJunction,
    window: tuple[float, float],
    initial: float,
    found: Array,
    errors: Array,
) -> Plateau:
    p = chain.parameters
    value, error = (dict(zip(MEASURED, column.tolist(), strict=True)) for column in (found, errors))
    values = {name: value[name] for name in ("particle_number", "energy")}
    estimates = {name: error[name] for name in values}
    for name in ("charge_current", "energy_current"):
        better, worse = sorted((f"{name}_left", f"{name}_right"), key=lambda side: error[side])
        values[name] = value[better]
        gap = abs(value[better] - value[worse])
        # In a steady state both are the same: a difference that is not explained is an error.
        explained = gap <= error[better] + error[worse]
        estimates[name] = error[better] if explained else max(gap, error[worse])
    current, flow = values["charge_current"], values["energy_current"]
    for side, lead in zip(("left", "right"), p.leads, strict=True):
        values[f"heat_current_{side}"] = flow - lead.mu * current
        estimates[f"heat_current_{side}"] = (
            estimates["energy_current"] + abs(lead.mu) * estimates["charge_current"]
        )
    by_current, by_flow = entropy_factors(p)
    values["entropy_production"] = by_current * current + by_flow * flow
    estimates["entropy_production"] = (
        abs(by_current) * estimates["charge_current"] + abs(by_flow) * estimates["energy_current"]
    )
    return Plateau(
        **values,
        error_estimate=estimates,
        initial=initial,
        sites=chain.sites,
        window=window,
        bound_states=bound_states(p, initial),
        oscillations=oscillations(chain, initial),
    )


def entropy_factors(parameters: Parameters) -> tuple[float, float]:
    """Return what multiplies I_Q and J_E in the entropy production."""
    left, right = parameters.leads
    return (
        left.mu / left.temperature - right.mu / right.temperature,
        1 / right.temperature - 1 / left.temperature,
    )
