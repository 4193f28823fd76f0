"""A cross-validation case is data: a junction, why it is in the list, and what makes it hard.

Holds `Case`, the closed sets of groups, regimes and difficulties, and the choice of a small
subset that still covers them. The same cases feed the tests, `qbval run`, its tables and its
record. May import: qbnum, validation.exact, validation.backends.bands.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from validation.backends.bands import gaps_with_bound_state
from validation.exact import ExactJunction

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import qbnum

__all__ = ["DIFFICULTIES", "GROUPS", "REGIMES", "Case", "difficulties_of", "evaluate_command"]
__all__ += ["quick_subset"]

GROUPS = ("paper", "corner", "random")
"""Where a case comes from: a curve of the paper, the fixed list of corners, a seeded draw."""

REGIMES = {
    "equilibrium": "both leads at the equilibrium of the exergy: no current, no exergy",
    "full": "driven, level below mu_eq: the paper's off-resonant-full regime",
    "resonant": "driven, level at mu_eq: the paper's resonant regime",
    "empty": "driven, level above mu_eq: the paper's off-resonant-empty regime",
    "moderate": "random, everything of the order of the hopping",
    "weak": "resonance far narrower than band and temperature",
    "strong": "coupling of the order of the hopping",
    "bound-state": "at least one pole outside the bands, occupation named",
    "cold": "temperatures far below every other energy",
    "hot": "temperatures far above the bandwidth",
    "near-equilibrium": "bias and gradient far below the temperature",
    "band-edge": "level close to an edge of the band",
    "unequal": "leads that differ in band, coupling or reservoir",
    "nested": "one band inside the other",
    "touching": "bands with a common edge",
    "overlapping": "bands that overlap in part",
    "disjoint": "bands without a common energy: no current at all",
    "outside-band": "a chemical potential outside the band",
    "extreme-scale": "all energies many decades away from 1",
    "decoupled": "one or both leads disconnected",
}
"""Each case carries exactly one of these; `qbval run` reports digits by it."""

DIFFICULTIES = {
    "smooth": "none of the below",
    "narrow-resonance": "the resonance is narrower than a thousandth of the hopping",
    "sharp-fermi": "a temperature is below a hundredth of the hopping",
    "two-temperatures": "two of the three temperatures differ by a factor of four or more",
    "cancellation": "f_L - f_R or f - f_eq is a difference of nearly equal numbers",
    "edge": "the level is within a twentieth of the half-bandwidth of a band edge",
    "pole-outside": "G has a real pole: a bound state",
    "unequal-bands": "the two bands have different edges, so one lead may be closed",
    "tails": "a chemical potential is more than ten temperatures outside a band",
    "scale": "the hopping is below 1e-6 or above 1e6",
    "offset": "the band lies more than a thousand hoppings from zero energy",
}
"""What makes a case hard, computed from its junction; a case may have several."""

NARROW = 1e-3
SHARP = 1e-2
TWO_TEMPERATURES = 4.0
NEAR_EQUILIBRIUM = 1e-3
EDGE = 0.05
FAR = 10.0
EXTREME = 1e6
OFFSET = 1e3


@dataclass(frozen=True)
class Case:
    """One junction at which all routes must agree.

    Parameters
    ----------
    slug : str
        Unique name, made of letters, digits, ``-``, ``.`` and ``+``.
    group : str
        One of `GROUPS`.
    junction : qbnum.Junction
        A scalar junction; its fields are what counts as exact.
    regime : str
        One of `REGIMES`.
    sources : tuple of str
        The paper's figures that the point belongs to, e.g. ``"Fig. 5c"``; the seed of a draw.
    reason : str
        One sentence: why the case exists.
    occupation : float, tuple of float or None
        Occupation of the bound states, if any: one number for all of them, or one each in order
        of energy. With None, a bound state makes every layer refuse.
    """

    slug: str
    group: str
    junction: qbnum.Junction
    regime: str
    sources: tuple[str, ...] = ()
    reason: str = ""
    occupation: float | tuple[float, ...] | None = None

    @property
    def bound_states(self) -> str | float | tuple[float, ...]:
        """The ``bound_states`` argument for `qbnum.steady_state` and `validation.reference`."""
        return "error" if self.occupation is None else self.occupation

    @property
    def parameters(self) -> dict[str, float]:
        """The thirteen parameters by dotted name, as Python floats."""
        return {name: float(value) for name, value in self.junction.parameters.items()}

    @cached_property
    def difficulties(self) -> frozenset[str]:
        """The keys of `DIFFICULTIES` that apply; ``smooth`` alone or not at all."""
        return difficulties_of(self.junction)

    def command(self) -> str:
        """Return the ``qbval evaluate`` command that repeats this case exactly."""
        return evaluate_command(self.parameters, self.occupation)


def evaluate_command(
    parameters: Mapping[str, float], occupation: float | Sequence[float] | None = None
) -> str:
    """Return the ``qbval evaluate`` command of a scalar junction, by its `parameters`."""
    p = parameters
    words = [f"--level {p['level']!r}"]
    for side in ("left", "right"):
        words += [
            f"--{side}-{field} {p[f'{side}.{field}']!r}"
            for field in ("onsite", "hopping", "coupling", "mu", "temperature")
        ]
    words += [f"--mu-eq {p['mu_eq']!r}", f"--temperature-eq {p['temperature_eq']!r}"]
    if occupation is not None:
        given = (occupation,) if isinstance(occupation, int | float) else occupation
        words.append("--bound-state " + ",".join(repr(float(n)) for n in given))
    return "qbval evaluate " + " ".join(words)


def difficulties_of(junction: qbnum.Junction) -> frozenset[str]:
    """Return what makes a scalar junction hard: a non-empty set of keys of `DIFFICULTIES`."""
    p = {name: float(value) for name, value in junction.parameters.items()}
    sides = ("left", "right")
    open_sides = [side for side in sides if p[f"{side}.coupling"] > 0]
    smallest = min(p["left.hopping"], p["right.hopping"])
    edges = {
        side: (
            p[f"{side}.onsite"] - 2 * p[f"{side}.hopping"],
            p[f"{side}.onsite"] + 2 * p[f"{side}.hopping"],
        )
        for side in sides
    }
    found = set()
    width = sum(p[f"{s}.coupling"] ** 2 / p[f"{s}.hopping"] for s in sides)
    if width < NARROW * smallest:
        found.add("narrow-resonance")
    temperatures = [p["left.temperature"], p["right.temperature"], p["temperature_eq"]]
    if min(temperatures) < SHARP * smallest:
        found.add("sharp-fermi")
    if max(temperatures) >= TWO_TEMPERATURES * min(temperatures):
        found.add("two-temperatures")
    if _nearly_equal_reservoirs(p):
        found.add("cancellation")
    if any(
        abs(p["level"] - edge) < EDGE * 2 * p[f"{side}.hopping"]
        for side in open_sides
        for edge in edges[side]
    ):
        found.add("edge")
    if gaps_with_bound_state(ExactJunction.from_junction(junction)):
        found.add("pole-outside")
    if edges["left"] != edges["right"]:
        found.add("unequal-bands")
    reservoirs = [(p[f"{s}.mu"], p[f"{s}.temperature"]) for s in sides]
    reservoirs.append((p["mu_eq"], p["temperature_eq"]))
    lowest, highest = min(e[0] for e in edges.values()), max(e[1] for e in edges.values())
    if any(mu - highest > FAR * T or lowest - mu > FAR * T for mu, T in reservoirs):
        found.add("tails")
    if not 1 / EXTREME < smallest < EXTREME:
        found.add("scale")
    if max(abs(p[f"{s}.onsite"]) for s in sides) > OFFSET * smallest:
        found.add("offset")
    return frozenset(found or {"smooth"})


def _nearly_equal_reservoirs(p: dict[str, float]) -> bool:
    """Say whether two of the three reservoirs differ, but by little."""
    reservoirs = [
        (p["left.mu"], p["left.temperature"]),
        (p["right.mu"], p["right.temperature"]),
        (p["mu_eq"], p["temperature_eq"]),
    ]
    for i, (mu_a, T_a) in enumerate(reservoirs):
        for mu_b, T_b in reservoirs[:i]:
            small = NEAR_EQUILIBRIUM * min(T_a, T_b)
            if (mu_a, T_a) != (mu_b, T_b) and math.hypot(mu_a - mu_b, T_a - T_b) < small:
                return True
    return False


def quick_subset(cases: Iterable[Case], size: int | None = None) -> tuple[Case, ...]:
    """Return a small, deterministic subset that covers what the whole list covers.

    Covered are every regime, every difficulty (on the paper's cases, in every regime), and every
    figure panel by each kind of driving.
    Greedy: the case with most that is new comes first, ties go to the earlier one. With ``size``,
    the choice stops there, or goes on with the next cases in order until it is reached.
    """
    left = list(cases)
    chosen: list[Case] = []
    missing = set().union(*(_features(case) for case in left)) if left else set()
    while left and missing and (size is None or len(chosen) < size):
        best = max(left, key=lambda case: len(_features(case) & missing))
        left.remove(best)
        chosen.append(best)
        missing -= _features(best)
    if size is not None:
        chosen += left[: size - len(chosen)]
    return tuple(chosen)


def _features(case: Case) -> set[tuple[str, str]]:
    features = {("regime", case.regime)}
    if case.group == "paper":
        features |= {(case.regime, difficulty) for difficulty in case.difficulties}
    else:
        features |= {("difficulty", difficulty) for difficulty in case.difficulties}
    # An equilibrium point lies on many curves and would stand for all of them.
    if case.group == "paper" and case.regime != "equilibrium":
        features |= {(source, _drive(case.parameters)) for source in case.sources}
    return features


def _drive(p: dict[str, float]) -> str:
    """Say whether a bias, a gradient or both drive the junction."""
    driven = {
        "bias": p["left.mu"] != p["mu_eq"],
        "gradient": p["left.temperature"] != p["temperature_eq"],
    }
    return " and ".join(kind for kind, holds in driven.items() if holds)


def by_slug(cases: Sequence[Case], slug: str) -> Case:
    """Return the case of that name."""
    return next(case for case in cases if case.slug == slug)
