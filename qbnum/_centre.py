"""Occupations measured from their values at one energy, so that small variations keep digits.

The gaps of Eqs. (A6)-(A7) are what f and f/f_eq *vary* by over the spectrum. Where they hardly do
(hot reservoirs, or ones so far away that f/f_eq is a constant) f - d and (f/g)/(d/d_eq) - 1 are
taken as differences of departures from the values at a centre, each formed without cancellation.
May import: numpy, private modules.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from qbnum import _doubledouble as dd
from qbnum import _statistics as st
from qbnum._geometry import Points
from qbnum._spectrum import Spectrum

Array: TypeAlias = NDArray[np.float64]

_LEAST = 4 * np.finfo(np.float64).tiny
_LARGE = 37.0  # e^x - 1 is e^x


@dataclass(frozen=True)
class Centre:
    """Occupations at one energy of each point's spectrum; arrays (2, n) over leads, or (n,)."""

    weights: Array  # w_a of Eq. (9), neither formed as 1 - the other
    x: Array
    x_eq: Array
    lead_difference: Array  # f_L - f_R, 0 where the weights are the same at every energy
    from_eq: Array  # f_a - f_eq

    @classmethod
    def of(cls, points: Points, spectrum: Spectrum) -> Centre:
        """Evaluate at the spectrum's centre."""
        centre = spectrum.centre
        low, high = points.edges()
        square = [
            np.maximum(
                dd.difference(centre, low.take(a)) * dd.difference(high.take(a), centre), 0.0
            )
            for a in range(2)
        ]
        gamma = points.kappa * np.sqrt(square)
        offset = np.stack([(centre - points.mu[a]).value() for a in range(2)])
        offset_eq = (centre - points.mu_eq).value()
        x, x_eq = offset / points.temperature, offset_eq / points.temperature_eq
        left, right = (st.Fermi.of(x[a]) for a in range(2))
        equilibrium = st.Fermi.of(x_eq)
        mu, T = points.mu, points.temperature
        between = st.exponent_difference(offset[0], offset[1], mu[0] - mu[1], T[0], T[1])
        to_eq = st.exponent_difference(
            offset, offset_eq, mu - points.mu_eq, T, points.temperature_eq
        )
        same_band = (points.onsite[0] == points.onsite[1]) & (
            points.hopping[0] == points.hopping[1]
        )
        constant_weights = same_band | ~points.coupled.all(axis=0)
        return cls(
            weights=gamma / (gamma[0] + gamma[1]),
            x=x,
            x_eq=x_eq,
            lead_difference=np.where(
                constant_weights, 0.0, st.fermi_difference(left, right, between)
            ),
            from_eq=np.stack(
                [
                    st.fermi_difference(left, equilibrium, to_eq[0]),
                    st.fermi_difference(right, equilibrium, to_eq[1]),
                ]
            ),
        )

    def take(self, index: NDArray[np.intp]) -> Centre:
        """Return the points at an index."""
        return Centre(**{name: value[..., index] for name, value in vars(self).items()})

    def ratios(self) -> tuple[Array, Array]:
        """Return f/g and (1-f)/(1-g)."""
        g = st.Fermi.of(self.x_eq)
        f, f_bar = self.occupations()
        return f / g.f, f_bar / g.f_bar

    def occupations(self) -> tuple[Array, Array]:
        """Return f and 1 - f."""
        left, right = (st.Fermi.of(self.x[a]) for a in range(2))
        w_L, w_R = self.weights
        return w_L * left.f + w_R * right.f, w_L * left.f_bar + w_R * right.f_bar

    def departures_of(self, occupied: st.Fermi, from_eq: tuple[Array, Array]) -> Departures:
        """Return the departures of a given occupation n; ``from_eq``: n/g - 1 and its hole's."""
        stars = [st.Fermi.of(self.x[a]) for a in range(2)]
        weights = self.weights
        terms = [
            w * st.fermi_difference(occupied, star, star.x - occupied.x)
            for w, star in zip(weights, stars, strict=True)
        ]
        mixed = weights[0] * self.from_eq[0] + weights[1] * self.from_eq[1]
        g = st.Fermi.of(self.x_eq)
        R, R_bar = self.ratios()
        own, own_bar = mixed / g.f, -mixed / g.f_bar
        return Departures(
            f=terms[0] + terms[1],
            ratio=(from_eq[0] - own) / R,
            ratio_bar=(from_eq[1] - own_bar) / R_bar,
            f_size=np.abs(terms[0]) + np.abs(terms[1]),
            ratio_size=(np.abs(from_eq[0]) + np.abs(own)) / R,
            ratio_size_bar=(np.abs(from_eq[1]) + np.abs(own_bar)) / R_bar,
        )


@dataclass(frozen=True)
class Departures:
    """What changes from the centre to the nodes, each with the size of the terms it is made of.

    ``f``: f - f*; ``ratio``: (f/g)/(f*/g*) - 1; ``ratio_bar``: the same for holes. A value's noise
    is an ulp of its size; neither is finite where an exponential overflows.
    """

    f: Array
    ratio: Array
    ratio_bar: Array
    f_size: Array
    ratio_size: Array
    ratio_size_bar: Array


