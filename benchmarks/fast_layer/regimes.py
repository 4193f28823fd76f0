"""The junctions that are timed: the paper's parameters, and one regime for each difficulty.

A regime draws as many different junctions as are asked for, close to its corner. Where
`validation.cases` has that corner, its case comes first in the sample that is judged for accuracy.
May import: numpy, qbnum, validation.cases.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike, NDArray

from qbnum import Junction, Lead
from validation.cases import Case, corner_cases, paper_cases, quick_subset, random_cases

__all__ = ["PAPER", "QUICK", "REGIMES", "Regime", "Sampled"]

Array = NDArray[np.float64]

SEED = 20240731
PAPER_SAMPLE, PAPER_SAMPLE_QUICK = 6, 2
CORNER_SAMPLE, CORNER_SAMPLE_QUICK = 3, 1
RANDOM_DRAWS = 420
"""Different junctions of the random regime: drawn one by one, which is slow, and then repeated."""


@dataclass(frozen=True)
class Sampled:
    """A junction that is judged: ``name`` is its slug among the cases, or the draw's number."""

    name: str
    junction: Junction


@dataclass(frozen=True)
class Regime:
    """A region of parameters with one difficulty.

    Parameters
    ----------
    name : str
    group : "paper" or "corner"
    text : str
        What makes it hard.
    draw : callable
        ``draw(rng, n)`` returns a junction of shape (n,).
    cases : callable
        ``cases(n)`` returns at most n cases of `validation.cases`.
    """

    name: str
    group: str
    text: str
    draw: Callable[[Generator, int], Junction]
    cases: Callable[[int], Sequence[Case]]

    def junctions(self, n: int) -> Junction:
        """Return a junction of shape (n,), the same at every call."""
        return self.draw(np.random.default_rng([SEED, zlib.crc32(self.name.encode())]), n)

    def sample(self, quick: bool) -> list[Sampled]:
        """Return the single junctions on which every route is timed and judged."""
        paper = self.group == "paper"
        if quick:
            size = PAPER_SAMPLE_QUICK if paper else CORNER_SAMPLE_QUICK
        else:
            size = PAPER_SAMPLE if paper else CORNER_SAMPLE
        named = [Sampled(case.slug, case.junction) for case in self.cases(size)]
        drawn = self.junctions(size)
        return named + [Sampled(f"draw {i}", drawn.at(i)) for i in range(size - len(named))]


def _near(rng: Generator, n: int, value: float, spread: float = 0.05) -> Array:
    """Draw numbers within a relative ``spread`` of a value."""
    return value * (1.0 + spread * rng.uniform(-1.0, 1.0, n))


def _protocol(rng: Generator, n: int, **given: ArrayLike) -> Junction:
    """Draw around the paper's protocol: equal leads, the right one at equilibrium."""
    base: dict[str, ArrayLike] = {"level": _near(rng, n, 0.4), "bias": _near(rng, n, 0.5)}
    return Junction.symmetric(**(base | given))


def _leads(
    rng: Generator,
    n: int,
    left: dict[str, ArrayLike] | None = None,
    right: dict[str, ArrayLike] | None = None,
    level: float = 0.4,
) -> Junction:
    """Draw around base values with the two leads given separately."""
    base = {"onsite": 0.0, "hopping": 1.0, "coupling": 0.12, "temperature": 0.1}
    return Junction(
        level=_near(rng, n, level, 0.02),
        left=Lead(**(base | {"mu": _near(rng, n, 0.6)} | (left or {}))),  # type: ignore[arg-type]
        right=Lead(**(base | {"mu": 0.1} | (right or {}))),  # type: ignore[arg-type]
        mu_eq=0.1,
        temperature_eq=0.1,
    )


def _bias_sweep(rng: Generator, n: int) -> Junction:
    return Junction.symmetric(
        level=rng.choice((-0.2, 0.1, 0.4), n),
        bias=rng.uniform(0.01, 1.0, n),
        temperature_gradient=rng.choice((-0.05, 0.0, 0.05), n),
    )


