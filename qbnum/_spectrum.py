"""What the integration needs to know of a chunk of junctions: segments, resonances, bound states.

May import: numpy, private modules.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from qbnum import _doubledouble as dd
from qbnum._doubledouble import DoubleDouble
from qbnum._geometry import BoundNodes, Mask, Points, Segments, bound_nodes, resonances, segments
from qbnum._poles import Poles, poles

Array: TypeAlias = NDArray[np.float64]

_CENTRE_MARGIN = 1e-3


@dataclass(frozen=True)
class Spectrum:
    """Where a chunk of points has spectral weight.

    ``open``: the open segments, with their ``resonance``, its ``half_width`` (inf where there is
    none) and its ``pole``. Per point: ``states``, the ends ``bottom`` and ``top`` of the whole
    spectrum, and a ``centre``, an energy inside a band near most of the weight.
    """

    open: Segments
    resonance: DoubleDouble
    half_width: Array
    pole: Poles
    states: BoundNodes
    bottom: DoubleDouble
    top: DoubleDouble
    centre: DoubleDouble


def spectrum(points: Points) -> Spectrum:
    """Return the points' spectrum."""
    segs = segments(points)
    states = bound_nodes(points, segs)
    segs = segs.take(np.flatnonzero(segs.open.any(axis=0)))
    resonance, half_width = resonances(points, segs)
    low, high = points.edges()
    parts = [states.energy.take(np.s_[:, k]) for k in range(states.present.shape[1])]
    used = [*points.coupled, *states.present.T]
    return Spectrum(
        segs,
        resonance,
        half_width,
        poles(points, segs, resonance, half_width),
        states,
        bottom=_lowest([low.take(0), low.take(1), *parts], used),
        top=-_lowest([-high.take(0), -high.take(1), *(-part for part in parts)], used),
        centre=_centre(points, segs, resonance, half_width),
    )


def _lowest(values: list[DoubleDouble], used: list[Mask]) -> DoubleDouble:
    infinite = dd.exact(np.full(used[0].size, np.inf))
    columns = [dd.where(use, value, infinite) for value, use in zip(values, used, strict=True)]
    return dd.sort(dd.stack(columns)).take(np.s_[:, 0])


def _centre(
    points: Points, segs: Segments, resonance: DoubleDouble, half_width: Array
) -> DoubleDouble:
    """Return each point's narrowest resonance, or the point of its bands nearest to the level."""
    width = dd.difference(segs.end, segs.start)
    level = points.level[segs.point]
    margin = _CENTRE_MARGIN * width  # at an edge itself the leads' weights are 0/0
    start, end = segs.start.value() + margin, segs.end.value() - margin
    nearest = np.clip(level, start, end)
    resonant = np.isfinite(half_width)
    energy = dd.where(resonant, resonance, dd.exact(nearest))
    distance = np.where(resonant, 0.0, np.abs(nearest - level))
    order = np.lexsort((half_width, distance, ~resonant, segs.point))
    owners, first = np.unique(segs.point[order], return_index=True)
    centre = dd.exact(points.level.copy())
    centre.hi[owners], centre.lo[owners] = energy.take(order[first])
    return centre
