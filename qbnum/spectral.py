"""Functions of energy: self-energy, Green function, spectral function, transmission, occupation.

Sec. III of the paper, Eqs. (6) and (9), with the retarded branch of the surface Green function
(the printed self-energy has the wrong sign of its real part). May import: numpy, private modules.
"""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qbnum import _statistics as st
from qbnum._checks import refuse_unless, require_memory, shown
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

BYTES_PER_POINT = 300
"""What an energy of a junction takes at the most: the value, and what it is made of."""

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
        ``omega`` is not finite or lies below the real axis, or the result is no double.
    ShapeError
        It does not broadcast.
    """
    refuse_unless(Lead, "lead", lead)
    return _self_energy(lead, _energies(omega, lead.shape))


def _self_energy(lead: Lead, w: Any) -> ComplexArray:
    with np.errstate(all="ignore"):
        # In units of the largest energy, a power of two: products of energies then neither
        # overflow nor change in a digit. Halves, since a difference of two doubles may overflow.
        h, v = np.asarray(lead.hopping), np.asarray(lead.coupling)
        half = 0.5 * w - 0.5 * np.asarray(lead.onsite)
        unit = -np.frexp(np.maximum(np.maximum(np.abs(half.real), np.abs(half.imag)), h))[1]
        h, v, x = np.ldexp(h, unit), np.ldexp(v, unit), _scaled(half, unit + 1)
        # v/h is taken in the old units: it keeps its digits where h is lost in the new ones.
        ratio = np.asarray(lead.coupling) / lead.hopping
        found = _real_axis(v, h, np.real(x), ratio)
        if np.iscomplexobj(w):
            upper = np.where(w.imag > 0, x, 1j)
            # Each root is on its principal branch in the upper half plane; their product is ~ x.
            root = np.sqrt(upper - 2 * h) * np.sqrt(upper + 2 * h)
            # |upper + root| >= 2h: the larger root of the quadratic, so nothing cancels.
            found = np.where(w.imag > 0, 2 * v * v / (upper + root), found)
        return _in_doubles(_scaled(found, -unit), "self-energy", w)


def _scaled(z: Any, power: NDArray[np.intc]) -> Any:
    """Return z times a power of two; exact."""
    if not np.iscomplexobj(z):
        return np.ldexp(z, power)
    return np.ldexp(z.real, power) + 1j * np.ldexp(z.imag, power)


def _in_doubles(found: Any, what: str, w: Any) -> NDArray[Any]:
    """Return an array all of whose values are finite; refuse otherwise."""
    lost = ~np.isfinite(found)
    if lost.any():
        at = np.broadcast_to(w, lost.shape)[lost][0].item()
        raise ParameterError(
            f"the {what} at omega = {at!r} leaves the range of doubles; give energies in a unit "
            "that is nearer to the hopping, or an energy that is not a pole"
        )
    return np.asarray(found)


def _real_axis(v: Array, h: Array, x: Array, ratio: Array) -> ComplexArray:
    product = (2 * h - x) * (2 * h + x)
    root = np.sqrt(np.abs(product))
    inside = product >= 0
    kappa = 0.5 * ratio**2
    outer = np.where(inside, 1.0, x + np.copysign(root, x))
    real = np.where(inside, kappa * x, 2 * v * v / outer)
    return np.asarray(real - 1j * np.where(inside, kappa * root, 0.0))


def broadening(lead: Lead, omega: ArrayLike) -> Array:
    """Return Gamma = -2 Im Sigma^r >= 0 of a lead (energy); parameters as `self_energy`."""
    refuse_unless(Lead, "lead", lead)
    return _broadening(lead, _energies(omega, lead.shape))


def _broadening(lead: Lead, w: Any) -> Array:
    with np.errstate(over="ignore"):
        return _in_doubles(-2.0 * _self_energy(lead, w).imag, "broadening", w)


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
    refuse_unless(Junction, "junction", junction)
    return _green(junction, _energies(omega, junction.shape))


def _green(junction: Junction, w: Any) -> ComplexArray:
    sigma = _self_energy(junction.left, w), _self_energy(junction.right, w)
    with np.errstate(all="ignore"):
        inverse = (w - junction.level) - (sigma[0] + sigma[1])
    if (inverse == 0).any():
        at = np.broadcast_to(w, inverse.shape)[inverse == 0][0].item()
        raise ParameterError(
            f"omega = {at!r} is a pole of G^r (a bound state, see qbnum.bound_states); "
            "give an energy beside it"
        )
    with np.errstate(all="ignore"):
        return _in_doubles(1.0 / inverse, "Green function", w)


def spectral_function(junction: Junction, omega: ArrayLike) -> Array:
    """Return A = -Im G^r/pi >= 0 (1/energy), the band part; after Eq. (9).

    Formed as Gamma |G^r|^2/(2 pi), which is exactly 0 outside the bands. Parameters and errors as
    `green_retarded`; ``omega`` real.
    """
    w = _real_energies(omega, junction)
    G = _green(junction, w)
    with np.errstate(all="ignore"):
        gamma = _broadening(junction.left, w) + _broadening(junction.right, w)
        return _in_doubles(gamma * _square(G) / (2 * np.pi), "spectral function", w)


def transmission(junction: Junction, omega: ArrayLike) -> Array:
    """Return tau = Gamma_L Gamma_R |G^r|^2, Eq. (6), in [0, 1]; 0 where a lead is closed.

    Parameters and errors as `spectral_function`.
    """
    w = _real_energies(omega, junction)
    size = np.abs(_green(junction, w))
    with np.errstate(all="ignore"):
        # Each Gamma beside one |G|: both are of order 1 at a narrow resonance.
        tau = (_broadening(junction.left, w) * size) * (_broadening(junction.right, w) * size)
        return _in_doubles(tau, "transmission", w)


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
    gammas = _broadening(junction.left, w), _broadening(junction.right, w)
    with np.errstate(over="ignore"):
        total = _in_doubles(gammas[0] + gammas[1], "broadening", w)
    undefined = total <= 0
    if undefined.any() and total.ndim == 0:
        raise ParameterError(
            f"omega = {float(w)!r} lies outside both bands: no reservoir fixes an occupation there"
        )
    f = np.zeros(total.shape)
    for gamma, lead in zip(gammas, (junction.left, junction.right), strict=True):
        weight = np.where(undefined, 0.0, gamma / np.where(undefined, 1.0, total))
        with np.errstate(all="ignore"):
            distance = w - lead.mu
            # Halves where a difference of two doubles overflows.
            far = (0.5 * w - 0.5 * np.asarray(lead.mu)) / lead.temperature * 2
            x = np.where(np.isfinite(distance), distance / lead.temperature, far)
        f = f + weight * st.Fermi.of(x).f
    return np.ma.MaskedArray(f, mask=undefined) if undefined.any() else f


def _square(G: ComplexArray) -> Array:
    return np.asarray(G.real * G.real + G.imag * G.imag)


def _energies(omega: ArrayLike, shape: tuple[int, ...]) -> NDArray[np.float64 | np.complex128]:
    try:
        w = np.asarray(omega)
    except (ValueError, TypeError, OverflowError) as error:
        raise ParameterError(f"omega = {shown(omega)} is no regular array of numbers") from error
    if w.dtype.kind not in "iufc" or np.ma.is_masked(omega):
        raise ParameterError(f"omega = {shown(omega)} is not a number or an array of numbers")
    with np.errstate(over="ignore"):  # refused just below
        w = w.astype(np.complex128 if w.dtype.kind == "c" else np.float64)
    if not np.isfinite(w).all():
        raise ParameterError("omega must be finite")
    if w.dtype.kind == "c" and (w.imag < 0).any():
        raise ParameterError("omega must lie on the real axis or in the upper half plane")
    try:
        points = math.prod(np.broadcast_shapes(w.shape, shape))
    except ValueError as error:
        raise ShapeError(
            f"omega {w.shape} does not broadcast with the parameters {shape}"
        ) from error
    require_memory(points, BYTES_PER_POINT, "give fewer at a time")
    return w


def _real_energies(omega: ArrayLike, junction: Junction) -> Array:
    refuse_unless(Junction, "junction", junction)
    w: Any = _energies(omega, junction.shape)
    if np.iscomplexobj(w):
        raise ParameterError("omega must be real here")
    return np.asarray(w)
