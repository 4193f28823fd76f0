"""How vectors of the finite junction evolve in time: two ways that share only the Hamiltonian.

exp(-i H t) by its Chebyshev expansion, for chains of any length; and by diagonalisation of the
tridiagonal matrix, which the expansion is tested against. Both are exact to rounding. A complex
vector is kept as two real ones, ``[real, imaginary]`` along the first axis.
May import: numpy, scipy, validation.witness.chain.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import fft
from scipy.linalg import eigh_tridiagonal

from validation.witness.chain import Array, FiniteJunction

__all__ = ["Propagator", "chebyshev", "diagonalised", "jacobi_anger", "moments", "return_amplitude"]

Propagator: TypeAlias = Callable[[Array, Array], Array]
"""Takes complex vectors, shape (2, ..., sites), and times of either sign; returns them at those
times, shape (times, 2, ..., sites)."""

CHUNK = 32
"""Polynomials summed up at once; even, so that the orders' parity does not depend on the chunk."""

BEYOND = 11.0
"""J_n(z) is below 1e-16 from n = z + 11 (1 + z)^(1/3) + 4 on (seen from z = 0.1 to 8000), and
falls faster than exponentially."""


def jacobi_anger(z: float) -> Array:
    """Return c_n of exp(-i z x) = sum over n of (-i)^n c_n T_n(x): J_0(z), 2 J_1(z), 2 J_2(z) ...

    By the cosine transform of the function itself, which is exact to rounding at any order.

    Parameters
    ----------
    z : float
        Of either sign.
    """
    needed = math.ceil(abs(z) + BEYOND * (1 + abs(z)) ** (1 / 3)) + 4
    # Twice as many points keep the orders beyond from being folded back.
    count = int(fft.next_fast_len(2 * needed))
    theta = (np.arange(count) + 0.5) * np.pi / count
    found = fft.dct(np.exp(-1j * z * np.cos(theta)), type=2)[:needed] / count
    found[0] /= 2
    phases = np.array([1, 1j, -1, -1j])[np.arange(needed) % 4]
    return np.asarray(np.real(found * phases))


def chebyshev(chain: FiniteJunction) -> Propagator:
    """Return the propagator exp(-i (H - c) t) by Chebyshev polynomials of H.

    The polynomials are the same for all times, so that several together cost little more than the
    last. c is the centre of the spectrum: its phase is common to all vectors, and no expectation
    value knows it.
    """
    centre, radius = chain.spectrum
    # Doubled, as the recursion T_(n+1) = 2 x T_n - T_(n-1) wants it.
    diagonal = 2 * (chain.diagonal - centre) / radius
    off = 2 * chain.off_diagonal / radius

    def doubled(vectors: Array) -> Array:
        result = diagonal * vectors
        result[..., 1:] += off * vectors[..., :-1]
        result[..., :-1] += off * vectors[..., 1:]
        return result

    def propagate(vectors: Array, times: Array) -> Array:
        rows = [jacobi_anger(radius * time) for time in times]
        count = max(len(row) for row in rows)
        coefficients = np.zeros((len(rows), count))
        for k, row in enumerate(rows):
            coefficients[k, : len(row)] = row
        # (-i)^n = 1, -i, -1, i: the sign here, the factor -i of the odd orders at the end.
        coefficients *= np.array([1.0, 1.0, -1.0, -1.0])[np.arange(count) % 4]
        even = np.zeros((len(rows), *vectors.shape))
        odd = np.zeros_like(even)
        polynomials = np.empty((2, CHUNK // 2, *vectors.shape))  # even and odd orders
        now, following = vectors, doubled(vectors) / 2
        for first in range(0, count, CHUNK):
            kept = min(CHUNK, count - first)
            for n in range(kept):
                polynomials[n % 2, n // 2] = now
                now, following = following, doubled(following) - now
            part = coefficients[:, first : first + kept]
            even += np.tensordot(part[:, ::2], polynomials[0, : (kept + 1) // 2], axes=1)
            odd += np.tensordot(part[:, 1::2], polynomials[1, : kept // 2], axes=1)
        even[:, 0] += odd[:, 1]
        even[:, 1] -= odd[:, 0]
        return even

    return propagate


def moments(chain: FiniteJunction, count: int) -> Array:
    """Return <level| T_n((H - c)/r) |level> for n below ``count``; c, r as `chain.spectrum`."""
    centre, radius = chain.spectrum
    diagonal = 2 * (chain.diagonal - centre) / radius
    off = 2 * chain.off_diagonal / radius
    found = np.empty(count)
    before, now = np.zeros(chain.size), np.zeros(chain.size)
    now[chain.level_at] = 1.0
    for n in range(count):
        found[n] = now[chain.level_at]
        following = diagonal * now
        following[1:] += off * now[:-1]
        following[:-1] += off * now[1:]
        before, now = now, (following / 2 if n == 0 else following - before)
    return found


def return_amplitude(chain: FiniteJunction, times: Array) -> NDArray[np.complex128]:
    """Return <level| exp(-i (H - c) t) |level> at the times."""
    rows = [jacobi_anger(chain.spectrum[1] * time) for time in times]
    count = max(len(row) for row in rows)
    found = moments(chain, count) * np.array([1, -1j, -1, 1j])[np.arange(count) % 4]
    return np.array([row @ found[: len(row)] for row in rows])


def diagonalised(chain: FiniteJunction) -> Propagator:
    """Return the propagator exp(-i (H - c) t) by the eigenvectors of H; for short chains.

    Memory grows as the square of the number of sites.
    """
    centre, _ = chain.spectrum
    energies, states = eigh_tridiagonal(chain.diagonal - centre, chain.off_diagonal)

    def propagate(vectors: Array, times: Array) -> Array:
        amplitudes = (vectors[0] + 1j * vectors[1]) @ states
        results = [(amplitudes * np.exp(-1j * energies * time)) @ states.T for time in times]
        return np.stack([np.stack((result.real, result.imag)) for result in results])

    return propagate
