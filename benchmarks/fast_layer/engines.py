"""qbnum's engines as routes, and the floor below which no engine with its nodes can go.

May import: numpy, qbnum, benchmarks.fast_layer.
"""

from __future__ import annotations

import importlib
import inspect
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

import qbnum
from qbnum import Junction, QbnumError

from .timing import best

__all__ = ["Engine", "engines", "floor_seconds", "node_count", "node_seconds"]

EXPONENTIALS, LOGARITHMS = 3, 3
"""A node needs exp for f_L, f_R and f_eq, and the logarithms of f, 1 - f and 1 - f_eq
(ln f_eq differs from the last by the exponent)."""

IN_CACHE = 8192
"""Elements of an array on which a function's cost is measured: 64 KiB, as blocks of nodes are."""

REPEATS = 200
TRIAL = {"level": 0.4, "bias": 0.5}


@dataclass(frozen=True)
class Engine:
    """One engine of `qbnum.steady_state`.

    Parameters
    ----------
    name : str
        The ``engine`` argument.
    missing : str
        Why it cannot be used here and what to do about it; empty if it can.
    """

    name: str
    text: str
    missing: str = ""

    @property
    def label(self) -> str:
        """The column's heading."""
        return f"qbnum {self.name}"

    def solve(self, junction: Junction) -> qbnum.SteadyState:
        """Return the state; bound states count as empty, so that all routes do the same work."""
        return _steady_state(junction, self.name)


def _has_engines() -> bool:
    return "engine" in inspect.signature(qbnum.steady_state).parameters


def _steady_state(junction: Junction, engine: str) -> qbnum.SteadyState:
    # Passed on only where there is a choice, so that earlier versions can be timed as well.
    chosen: dict[str, Any] = {"engine": engine} if _has_engines() else {}
    return qbnum.steady_state(junction, bound_states="exclude", **chosen)


def _why_not_compiled() -> str:
    """Say why the compiled kernel is not there; the first call also compiles it."""
    if not _has_engines():
        return "this qbnum has no compiled engine"
    try:
        _steady_state(Junction.symmetric(**TRIAL), "compiled")
    except (QbnumError, ImportError) as error:
        return f"not installed (pip install numba): {error}"
    return ""


@cache
def engines() -> tuple[Engine, Engine]:
    """Return the default engine and the compiled one, which may be missing."""
    return (
        Engine("numpy", "the default installation, blocks of points"),
        Engine("compiled", "the compiled kernel", _why_not_compiled()),
    )


def node_count(junction: Junction) -> float | None:
    """Return the average number of nodes a point, None where qbnum does not tell."""
    try:
        count = importlib.import_module("qbnum._integrate").node_count
    except (ImportError, AttributeError):
        return None
    return float(np.mean(count(junction)))


def _seconds_each(function: Any) -> float:
    argument = np.linspace(0.01, 0.99, IN_CACHE)
    out = np.empty_like(argument)
    return best(lambda: function(argument, out=out), REPEATS).seconds / IN_CACHE


@cache
def node_seconds() -> float:
    """Return what the exponentials and logarithms of one node cost in NumPy."""
    return (
        EXPONENTIALS * _seconds_each(np.exp)
        + (LOGARITHMS - 1) * _seconds_each(np.log)
        + _seconds_each(np.log1p)
    )


def floor_seconds(junction: Junction) -> float | None:
    """Return the time of a point's exp and log calls alone, None where nodes are not counted."""
    nodes = node_count(junction)
    return None if nodes is None else nodes * node_seconds()
