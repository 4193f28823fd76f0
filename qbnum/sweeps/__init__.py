"""Labelled sweeps over parameters, as xarray data sets: in memory, in files, or through Dask.

`sweep` returns the observables, Eqs. (7)-(13) and (A4)-(A7), on a grid of parameter values;
`sweep_to_file` writes them, and goes on where an interrupted run stopped. Both give the same bits,
whatever the blocks, processes, threads or machines. May import: numpy, xarray, qbnum; dask, zarr
and rich where they are asked for.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
import xarray as xr

from qbnum._checks import require_memory, shown, whole_number
from qbnum.errors import ParameterError
from qbnum.model import Junction
from qbnum.sweeps.dataset import assemble
from qbnum.sweeps.grid import AXES, Grid
from qbnum.sweeps.lazy import Chunks, lazy_dataset
from qbnum.sweeps.partial import begun, partial_path, remove_remains, unstacked
from qbnum.sweeps.recipe import ALL_VARIABLES, BLOCK, STATUS, Recipe, recipe_of
from qbnum.sweeps.run import (
    ExecutorLike,
    ProgressLike,
    blocks_of,
    reporting,
    run,
    step_of,
    workers_of,
)
from qbnum.sweeps.store import FORMATS, check_path, is_complete, open_result, write

__all__ = [
    "AXES",
    "FORMATS",
    "STATUS",
    "grid_size",
    "open_result",
    "partial_path",
    "sweep",
    "sweep_to_file",
]


BYTES_PER_POINT, BYTES_PER_VALUE = 160, 9
"""What a point takes at the most in memory, and each of its variables, measured at 2e5 points."""


def sweep(
    junction: Junction,
    axes: Mapping[str, Any] | None = None,
    *,
    observables: Iterable[str] | str | None = None,
    bound_states: Any = "mask",
    two_state_reference: Literal["mean", "level"] = "mean",
    engine: str | None = None,
    on_error: Literal["raise", "mask"] = "raise",
    chunks: Chunks | None = None,
    workers: int | None = None,
    executor: ExecutorLike = None,
    progress: ProgressLike = None,
    **more_axes: Any,
) -> xr.Dataset:
    """Return the observables on the grid spanned by the given parameter values.

    Parameters
    ----------
    junction : Junction
        A single junction; what is not swept is taken from it.
    axes : mapping of str to values, optional
        What is swept, in the order of the result's dimensions; keywords do the same. Names are
        fields of the junction (``level``, ``mu_eq``, ``temperature_eq``), of both leads
        (``onsite``, ``hopping``, ``coupling``), of one lead (``left_coupling``, ``right_mu``,
        ...), or ``bias`` and ``temperature_gradient``, which set the left lead's mu and
        temperature to the equilibrium's plus the value, rounded once. Values are

        - a one-dimensional array: a dimension of its own, crossed with all others;
        - a pair ``(dimension, array)``, or ``(dimensions, array)``, or a ``DataArray``: axes that
          share a dimension are zipped;
        - a number: the same for all points.
    observables : iterable of str, optional
        Those of `OBSERVABLES` to keep; all by default.
    bound_states : optional
        As in `steady_state`; arrays of occupations have the sweep's shape, or are DataArrays over
        its dimensions. With "error" a bound state anywhere stops the sweep.
    two_state_reference, engine : optional
        As in `steady_state`.
    on_error : {"raise", "mask"}, optional
        What becomes of a junction that is not resolved: `ConvergenceError`, or NaN.
    chunks : int, "auto", or mapping of dimension to int, optional
        Lengths of chunks. The result then holds lazy Dask arrays, one task a chunk, and is
        computed, on this machine or on a cluster, when it is asked for (``compute``,
        ``to_zarr``). By default it is computed now, in memory.
    workers : int, optional
        Blocks computed at the same time; more than one by processes, unless ``executor`` says
        otherwise. A script that starts processes needs ``if __name__ == "__main__":``.
    executor : {"processes", "threads"} or concurrent.futures.Executor, optional
        Who computes; with a cluster's executor give ``workers`` too. Nothing else starts
        processes.
    progress : callable or bool, optional
        Called as ``progress(points_done, points)``; True shows a bar.
    **more_axes
        Further axes.

    Returns
    -------
    xarray.Dataset
        Each observable with its unit and equation number and ``<name>_error``, its absolute error
        estimate, beside it; ``bound_state_weight``, and ``status``, which says why values are NaN
        (see `STATUS`). The attributes hold the fixed parameters, settings and versions.

    Raises
    ------
    ParameterError
        An unknown axis or observable, values outside their domain or of a wrong shape, two axes
        that set the same parameter, or settings that exclude each other.
    BoundStateError
        A junction has a bound state whose occupation ``bound_states`` leaves open.
    ConvergenceError
        A junction is not resolved, unless ``on_error="mask"``.
    WorkerDiedError
        A worker process died.

    Examples
    --------
    >>> import numpy as np, qbnum
    >>> junction = qbnum.Junction.symmetric(level=0.4)
    >>> map_ = qbnum.sweep(junction, level=np.linspace(0, 1, 5), bias=[0.1, 0.2, 0.3])
    >>> dict(map_.exergy.sizes)
    {'level': 5, 'bias': 3}
    >>> left, right = np.array([0.1, 0.2]), np.array([0.2, 0.1])
    >>> axes = {"left_coupling": ("step", left), "right_coupling": ("step", right)}
    >>> dict(qbnum.sweep(junction, axes, observables="charge_current").sizes)
    {'step': 2}
    """
    recipe, grid = _planned(
        junction, axes, more_axes, observables, bound_states, two_state_reference, engine, on_error
    )
    count = workers_of(workers, executor)
    if chunks is not None:
        if workers is not None or executor is not None or progress:
            raise ParameterError(
                "chunks= makes a lazy data set: who computes it, and its progress, is up to Dask "
                "(a dask.distributed.Client, dask.diagnostics.ProgressBar); leave out workers, "
                "executor and progress"
            )
        if grid.sizes:
            return lazy_dataset(recipe, grid, chunks)
    require_memory(
        grid.size,
        BYTES_PER_POINT + BYTES_PER_VALUE * len(recipe.variables),
        "give fewer points or observables, or use qbnum.sweep_to_file",
    )
    table = np.empty((len(recipe.variables), grid.size))

    def keep(block: tuple[int, int], values: Any) -> None:
        table[:, block[0] : block[1]] = values

    with reporting(progress) as report:
        run(
            recipe, grid, blocks_of(grid.size, count), keep,
            workers=count, executor=executor, report=report,
        )  # fmt: skip
    return assemble(recipe, grid, unstacked(recipe, grid, table))


def sweep_to_file(
    junction: Junction,
    path: str | os.PathLike[str],
    axes: Mapping[str, Any] | None = None,
    *,
    observables: Iterable[str] | str | None = None,
    bound_states: Any = "mask",
    two_state_reference: Literal["mean", "level"] = "mean",
    engine: str | None = None,
    on_error: Literal["raise", "mask"] = "mask",
    workers: int | None = None,
    executor: ExecutorLike = None,
    progress: ProgressLike = None,
    block: int = BLOCK,
    overwrite: bool = False,
    then: Callable[[xr.Dataset], object] | None = None,
    **more_axes: Any,
) -> Path:
    """Compute a sweep into a file, and go on where an interrupted run stopped.

    Blocks are kept in ``<path>.partial`` as they are finished. After an interruption of any kind
    the same call computes what is missing; the result does not show that there was one. Memory
    stays bounded while the blocks are computed.

    Parameters
    ----------
    junction, axes, observables, bound_states, two_state_reference, engine
        As in `sweep`.
    path : path
        Ends with ``.nc`` (netCDF 4), ``.zarr``, or ``.csv`` (one line a point, without units and
        attributes). If it already holds this very sweep, nothing is computed.
    on_error : {"mask", "raise"}, optional
        As in `sweep`; here a junction that is not resolved is masked by default.
    workers, executor, progress
        As in `sweep`.
    block : int, optional
        Points computed together: what an interruption can lose. A sweep that goes on keeps its
        own.
    overwrite : bool, optional
        Replace a finished file that holds something else.
    then : callable, optional
        Called with the finished data set, whose arrays are still on disk, whatever the format.
    **more_axes
        Further axes.

    Returns
    -------
    pathlib.Path
        The file; `open_result` opens it, as ``xarray.open_dataset`` does.

    Raises
    ------
    ParameterError
        As `sweep`; also a file that holds something else, an unfinished sweep that was begun with
        other settings, and another process at work on the same file.
    BoundStateError, ConvergenceError
        As `sweep`.
    WorkerDiedError
        A worker process died; the same call goes on from what is kept.
    QbnumError
        The format needs a package that is not installed.
    OSError
        The file cannot be written; what was computed is kept.
    """
    recipe, grid = _planned(
        junction, axes, more_axes, observables, bound_states, two_state_reference, engine, on_error
    )
    count = workers_of(workers, executor)
    block = whole_number("block", block, "points")
    try:
        file = Path(path)
    except TypeError as error:
        raise ParameterError(f"path = {shown(path)}; give the path of a file") from error
    check_path(file)
    if not overwrite and is_complete(file, recipe, grid):
        if then is not None:
            with open_result(file) as dataset:
                then(dataset)
        remove_remains(file, recipe, grid)
        return file
    step = step_of(grid.size, count, min(block, BLOCK))
    with begun(file, recipe, grid, step) as partial, reporting(progress) as report:
        run(
            recipe, grid, partial.missing(), partial.keep,
            workers=count, executor=executor, report=report, done=partial.points_done,
        )  # fmt: skip
        dataset = partial.dataset()
        write(dataset, file)
        try:
            if then is not None:
                then(dataset)
        finally:
            shutil.rmtree(partial_path(file))
    return file


def grid_size(junction: Junction, axes: Mapping[str, Any]) -> int:
    """Return how many points the axes span, after checking them as `sweep` does."""
    return Grid.of(junction, axes, ALL_VARIABLES).size


def _planned(
    junction: Junction,
    axes: Mapping[str, Any] | None,
    more_axes: Mapping[str, Any],
    observables: Iterable[str] | str | None,
    bound_states: Any,
    two_state_reference: str,
    engine: str | None,
    on_error: str,
) -> tuple[Recipe, Grid]:
    if axes is None:
        axes = {}
    if not isinstance(axes, Mapping):
        raise ParameterError(f"axes = {shown(axes)}; give a mapping of names to values")
    both = [name for name in axes if name in more_axes]
    if both:
        raise ParameterError(f"{both[0]} is given twice, in axes and as a keyword; give it once")
    grid = Grid.of(junction, {**axes, **more_axes}, ALL_VARIABLES)
    return recipe_of(
        junction,
        grid,
        observables=observables,
        bound_states=bound_states,
        two_state_reference=two_state_reference,
        engine=engine,
        on_error=on_error,
    )
