"""Where the time goes inside qbnum. May import: benchmarks.fast_layer."""

from __future__ import annotations

import cProfile
import pstats
from dataclasses import dataclass
from pathlib import Path

from .engines import Engine
from .regimes import Regime

__all__ = ["Spent", "spent"]

TOP = 10
NESTED = ("__init__",)


@dataclass(frozen=True)
class Spent:
    """The time in one function itself, without what it calls."""

    where: str
    calls: int
    seconds: float
    share: float


def spent(engine: Engine, regime: Regime, points: int) -> list[Spent]:
    """Return the functions in which an engine spends most of its time, and the rest.

    NumPy's ufuncs count for the function that calls them; its other functions for themselves.
    """
    junctions = regime.junctions(points)
    engine.solve(junctions)
    profiler = cProfile.Profile()
    profiler.enable()
    engine.solve(junctions)
    profiler.disable()
    rows: dict[str, tuple[int, float]] = {}
    for (file, _, function), (_, calls, own, *_) in pstats.Stats(profiler).stats.items():  # type: ignore[attr-defined]
        name = _name(file, function)
        before = rows.get(name, (0, 0.0))
        rows[name] = (before[0] + calls, before[1] + own)
    total = sum(own for _, own in rows.values())
    ranked = sorted(rows.items(), key=lambda row: row[1][1], reverse=True)
    top = [Spent(name, calls, own, own / total) for name, (calls, own) in ranked[:TOP]]
    calls, rest = (sum(row[1][k] for row in ranked[TOP:]) for k in (0, 1))
    return [*top, Spent("everything else", int(calls), rest, rest / total)]


def _name(file: str, function: str) -> str:
    """Return ``module.function``; what is written in C has only its own name."""
    if file == "~":
        return function.removeprefix("<").removesuffix(">").replace("built-in method ", "")
    path = Path(file)
    module = path.parent.name if path.stem in NESTED else path.stem
    package = path.parent.name
    return f"{package}.{module}.{function}"
