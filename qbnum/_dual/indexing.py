"""Indices of an array that has one more axis in front. May import: numpy."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["expanded_index"]


def expanded_index(index: Any, ndim: int) -> tuple[tuple[Any, ...], bool]:
    """Return the index without Ellipsis, and whether its arrays are apart.

    Arrays that are apart put their axes first in the result, which an axis before them changes.
    """
    given = index if isinstance(index, tuple) else (index,)
    parts = [np.asarray(i) if isinstance(i, list) else i for i in given]
    if any(i is Ellipsis for i in parts):
        used = sum(_consumed(i) for i in parts if i is not Ellipsis)
        at = next(n for n, i in enumerate(parts) if i is Ellipsis)
        parts[at : at + 1] = [slice(None)] * (ndim - used)
    advanced = [n for n, i in enumerate(parts) if not (i is None or isinstance(i, slice))]
    arrays = any(np.ndim(parts[n]) > 0 for n in advanced)
    apart = arrays and advanced[-1] - advanced[0] + 1 > len(advanced)
    return tuple(parts), apart


def _consumed(index: Any) -> int:
    if index is None:
        return 0
    if isinstance(index, np.ndarray) and index.dtype == bool:
        return index.ndim
    return 1
