"""Work spread over processes, or done here at once where it is little.

May import: nothing but the standard library.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any

__all__ = ["Here", "processes"]


class Here(Executor):
    """An executor without processes: what is submitted is done at once, an error raised at once."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Return a future that is done already."""
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


@contextmanager
def processes(count: int) -> Iterator[Executor]:
    """Yield an executor of so many processes; any error, Ctrl-C too, stops them at once."""
    if count <= 1:
        yield Here()
        return
    # Spawned, not forked: the parent may hold threads (progress display, BLAS).
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(count, mp_context=context, initializer=_leave_interrupts)
    try:
        yield pool
    except BaseException:
        children = multiprocessing.active_children()
        pool.shutdown(wait=False, cancel_futures=True)
        for child in children:
            child.terminate()
        raise
    pool.shutdown()


def _leave_interrupts() -> None:
    """Leave Ctrl-C to the parent, which stops the workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
