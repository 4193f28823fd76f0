"""Bound states of the finite junction: eigenvectors whose energies lie outside the bands.

They stay with the level for ever, occupied as the initial state happened to occupy them, and two
of them beat against each other without end.
May import: numpy, scipy, validation.witness.chain.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.linalg import eigh_tridiagonal

from validation.witness.chain import Array, FiniteJunction, Parameters, checked_occupation

__all__ = ["BoundState", "Oscillation", "bound_states", "oscillations", "states_of"]

OUTSIDE = 16 * float(np.finfo(float).eps)
"""Distance from a band, in units of the spectrum's half-width, that rounding can feign."""

LONG = 400.0
"""Sites, roughly, of the chains in which `bound_states` looks: a state within 1e-3 of a band's
edge (in units of the hopping) still ends 1e-11 before the chain does."""


@dataclass(frozen=True)
class BoundState:
    """A state outside the bands.

    Attributes
    ----------
    energy : float
    weight : float
        Z, the part of it on the level: |<level|state>|^2.
    occupation : float
        n_b, its occupation in the decoupled initial state, and therefore always.
    """

    energy: float
    weight: float
    occupation: float


@dataclass(frozen=True)
class Oscillation:
    """The beat of two bound states: N(t) keeps the part amplitude * cos(frequency t).

    Attributes
    ----------
    frequency : float
        Difference of the energies (hbar = 1).
    amplitude : float
        Of N(t), with its sign at t = 0.
    """

    frequency: float
    amplitude: float


def bound_states(
    junction: Any, initial: float = 0.0, sites: int | None = None
) -> tuple[BoundState, ...]:
    """Return the bound states of a junction, in order of energy, found in finite chains.

    A state whose distance from the band is so small that it does not fit into the chains is seen
    with the chains' error, or not at all.

    Parameters
    ----------
    junction : scalar qbnum.Junction, or anything with its attributes
    initial : float
        Occupation of the level in the initial state, 0 to 1.
    sites : int, optional
        Sites of each chain; enough for states that are 1e-3 hoppings away from the bands.

    Returns
    -------
    tuple of BoundState

    Raises
    ------
    ParameterError
        The junction or ``initial`` is outside its domain.
    """
    parameters = Parameters.of(junction)
    chain = FiniteJunction.until(parameters, LONG / (parameters.slowest or 1.0))
    if sites is not None:
        chain = FiniteJunction(parameters, (sites, sites))
    energies, vectors = states_of(chain)
    occupied = chain.weigh(vectors, checked_occupation(initial))
    numbers = np.sum(occupied**2, axis=-1)
    weights = vectors[:, chain.level_at] ** 2
    return tuple(
        BoundState(float(e), float(z), float(n))
        for e, z, n in zip(energies, weights, numbers, strict=True)
    )


def oscillations(chain: FiniteJunction, initial: float) -> tuple[Oscillation, ...]:
    """Return the beats of all pairs of bound states in N(t)."""
    energies, vectors = states_of(chain)
    occupied = chain.weigh(vectors, initial)
    on_level = vectors[:, chain.level_at]
    return tuple(
        Oscillation(
            float(energies[b] - energies[a]),
            float(2 * on_level[a] * on_level[b] * (occupied[a] @ occupied[b])),
        )
        for b in range(len(energies))
        for a in range(b)
    )


def states_of(chain: FiniteJunction) -> tuple[Array, Array]:
    """Return energies, ascending, and normalised vectors (rows) of what is outside the bands."""
    centre, radius = chain.spectrum
    margin = OUTSIDE * (radius + abs(centre))
    energies: list[Array] = []
    vectors: list[Array] = []
    for low, high in _gaps(chain.parameters, centre - 2 * radius, centre + 2 * radius):
        if high - low <= 2 * margin:
            continue
        found, columns = eigh_tridiagonal(
            chain.diagonal,
            chain.off_diagonal,
            select="v",
            select_range=(low + margin, high - margin),
        )
        # The sites of a lead that is not coupled are no part of the junction.
        here = columns[chain.level_at] != 0
        energies.append(found[here])
        vectors.append(columns.T[here])
    return np.concatenate(energies), np.concatenate(vectors)


def _gaps(parameters: Parameters, lowest: float, highest: float) -> list[tuple[float, float]]:
    """Return the intervals of an axis that no open lead's band covers."""
    bands = sorted(
        (lead.onsite - 2 * lead.hopping, lead.onsite + 2 * lead.hopping)
        for lead in parameters.open_leads
    )
    gaps, edge = [], lowest
    for low, high in bands:
        gaps.append((edge, low))
        edge = max(edge, high)
    return [*gaps, (edge, highest)]
