"""Seeded random junctions over the whole domain, corners over-represented. May import: qbnum.

Each draw first takes a regime in turn, then parameters from that regime's ranges, scales on a
log scale. A draw depends on the seed and its own number only, so more points never change the
earlier ones; `random.Random` keeps its stream across versions of Python.
"""

from __future__ import annotations

import math
from random import Random

from qbnum import Junction, Lead
from validation.cases.case import Case

__all__ = ["DEFAULT_SEED", "random_cases"]

DEFAULT_SEED = 20240731

STRATA = (
    "moderate",
    "weak",
    "strong",
    "bound-state",
    "cold",
    "hot",
    "near-equilibrium",
    "band-edge",
    "unequal",
    "nested",
    "overlapping",
    "disjoint",
    "outside-band",
    "extreme-scale",
)


def random_cases(seed: int = DEFAULT_SEED, n: int = 100) -> tuple[Case, ...]:
    """Return ``n`` reproducible random cases; the regimes take turns.

    Parameters
    ----------
    seed : int
        Recorded in every case's ``sources``.
    n : int
        How many, >= 0.
    """
    return tuple(_draw(seed, i) for i in range(n))


def _draw(seed: int, number: int) -> Case:
    rng = Random(f"{seed}:{number}")
    regime = STRATA[number % len(STRATA)]
    return Case(
        slug=f"random-{seed}-{number}-{regime}",
        group="random",
        junction=_junction(rng, regime),
        regime=regime,
        sources=(f"seed {seed}, draw {number}",),
        reason=f"random draw {number} of the regime {regime!r}",
        # Given always: whether there is a bound state is for the layers to find out.
        occupation=rng.uniform(0.02, 0.98),
    )


def log_uniform(rng: Random, low: float, high: float) -> float:
    """Draw 10^u with u uniform."""
    return math.pow(10.0, rng.uniform(low, high))


def sign(rng: Random) -> float:
    return rng.choice((-1.0, 1.0))


def _junction(rng: Random, regime: str) -> Junction:
    unit = log_uniform(rng, -12, 12) if regime == "extreme-scale" else log_uniform(rng, -2, 2)
    hoppings, onsites = _bands(rng, regime, unit)
    couplings = _couplings(rng, regime, hoppings)
    level = _level(rng, regime, hoppings[0], onsites[0])
    temperatures, mus = _reservoirs(rng, regime, hoppings[0], onsites[0])
    leads = [Lead(onsites[i], hoppings[i], couplings[i], mus[i], temperatures[i]) for i in range(2)]
    if rng.random() < 0.5:  # so that neither side is always the special one
        leads.reverse()
    return Junction(level, leads[0], leads[1], mus[2], temperatures[2])


def _bands(
    rng: Random, regime: str, unit: float
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Draw the two hoppings and the two band centres."""
    h = unit
    if regime == "unequal":
        h_other = unit * log_uniform(rng, -1, 1)
        return (h, h_other), (0.0, rng.uniform(-1, 1) * (h + h_other))
    if regime == "nested":
        h_other = unit * log_uniform(rng, -2, -0.1)
        return (h, h_other), (0.0, rng.uniform(-1, 1) * 2 * (h - h_other))
    if regime in ("overlapping", "disjoint"):
        h_other = unit * log_uniform(rng, -0.7, 0.7)
        reach = (
            abs(h - h_other) + 2 * rng.random() * min(h, h_other)
            if regime == "overlapping"
            else (h + h_other) * (1 + log_uniform(rng, -4, 0))
        )
        return (h, h_other), (0.0, sign(rng) * 2 * reach)
    return (h, h), (rng.choice((0.0, rng.uniform(-1, 1) * unit)),) * 2


def _couplings(rng: Random, regime: str, hoppings: tuple[float, float]) -> tuple[float, float]:
    low, high = {
        "weak": (-8.0, -3.0),
        "strong": (-0.4, 0.4),
        "unequal": (-4.0, -0.2),
        "bound-state": (-2.0, 0.3),
    }.get(regime, (-2.0, -0.3))
    first, second = (h * log_uniform(rng, low, high) for h in hoppings)
    equal = regime != "unequal" and hoppings[0] == hoppings[1] and rng.random() < 0.5
    return (first, first) if equal else (first, second)


def _level(rng: Random, regime: str, hopping: float, onsite: float) -> float:
    half = 2 * hopping
    if regime == "band-edge":
        return onsite + sign(rng) * half * (1 - sign(rng) * log_uniform(rng, -7, -1.3))
    if regime == "bound-state":
        return onsite + sign(rng) * half * (1 + log_uniform(rng, -2, 0.5))
    return onsite + rng.uniform(-0.95, 0.95) * half


def _reservoirs(
    rng: Random, regime: str, hopping: float, onsite: float
) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    """Draw temperatures and chemical potentials of both leads and of the equilibrium."""
    low, high = {"cold": (-8.0, -2.0), "hot": (1.0, 6.0)}.get(regime, (-1.7, 0.7))
    temperature = hopping * log_uniform(rng, low, high)
    mu = onsite + rng.uniform(-1, 1) * 2 * hopping
    if regime == "outside-band":
        mu = onsite + sign(rng) * (2 * hopping + temperature * log_uniform(rng, -1, 2))
    if regime == "near-equilibrium":
        bias = sign(rng) * temperature * log_uniform(rng, -12, -3)
        gradient = rng.choice((0.0, sign(rng) * temperature * log_uniform(rng, -12, -3)))
        return (temperature + gradient, temperature, temperature), (mu + bias, mu, mu)
    bias = sign(rng) * hopping * log_uniform(rng, -2, 0.5)
    hotter = temperature * rng.choice((1.0, log_uniform(rng, -0.7, 0.7)))
    if rng.random() < 0.5:  # the paper's protocol: the right lead is the equilibrium
        return (hotter, temperature, temperature), (mu + bias, mu, mu)
    other = temperature * log_uniform(rng, -0.5, 0.5)
    return (hotter, temperature, other), (mu + bias, mu - bias / 2, mu + bias / 3)
