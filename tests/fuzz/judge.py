"""What may become of an input: a sound result, or a typed error with a message to read; soon."""

from __future__ import annotations

import contextlib
import io
import resource
import signal
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import qbnum
import qbsym
import validation
from tests.fuzz.draw import Draw

TYPED = (qbnum.QbnumError, qbsym.QbsymError, validation.ValidationError)
"""What a caller may catch; everything else that is raised is a find."""

SECONDS = 20.0
"""A request of the fuzzer takes milliseconds; this is a hang even on a machine that is busy."""

MEMORY = 2**30
"""Bytes by which one request may let the process grow."""

MESSAGE = 4000
"""Characters of a message that somebody may still read."""


class Hang(BaseException):
    """An input took too long; no handler of `Exception` may swallow it."""


@dataclass(frozen=True)
class Entry:
    """A way in, and how it is fuzzed.

    Attributes
    ----------
    name : str
    covers : tuple of str
        The public names that a call goes through.
    draw : callable
        Makes what `call` takes, see `tests.fuzz.draw`.
    call : callable
        Passes the input on, and asserts what is promised of the result.
    seconds : float
        What one may take.
    """

    name: str
    covers: tuple[str, ...]
    draw: Draw
    call: Callable[[Any], object]
    seconds: float = SECONDS


@contextlib.contextmanager
def watched(memory: int = MEMORY) -> Iterator[None]:
    """Let the process grow by no more memory, warn of nothing, and write nothing to stdout."""

    def hang(signum: int, frame: object) -> None:
        raise Hang

    pages = int(Path("/proc/self/statm").read_text().split()[0])
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    before = signal.signal(signal.SIGALRM, hang)
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + memory, hard))
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("error")
            yield
    finally:
        signal.signal(signal.SIGALRM, before)
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def judge(entry: Entry, given: Any) -> str:
    """Return ``answered`` or ``refused``; anything else is raised, and is a find.

    To be called where it is `watched`.
    """
    signal.setitimer(signal.ITIMER_REAL, entry.seconds)
    try:
        entry.call(given)
    except TYPED as refusal:
        message = str(refusal)
    else:
        return "answered"
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    assert 0 < len(message) <= MESSAGE, f"a message of {len(message)} characters"
    return "refused"


def finite(value: Any, what: str = "result") -> None:
    """Assert that a number or an array is finite where it is not masked."""
    assert np.isfinite(np.ma.filled(value, 0.0)).all(), f"{what} is not finite: {value!r}"