def departures(
    centre: Centre,
    distance: Array,
    weights: tuple[Array, Array],
    leads: tuple[st.Fermi, st.Fermi],
    T: Array,
    T_eq: Array,
) -> Departures:
    """Return the departures of the nodes' occupations from the centre's.

    With R_a = f_a/g, E_a = e^{distance/T_a} - 1 and s_a = (1-f_a*) E_a, s_eq likewise:
    R_a/R_a* - 1 = (s_eq - s_a)/(1 + s_a), where 1 + s_a = f_a* + (1-f_a*) e^{distance/T_a} and the
    numerator is taken as it stands or, near equilibrium, as
    (f_a* - g*) E_eq + (1-f_a*) e^{distance/T_a} [e^{distance (1/T_eq - 1/T_a)} - 1],
    all of it divided by e^{distance/T_a} where that is large. Holes have every exponent of the
    opposite sign.

    Parameters
    ----------
    centre : Centre
        Of every column's point.
    distance : array
        omega - omega*.
    weights, leads
        w_a and f_a at the nodes.
    T, T_eq : array
        Temperatures (2, ...) and the equilibrium's.
    """
    g = st.Fermi.of(centre.x_eq)
    at_centre, at_centre_bar = centre.ratios()
    change, ratio, ratio_bar = (
        _Sum(weights[0], centre.weights[0], centre.lead_difference / part)
        for part in (np.ones_like(g.f), g.f * at_centre, -g.f_bar * at_centre_bar)
    )
    e_eq = distance / T_eq
    for a in range(2):
        star, rise, weight = st.Fermi.of(centre.x[a]), centre.from_eq[a], weights[a]
        e, skew = distance / T[a], distance * ((T[a] - T_eq) / T[a] / T_eq)
        change.add(weight * st.fermi_difference(leads[a], star, -e))
        of_f = weight / (g.f * at_centre)
        ratio.add_departure(of_f, (star.f, star.f_bar), g.f_bar, rise, (e, e_eq, skew))
        of_f = weight / (g.f_bar * at_centre_bar)
        ratio_bar.add_departure(of_f, (star.f_bar, star.f), g.f, -rise, (-e, -e_eq, -skew))
    # A centre where an occupation is below the double range is no reference for ratios.
    stars = [st.Fermi.of(x) for x in (*centre.x, centre.x_eq)]
    least = np.min([np.minimum(star.f, star.f_bar) for star in stars], axis=0)
    lost = np.where(least < _LEAST, np.nan, 1.0)
    return Departures(
        change.value,
        lost * ratio.value,
        lost * ratio_bar.value,
        change.size,
        lost * ratio.size,
        lost * ratio_bar.size,
    )


class _Sum:
    """A running sum and the sum of its terms' magnitudes."""

    def __init__(self, weight: Array, at_centre: Array, difference: Array) -> None:
        self.value = (weight - at_centre) * difference
        self.size = (np.abs(weight) + at_centre) * np.abs(difference)

    def add(self, term: Array) -> None:
        self.value, self.size = self.value + term, self.size + np.abs(term)

    def add_departure(
        self,
        of_f: Array,
        star: tuple[Array, Array],
        g_bar: Array,
        rise: Array,
        exponents: tuple[Array, Array, Array],
    ) -> None:
        """Add ``of_f`` f* (R/R* - 1), given f* and 1 - f*, 1 - g*, f* - g* and the exponents."""
        f, f_bar = star
        e, e_eq, skew = exponents
        up, large = np.real(e) > 0, np.real(e_eq) > _LARGE
        calm, growth = np.exp(np.where(up, -e, 0.0)), np.exp(np.where(up, 0.0, e))
        E = np.where(up, -np.expm1(np.where(up, -e, 0.0)), np.expm1(np.where(up, 0.0, e)))
        E_eq = np.where(
            large,
            np.exp(np.where(large, np.where(up, skew, e_eq), 0.0)),
            np.expm1(np.where(large, 0.0, e_eq)) * calm,
        )
        self._add_shorter(
            of_f * f / (f * calm + f_bar * growth),
            (g_bar * E_eq, -f_bar * E),
            (rise * E_eq, f_bar * growth * np.expm1(skew)),
            closed=of_f == 0,
        )

    def _add_shorter(
        self, factor: Array, one: tuple[Array, Array], other: tuple[Array, Array], closed: Array
    ) -> None:
        """Add ``factor`` times the pair whose terms are the smaller; both have the same sum."""
        sizes = [np.abs(pair[0]) + np.abs(pair[1]) for pair in (one, other)]
        first = ~(sizes[1] < sizes[0])  # also where the other is not a number
        term = np.where(first, one[0] + one[1], other[0] + other[1])
        self.value = self.value + np.where(closed, 0.0, factor * term)
        size = np.where(first, sizes[0], sizes[1])
        self.size = self.size + np.where(closed, 0.0, np.abs(factor) * size)
