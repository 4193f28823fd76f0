"""What signals do while a worker process is being started is put off, in the main thread alone."""

from __future__ import annotations

import multiprocessing
import signal
import threading
import time

import pytest

from qbnum import _workers


@pytest.fixture
def came():
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
    others = set(multiprocessing.active_children())  # of tests before this one

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
    # They have ended, which the pool's own thread may be about to put down.
    while not set(multiprocessing.active_children()) <= others:
        assert time.monotonic() - interrupted[0] < 50
        time.sleep(0.01)
