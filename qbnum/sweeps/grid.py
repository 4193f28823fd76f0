"""The points of a sweep: which parameters vary, along which dimensions, crossed or zipped.

May import: numpy, qbnum. A ``xarray.DataArray`` is recognised by what it has, so that nothing is
imported for it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from qbnum._checks import real, refuse_unless, shown
from qbnum.errors import ParameterError
from qbnum.model import Junction, Lead

__all__ = ["AXES", "Axis", "Grid", "junction_at"]

Array: TypeAlias = NDArray[np.float64]

_LEAD_FIELDS = tuple(f.name for f in fields(Lead))
_LEAD_TEXTS = {
    "onsite": "band centre",
    "hopping": "hopping, a quarter of the band's width,",
    "coupling": "tunnelling amplitude to the level",
    "mu": "chemical potential",
    "temperature": "temperature",
}
_SIDES = ("left", "right")

AXES: dict[str, tuple[tuple[str, ...], str]] = {
    "level": (("level",), "energy of the battery's level"),
    "mu_eq": (("mu_eq",), "chemical potential of the equilibrium"),
    "temperature_eq": (("temperature_eq",), "temperature of the equilibrium"),
    "bias": (("left.mu",), "mu_L - mu_eq"),
    "temperature_gradient": (("left.temperature",), "T_L - T_eq"),
    **{
        name: (tuple(f"{side}.{name}" for side in _SIDES), f"{_LEAD_TEXTS[name]} of both leads")
        for name in ("onsite", "hopping", "coupling")
    },
    **{
        f"{side}_{name}": ((f"{side}.{name}",), f"{_LEAD_TEXTS[name]} of the {side} lead")
        for side in _SIDES
        for name in _LEAD_FIELDS
    },
}
"""What can be swept: the junction's parameters that an axis sets, and what it means."""

_SUMS = {"bias": "mu_eq", "temperature_gradient": "temperature_eq"}
"""Axes that are given relative to the equilibrium."""


