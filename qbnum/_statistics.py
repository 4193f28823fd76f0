"""Stable forms of the Fermi functions, their differences and their relative entropies.

Eqs. (9), (12), (13), (A4), (A5). Every function works on arrays of any shape, real or (at the
poles of `_poles`) complex, and keeps *relative* accuracy where the textbook form cancels.
May import: numpy.
"""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]

# Below this |y| the logarithm in phi(y) = (1+y) ln(1+y) - y is expanded: at the switch the direct
# form loses a factor y/phi(y) ~ 7, and the series in s = y/(2+y), s^2 <= 0.031, needs 10 terms.
PHI_SWITCH = 0.3
_PHI_TERMS = 11
# Below this |d| the difference of two Fermi functions is built from exponent differences.
_SMALL_EXPONENT = 0.5
_EXPM1_TERMS = 14  # 0.5**14 / 16! < 1e-17


def log(z: Any) -> Any:
    """Return ln z, to relative accuracy near 1 for complex z too (where NumPy's is not)."""
    if not np.iscomplexobj(z):
        return np.log(z)
    near = np.abs(z - 1.0) < 0.5
    return np.where(near, log1p(np.where(near, z - 1.0, 0.0)), np.log(z))


def log1p(z: Any) -> Any:
    """Return ln(1 + z), to relative accuracy at small complex z too (where NumPy's is not)."""
    if not np.iscomplexobj(z):
        return np.log1p(z)
    x, y = z.real, z.imag
    return 0.5 * np.log1p(x * (2.0 + x) + y * y) + 1j * np.arctan2(y, 1.0 + x)


def sign(x: Any) -> Any:
    """Return the sign of Re x, +1 at 0."""
    return np.copysign(1.0, np.real(x))


class Fermi(NamedTuple):
    """A Fermi function of x = (omega - mu)/T with everything that one exponential gives.

    ``f`` and ``f_bar = 1 - f`` each to relative accuracy, and their logarithms, which stay
    finite where f itself underflows.
    """

    x: Array
    f: Array
    f_bar: Array

    @classmethod
    def of(cls, x: Array) -> Fermi:
        """Evaluate at x; exp(-|x|) cannot overflow."""
        rising = sign(x)  # of one opinion at Re x = 0, where x may be imaginary
        e = np.exp(-rising * x)
        larger = 1.0 / (1.0 + e)
        smaller = e * larger
        positive = rising > 0
        return cls(x, np.where(positive, smaller, larger), np.where(positive, larger, smaller))

    @classmethod
    def with_occupation(cls, n: Array) -> Fermi:
        """Return the function whose value is n: x = ln((1-n)/n), accurate at n = 1/2 too."""
        n_bar = 1.0 - n
        half = np.abs(n - 0.5) < 0.25
        x = np.where(half, np.log1p((n_bar - n) / n), np.log(n_bar / n))
        return cls(x, n, n_bar)

    def log(self) -> tuple[Array, Array]:
        """Return ln f = -max(x, 0) - ln(1 + e^-|x|), and ln(1 - f) likewise."""
        rising = sign(self.x)
        positive = rising > 0
        softplus = log1p(np.exp(-rising * self.x))
        return (
            -np.where(positive, self.x, 0.0) - softplus,
            np.where(positive, 0.0, self.x) - softplus,
        )


def fermi_difference(a: Fermi, b: Fermi, d: Array) -> Array:
    """Return f_a - f_b, given d = x_b - x_a formed from parameter differences.

    f_a - f_b = f_a (1 - f_b) (1 - e^-d) for d >= 0, and its mirror image for d < 0: no
    cancellation however close the two reservoirs are.
    """
    rising = sign(d)
    factor = -np.expm1(-rising * d)
    return np.asarray(np.where(rising > 0, a.f * b.f_bar, -(b.f * a.f_bar)) * factor)


def exponent_difference(
    offset_a: Array, offset_b: Array, mu_difference: Array, T_a: Array, T_b: Array
) -> Array:
    """Return x_b - x_a = (omega - mu_b)/T_b - (omega - mu_a)/T_a without cancelling omega.

    ``offset_a`` is omega - mu_a and ``mu_difference`` is mu_a - mu_b. Only the colder reservoir's
    offset is used: by the other's, its exponent would be the difference of two large ones.
    """
    first = T_a <= T_b
    offset = np.where(first, offset_a, offset_b)
    colder, hotter = np.where(first, T_a, T_b), np.where(first, T_b, T_a)
    return np.asarray((offset * ((T_a - T_b) / colder) + mu_difference) / hotter)


def binary_entropy(f: Array, f_bar: Array) -> Array:
    """Return -f ln f - (1-f) ln(1-f), each log taken through the smaller of f, 1-f."""
    first = np.abs(f) < np.abs(f_bar)
    smaller, larger = np.where(first, f, f_bar), np.where(first, f_bar, f)
    return np.asarray(
        -smaller * np.log(np.where(smaller == 0, 1.0, smaller)) - larger * log1p(-smaller)
    )