def _gradient_sweep(rng: Generator, n: int) -> Junction:
    return Junction.symmetric(
        level=rng.choice((-0.2, 0.1, 0.4), n),
        bias=rng.choice((-0.1, 0.0, 0.1), n),
        temperature_gradient=rng.uniform(0.01, 0.4, n) * rng.choice((1.0, 1.0, 1.0, -0.2), n),
    )


def _paper(driven_by_bias: bool) -> Callable[[int], Sequence[Case]]:
    def cases(n: int) -> Sequence[Case]:
        base = [case for case in paper_cases() if case.parameters["left.coupling"] == 0.12]
        driven = [case for case in base if case.regime != "equilibrium"]
        return quick_subset([case for case in driven if _by_bias(case) is driven_by_bias], n)

    return cases


def _by_bias(case: Case) -> bool:
    """Say whether a point belongs to a bias sweep: the others' bias is small, if any."""
    p = case.parameters
    return abs(p["left.mu"] - p["mu_eq"]) > 0.15


def _corners(*slugs: str) -> Callable[[int], Sequence[Case]]:
    def cases(n: int) -> Sequence[Case]:
        known = {case.slug: case for case in corner_cases()}
        return [known[slug] for slug in slugs[:n]]

    return cases


@cache
def _hard_random() -> tuple[Case, ...]:
    drawn = random_cases(n=RANDOM_DRAWS)
    return tuple(case for case in drawn if case.regime != "moderate")


def _random(rng: Generator, n: int) -> Junction:
    cases = _hard_random()
    p = {
        name: np.resize([case.parameters[name] for case in cases], n)
        for name in cases[0].parameters
    }
    left, right = (
        Lead(*(p[f"{side}.{f}"] for f in ("onsite", "hopping", "coupling", "mu", "temperature")))
        for side in ("left", "right")
    )
    return Junction(p["level"], left, right, p["mu_eq"], p["temperature_eq"])


def _corner(
    name: str, text: str, draw: Callable[[Generator, int], Junction], *slugs: str
) -> Regime:
    return Regime(name, "corner", text, draw, _corners(*slugs))


