"""Work spread over processes, or done here where it is little.

A process that dies takes nothing with it: what it was at is done again. May import:
validation.errors, and of qbnum what starts processes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Hashable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from typing import NoReturn, TypeVar

from qbnum._workers import processes
from validation.errors import ValidationError

__all__ = ["WorkerDiedError", "finished"]

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")

AHEAD = 2
"""Calls under way for each process: none waits for work, and few are suspects if one dies."""


class WorkerDiedError(ValidationError, RuntimeError):
    """A worker process died, and another one that was at the same piece of work alone."""


def _fail(key: object) -> NoReturn:
    raise WorkerDiedError(f"A worker process died twice at {key} (out of memory?)")


def finished(
    calls: Mapping[K, Callable[[], T]], workers: int, died: Callable[[K], T] = _fail
) -> Iterator[tuple[K, T]]:
    """Yield the key and the result of each call, in the order in which they are finished.

    If a process dies, the calls that were under way are made again one by one: the others are
    finished, and the one that kills its process twice is known.

    Parameters
    ----------
    calls : mapping of key to callable
        What to do, in the order in which to begin; with more than one worker all of it travels to
        the processes and back (`pickle`). An error that a call raises ends everything.
    workers : int
        Processes; with 1 everything happens in this one. Any error, Ctrl-C too, stops them at once.
    died : callable, optional
        Gives the result of a call, from its key, that killed its process twice.

    Raises
    ------
    WorkerDiedError
        A call killed its process twice, unless ``died`` is given.
    """
    if workers <= 1:
        for key, call in calls.items():
            yield key, call()
        return
    waiting = deque(calls.items())
    while waiting:
        suspects = yield from _until_a_death(waiting, min(workers, len(waiting)))
        yield from _one_by_one(suspects, died)


def _until_a_death(
    waiting: deque[tuple[K, Callable[[], T]]], workers: int
) -> Generator[tuple[K, T], None, list[tuple[K, Callable[[], T]]]]:
    """Take from the queue and yield results; return what was under way when a process died."""
    under_way: dict[Future[T], tuple[K, Callable[[], T]]] = {}
    try:
        with processes(workers) as pool:
            while waiting or under_way:
                while waiting and len(under_way) < AHEAD * workers:
                    under_way[pool.submit(waiting[0][1])] = waiting[0]
                    waiting.popleft()
                for future in wait(under_way, return_when=FIRST_COMPLETED).done:
                    result = future.result()
                    yield under_way.pop(future)[0], result
    except BrokenProcessPool:
        return list(under_way.values())
    return []


def _one_by_one(
    suspects: list[tuple[K, Callable[[], T]]], died: Callable[[K], T]
) -> Iterator[tuple[K, T]]:
    """Yield results of calls made alone, so that a death is that of the call at hand."""
    waiting = deque(suspects)
    while waiting:
        try:
            with processes(1) as pool:
                while waiting:
                    result = pool.submit(waiting[0][1]).result()
                    yield waiting.popleft()[0], result
        except BrokenProcessPool:
            key, _ = waiting.popleft()
            yield key, died(key)
