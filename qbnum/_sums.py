"""Sums over nodes, and how well the nodes resolve what they sum. May import: numpy, qbnum._rule."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from qbnum._rule import NODES, TAIL

Array: TypeAlias = NDArray[np.float64]

# A pole at the ellipse of rho gives the last Legendre coefficients c ~ 9 rho^-15 and makes the
# rule miss 6 rho^-33 = 0.01 c^2 at rho = 3: of the row's size, if they have fallen from that.
# A weak singularity is felt in c alone: the layout of the panels keeps rho >= 3.2, where a pole
# makes the rule miss 1.2e-9 c, here doubled.
_NEAR = 0.01
_FAR = 2.5e-9

_FIRST, _SECOND = TAIL[:, : NODES // 2], TAIL[:, : NODES // 2 - 1 : -1]


class Sums(NamedTuple):
    """Integrals over panels, of the absolute values, and their errors; shape (rows, panels)."""

    value: Array
    absolute: Array
    error: Array

    def take(self, index: Any) -> Sums:
        """Return the panels at an index."""
        return Sums(*(part[:, index] for part in self))

    @staticmethod
    def concatenate(parts: list[Sums]) -> Sums:
        """Join along the panels."""
        return Sums(*(np.concatenate(arrays, axis=1) for arrays in zip(*parts, strict=True)))


def missed(rows: Array, absolute: Array) -> Array:
    """Return what the rule misses of rows (..., 8, 2m), whose absolute integrals are (..., m)."""
    m = rows.shape[-1] // 2
    # einsum rather than a matrix product, whose order of sums depends on the number of columns.
    tail = np.einsum("ki,...ij->...kj", _FIRST, rows[..., :m])
    tail = np.abs(tail + np.einsum("ki,...ij->...kj", _SECOND, rows[..., m:])).max(axis=-2)
    size = np.abs(rows).max(axis=-2)
    size = np.maximum(size[..., :m], size[..., m:])
    share = tail / np.where(size > 0, size, 1.0)
    return np.asarray(np.maximum(_FAR, _NEAR * share) * share * absolute)


def per_point(at: NDArray[np.intp], columns: Array, n: int) -> Array:
    """Return the sums over the columns of each of n points."""
    return np.bincount(at, columns, n).astype(np.float64, copy=False)


def panel_sums(weight: Array, measure: Array, rows: Array) -> Sums:
    """Integrate rows (k, 8, 2m) over panels: both halves' columns together."""
    m = rows.shape[-1] // 2
    value = np.einsum("ij,kij->kj", weight, rows)
    absolute = np.einsum("ij,kij->kj", weight, np.abs(rows))
    absolute = absolute[:, :m] + absolute[:, m:]
    return Sums(value[:, :m] + value[:, m:], absolute, missed(measure * rows, absolute))


def pole_values(M: Any, row: Any) -> tuple[Array, Array]:
    """Return -Im(M phi)/pi summed over a column's nodes, and its share of the absolute integral.

    Where phi is real on the axis the rule has over- or undercounted |phi| in the same proportion.
    """
    # By parts: NumPy's complex product of one-element arrays rounds differently from others'.
    part = -(M.real * np.imag(row) + M.imag * np.real(row)) / np.pi
    return part.sum(axis=0), (np.sign(np.real(row)) * part).sum(axis=0)
