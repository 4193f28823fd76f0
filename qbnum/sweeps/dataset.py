"""A sweep's result as an ``xarray.Dataset``: names, units, equations, provenance.

May import: numpy, xarray, qbnum.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import metadata
from typing import Any

import numpy as np
import xarray as xr

from qbnum.observables import OBSERVABLES
from qbnum.sweeps.grid import AXES, Axis, Grid
from qbnum.sweeps.recipe import OCCUPATION, STATUS, Recipe

__all__ = [
    "CONVENTIONS",
    "TITLE",
    "assemble",
    "attributes",
    "fingerprint",
    "settings",
    "version",
]

TITLE = "steady state of a level between two tight-binding reservoirs"
CONVENTIONS = (
    "hbar = e = k_B = 1; all energies, temperatures and chemical potentials in one unit; currents "
    "positive from left to right; <name>_error is an absolute error estimate"
)


def assemble(recipe: Recipe, grid: Grid, values: Mapping[str, Any]) -> xr.Dataset:
    """Return the data set of a sweep.

    Parameters
    ----------
    recipe, grid
        What was computed, and where.
    values : mapping of str to array
        The recipe's variables, each of the grid's shape; lazy arrays stay lazy.
    """
    dims = tuple(grid.sizes)
    data = {name: (dims, values[name], attributes(name)) for name in recipe.variables}
    coords: dict[str, Any] = {}
    for axis in grid.axes:
        coords |= axis.labels
    for axis in grid.axes:
        coords[axis.name] = (
            axis.dims,
            axis.values,
            {"units": "energy", "long_name": AXES[axis.name][1]},
        )
    return xr.Dataset(data, coords=coords, attrs=_provenance(recipe, grid))


def attributes(name: str) -> dict[str, Any]:
    """Return a variable's unit, meaning and equation number."""
    if name == "bound_state_weight":
        return {"units": "1", "long_name": "total weight of the bound states outside the bands"}
    if name == "status":
        return {
            "long_name": "why observables are NaN",
            "flag_values": np.array(list(STATUS.values()), dtype=np.int8),
            "flag_meanings": " ".join(STATUS),
        }
    observable = OBSERVABLES[name.removesuffix("_error")]
    if name.endswith("_error"):
        return {
            "units": observable.unit,
            "long_name": f"absolute error estimate of {observable.name}",
        }
    return {
        "units": observable.unit,
        "long_name": observable.text,
        "symbol": observable.symbol,
        "equation": observable.equation,
        "ancillary_variables": f"{name}_error status",
    }


def _provenance(recipe: Recipe, grid: Grid) -> dict[str, Any]:
    """Return the data set's attributes: numbers and texts only, which every format can hold."""
    swept = grid.swept()
    fixed = {
        name.replace(".", "_"): float(value)
        for name, value in recipe.junction.parameters.items()
        if name not in swept
    }
    return {
        "title": TITLE,
        "conventions": CONVENTIONS,
        **fixed,
        "bound_states": _policy(recipe, grid),
        "two_state_reference": recipe.options["two_state_reference"],
        "on_error": recipe.on_error,
        "engine": recipe.options.get("engine", "default"),
        "qbnum_version": version(),
        "numpy_version": np.__version__,
        "created": _now().isoformat(timespec="seconds"),
        "fingerprint": fingerprint(settings(recipe, grid)),
    }


def _now() -> datetime:
    """Return the time, or ``SOURCE_DATE_EPOCH``, with which equal sweeps make equal files."""
    given = os.environ.get("SOURCE_DATE_EPOCH", "")
    if given.isdecimal() and len(given) < 12:
        return datetime.fromtimestamp(int(given), UTC)
    return datetime.now(UTC)


def _policy(recipe: Recipe, grid: Grid) -> str:
    if isinstance(recipe.bound_states, str):
        return recipe.bound_states
    if grid.others:
        return "occupations that vary over the sweep"
    given = recipe.bound_states
    plain = {k: float(v) for k, v in given.items()} if isinstance(given, Mapping) else float(given)
    return f"occupied: {plain}"


def version() -> str:
    """Return the version of the distribution, or "unknown" from a bare source tree."""
    try:
        return metadata.version("qbval")
    except metadata.PackageNotFoundError:
        return "unknown"


def settings(recipe: Recipe, grid: Grid) -> dict[str, Any]:
    """Return everything that decides the numbers, as JSON can hold it."""
    bound: Any = recipe.bound_states
    if isinstance(bound, Mapping):
        bound = {key: value if value is None else float(value) for key, value in bound.items()}
    elif bound is not None and not isinstance(bound, str):
        bound = float(bound)
    return {
        "base": {name: float(v) for name, v in recipe.junction.parameters.items()},
        "dimensions": dict(grid.sizes),
        "axes": {axis.name: _digest(axis) for axis in grid.axes},
        OCCUPATION: bound,
        "occupations": {axis.name: _digest(axis) for axis in grid.others},
        "observables": list(recipe.observables),
        **recipe.options,
        "on_error": recipe.on_error,
        "qbnum": version(),
        "numpy": np.__version__,
    }


def fingerprint(given: Mapping[str, Any]) -> str:
    """Return a hash of the settings: equal for equal sweeps."""
    return hashlib.sha256(json.dumps(given, sort_keys=True).encode()).hexdigest()


def _digest(axis: Axis) -> dict[str, Any]:
    """Return what tells one axis from another, and lets a reader see the difference."""
    return {
        "dims": list(axis.dims),
        "first": float(axis.values.flat[0]),
        "last": float(axis.values.flat[-1]),
        "sha256": hashlib.sha256(np.ascontiguousarray(axis.values).tobytes()).hexdigest(),
    }
