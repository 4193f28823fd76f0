"""Processes that compute: they leave Ctrl-C to their parent, and end with it, however it ends.

May import: nothing but the standard library.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager, suppress
from multiprocessing.context import SpawnContext, SpawnProcess
from multiprocessing.queues import SimpleQueue
from types import FrameType
from typing import Any

__all__ = ["processes"]


@contextmanager
def processes(count: int) -> Iterator[Executor]:
    """Give an executor of so many processes; any error, Ctrl-C too, stops them at once."""
    context = _Spawning()
    pool = ProcessPoolExecutor(count, mp_context=context, initializer=_follow_parent)
    try:
        yield pool
        pool.shutdown()
    except BaseException:
        context.end()
        # Waited for: at the end of Python the pool wakes its thread by a pipe, which that thread
        # may be closing just then. One that has not begun cannot be waited for.
        with suppress(RuntimeError):
            pool.shutdown()
        raise


def _follow_parent() -> None:
    """End when the parent does: a process that waits for work would never be told."""
    parent = multiprocessing.parent_process()
    assert parent is not None

    def follow() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=follow, daemon=True).start()


class _Deaf(SpawnProcess):
    """A process that leaves Ctrl-C to its parent from its first instruction on."""

    def start(self) -> None:
        """Start it with the interrupt blocked, which it inherits and never lifts."""
        with _undisturbed():
            if not hasattr(signal, "pthread_sigmask"):  # Windows
                super().start()
                return
            before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
            try:
                super().start()
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Put off what signals do here: half a process would end with a traceback of its own."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[tuple[int, FrameType | None]] = []
    names = ("SIGINT", "SIGTERM", "SIGHUP")
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    handlers = {number: signal.getsignal(number) for number in numbers}
    # Those that the system handles would have ended this process already.
    handlers = {number: handler for number, handler in handlers.items() if callable(handler)}
    for number in handlers:
        signal.signal(number, lambda *signalled: came.append(signalled))
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    for number, frame in came:
        handler = handlers[number]
        assert callable(handler)
        handler(number, frame)


class _Spawning(SpawnContext):
    """Starts processes and remembers them: spawned, as a fork would copy locks that are held."""

    def __init__(self) -> None:
        self._made: list[_Deaf] = []
        self._queues: list[SimpleQueue[Any]] = []

    def Process(self, *args: Any, **kwargs: Any) -> _Deaf:  # type: ignore[override]
        """Make a process, as the class of that name does."""
        self._made.append(_Deaf(*args, **kwargs))
        return self._made[-1]

    def SimpleQueue(self) -> SimpleQueue[Any]:
        """Make the pool's queue of results."""
        self._queues.append(super().SimpleQueue())
        return self._queues[-1]

    def end(self) -> None:
        """Kill the processes, and let the pool see that no more results can come."""
        started = [process for process in self._made if process.pid is not None]
        for process in started:
            process.kill()
        for process in started:
            process.join()
        for queue in self._queues:
            # Of a result cut short the pool would await the rest while anything could write it.
            queue._writer.close()  # type: ignore[attr-defined]
