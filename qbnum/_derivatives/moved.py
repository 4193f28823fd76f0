"""Velocities of all that is evaluated at a node. May import: numpy, private modules of qbnum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from qbnum._derivatives.velocities import Motion, Velocities, self_energy
from qbnum._dual import Dual
from qbnum._fronts import Fronts
from qbnum._geometry import Points
from qbnum._nodes import Nodes, inverse_green_at

_FAR = 4.0  # times as far from the band as the front is


@dataclass(frozen=True)
class Moved:
    """Velocities of what a node's rows are made of."""

    omega: Any
    offset: tuple[Any, Any]  # omega - mu_a
    x: tuple[Any, Any]
    x_eq: Any
    gain: Any  # x_R - x_L
    from_eq: tuple[Any, Any]  # x_eq - x_a
    share: Any  # w_L
    log_flux: Any
    log_weight: Any  # of A d omega; for poles it is with M
    log_weight_size: Any  # of its terms

    @classmethod
    def panels(
        cls, points: Points, v: Velocities, b: Fronts, motion: Motion, nodes: Nodes
    ) -> Moved:
        """Return that of the panels' nodes."""
        i = nodes.front
        stretch = motion.stretch[:, None, i]
        delta = stretch * nodes.delta
        gammas, log_gammas = _log_broadenings(v, b, motion, nodes, delta)
        F, _ = inverse_green_at(points, b, i, nodes.delta)
        moved_F = _moved_inverse(v, b, motion, nodes, delta)
        gamma = gammas[0] + gammas[1]
        denominator = F * F + 0.25 * gamma * gamma
        rate = stretch - (2 * F / denominator) * moved_F
        for a in range(2):
            rate += nodes.shares[a] * (1 - 0.5 * gamma * gamma / denominator) * log_gammas[a]
        size = np.abs(stretch) + np.abs(rate - stretch)
        return cls._with(points, v, b, motion, nodes, delta, log_gammas, (rate, size))

    @classmethod
    def poles(
        cls, points: Points, v: Velocities, b: Fronts, motion: Motion, nodes: Nodes, offset: Any
    ) -> Moved:
        """Return that of the poles, whose distances from the resonances move by ``offset``."""
        delta = offset[:, None]
        _, log_gammas = _log_broadenings(v, b, motion, nodes, delta)
        return cls._with(points, v, b, motion, nodes, delta, log_gammas)

    @classmethod
    def _with(
        cls,
        points: Points,
        v: Velocities,
        b: Fronts,
        motion: Motion,
        nodes: Nodes,
        delta: Any,
        log_gammas: list[Any],
        log_weight: tuple[Any, Any] = (None, None),
    ) -> Moved:
        i, at = nodes.front, nodes.point
        own = v.take(at)
        T, T_eq = points.temperature[:, at], points.temperature_eq[at]
        reservoirs = [
            (nodes.offset(b.from_mu[a]), motion.from_mu[:, a, i], T[a], own.temperature[:, a])
            for a in range(2)
        ]
        reservoirs.append(
            (nodes.offset(b.from_mu_eq), motion.from_mu_eq[:, i], T_eq, own.temperature_eq)
        )
        mus = own.mu[:, 0], own.mu[:, 1], own.mu_eq
        offsets, heated, xs = [], [], []
        for offset, moved, temperature, warming in reservoirs:
            change = moved[:, None] + delta
            offsets.append(change)
            heated.append((warming / temperature)[:, None] * (offset / temperature))
            xs.append(change / temperature - heated[-1])

        def apart(a: int, b: int) -> Any:
            """Return (x_b - x_a)', its omega' from the colder one's offset alone."""
            T_a, T_b = reservoirs[a][2], reservoirs[b][2]
            first = T_a <= T_b
            colder, hotter = np.where(first, T_a, T_b), np.where(first, T_b, T_a)
            offset = np.where(first, offsets[a], offsets[b])
            found = offset * ((T_a - T_b) / colder / hotter)
            found += ((mus[a] - mus[b]) / hotter)[:, None]
            return found + (heated[a] - heated[b])

        w_L, w_R = nodes.shares
        return cls(
            omega=motion.reference[:, None, i] + delta,
            offset=(offsets[0], offsets[1]),
            x=(xs[0], xs[1]),
            x_eq=xs[2],
            gain=apart(0, 1),
            from_eq=(apart(0, 2), apart(1, 2)),
            share=w_L * w_R * (log_gammas[0] - log_gammas[1]),
            log_flux=w_R * log_gammas[0] + w_L * log_gammas[1],
            log_weight=log_weight[0],
            log_weight_size=log_weight[1],
        )


def _log_broadenings(
    v: Velocities, b: Fronts, motion: Motion, nodes: Nodes, delta: Any
) -> tuple[list[Any], list[Any]]:
    """Return Gamma_a and the velocities of ln Gamma_a, 0 for a closed lead."""
    i = nodes.front
    own = b.points.take(i)
    kappa = v.take(b.point[i]).log_kappa(own)
    found, moved = [], []
    for a in range(2):
        is_open = b.open[a, i]
        from_low, from_high = nodes.offset(b.from_low[a]), nodes.offset(b.from_high[a])
        square = from_low * -from_high
        if not np.iscomplexobj(square):
            square = np.where(is_open, square, 0.0)
        found.append(np.where(is_open, 2 * own.kappa[a] * np.sqrt(square), 0.0))
        change = (motion.from_low[:, a, i][:, None] + delta) / (2 * from_low)
        change = change + (motion.from_high[:, a, i][:, None] + delta) / (2 * from_high)
        moved.append(np.where(is_open, kappa[:, a][:, None] + change, 0.0))
    return found, moved


