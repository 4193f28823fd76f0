"""What NumPy's universal functions do with duals.

May import: numpy and the modules of qbnum._dual.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from qbnum._dual.arithmetic import Array, times
from qbnum._dual.array import FUNCTIONS, UFUNCS, Dual, chain, lifted, value_of
from qbnum._dual.rules import BINARY, LINEAR, NO_COMPLEX, UNARY, VALUE_ONLY

__all__: list[str] = []


def _real_only(ufunc: np.ufunc, *inputs: Any) -> None:
    if ufunc in NO_COMPLEX and any(np.iscomplexobj(x) for x in inputs):
        raise TypeError(f"np.{ufunc.__name__} of complex duals has no derivative")


def _unary(ufunc: np.ufunc) -> Callable[[Dual], Any]:
    slope = UNARY[ufunc]

    def apply(x: Dual) -> Any:
        value = ufunc(x.value)
        with np.errstate(all="ignore"):
            return chain(value, (slope(x.value, value), x))

    return apply


def _linear(ufunc: np.ufunc) -> Callable[[Dual], Dual]:
    return lambda x: Dual(ufunc(x.value), ufunc(x.dots))


def _binary(ufunc: np.ufunc) -> Callable[[Any, Any], Any]:
    rules = BINARY[ufunc]

    def apply(a: Any, b: Any) -> Any:
        _real_only(ufunc, a, b)
        values = value_of(a), value_of(b)
        value = ufunc(*values)
        with np.errstate(all="ignore"):
            terms = [
                (rule(*values, value), x)
                for rule, x in zip(rules, (a, b), strict=True)
                if isinstance(x, Dual)
            ]
        return chain(value, *terms)

    return apply


def _by_value(ufunc: np.ufunc) -> Callable[..., Any]:
    def apply(*inputs: Any) -> Any:
        _real_only(ufunc, *inputs)
        return ufunc(*(value_of(x) for x in inputs))

    return apply


def _sum(ufunc: np.ufunc) -> Callable[[Any, Any], Dual]:
    def apply(a: Any, b: Any) -> Dual:
        value = np.asarray(ufunc(value_of(a), value_of(b)))
        k = a.directions if isinstance(a, Dual) else b.directions
        shape = (k, *value.shape)
        # Zeros, not a plain operand's shape: broadcasting must reach the result's.
        first, second = (
            lifted(x, value.ndim, k) if isinstance(x, Dual) else np.float64(0.0) for x in (a, b)
        )
        with np.errstate(all="ignore"):
            dots = ufunc(first, second)
        return Dual(value, dots if dots.shape == shape else np.broadcast_to(dots, shape).copy())

    return apply


def _absolute(x: Dual) -> Any:
    if not np.iscomplexobj(x):
        return _unary(np.absolute)(x)
    value = np.asarray(np.absolute(x.value))
    with np.errstate(all="ignore"):
        towards = np.where(value == 0, 0.0, x.value.conj() / value)
        return Dual(value, times(towards, x.dots).real)


def _power(x: Any, exponent: Any, value: Any = None) -> Any:
    """Return a power with a constant exponent; ``value`` where it is already known."""
    if isinstance(exponent, Dual):
        raise TypeError("a power with a Dual exponent has no rule; write exp(y * log(x))")
    known = np.power(x.value, exponent) if value is None else value
    n = np.asarray(exponent)
    with np.errstate(all="ignore"):
        slope = np.where(n == 0, 0.0, n * np.asarray(x.value) ** (n - 1.0))
    return chain(known, (slope, x))


def _ldexp(x: Dual, exponent: Any) -> Dual:
    if isinstance(exponent, Dual) or not isinstance(x, Dual):
        raise TypeError("np.ldexp takes a Dual and plain integers")
    value = np.asarray(np.ldexp(x.value, exponent))
    dots = np.ldexp(lifted(x, value.ndim, x.directions), exponent)
    return Dual(value, dots)


def _matmul(a: Any, b: Any) -> Dual:
    """Return the matrix product; one operand, or both, are duals."""
    value = np.matmul(value_of(a), value_of(b))
    ndim = max(np.ndim(a), np.ndim(b), 2)
    k = a.directions if isinstance(a, Dual) else b.directions

    def rows(x: Array) -> Array:
        return x[..., None, :] if np.ndim(a) == 1 else x

    def columns(x: Array) -> Array:
        return x[..., None] if np.ndim(b) == 1 else x

    def aligned(x: Array) -> Array:
        return x.reshape(k, *(1,) * (ndim + 1 - x.ndim), *x.shape[1:])

    dots: Any = 0.0
    if isinstance(a, Dual):
        dots = np.matmul(aligned(rows(a.dots)), columns(np.asarray(value_of(b))))
    if isinstance(b, Dual):
        lifted(b, 0, k)
        dots = dots + np.matmul(rows(np.asarray(value_of(a))), aligned(columns(b.dots)))
    return Dual(value, dots.reshape(k, *np.shape(value)))


def _reduceat(a: Dual, indices: Any, axis: int = 0) -> Dual:
    along = axis % a.ndim
    return Dual(
        np.add.reduceat(a.value, indices, axis=along),
        np.add.reduceat(a.dots, indices, axis=along + 1),
    )


def _reduce(function: Any) -> Callable[..., Any]:
    return lambda a, axis=0, **options: FUNCTIONS[function](a, axis=axis, **options)


for _ufunc in UNARY:
    UFUNCS[_ufunc, "__call__"] = _unary(_ufunc)
for _ufunc in BINARY:
    UFUNCS[_ufunc, "__call__"] = _binary(_ufunc)
for _ufunc in LINEAR:
    UFUNCS[_ufunc, "__call__"] = _linear(_ufunc)
for _ufunc in VALUE_ONLY:
    UFUNCS[_ufunc, "__call__"] = _by_value(_ufunc)
for _ufunc in (np.add, np.subtract):
    UFUNCS[_ufunc, "__call__"] = _sum(_ufunc)
for _ufunc, _function in (
    (np.add, np.sum),
    (np.maximum, np.max),
    (np.minimum, np.min),
    (np.logical_and, np.all),
    (np.logical_or, np.any),
):
    UFUNCS[_ufunc, "reduce"] = _reduce(_function)
UFUNCS[np.add, "reduceat"] = _reduceat
UFUNCS[np.absolute, "__call__"] = _absolute
UFUNCS[np.power, "__call__"] = _power
UFUNCS[np.ldexp, "__call__"] = _ldexp
UFUNCS[np.matmul, "__call__"] = _matmul
