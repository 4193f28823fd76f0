"""What NumPy's array functions do with duals. May import: numpy, qbnum._dual.array."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from qbnum._dual.array import FUNCTIONS, Dual, constant, lifted, value_of

__all__: list[str] = []


def _implements(*functions: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def register(rule: Callable[..., Any]) -> Callable[..., Any]:
        for function in functions:
            FUNCTIONS[function] = rule
        return rule

    return register


# --- Results that depend on values only: plain arrays, indices, truths.


def _plain(x: Any) -> Any:
    if isinstance(x, tuple | list):
        return type(x)(_plain(item) for item in x)
    return value_of(x)


def _by_value(function: Any) -> Callable[..., Any]:
    return lambda *args, **kwargs: function(
        *_plain(args), **{name: _plain(value) for name, value in kwargs.items()}
    )


for _function in (
    *(np.shape, np.ndim, np.size, np.iscomplexobj, np.isrealobj, np.result_type),
    *(np.any, np.all, np.isneginf, np.isposinf, np.isclose, np.allclose, np.array_equal),
    *(np.nonzero, np.flatnonzero, np.count_nonzero, np.argmax, np.argmin),
    *(np.argsort, np.lexsort, np.searchsorted, np.broadcast_shapes),
):
    FUNCTIONS[_function] = _by_value(_function)


# --- Functions that move or add elements: they act on every derivative as on the value.


def _axis(a: Dual, axis: int) -> int:
    """Return an axis of the value, counted in the dots."""
    return int(np.lib.array_utils.normalize_axis_index(axis, a.ndim)) + 1


def _axes(a: Dual, axis: Any) -> tuple[int, ...]:
    if axis is None:
        return tuple(range(1, a.ndim + 1))
    return tuple(_axis(a, x) for x in (axis if isinstance(axis, tuple | list) else (axis,)))


@_implements(np.sum)
def _sum(a: Dual, axis: Any = None, keepdims: bool = False) -> Dual:
    return Dual(
        np.sum(a.value, axis=axis, keepdims=keepdims),
        np.sum(a.dots, axis=_axes(a, axis), keepdims=keepdims),
    )


@_implements(np.mean)
def _mean(a: Dual, axis: Any = None, keepdims: bool = False) -> Dual:
    return Dual(
        np.mean(a.value, axis=axis, keepdims=keepdims),
        np.mean(a.dots, axis=_axes(a, axis), keepdims=keepdims),
    )


def _flat_along(a: Dual, axis: int | None) -> tuple[Dual, int]:
    """Return the dual and an axis of it; flattened where there is none."""
    return (a.ravel(), 0) if axis is None else (a, axis)


@_implements(np.cumsum)
def _cumsum(a: Dual, axis: int | None = None) -> Dual:
    a, along = _flat_along(a, axis)
    return Dual(np.cumsum(a.value, along), np.cumsum(a.dots, _axis(a, along)))


@_implements(np.diff)
def _diff(a: Dual, n: int = 1, axis: int = -1) -> Dual:
    return Dual(np.diff(a.value, n, axis), np.diff(a.dots, n, _axis(a, axis)))


@_implements(np.repeat)
def _repeat(a: Dual, repeats: Any, axis: int | None = None) -> Dual:
    a, along = _flat_along(a, axis)
    return Dual(np.repeat(a.value, repeats, along), np.repeat(a.dots, repeats, _axis(a, along)))


@_implements(np.take)
def _take(a: Dual, indices: Any, axis: int | None = None) -> Dual:
    a, along = _flat_along(a, axis)
    return Dual(np.take(a.value, indices, along), np.take(a.dots, indices, _axis(a, along)))


@_implements(np.take_along_axis)
def _take_along_axis(arr: Dual, indices: Any, axis: int | None = -1) -> Dual:
    if isinstance(indices, Dual) or not isinstance(arr, Dual):
        raise TypeError("np.take_along_axis takes a Dual and plain indices")
    arr, along = _flat_along(arr, axis)
    index = np.asarray(indices)
    return Dual(
        np.take_along_axis(arr.value, index, along),
        np.take_along_axis(arr.dots, index[None], _axis(arr, along)),
    )


@_implements(np.flip)
def _flip(m: Dual, axis: Any = None) -> Dual:
    return Dual(np.flip(m.value, axis), np.flip(m.dots, _axes(m, axis)))


@_implements(np.moveaxis)
def _moveaxis(a: Dual, source: Any, destination: Any) -> Dual:
    return Dual(
        np.moveaxis(a.value, source, destination),
        np.moveaxis(a.dots, _axes(a, source), _axes(a, destination)),
    )


@_implements(np.swapaxes)
def _swapaxes(a: Dual, axis1: int, axis2: int) -> Dual:
    return Dual(
        np.swapaxes(a.value, axis1, axis2), np.swapaxes(a.dots, _axis(a, axis1), _axis(a, axis2))
    )


@_implements(np.transpose)
def _transpose(a: Dual, axes: Any = None) -> Dual:
    return a.transpose() if axes is None else a.transpose(*axes)


@_implements(np.expand_dims)
def _expand_dims(a: Dual, axis: Any) -> Dual:
    value = np.expand_dims(a.value, axis)
    return Dual(value, a.dots.reshape(a.directions, *value.shape))


@_implements(np.squeeze)
def _squeeze(a: Dual, axis: Any = None) -> Dual:
    value = np.squeeze(a.value, axis)
    return Dual(value, a.dots.reshape(a.directions, *value.shape))


@_implements(np.reshape)
def _reshape(a: Dual, shape: Any) -> Dual:
    return a.reshape(shape)


@_implements(np.ravel)
def _ravel(a: Dual) -> Dual:
    return a.ravel()


@_implements(np.copy)
def _copy(a: Dual) -> Dual:
    return a.copy()


@_implements(np.atleast_1d)
def _atleast_1d(*arrays: Any) -> Any:
    made = tuple(
        x.reshape(np.atleast_1d(x.value).shape) if isinstance(x, Dual) else np.atleast_1d(x)
        for x in arrays
    )
    return made[0] if len(made) == 1 else made


@_implements(np.broadcast_to)
def _broadcast_to(array: Dual, shape: Any) -> Dual:
    value = np.broadcast_to(array.value, shape)
    dots = lifted(array, value.ndim, array.directions)
    return Dual(value, np.broadcast_to(dots, (array.directions, *value.shape)))


@_implements(np.broadcast_arrays)
def _broadcast_arrays(*arrays: Any) -> tuple[Any, ...]:
    shape = np.broadcast_shapes(*(np.shape(x) for x in arrays))
    return tuple(np.broadcast_to(x, shape) for x in arrays)


@_implements(np.real)
def _real(val: Dual) -> Dual:
    return val.real


@_implements(np.imag)
def _imag(val: Dual) -> Dual:
    return val.imag


# --- Functions of several arrays, any of which may be plain.


def _all_dots(arrays: Any) -> list[Any]:
    """Return the dots of every array: zeros for plain ones, which are constants."""
    k = next(x.directions for x in arrays if isinstance(x, Dual))
    return [lifted(x, 0, k) if isinstance(x, Dual) else constant(x, k).dots for x in arrays]


@_implements(np.concatenate)
def _concatenate(arrays: Any, axis: int | None = 0) -> Dual:
    arrays = [np.ravel(x) for x in arrays] if axis is None else list(arrays)
    along = 0 if axis is None else axis
    value = np.concatenate([value_of(x) for x in arrays], along)
    return Dual(value, np.concatenate(_all_dots(arrays), along % value.ndim + 1))


@_implements(np.stack)
def _stack(arrays: Any, axis: int = 0) -> Dual:
    arrays = list(arrays)
    value = np.stack([value_of(x) for x in arrays], axis)
    return Dual(value, np.stack(_all_dots(arrays), axis % value.ndim + 1))


@_implements(np.where)
def _where(condition: Any, *choices: Any) -> Any:
    chosen = value_of(condition)
    if not choices:
        return np.nonzero(chosen)
    value = np.where(chosen, *(value_of(x) for x in choices))
    duals = [x for x in choices if isinstance(x, Dual)]
    if not duals:
        return value
    k = duals[0].directions
    dots = np.where(
        chosen, *(lifted(x, value.ndim, k) if isinstance(x, Dual) else 0.0 for x in choices)
    )
    shape = (k, *value.shape)
    return Dual(value, dots if dots.shape == shape else np.broadcast_to(dots, shape).copy())


@_implements(np.clip)
def _clip(a: Any, a_min: Any = None, a_max: Any = None) -> Any:
    above = a if a_min is None else np.maximum(a, a_min)
    return above if a_max is None else np.minimum(above, a_max)


@_implements(np.bincount)
def _bincount(x: Any, weights: Any = None, minlength: int = 0) -> Dual:
    if isinstance(x, Dual) or not isinstance(weights, Dual):
        raise TypeError("np.bincount takes plain integers and a Dual as weights")
    value = np.bincount(x, weights.value, minlength)
    k, n = weights.directions, value.size
    # One count for all directions, each with bins of its own.
    bins = (np.asarray(x) + n * np.arange(k)[:, None]).ravel()
    dots = np.bincount(bins, weights.dots.ravel(), minlength=k * n)
    return Dual(value, dots.reshape(k, n))


# --- Order.


@_implements(np.sort)
def _sort(a: Dual, axis: int | None = -1) -> Dual:
    a, along = _flat_along(a, axis)
    return _take_along_axis(a, np.argsort(a.value, along, kind="stable"), along)  # type: ignore[no-any-return]


def _extreme(position: Any) -> Callable[..., Dual]:
    def rule(a: Dual, axis: int | None = None) -> Dual:
        a, along = _flat_along(a, axis)
        at = np.expand_dims(position(a.value, along), along)
        return _squeeze(_take_along_axis(a, at, along), along)  # type: ignore[no-any-return]

    return rule


for _function in (np.max, np.amax):
    FUNCTIONS[_function] = _extreme(np.argmax)
for _function in (np.min, np.amin):
    FUNCTIONS[_function] = _extreme(np.argmin)


# --- Constants in the shape of a dual: duals themselves, so that derivatives can be stored there.


def _filled(a: Dual, fill: Any, dtype: Any, shape: Any) -> Any:
    shape, dtype = a.shape if shape is None else shape, a.dtype if dtype is None else dtype
    if np.dtype(dtype).kind not in "fc":
        return np.full(shape, value_of(fill), dtype)
    made = constant(np.zeros(shape, dtype), a.directions)
    made[...] = fill
    return made


@_implements(np.zeros_like, np.empty_like)
def _zeros_like(a: Dual, dtype: Any = None, *, shape: Any = None) -> Any:
    return _filled(a, 0.0, dtype, shape)


@_implements(np.ones_like)
def _ones_like(a: Dual, dtype: Any = None, *, shape: Any = None) -> Any:
    return _filled(a, 1.0, dtype, shape)


@_implements(np.full_like)
def _full_like(a: Dual, fill_value: Any, dtype: Any = None, *, shape: Any = None) -> Any:
    return _filled(a, fill_value, dtype, shape)
