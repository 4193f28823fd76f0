"""Two finite tight-binding chains and the level: the paper's Eqs. (4)-(5) as one matrix.

The Hamiltonian, its action on vectors, the decoupled initial state of Sec. II, and what commutes
with it. Nothing here, or in this package, knows a Green function, a self-energy or a transmission.
May import: numpy, scipy, validation.errors, validation.exact.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import fft
from scipy.special import expit

from validation.errors import ParameterError
from validation.exact import ExactJunction

__all__ = ["Array", "ChainLead", "FiniteJunction", "Parameters", "checked_occupation"]

Array: TypeAlias = NDArray[np.float64]

ECHO_MARGIN = 8.0
"""The front that returns from a chain's end has a forerunner, a Bessel function J_n(z) at n > z,
which is below 1e-16 from n = z + 8 z^(1/3) on; the chains are longer by that."""

THERMAL_LENGTHS = 18.0
"""What an end does to the initial state of its own chain reaches over the length 2h/(pi T) and
falls by e^2 with each: a factor 1e-16 at the junction, there and back."""


@dataclass(frozen=True)
class ChainLead:
    """One lead's five parameters as doubles; the fields are those of `qbnum.Lead`."""

    onsite: float
    hopping: float
    coupling: float
    mu: float
    temperature: float

    def fermi(self, energy: Array) -> Array:
        """Return the Fermi-Dirac distribution of the decoupled reservoir."""
        return np.asarray(expit(-(energy - self.mu) / self.temperature))


@dataclass(frozen=True)
class Parameters:
    """A junction's thirteen parameters as doubles; the fields are those of `qbnum.Junction`."""

    level: float
    left: ChainLead
    right: ChainLead
    mu_eq: float
    temperature_eq: float

    @classmethod
    def of(cls, junction: Any) -> Parameters:
        """Return the parameters of anything with a scalar `qbnum.Junction`'s attributes.

        Raises
        ------
        ParameterError
            An attribute is missing, or is not one finite real number in its domain.
        """
        if isinstance(junction, cls):
            return junction
        values = {k: float(x) for k, x in ExactJunction.from_junction(junction).parameters.items()}
        left, right = (
            ChainLead(*(values[f"{side}.{name}"] for name in ChainLead.__dataclass_fields__))
            for side in ("left", "right")
        )
        return cls(values["level"], left, right, values["mu_eq"], values["temperature_eq"])

    @property
    def leads(self) -> tuple[ChainLead, ChainLead]:
        """The left and the right lead."""
        return self.left, self.right

    @property
    def open_leads(self) -> tuple[ChainLead, ...]:
        """The leads that are coupled to the level at all."""
        return tuple(lead for lead in self.leads if lead.coupling > 0)

    @property
    def fastest(self) -> float:
        """The largest hopping of an open lead, or 0: the front moves by twice that in unit time."""
        return max((lead.hopping for lead in self.open_leads), default=0.0)

    @property
    def slowest(self) -> float:
        """The smallest hopping of an open lead, or 0."""
        return min((lead.hopping for lead in self.open_leads), default=0.0)


def checked_occupation(initial: Any) -> float:
    """Return an occupation as a float.

    Raises
    ------
    ParameterError
        Not a number from 0 to 1.
    """
    try:
        value = float(initial)
    except (TypeError, ValueError):
        value = math.nan
    if not 0 <= value <= 1:
        raise ParameterError(
            f"initial = {initial!r} is no occupation of the level; give a number from 0 to 1"
        )
    return value


