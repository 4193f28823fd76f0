"""Sweeps as lazy Dask arrays, for one machine or a cluster. May import: dask, xarray, qbnum."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from typing import Any, Literal, TypeAlias

import numpy as np
import xarray as xr

from qbnum.errors import ParameterError, QbnumError
from qbnum.sweeps.dataset import assemble
from qbnum.sweeps.grid import Grid
from qbnum.sweeps.recipe import BLOCK, Recipe

__all__ = ["Chunks", "lazy_dataset"]

Chunks: TypeAlias = int | Literal["auto"] | Mapping[str, int]


def lazy_dataset(recipe: Recipe, grid: Grid, chunks: Chunks) -> xr.Dataset:
    """Return the data set with Dask arrays: one task a chunk for all observables.

    Raises
    ------
    ParameterError
        Chunks that are no sizes, or of a dimension that the sweep does not have.
    QbnumError
        Dask is not installed.
    """
    sizes = _chunk_sizes(grid, chunks)
    try:
        import dask.array  # noqa: F401
    except ImportError as error:
        raise QbnumError(
            "chunks= needs Dask, which is not installed; pip install 'qbval[sweep]', or leave "
            "chunks out and give workers= to use several processes"
        ) from error
    columns = (*grid.axes, *grid.others)
    inputs = [
        xr.DataArray(axis.values, dims=axis.dims).chunk({d: sizes[d] for d in axis.dims})
        for axis in columns
    ]
    stacked = xr.apply_ufunc(
        partial(_block, recipe, tuple(axis.name for axis in columns)),
        *inputs,
        output_core_dims=[["variable"]],
        dask="parallelized",
        output_dtypes=[np.float64],
        dask_gufunc_kwargs={"output_sizes": {"variable": len(recipe.variables)}},
    ).transpose(*grid.sizes, "variable")
    values: dict[str, Any] = {
        name: stacked.isel(variable=k).data for k, name in enumerate(recipe.variables)
    }
    values["status"] = values["status"].astype(np.int8)
    return assemble(recipe, grid, values)


def _block(recipe: Recipe, names: tuple[str, ...], *arrays: Any) -> np.ndarray[Any, Any]:
    """Return a chunk's variables along a last axis; the arrays broadcast to the chunk."""
    shape = np.broadcast_shapes(*(np.shape(a) for a in arrays))
    columns = {
        name: np.broadcast_to(array, shape).reshape(-1)
        for name, array in zip(names, arrays, strict=True)
    }
    table = recipe.compute(columns, math.prod(shape))
    return np.ascontiguousarray(table.T).reshape(*shape, len(recipe.variables))


def _chunk_sizes(grid: Grid, chunks: Chunks) -> dict[str, int]:
    """Return the length of a chunk along each dimension."""
    if isinstance(chunks, str):
        if chunks != "auto":
            raise ParameterError(
                f"chunks = {chunks!r}; allowed are None, 'auto', a length, or a mapping"
            )
        # Whole along the last dimensions, so that chunks are near in memory and in a file.
        room, sizes = BLOCK, {}
        for dim in reversed(tuple(grid.sizes)):
            sizes[dim] = max(1, min(grid.sizes[dim], room))
            room //= sizes[dim]
        return sizes
    given = chunks if isinstance(chunks, Mapping) else dict.fromkeys(grid.sizes, chunks)
    unknown = [dim for dim in given if dim not in grid.sizes]
    if unknown:
        raise ParameterError(
            f"chunks names {unknown[0]!r}; the sweep's dimensions are {', '.join(grid.sizes)}"
        )
    for dim, length in given.items():
        if isinstance(length, bool) or not isinstance(length, (int, np.integer)) or length < 1:
            raise ParameterError(
                f"chunks has {length!r} along {dim!r}; give a whole number of points, at least 1"
            )
    return {dim: int(given.get(dim, size)) for dim, size in grid.sizes.items()}
