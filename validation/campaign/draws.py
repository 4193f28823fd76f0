"""Random junctions over the whole domain that the library accepts, corners over-represented.

A junction is put together from four drawn parts: bands, couplings, level, reservoirs. Each part
has several *kinds*, from ordinary to extreme; a *stratum* forces the kinds of one or two parts and
leaves the others to chance, so that corners also meet one another. The strata take turns, and a
draw depends on the seed and its own number only: the first n of any campaign are the same, and
they are a stratified sample of it. May import: numpy, qbnum, validation.cases.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qbnum import Junction, Lead
from validation.cases.random_points import log_uniform, sign

__all__ = ["STRATA", "Draw", "draw", "joined"]

BANDS = (
    *("equal", "unequal", "nested", "overlapping", "touching", "nearly-touching", "disjoint"),
    *("narrow", "offset"),
)
COUPLINGS = ("moderate", "weak", "strong", "asymmetric", "one-lead")
LEVELS = ("inside", "edge", "outside", "threshold", "at-mu")
TEMPERATURES = ("moderate", "cold", "hot", "any")
MUS = ("inside", "edge", "outside", "far", "at-level", "near-equilibrium")

ORDINARY = ("equal", "moderate", "inside", "moderate", "inside")
KINDS = (BANDS, COUPLINGS, LEVELS, TEMPERATURES, MUS)
PARTS = ("bands", "couplings", "level", "temperatures", "mus")

STRATA: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "ordinary": dict(zip(PARTS, ORDINARY, strict=True)),
        "anything": {},
        "weak": {"couplings": "weak"},
        "strong": {"couplings": "strong"},
        "asymmetric": {"couplings": "asymmetric"},
        "one-lead": {"couplings": "one-lead"},
        "cold": {"temperatures": "cold"},
        "hot": {"temperatures": "hot"},
        "any-temperatures": {"temperatures": "any"},
        "near-equilibrium": {"mus": "near-equilibrium"},
        "level-at-edge": {"level": "edge"},
        "bound-state": {"level": "outside"},
        "threshold": {"level": "threshold"},
        "level-at-mu": {"level": "at-mu", "mus": "inside"},
        "mu-at-edge": {"mus": "edge"},
        "mu-outside": {"mus": "outside"},
        "mu-far": {"mus": "far"},
        "cold-and-weak": {"couplings": "weak", "temperatures": "cold", "mus": "at-level"},
        "unequal": {"bands": "unequal"},
        "nested": {"bands": "nested"},
        "overlapping": {"bands": "overlapping"},
        "touching": {"bands": "touching"},
        "nearly-touching": {"bands": "nearly-touching"},
        "disjoint": {"bands": "disjoint"},
        "narrow-band": {"bands": "narrow"},
        "offset": {"bands": "offset"},
    }
)
"""What each stratum forces; what it leaves open is ordinary in three draws of five, else any."""

SURPRISE = 0.4
"""How often a part that the stratum leaves open is of any kind."""

GRID = 2.0**-20
"""Occupations lie on it, so that 1 - n is exact; hoppings of touching bands, so that they touch."""

EXTREME_SCALE = 0.1
"""How often the unit of energy is many decades away from 1."""


FIELDS = ("onsite", "hopping", "coupling", "mu", "temperature")


@dataclass(frozen=True)
class Draw:
    """One drawn junction.

    Attributes
    ----------
    number : int
        Its number in the campaign.
    stratum : str
        A key of `STRATA`.
    parameters : dict of str to float
        As `qbnum.Junction.parameters`.
    occupation : float
        Of every bound state, if there is one.
    """

    number: int
    stratum: str
    parameters: dict[str, float]
    occupation: float

    @property
    def junction(self) -> Junction:
        """The junction."""
        return _built(self.parameters)


def draw(seed: int, number: int) -> Draw:
    """Return the draw of that number.

    Parameters
    ----------
    seed : int
    number : int
        From 0 on.
    """
    rng = Random(f"campaign:{seed}:{number}")
    stratum = list(STRATA)[number % len(STRATA)]
    occupation = round(rng.uniform(0.0, 1.0) / GRID) * GRID
    return Draw(number, stratum, _parameters(rng, STRATA[stratum]), occupation)


def joined(draws: Sequence[Draw]) -> tuple[Junction, NDArray[np.float64]]:
    """Return the draws as one array of junctions, and their occupations."""
    table = {name: np.array([d.parameters[name] for d in draws]) for name in draws[0].parameters}
    return _built(table), np.array([d.occupation for d in draws])


def _built(p: Mapping[str, Any]) -> Junction:
    left, right = (Lead(*(p[f"{side}.{name}"] for name in FIELDS)) for side in ("left", "right"))
    return Junction(p["level"], left, right, p["mu_eq"], p["temperature_eq"])


def _parameters(rng: Random, forced: Mapping[str, str]) -> dict[str, float]:
    kind = {}
    for part, ordinary, kinds in zip(PARTS, ORDINARY, KINDS, strict=True):
        surprising = not forced or rng.random() < SURPRISE
        kind[part] = forced.get(part, rng.choice(kinds) if surprising else ordinary)
    unit = log_uniform(rng, -12, 12) if rng.random() < EXTREME_SCALE else log_uniform(rng, -1, 1)
    hoppings, onsites = _bands(rng, kind["bands"], unit)
    couplings = _couplings(rng, kind["couplings"], hoppings)
    main = rng.randrange(2)  # the band that level and potentials are placed by
    band = onsites[main], hoppings[main]
    level = _level(rng, kind["level"], band, couplings)
    temperatures = _temperatures(rng, kind["temperatures"], band[1])
    mus, temperatures = _mus(rng, kind["mus"], band, level, temperatures)
    if kind["level"] == "at-mu":
        level = mus[rng.randrange(3)]
    leads = list(zip(onsites, hoppings, couplings, mus[:2], temperatures[:2], strict=True))
    if rng.random() < 0.5:  # so that neither side is always the special one
        leads.reverse()
    parameters = {"level": level}
    for side, lead in zip(("left", "right"), leads, strict=True):
        parameters |= {f"{side}.{name}": value for name, value in zip(FIELDS, lead, strict=True)}
    return parameters | {"mu_eq": mus[2], "temperature_eq": temperatures[2]}


def _bands(rng: Random, kind: str, unit: float) -> tuple[list[float], list[float]]:
    """Draw the two hoppings and the two band centres."""
    h = unit
    if kind in ("equal", "offset"):
        far = log_uniform(rng, 1, 8) if kind == "offset" else rng.choice((0.0, rng.uniform(0, 1)))
        centre = sign(rng) * far * h
        return [h, h], [centre, centre]
    if kind == "nested":
        other = h * log_uniform(rng, -2, -0.1)
        return [h, other], [0.0, rng.uniform(-1, 1) * 2 * (h - other)]
    if kind == "narrow":
        other = h * log_uniform(rng, -8, -2)
        return [h, other], [0.0, rng.uniform(-1.2, 1.2) * 2 * h]
    other = h * log_uniform(rng, -0.7, 0.7)
    if kind == "touching":  # from outside, or from inside with a common edge
        h, other = (max(round(x / (GRID * unit)), 1) * GRID for x in (h, other))
        power = 2.0 ** rng.randrange(-20, 21)
        reach = 2 * rng.choice((h + other, abs(h - other))) * power
        return [h * power, other * power], [0.0, sign(rng) * reach]
    if kind == "nearly-touching":
        reach = (h + other) * (1 + sign(rng) * log_uniform(rng, -14, -2))
    elif kind == "disjoint":
        reach = (h + other) * (1 + log_uniform(rng, -4, 1))
    elif kind == "overlapping":
        reach = abs(h - other) + 2 * rng.random() * min(h, other)
    else:
        reach = rng.uniform(0, 1) * (h + other)
    return [h, other], [0.0, sign(rng) * 2 * reach]


def _couplings(rng: Random, kind: str, hoppings: list[float]) -> list[float]:
    low, high = {"weak": (-8.0, -3.0), "strong": (-0.4, 1.0)}.get(kind, (-2.0, -0.3))
    first, second = (h * log_uniform(rng, low, high) for h in hoppings)
    if kind == "asymmetric":
        second = first * log_uniform(rng, -8, -1)
    elif kind == "one-lead":
        second = 0.0
        first = rng.choice((0.0, *[first] * 9))  # at times no lead at all
    elif hoppings[0] == hoppings[1] and rng.random() < 0.5:
        second = first
    return [first, second]


def _level(rng: Random, kind: str, band: tuple[float, float], couplings: list[float]) -> float:
    onsite, h = band
    side = sign(rng)
    if kind == "edge":
        distance = rng.choice((0.0, *[sign(rng) * log_uniform(rng, -15, -1.3)] * 9))
        return onsite + side * 2 * h * (1 + distance)
    if kind == "outside":
        return onsite + side * 2 * h * (1 + log_uniform(rng, -3, 2))
    if kind == "threshold":
        # Of a bound state beyond the edge, were both leads of this band: 2h - (vL^2 + vR^2)/h.
        reach = 2 * h - (couplings[0] ** 2 + couplings[1] ** 2) / h
        return onsite + side * reach * (1 + sign(rng) * log_uniform(rng, -15, -1))
    return onsite + rng.uniform(-1, 1) * 2 * h


def _temperatures(rng: Random, kind: str, h: float) -> list[float]:
    low, high = {"cold": (-8.0, -2.0), "hot": (0.7, 3.0), "any": (-8.0, 3.0)}.get(kind, (-1.7, 0.7))
    if kind == "any":
        return [h * log_uniform(rng, low, high) for _ in range(3)]
    first = h * log_uniform(rng, low, high)
    if rng.random() < 0.3:
        return [first] * 3
    return [first * rng.choice((1.0, log_uniform(rng, -0.7, 0.7))) for _ in range(3)]


def _mus(
    rng: Random, kind: str, band: tuple[float, float], level: float, temperatures: list[float]
) -> tuple[list[float], list[float]]:
    """Draw the chemical potentials; near equilibrium the temperatures too."""
    onsite, h = band
    mu = onsite + rng.uniform(-1, 1) * 2 * h
    if kind == "near-equilibrium":
        T = temperatures[0]
        mus, Ts = [mu], [T]
        for _ in range(2):
            mus.append(mu + rng.choice((0.0, sign(rng) * T * log_uniform(rng, -12, -2))))
            Ts.append(T * (1 + rng.choice((0.0, sign(rng) * log_uniform(rng, -12, -2)))))
        order = rng.sample(range(3), 3)
        return [mus[i] for i in order], [Ts[i] for i in order]
    mus = [mu + sign(rng) * h * log_uniform(rng, -3, 0.5) for _ in range(3)]
    special = rng.randrange(3)
    T = temperatures[special]
    if kind == "edge":
        off = rng.choice((0.0, T * rng.uniform(-5, 5), h * sign(rng) * log_uniform(rng, -14, -1)))
        mus[special] = onsite + sign(rng) * 2 * h + off
    elif kind == "outside":
        mus[special] = onsite + sign(rng) * (2 * h + T * log_uniform(rng, -1, 3))
    elif kind == "far":
        mus[special] = onsite + sign(rng) * h * log_uniform(rng, 0.5, 3)
    elif kind == "at-level":
        mus[special] = level + rng.choice((0.0, T * rng.uniform(-5, 5)))
    if rng.random() < 0.4:  # the paper's protocol: one lead is the equilibrium
        lead = rng.randrange(2)
        mus[lead], temperatures[lead] = mus[2], temperatures[2]
    return mus, temperatures
