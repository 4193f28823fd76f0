"""Worker processes: signals while they are started, and how they end."""

from __future__ import annotations

import multiprocessing
import os
import signal
import struct
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from qbnum import _workers


@pytest.fixture
def came() -> Iterator[list[int]]:
    """The signals that a handler of this process has seen, in their order."""
    seen: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, frame: seen.append(number))
    yield seen
    signal.signal(signal.SIGTERM, before)


def test_a_signal_is_put_off_until_the_process_is_started_and_comes_once(came: list[int]) -> None:
    own = signal.getsignal(signal.SIGTERM)
    with _workers._undisturbed():
        signal.raise_signal(signal.SIGTERM)
        assert came == []
    assert came == [signal.SIGTERM]
    assert signal.getsignal(signal.SIGTERM) is own
    signal.raise_signal(signal.SIGTERM)
    assert came == [signal.SIGTERM] * 2


def test_a_thread_leaves_the_signals_to_the_main_one(came: list[int]) -> None:
    own = signal.getsignal(signal.SIGTERM)
    found = []

    def start() -> None:
        with _workers._undisturbed():
            found.append(signal.getsignal(signal.SIGTERM) is own)

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()
    assert found == [True]


def test_an_interrupt_ends_busy_processes_without_waiting_for_their_work() -> None:
    interrupted = []
    others = set(multiprocessing.active_children()), set(threading.enumerate())

    def work() -> None:
        with _workers.processes(1) as pool:
            assert pool.submit(abs, -1).result() == 1  # it is up
            busy = pool.submit(time.sleep, 100)
            while not busy.running():
                time.sleep(0.01)
            interrupted.append(time.monotonic())
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work()
    assert time.monotonic() - interrupted[0] < 50
    assert set(multiprocessing.active_children()) <= others[0]
    assert set(threading.enumerate()) <= others[1]


def test_an_interrupt_before_any_work_is_that_alone() -> None:
    with pytest.raises(KeyboardInterrupt), _workers.processes(2):
        raise KeyboardInterrupt


def test_the_end_of_one_pool_is_not_that_of_another() -> None:
    with _workers.processes(2) as bystander:
        busy = bystander.submit(time.sleep, 1)
        pool = _workers.processes(1)
        executor = pool.__enter__()
        executor.submit(abs, -1).result()
        later = bystander.submit(time.sleep, 1)  # in a process of its own
        assert pool.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None) is False
        assert (busy.result(), later.result()) == (None, None)


def _half_a_result() -> None:
    """Hand over the length of a result, and no more of it."""
    frame = sys._getframe()
    while "result_queue" not in frame.f_locals:
        assert frame.f_back is not None
        frame = frame.f_back
    writer = frame.f_locals["result_queue"]._writer
    os.write(writer.fileno(), struct.pack("!i", 1000))
    time.sleep(100)


@pytest.mark.skipif(os.name != "posix", reason="writes to the pool's pipe as POSIX systems have it")
def test_a_process_killed_while_it_hands_over_a_result_is_not_waited_for() -> None:
    begun = time.monotonic()
    others = set(threading.enumerate())
    with pytest.raises(TimeoutError), _workers.processes(1) as pool:
        pool.submit(_half_a_result).result(timeout=3)
    assert time.monotonic() - begun < 50
    assert set(threading.enumerate()) <= others
