"""Blocks of points through one process, several processes, threads, or any executor.

Results do not depend on the blocks or on who computes them. May import: numpy, qbnum; rich, if it
is there, for a progress bar that was asked for.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    Executor,
    Future,
    ThreadPoolExecutor,
    wait,
)
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import islice
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from qbnum._checks import shown, whole_number
from qbnum._workers import processes
from qbnum.errors import ParameterError, WorkerDiedError
from qbnum.sweeps.grid import Grid
from qbnum.sweeps.recipe import BLOCK, Recipe

__all__ = ["ExecutorLike", "ProgressLike", "blocks_of", "reporting", "run", "step_of", "workers_of"]

Block: TypeAlias = tuple[int, int]
Report: TypeAlias = Callable[[int, int], object]
ExecutorLike: TypeAlias = Literal["processes", "threads"] | Executor | None
ProgressLike: TypeAlias = Report | bool | None

_SMALLEST_BLOCK = 256
"""Below this the work of a block does not pay for its transport."""

_AHEAD = 2
"""Blocks under way for each worker: none waits for work, and results do not pile up."""


def blocks_of(size: int, workers: int, largest: int = BLOCK) -> list[Block]:
    """Return ranges of points, small enough that every worker gets several."""
    step = step_of(size, workers, largest)
    return [(start, min(start + step, size)) for start in range(0, size, step)]


def step_of(size: int, workers: int, largest: int = BLOCK) -> int:
    """Return the points of one block, at most."""
    wanted = -(-size // (8 * workers)) if workers > 1 else largest
    return min(largest, max(wanted, _SMALLEST_BLOCK))


def workers_of(workers: int | None, executor: ExecutorLike) -> int:
    """Return how many blocks can be computed at the same time.

    Raises
    ------
    ParameterError
        ``workers`` is no number of workers, or ``executor`` none of the known kinds.
    """
    known = executor is None or isinstance(executor, str | Executor)
    if not known or (isinstance(executor, str) and executor not in ("processes", "threads")):
        raise ParameterError(
            f"executor = {shown(executor)}; allowed are 'processes', 'threads', or a "
            "concurrent.futures.Executor"
        )
    if workers is None:
        return 1 if executor is None else os.cpu_count() or 1
    return whole_number("workers", workers, "workers")


def run(
    recipe: Recipe,
    grid: Grid,
    blocks: Sequence[Block],
    keep: Callable[[Block, NDArray[np.float64]], None],
    *,
    workers: int,
    executor: ExecutorLike,
    report: Report,
    done: int = 0,
) -> None:
    """Compute the blocks and hand each to ``keep``, in the order in which they are finished.

    Parameters
    ----------
    recipe, grid
        What, and at which points.
    blocks : sequence of (int, int)
        Ranges of points.
    keep : callable
        Called in this thread with a block and its variables (variable, point).
    workers : int
        Blocks under way are twice as many.
    executor : {"processes", "threads"}, Executor or None
        None: this process for one worker, processes for more.
    report : callable
        Called with the points that are done and those of the whole sweep.
    done : int
        Points that were done before.

    Raises
    ------
    WorkerDiedError
        A process that computed a block died.
    """
    total = grid.size
    report(done, total)
    with _pool(workers, executor) as pool:
        if pool is None:
            for block in blocks:
                start, stop = block
                keep(block, recipe.compute(grid.columns(start, stop), stop - start))
                done += stop - start
                report(done, total)
            return
        waiting = iter(blocks)
        under_way: dict[Future[NDArray[np.float64]], Block] = {}
        try:
            while True:
                for start, stop in islice(waiting, _AHEAD * workers - len(under_way)):
                    columns = grid.columns(start, stop)
                    future = pool.submit(recipe.compute, columns, stop - start)
                    under_way[future] = start, stop
                if not under_way:
                    return
                for future in wait(under_way, return_when=FIRST_COMPLETED).done:
                    block = under_way.pop(future)
                    keep(block, future.result())
                    done += block[1] - block[0]
                    report(done, total)
        except BrokenProcessPool as error:
            raise WorkerDiedError(
                f"a worker process died (out of memory?) after {done} of {total} points; give "
                "fewer workers or a smaller block"
            ) from error
        finally:
            # A pool made here cancels them itself: Python 3.11's, of processes, breaks on a future
            # that someone else cancelled if a process dies at that moment.
            if pool is executor:
                for future in under_way:
                    future.cancel()


@contextmanager
def _pool(workers: int, executor: ExecutorLike) -> Iterator[Executor | None]:
    """Give the executor: the caller's own stays open, one made here is shut down."""
    if isinstance(executor, Executor):
        yield executor
        return
    if executor is None and workers == 1:
        yield None
        return
    if executor == "threads":
        threads = ThreadPoolExecutor(workers)
        try:
            yield threads
        finally:
            threads.shutdown(wait=True, cancel_futures=True)
        return
    with processes(workers) as pool:
        yield pool


@contextmanager
def reporting(progress: ProgressLike) -> Iterator[Report]:
    """Give what to call with the points done and all points; True shows a bar on stderr."""
    if callable(progress):
        yield progress
    elif not progress:
        yield _silent
    else:
        try:
            from rich.console import Console
            from rich.progress import Progress
        except ImportError:
            yield _write_line
            return
        with Progress(console=Console(stderr=True)) as bar:
            task = bar.add_task("sweep", total=None)

            def report(done: int, total: int) -> None:
                bar.update(task, completed=done, total=total)

            yield report


def _silent(done: int, total: int) -> None:
    pass


def _write_line(done: int, total: int) -> None:
    print(f"sweep: {done} of {total} points", file=sys.stderr)
