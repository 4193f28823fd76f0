"""Where the integrands live: band edges, segments, resonances and bound states.

A *segment* is an interval between neighbouring band edges. Inside it each lead is open or
closed throughout, so every integrand is analytic but for known singularities. The real part of
the inverse Green function, F(omega) = omega - eps_QB - Re Sigma_L - Re Sigma_R (before Eq. (7)),
is taken in double-double at reference points and continued from there by increments that do
not cancel. May import: numpy and the private modules of qbnum.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from qbnum import _doubledouble as dd
from qbnum._doubledouble import DoubleDouble
from qbnum.errors import ParameterError
from qbnum.model import Junction

Array: TypeAlias = NDArray[np.float64]
Mask: TypeAlias = NDArray[np.bool_]

_LOST = 1e-14  # double-double has twice as many digits, the distance needs one half of them
_BISECTIONS = 70  # forty decades to below an ulp of the root

POSITIVE = ("hopping", "temperature", "temperature_eq")
"""Parameters that do not vanish in any unit."""

_NEWTON_STEPS = 3  # double-double Newton from a double start: 1e-16 -> 1e-32, one to spare


@dataclass(frozen=True)
class Points:
    """Junctions flattened to one axis, in units in which the wider hopping is about 1.

    ``leads`` arrays have shape (2, n). ``scale`` is the power of two by which energies were
    multiplied, so the change of units is exact.
    """

    level: Array
    onsite: Array
    hopping: Array
    coupling: Array
    mu: Array
    temperature: Array
    mu_eq: Array
    temperature_eq: Array
    scale: Array
    kappa: Array  # v^2 / (2 h^2) per lead, the slope of Re Sigma inside the band
    kappa_rest: Array  # what the rounded kappa lacks

    @classmethod
    def of(cls, junction: Junction) -> Points:
        """Flatten the broadcast junction."""
        shape = junction.shape
        flat = {
            name: np.broadcast_to(np.asarray(value, dtype=np.float64), shape).reshape(-1)
            for name, value in junction.parameters.items()
        }
        exponent = -np.frexp(np.maximum(flat["left.hopping"], flat["right.hopping"]))[1]

        def scaled(name: str) -> Array:
            with np.errstate(over="ignore"):
                value = np.ldexp(flat[name], exponent)
            if not np.isfinite(value).all():
                raise ParameterError(
                    f"{name} is more than 1e308 hoppings; no double can hold the ratio"
                )
            if name.endswith(POSITIVE) and not value.all():
                raise ParameterError(
                    f"{name} is less than 1e-323 hoppings; no double can hold the ratio"
                )
            return value

        def pair(name: str) -> Array:
            return np.stack([scaled(f"left.{name}"), scaled(f"right.{name}")])

        pairs = {n: pair(n) for n in ("onsite", "hopping", "coupling", "mu", "temperature")}
        v, h = dd.exact(pairs["coupling"]), dd.exact(pairs["hopping"])
        with np.errstate(all="ignore"):  # what no double holds is refused where it counts
            kappa = v * v / (h * h * 2.0)
            rest = dd.difference(kappa, dd.exact(kappa.value()))
        return cls(
            level=scaled("level"),
            **pairs,
            mu_eq=scaled("mu_eq"),
            temperature_eq=scaled("temperature_eq"),
            scale=np.ldexp(1.0, exponent),
            kappa=kappa.value(),
            kappa_rest=rest,
        )

    def __len__(self) -> int:
        return self.level.size

    def take(self, index: NDArray[np.intp] | slice) -> Points:
        """Return the points at an index along their axis."""
        if not isinstance(index, slice) and _is_everything(index, len(self)):
            return self
        return Points(**{name: value[..., index] for name, value in vars(self).items()})

    @property
    def coupled(self) -> Mask:
        """Which leads are coupled to the level, shape (2, n)."""
        return self.coupling > 0

    def edges(self) -> tuple[DoubleDouble, DoubleDouble]:
        """Return the lower and upper band edges, exact, shape (2, n)."""
        return (
            dd.exact_sum(self.onsite, -2 * self.hopping),
            dd.exact_sum(self.onsite, 2 * self.hopping),
        )


def _is_everything(index: NDArray[np.intp], size: int) -> bool:
    return index.size == size and bool((index == np.arange(size)).all())


@dataclass(frozen=True)
class Segments:
    """Intervals between neighbouring band edges, flattened over points.

    ``open``: (2, m), which leads are open. ``side``: (2, m), +1 (-1) where the segment lies
    above (below) the band of a closed lead.
    """

    point: NDArray[np.intp]
    start: DoubleDouble
    end: DoubleDouble
    open: Mask
    side: Array

    def take(self, index: NDArray[np.intp] | Mask) -> Segments:
        """Return the segments at an index."""
        return Segments(
            self.point[index],
            self.start.take(index),
            self.end.take(index),
            self.open[:, index],
            self.side[:, index],
        )


def segments(points: Points) -> Segments:
    """Return every interval of positive width between band edges of coupled leads.

    Closed intervals (gaps between disjoint bands) are included: bound states live there.
    """
    low, high = points.edges()
    coupled = points.coupled
    # An uncoupled lead has no say: its edges are moved onto the other lead's.
    low, high = (
        dd.where(coupled, edge, DoubleDouble(edge.hi[::-1], edge.lo[::-1])) for edge in (low, high)
    )
    edges = dd.sort(dd.stack([low.take(0), high.take(0), low.take(1), high.take(1)]))
    start, end = edges.take(np.s_[:, :3]), edges.take(np.s_[:, 1:])
    wide = start.less(end) & np.asarray(coupled.any(axis=0))[:, None]
    point, _ = np.nonzero(wide)
    start, end = start.take(wide), end.take(wide)
    a_low, a_high = low.take(np.s_[:, point]), high.take(np.s_[:, point])
    above = ~start.less(a_high)
    below = ~a_low.less(end)
    is_open = np.asarray(~above & ~below & coupled[:, point])
    return Segments(point, start, end, is_open, np.where(above, 1.0, -1.0))


def inverse_green(
    points: Points, at: DoubleDouble, is_open_of: Mask, side: Array
) -> tuple[DoubleDouble, Array]:
    """Return F at reference points, in double-double, and dF/domega in double.

    ``points`` is aligned with ``at``; ``is_open_of`` and ``side`` are (2, ...) over leads. The
    derivative is +inf at the edge of a closed lead.
    """
    F = at - points.level
    slope = np.ones_like(at.hi)
    for a in range(2):
        is_open = is_open_of[a]
        kappa = DoubleDouble(points.kappa[a], points.kappa_rest[a])
        inside = F - kappa * (at - points.onsite[a])
        F = dd.where(is_open, inside, F)
        slope = slope - np.where(is_open, points.kappa[a], 0.0)
        closed = np.flatnonzero(~is_open & points.coupled[a])
        if closed.size:
            sigma, steep = _closed_self_energy(
                points.take(closed), a, at.take(closed), side[a, closed]
            )
            F.hi[closed], F.lo[closed] = F.take(closed) - sigma
            slope[closed] -= steep
    return F, slope


def _closed_self_energy(
    points: Points, a: int, at: DoubleDouble, side: Array
) -> tuple[DoubleDouble, Array]:
    """Return the real self-energy of lead ``a`` outside its band, and its derivative."""
    low, high = points.edges()
    x = at - points.onsite[a]
    v2 = dd.exact(points.coupling[a]) * points.coupling[a]
    root = ((at - low.take(a)) * (at - high.take(a))).sqrt()
    # |x| + sqrt(x^2 - 4h^2) never cancels, and is at least 2h.
    outer = dd.where(side > 0, x, -x) + root
    sigma = (v2 + v2) / outer
    with np.errstate(divide="ignore"):
        steep = -points.kappa[a] * 4 * points.hopping[a] ** 2 / (root.hi * outer.hi)
    return dd.where(side > 0, sigma, -sigma), steep


def closed_increment(
    coupling: Array, side: Array, x0: Array, q0: Array, sum_edges: Array, delta: Array
) -> Array:
    """Return Re Sigma(r + delta) - Re Sigma(r) for a closed lead, without cancellation.

    Parameters
    ----------
    coupling : array
        v of the lead.
    side : array
        +1 above the band, -1 below.
    x0, q0 : array
        r - onsite and sqrt(x0^2 - 4h^2) at the reference point.
    sum_edges : array
        (r + delta - low) + (r - high), both terms of one sign.
    delta : array
        Distance from the reference point.
    """
    square = q0 * q0 + delta * sum_edges
    q = np.sqrt(np.maximum(square, 0.0))
    total = q + q0
    dq = np.where(total > 0, delta * sum_edges / np.where(total > 0, total, 1.0), 0.0)
    product = (np.abs(x0) + q0) * (np.abs(x0 + delta) + q)
    # Outside its band a lead has 4h^2 here at least; one that is not coupled may be anywhere.
    return -2 * coupling**2 * (delta + side * dq) / np.where(product > 0, product, 1.0)


@dataclass(frozen=True)
class _Continuation:
    """F continued from a reference point along one direction, for root finding."""

    F0: Array
    direction: Array  # +1 or -1
    coupling: Array  # (2, m)
    kappa: Array
    is_open: Mask
    side: Array
    x0: Array
    q0: Array
    from_low: Array
    from_high: Array

    @classmethod
    def start(
        cls, points: Points, at: DoubleDouble, is_open: Mask, side: Array, direction: Array
    ) -> _Continuation:
        F, _ = inverse_green(points, at, is_open, side)
        low, high = points.edges()
        from_low = np.stack([(at - low.take(a)).value() for a in range(2)])
        from_high = np.stack([(at - high.take(a)).value() for a in range(2)])
        x0 = np.stack([(at - points.onsite[a]).value() for a in range(2)])
        q0 = np.sqrt(np.maximum(from_low * from_high, 0.0))
        return cls(
            F.value(),
            direction,
            points.coupling,
            points.kappa,
            is_open,
            side,
            x0,
            q0,
            from_low,
            from_high,
        )

    def __call__(self, distance: Array) -> Array:
        delta = self.direction * distance
        F = self.F0 + delta
        for a in range(2):
            closed = closed_increment(
                self.coupling[a],
                self.side[a],
                self.x0[a],
                self.q0[a],
                self.from_low[a] + delta + self.from_high[a],
                delta,
            )
            F = F - np.where(self.is_open[a], self.kappa[a] * delta, closed)
        return F

    def slope(self, distance: Array) -> Array:
        """Return dF/domega where all leads are closed."""
        delta = self.direction * distance
        root = np.sqrt((self.from_low + delta) * (self.from_high + delta))
        width = self.from_low - self.from_high  # 4 h
        with np.errstate(divide="ignore", invalid="ignore"):
            steep = self.kappa * width * width / (4 * root * (np.abs(self.x0 + delta) + root))
        return np.asarray(1.0 + np.where(self.kappa > 0, steep, 0.0).sum(axis=0))


def _bisect(function: _Continuation, upper: Array) -> Array:
    """Return the distance at which the monotone ``function`` changes sign, in (0, upper].

    By geometric means, to some ulps however small it is.
    """
    sign = np.sign(function.F0)
    a, b = upper * 1e-40, upper
    for _ in range(_BISECTIONS):
        middle = np.sqrt(a * b)
        same = np.sign(function(middle)) == sign
        a, b = np.where(same, middle, a), np.where(same, b, middle)
    return np.asarray(0.5 * (a + b))


def _polish(
    points: Points,
    root: DoubleDouble,
    is_open: Mask,
    side: Array,
    low: DoubleDouble,
    high: DoubleDouble,
) -> DoubleDouble:
    """Newton steps in double-double that stay inside (low, high)."""
    for _ in range(_NEWTON_STEPS):
        F, slope = inverse_green(points, root, is_open, side)
        better = root - F / slope
        inside = low.less(better) & better.less(high)
        root = dd.where(inside, better, root)
    return root


def resonances(points: Points, segs: Segments) -> tuple[DoubleDouble, Array]:
    """Return the root of F in each open segment and its half width; width inf where none.

    Both leads open: F is linear. One open: F is monotone if kappa < 1 (a larger kappa makes
    every resonance broad), bracketed and polished in double-double. The half width is
    Gamma/(2 |F'|) at the root.
    """
    p = points.take(segs.point)
    both = segs.open.all(axis=0)
    slope_open = 1.0 - np.where(segs.open, p.kappa, 0.0).sum(axis=0)
    F_start, _ = inverse_green(p, segs.start, segs.open, segs.side)
    steep = dd.exact(np.ones(len(p)))
    for a in range(2):
        steep = steep - DoubleDouble(p.kappa[a], p.kappa_rest[a])
    steep = dd.where(both & (steep.hi != 0), steep, dd.exact(np.ones(len(p))))
    root = segs.start - F_start / steep
    slope = np.abs(steep.hi)
    found = np.array(both)
    if not both.all():
        single = np.flatnonzero((segs.open.sum(axis=0) == 1) & (slope_open > 0))
        at = single[F_start.value()[single] < 0]
        q, s = p.take(at), segs.take(at)
        F_end, _ = inverse_green(q, s.end, s.open, s.side)
        rising = np.flatnonzero(F_end.value() > 0)
        at, q, s = at[rising], q.take(rising), s.take(rising)
        # From the nearer end, so that a root next to it keeps its distance's digits.
        half = 0.5 * dd.difference(s.end, s.start)
        walk = _Continuation.start(q, s.start, s.open, s.side, np.ones(at.size))
        first = walk(half) > 0
        end, direction = dd.where(first, s.start, s.end), np.where(first, 1.0, -1.0)
        walk = _Continuation.start(q, end, s.open, s.side, direction)
        distance = direction * _bisect(walk, half)
        polished = _polish(q, end + distance, s.open, s.side, s.start, s.end)
        root.hi[at], root.lo[at] = polished
        slope[at] = inverse_green(q, polished, s.open, s.side)[1]
        found[at] = True
    inside = segs.start.less(root) & root.less(segs.end) & found
    root = dd.where(inside, root, segs.start)
    low, high = p.edges()
    half_gamma = np.zeros(len(p))
    for a in range(2):
        square = dd.difference(root, low.take(a)) * dd.difference(high.take(a), root)
        half_gamma += np.where(segs.open[a], p.kappa[a] * np.sqrt(np.maximum(square, 0)), 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        width = np.where(inside & (slope != 0), half_gamma / np.abs(slope), np.inf)
    return root, width


@dataclass(frozen=True)
class BoundNodes:
    """Real poles of G^r outside the bands, at most three a point, in slots by energy.

    ``present``, ``weight``: shape (n, 3); the slots are below all bands, in the gap between two
    disjoint bands, and above all bands. An isolated level sits in the middle slot.
    """

    present: Mask
    energy: DoubleDouble
    weight: Array


def bound_nodes(points: Points, segs: Segments) -> BoundNodes:
    """Find the bound states: F is strictly increasing outside the bands.

    So there is at most one in each closed interval, decided by the sign of F at its ends
    (in double-double); next to an edge it is found as a distance from that edge.
    """
    n = len(points)
    present = np.zeros((n, 3), dtype=bool)
    weight = np.zeros((n, 3))
    energy = dd.exact(np.zeros((n, 3)))
    isolated = ~points.coupled.any(axis=0)
    present[isolated, 1] = True
    weight[isolated, 1] = 1.0
    energy.hi[isolated, 1] = points.level[isolated]

    def record(
        slot: int,
        at: NDArray[np.intp],
        edge: DoubleDouble,
        direction: Array,
        side: Array,
        reach: Array,
    ) -> None:
        if not at.size:
            return
        closed = np.zeros((2, at.size), dtype=bool)
        q = points.take(at)
        walk = _Continuation.start(q, edge, closed, side, direction)
        # A distance from the edge, so that a state just past a threshold keeps its digits.
        far = edge + direction * reach
        low, high = dd.where(direction > 0, edge, far), dd.where(direction > 0, far, edge)
        distance = _bisect(walk, reach)
        root = edge + direction * distance
        # Far from a narrow band the doubles of the walk are ulps of a much larger F at its edge.
        root = _polish(q, root, closed, side, low, high)
        _, slope = inverse_green(q, root, closed, side)
        # So near to the edge, the distance has digits that the energy has not.
        slope = np.where(distance < _LOST * np.abs(edge.hi), walk.slope(distance), slope)
        present[at, slot] = True
        weight[at, slot] = 1.0 / slope
        energy.hi[at, slot], energy.lo[at, slot] = root

    def F_at(at: NDArray[np.intp], where: DoubleDouble, side: Array) -> Array:
        closed = np.zeros((2, at.size), dtype=bool)
        return inverse_green(points.take(at), where, closed, side)[0].value()

    coupled = np.flatnonzero(~isolated)
    first = np.searchsorted(segs.point, coupled, side="left")
    last = np.searchsorted(segs.point, coupled, side="right") - 1
    for slot, direction, edge in ((0, -1.0, segs.start.take(first)), (2, 1.0, segs.end.take(last))):
        side = np.full((2, coupled.size), direction)
        F = F_at(coupled, edge, side)
        keep = F * direction < 0
        # |Re Sigma| falls away from the bands, so the root is nearer than |F(edge)|.
        record(
            slot,
            coupled[keep],
            edge.take(keep),
            side[0, keep],
            side[:, keep],
            np.abs(F[keep]),
        )

    gap = np.flatnonzero(~segs.open.any(axis=0))
    at, side, start, end = (
        segs.point[gap],
        segs.side[:, gap],
        segs.start.take(gap),
        segs.end.take(gap),
    )
    half = 0.5 * (end - start).value()
    crosses = (F_at(at, start, side) < 0) & (F_at(at, end, side) > 0)
    upper_half = F_at(at, start + half, side) < 0
    for keep, edge, direction in (
        (crosses & ~upper_half, start, 1.0),
        (crosses & upper_half, end, -1.0),
    ):
        steps = np.full(int(keep.sum()), direction)
        record(1, at[keep], edge.take(keep), steps, side[:, keep], half[keep])
    return BoundNodes(present, energy, weight)
