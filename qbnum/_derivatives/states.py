"""How bound states move, and where they appear. May import: numpy, private modules of qbnum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from qbnum import _doubledouble as dd
from qbnum._derivatives.velocities import Velocities, self_energy
from qbnum._dual import Dual
from qbnum._geometry import Points, inverse_green, segments
from qbnum._spectrum import Spectrum

Array: TypeAlias = NDArray[np.float64]
Index: TypeAlias = NDArray[np.intp]

_CLOSE = 0.01  # hoppings from an edge
_ZERO = 1e-28  # of double-double's terms
_NEARLY = 1e-10  # of a double's


def _steepness(coupling: Array, change: Array, side: Array, low: Any, high: Any) -> Dual:
    """Return d Re Sigma/d omega of a closed lead, as a Dual."""
    a, b = np.sqrt(side * low), np.sqrt(side * high)
    v = Dual(coupling, change)
    return -4.0 * v * v / (a * b * (a + b) * (a + b))  # type: ignore[no-any-return]


def at_threshold(points: Points) -> NDArray[np.bool_]:
    """Return where F = 0 at an edge towards a gap: a bound state just appears there."""
    found = np.zeros(len(points), dtype=bool)
    near = np.flatnonzero(_near_threshold(points))
    if not near.size:
        return found
    points = points.take(near)
    segs = segments(points)
    gap = ~segs.open.any(axis=0)
    first = np.diff(segs.point, prepend=-1) > 0
    last = np.diff(segs.point, append=len(points)) > 0
    below, above = np.full_like(segs.side, -1.0), np.full_like(segs.side, 1.0)
    for chosen, edges, side in (
        (first, segs.start, below),
        (last, segs.end, above),
        (gap, segs.start, segs.side),
        (gap, segs.end, segs.side),
    ):
        k = np.flatnonzero(chosen)
        p, edge = points.take(segs.point[k]), edges.take(k)
        F, _ = inverse_green(p, edge, np.zeros((2, k.size), dtype=bool), side[:, k])
        zero = np.abs(F.value()) <= _ZERO * (np.abs(edge.hi) + np.abs(p.level))
        found[near[segs.point[k[zero]]]] = True
    return found


def _near_threshold(points: Points) -> NDArray[np.bool_]:
    """Return where F is 0 at an edge to a double's accuracy."""
    edges = np.concatenate([edge.value() for edge in points.edges()])
    x = edges[:, None] - points.onsite
    outer = np.sqrt(np.maximum(x * x - 4 * points.hopping**2, 0.0))
    sigma = (points.kappa * (x - np.sign(x) * outer)).sum(axis=1)
    F = edges - points.level - sigma
    size = np.abs(edges) + np.abs(points.level) + np.abs(x).max(axis=1) + points.hopping.max(axis=0)
    return np.asarray((np.abs(F) < _NEARLY * size).any(axis=0))


@dataclass(frozen=True)
class MovingStates:
    """Bound states, listed: their points, slots, and velocities of energy and weight.

    ``weight_size``: of the terms of the weight's velocity, which may cancel.
    """

    point: Index
    slot: Index
    energy: Array
    weight: Array
    weight_size: Array

    @classmethod
    def of(cls, points: Points, v: Velocities, where: Spectrum) -> MovingStates:
        """Return those of a chunk of points."""
        at, slot = np.nonzero(where.states.present)
        if not at.size:
            none = np.zeros((len(v.level), 0))
            return cls(at, slot, none, none, none)
        p, v = points.take(at), v.take(at)
        energy = where.states.energy.take((at, slot))
        low, high = p.edges()
        from_low = np.stack([dd.difference(energy, low.take(a)) for a in range(2)])
        from_high = np.stack([dd.difference(energy, high.take(a)) for a in range(2)])
        side = np.where(from_high > 0, 1.0, -1.0)
        edges = np.concatenate([from_low, from_high])
        moving = np.concatenate(v.edges(), axis=1)
        anchor = anchor_of(p, edges, moving, np.tile(p.coupled, (2, 1)))
        _, slope = inverse_green(p, energy, np.zeros_like(p.coupled), side)
        steep, size = np.zeros_like(anchor), np.zeros_like(anchor)
        F, at_rest = anchor - v.level, -v.level  # of an energy moving with the anchor, or not
        leads = []
        for a in range(2):
            own = np.flatnonzero(p.coupled[a])
            rest = [(edges[e, own], -moving[:, e, own]) for e in (a, a + 2)]
            ends = [(distance, anchor[:, own] + change) for distance, change in rest]
            lead = p.coupling[a, own], v.coupling[:, a, own], side[a, own]
            leads.append((own, lead, ends))
            F[:, own] -= self_energy(*lead, *(Dual(*end) for end in ends)).dots
            at_rest[:, own] -= self_energy(*lead, *(Dual(*end) for end in rest)).dots
        step = -F / slope
        for own, lead, ends in leads:
            moved = [Dual(end, step[:, own] + fixed) for end, fixed in ends]
            steepness = _steepness(*lead, *moved)
            steep[:, own] += steepness.dots
            terms = 2 * np.abs(lead[1] / lead[0])
            for end, (_, fixed) in zip(moved, ends, strict=True):
                sizes = np.abs(step[:, own]) + np.abs(fixed)
                terms = terms + 2 * sizes / np.abs(end.value)
            size[:, own] += terms * np.abs(steepness.value)
        isolated = ~p.coupled.any(axis=0)
        return cls(
            at,
            slot,
            np.where(isolated, v.level, from_anchor(anchor, step, -at_rest / slope)),
            *(np.where(isolated, 0.0, part / slope**2) for part in (steep, size)),
        )


def from_anchor(anchor: Array, step: Array, direct: Array) -> Array:
    """Return anchor + step, or where these nearly cancel ``direct``, which is the same."""
    moved = anchor + step
    return np.asarray(np.where(np.abs(moved) < 0.5 * np.abs(anchor), direct, moved))


def anchor_of(points: Points, distances: Array, velocities: Array, allowed: Any) -> Array:
    """Return the velocity of the nearest of several edges, or 0 where none is near.

    What is next to an edge, where a closed lead's self-energy is steep, is counted from there.
    """
    size = np.where(allowed, np.abs(distances), np.inf)
    near = size.min(axis=0) < _CLOSE * points.hopping.min(axis=0)
    k = size.argmin(axis=0)
    nearest = np.take_along_axis(velocities, k[None, None, :], axis=1)[:, 0]
    return np.asarray(np.where(near, nearest, 0.0))
