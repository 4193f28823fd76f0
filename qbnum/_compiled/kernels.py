"""The kernels' side towards NumPy: which points they can do, and what becomes of their sums.

May import: numpy, numba, private modules.
"""

from __future__ import annotations

import functools
import zlib
from collections.abc import Callable
from importlib import resources
from types import SimpleNamespace
from typing import Any, TypeAlias, cast

import numpy as np
from numba import njit
from numpy.typing import NDArray

from qbnum import _doubledouble as dd
from qbnum import _ordinary
from qbnum._compiled import junctions
from qbnum._compiled.exact import STRICT
from qbnum._compiled.nodes import FIRST_AVERAGE, FIRST_ROW, FIRST_SIZE, LOST, ROOM, WEIGHT
from qbnum._geometry import BoundNodes, Points
from qbnum._ordinary import AVERAGES, ROWS, Occupations
from qbnum._results import Integrals
from qbnum._spectrum import Spectrum
from qbnum._subtle import SubtleOccupations

Array: TypeAlias = NDArray[np.float64]
Index: TypeAlias = NDArray[np.intp]

_STEEPEST = 350.0  # e^x of twice that is a double
# The modules of the constants that kernels contain.
_CONSTANTS = ("_fronts", "_panels", "_poles", "_rule", "_singularities", "_statistics", "_sums")


def integrate_simple(points: Points) -> tuple[Index, Integrals]:
    """Return which points are left for other code, and the integrals of the rest."""
    n = len(points)
    left = np.arange(n)
    done: Integrals | None = None
    simple = _same_bands(points)
    gentle = _ordinary.seems_ordinary(points) & (_ordinary._steepest(points) < _STEEPEST)
    for kind, able in ((Occupations, simple & gentle), (SubtleOccupations, simple)):
        at = left[able[left]]
        if not at.size:
            continue
        clean, found = _integrate(points.take(at), kind)
        if done is None:
            done = found if at.size == n else Integrals.empty(n, _no_states(n))
        if done is not found:
            done.put(at, found)
        keep = np.ones(n, dtype=bool)
        keep[at[clean]] = False
        left = left[keep[left]]
    return left, Integrals.empty(n, _no_states(n)) if done is None else done


def _same_bands(points: Points) -> NDArray[np.bool_]:
    same = (points.onsite[0] == points.onsite[1]) & (points.hopping[0] == points.hopping[1])
    return np.asarray(same & (points.kappa > np.finfo(np.float64).tiny).all(axis=0))


def _integrate(points: Points, kind: type[Occupations]) -> tuple[NDArray[np.bool_], Integrals]:
    """Return which points are integrated well, and the integrals."""
    n, p = len(points), points
    out, count = np.empty((ROOM, n)), np.empty(n, dtype=np.intp)
    given: tuple[Array, ...] = (
        p.level,
        p.onsite[0],
        p.hopping[0],
        p.kappa,
        p.kappa_rest,
        p.mu,
        p.temperature,
    )
    rows = [np.ascontiguousarray(row) for row in (*given, p.mu_eq, p.temperature_eq)]
    _kernel()(*rows, kind is SubtleOccupations, out, count)
    averages = out[FIRST_AVERAGE:FIRST_ROW]
    names = (*ROWS, *kind.ENTROPIES, *AVERAGES, "spectral_weight")
    found = (*out[FIRST_ROW : FIRST_ROW + len(ROWS) + len(kind.ENTROPIES)], *averages, out[WEIGHT])
    sums = dict(zip(names, found, strict=True))
    where = cast("Spectrum", SimpleNamespace(states=_no_states(n)))
    bound = dict.fromkeys(names, np.zeros(n))
    clean, made = _ordinary._finish(
        points, where, kind, averages, sums, bound, out[FIRST_SIZE:LOST], out[LOST]
    )
    return clean & (count > 0), made


def _no_states(n: int) -> BoundNodes:
    none = np.zeros((n, 3))
    return BoundNodes(np.zeros((n, 3), dtype=bool), dd.exact(none), none)


@functools.cache
def _stamp() -> int:
    """Return a number that changes with the kernels' sources and those of their constants."""
    stamp = 0
    for package, names in (("qbnum._compiled", None), ("qbnum", _CONSTANTS)):
        for file in sorted(resources.files(package).iterdir(), key=lambda file: file.name):
            if file.name.endswith(".py") and (names is None or file.name[:-3] in names):
                stamp = zlib.crc32(file.read_bytes(), stamp)
    return stamp


@functools.cache
def _kernel() -> Callable[..., None]:
    """Return the compiled loop over junctions, from disk if it is there."""
    # numba knows a kernel on disk by its own source and closure, not by what it calls.
    stamp = _stamp()

    @njit(cache=True, **STRICT)
    def integrate(
        level: Any,
        onsite: Any,
        hopping: Any,
        kappa: Any,
        kappa_rest: Any,
        mu: Any,
        temperature: Any,
        mu_eq: Any,
        temperature_eq: Any,
        is_subtle: bool,
        out: Any,
        count: Any,
    ) -> None:
        if stamp >= 0:
            _loop(
                level,
                onsite,
                hopping,
                kappa,
                kappa_rest,
                mu,
                temperature,
                mu_eq,
                temperature_eq,
                is_subtle,
                out,
                count,
            )

    return cast("Callable[..., None]", integrate)


_loop = junctions.integrate
