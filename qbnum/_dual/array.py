"""`Dual`, the array class: construction, indexing, and the dispatch of NumPy's functions.

May import: numpy, qbnum._dual.arithmetic, .indexing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from qbnum._dual.arithmetic import SCRATCH, Array, inexact, times, typed
from qbnum._dual.indexing import expanded_index

__all__ = [
    "FUNCTIONS",
    "UFUNCS",
    "Dual",
    "chain",
    "constant",
    "dots_of",
    "independent",
    "lifted",
    "value_of",
]

UFUNCS: dict[tuple[np.ufunc, str], Callable[..., Any]] = {}
"""What a universal function does with duals, by function and method (``"__call__"``, ...)."""

FUNCTIONS: dict[Any, Callable[..., Any]] = {}
"""What NumPy's array functions (``np.where``, ``np.sum``, ...) do with duals."""


class Dual(NDArrayOperatorsMixin):
    """An array and its derivatives in k directions.

    Parameters
    ----------
    value : array
        Of any shape S, float64 or complex128.
    dots : array
        Derivatives by k real parameters, shape (k, *S), of the same type. Neither is copied.

    Raises
    ------
    TypeError
        The value is not of an inexact type, or real with complex derivatives.
    ValueError
        ``dots`` has not the shape (k, *S).

    Notes
    -----
    Operators, elementwise functions and the array functions of `qbnum._dual.functions` take duals
    and plain arrays mixed in any order; plain ones count as constants. Comparisons, ``isfinite``
    and sorting orders look at values and return plain arrays. Whatever has no rule, and whatever
    would lose the derivatives (``np.asarray``, ``float``, ``plain += dual``), raises
    ``TypeError``. Slices share memory, and in-place operators work in place, as with arrays.

    A derivative that is exactly 0 stays 0 whatever it is multiplied by: ``sqrt`` or ``log`` of a
    constant 0 has the derivative 0, not ``0 * inf``. Where it is not 0, ``sqrt`` at 0 honestly has
    the derivative inf. Kinks (``abs``, ``maximum``, ``minimum`` at a tie) give the mean of their
    two sides. A branch (``np.where(x >= 0, f, g)``) gives the derivative of the side it takes, so
    a formula that branches on a sign takes ``np.where(x >= 0, x, -x)`` for ``abs(x)``: at x = 0
    both then stay on one side. Functions of one's own get their rule by `chain`.
    """

    __slots__ = ("dots", "value")
    __array_priority__ = 1000.0
    __hash__ = None  # type: ignore[assignment]  # == is elementwise

    value: Array
    dots: Array

    def __init__(self, value: Any, dots: Any) -> None:
        if isinstance(value, Dual) or isinstance(dots, Dual):
            raise TypeError("value and dots of a Dual are plain arrays; duals do not nest")
        self.value = inexact(value)
        given = inexact(dots)
        if given.ndim != self.value.ndim + 1 or given.shape[1:] != self.value.shape:
            raise ValueError(
                f"dots of shape {given.shape} do not belong to a value of shape "
                f"{self.value.shape}; give (k, *value.shape)"
            )
        self.dots = typed(given, self.value.dtype)

    @property
    def directions(self) -> int:
        """The number k of directions."""
        return int(self.dots.shape[0])

    @property
    def shape(self) -> tuple[int, ...]:
        """The value's shape."""
        return self.value.shape

    @property
    def ndim(self) -> int:
        """The value's number of dimensions."""
        return self.value.ndim

    @property
    def size(self) -> int:
        """The value's number of elements."""
        return self.value.size

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of value and dots."""
        return self.value.dtype

    @property
    def real(self) -> Dual:
        """The real part."""
        return Dual(self.value.real, self.dots.real)

    @property
    def imag(self) -> Dual:
        """The imaginary part."""
        return Dual(self.value.imag, self.dots.imag)

    @property
    def T(self) -> Dual:
        """The transpose."""
        return self.transpose()

    def __repr__(self) -> str:
        return f"Dual({self.value!r}, dots={self.dots!r})"

    def __len__(self) -> int:
        return len(self.value)

    def __bool__(self) -> bool:
        return bool(self.value)

    def __array__(self, *args: Any, **kwargs: Any) -> Array:
        raise TypeError(_LOST.format("conversion to a plain array"))

    def __float__(self) -> float:
        raise TypeError(_LOST.format("float()"))

    def __complex__(self) -> complex:
        raise TypeError(_LOST.format("complex()"))

    def __int__(self) -> int:
        raise TypeError(_LOST.format("int()"))

    def __pow__(self, exponent: Any) -> Any:
        # By the operator, which squares where np.power calls pow: values are those of arrays.
        known = None if isinstance(exponent, Dual) else self.value**exponent
        return UFUNCS[np.power, "__call__"](self, exponent, known)

    def __getitem__(self, index: Any) -> Dual:
        expanded, scattered = expanded_index(index, self.ndim)
        value = np.asarray(self.value[expanded])
        if scattered:
            return Dual(value, np.moveaxis(np.moveaxis(self.dots, 0, -1)[expanded], -1, 0))
        return Dual(value, self.dots[(slice(None), *expanded)])

    def __setitem__(self, index: Any, other: Any) -> None:
        if np.iscomplexobj(other) and not np.iscomplexobj(self):
            raise TypeError("a complex number cannot be stored in a real Dual")
        expanded, scattered = expanded_index(index, self.ndim)
        ndim = np.ndim(self.value[expanded])
        dots = (
            lifted(other, ndim, self.directions)
            if isinstance(other, Dual)
            else np.zeros((1,) * (ndim + 1))
        )
        self.value[expanded] = value_of(other)
        if scattered:
            np.moveaxis(self.dots, 0, -1)[expanded] = np.moveaxis(dots, 0, -1)
        else:
            self.dots[(slice(None), *expanded)] = dots

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if not all(isinstance(x, (Dual, *_PLAIN)) for x in inputs):
            return NotImplemented
        out = kwargs.pop("out", None)
        if (ufunc, method) not in UFUNCS:
            asked = f"np.{ufunc.__name__}" + ("" if method == "__call__" else f".{method}")
            raise TypeError(f"{asked} has no rule for duals (see qbnum._dual)")
        # From `plain += dual` this is reached with a plain target, which cannot take the sum.
        own = out is not None and out[0] is inputs[0] and isinstance(inputs[0], Dual)
        if own and ufunc in (np.add, np.subtract) and not kwargs:
            return _accumulate(ufunc, *inputs)
        result = UFUNCS[ufunc, method](*inputs, **kwargs)
        return result if out is None else _store(result, out[0], ufunc)

    def __array_function__(
        self, func: Any, types: Iterable[type], args: Any, kwargs: dict[str, Any]
    ) -> Any:
        if func not in FUNCTIONS:
            name = f"{func.__module__}.{func.__name__}".replace("numpy", "np", 1)
            raise TypeError(f"{name} has no rule for duals (see qbnum._dual)")
        return FUNCTIONS[func](*args, **kwargs)

    def astype(self, dtype: Any, copy: bool = True) -> Dual:
        """Return the dual in another inexact type; a real one for a complex dual is refused."""
        wanted = np.dtype(dtype)
        if wanted.kind not in "fc" or not np.can_cast(self.dtype, wanted, "same_kind"):
            raise TypeError(_LOST.format(f"astype({wanted}) of a {self.dtype} Dual"))
        return Dual(self.value.astype(wanted, copy=copy), self.dots.astype(wanted, copy=copy))

    def copy(self) -> Dual:
        """Return a copy that shares no memory."""
        return Dual(self.value.copy(), self.dots.copy())

    def reshape(self, *shape: Any) -> Dual:
        """Return the elements in another shape."""
        value = self.value.reshape(*shape)
        return Dual(value, self.dots.reshape(self.directions, *value.shape))

    def ravel(self) -> Dual:
        """Return the elements on one axis."""
        return self.reshape(-1)

    def transpose(self, *axes: Any) -> Dual:
        """Return the dual with its axes permuted; reversed by default."""
        order = axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else axes
        order = tuple(range(self.ndim))[::-1] if not order else tuple(a % self.ndim for a in order)
        return Dual(self.value.transpose(order), self.dots.transpose(0, *(a + 1 for a in order)))

    def conj(self) -> Dual:
        """Return the complex conjugate."""
        return UFUNCS[np.conjugate, "__call__"](self)  # type: ignore[no-any-return]

    def take(self, indices: Any, axis: int | None = None) -> Dual:
        """Return the elements at indices along an axis, or of the flattened dual."""
        return FUNCTIONS[np.take](self, indices, axis)  # type: ignore[no-any-return]

    def sum(self, axis: Any = None, keepdims: bool = False) -> Dual:
        """Return the sum over an axis, several, or all."""
        return FUNCTIONS[np.sum](self, axis=axis, keepdims=keepdims)  # type: ignore[no-any-return]

    def max(self, axis: int | None = None) -> Dual:
        """Return the largest value, with the derivatives of its first occurrence."""
        return FUNCTIONS[np.max](self, axis=axis)  # type: ignore[no-any-return]

    def min(self, axis: int | None = None) -> Dual:
        """Return the smallest value, with the derivatives of its first occurrence."""
        return FUNCTIONS[np.min](self, axis=axis)  # type: ignore[no-any-return]

    def all(self, axis: Any = None) -> Any:
        """Return whether all values differ from 0."""
        return self.value.all(axis=axis)

    def any(self, axis: Any = None) -> Any:
        """Return whether any value differs from 0."""
        return self.value.any(axis=axis)


def independent(values: Sequence[Any]) -> list[Dual]:
    """Return duals of the given values, each with derivative 1 in a direction of its own.

    Parameters
    ----------
    values : sequence of numbers or float arrays
        k of them; their shapes need not agree.
    """
    made = []
    for direction, value in enumerate(values):
        array = inexact(value).copy()
        dots = np.zeros((len(values), *array.shape), dtype=array.dtype)
        dots[direction] = 1.0
        made.append(Dual(array, dots))
    return made


def constant(value: Any, directions: int) -> Dual:
    """Return a dual whose derivatives are 0."""
    array = inexact(value)
    return Dual(array, np.zeros((directions, *array.shape), dtype=array.dtype))


def chain(value: Any, *terms: tuple[Any, Any]) -> Any:
    """Return a value with derivatives by the chain rule: one's own rule for a function.

    Parameters
    ----------
    value : array
        The function's value, plain.
    *terms : pairs (slope, argument)
        The plain derivative by an argument, and the argument; slopes and arguments broadcast to
        the value's shape. Arguments that are no duals are constants.

    Returns
    -------
    Dual, or ``value`` itself where no argument is a dual
    """
    duals = [(slope, x) for slope, x in terms if isinstance(x, Dual)]
    if not duals:
        return value
    array = inexact(value)
    shape = (duals[0][1].directions, *array.shape)
    total: Array | None = None
    with np.errstate(all="ignore"):
        for slope, x in duals:
            dots = lifted(x, array.ndim, shape[0])
            if total is None:
                total = times(slope, dots)
            elif total.shape == shape and total.dtype == array.dtype:
                total += times(slope, dots, SCRATCH.like(total))
            else:
                total = total + times(slope, dots)
    assert total is not None
    return Dual(array, total if total.shape == shape else np.broadcast_to(total, shape).copy())


def value_of(x: Any) -> Any:
    """Return the plain value of a dual, and anything else as it is."""
    return x.value if isinstance(x, Dual) else x


def dots_of(x: Any, directions: int) -> Array:
    """Return the derivatives of a dual, and zeros of shape (k, *S) for anything else."""
    return x.dots if isinstance(x, Dual) else constant(x, directions).dots


_LOST = "{} would lose a Dual's derivatives; take .value if that is meant"
_PLAIN = (np.ndarray, np.generic, bool, int, float, complex, list, tuple)


def lifted(x: Dual, ndim: int, directions: int) -> Array:
    """Return the dots with axes of length 1 after the first, so that they broadcast as x does.

    Raises
    ------
    ValueError
        The dual has not ``directions`` directions.
    """
    if x.directions != directions:
        raise ValueError(
            f"duals with {directions} and {x.directions} directions do not go together"
        )
    if x.ndim >= ndim:
        return x.dots
    return x.dots.reshape(directions, *(1,) * (ndim - x.ndim), *x.shape)


def _accumulate(ufunc: np.ufunc, target: Dual, other: Any) -> Dual:
    dots = lifted(other, target.ndim, target.directions) if isinstance(other, Dual) else None
    ufunc(target.value, value_of(other), out=target.value)
    if dots is not None:
        with np.errstate(all="ignore"):
            ufunc(target.dots, dots, out=target.dots)
    return target


def _store(result: Any, target: Any, ufunc: np.ufunc) -> Any:
    if not isinstance(target, Dual):
        if isinstance(result, Dual):
            raise TypeError(
                _LOST.format(f"np.{ufunc.__name__} into a plain array")
                + "; write a = a + b where a += b has a plain array a"
            )
        np.copyto(target, result)
        return target
    np.copyto(target.value, value_of(result), casting="same_kind")
    target.dots[...] = (
        lifted(result, target.ndim, target.directions) if isinstance(result, Dual) else 0.0
    )
    return target