@dataclass(frozen=True, eq=False)
class Axis:
    """One swept parameter: its values along one or more dimensions, none for a constant.

    ``labels`` are coordinates that came with a DataArray, by name: dimensions, values, attributes.
    """

    name: str
    dims: tuple[str, ...]
    values: Array
    labels: Mapping[str, tuple[tuple[str, ...], Any, dict[str, Any]]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Grid:
    """All points of a sweep, in C order of ``sizes``: the first dimension varies slowest.

    ``others`` are columns that vary with the points and are no parameters of the junction.
    """

    sizes: Mapping[str, int]
    axes: tuple[Axis, ...]
    others: tuple[Axis, ...] = ()

    @classmethod
    def of(cls, junction: Junction, axes: Mapping[str, Any], reserved: frozenset[str]) -> Grid:
        """Return the grid that the axes span from a junction, every value checked.

        Raises
        ------
        ParameterError
            An unknown axis, values of the wrong shape or outside the domain, sizes that disagree,
            or two axes that set the same parameter.
        """
        refuse_unless(Junction, "junction", junction)
        if not isinstance(axes, Mapping):
            raise ParameterError(f"axes = {shown(axes)}; give a mapping of names to values")
        if junction.shape != ():
            raise ParameterError(
                f"a sweep starts from a single junction, not from shape {junction.shape}; "
                "take one with junction.at(...) and give what varies as an axis"
            )
        made = tuple(_axis(name, given) for name, given in axes.items())
        setter: dict[str, str] = {}
        for axis in made:
            for target in AXES[axis.name][0]:
                if target in setter:
                    raise ParameterError(
                        f"{setter[target]} and {axis.name} both set {target}; give one of them"
                    )
                setter[target] = axis.name
        sizes: dict[str, int] = {}
        source: dict[str, str] = {}
        for axis in made:
            for dim, size in zip(axis.dims, axis.values.shape, strict=True):
                if sizes.setdefault(dim, size) != size:
                    raise ParameterError(
                        f"{source[dim]} has {sizes[dim]} values along {dim!r} and {axis.name} has "
                        f"{size}; axes that share a dimension are zipped and need equally many"
                    )
                source.setdefault(dim, axis.name)
        for axis in made:
            for name in (*axis.dims, *axis.labels):
                if name in reserved or (name in axes and name in axis.labels):
                    raise ParameterError(
                        f"{axis.name} brings the dimension or coordinate {name!r}, which is the "
                        "name of a variable of the result; rename it"
                    )
            if axis.name in sizes and axis.dims != (axis.name,):
                raise ParameterError(
                    f"{axis.name!r} is a dimension of the sweep, but {axis.name}'s own values lie "
                    f"along {axis.dims}; rename the dimension"
                )
        _check_labels(made)
        grid = cls(sizes, made)
        grid._check_values(junction)
        return grid

    @property
    def shape(self) -> tuple[int, ...]:
        """The sizes of the dimensions."""
        return tuple(self.sizes.values())

    @property
    def size(self) -> int:
        """The number of points."""
        return math.prod(self.shape)

    def columns(self, start: int, stop: int) -> dict[str, Array]:
        """Return all values at the points ``start`` to ``stop``, one array for each axis."""
        index = dict(
            zip(self.sizes, np.unravel_index(np.arange(start, stop), self.shape), strict=True)
            if self.sizes
            else ()
        )
        return {
            axis.name: axis.values[tuple(index[dim] for dim in axis.dims)]
            if axis.dims
            else np.full(stop - start, axis.values)
            for axis in (*self.axes, *self.others)
        }

    def with_column(self, name: str, given: Any) -> Grid:
        """Return the grid with an array, of its shape or a DataArray over its dimensions.

        Raises
        ------
        ParameterError
            The array does not broadcast to the grid.
        """
        dims = tuple(map(str, getattr(given, "dims", self.sizes)))
        values = np.asarray(real(name, given, "probability"))
        try:
            shape = tuple(self.sizes[dim] for dim in dims)
            column = Axis(name, dims, np.broadcast_to(values, shape))
        except (KeyError, ValueError) as error:
            raise ParameterError(
                f"{name} has shape {values.shape}, the sweep has {dict(self.sizes)}; give a number "
                "or an array of that shape"
            ) from error
        return replace(self, others=(*self.others, column))

    def swept(self) -> frozenset[str]:
        """Return the dotted names of the junction's parameters that some axis sets."""
        return frozenset(target for axis in self.axes for target in AXES[axis.name][0])

    def _check_values(self, junction: Junction) -> None:
        """Raise what the junctions would raise, now rather than at the last block."""
        by_name = {axis.name: axis for axis in self.axes}
        for axis in self.axes:
            base = by_name.get(_SUMS.get(axis.name, ""))
            values = {axis.name: axis.values}
            if base is not None and base.dims == axis.dims:
                values[base.name] = base.values
            elif base is not None:
                # Sums are monotonic, rounding included: their extremes are those of the parts.
                values = {
                    name: np.array([np.min(part.values), np.max(part.values)])
                    for name, part in ((axis.name, axis), (base.name, base))
                }
            with np.errstate(over="ignore"):  # an infinite sum is refused as what it is
                junction_at(junction, values)


def junction_at(junction: Junction, values: Mapping[str, Any]) -> Junction:
    """Return the junction with the parameters that the axes' values set; all broadcast.

    ``bias`` and ``temperature_gradient`` set the left lead's mu and temperature to the
    equilibrium's plus the value, rounded once.
    """
    parts: dict[str, dict[str, Any]] = {"": {}, "left": {}, "right": {}}
    for name, value in values.items():
        if name not in _SUMS:
            for target in AXES[name][0]:
                side, _, own = target.rpartition(".")
                parts[side][own] = value
    made = replace(junction, **parts[""])
    for name in _SUMS.keys() & values.keys():
        equilibrium = _SUMS[name]
        total = np.asarray(getattr(made, equilibrium)) + np.asarray(values[name], dtype=np.float64)
        if name == "temperature_gradient" and np.any(total <= 0):
            raise ParameterError(
                "temperature_eq + temperature_gradient is the left lead's temperature and must be "
                f"> 0; its smallest value here is {float(np.min(total))!r}"
            )
        parts["left"][equilibrium.removesuffix("_eq")] = total
    return replace(
        made,
        left=replace(junction.left, **parts["left"]),
        right=replace(junction.right, **parts["right"]),
    )


def _axis(name: str, given: Any) -> Axis:
    if name not in AXES:
        raise ParameterError(f"{shown(name)} is no axis of a sweep; allowed are {', '.join(AXES)}")
    dims: tuple[str, ...]
    labels: dict[str, Any] = {}
    if hasattr(given, "dims") and hasattr(given, "coords"):  # a DataArray
        dims, values = tuple(map(str, given.dims)), _real(name, given.values)
        labels = {
            str(key): (tuple(map(str, c.dims)), c.values, dict(c.attrs))
            for key, c in given.coords.items()
            if key != name and c.dims
        }
    elif isinstance(given, tuple) and given and isinstance(given[0], (str, tuple)):
        if len(given) != 2 or not all(isinstance(dim, str) for dim in _listed(given[0])):
            raise ParameterError(
                f"{name} = {shown(given)} is not a pair; give (dimension, values) to zip axes, "
                "e.g. ('step', array)"
            )
        dims = _listed(given[0])
        values = _real(name, given[1])
    else:
        values = _real(name, given)
        if values.ndim > 1:
            raise ParameterError(
                f"{name} has shape {values.shape}; give a number, a one-dimensional array, a pair "
                "(dimensions, values) or an xarray.DataArray"
            )
        dims = (name,) * values.ndim
    if values.ndim != len(dims) or len(set(dims)) != len(dims):
        raise ParameterError(
            f"{name} has shape {values.shape} and dimensions {dims}; give one dimension's name for "
            "each axis of the array"
        )
    if values.size == 0:
        raise ParameterError(f"{name} has no values (shape {values.shape}); give at least one")
    return Axis(name, dims, values, labels)


def _real(name: str, given: Any) -> Array:
    return np.asarray(real(name, given))


def _listed(given: str | tuple[str, ...]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else given


def _check_labels(axes: tuple[Axis, ...]) -> None:
    """Raise if two DataArrays disagree about a coordinate they share: they must not be zipped."""
    seen: dict[str, Any] = {}
    for name, label in _all_labels(axes):
        first = seen.setdefault(name, label)
        if first[0] != label[0] or not np.array_equal(first[1], label[1]):
            raise ParameterError(
                f"the DataArrays disagree about their coordinate {name!r}; align them first"
            )


def _all_labels(axes: tuple[Axis, ...]) -> Iterator[tuple[str, Any]]:
    for axis in axes:
        yield from axis.labels.items()
