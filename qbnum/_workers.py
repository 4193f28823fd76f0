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
from contextlib import contextmanager
from multiprocessing.context import SpawnContext, SpawnProcess
from types import FrameType

__all__ = ["processes"]


@contextmanager
def processes(count: int) -> Iterator[Executor]:
    """Give an executor of so many processes; any error, Ctrl-C too, stops them at once."""
    others = set(multiprocessing.active_children())
    # Spawned, since a fork would copy the locks of threads that libraries have started.
    pool = ProcessPoolExecutor(count, mp_context=_Spawning(), initializer=_follow_parent)
    try:
        yield pool
    except BaseException:
        children = set(multiprocessing.active_children()) - others
        pool.shutdown(wait=False, cancel_futures=True)
        for child in children:
            child.terminate()
        for child in children:
            child.join()
        raise
    pool.shutdown()


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
    Process = _Deaf
