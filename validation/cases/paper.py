"""The paper's parameter sets: every curve of Figs. 2-15 on a grid.

Fig. 1 is a drawing. Points shared by several figures appear once and name all of them. May
import: qbnum, validation.paper.protocol.

The captions fix the regimes, the base values, the bias of Figs. 3 and 7 and both parameter sets
of Fig. 8. They fix neither the ranges of the axes nor the "additional" bias or gradient of the
curves; the values chosen for those are round ones, named below and in `validation.paper.protocol`.
"""

from __future__ import annotations

from typing import NamedTuple

from validation.cases.case import Case
from validation.paper.protocol import (
    FIG_8,
    REGIMES,
    SEVERAL_BIASES,
    SMALL_BIASES,
    SMALL_GRADIENTS,
    battery,
)

__all__ = ["paper_cases"]

PANELS = {
    # regime: exergy vs gradient, currents vs gradient, exergy and entropy vs bias, currents vs bias
    "full": (("Fig. 4a",), "Fig. 13", ("Fig. 5a", "Fig. 15b"), "Fig. 14"),
    "resonant": (("Fig. 4b",), "Fig. 9", ("Fig. 5b",), "Fig. 10"),
    "empty": (("Fig. 4c",), "Fig. 11", ("Fig. 5c", "Fig. 15a"), "Fig. 12"),
}

# Not in the text: round values that stay inside the band and keep T_L > 0.
LEVELS = (*(k / 10 for k in range(-8, 13, 2)), 0.1, 0.3, 0.5)
GRADIENTS = (-0.08, -0.05, 0.1, 0.2, 0.3, 0.4)
BIASES = tuple(k / 10 for k in range(1, 11))


class Point(NamedTuple):
    """One point of a curve: what the paper's protocol leaves free."""

    mu_eq: float
    level: float
    coupling: float
    bias: float
    gradient: float

    def slug(self) -> str:
        """Return the point's name; the base values go without saying."""
        words = [f"level{self.level:g}", f"bias{self.bias:g}", f"gradient{self.gradient:g}"]
        if self.coupling != 0.12:
            words.insert(0, f"v{self.coupling:g}")
        if self.mu_eq != 0.1:
            words.insert(0, f"mu{self.mu_eq:g}")
        return "paper-" + "-".join(words)

    def regime(self) -> str:
        """Return the paper's regime by the level's place; undriven points are equilibrium."""
        if self.bias == 0 and self.gradient == 0:
            return "equilibrium"
        if self.level == self.mu_eq:
            return "resonant"
        return "full" if self.level < self.mu_eq else "empty"


def paper_cases() -> tuple[Case, ...]:
    """Return the points of the paper's figures, without repetition, in a fixed order."""
    sources: dict[Point, list[str]] = {}
    for source, point in _curves():
        named = sources.setdefault(point, [])
        if source not in named:
            named.append(source)
    return tuple(
        Case(
            slug=point.slug(),
            group="paper",
            junction=battery(
                point.level, point.bias, point.gradient, coupling=point.coupling, mu_eq=point.mu_eq
            ),
            regime=point.regime(),
            sources=tuple(named),
            reason="a point of the paper's " + ", ".join(named),
        )
        for point, named in sources.items()
    )


def _curves() -> list[tuple[str, Point]]:
    """List (figure panel, point) for every curve."""

    def base(level: float, bias: float, gradient: float) -> Point:
        return Point(0.1, level, 0.12, bias, gradient)

    points = []
    for level in LEVELS:
        points.append(("Fig. 2", base(level, 0.0, 0.0)))
        points.append(("Fig. 3", base(level, 0.5, 0.0)))
        points += [("Fig. 6", base(level, bias, 0.0)) for bias in SEVERAL_BIASES]
        points += [("Fig. 7", base(level, 0.5, gradient)) for gradient in SMALL_GRADIENTS]
    for regime, (exergy, currents, exergy_by_bias, currents_by_bias) in PANELS.items():
        level = REGIMES[regime]
        for gradient in (0.0, *GRADIENTS):
            panels = (*exergy, *_panels(currents))
            for bias in SMALL_BIASES:
                points += [(panel, base(level, bias, gradient)) for panel in panels]
        for bias in (0.0, *BIASES):
            panels = (*exergy_by_bias, *_panels(currents_by_bias))
            for gradient in SMALL_GRADIENTS:
                points += [(panel, base(level, bias, gradient)) for panel in panels]
    for panel, coupling in (("Fig. 8a", 0.12), ("Fig. 8b", 0.06)):
        points += [
            (panel, Point(FIG_8["mu_eq"], FIG_8["level"], coupling, bias, 0.0))
            for bias in (0.0, *BIASES)
        ]
    return points


def _panels(figure: str) -> tuple[str, ...]:
    """Name the panels of I_Q, J_E and J_H^L."""
    return tuple(figure + letter for letter in "abc")