def _moved_inverse(v: Velocities, b: Fronts, motion: Motion, nodes: Nodes, delta: Any) -> Any:
    """Return the velocity of F = omega - eps_QB - Re Sigma at the panels' nodes."""
    i = nodes.front
    own, moving = b.points.take(i), v.take(b.point[i])
    kappa = moving.kappa(own)
    is_open = b.open[:, i]
    slope = 1.0 - np.where(is_open, own.kappa, 0.0).sum(axis=0)
    bend = -np.where(is_open, kappa, 0.0).sum(axis=1)
    outside = np.zeros_like(delta)
    far = np.zeros((2, *nodes.delta.shape), dtype=bool)
    for a in range(2):
        k = np.flatnonzero(~is_open[a] & own.coupled[a])
        if not k.size:
            continue
        at, distance, moved = i[k], nodes.delta[:, k], delta[..., k]
        found = _self_energy_moved(v, b, motion, a, at, distance, moved)
        # Far from a narrow band its Re Sigma is much less than at the front beside it, of which
        # nothing is subtracted there.
        spread = np.abs(b.from_low[a, at]) + np.abs(b.from_high[a, at])
        far[a][:, k] = 2 * np.abs(distance) > _FAR * spread
        j = np.flatnonzero(far[a][:, k].any(axis=0))
        if j.size:
            whole = _whole_self_energy_moved(v, b, motion, a, at[j], distance[:, j], moved[..., j])
            found[..., j] = np.where(far[a][:, k[j]], whole, found[..., j])
        outside[..., k] += found
    F = motion.F[:, None, i]
    if far.any():
        bare = [motion.bare[:, which][:, None, i] for which in (2, 0, 1)]
        F = np.select([far[0] & far[1], far[0], far[1]], bare, F)
    return F + slope * delta + bend[:, None] * nodes.delta - outside


def _whole_self_energy_moved(
    v: Velocities, b: Fronts, motion: Motion, a: int, i: Any, distance: Any, moved: Any
) -> Any:
    """Return the velocity of a closed lead's Re Sigma(r + distance)."""
    low = Dual(b.from_low[a, i] + distance, motion.from_low[:, None, a, i] + moved)
    high = Dual(b.from_high[a, i] + distance, motion.from_high[:, None, a, i] + moved)
    change = v.take(b.point[i]).coupling[:, a]
    return self_energy(b.points.coupling[a, i], change, b.side[a, i], low, high).dots


def _self_energy_moved(
    v: Velocities, b: Fronts, motion: Motion, a: int, i: Any, distance: Any, moved: Any
) -> Any:
    """Return the velocity of a closed lead's Re Sigma(r + distance) - Re Sigma(r).

    With p, q the distances from the edges, Sigma = 4 v^2 side/(sqrt p + sqrt q)^2, and
    (ln Sigma)' = 2 v'/v - Q, Q = p'/(p + sqrt(pq)) + q'/(q + sqrt(pq)); nothing is subtracted that
    is not small itself.
    """
    own, side = b.points.take(i), b.side[a, i]
    coupling, change = own.coupling[a], v.take(b.point[i]).coupling[:, a]
    from_low, from_high = b.from_low[a, i], b.from_high[a, i]
    moved_low, moved_high = motion.from_low[:, a, i], motion.from_high[:, a, i]
    p0, q0 = side * from_low, side * from_high
    p, q = p0 + side * distance, q0 + side * distance
    root0, root = np.sqrt(p0 * q0), np.sqrt(p * q)
    sigma0 = 4 * side * coupling**2 / (p0 + q0 + 2 * root0)
    product = distance * (from_low + distance + from_high)  # of p q
    rise = product / (root + root0)
    increment = -sigma0 * (2 * side * distance + 2 * rise) / (p + q + 2 * root)
    total: Any = side * moved / root
    rate: Any = total
    for near0, near, moving in ((p0, p, side * moved_low), (q0, q, side * moved_high)):
        moving = moving[:, None]
        rate = rate + moving / (near + root)
        shared = (near + root) * (near0 + root0)
        apart = np.where(shared > 0, -(side * distance + rise) / np.where(shared > 0, shared, 1), 0)
        total = total + np.where(moving == 0, 0.0, moving * apart)
    found = increment * ((2 * change / coupling)[:, None] - rate) - sigma0 * total
    # An edge that touches the front but moves otherwise: see `Motion.outside`.
    touching = (p0 == 0) & (moved_low != 0).any(axis=0)
    touching |= (q0 == 0) & (moved_high != 0).any(axis=0)
    at = np.flatnonzero(touching)
    if at.size:
        whole = _whole_self_energy_moved(v, b, motion, a, i[at], distance[:, at], moved[..., at])
        found[..., at] = whole - motion.outside[:, a, i[at]][:, None]
    return found
