"""Sweeps into files, block by block: an interrupted one goes on where it stopped.

Beside the file that is to be, ``<file>.partial`` holds the settings, the values so far and which
blocks are done; it goes when the file is complete. May import: numpy, xarray, zarr, qbnum.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from qbnum.errors import ParameterError, QbnumError
from qbnum.observables import OBSERVABLES
from qbnum.sweeps.dataset import assemble, fingerprint, settings
from qbnum.sweeps.grid import Grid
from qbnum.sweeps.recipe import Recipe, variables_of

__all__ = ["FORMATS", "Partial", "is_complete", "open_result", "partial_path", "write"]

FORMATS = (".nc", ".zarr", ".csv")
"""Suffixes of files that a sweep can be written to."""

_SETTINGS = "settings.json"
_VALUES = "values.npy"
_DONE = "done.npy"
_LOCK = "lock"


def partial_path(path: Path) -> Path:
    """Return where an unfinished sweep is kept."""
    return path.with_name(path.name + ".partial")


class Partial:
    """An unfinished sweep on disk: variables by points, and a mark for each block that is done."""

    def __init__(self, directory: Path, recipe: Recipe, grid: Grid, block: int) -> None:
        """Open the sweep that was begun there, or begin one; the directory exists.

        Raises
        ------
        ParameterError
            What was begun there has other settings.
        """
        wanted = settings(recipe, grid)
        file = directory / _SETTINGS
        if file.exists():
            begun = json.loads(file.read_text(encoding="utf-8"))
            differing = [key for key in wanted if begun["settings"].get(key) != wanted[key]]
            if differing:
                raise ParameterError(
                    f"{str(directory)!r} holds a sweep that was begun with other settings: "
                    + "; ".join(_difference(key, begun["settings"], wanted) for key in differing)
                    + ". Give the old settings to go on with it, another file, or remove it"
                )
            block = begun["block"]
            self._values = np.load(directory / _VALUES, mmap_mode="r+")
            self._done = np.load(directory / _DONE, mmap_mode="r+")
        else:
            shape = (len(recipe.variables), grid.size)
            count = -(-grid.size // block)
            self._values = np.lib.format.open_memmap(directory / _VALUES, "w+", np.float64, shape)
            self._done = np.lib.format.open_memmap(directory / _DONE, "w+", np.bool_, (count,))
            self._done.flush()
            # Last, and whole or not at all: a directory without settings counts as not begun.
            text = json.dumps({"settings": wanted, "block": block}, indent=1)
            fresh = file.with_suffix(".new")
            fresh.write_text(text, encoding="utf-8")
            os.replace(fresh, file)
        self._recipe, self._grid, self._block = recipe, grid, block

    @property
    def points_done(self) -> int:
        """How many points need not be computed any more."""
        return sum(stop - start for start, stop in self._blocks(True))

    def missing(self) -> list[tuple[int, int]]:
        """Return the ranges of points that are still to be computed."""
        return list(self._blocks(False))

    def _blocks(self, done: bool) -> Iterator[tuple[int, int]]:
        for k in np.flatnonzero(self._done == done):
            start = int(k) * self._block
            yield start, min(start + self._block, self._grid.size)

    def keep(self, block: tuple[int, int], values: Any) -> None:
        """Store a block, then its mark: whenever the process ends, what is marked is there."""
        start, stop = block
        self._values[:, start:stop] = values
        self._values.flush()
        self._done[start // self._block] = True
        self._done.flush()

    def dataset(self) -> xr.Dataset:
        """Return the result, its variables still on disk."""
        return assemble(self._recipe, self._grid, unstacked(self._recipe, self._grid, self._values))


def unstacked(recipe: Recipe, grid: Grid, table: Any) -> dict[str, Any]:
    """Return the stacked variables by name, each of the grid's shape."""
    values = {n: row.reshape(grid.shape) for n, row in zip(recipe.variables, table, strict=True)}
    values["status"] = values["status"].astype(np.int8)
    return values


@contextmanager
def begun(path: Path, recipe: Recipe, grid: Grid, block: int) -> Iterator[Partial]:
    """Give the unfinished sweep of a file, for this process alone.

    Raises
    ------
    ParameterError
        It was begun with other settings, or another process is at it.
    """
    directory = partial_path(path)
    directory.mkdir(exist_ok=True)
    with _locked(directory):
        yield Partial(directory, recipe, grid, block)


@contextmanager
def _locked(directory: Path) -> Iterator[None]:
    """Hold the directory; the lock goes with the process, however it ends."""
    try:
        import fcntl
    except ImportError:  # not on Windows
        yield
        return
    with (directory / _LOCK).open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ParameterError(
                f"another process is computing {str(directory)!r}; wait for it or give another file"
            ) from error
        yield


