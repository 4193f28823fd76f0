"""What a claim of the paper is, what judging it finds, and how numbers decide the verdict.

No verdict is written down: each comes out of one of the rules below, which take computed numbers
and a stated margin. May import: numpy, scipy.optimize, validation.paper.routes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Any

import numpy as np

from validation.paper.routes import Array, Route

__all__ = [
    "ABOUT",
    "CLEARLY",
    "EXACT",
    "SMALL",
    "Claim",
    "Finding",
    "Number",
    "Verdict",
    "above",
    "by_conditions",
    "by_deviation",
    "by_intervals",
    "by_readings",
    "maximum",
    "zeros",
]

EXACT = 1e-9
"""Two numbers are unequal from this relative difference on: far above the error of either route
(1e-12), far below anything that a figure shows."""

ABOUT = 0.2
"""What is "about", "around", "close to", or "~" holds within this; the verdict says how near."""

CLEARLY = 2.0
""""Strong", "largest", "rather small" need this ratio at least."""

SMALL = 0.1
""""<< 1" and "~ 0" mean below this."""


class Verdict(StrEnum):
    """What the computation decides."""

    HOLDS = "holds"
    WITHIN = "holds within"
    ONLY = "holds only for"
    FAILS = "does not hold"
    OPEN = "not decidable from the text"


EXCEPT = "except for "
"""How a qualification begins that names the fewer cases which fail."""


@dataclass(frozen=True)
class Number:
    """A number that a verdict rests on, with its unit ("1", "energy", ...)."""

    label: str
    value: float
    unit: str = "1"


@dataclass(frozen=True)
class Finding:
    """What judging found: the verdict, what qualifies it, and the numbers."""

    verdict: Verdict
    qualification: str
    numbers: tuple[Number, ...]

    @property
    def sentence(self) -> str:
        """The verdict with what qualifies it."""
        if not self.qualification:
            return str(self.verdict)
        if self.verdict is Verdict.ONLY and self.qualification.startswith(EXCEPT):
            return f"{Verdict.HOLDS} {self.qualification}"
        joint = " " if self.verdict in (Verdict.WITHIN, Verdict.ONLY) else ": "
        return f"{self.verdict}{joint}{self.qualification}"


@dataclass(frozen=True)
class Claim:
    """A checkable sentence of the paper.

    Attributes
    ----------
    slug : str
    section, figure : str
        Where it stands, and the figure it speaks of, if any.
    quotation : str
        The paper's words.
    quantity : str
        What was computed.
    decided : str
        By what it is decided: the rule with its margin.
    judge : callable
        From a `Route` to a `Finding`.
    remark : str
        What the number means, or why the claim fails; empty if there is nothing to add.
    """

    slug: str
    section: str
    figure: str
    quotation: str
    quantity: str
    decided: str
    judge: Callable[[Route], Finding]
    remark: str = ""


def by_conditions(conditions: Mapping[str, bool], numbers: Sequence[Number]) -> Finding:
    """Judge a claim about several cases: each must hold."""
    held = [name for name, holds in conditions.items() if holds]
    failed = [name for name, holds in conditions.items() if not holds]
    if not failed:
        return Finding(Verdict.HOLDS, "", tuple(numbers))
    if not held:
        return Finding(Verdict.FAILS, "", tuple(numbers))
    return Finding(Verdict.ONLY, _in_part(held, failed), tuple(numbers))


def by_readings(readings: Mapping[str, bool], numbers: Sequence[Number]) -> Finding:
    """Judge a claim whose words can be read in several ways: decided where all readings agree."""
    if len(set(readings.values())) > 1:
        parts = [f"read as {name} it {'holds' if ok else 'fails'}" for name, ok in readings.items()]
        return Finding(Verdict.OPEN, ", ".join(parts), tuple(numbers))
    return by_conditions(readings, numbers)


def by_deviation(
    deviations: Mapping[str, float], margin: float, numbers: Sequence[Number], what: str = ""
) -> Finding:
    """Judge a claim of equality from deviations, each relative to a stated scale.

    Parameters
    ----------
    deviations : mapping
        Case -> deviation, relative to what the claim's ``decided`` names; infinite where there is
        nothing to compare.
    margin : float
        The largest deviation with which "about" still holds; exact within `EXACT`.
    numbers : sequence of Number
    what : str
        Of what the deviation is a part.
    """
    sizes = {name: abs(value) for name, value in deviations.items()}
    worst = max(sizes.values())
    if worst <= EXACT:
        return Finding(Verdict.HOLDS, "", tuple(numbers))
    close = {name: size for name, size in sizes.items() if size <= margin}
    if len(close) == len(sizes):
        return Finding(Verdict.WITHIN, f"{_percent(worst)}{what}", tuple(numbers))
    if not close:
        least = min(sizes.values())
        text = "there is none" if least == np.inf else f"off by {_percent(least)}{what} or more"
        return Finding(Verdict.FAILS, text, tuple(numbers))
    far = [f"{name} ({_percent(size)})" for name, size in sizes.items() if name not in close]
    text = _in_part(list(close), far)
    within = f"; within {_percent(max(close.values()))}{what} otherwise"
    return Finding(Verdict.ONLY, text + within, tuple(numbers))


def by_intervals(
    where: Mapping[str, Sequence[tuple[float, float]]],
    whole: tuple[float, float],
    variable: str,
    numbers: Sequence[Number],
) -> Finding:
    """Judge an inequality over a range from the intervals in which it is true.

    Parameters
    ----------
    where : mapping
        Case -> intervals, as from `above`.
    whole : (float, float)
        The range that was searched, and that the claim speaks of.
    variable : str
        Its name.
    numbers : sequence of Number
    """
    held, failed, full = [], [], True
    for name, intervals in where.items():
        complete = len(intervals) == 1 and tuple(intervals[0]) == whole
        full = full and complete
        ranges = " and ".join(_range(variable, part, whole) for part in intervals)
        if complete:
            held.append(f"{name} (throughout)")
        elif intervals:
            held.append(f"{name} ({ranges})" if name else ranges)
        else:
            failed.append(name)
    if full:
        return Finding(Verdict.HOLDS, "", tuple(numbers))
    if not held:
        return Finding(Verdict.FAILS, "", tuple(numbers))
    text = ", ".join(held) + (f"; not for {', '.join(failed)}" if failed else "")
    return Finding(Verdict.ONLY, text, tuple(numbers))


def _range(variable: str, part: tuple[float, float], whole: tuple[float, float]) -> str:
    low, high = part
    if low == whole[0]:
        return f"{variable} < {high:.3g}"
    if high == whole[1]:
        return f"{variable} > {low:.3g}"
    return f"{low:.3g} < {variable} < {high:.3g}"


def _in_part(held: Sequence[str], failed: Sequence[str]) -> str:
    """Name the cases in which a claim holds, or, if these are fewer, those in which it fails."""
    if len(failed) < len(held):
        return EXCEPT + ", ".join(failed)
    return f"{', '.join(held)}; not for {', '.join(failed)}"


def _percent(value: float) -> str:
    return f"{100 * value:.2g} %" if value < 1 else f"{100 * value:.0f} %"


ZOOM = 33
"""Points of each closer look at a zero or a maximum."""

LOOKS = 4
"""Closer looks: the last bracket of a zero is 1e-6 of the grid's step, and linear in it."""


