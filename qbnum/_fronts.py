"""Intervals between the features of a spectrum, each seen from both of its ends.

The features of a segment (its two band edges, its resonance, every chemical potential in it that
is not warm) cut it into *intervals*. An interval is integrated in a variable t, omega = r +- t
(alpha + beta t): omega itself, or next to a band edge the root of the distance from it, which
removes the edge's square root. A *front* is one end of an interval, with the differences between
its feature r and everything else, each formed before it is rounded: a node omega = r + delta near r
then has every omega - c, as (r - c) + delta, to full relative accuracy.

May import: numpy, private modules.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from qbnum import _doubledouble as dd
from qbnum._doubledouble import DoubleDouble
from qbnum._geometry import Mask, Points, inverse_green
from qbnum._spectrum import Spectrum

Array: TypeAlias = NDArray[np.float64]
Index: TypeAlias = NDArray[np.intp]

# A reservoir is a feature unless its kT is more than this share of the segment: a node's rounding,
# an ulp of its distance from a feature, then is at most 25 ulps of kT.
_WARM = 0.02


@dataclass(frozen=True)
class Fronts:
    """Both ends of every interval; arrays of shape (2m,), or (2, 2m) over leads.

    Front k < m is the left end of interval k, front k + m its right end.
    """

    point: Index
    segment: Index
    points: Points  # of every front
    reference: Array  # the feature r, rounded
    direction: Array  # omega = r + direction * t (alpha + beta t)
    alpha: Array
    beta: Array
    length: Array  # t runs over [0, length], the whole interval
    open: Mask
    side: Array
    from_low: Array  # r - low edge
    from_high: Array  # r - high edge
    from_mu: Array
    from_mu_eq: Array
    F: Array
    exact: DoubleDouble  # the feature itself

    def __len__(self) -> int:
        return self.point.size


def fronts(points: Points, spectrum: Spectrum) -> Fronts:
    """Return the fronts of every interval of every open segment."""
    segs = spectrum.open
    p = points.take(segs.point)
    marks = [segs.start, spectrum.resonance]
    width = _WARM * dd.difference(segs.end, segs.start)
    for mu, T in (*zip(p.mu, p.temperature, strict=True), (p.mu_eq, p.temperature_eq)):
        inside = (segs.start.hi < mu) & (mu < segs.end.hi) & (width > T)
        marks.append(dd.where(inside, dd.exact(mu), segs.start))
    ordered = dd.sort(dd.stack([*marks, segs.end]))
    # With no feature inside, the middle is one: an interval has at most one band edge.
    bare = ~segs.start.less(ordered.take(np.s_[:, -2]))
    if bare.any():
        middle = segs.start + 0.5 * (segs.end - segs.start).value()
        ordered.hi[bare, -2], ordered.lo[bare, -2] = middle.take(bare)
    left, right = ordered.take(np.s_[:, :-1]), ordered.take(np.s_[:, 1:])
    distance = dd.difference(right, left)
    seg, slot = np.nonzero(distance > 0)
    first = np.diff(seg, prepend=-1) > 0
    last = slot == distance.shape[1] - 1
    reference = DoubleDouble(
        np.concatenate([left.hi[seg, slot], right.hi[seg, slot]]),
        np.concatenate([left.lo[seg, slot], right.lo[seg, slot]]),
    )
    size = distance[seg, slot]
    root = np.where(first | last, np.sqrt(size), size)
    near, far = np.concatenate([first, last]), np.concatenate([last, first])
    m = seg.size
    seg, length = np.tile(seg, 2), np.tile(root, 2)
    return replace(
        features(points, spectrum, seg, reference),
        direction=np.repeat([1.0, -1.0], m),
        alpha=np.where(near, 0.0, np.where(far, 2 * length, 1.0)),
        beta=np.where(near, 1.0, np.where(far, -1.0, 0.0)),
        length=length,
    )


def features(points: Points, spectrum: Spectrum, segment: Index, reference: DoubleDouble) -> Fronts:
    """Return reference points of segments, as fronts that lay no panels."""
    own = spectrum.open.take(segment)
    p = points.take(own.point)
    low, high = p.edges()
    none = np.empty(0)
    return Fronts(
        point=own.point,
        segment=segment,
        points=p,
        reference=reference.value(),
        direction=none,
        alpha=none,
        beta=none,
        length=none,
        open=own.open,
        side=own.side,
        from_low=np.stack([dd.difference(reference, low.take(a)) for a in range(2)]),
        from_high=np.stack([dd.difference(reference, high.take(a)) for a in range(2)]),
        from_mu=np.stack([dd.difference(reference, dd.exact(p.mu[a])) for a in range(2)]),
        from_mu_eq=dd.difference(reference, dd.exact(p.mu_eq)),
        F=inverse_green(p, reference, own.open, own.side)[0].value(),
        exact=reference,
    )


def variable(b: Fronts, offset: Any, at: Any = slice(None)) -> Any:
    """Return the t of the energies r + ``offset`` (complex) of the fronts ``at``."""
    alpha, beta = b.alpha[at], b.beta[at]
    D = b.direction[at] * offset
    return 2 * D / (alpha + np.sqrt(alpha * alpha + 4 * beta * D))
