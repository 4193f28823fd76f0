"""Times: the best of several repeats, in one process. May import: nothing."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

__all__ = ["ENOUGH", "Timed", "best"]

Result = TypeVar("Result")

ENOUGH = 3
"""Repeats, of which the best counts: whatever else runs on the machine only adds to a time."""


@dataclass(frozen=True)
class Timed(Generic[Result]):
    """What a call returned, its wall-clock seconds, and the cores it had meanwhile.

    ``cores`` near 1 means that the core was there all the time; far below 1, that it was shared.
    """

    result: Result
    seconds: float
    cores: float


def best(
    work: Callable[[], Result], repeats: int = ENOUGH, budget: float = math.inf
) -> Timed[Result]:
    """Return the fastest of ``repeats`` calls, or of as many as begin within ``budget`` seconds."""
    runs: list[Timed[Result]] = []
    end = time.perf_counter() + budget
    while len(runs) < repeats and (not runs or time.perf_counter() < end):
        start, used = time.perf_counter(), time.process_time()
        result = work()
        seconds = time.perf_counter() - start
        cores = (time.process_time() - used) / seconds if seconds > 0 else 1.0
        runs.append(Timed(result, seconds, cores))
    return min(runs, key=lambda run: run.seconds)
