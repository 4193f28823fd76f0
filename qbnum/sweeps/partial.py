"""Unfinished sweeps on disk: an interrupted one goes on where it stopped.

Beside the file that is to be, ``<file>.partial`` holds the settings, the values so far and a
checksum of each block that is done; it goes when the file is complete. What is damaged there is
computed again. May import: numpy, xarray, qbnum.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np
import xarray as xr

from qbnum.errors import ParameterError
from qbnum.sweeps.dataset import assemble, fingerprint, settings
from qbnum.sweeps.grid import Grid
from qbnum.sweeps.recipe import Recipe

__all__ = ["Partial", "begun", "flush", "partial_path", "remove_remains", "take_room", "unstacked"]

_SETTINGS = "settings.json"
_VALUES = "values.bin"
_MARKS = "marks.bin"
_LOCK = "lock"

_MARK = 8
"""Bytes of a block's mark, its checksum; zeros where it is still to be computed."""

_DOUBLE = 8


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
        OSError
            There is no room for the values.
        """
        wanted = settings(recipe, grid)
        begun = _begun(directory)
        if begun is not None:
            differing = [key for key in wanted if begun["settings"].get(key) != wanted[key]]
            if differing:
                raise ParameterError(
                    f"{str(directory)!r} holds a sweep that was begun with other settings: "
                    + "; ".join(_difference(key, begun["settings"], wanted) for key in differing)
                    + ". Give the old settings to go on with it, another file, or remove it"
                )
            block = begun["block"]
        self._recipe, self._grid, self._block = recipe, grid, block
        sizes = {
            _VALUES: len(recipe.variables) * grid.size * _DOUBLE,
            _MARKS: -(-grid.size // block) * _MARK,
        }
        if begun is None or any(not _has_size(directory / n, size) for n, size in sizes.items()):
            try:
                _begin(directory, sizes, {"settings": wanted, "block": block})
            except OSError:
                # What there is of them would fill the disk.
                for name in sizes:
                    (directory / name).unlink(missing_ok=True)
                raise
        self._directory = directory
        shape = (len(recipe.variables), grid.size)
        # Written through files: a full disk is then an error, and not the end of the process.
        self._values = np.memmap(directory / _VALUES, np.float64, "r", shape=shape)
        marks = (directory / _MARKS).read_bytes()
        self._done = np.array(
            [
                marks[k * _MARK : (k + 1) * _MARK] == _mark(self._values[:, slice(*self._range(k))])
                for k in range(sizes[_MARKS] // _MARK)
            ]
        )

    @property
    def points_done(self) -> int:
        """How many points need not be computed any more."""
        return sum(stop - start for start, stop in self._blocks(True))

    def missing(self) -> list[tuple[int, int]]:
        """Return the ranges of points that are still to be computed."""
        return list(self._blocks(False))

    def _blocks(self, done: bool) -> Iterator[tuple[int, int]]:
        for k in np.flatnonzero(self._done == done):
            yield self._range(int(k))

    def _range(self, k: int) -> tuple[int, int]:
        return k * self._block, min((k + 1) * self._block, self._grid.size)

    def keep(self, block: tuple[int, int], values: Any) -> None:
        """Store a block, then its mark: whenever the process ends, what is marked is there.

        Raises
        ------
        OSError
            It cannot be written.
        """
        start, _ = block
        rows = {
            (k * self._grid.size + start) * _DOUBLE: row.tobytes() for k, row in enumerate(values)
        }
        k = start // self._block
        _overwrite(self._directory / _VALUES, rows)
        _overwrite(self._directory / _MARKS, {k * _MARK: _mark(values)})
        self._done[k] = True

    def dataset(self) -> xr.Dataset:
        """Return the result, its variables still on disk."""
        return assemble(self._recipe, self._grid, unstacked(self._recipe, self._grid, self._values))


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


def remove_remains(path: Path, recipe: Recipe, grid: Grid) -> None:
    """Remove what is left of a sweep whose process was killed when its file was complete."""
    directory = partial_path(path)
    if directory.exists():
        with _locked(directory):
            begun = _begun(directory)
            if begun is None or begun["settings"] == settings(recipe, grid):
                shutil.rmtree(directory)


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


def _mark(values: Any) -> bytes:
    """Return the checksum of a block."""
    return hashlib.blake2b(np.ascontiguousarray(values).tobytes(), digest_size=_MARK).digest()


def _overwrite(path: Path, pieces: Mapping[int, bytes]) -> None:
    """Write pieces at their places in a file, on the disk when this returns."""
    # Unbuffered: what a full disk does not take must not be tried again at the end.
    with path.open("r+b", buffering=0) as file:
        for place, data in pieces.items():
            file.seek(place)
            left = memoryview(data)
            while left:
                left = left[file.write(left) :]
        os.fsync(file.fileno())


def _begin(directory: Path, sizes: Mapping[str, int], begun: Mapping[str, Any]) -> None:
    """Make the files of a sweep of which nothing is done."""
    (directory / _SETTINGS).unlink(missing_ok=True)
    for name, size in sizes.items():
        with (directory / name).open("wb") as file:
            take_room(file, size)
            os.fsync(file.fileno())
    # Last, and whole or not at all: a directory without settings counts as not begun.
    fresh = (directory / _SETTINGS).with_suffix(".new")
    fresh.write_text(json.dumps({**begun, "sha256": fingerprint(begun)}, indent=1), "utf-8")
    flush(fresh)
    os.replace(fresh, directory / _SETTINGS)


def take_room(file: IO[bytes], size: int) -> None:
    """Make an empty file so long.

    Raises
    ------
    OSError
        There is no room for it, as far as the system can tell without writing it.
    """
    if hasattr(os, "posix_fallocate"):
        try:
            os.posix_fallocate(file.fileno(), 0, size)
            return
        except OSError as error:
            if error.errno not in (errno.EOPNOTSUPP, errno.EINVAL):
                raise
    file.truncate(size)  # neither the system nor the file system can tell


def _begun(directory: Path) -> dict[str, Any] | None:
    """Return settings and block of the sweep that was begun there; None if there is none."""
    try:
        begun = json.loads((directory / _SETTINGS).read_bytes())
        intact = begun.pop("sha256") == fingerprint(begun)
    except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
        return None  # or it is damaged
    return begun if intact else None


def _has_size(path: Path, size: int) -> bool:
    return path.exists() and path.stat().st_size == size


def flush(path: Path) -> None:
    """Put a file, or all files in a directory, on the disk."""
    for file in path.rglob("*") if path.is_dir() else (path,):
        if file.is_file():
            with file.open("rb") as handle:
                os.fsync(handle.fileno())


def unstacked(recipe: Recipe, grid: Grid, table: Any) -> dict[str, Any]:
    """Return the stacked variables by name, each of the grid's shape."""
    values = {n: row.reshape(grid.shape) for n, row in zip(recipe.variables, table, strict=True)}
    values["status"] = values["status"].astype(np.int8)
    return values
