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

from qbnum import _statistics as st
from qbnum._geometry import Points, Spectrum

Array: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True)
class Centre:
    """Occupations at one energy of each point's spectrum; arrays (2, n) over leads, or (n,)."""

    weight_left: Array  # w_L of Eq. (9)
    x: Array
    x_eq: Array
    lead_difference: Array  # f_L - f_R
    from_eq: Array  # f_a - f_eq

    @classmethod
    def of(cls, points: Points, spectrum: Spectrum) -> Centre:
        """Evaluate at the spectrum's centre."""
        centre = spectrum.centre
        low, high = points.edges()
        square = [
            np.maximum((centre - low.take(a)).value() * (high.take(a) - centre).value(), 0.0)
            for a in range(2)
        ]
        gamma = points.kappa() * np.sqrt(square)
        offset = np.stack([(centre - points.mu[a]).value() for a in range(2)])
        offset_eq = (centre - points.mu_eq).value()
        x, x_eq = offset / points.temperature, offset_eq / points.temperature_eq
        left, right = (st.Fermi.of(x[a]) for a in range(2))
        equilibrium = st.Fermi.of(x_eq)
        mu, T = points.mu, points.temperature
        between = st.exponent_difference(offset[0], mu[0] - mu[1], T[0], T[1])
        to_eq = st.exponent_difference(offset, mu - points.mu_eq, T, points.temperature_eq)
        return cls(
            weight_left=gamma[0] / (gamma[0] + gamma[1]),
            x=x,
            x_eq=x_eq,
            lead_difference=st.fermi_difference(left, right, between),
            from_eq=np.stack(
                [
                    st.fermi_difference(left, equilibrium, to_eq[0]),
                    st.fermi_difference(right, equilibrium, to_eq[1]),
                ]
            ),
        )

    def take(self, index: NDArray[np.intp]) -> Centre:
        """Return the points at an index, as columns."""
        return Centre(**{name: value[..., index, None] for name, value in vars(self).items()})

    def ratios(self) -> tuple[Array, Array]:
        """Return f/g and (1-f)/(1-g) at the centre."""
        g = st.Fermi.of(self.x_eq)
        mixed = self.weight_left * self.from_eq[0] + (1.0 - self.weight_left) * self.from_eq[1]
        return 1.0 + mixed / g.f, 1.0 - mixed / g.f_bar

    def occupation(self) -> Array:
        """Return f at the centre."""
        left, right = (st.Fermi.of(self.x[a]).f for a in range(2))
        return self.weight_left * left + (1.0 - self.weight_left) * right


def departures(
    centre: Centre,
    distance: Array,
    weights: tuple[Array, Array],
    leads: tuple[st.Fermi, st.Fermi],
    T: Array,
    T_eq: Array,
) -> tuple[Array, Array, Array]:
    """Return f - f*, (f/g)/(f*/g*) - 1 and the same for holes, * being the centre.

    With E_a = e^{distance/T_a} - 1 and R_a = f_a/g: R_a/R_a* - 1 = (s_eq - s_a)/(1 + s_a), where
    s_a = (1-f_a*) E_a and s_eq likewise; their difference is
    (f_a* - g*) E_eq + (1-f_a*) (E_eq - E_a), and the last bracket
    e^{distance/T_a} [e^{distance (1/T_eq - 1/T_a)} - 1]. Likewise
    1 + s_a = f_a* + (1-f_a*) e^{distance/T_a} does not cancel. Not finite where an
    exponential overflows.

    Parameters
    ----------
    centre : Centre
        As columns.
    distance : array
        omega - omega*.
    weights, leads
        w_a and f_a at the nodes.
    T, T_eq : array
        Temperatures (2, ...) and the equilibrium's.
    """
    stars = [st.Fermi.of(centre.x[a]) for a in range(2)]
    g = st.Fermi.of(centre.x_eq)
    mixing = weights[0] - centre.weight_left
    change = mixing * centre.lead_difference
    ratio = mixing * (centre.lead_difference / g.f)
    ratio_bar = mixing * (-centre.lead_difference / g.f_bar)
    E_eq, growth_eq = np.expm1(distance / T_eq), np.exp(distance / T_eq)
    for a in range(2):
        star, rise = stars[a], centre.from_eq[a]
        exponent = distance / T[a]
        change = change + weights[a] * st.fermi_difference(leads[a], star, -exponent)
        growth = np.exp(exponent)
        skew = distance * ((T[a] - T_eq) / T[a] / T_eq)
        K = np.expm1(skew)
        r = (rise * E_eq + star.f_bar * growth * K) / (star.f + star.f_bar * growth)
        # Holes: every exponent of the opposite sign, e^-y - 1 = -(e^y - 1)/e^y.
        hole_term = star.f * (-K / (1.0 + K)) / growth
        r_bar = (rise * (E_eq / growth_eq) + hole_term) / (star.f_bar + star.f / growth)
        open_ = weights[a] > 0
        ratio = ratio + np.where(open_, weights[a] * (1.0 + rise / g.f) * r, 0.0)
        ratio_bar = ratio_bar + np.where(open_, weights[a] * (1.0 - rise / g.f_bar) * r_bar, 0.0)
    at_centre, at_centre_bar = centre.ratios()
    return change, ratio / at_centre, ratio_bar / at_centre_bar
