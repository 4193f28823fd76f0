"""Panels of Gauss-Legendre quadrature, laid out a priori by the integrands' singularities.

The two fronts of an interval lay panels towards each other; each panel is the longest that keeps
every complex singularity outside a fixed Bernstein ellipse, which a formula gives. A panel is two
*halves* of the rule's nodes, counted from its ends towards its middle; the halves of the panel in
which two fronts meet are referred to different features.

May import: numpy, private modules.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from qbnum._fronts import Fronts
from qbnum._singularities import singularities
from qbnum._spectrum import Spectrum

Array: TypeAlias = NDArray[np.float64]
Index: TypeAlias = NDArray[np.intp]

# A front keeps to this share of its interval, so that its feature is the near one.
_REACH = 0.75
_MAX_STEPS = 2000  # a double cannot be halved more often than half of that


@dataclass(frozen=True)
class Panels:
    """Panels: two halves each, a half's nodes being at t = start + slope * u of a front.

    Arrays have shape (2, m); |slope| is the panel's length, the same in both halves.
    """

    front: Index
    start: Array
    slope: Array

    def __len__(self) -> int:
        return int(self.front.shape[1])

    def take(self, index: Any) -> Panels:
        """Return the panels at an index."""
        return Panels(self.front[:, index], self.start[:, index], self.slope[:, index])

    def bisected(self) -> Panels:
        """Return both halves of every panel, each as a panel of its own."""
        middle = self.start + 0.5 * self.slope
        # A half becomes a panel: its end first, then the old middle.
        return Panels(
            np.concatenate([self.front[[0, 0]], self.front[[1, 1]]], axis=1),
            np.concatenate(
                [
                    np.stack([self.start[0], middle[0]]),
                    np.stack([self.start[1], middle[1]]),
                ],
                axis=1,
            ),
            0.5
            * np.concatenate(
                [
                    np.stack([self.slope[0], -self.slope[0]]),
                    np.stack([self.slope[1], -self.slope[1]]),
                ],
                axis=1,
            ),
        )

    @staticmethod
    def concatenate(parts: list[Panels]) -> Panels:
        """Join several sets of panels."""
        return Panels(
            *(np.concatenate([getattr(p, k) for p in parts], axis=1) for k in vars(parts[0]))
        )


def graded(spectrum: Spectrum, b: Fronts, strictness: float = 1.0) -> Panels:
    """Return the panels that both fronts of every interval lay until they meet.

    ``strictness`` multiplies the gradings: derivatives have singularities of higher order.
    """
    m = len(b) // 2
    active = np.arange(m)
    done = np.zeros((2, m))  # how far each front has come
    none = np.zeros((2, 0))
    parts = [Panels(np.zeros((2, 0), dtype=np.intp), none, none)]
    x, y, low, high, grading = singularities(spectrum, b)
    G = strictness * grading[:, None, None]
    factor = 2 / (G * G - 1)
    sx, sy, low, high = (np.stack([part[:, :m], part[:, m:]], axis=1) for part in (x, y, low, high))
    y2 = sy * sy
    whole = b.length[:m]

    def emit(front: Index, start: Array, slope: Array) -> None:
        parts.append(Panels(front, start, slope))

    going = np.ones(m, dtype=bool)
    for _ in range(_MAX_STEPS):
        if not active.size:
            break
        reach = done[:, active]
        gap = whole[active] - reach[0] - reach[1]
        if active.size < sx.shape[-1]:
            sx, y2, low, high = (part[:, :, going] for part in (sx, y2, low, high))
        ahead = sx - reach
        # |s - a| + |s - b| = G (b - a) solved for b.
        with np.errstate(invalid="ignore"):
            away = np.sqrt(ahead * ahead + y2)
            allowed = factor * (G * away - ahead)
        _spend(allowed, reach, low, high, sx[-1])
        allowed[np.isnan(allowed)] = np.inf
        longest = allowed.min(axis=0)
        meet = gap <= longest.max(axis=0)
        k = active[meet]
        emit(np.stack([k, k + m]), reach[:, meet], np.stack([gap[meet], gap[meet]]))
        going = ~meet
        active, reach, longest = active[going], reach[:, going], longest[:, going]
        # The front in need of the shorter panel goes on, but not to the far feature: there its own
        # would not be near enough for relative accuracy.
        rest = _REACH * whole[active] - reach
        shorter = np.where((longest[1] < longest[0]) | (rest[0] <= 0), 1, 0)
        shorter = np.where(rest[1] <= 0, 0, shorter)
        column = np.arange(active.size)
        reach, rest = reach[shorter, column], rest[shorter, column]
        step = np.minimum(longest[shorter, column], rest)
        # A step that no double resolves ends at the singularity itself.
        step = np.where(reach + step > reach, step, rest)
        front = active + shorter * m
        emit(np.stack([front, front]), np.stack([reach, reach + step]), np.stack([step, -step]))
        done[shorter, active] += step
    return Panels.concatenate(parts)


def _spend(allowed: Array, reach: Array, low: Array, high: Array, pole: Array) -> None:
    """Lift the limits that spent Fermi functions set, and set those of the corrected pole.

    The pole's correction takes the integrand at the pole, as continued from the panel: not for a
    panel for which a Fermi function is spent that is not, or is elsewhere, at the pole.
    """
    before, behind = reach < low, reach > high
    if not (before.any() or behind.any()):
        allowed[-1] = np.inf
        return
    spoilt = (before & ~(pole < low)) | (behind & ~(pole > high))
    allowed[-1][~spoilt.any(axis=0)] = np.inf
    thermal = allowed[: len(low)]
    np.maximum(thermal, low - reach, out=thermal, where=before)
    thermal[behind] = np.inf
