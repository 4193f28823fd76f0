"""The derivative rules of NumPy's elementwise functions, as functions of plain arrays.

A rule returns the factor by which an argument's derivative is multiplied. At a kink it is the
mean of the two sides, so that a smooth function written as a sum of kinked ones (a logarithm as
``-max(x, 0) - log1p(exp(-|x|))``) keeps its derivative there. May import: numpy.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["BINARY", "LINEAR", "NO_COMPLEX", "UNARY", "VALUE_ONLY"]

Array: TypeAlias = NDArray[Any]
Slope: TypeAlias = Callable[[Array, Array], Any]
Slopes: TypeAlias = Callable[[Array, Array, Array], Any]

UNARY: dict[np.ufunc, Slope] = {
    np.exp: lambda x, y: y,
    # Not y + 1, which keeps no digit of e^x where x << 0.
    np.expm1: lambda x, y: np.exp(x),
    np.log: lambda x, y: 1.0 / x,
    np.log1p: lambda x, y: 1.0 / (1.0 + x),
    np.sqrt: lambda x, y: 0.5 / y,
    np.square: lambda x, y: 2.0 * x,
    np.reciprocal: lambda x, y: -y * y,
    np.absolute: lambda x, y: np.sign(x),
    np.sin: lambda x, y: np.cos(x),
    np.cos: lambda x, y: -np.sin(x),
    np.arctan: lambda x, y: 1.0 / (1.0 + x * x),
    np.tanh: lambda x, y: np.cosh(x) ** -2,  # not 1 - y^2, which cancels
}
"""By function, the derivative at ``x``, where the value is ``y``."""


def _first_larger(a: Array, b: Array, y: Array) -> Array:
    return np.greater(a, b) + 0.5 * np.equal(a, b)


def _first_smaller(a: Array, b: Array, y: Array) -> Array:
    return np.less(a, b) + 0.5 * np.equal(a, b)


def _zero(a: Array, b: Array, y: Array) -> Array:
    return np.zeros_like(y)


def _direction(part: Array, length: Array) -> Array:
    return np.where(length == 0, 0.0, part / length)


BINARY: dict[np.ufunc, tuple[Slopes, Slopes]] = {
    np.multiply: (lambda a, b, y: b, lambda a, b, y: a),
    np.divide: (lambda a, b, y: 1.0 / b, lambda a, b, y: -y / b),
    np.hypot: (lambda a, b, y: _direction(a, y), lambda a, b, y: _direction(b, y)),
    np.maximum: (_first_larger, lambda a, b, y: _first_larger(b, a, y)),
    np.minimum: (_first_smaller, lambda a, b, y: _first_smaller(b, a, y)),
    np.arctan2: (
        lambda a, b, y: b / np.hypot(a, b) / np.hypot(a, b),
        lambda a, b, y: -a / np.hypot(a, b) / np.hypot(a, b),
    ),
    np.copysign: (lambda a, b, y: np.copysign(1.0, a) * np.copysign(1.0, b), _zero),
}
"""By function, the derivatives by both arguments, from the arguments and the value."""

LINEAR = frozenset({np.negative, np.positive, np.conjugate})
"""Functions that act on a derivative as they act on the value."""

VALUE_ONLY = frozenset(
    {
        np.less,
        np.less_equal,
        np.greater,
        np.greater_equal,
        np.equal,
        np.not_equal,
        np.isfinite,
        np.isinf,
        np.isnan,
        np.signbit,
        np.sign,
        np.logical_and,
        np.logical_or,
        np.logical_xor,
        np.logical_not,
    }
)
"""Piecewise constant functions: the result is a plain array."""

NO_COMPLEX = frozenset({np.maximum, np.minimum, np.sign})
"""Functions that NumPy defines for complex numbers in a way that has no useful derivative."""