REGIMES = (
    Regime("paper-bias", "paper", "bias sweeps at v = 0.12, T = 0.1", _bias_sweep, _paper(True)),
    Regime("paper-gradient", "paper", "gradient sweeps, likewise", _gradient_sweep, _paper(False)),
    _corner(
        "weak-1e-3",
        "resonance 1e-6 wide",
        lambda rng, n: _protocol(rng, n, coupling=_near(rng, n, 1e-3)),
    ),
    _corner(
        "weak-1e-6",
        "resonance 1e-12 wide",
        lambda rng, n: _protocol(rng, n, coupling=_near(rng, n, 1e-6)),
        "weak-1e-6",
    ),
    _corner(
        "weak-1e-8",
        "resonance narrower than the spacing of doubles",
        lambda rng, n: _protocol(rng, n, coupling=_near(rng, n, 1e-8)),
        "weak-1e-8",
    ),
    _corner(
        "cold-1e-3",
        "Fermi steps of 1e-3",
        lambda rng, n: _protocol(rng, n, temperature_eq=_near(rng, n, 1e-3)),
    ),
    _corner(
        "cold-1e-5",
        "Fermi steps of 1e-5",
        lambda rng, n: _protocol(rng, n, temperature_eq=_near(rng, n, 1e-5)),
        "cold-1e-5",
    ),
    _corner(
        "cold-1e-8",
        "Fermi steps of 1e-8",
        lambda rng, n: _protocol(rng, n, temperature_eq=_near(rng, n, 1e-8)),
        "cold-1e-8",
    ),
    _corner(
        "weak-cold",
        "narrow resonance on a sharp Fermi step",
        lambda rng, n: _protocol(
            rng, n, level=0.6, coupling=_near(rng, n, 1e-4), temperature_eq=_near(rng, n, 1e-6)
        ),
        "weak-cold",
    ),
    _corner(
        "hot-1e6",
        "f - f_eq of order 1e-7",
        lambda rng, n: _protocol(rng, n, temperature_eq=_near(rng, n, 1e6)),
        "hot-1e6",
    ),
    _corner(
        "bias-1e-6",
        "near equilibrium",
        lambda rng, n: _protocol(rng, n, bias=_near(rng, n, 1e-6)),
    ),
    _corner(
        "bias-1e-12",
        "near equilibrium: exergy 1e-24",
        lambda rng, n: _protocol(rng, n, bias=_near(rng, n, 1e-12)),
        "bias-1e-12",
    ),
    _corner(
        "near-edge",
        "level 0.03 below a band edge",
        lambda rng, n: _protocol(rng, n, level=2.0 - _near(rng, n, 0.03)),
        "level-1.97",
    ),
    _corner(
        "at-edge",
        "level within 1e-6 of a band edge",
        lambda rng, n: _protocol(rng, n, level=2.0 + 1e-6 * rng.uniform(-1, 1, n)),
        "level-at-edge",
    ),
    _corner(
        "threshold",
        "bound state about to appear",
        lambda rng, n: _protocol(
            rng, n, coupling=0.5, level=1.5 * (1 + 1e-6 * rng.uniform(-1, 1, n))
        ),
        "bound-state-threshold",
    ),
    _corner(
        "mu-at-edge",
        "Fermi step on a band edge",
        lambda rng, n: _protocol(
            rng, n, bias=1.9 + 1e-3 * rng.uniform(-1, 1, n), temperature_eq=1e-3
        ),
        "mu-at-edge",
    ),
    _corner(
        "strong",
        "v = 1.5 h: bound states on both sides",
        lambda rng, n: _protocol(rng, n, coupling=_near(rng, n, 1.5)),
        "strong-two-bound-states",
    ),
    _corner(
        "unequal",
        "unequal couplings, equal bands",
        lambda rng, n: _leads(rng, n, left={"coupling": _near(rng, n, 0.3)}),
        "unequal-couplings",
    ),
    _corner(
        "nested",
        "a band of width 0.04 inside the other",
        lambda rng, n: _leads(rng, n, left={"onsite": _near(rng, n, 0.4), "hopping": 0.01}),
        "nested-narrow",
    ),
    _corner(
        "overlapping",
        "bands that overlap in part",
        lambda rng, n: _leads(rng, n, right={"onsite": _near(rng, n, 2.0)}, level=1.0),
        "overlapping-bands",
    ),
    _corner(
        "touching",
        "bands with a common edge",
        lambda rng, n: _leads(rng, n, right={"onsite": 4.0}, level=1.9),
        "touching-bands",
    ),
    _corner(
        "disjoint",
        "no energy open to both leads",
        lambda rng, n: _leads(rng, n, right={"onsite": _near(rng, n, 5.0)}),
        "disjoint-level-in-band",
    ),
    _corner(
        "far-1e3T",
        "a reservoir 1000 T above the band",
        lambda rng, n: _protocol(rng, n, bias=_near(rng, n, 101.9)),
    ),
    _corner(
        "tails-200T",
        "occupations of order e^-200",
        lambda rng, n: _protocol(rng, n, mu_eq=_near(rng, n, -22.5, 0.01)),
        "reservoirs-200T-outside",
    ),
    _corner(
        "decoupled",
        "one lead disconnected",
        # mu away from mu_eq: the case left-decoupled has an exergy of exactly 0.
        lambda rng, n: _leads(rng, n, left={"coupling": 0.0}, right={"mu": _near(rng, n, 0.5)}),
    ),
    Regime(
        "random-hard",
        "corner",
        "random draws of thirteen hard kinds",
        _random,
        lambda n: _hard_random()[:n],
    ),
)
"""Every regime, the paper's first."""

PAPER = tuple(regime for regime in REGIMES if regime.group == "paper")

QUICK = tuple(
    regime
    for regime in REGIMES
    if regime.name in ("paper-bias", "paper-gradient", "weak-1e-3", "cold-1e-5", "bias-1e-6")
)
"""What ``--quick`` takes."""