def zeros(function: Callable[[Array], Any], grid: Array) -> list[float]:
    """Return where a vectorised function changes sign between the points of a grid.

    A value within `EXACT` of zero, relative to the largest on the grid, is no sign of its own.
    """
    values = np.asarray(function(grid), dtype=float)
    sign = np.where(np.abs(values) > EXACT * np.max(np.abs(values)), np.sign(values), 0)
    kept = np.flatnonzero(sign)
    found = []
    for left, right in pairwise(kept):
        if sign[left] != sign[right]:
            found.append(_zero(function, float(grid[left]), float(grid[right])))
    return found


def _zero(function: Callable[[Array], Any], low: float, high: float) -> float:
    for _ in range(LOOKS):
        x = np.linspace(low, high, ZOOM)
        y = np.asarray(function(x), dtype=float)
        k = int(np.flatnonzero(np.sign(y[1:]) != np.sign(y[0]))[0])
        low, high = float(x[k]), float(x[k + 1])
    return low - float(y[k]) * (high - low) / float(y[k + 1] - y[k])


def above(function: Callable[[Array], Any], grid: Array) -> list[tuple[float, float]]:
    """Return the intervals of the grid's range in which a vectorised function is positive."""
    ends = [float(grid[0]), *zeros(function, grid), float(grid[-1])]
    found = []
    for low, high in pairwise(ends):
        if float(np.asarray(function(np.array([(low + high) / 2])))[0]) > 0:
            found.append((low, high))
    return found


def maximum(function: Callable[[Array], Any], grid: Array) -> tuple[float, float]:
    """Return place and value of the largest maximum of a vectorised function, inside the range."""
    x = np.asarray(grid, dtype=float)
    for _ in range(LOOKS):
        y = np.asarray(function(x), dtype=float)
        k = int(np.clip(np.argmax(y), 1, x.size - 2))
        if _flat(y[k - 1 : k + 2]):
            break
        last = x[k - 1 : k + 2], y[k - 1 : k + 2]
        x = np.linspace(x[k - 1], x[k + 1], ZOOM)
    return _vertex(*last)


FLAT = 1e-8
"""A maximum is looked at no closer than this relative rise: below it there is only rounding."""


def _flat(y: Array) -> bool:
    return bool(np.ptp(y) <= FLAT * np.max(np.abs(y)))


def _vertex(x: Array, y: Array) -> tuple[float, float]:
    """Return the vertex of the parabola through three equally spaced points."""
    curvature = y[0] - 2 * y[1] + y[2]
    shift = (y[0] - y[2]) / (2 * curvature) if curvature else 0.0
    return float(x[1] + shift * (x[1] - x[0])), float(y[1] - (y[0] - y[2]) * shift / 4)