def _difference(key: str, begun: Mapping[str, Any], wanted: Mapping[str, Any]) -> str:
    old, new = begun.get(key), wanted[key]
    if isinstance(old, dict) and isinstance(new, dict):
        inner = [name for name in {**old, **new} if old.get(name) != new.get(name)]
        return ", ".join(
            f"{key} {n}: {_shown(old.get(n))}, now {_shown(new.get(n))}" for n in inner
        )
    return f"{key}: {_shown(old)}, now {_shown(new)}"


def _shown(value: Any) -> str:
    if isinstance(value, dict) and "sha256" in value:
        return f"{value['first']!r} to {value['last']!r} ({value['sha256'][:8]})"
    return "none" if value is None else json.dumps(value)


def write(dataset: xr.Dataset, path: Path) -> None:
    """Write a data set in the format of the suffix, whole or not at all.

    Raises
    ------
    QbnumError
        The format needs a package that is not installed.
    OSError
        The file cannot be written.
    """
    fresh = path.with_name(f".{path.name}.new")
    _remove(fresh)
    try:
        if path.suffix == ".nc":
            dataset.to_netcdf(fresh, engine="h5netcdf")
        elif path.suffix == ".zarr":
            dataset.to_zarr(fresh, consolidated=False)
        else:
            _write_csv(dataset, fresh)
        if path.is_dir():
            shutil.rmtree(path)
        os.replace(fresh, path)
    finally:
        _remove(fresh)


def _write_csv(dataset: xr.Dataset, path: Path) -> None:
    """Write one line a point, coordinates first; numbers read back as the same doubles."""
    shape = tuple(dataset.sizes.values())
    size = int(np.prod(shape))
    columns = {}
    for name in (*dataset.coords, *dataset.data_vars):
        variable = dataset[name].variable
        columns[str(name)] = variable.set_dims(dict(dataset.sizes)).transpose(*dataset.sizes).values
    with path.open("w", newline="", encoding="utf-8") as file:
        lines = csv.writer(file)
        lines.writerow(columns)
        for start in range(0, size, 4096):
            index = np.unravel_index(np.arange(start, min(start + 4096, size)), shape)
            lines.writerows(zip(*(v[index].tolist() for v in columns.values()), strict=True))


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def open_result(path: Path) -> xr.Dataset:
    """Open a file that `write` made, netCDF or Zarr; its arrays are read when they are used."""
    if path.suffix != ".zarr":
        return xr.open_dataset(path, engine="h5netcdf")
    dataset = xr.open_dataset(path, engine="zarr", consolidated=False, chunks=None)
    # A Zarr store does not keep the order of its variables.
    names = [n for n in variables_of(OBSERVABLES) if n in dataset]
    return dataset[[*names, *(str(n) for n in dataset.data_vars if n not in names)]]


def is_complete(path: Path, recipe: Recipe, grid: Grid) -> bool:
    """Say whether the file already holds exactly this sweep; False if there is no file.

    Raises
    ------
    ParameterError
        The file exists and holds something else.
    """
    if not path.exists():
        return False
    advice = "give another file, or overwrite=True to replace it"
    if path.suffix == ".csv":
        raise ParameterError(f"{str(path)!r} exists; {advice}")
    try:
        with open_result(path) as dataset:
            found = dataset.attrs.get("fingerprint")
    except Exception as error:  # whatever a reader raises on a foreign file
        raise ParameterError(f"{str(path)!r} exists and is no sweep; {advice}") from error
    if found != fingerprint(settings(recipe, grid)):
        raise ParameterError(f"{str(path)!r} exists and holds another sweep; {advice}")
    return True


def check_path(path: Path) -> None:
    """Raise if a sweep cannot be written there, before hours are spent on it.

    Raises
    ------
    ParameterError
        The suffix names no format, or the directory is missing or not writable.
    QbnumError
        The format needs a package that is not installed.
    """
    if path.suffix not in FORMATS:
        raise ParameterError(f"{str(path)!r} has no known suffix; give one of {', '.join(FORMATS)}")
    if not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        raise ParameterError(
            f"{str(path)!r} cannot be written; give a file in a directory of yours that exists"
        )
    if path.suffix == ".zarr":
        try:
            import zarr  # noqa: F401
        except ImportError as error:
            raise QbnumError(
                "a .zarr file needs zarr, which is not installed; pip install 'qbval[sweep]', or "
                "give a .nc file"
            ) from error