def log_of(f: Array, f_bar: Array) -> Array:
    """Return ln f, through ln1p(-f_bar) where f is near 1; 0 where f = 0 (it multiplies f)."""
    full = np.abs(f_bar) < 0.5
    return np.where(full, log1p(-np.where(full, f_bar, 0.5)), np.log(np.where(f == 0, 1.0, f)))


def phi(y: Array) -> Array:
    """Return (1+y) ln(1+y) - y >= 0 for y >= -1, to relative accuracy at small y.

    With s = y/(2+y): phi = 2 [s^2 + (1+s)(s^3/3 + s^5/5 + ...)]/(1-s).
    """
    small = np.abs(y) < PHI_SWITCH
    ys = np.where(small, y, 0.0)
    s = ys / (2.0 + ys)
    s2 = s * s
    tail = np.full_like(s, 1.0 / (2 * _PHI_TERMS + 1))
    for k in range(_PHI_TERMS - 1, 0, -1):
        tail = tail * s2 + 1.0 / (2 * k + 1)
    series = 2.0 * s2 * (1.0 + (1.0 + s) * s * tail) / (1.0 - s)
    if small.all():
        return series
    empty = y == -1 if np.iscomplexobj(y) else y <= -1
    yl = np.where(small | empty, 1.0, y)
    direct = np.where(empty, 1.0, (1.0 + yl) * log1p(yl) - yl)
    return np.where(small, series, direct)


def divergence(p: Array, q: Array, ratio: Array, log_ratio: Array) -> Array:
    """Return p ln(p/q) - p + q >= 0, the generalised relative entropy of two weights.

    ``ratio`` is p/q - 1 to relative accuracy where it is small; ``log_ratio`` is ln(p/q), used
    where it is not (so that q may underflow). p = 0 gives q.
    """
    small = np.abs(ratio) < PHI_SWITCH
    series = q * phi(np.where(small, ratio, 0.0))
    if small.all():
        return series
    direct = p * np.where(p == 0, 0.0, log_ratio) - (p - q)
    return np.where(small, series, direct)


class Departure(NamedTuple):
    """How far f = sum_a w_a f_a is from g = f_eq, each part to relative accuracy.

    ``difference`` is f - g, ``ratio`` is f/g - 1, ``ratio_bar`` is (1-f)/(1-g) - 1 (infinite where
    g or 1-g underflows: the logarithmic forms take over there).
    """

    difference: Array
    ratio: Array
    ratio_bar: Array


def departure(
    weights: tuple[Array, Array],
    leads: tuple[Fermi, Fermi],
    equilibrium: Fermi,
    exponents: tuple[Array, Array],
    weighted_exponent: Array,
) -> Departure:
    """Return the departure of the non-equilibrium occupation from equilibrium.

    Parameters
    ----------
    weights : pair of arrays
        w_a = Gamma_a / Gamma of Eq. (9).
    leads, equilibrium : Fermi
        f_L, f_R and f_eq.
    exponents : pair of arrays
        d_a = x_eq - x_a, formed from parameter differences.
    weighted_exponent : array
        sum_a w_a d_a with the parameter differences summed *before* they multiply omega, so that
        reservoirs placed symmetrically about equilibrium cancel exactly.

    Notes
    -----
    With E_a = e^{d_a} - 1: f_a - g = g (1-g) E_a / (1 + g E_a), hence
    f - g = g (1-g) [sum w_a d_a + sum w_a (E_a - d_a) - g sum w_a E_a^2/(1 + g E_a)].
    """
    g, g_bar = equilibrium.f, equilibrium.f_bar
    near = (np.abs(exponents[0]) < _SMALL_EXPONENT) & (np.abs(exponents[1]) < _SMALL_EXPONENT)
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        difference = weights[0] * fermi_difference(leads[0], equilibrium, exponents[0])
        difference = difference + weights[1] * fermi_difference(leads[1], equilibrium, exponents[1])
        ratio = np.where(g == 0, np.inf, difference / g)
        ratio_bar = np.where(g_bar == 0, np.inf, -difference / g_bar)
    if near.any():
        m = weighted_exponent
        for w, d in zip(weights, exponents, strict=True):
            d = np.where(near, d, 0.0)
            excess = _expm1_excess(d)
            E = d + excess
            m = m + w * (excess - g * E * E / (1.0 + g * E))
        difference = np.where(near, g * g_bar * m, difference)
        ratio = np.where(near, g_bar * m, ratio)
        ratio_bar = np.where(near, -g * m, ratio_bar)
    return Departure(difference, ratio, ratio_bar)


def _expm1_excess(d: Array) -> Array:
    """Return e^d - 1 - d for |d| < 0.5 by its series."""
    total = np.ones_like(d)
    for k in range(_EXPM1_TERMS, 2, -1):
        total = 1.0 + total * d / k
    return 0.5 * d * d * total
