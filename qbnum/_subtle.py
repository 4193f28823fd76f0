"""The one pass of `_ordinary` for cold junctions and for those near equilibrium.

Cold: exponents beyond the double range, and entropies much smaller than those of d and d_eq. Near
equilibrium: f/f_eq hardly differs from 1. Twice the work of an ordinary node. Every function takes
complex energies as well. May import: numpy, private modules.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from qbnum import _doubledouble as dd
from qbnum import _statistics as st
from qbnum._doubledouble import DoubleDouble
from qbnum._fronts import Fronts
from qbnum._geometry import Points
from qbnum._nodes import Nodes
from qbnum._ordinary import EPS, Gain, Occupations, apart
from qbnum._spectrum import Spectrum

Array: TypeAlias = NDArray[np.float64]

# Beyond, e^-x is replaced by e^-740, the end of the double range.
_COLDEST = 740.0
_LEAST = 5e-324
_ONE, _NOTHING = np.ones(1), np.zeros(1)
_LEAST_FILLING = 1e-270


class SubtleOccupations(Occupations):
    """Occupations whose differences and entropies keep relative accuracy, however cold or close."""

    ENTROPIES = ("entropy", "equilibrium_entropy", "exergy")

    def __init__(self, points: Points, b: Fronts, nodes: Nodes) -> None:
        at, front = nodes.point, nodes.front
        mu, T = points.mu[:, at], points.temperature[:, at]
        mu_eq, T_eq = points.mu_eq[at], points.temperature_eq[at]
        self.weight, self.delta, self.point = nodes.weight, nodes.delta, at
        self.reference = b.reference[front]
        self.from_mu = [b.from_mu[a][front] for a in range(2)]
        offsets = [self.from_mu[a] + nodes.delta for a in range(2)]
        leads = [_fermi(offsets[a] / T[a]) for a in range(2)]
        offset_eq = b.from_mu_eq[front] + nodes.delta
        x_eq = offset_eq / T_eq
        eq = _fermi(x_eq)
        self.log_g, self.log_g_bar = st.Fermi(x_eq, *eq).log()
        self.gain = Gain((self.from_mu[0], self.from_mu[1]), mu[0] - mu[1], T[0], T[1])
        # From the offsets, which are small where the moments' features are not near.
        between = st.exponent_difference(offsets[0], offsets[1], mu[0] - mu[1], T[0], T[1])
        self.difference = apart(leads[0], leads[1], between)
        to_eq = [
            st.exponent_difference(offsets[a], offset_eq, mu[a] - mu_eq, T[a], T_eq)
            for a in range(2)
        ]
        self.changes = [nodes.shares[a] * apart(leads[a], eq, to_eq[a]) for a in range(2)]
        self.change = self.changes[0] + self.changes[1]
        w_L, w_R = nodes.shares
        self.f, self.f_bar = (w_L * p + w_R * q for p, q in zip(*leads, strict=True))
        self.g, self.g_bar = eq
        self.current = nodes.flux * self.difference

    @classmethod
    def of_bound(
        cls, points: Points, where: Spectrum, occupation: Array | None
    ) -> SubtleOccupations | None:
        """Return the bound states as nodes (3, n), one column a point; a node's weight is Z."""
        present = where.states.present.T
        if occupation is None or not present.any():
            return None
        n = occupation.T
        made = cls.__new__(cls)
        made.weight = np.where(present, where.states.weight.T, 0.0)
        made.point = np.arange(len(points))
        # An empty slot is put inside the spectrum, where every term is finite and Z = 0 drops it.
        states = DoubleDouble(*(part.T for part in where.states.energy))
        energy = dd.where(present, states, where.bottom)
        made.delta = energy.value()
        none = np.zeros(len(points))
        made.reference, made.from_mu = none, [none, none]
        made.gain = Gain((none, none), none, points.temperature_eq, points.temperature_eq)
        x_eq = dd.difference(energy, dd.exact(points.mu_eq)) / points.temperature_eq
        made.g, made.g_bar = _fermi(x_eq)
        made.log_g, made.log_g_bar = st.Fermi.of(x_eq).log()
        occupied = st.Fermi.with_occupation(n)
        filled = st.Fermi(np.clip(occupied.x, -_COLDEST, _COLDEST), n, 1.0 - n)
        made.change = st.fermi_difference(
            filled, st.Fermi(x_eq, made.g, made.g_bar), x_eq - filled.x
        )
        made.changes = [made.change]
        made.f, made.f_bar = (np.maximum(part, _LEAST) for part in (n, 1.0 - n))
        made.current = made.difference = np.zeros_like(made.f)
        return made

    def sums(self, averages: Any) -> tuple[list[Any], list[Any], Any]:
        """Return the columns' sums of ROWS and ENTROPIES, of SIZES, and the panels' check."""
        d, d_bar, e, e_bar, change = averages[:, self.point]
        r, r_bar = self.f / d, self.f_bar / d_bar
        ln_r, ln_r_bar = st.log(r), st.log(r_bar)
        excess = r - 1.0
        lack, lack_bar = r * ln_r - excess, r_bar * ln_r_bar - (r_bar - 1.0)
        exergy, noise = _compared(
            (self.f, ln_r), (self.g, self.log_g), (d, e), (self.change, change)
        )
        exergy_bar, noise_bar = _compared(
            (self.f_bar, ln_r_bar),
            (self.g_bar, self.log_g_bar),
            (d_bar, e_bar),
            (-self.change, -change),
        )
        change_size = sum(np.abs(part) for part in self.changes)
        own, own_noise = _compared(
            (self.f, ln_r + np.log(d)),
            (self.g, self.log_g),
            (_ONE, _ONE),
            (self.change, _NOTHING),
            change_size,
        )
        own_bar, own_noise_bar = _compared(
            (self.f_bar, ln_r_bar + np.log(d_bar)),
            (self.g_bar, self.log_g_bar),
            (_ONE, _ONE),
            (-self.change, _NOTHING),
            change_size,
        )
        entropy = st.binary_entropy(self.f, self.f_bar)
        equilibrium = st.binary_entropy(self.g, self.g_bar)
        exergy = exergy + exergy_bar
        sums = [
            d * self._sum(lack) + d_bar * self._sum(lack_bar),
            self._sum(exergy),
            self._sum(entropy),
            self._sum(equilibrium),
            self._sum(own + own_bar),
        ]
        sizes = [
            d * self._size(excess),
            self._size(noise + noise_bar),
            self._size(own_noise + own_noise_bar),
        ]
        check = lack + lack_bar + exergy + entropy + equilibrium + self.difference
        return self._with_moments(sums, sizes, check)

    @staticmethod
    def noise(size: dict[str, Array], gap: Array) -> list[Array]:
        """Return what a gap's noise is an ulp of, for both gaps."""
        return [2 * size["filling"] + gap[0] + EPS, 4 * size["comparison"] + gap[1]]

    @staticmethod
    def applies(points: Points, averages: Array) -> NDArray[np.bool_]:
        """Return where no filling is near the end of the double range."""
        return np.asarray((averages[:4] > _LEAST_FILLING).all(axis=0))


