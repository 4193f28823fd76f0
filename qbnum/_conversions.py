"""A steady state as other libraries' data: xarray, pandas, JSON.

Names, units and equation numbers are those of a sweep's data set. May import: numpy, qbnum; xarray
and pandas, so it is imported only when it is needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from qbnum._checks import names_of, shown
from qbnum.errors import ParameterError
from qbnum.observables import OBSERVABLES
from qbnum.sweeps.dataset import CONVENTIONS, TITLE, attributes, version
from qbnum.sweeps.grid import AXES
from qbnum.sweeps.recipe import STATUS, variables_of

if TYPE_CHECKING:
    from qbnum.state import SteadyState

__all__ = ["dataset", "frame", "plain"]

Coordinate: TypeAlias = tuple[tuple[int, ...], NDArray[np.float64]]
"""The axes along which a parameter varies, and its values there."""


def dataset(state: SteadyState, dims: Sequence[str] | None) -> xr.Dataset:
    """Return a steady state as `SteadyState.to_xarray` describes it."""
    shape = state.junction.shape
    parameters = {
        name.replace(".", "_"): _coordinate(value, len(shape))
        for name, value in state.junction.parameters.items()
    }
    varying = {name: found for name, found in parameters.items() if found[0]}
    names = _dimensions(shape, varying) if dims is None else names_of("dims", dims)
    _check_dimensions(names, shape, varying)
    coordinates = {
        name: (
            tuple(names[axis] for axis in axes),
            values,
            {"units": "energy", "long_name": AXES[name][1]},
        )
        for name, (axes, values) in varying.items()
    }
    variables = {
        name: (names, values, attributes(name))
        for name, values in (_values(state) | {"status": _status(state)}).items()
    }
    fixed = {name: float(values) for name, (axes, values) in parameters.items() if not axes}
    provenance = {
        "title": TITLE,
        "conventions": CONVENTIONS,
        **fixed,
        "qbnum_version": version(),
        "numpy_version": np.__version__,
    }
    return xr.Dataset(variables, coords=coordinates, attrs=provenance)


def frame(state: SteadyState) -> pd.DataFrame:
    """Return a steady state as `SteadyState.to_pandas` describes it."""
    parameters = {n.replace(".", "_"): v for n, v in state.junction.parameters.items()}
    return pd.DataFrame(
        {
            name: np.broadcast_to(values, state.junction.shape).reshape(-1)
            for name, values in (parameters | _values(state)).items()
        }
    )


def plain(state: SteadyState) -> dict[str, Any]:
    """Return a steady state as `SteadyState.to_dict` describes it."""
    parts = {"value": state._values} | {
        part: getattr(state, part) for part in ("error_estimate", "absolute_integral")
    }
    return {
        "parameters": {n: _listed(v) for n, v in state.junction.parameters.items()},
        "bound_state_weight": _listed(state.bound_state_weight),
        "observables": {
            name: {part: _listed(values[name]) for part, values in parts.items()}
            | {"unit": OBSERVABLES[name].unit}
            for name in state.available
        },
        "undefined": dict(state._refused),
    }


def _listed(value: Any) -> Any:
    return np.ma.asarray(value).tolist()


def _values(state: SteadyState) -> dict[str, NDArray[np.float64]]:
    """Return each observable and its error, and the bound states' weight, NaN where masked."""
    given = {name: state._values[name] for name in state.available}
    given |= {f"{name}_error": state.error_estimate[name] for name in state.available}
    given["bound_state_weight"] = state.bound_state_weight
    return {
        name: np.ma.filled(given[name], np.nan)
        for name in variables_of(state.available)
        if name in given
    }


def _status(state: SteadyState) -> NDArray[np.int8]:
    hidden = np.zeros(state.junction.shape, dtype=bool)
    for name in state.available:
        hidden |= np.ma.getmaskarray(np.ma.asarray(state._values[name]))
    unknown, fine = STATUS["bound_state_occupation_not_fixed"], STATUS["ok"]
    return np.where(hidden, unknown, fine).astype(np.int8)


def _coordinate(value: Any, ndim: int) -> Coordinate:
    """Return along which of the result's axes a parameter varies, and its values there."""
    array = np.asarray(value)
    first = ndim - array.ndim
    axes = tuple(first + k for k, size in enumerate(array.shape) if size != 1)
    return axes, array.reshape([array.shape[axis - first] for axis in axes])


def _dimensions(shape: tuple[int, ...], varying: dict[str, Coordinate]) -> tuple[str, ...]:
    """Return names of the dimensions: a parameter's where it alone varies along one."""
    names = []
    for axis in range(len(shape)):
        along = [name for name, (axes, _) in varying.items() if axis in axes]
        alone = len(along) == 1 and varying[along[0]][0] == (axis,)
        names.append(along[0] if alone else f"dim_{axis}")
    return tuple(names)


def _check_dimensions(
    names: tuple[str, ...], shape: tuple[int, ...], varying: dict[str, Coordinate]
) -> None:
    if len(names) != len(shape) or len(set(names)) != len(names):
        raise ParameterError(
            f"dims = {shown(names)}; give one name for each dimension of the shape {shape}"
        )
    taken = {*variables_of(OBSERVABLES)} | {
        name for name, (axes, _) in varying.items() if tuple(names[a] for a in axes) != (name,)
    }
    for name in names:
        if name in taken:
            raise ParameterError(
                f"dims has {shown(name)}, which is the name of a variable; rename it"
            )
