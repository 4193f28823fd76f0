"""All integrals of a chunk of junctions, by the quickest of three ways that is good enough.

May import: numpy, private modules.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from qbnum import _compiled
from qbnum._adaptive import integrate_carefully
from qbnum._fronts import fronts
from qbnum._geometry import Points
from qbnum._ordinary import Occupations, integrate_ordinary, seems_ordinary
from qbnum._panels import graded
from qbnum._results import Integrals
from qbnum._rule import NODES
from qbnum._spectrum import spectrum
from qbnum._subtle import SubtleOccupations
from qbnum.model import Junction

Array: TypeAlias = NDArray[np.float64]

_HARD = 256  # junctions integrated with care together: their nodes are kept for the second pass


def integrate(points: Points, occupation: Array, engine: str = "numpy") -> Integrals:
    """Return every integral of the points; ``occupation`` (n, 3) belongs to the bound states."""
    if engine == "numpy":
        return _integrate(points, occupation)
    rest: NDArray[np.intp]
    tried: NDArray[np.bool_]
    done: Integrals
    rest, tried, done = _compiled.load().integrate_simple(points, occupation)
    if rest.size:
        done.put(rest, _integrate(points.take(rest), occupation[rest], tried[rest]))
    return done


def node_count(junction: Junction) -> float:
    """Return the average number of nodes a junction of the panels as first laid out."""
    points = Points.of(junction)
    with np.errstate(all="ignore"):
        where = spectrum(points)
        panels = graded(where, fronts(points, where))
    return NODES * len(panels) / max(len(points), 1)


def _integrate(
    points: Points, occupation: Array, known_hard: NDArray[np.bool_] | None = None
) -> Integrals:
    """Return every integral; those ``known_hard`` are not tried in one pass."""
    where = spectrum(points)
    done = Integrals.empty(len(points), where.states)
    rest = np.arange(len(points))
    bound = where.states.present.any(axis=1)
    easy = np.ones(len(points), dtype=bool) if known_hard is None else ~known_hard
    for kind, worth_a_try in (
        (Occupations, easy & ~bound & seems_ordinary(points)),
        (SubtleOccupations, easy),
    ):
        at = rest[worth_a_try[rest]]
        if at.size:
            some = points.take(at)
            of_some = where if some is points else spectrum(some)
            clean, found = integrate_ordinary(some, of_some, kind, occupation[at])
            done.put(at, found)
            unclean = np.zeros(len(points), dtype=bool)
            unclean[rest] = True
            unclean[at[clean]] = False
            rest = np.flatnonzero(unclean)
    for start in range(0, rest.size, _HARD):
        at = rest[start : start + _HARD]
        hard = points.take(at)
        done.put(at, integrate_carefully(hard, spectrum(hard), occupation[at]))
    return done
