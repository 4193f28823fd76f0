"""Exponential and logarithm of `Lanes`: range reduction and a polynomial.

Within one ulp or so. Arguments are those of ordinary junctions: |x| < 700 for the exponentials,
positive normal numbers for the logarithm; nothing is checked. May import: numba, private modules.
"""

from __future__ import annotations

from typing import Any

from numba import njit

from qbnum._compiled.exact import STRICT
from qbnum._compiled.lanes import power_of_two, split

NODES_FLAGS: dict[str, Any] = {
    "fastmath": {"contract"},  # fused multiply-adds where the processor has them, no more
    **STRICT,
}
INLINED: dict[str, Any] = {**NODES_FLAGS, "forceinline": True}

_SHIFT = 6755399441055744.0  # 1.5 2^52: adding it rounds to an integer in the lowest bits
_PER_LN2 = 1.4426950408889634
_LN2_HIGH = 6.93147180369123816490e-01  # 32 bits, so that k times it is exact
_LN2_LOW = 1.90821492927058770002e-10


@njit(**INLINED)
def _reduced(x: Any) -> Any:
    """Return r, e^r - 1 - r and 2^k, with x = k ln 2 + r."""
    shifted = x * _PER_LN2 + _SHIFT
    k = shifted - _SHIFT
    r = (x - k * _LN2_HIGH) - k * _LN2_LOW
    # Taylor's coefficients: |r| <= 0.347, and r^14/14! is 4e-18 of 1.
    p = r * 1.6059043836821613e-10 + 2.08767569878681e-09
    p = p * r + 2.505210838544172e-08
    p = p * r + 2.755731922398589e-07
    p = p * r + 2.7557319223985893e-06
    p = p * r + 2.48015873015873e-05
    p = p * r + 0.0001984126984126984
    p = p * r + 0.001388888888888889
    p = p * r + 0.008333333333333333
    p = p * r + 0.041666666666666664
    p = p * r + 0.16666666666666666
    p = p * r + 0.5
    return r, p * (r * r), power_of_two(shifted)


@njit(**INLINED)
def exp(x: Any) -> Any:
    """Return e^x."""
    r, rest, two_k = _reduced(x)
    return two_k * (1.0 + (r + rest))


@njit(**INLINED)
def expm1(x: Any) -> Any:
    """Return e^x - 1."""
    r, rest, two_k = _reduced(x)
    return two_k * (r + rest) + (two_k - 1.0)


@njit(**INLINED)
def log(z: Any) -> Any:
    """Return ln z, to relative accuracy near 1 too."""
    k, m = split(z)
    f = m - 1.0
    s = f / (2.0 + f)
    q = s * s
    # The coefficients of FreeBSD's msun: ln((1+s)/(1-s)) = 2s + s R(s^2), error below 2^-58.
    R = q * 1.479819860511658591e-01 + 1.531383769920937332e-01
    R = R * q + 1.818357216161805012e-01
    R = R * q + 2.222219843214978396e-01
    R = R * q + 2.857142874366239149e-01
    R = R * q + 3.999999999940941908e-01
    R = (R * q + 6.666666666666735130e-01) * q
    half = 0.5 * f * f
    return k * _LN2_HIGH - ((half - (s * (half + R) + k * _LN2_LOW)) - f)
