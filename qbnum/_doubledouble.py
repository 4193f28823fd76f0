"""Double-double arithmetic on NumPy arrays: an unevaluated sum hi + lo of two doubles.

Only panel reference points and band edges are kept in this form (see `_panels`): their
differences are what decides relative accuracy, and there are few of them. The algorithms are
Dekker's and Knuth's error-free transformations. May import: numpy.
"""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]

_SPLITTER = 134217729.0  # 2**27 + 1 halves a 53-bit significand


class DoubleDouble(NamedTuple):
    """The value ``hi + lo`` with ``|lo| <= ulp(hi) / 2``; good to about 1e-32 relative."""

    hi: Array
    lo: Array

    def __add__(self, other: object) -> DoubleDouble:
        b = _lift(other)
        s, e = _two_sum(self.hi, b.hi)
        t, f = _two_sum(self.lo, b.lo)
        s, e = _quick_two_sum(s, e + t)
        return DoubleDouble(*_quick_two_sum(s, e + f))

    def __neg__(self) -> DoubleDouble:
        return DoubleDouble(-self.hi, -self.lo)

    def __sub__(self, other: object) -> DoubleDouble:
        return self + (-_lift(other))

    def __mul__(self, other: object) -> DoubleDouble:
        b = _lift(other)
        p, e = _two_product(self.hi, b.hi)
        return DoubleDouble(*_quick_two_sum(p, e + (self.hi * b.lo + self.lo * b.hi)))

    def __truediv__(self, other: object) -> DoubleDouble:
        b = _lift(other)
        q1 = self.hi / b.hi
        r = self - b * q1
        q2 = r.hi / b.hi
        r = r - b * q2
        s, e = _quick_two_sum(q1, q2)
        return DoubleDouble(s, e) + DoubleDouble(*_quick_two_sum(r.hi / b.hi, np.zeros_like(s)))

    def sqrt(self) -> DoubleDouble:
        """Square root, with sqrt(0) = 0; negative rounding residues count as 0."""
        root = np.sqrt(np.maximum(self.hi, 0.0))
        safe = np.where(root > 0, root, 1.0)
        residue = self - DoubleDouble(*_two_product(root, root))
        correction = np.where(root > 0, (residue.hi + residue.lo) / (2 * safe), 0.0)
        return DoubleDouble(*_quick_two_sum(root, correction))

    def less(self, other: DoubleDouble) -> NDArray[np.bool_]:
        """Elementwise ``self < other``."""
        return difference(self, other) < 0

    def value(self) -> Array:
        """The nearest double."""
        return np.asarray(self.hi + self.lo)

    def take(self, index: Any) -> DoubleDouble:
        """The elements at a NumPy index."""
        return DoubleDouble(self.hi[index], self.lo[index])


def exact(value: Array) -> DoubleDouble:
    """Return a double as a double-double."""
    value = np.asarray(value, dtype=np.float64)
    return DoubleDouble(value, np.zeros_like(value))


def exact_sum(a: Array, b: Array) -> DoubleDouble:
    """Return a + b without rounding error."""
    return DoubleDouble(*_two_sum(np.asarray(a), np.asarray(b)))


def difference(a: DoubleDouble, b: DoubleDouble) -> Array:
    """Return a - b rounded to a double, to a few ulps however much cancels."""
    s, e = _two_sum(a.hi, -b.hi)
    return np.asarray(s + (e + (a.lo - b.lo)))


def where(condition: NDArray[np.bool_], a: DoubleDouble, b: DoubleDouble) -> DoubleDouble:
    """Return ``a`` where the condition holds, else ``b``."""
    return DoubleDouble(np.where(condition, a.hi, b.hi), np.where(condition, a.lo, b.lo))


def stack(parts: list[DoubleDouble]) -> DoubleDouble:
    """Stack along a new last axis."""
    return DoubleDouble(
        np.stack([p.hi for p in parts], axis=-1), np.stack([p.lo for p in parts], axis=-1)
    )


def sort(values: DoubleDouble) -> DoubleDouble:
    """Return the values sorted along the last axis."""
    order = np.argsort(values.hi, axis=-1, kind="stable")
    hi, lo = (np.take_along_axis(part, order, -1) for part in values)
    if not ((hi[..., 1:] == hi[..., :-1]) & (lo[..., 1:] < lo[..., :-1])).any():
        return DoubleDouble(hi, lo)
    order = np.lexsort((values.lo, values.hi), axis=-1)
    return DoubleDouble(
        np.take_along_axis(values.hi, order, -1), np.take_along_axis(values.lo, order, -1)
    )


def _lift(value: object) -> DoubleDouble:
    return value if isinstance(value, DoubleDouble) else exact(np.asarray(value, dtype=np.float64))


def _two_sum(a: Array, b: Array) -> tuple[Array, Array]:
    s = a + b
    t = s - a
    return s, (a - (s - t)) + (b - t)


def _quick_two_sum(a: Array, b: Array) -> tuple[Array, Array]:
    s = a + b
    return s, b - (s - a)


def _two_product(a: Array, b: Array) -> tuple[Array, Array]:
    p = a * b
    t = _SPLITTER * a
    a_hi = t - (t - a)
    a_lo = a - a_hi
    t = _SPLITTER * b
    b_hi = t - (t - b)
    b_lo = b - b_hi
    return p, ((a_hi * b_hi - p) + a_hi * b_lo + a_lo * b_hi) + a_lo * b_lo
