"""Functions of energy: self-energy, Green function, spectral function, transmission, occupation.

Sec. III of the paper, Eqs. (6) and (9), with the retarded branch of the surface Green function
(the printed self-energy has the wrong sign of its real part). May import: numpy, private modules.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qbnum import _statistics as st
from qbnum.errors import ParameterError, ShapeError
from qbnum.model import Junction, Lead

__all__ = [
    "broadening",
    "green_retarded",
    "occupation",
    "self_energy",
    "spectral_function",
    "transmission",
]

Array: TypeAlias = NDArray[np.float64]
ComplexArray: TypeAlias = NDArray[np.complex128]


def self_energy(lead: Lead, omega: ArrayLike) -> ComplexArray:
    """Return the retarded self-energy Sigma^r of a lead.

    Inside the band Sigma^r = v^2/(2h^2) [x - i sqrt(4h^2 - x^2)], x = omega - onsite; outside
    the real 2v^2/(x + sgn(x) sqrt(x^2 - 4h^2)), the textbook v^2/(2h^2) [x - sgn(x) sqrt(...)]
    without its cancellation far from the band.

    Parameters
    ----------
    lead : Lead
    omega : float, complex or array
        Energies; real, or complex in the upper half plane (the analytic continuation).
        Broadcasts with the lead's fields.

    Returns
    -------
    complex array (energy), of the broadcast shape; Im <= 0.

    Raises
    ------
    ParameterError
        ``omega`` is not finite or lies below the real axis.
    ShapeError
        It does not broadcast.
    """
    w: Any = _energies(omega, lead.shape)
    h, v = np.asarray(lead.hopping), np.asarray(lead.coupling)
    x = w - lead.onsite
    if np.iscomplexobj(w):
        upper = np.where(w.imag > 0, x, 1j)
        # Each root is on its principal branch in the upper half plane; their product is ~ x.
        root = np.sqrt(upper - 2 * h) * np.sqrt(upper + 2 * h)
        on_axis = _real_axis(v, h, x.real)
        # |upper + root| >= 2h: the larger root of the quadratic, so nothing cancels.
        return np.asarray(np.where(w.imag > 0, 2 * v * v / (upper + root), on_axis))
    return _real_axis(v, h, x)


def _real_axis(v: Array, h: Array, x: Array) -> ComplexArray:
    product = (2 * h - x) * (2 * h + x)
    root = np.sqrt(np.abs(product))
    inside = product >= 0
    kappa = 0.5 * (v / h) ** 2
    outer = np.where(inside, 1.0, x + np.copysign(root, x))
    real = np.where(inside, kappa * x, 2 * v * v / outer)
    return np.asarray(real - 1j * np.where(inside, kappa * root, 0.0))


def broadening(lead: Lead, omega: ArrayLike) -> Array:
    """Return Gamma = -2 Im Sigma^r >= 0 of a lead (energy); parameters as `self_energy`."""
    return np.asarray(-2.0 * self_energy(lead, omega).imag)


def green_retarded(junction: Junction, omega: ArrayLike) -> ComplexArray:
    """Return G^r = 1/(omega - level - Sigma_L - Sigma_R), before Eq. (7).

    Parameters
    ----------
    junction : Junction
    omega : float, complex or array
        As in `self_energy`; broadcasts with the junction's fields.

    Returns
    -------
    complex array (1/energy), of the broadcast shape.

    Raises
    ------
    ParameterError
        ``omega`` is exactly the energy of a bound state, or as in `self_energy`.
    ShapeError
        It does not broadcast.
    """
    w = _energies(omega, junction.shape)
    inverse = (w - junction.level) - (
        self_energy(junction.left, w) + self_energy(junction.right, w)
    )
    if (inverse == 0).any():
        at = np.broadcast_to(w, inverse.shape)[inverse == 0].flat[0]
        raise ParameterError(
            f"omega = {at!r} is a pole of G^r (a bound state, see qbnum.bound_states); "
            "give an energy beside it"
        )
    return np.asarray(1.0 / inverse)


def spectral_function(junction: Junction, omega: ArrayLike) -> Array:
    """Return A = -Im G^r/pi >= 0 (1/energy), the band part; after Eq. (9).

    Formed as Gamma |G^r|^2/(2 pi), which is exactly 0 outside the bands. Parameters and errors as
    `green_retarded`; ``omega`` real.
    """
    w = _real_energies(omega, junction)
    G = green_retarded(junction, w)
    gamma = broadening(junction.left, w) + broadening(junction.right, w)
    return np.asarray(gamma * _square(G) / (2 * np.pi))


def transmission(junction: Junction, omega: ArrayLike) -> Array:
    """Return tau = Gamma_L Gamma_R |G^r|^2, Eq. (6), in [0, 1]; 0 where a lead is closed.

    Parameters and errors as `spectral_function`.
    """
    w = _real_energies(omega, junction)
    G = green_retarded(junction, w)
    # Each Gamma beside one |G|: both are of order 1 at a narrow resonance.
    return np.asarray(
        (broadening(junction.left, w) * np.abs(G)) * (broadening(junction.right, w) * np.abs(G))
    )


def occupation(junction: Junction, omega: ArrayLike) -> Array:
    """Return f_NE = (Gamma_L f_L + Gamma_R f_R)/(Gamma_L + Gamma_R), Eq. (9), in [0, 1].

    Parameters
    ----------
    junction : Junction
    omega : float or array
        Real energies; broadcasts with the junction's fields.

    Returns
    -------
    array of the broadcast shape; a masked array, masked where no lead is open, if there are such
    energies: no occupation is defined there.

    Raises
    ------
    ParameterError
        A single energy at which no lead is open; or as in `self_energy`.
    """
    w = _real_energies(omega, junction)
    gammas = broadening(junction.left, w), broadening(junction.right, w)
    total = gammas[0] + gammas[1]
    undefined = total <= 0
    if undefined.any() and total.ndim == 0:
        raise ParameterError(
            f"omega = {float(w)!r} lies outside both bands: no reservoir fixes an occupation there"
        )
    f = np.zeros(total.shape)
    for gamma, lead in zip(gammas, (junction.left, junction.right), strict=True):
        weight = np.where(undefined, 0.0, gamma / np.where(undefined, 1.0, total))
        with np.errstate(over="ignore"):
            x = (w - lead.mu) / lead.temperature
        f = f + weight * st.Fermi.of(x).f
    return np.ma.MaskedArray(f, mask=undefined) if undefined.any() else f


def _square(G: ComplexArray) -> Array:
    return np.asarray(G.real * G.real + G.imag * G.imag)


def _energies(omega: ArrayLike, shape: tuple[int, ...]) -> NDArray[np.float64 | np.complex128]:
    w = np.asarray(omega)
    if w.dtype.kind not in "iufc":
        raise ParameterError(f"omega = {omega!r} is not a number or an array of numbers")
    w = w.astype(np.complex128 if w.dtype.kind == "c" else np.float64)
    if not np.isfinite(w).all():
        raise ParameterError("omega must be finite")
    if w.dtype.kind == "c" and (w.imag < 0).any():
        raise ParameterError("omega must lie on the real axis or in the upper half plane")
    try:
        np.broadcast_shapes(w.shape, shape)
    except ValueError as error:
        raise ShapeError(
            f"omega {w.shape} does not broadcast with the parameters {shape}"
        ) from error
    return w


def _real_energies(omega: ArrayLike, junction: Junction) -> Array:
    w: Any = _energies(omega, junction.shape)
    if np.iscomplexobj(w):
        raise ParameterError("omega must be real here")
    return np.asarray(w)