def _fermi(x: Any) -> tuple[Any, Any]:
    """Return f and 1 - f, none of them 0."""
    inside = np.clip(np.real(x), -_COLDEST, _COLDEST)
    fermi = st.Fermi.of(inside + 1j * x.imag if np.iscomplexobj(x) else inside)
    return fermi.f, fermi.f_bar


def _compared(
    filled: tuple[Any, Any],
    equilibrium: tuple[Any, Any],
    averages: tuple[Array, Array],
    changes: tuple[Any, Array],
    change_size: Any | None = None,
) -> tuple[Any, Any]:
    """Return KL(f || g d/e) and the size that its noise is an ulp of.

    Where f/(g d/e) is near 1, that less 1 is (change/g - mean change/e)/(d/e), unless its terms are
    so much larger that their rounding costs more than the cancellation does.

    Parameters
    ----------
    filled : f and ln(f/d)
    equilibrium : g and ln g, which may be far below ln of the least double
    averages : d and e
    changes : f - g and d - e
    change_size : what the rounding of f - g is an ulp of, by default its size
    """
    (f, ln_r), (g, log_g), (d, e) = filled, equilibrium, averages
    own, mean = changes[0] / g, changes[1] / e
    y = (own - mean) * (e / d)
    q = g * (d / e)
    own_size = np.abs(own) if change_size is None else change_size / np.abs(g)
    terms = (own_size + np.abs(mean)) * (e / d)
    size = np.abs(q) * terms * (np.abs(y) + EPS * terms)
    direct_size = np.abs(f * (ln_r - 1.0)) + np.abs(q)
    small = (np.abs(y) < st.PHI_SWITCH) & (size < direct_size)
    direct = f * (ln_r - (log_g - np.log(e))) - (f - q)
    value = np.where(small, q * st.phi(np.where(small, y, 0.0)), direct)
    return value, np.where(small, size, direct_size)
