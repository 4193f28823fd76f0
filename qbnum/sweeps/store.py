"""Finished sweeps in files: netCDF, Zarr and CSV, whole or not at all.

May import: numpy, xarray, zarr, qbnum.
"""

from __future__ import annotations

import csv
import math
import os
import shutil
from pathlib import Path

import numpy as np
import xarray as xr

from qbnum.errors import ParameterError, QbnumError
from qbnum.observables import OBSERVABLES
from qbnum.sweeps.dataset import fingerprint, settings
from qbnum.sweeps.grid import Grid
from qbnum.sweeps.partial import flush, take_room
from qbnum.sweeps.recipe import Recipe, variables_of

__all__ = ["FORMATS", "check_path", "is_complete", "open_result", "write"]

FORMATS = (".nc", ".zarr", ".csv")
"""Suffixes of files that a sweep can be written to."""

_OVERHEAD = 8192
"""Bytes of a netCDF file for each variable beside its values, four times what was measured."""


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
            # HDF5 does not survive a full disk: it would end the process (segmentation fault).
            with fresh.open("wb") as file:
                take_room(file, dataset.nbytes + _OVERHEAD * len(dataset.variables))
            dataset.to_netcdf(fresh, engine="h5netcdf")
        elif path.suffix == ".zarr":
            dataset.to_zarr(fresh, consolidated=False)
        else:
            _write_csv(dataset, fresh)
        flush(fresh)
        if path.is_dir():
            shutil.rmtree(path)
        os.replace(fresh, path)
    finally:
        _remove(fresh)


def _write_csv(dataset: xr.Dataset, path: Path) -> None:
    """Write one line a point, coordinates first; numbers read back as the same doubles."""
    # A sweep without an axis is a table of one line.
    shape = tuple(dataset.sizes.values()) or (1,)
    size = math.prod(shape)
    columns = {}
    for name in (*dataset.coords, *dataset.data_vars):
        variable = dataset[name].variable
        values = variable.set_dims(dict(dataset.sizes)).transpose(*dataset.sizes).values
        columns[str(name)] = values.reshape(shape)
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