@dataclass(frozen=True)
class FiniteJunction:
    """The level between two chains of finite length.

    The sites are in one row: the left chain from its far end, the level, the right chain. A vector
    is an array whose last axis is that row.

    Parameters
    ----------
    parameters : Parameters
    sites : tuple of int
        Sites of the left and the right chain.
    """

    parameters: Parameters
    sites: tuple[int, int]

    @classmethod
    def until(cls, junction: Any, time: float) -> FiniteJunction:
        """Return chains whose ends do not answer before ``time``.

        What starts at the level comes back from the end of M sites after the time M/h, twice the
        way at the velocity 2h. Cold chains are longer than that, for the sake of their initial
        state. A lead that is not coupled has one site.
        """
        parameters = Parameters.of(junction)
        return cls(parameters, sites_until(parameters, time))

    @property
    def size(self) -> int:
        """Sites of both chains and the level."""
        return sum(self.sites) + 1

    @property
    def level_at(self) -> int:
        """The level's place in the row."""
        return self.sites[0]

    @cached_property
    def diagonal(self) -> Array:
        """The on-site energies along the row."""
        p = self.parameters
        left, right = (np.full(n, lead.onsite) for n, lead in zip(self.sites, p.leads, strict=True))
        return np.concatenate((left, [p.level], right))

    @cached_property
    def off_diagonal(self) -> Array:
        """What connects neighbours along the row: -h in the chains, -v next to the level."""
        p = self.parameters
        left, right = (
            np.full(n - 1, -lead.hopping) for n, lead in zip(self.sites, p.leads, strict=True)
        )
        return np.concatenate((left, [-p.left.coupling, -p.right.coupling], right))

    @cached_property
    def spectrum(self) -> tuple[float, float]:
        """Centre and half-width of an interval that contains every eigenvalue (Gershgorin)."""
        size = np.abs(self.off_diagonal)
        reach = np.concatenate((size, [0.0])) + np.concatenate(([0.0], size))
        low = float(np.min(self.diagonal - reach))
        high = float(np.max(self.diagonal + reach))
        # An isolated level may have a spectrum of one point.
        return (low + high) / 2, (high - low) / 2 or 1.0

    def apply(self, vectors: Array) -> Array:
        """Return H acting on each vector."""
        result = self.diagonal * vectors
        result[..., 1:] += self.off_diagonal * vectors[..., :-1]
        result[..., :-1] += self.off_diagonal * vectors[..., 1:]
        return result

    def modes(self, vectors: Array) -> tuple[Array, Array]:
        """Return the components of real vectors on the standing waves of the decoupled chains.

        sqrt(2/(M+1)) sin(k x), x = 1 ... M from the junction, k = pi n/(M+1): an orthonormal set,
        whose transformation is its own inverse.
        """
        at = self.level_at
        return (
            fft.dst(vectors[..., :at][..., ::-1], type=1, norm="ortho"),
            fft.dst(vectors[..., at + 1 :], type=1, norm="ortho"),
        )

    @cached_property
    def occupations(self) -> tuple[Array, Array]:
        """The reservoirs' Fermi functions at the energies onsite - 2h cos k of their modes."""
        found = []
        for count, lead in zip(self.sites, self.parameters.leads, strict=True):
            k = np.pi * np.arange(1, count + 1) / (count + 1)
            found.append(lead.fermi(lead.onsite - 2 * lead.hopping * np.cos(k)))
        return found[0], found[1]

    def weigh(self, vectors: Array, initial: float) -> Array:
        """Return real vectors multiplied by the square root of the initial correlation matrix.

        In the basis of the chains' modes and the level, where that matrix is diagonal: the scalar
        product of two such vectors u, w is <u| C(0) |w>, C(0) = f_L + initial + f_R.
        """
        left, right = (
            np.sqrt(f) * mode for f, mode in zip(self.occupations, self.modes(vectors), strict=True)
        )
        level = math.sqrt(initial) * vectors[..., self.level_at, None]
        return np.concatenate((left, level, right), axis=-1)


def sites_until(parameters: Parameters, time: float) -> tuple[int, int]:
    """Return how many sites each chain needs so that its end does not answer before ``time``."""
    left, right = (
        _length(lead, abs(time)) if lead.coupling > 0 else 1 for lead in parameters.leads
    )
    return left, right


def _length(lead: ChainLead, time: float) -> int:
    way = lead.hopping * time
    way += ECHO_MARGIN * (1 + way) ** (1 / 3) + 2
    needed = math.ceil(max(way, THERMAL_LENGTHS * 2 * lead.hopping / (math.pi * lead.temperature)))
    # The sine transform of M points is a Fourier transform of 2 (M + 1).
    return int(fft.next_fast_len(needed + 1)) - 1
