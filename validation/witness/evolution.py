"""What the level and the currents do in time, from the correlation matrix of the finite junction.

C_ij(t) = <c_i^+(t) c_j(t)> starts as f_L(H_L) + n_0 + f_R(H_R) (Sec. II) and evolves with H. With
psi_j(t) = exp(-i H t) e_j it is <psi_i| C(0) |psi_j>, and few sites are needed:

    N = C_dd,   E = Re <d^+ [d, H]> = level N - sum of v_a Re C_(d, a0),
    dN_a/dt = i <[H, N_a]> = 2 v_a Im C_(d, a0),
    dH_a/dt = i <[H, H_a]> = 2 v_a Im <psi_d| C(0) |H psi_a0>,

the last since H e_a0 = onsite e_a0 - h e_a1 - v_a e_d, and C_dd is real. Currents are positive from
left to right. May import: numpy, validation.witness.chain, .propagation.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from validation.witness.chain import Array, FiniteJunction
from validation.witness.propagation import Propagator, chebyshev

__all__ = ["BLOCK", "MEASURED", "blocks", "evolve"]

BLOCK = 8
"""Times that are reached together."""

MEASURED = (
    "particle_number",
    "energy",
    "charge_current_left",
    "charge_current_right",
    "energy_current_left",
    "energy_current_right",
)
"""What `evolve` returns, in this order: currents out of the left lead and into the right one."""


def evolve(
    chain: FiniteJunction,
    times: Array,
    initial: float = 0.0,
    propagator: Callable[[FiniteJunction], Propagator] = chebyshev,
    step: Callable[[], None] | None = None,
) -> Array:
    """Return N, E and the four currents at the given times.

    Parameters
    ----------
    chain : FiniteJunction
        Long enough for the times; nothing here knows of the echo.
    times : array
        At least one, of either sign, in order. Negative times are the past that leads to the same
        initial state.
    initial : float
        Occupation of the level at time 0.
    propagator : callable
        `propagation.chebyshev` or `propagation.diagonalised`.
    step : callable, optional
        Called after each block of times, `blocks` times in all.

    Returns
    -------
    array, shape (len(times), 6)
        Columns as in `MEASURED`.
    """
    propagate = propagator(chain)
    vectors = _first_vectors(chain)
    found = np.empty((len(times), len(MEASURED)))
    now = 0.0
    # The way to the first time is long, and done alone.
    for block in (slice(0, 1), *(slice(k, k + BLOCK) for k in range(1, len(times), BLOCK))):
        then = propagate(vectors, np.asarray(times[block]) - now)
        found[block] = [_measured(chain, at_time, initial) for at_time in then]
        vectors, now = then[-1], float(times[block][-1])
        if step is not None:
            step()
    return found


def blocks(count: int) -> int:
    """Return in how many blocks so many times are done."""
    return 1 + -(-(count - 1) // BLOCK)


def _first_vectors(chain: FiniteJunction) -> Array:
    """Return e_d, v_L e_L0 and v_R e_R0 as complex vectors."""
    p, at = chain.parameters, chain.level_at
    vectors = np.zeros((2, 3, chain.size))
    vectors[0, 0, at] = 1.0
    vectors[0, 1, at - 1] = p.left.coupling
    vectors[0, 2, at + 1] = p.right.coupling
    return vectors


def _measured(chain: FiniteJunction, vectors: Array, initial: float) -> Array:
    real, imaginary = chain.weigh(
        np.concatenate((vectors, chain.apply(vectors[:, 1:])), axis=1), initial
    )
    # <psi_d| C(0) |w> for w = psi_d, v_a psi_a0, H v_a psi_a0.
    number, *with_first = real @ real[0] + imaginary @ imaginary[0]
    flows = 2 * (imaginary @ real[0] - real @ imaginary[0])[1:]
    energy = chain.parameters.level * number - with_first[0] - with_first[1]
    left, right, energy_left, energy_right = flows
    return np.array([number, energy, -left, right, -energy_left, energy_right])
