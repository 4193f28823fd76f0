"""Double-double arithmetic on scalars, as in `qbnum._doubledouble`. May import: numba.

Compiled without any relaxation: the error-free transformations need every rounding.
"""

from __future__ import annotations

import math
from typing import Any, TypeAlias

from numba import njit

Pair: TypeAlias = tuple[float, float]

ENTRY: dict[str, Any] = {"error_model": "numpy", "nogil": True}
"""What Python calls."""
STRICT: dict[str, Any] = {**ENTRY, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
"""What only kernels call: it compiles sooner."""
INLINED: dict[str, Any] = {**STRICT, "forceinline": True}

_SPLITTER = 134217729.0  # 2**27 + 1 halves a 53-bit significand


@njit(**INLINED)
def two_sum(a: float, b: float) -> Pair:
    """Return a + b without rounding error."""
    s = a + b
    t = s - a
    return s, (a - (s - t)) + (b - t)


@njit(**INLINED)
def _quick_two_sum(a: float, b: float) -> Pair:
    s = a + b
    return s, b - (s - a)


@njit(**INLINED)
def _two_product(a: float, b: float) -> Pair:
    p = a * b
    t = _SPLITTER * a
    a_high = t - (t - a)
    a_low = a - a_high
    t = _SPLITTER * b
    b_high = t - (t - b)
    b_low = b - b_high
    return p, ((a_high * b_high - p) + a_high * b_low + a_low * b_high) + a_low * b_low


@njit(**STRICT)
def add(a: Pair, b: Pair) -> Pair:
    """Return a + b."""
    s, e = two_sum(a[0], b[0])
    t, f = two_sum(a[1], b[1])
    s, e = _quick_two_sum(s, e + t)
    return _quick_two_sum(s, e + f)


@njit(**STRICT)
def subtract(a: Pair, b: Pair) -> Pair:
    """Return a - b."""
    return add(a, (-b[0], -b[1]))


@njit(**STRICT)
def multiply(a: Pair, b: Pair) -> Pair:
    """Return a b."""
    p, e = _two_product(a[0], b[0])
    return _quick_two_sum(p, e + (a[0] * b[1] + a[1] * b[0]))


@njit(**STRICT)
def divide(a: Pair, b: Pair) -> Pair:
    """Return a/b."""
    q1 = a[0] / b[0]
    r = subtract(a, multiply(b, (q1, 0.0)))
    q2 = r[0] / b[0]
    r = subtract(r, multiply(b, (q2, 0.0)))
    return add(_quick_two_sum(q1, q2), (r[0] / b[0], 0.0))


@njit(**INLINED)
def difference(a: Pair, b: Pair) -> float:
    """Return a - b rounded to a double."""
    s, e = two_sum(a[0], -b[0])
    return s + (e + (a[1] - b[1]))


@njit(**STRICT)
def square_root(a: Pair) -> Pair:
    """Return the square root; negative rounding residues count as 0."""
    root = math.sqrt(max(a[0], 0.0))
    if root == 0.0:
        return 0.0, 0.0
    residue = subtract(a, _two_product(root, root))
    return _quick_two_sum(root, (residue[0] + residue[1]) / (2 * root))
