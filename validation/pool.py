"""Work spread over processes, or done here at once where it is little.

May import: nothing but the standard library.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing.context import SpawnContext, SpawnProcess
from typing import Any

__all__ = ["Here", "processes"]


class Here(Executor):
    """An executor without processes: what is submitted is done at once, an error raised at once."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Return a future that is done already."""
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


class _Deaf(SpawnProcess):
    """A process that leaves Ctrl-C to its parent from its first instruction on."""

    def start(self) -> None:
        """Start it with the interrupt blocked, which it inherits and never lifts."""
        if not hasattr(signal, "pthread_sigmask"):  # Windows
            super().start()
            return
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            super().start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Spawning(SpawnContext):
    Process = _Deaf


@contextmanager
def processes(count: int) -> Iterator[Executor]:
    """Yield an executor of so many processes; any error, Ctrl-C too, stops them at once."""
    if count <= 1:
        yield Here()
        return
    # Spawned, not forked: the parent may hold threads (progress display, BLAS).
    pool = ProcessPoolExecutor(count, mp_context=_Spawning())
    try:
        yield pool
    except BaseException:
        children = multiprocessing.active_children()
        pool.shutdown(wait=False, cancel_futures=True)
        for child in children:
            child.terminate()
        raise
    pool.shutdown()
