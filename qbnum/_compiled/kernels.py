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
from qbnum._compiled.exact import ENTRY
from qbnum._compiled.nodes import FIRST_AVERAGE, FIRST_ROW, FIRST_SIZE, LOST, ROOM, WEIGHT
from qbnum._geometry import BoundNodes, Points
from qbnum._ordinary import AVERAGES, ROWS, Occupations
from qbnum._results import Integrals
from qbnum._spectrum import Spectrum, spectrum
from qbnum._subtle import SubtleOccupations

Array: TypeAlias = NDArray[np.float64]
Index: TypeAlias = NDArray[np.intp]
Mask: TypeAlias = NDArray[np.bool_]

_STEEPEST = 350.0  # e^x of twice that is a double
# The modules of the constants that kernels contain.
_CONSTANTS = (
    "_fronts",
    "_ordinary",
    "_panels",
    "_poles",
    "_rule",
    "_singularities",
    "_statistics",
    "_sums",
)


def integrate_simple(points: Points, occupation: Array) -> tuple[Index, Mask, Integrals]:
    """Return which points are left for other code, which were tried, and the integrals.

    ``occupation`` (n, 3) belongs to the bound states.
    """
    n = len(points)
    left = np.arange(n)
    done: Integrals | None = None
    simple = _same_bands(points)
    gentle = _ordinary.seems_ordinary(points) & (_ordinary._steepest(points) < _STEEPEST)
    bound, tried = np.zeros((2, n), dtype=bool)
    for kind, able, filled in (
        (Occupations, simple & gentle, None),
        (SubtleOccupations, simple, None),
        (SubtleOccupations, bound, occupation),
    ):
        at = left[able[left]]
        if not at.size:
            continue
        of_these = None if filled is None else filled[at]
        clean, maybe_bound, found = _integrate(points.take(at), kind, of_these)
        bound[at] = maybe_bound
        simple[at] &= ~maybe_bound
        if kind is SubtleOccupations:
            tried[at] = ~maybe_bound
        if done is None:
            done = found if at.size == n else Integrals.empty(n, _no_states(n))
        if done is not found:
            done.put(at, found)
            done.put_states(at, found)
        keep = np.ones(n, dtype=bool)
        keep[at[clean]] = False
        left = left[keep[left]]
    return left, tried, Integrals.empty(n, _no_states(n)) if done is None else done


def _same_bands(points: Points) -> NDArray[np.bool_]:
    same = (points.onsite[0] == points.onsite[1]) & (points.hopping[0] == points.hopping[1])
    return np.asarray(same & (points.kappa > np.finfo(np.float64).tiny).all(axis=0))


def _integrate(
    points: Points, kind: type[Occupations], occupation: Array | None = None
) -> tuple[Mask, Mask, Integrals]:
    """Return which points are integrated well, which may have a bound state, and the integrals.

    Those that may have one are integrated if the states' occupations (n, 3) are given.
    """
    n, p = len(points), points
    names = (*ROWS, *kind.ENTROPIES)
    where = cast("Spectrum", SimpleNamespace(states=_no_states(n)))
    if occupation is not None:
        where = spectrum(points)
    states = kind.of_bound(points, where, occupation)
    bound = dict.fromkeys((*names, *AVERAGES), np.zeros(n))
    if states is not None:
        bound |= dict(zip(AVERAGES, states.averages(), strict=True))
    outside = np.stack([bound[name] for name in AVERAGES])

    out, count = np.empty((ROOM, n)), np.empty(n, dtype=np.intp)
    given = (p.level, p.onsite[0], p.hopping[0], p.kappa, p.kappa_rest, p.mu, p.temperature)
    rows = map(np.ascontiguousarray, (*given, p.mu_eq, p.temperature_eq, outside))
    _kernel()(*rows, kind is SubtleOccupations, occupation is not None, out, count)
    band = out[FIRST_AVERAGE:FIRST_ROW]
    averages = band + outside
    if states is not None:
        bound |= dict(zip(names, states.sums(averages)[0], strict=True))
    sums = dict(zip(names, out[FIRST_ROW:FIRST_SIZE], strict=False))
    sums |= dict(zip(AVERAGES, band, strict=True)) | {"spectral_weight": out[WEIGHT]}
    clean, made = _ordinary._finish(
        points, where, kind, averages, sums, bound, out[FIRST_SIZE:LOST], out[LOST]
    )
    return clean & (count > 0), count < 0, made


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

    @njit(cache=True, **ENTRY)
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
        outside: Any,
        is_subtle: bool,
        with_states: bool,
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
                outside,
                is_subtle,
                with_states,
                out,
                count,
            )

    return cast("Callable[..., None]", integrate)


_loop = junctions.integrate
