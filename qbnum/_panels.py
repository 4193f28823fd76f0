"""Panels on which Gauss-Legendre quadrature converges, graded a priori to every singularity.

A *branch* runs from a reference point (a band edge, a resonance, a chemical potential) half the
way to the next one, as omega = r +- t, or omega = r +- t^2 next to an edge, which removes the
edge's square root. Because every panel is referred to its *nearest* feature, each difference
omega - c to a feature c, formed as (r - c) + delta, keeps full relative accuracy: |delta| and
|r - c| are at most twice |omega - c|. A branch is then bisected until each panel is small
compared with its distance to each complex singularity. May import: numpy, private modules.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from qbnum import _doubledouble as dd
from qbnum._doubledouble import DoubleDouble
from qbnum._geometry import Mask, Points, Spectrum, inverse_green

Array: TypeAlias = NDArray[np.float64]
Index: TypeAlias = NDArray[np.intp]

# A panel [a, b] may have a singularity s if |s - a| + |s - b| >= GRADING (b - a): s then lies
# outside the Bernstein ellipse of rho = GRADING + sqrt(GRADING^2 - 1) = 2.7, where the 32nd
# Legendre coefficient has fallen to rho^-32 = 1.6e-14 and the Gauss rule's error to rho^-64.
GRADING = 1.53
# e^-(omega - mu_eq)/T_eq is lifted where even its largest value in the spectrum is below e^-500.
LIFT_BEYOND = 500.0
_DECAY = 5.0  # a panel then spans less than 16 T_eq; 32 nodes resolve e^-16 to rounding
_AT_THRESHOLD = 1e-18
_MAX_DEPTH = 1100  # a double cannot be halved more often


@dataclass(frozen=True)
class Branches:
    """Base intervals with their reference points; arrays have shape (m,) or (2, m) over leads."""

    point: Index
    reference: Array  # the reference point r, rounded
    direction: Array  # omega = r + direction * t (or t^2)
    quadratic: Mask
    length: Array  # t runs over [0, length]
    open: Mask
    side: Array
    from_low: Array  # r - low edge
    from_high: Array  # r - high edge
    from_onsite: Array
    from_mu: Array
    from_mu_eq: Array
    from_bottom: Array  # r - lowest energy of the spectrum
    from_top: Array
    from_centre: Array
    F: Array
    q: Array  # sqrt(x^2 - 4h^2) at r for closed leads
    singularities: NDArray[np.complex128]  # (j, m), in the variable t

    def __len__(self) -> int:
        return self.point.size


@dataclass(frozen=True)
class Panels:
    """Sub-intervals [a, b] of branches, in the branch variable t."""

    branch: Index
    a: Array
    b: Array

    def halves(self) -> Panels:
        """Return both halves of every panel."""
        middle = 0.5 * (self.a + self.b)
        return Panels(
            np.concatenate([self.branch, self.branch]),
            np.concatenate([self.a, middle]),
            np.concatenate([middle, self.b]),
        )

    def take(self, index: Index | Mask | slice) -> Panels:
        """Return the panels at an index."""
        return Panels(self.branch[index], self.a[index], self.b[index])

    def __len__(self) -> int:
        return self.branch.size

    @staticmethod
    def concatenate(parts: list[Panels]) -> Panels:
        """Join several sets of panels."""
        return Panels(
            np.concatenate([p.branch for p in parts]),
            np.concatenate([p.a for p in parts]),
            np.concatenate([p.b for p in parts]),
        )


def branches(points: Points, spectrum: Spectrum) -> Branches:
    """Return the branches of every open segment."""
    segs, resonance = spectrum.open, spectrum.resonance
    p = points.take(segs.point)
    features = [segs.start, segs.end, resonance]
    for mu in (*p.mu, p.mu_eq):
        outside = ~segs.start.less(dd.exact(mu)) | ~dd.exact(mu).less(segs.end)
        features.append(dd.where(outside, segs.start, dd.exact(mu)))
    ordered = dd.sort(dd.stack(features))
    left, right = ordered.take(np.s_[:, :-1]), ordered.take(np.s_[:, 1:])
    distance = (right - left).value()
    seg, slot = np.nonzero(distance > 0)
    half = 0.5 * distance[seg, slot]
    seg = np.concatenate([seg, seg])
    reference = DoubleDouble(
        np.concatenate([left.hi[distance > 0], right.hi[distance > 0]]),
        np.concatenate([left.lo[distance > 0], right.lo[distance > 0]]),
    )
    direction = np.repeat([1.0, -1.0], half.size)
    half = np.concatenate([half, half])

    own = segs.take(seg)
    p = points.take(own.point)
    quadratic = ~own.start.less(reference) | ~reference.less(own.end)
    low, high = p.edges()
    from_low = np.stack([(reference - low.take(a)).value() for a in range(2)])
    from_high = np.stack([(reference - high.take(a)).value() for a in range(2)])
    F, _ = inverse_green(p, reference, own.open, own.side)
    made = Branches(
        point=own.point,
        reference=reference.value(),
        direction=direction,
        quadratic=quadratic,
        length=np.where(quadratic, np.sqrt(half), half),
        open=own.open,
        side=own.side,
        from_low=from_low,
        from_high=from_high,
        from_onsite=np.stack([(reference - p.onsite[a]).value() for a in range(2)]),
        from_mu=np.stack([(reference - p.mu[a]).value() for a in range(2)]),
        from_mu_eq=(reference - p.mu_eq).value(),
        from_bottom=(reference - spectrum.bottom.take(own.point)).value(),
        from_top=(reference - spectrum.top.take(own.point)).value(),
        from_centre=(reference - spectrum.centre.take(own.point)).value(),
        F=F.value(),
        q=np.sqrt(np.maximum(from_low * from_high, 0.0)),
        singularities=np.empty((0, seg.size), dtype=np.complex128),
    )
    to_resonance = (resonance.take(seg) - reference).value() + 1j * spectrum.half_width[seg]
    singular = _singularities(p, made, to_resonance)
    return Branches(**{**vars(made), "singularities": singular})


def _singularities(
    points: Points, b: Branches, to_resonance: NDArray[np.complex128]
) -> NDArray[np.complex128]:
    """Return the singularities of the integrands in each branch's variable t, shape (j, m).

    Poles of the Fermi functions at mu + i pi T; the resonance; the band edges; and, next to an
    edge, the zeros of the inverse Green function expanded there to second order in t.
    """
    pi = np.pi
    omega = [-b.from_mu[a] + 1j * pi * points.temperature[a] for a in range(2)]
    omega.append(-b.from_mu_eq + 1j * pi * points.temperature_eq)
    omega.append(to_resonance)
    omega += [-edge[a] + 0j for edge in (b.from_low, b.from_high) for a in range(2)]
    # An equilibrium far outside the spectrum leaves e^-(omega - bottom)/T_eq, which has no
    # singularity; one at this height keeps the panels within a few T_eq of the end.
    omega += [-end + 1j * _DECAY * points.temperature_eq for end in (b.from_bottom, b.from_top)]
    # Infinity stands for "no such singularity": an edge that is the branch's own reference point,
    # an uncoupled lead's edges, a resonance that is not there.
    with np.errstate(invalid="ignore"):
        s = np.stack(omega) * b.direction
    uncoupled = np.tile(~points.coupled, (2, 1))
    s[4:8][(s[4:8] == 0) | uncoupled] = np.inf
    x_bottom = (b.from_mu_eq - b.from_bottom) / points.temperature_eq
    x_top = (b.from_mu_eq - b.from_top) / points.temperature_eq
    s[8, x_bottom < LIFT_BEYOND] = np.inf
    s[9, x_top > -LIFT_BEYOND] = np.inf
    s[~np.isfinite(s)] = np.inf
    s = np.where(b.quadratic, np.sqrt(s), s)
    return np.concatenate([s, _edge_zeros(points, b)])


def _edge_zeros(points: Points, b: Branches) -> NDArray[np.complex128]:
    """Return both zeros in t of F + i Gamma/2 ~ D0 + D1 t + D2 t^2 at an edge."""
    kappa = points.kappa()
    D0, D1, D2 = b.F + 0j, np.zeros_like(b.F) + 0j, b.direction.copy() + 0j
    for a in range(2):
        at_edge = (b.from_low[a] == 0) | (b.from_high[a] == 0)
        opening = 2 * kappa[a] * np.sqrt(points.hopping[a])
        gamma = kappa[a] * np.sqrt(np.maximum(-b.from_low[a] * b.from_high[a], 0.0))
        D0 += np.where(b.open[a], 1j * gamma, 0.0)
        D1 += np.where(at_edge, np.where(b.open[a], 1j * opening, b.side[a] * opening), 0.0)
        D2 -= np.where(b.open[a] | at_edge, b.direction * kappa[a], 0.0)
    root = np.sqrt(D1 * D1 - 4 * D2 * D0)
    # The larger of the two forms first, the other by Vieta: no cancellation.
    plus, minus = D1 + root, D1 - root
    big = -0.5 * np.where(np.abs(plus) >= np.abs(minus), plus, minus)
    with np.errstate(divide="ignore", invalid="ignore"):
        zeros = np.stack([big / D2, D0 / big])
    zeros[~np.isfinite(zeros) | ~b.quadratic] = np.inf
    # A zero at t = 0 (a level at threshold) is cancelled by the t of d omega = 2 t dt; one so near
    # to it, on the scale on which A varies, changes less than rounding does.
    sizes = np.abs(zeros)
    zeros[sizes < _AT_THRESHOLD * np.minimum(sizes.max(axis=0), b.length)] = np.inf
    return zeros


def graded(b: Branches) -> Panels:
    """Return the branches bisected until every panel keeps its distance from every singularity."""
    todo = Panels(np.arange(len(b)), np.zeros(len(b)), b.length)
    done: list[Panels] = []
    for _ in range(_MAX_DEPTH):
        s = b.singularities[:, todo.branch]
        with np.errstate(invalid="ignore"):
            spread = np.abs(s - todo.a) + np.abs(s - todo.b)
        close = (spread < GRADING * (todo.b - todo.a)).any(axis=0)
        # A singularity on the real axis at a panel's end, closer than doubles resolve: stop there.
        middle = 0.5 * (todo.a + todo.b)
        close &= (middle > todo.a) & (middle < todo.b)
        done.append(todo.take(~close))
        if not close.any():
            break
        todo = todo.take(close).halves()
    return Panels.concatenate(done)
