"""Types and products of plain arrays of derivatives. May import: numpy."""

from __future__ import annotations

import threading
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["SCRATCH", "Array", "inexact", "times", "typed"]

Array: TypeAlias = NDArray[Any]


def inexact(value: Any) -> Array:
    """Return a real or complex array; integers become doubles."""
    array = np.asarray(value)
    if array.dtype.kind in "iu":
        array = array.astype(np.float64)
    if array.dtype.kind not in "fc":
        raise TypeError(f"a Dual is made of real or complex numbers, not of {array.dtype}")
    return array


def typed(dots: Array, dtype: np.dtype[Any]) -> Array:
    """Return derivatives in the type of their value."""
    if dots.dtype == dtype:
        return dots
    if dots.dtype.kind == "c" and dtype.kind != "c":
        raise TypeError(f"derivatives of type {dots.dtype} do not belong to a {dtype} value")
    return dots.astype(dtype)


class _Scratch(threading.local):
    """Memory for a product that is added at once.

    A second temporary of the size of the dots would be handed back to the system after every
    operation, and zeroing its pages anew costs ten times the arithmetic.
    """

    memory = np.empty(0, dtype=np.uint8)

    def like(self, array: Array) -> Array:
        """Return uninitialised memory in the shape and type of an array, valid until next time."""
        if self.memory.size < array.nbytes:
            self.memory = np.empty(array.nbytes, dtype=np.uint8)
        return self.memory[: array.nbytes].view(array.dtype).reshape(array.shape)


SCRATCH = _Scratch()


def times(slope: Any, dots: Array, out: Array | None = None) -> Array:
    """Return ``slope * dots``, with 0 where a derivative is 0 and the slope is not finite."""
    product = np.asarray(np.multiply(slope, dots, out=out))
    if not np.isfinite(slope).all():
        product[np.broadcast_to(dots == 0, product.shape)] = 0.0
    return product
