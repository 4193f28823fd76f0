"""How parameters and features move; a velocity is a derivative in k directions, shape (k, ...).

May import: numpy, private modules of qbnum.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from qbnum._dual import Dual
from qbnum._fronts import Fronts
from qbnum._geometry import Points

Array: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True)
class Velocities:
    """Directions of parameter space: derivatives of every parameter, (k, n) or (k, 2, n)."""

    level: Array
    onsite: Array
    hopping: Array
    coupling: Array
    mu: Array
    temperature: Array
    mu_eq: Array
    temperature_eq: Array

    @classmethod
    def of(cls, directions: dict[str, Array], n: int) -> Velocities:
        """Return directions, by dotted name and of shape (k,), for n points."""

        def single(name: str) -> Array:
            return np.broadcast_to(directions[name][:, None], (len(directions[name]), n))

        def pair(name: str) -> Array:
            return np.stack([single(f"left.{name}"), single(f"right.{name}")], axis=1)

        pairs = {p: pair(p) for p in ("onsite", "hopping", "coupling", "mu", "temperature")}
        singles = {p: single(p) for p in ("level", "mu_eq", "temperature_eq")}
        return cls(**pairs, **singles)

    def take(self, index: Any) -> Velocities:
        """Return the points at an index."""
        return Velocities(**{name: value[..., index] for name, value in vars(self).items()})

    def edges(self) -> tuple[Array, Array]:
        """Return the velocities of the lower and upper band edges."""
        return self.onsite - 2 * self.hopping, self.onsite + 2 * self.hopping

    def kappa(self, points: Points) -> Array:
        """Return the derivative of v^2/(2 h^2)."""
        v, h = points.coupling, points.hopping
        return v / h * self.coupling / h - 2 * points.kappa * (self.hopping / h)

    def log_kappa(self, points: Points) -> Array:
        """Return the derivative of ln kappa, 0 where uncoupled."""
        v = np.where(points.coupled, points.coupling, 1.0)
        change = np.where(points.coupled, self.coupling / v, 0.0)
        return 2 * (change - self.hopping / points.hopping)


@dataclass(frozen=True)
class Motion:
    """Velocities of reference points and of all that is counted from them, (k, [2,] m)."""

    reference: Array
    from_low: Array
    from_high: Array
    from_mu: Array
    from_mu_eq: Array
    F: Array
    bare: Array  # of F without L's self-energy, without R's, without both, if closed
    outside: Array  # of a closed lead's self-energy there
    stretch: Array  # of ln(length of the interval), in energy; 0 for lone features

    @classmethod
    def of(cls, b: Fronts, v: Velocities, reference: Array, resonant: NDArray[np.bool_]) -> Motion:
        """Return that of fronts, given the ``v`` of their points and their features' velocities.

        F stays 0 at a front that is ``resonant``.
        """
        low, high = v.edges()
        from_low, from_high = reference[:, None] - low, reference[:, None] - high
        kappa, bare = v.kappa(b.points), reference - v.level
        outside = np.zeros_like(from_low)
        for a in range(2):
            x, moved = 0.5 * (b.from_low[a] + b.from_high[a]), reference - v.onsite[:, a]
            inside = kappa[:, a] * x + b.points.kappa[a] * moved
            closed = ~b.open[a] & b.points.coupled[a]
            if closed.any():
                outside[:, a, closed] = self_energy(
                    b.points.coupling[a, closed],
                    v.coupling[:, a, closed],
                    b.side[a, closed],
                    _held(b.from_low[a, closed], from_low[:, a, closed]),
                    _held(b.from_high[a, closed], from_high[:, a, closed]),
                ).dots
            bare = bare - np.where(b.open[a], inside, 0.0)
        held = outside[:, 0], outside[:, 1], outside[:, 0] + outside[:, 1]
        left = outside[:, 1], outside[:, 0], np.zeros_like(bare)
        return cls(
            reference,
            from_low,
            from_high,
            reference[:, None] - v.mu,
            reference - v.mu_eq,
            np.where(resonant, 0.0, bare - held[2]),
            np.stack([np.where(resonant, h, bare - o) for h, o in zip(held, left, strict=True)], 1),
            outside,
            np.zeros_like(reference),
        )


def _held(distance: Array, velocity: Array) -> Dual:
    # The root of a distance 0 that grows has no derivative. `Motion.outside` is subtracted from F
    # and added again at the nodes, so that it may leave that part out.
    return Dual(distance, np.where(distance == 0, 0.0, velocity))


def self_energy(coupling: Array, change: Array, side: Array, low: Any, high: Any) -> Dual:
    """Return Re Sigma of a closed lead, from the distances to its edges, as a Dual.

    With a, b the distances, |x| + sqrt(x^2 - 4h^2) = (sqrt a + sqrt b)^2/2.
    """
    root = np.sqrt(side * low) + np.sqrt(side * high)
    v = Dual(coupling, change)
    return 4.0 * side * v * v / (root * root)  # type: ignore[no-any-return]
