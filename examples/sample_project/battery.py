"""A level between two chains, as one writes it from the paper: textbook formulas and quadrature.

This package knows nothing of qbval. A junction is anything with the attributes ``level``, ``left``,
``right``, ``mu_eq`` and ``temperature_eq``; a lead has ``onsite``, ``hopping``, ``coupling``,
``mu`` and ``temperature``. Units: hbar = e = k_B = 1.
"""

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import fixed_quad
from scipy.special import entr, expit, rel_entr

NODES = 40
"""Gauss-Legendre nodes on each interval: the integrand is smooth on it, see `intervals`."""

NAMES = (
    *("spectral_weight", "particle_number", "energy", "entropy", "exergy"),
    *("charge_current", "energy_current"),
)


class OutOfScopeError(Exception):
    """The leads' bands differ, or an electron is bound outside of them."""


def self_energy(lead: Any, energy: NDArray[np.float64]) -> NDArray[np.complex128]:
    """Return the retarded self-energy of a semi-infinite chain, inside its band."""
    x = energy - lead.onsite
    root = np.sqrt(np.maximum(4 * lead.hopping**2 - x**2, 0))
    return np.asarray(lead.coupling**2 / (2 * lead.hopping**2) * (x - 1j * root))


def observables(junction: Any) -> dict[str, float]:
    """Return what the level holds and what flows through it, by the names that qbval gives them."""
    left, right = junction.left, junction.right
    width = (left.coupling**2 + right.coupling**2) / left.hopping
    if (left.onsite, left.hopping) != (right.onsite, right.hopping):
        raise OutOfScopeError("the bands differ")
    if width == 0 or abs(junction.level - left.onsite) > 2 * left.hopping - width:
        raise OutOfScopeError("there is a bound state")

    def integrands(x: NDArray[np.float64]) -> NDArray[np.float64]:
        energy = junction.level + x
        sigma_left, sigma_right = self_energy(left, energy), self_energy(right, energy)
        gamma_left, gamma_right = -2 * sigma_left.imag, -2 * sigma_right.imag
        # From the level on: energy - level would lose a narrow resonance to rounding.
        green = np.abs(1 / (x - sigma_left - sigma_right)) ** 2
        A = (gamma_left + gamma_right) * green / (2 * np.pi)
        f_left, f_right, f_eq = (
            expit((mu - energy) / temperature)
            for mu, temperature in (
                (left.mu, left.temperature),
                (right.mu, right.temperature),
                (junction.mu_eq, junction.temperature_eq),
            )
        )
        share = left.coupling**2 / (left.coupling**2 + right.coupling**2)
        f = share * f_left + (1 - share) * f_right
        flow = gamma_left * gamma_right * green * (f_left - f_right) / (2 * np.pi)
        return np.array(
            [
                A,
                A * f,
                energy * A * f,
                A * (entr(f) + entr(1 - f)),
                A * (rel_entr(f, f_eq) + rel_entr(1 - f, 1 - f_eq)),
                flow,
                energy * flow,
            ]
        )

    ends = intervals(junction, width)
    parts = [fixed_quad(integrands, a, b, n=NODES)[0] for a, b in pairwise(ends)]
    values = dict(zip(NAMES, map(float, np.sum(parts, axis=0)), strict=True))
    charge, energy = values["charge_current"], values["energy_current"]
    values["heat_current_left"] = energy - left.mu * charge
    values["heat_current_right"] = energy - right.mu * charge
    return values


def intervals(junction: Any, width: float) -> NDArray[np.float64]:
    """Return where to split the band, in energies from the level on.

    Decade by decade away from the resonance, the steps of the reservoirs and the band's edges.
    """
    lead = junction.left
    low, high = (lead.onsite + side * 2 * lead.hopping - junction.level for side in (-1, 1))
    # Re Sigma, linear in the energy, pushes the level.
    push = width / (2 * lead.hopping)
    places = [(push * (junction.level - lead.onsite) / (1 - push), width)]
    places += [(end, 1e-10 * lead.hopping) for end in (low, high)]
    places += [(r.mu - junction.level, r.temperature) for r in (junction.left, junction.right)]
    places += [(junction.mu_eq - junction.level, junction.temperature_eq)]
    points = {low, high}
    for centre, finest in places:
        steps = finest * 10.0 ** np.arange(np.ceil(np.log10(8 * lead.hopping / finest)))
        points |= {centre, *(centre - steps), *(centre + steps)}
    return np.array(sorted(point for point in points if low <= point <= high))
