"""Drive a program over the protocol: one line in, one line out, and never hang.

The program is one persistent process in a session of its own, started by ``keeper.py`` beside this
module, which ends it with all that it has started, also if this process is killed. It gets the
next line only when the last one is answered; after a crash, a timeout or a line that is no answer
it is ended and started again. This guards against accidents, not against malice: a program that
may mean harm belongs into a container. POSIX only: elsewhere, write a results file and check that.
May import: validation.errors, .conformance.protocol.
"""

from __future__ import annotations

import contextlib
import errno
import os
import selectors
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import IO, TYPE_CHECKING, Self

from validation.conformance.protocol import (
    Answer,
    Failure,
    Outcome,
    ProtocolError,
    excerpt,
    parse_answer,
)
from validation.errors import ValidationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import TracebackType

__all__ = ["Program", "ProgramError", "drive"]

STARTUP_FACTOR = 3
"""The first answer after a start may take this many timeouts: the program is loading."""

GIVE_UP = 5
"""Failures before the first answer after which a program is not asked again."""

UNFLUSHED = 2
"""Answers that come only at the end of the input: one may be a slow program's coincidence."""

MAX_LINE = 1 << 20
"""Bytes of an output line; an answer of all observables to 200 digits has less than 2^13."""

CHUNK = 1 << 16

STDERR_KEPT = 1 << 12
"""Bytes kept of standard error's end."""

STDERR_LINES = 5

LAST_READS = 64
"""Reads of what a killed program has left in its pipes, of `CHUNK` bytes each."""

POLL = 0.2
"""Seconds between looks at whether the process lives: its children may hold its pipes open."""

SOON = 0.01
"""Seconds between tries where the program has something to do."""

PARTING = 1.0
"""Seconds that a program gets to end by itself."""

ENDING = 10.0
"""Seconds in which the keeper is waited for; it goes on alone if anything is left by then."""

KEEPER = str(Path(__file__).with_name("keeper.py"))


class ProgramError(ValidationError, OSError):
    """The program cannot be started."""


class Program:
    """A program under test; a context manager that leaves no process behind.

    Parameters
    ----------
    command : str
        Split as a shell would (`shlex`), but run without a shell.
    timeout : float
        Seconds for each answer, > 0.
    memory : int, optional
        Bytes of address space for each of its processes; 0 for no limit.

    Raises
    ------
    ProgramError
        No such program, or it cannot be run.
    """

    def __init__(self, command: str, timeout: float, memory: int = 0) -> None:  # noqa: D107
        try:
            self._words = shlex.split(command)
        except ValueError as error:
            raise ProgramError(f"{command!r} is not a command: {error}") from error
        if not self._words:
            raise ProgramError("the command is empty; give a program, e.g. './impl'")
        if os.name != "posix":
            raise ProgramError(
                "programs can be driven on POSIX systems only; write the answers to a file"
            )
        self._timeout, self._memory = timeout, memory
        self._answered = False
        self._start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close(patience=PARTING if kind is None else 0.0)

    def _start(self) -> None:
        pipe = subprocess.PIPE
        control, theirs = socket.socketpair()
        with theirs:
            keeper = [sys.executable, "-I", "-S", KEEPER, str(theirs.fileno()), str(self._memory)]
            try:
                # A session of its own keeps Ctrl-C from the keeper.
                process = subprocess.Popen(
                    [*keeper, *self._words], stdin=pipe, stdout=pipe, stderr=pipe, bufsize=0,
                    start_new_session=True, pass_fds=(theirs.fileno(),),
                )  # fmt: skip
            except (OSError, ValueError) as error:
                control.close()
                raise self._not_started(getattr(error, "strerror", None) or error) from error
        started = control.recv(CHUNK)
        if started != b"0":
            control.close()
            process.communicate()
            raise self._not_started(os.strerror(int(started or errno.EIO)))
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        self._process, self._control = process, control
        self._running = True
        self._fresh = True
        self._stdin, self._stdout, self._stderr = process.stdin, process.stdout, process.stderr
        self._said, self._complaint = b"", b""
        self._selector = selectors.DefaultSelector()
        for stream in (self._stdin, self._stdout, self._stderr):
            os.set_blocking(stream.fileno(), False)
        self._selector.register(self._stdout, selectors.EVENT_READ, self._hear)
        self._selector.register(self._stderr, selectors.EVENT_READ, self._hear_complaint)

    def _not_started(self, reason: object) -> ProgramError:
        return ProgramError(
            f"{self._words[0]!r} cannot be started: {reason}; give a program on the PATH or "
            "with its directory, as in './impl'"
        )

    def ask(self, case: str, line: str) -> Outcome:
        """Send one input line and return the answer, or what came instead of it.

        Returns after the timeout at the latest, and soon after a program's end.
        """
        if not self._running:
            self._start()
        outcome = self._ask(case, line)
        if outcome is None:
            # Made for one line at a time, it had ended in peace after its last answer.
            self.close(patience=0.0)
            self._start()
            outcome = self._ask(case, line)
        assert outcome is not None
        return outcome

    def _ask(self, case: str, line: str) -> Outcome | None:
        """As `ask`; None if the program had answered before, and then ended as it should."""
        limit = self._timeout * (STARTUP_FACTOR if self._fresh else 1)
        state = self._wait_for_line(limit, f"{line}\n".encode())
        if state == "ended":
            quiet = not self._said.strip()
            peaceful = quiet and not self._fresh and self._exit_code() == 0
            return None if peaceful else self._fail(case, "crash")
        if state == "timeout":
            # Whoever has answered once does flush, and was merely slow.
            late = not self._answered and self._answers_at_end(case)
            return self._fail(case, "not-flushed" if late else "timeout")
        if state == "too-long":
            return self._fail(case, "too-long")
        received, _, rest = self._said.partition(b"\n")
        try:
            answer = parse_answer(received.decode(errors="replace"))
        except ProtocolError as error:
            return self._fail(case, "garbage", str(error))
        if answer.case != case:
            return self._fail(case, "wrong-id", f"answered {excerpt(answer.case)!r}")
        self._said, self._fresh, self._answered = rest, False, True
        return answer

    def _wait_for_line(self, seconds: float, unsent: bytes = b"") -> str:
        """Pump all pipes; return ``line``, ``ended``, ``timeout`` or ``too-long``."""
        deadline = time.monotonic() + seconds
        ended = False
        while True:
            if b"\n" in self._said[:MAX_LINE]:
                return "line"
            if len(self._said) >= MAX_LINE:
                return "too-long"
            if ended:
                return "ended"
            left = deadline - time.monotonic()
            if left <= 0:
                return "timeout"
            # Asked before the pipes are, so that its last words are not missed.
            dead = self._process.poll() is not None
            unsent = self._tell(unsent)
            # What did not fit into the pipe is offered again soon.
            ready = self._selector.select(min(left, SOON if unsent else POLL))
            # Whoever has closed its output cannot answer any more.
            ended = any(not key.data() and key.fileobj is self._stdout for key, _ in ready)
            ended |= dead and not ready

    def _tell(self, unsent: bytes) -> bytes:
        """Write what fits into the program's input and return the rest."""
        if not unsent:
            return b""
        try:
            return unsent[os.write(self._stdin.fileno(), unsent) :]
        except BlockingIOError:
            return unsent
        except BrokenPipeError:
            # It does not listen any more, but what it has said still counts.
            return b""

    def _read(self, stream: IO[bytes]) -> bytes:
        """Return what there is to read; at the end nothing, once and for all."""
        data = os.read(stream.fileno(), CHUNK)
        if not data:
            self._selector.unregister(stream)
        return data

    def _hear(self) -> bool:
        data = self._read(self._stdout)
        self._said += data
        return bool(data)

    def _hear_complaint(self) -> bool:
        data = self._read(self._stderr)
        self._complaint = (self._complaint + data)[-STDERR_KEPT:]
        return bool(data)

    def _answers_at_end(self, case: str) -> bool:
        """Close the input and say whether the answer comes now."""
        self._stdin.close()
        if self._wait_for_line(PARTING) != "line":
            return False
        first = self._said.partition(b"\n")[0].decode(errors="replace")
        with contextlib.suppress(ProtocolError):
            return parse_answer(first).case == case
        return False

    def _exit_code(self) -> int | None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self._process.wait(PARTING)
        return None

    def _fail(self, case: str, kind: str, detail: str = "") -> Failure:
        """Kill the program and return what happened."""
        if kind == "crash":
            detail = _how_it_ended(self._exit_code())
        received = self._said[:MAX_LINE].partition(b"\n")[0].decode(errors="replace")
        self.close(patience=0.0)
        lines = self._complaint.decode(errors="replace").splitlines()
        stderr = [excerpt(text) for text in lines if text.strip()][-STDERR_LINES:]
        return Failure(case, kind, excerpt(received), detail, tuple(stderr))

    def close(self, patience: float = PARTING) -> None:
        """End the program: close its input, wait for ``patience`` seconds, kill what is left."""
        if not self._running:
            return
        self._running = False
        with contextlib.suppress(OSError):
            self._stdin.close()
        deadline = time.monotonic() + patience
        while self._process.poll() is None and time.monotonic() < deadline:
            # Its output is read on, or a full pipe would keep it from ending.
            for key, _ in self._selector.select(SOON):
                key.data()
            self._said = b""
        # The keeper ends them all, and then itself. It is never killed: nobody else can end them.
        self._control.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(ENDING)
        for _ in range(LAST_READS):
            # What a pipe still holds is finite; whoever escaped the group could fill it for ever.
            if not any(key.data() for key, _ in self._selector.select(0)):
                break
        self._selector.close()
        self._stdout.close()
        self._stderr.close()


def _how_it_ended(code: int | None) -> str:
    if code is None:
        return "it closed its output but runs on"
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"killed by signal {-code}"


def drive(
    command: str,
    questions: Iterable[tuple[str, str]],
    timeout: float,
    on_done: Callable[[Outcome], None] = lambda outcome: None,
    memory: int = 0,
) -> dict[str, Outcome]:
    """Ask a program every question, and return the outcomes by case.

    A program that fails `GIVE_UP` times before its first answer, or is found not to flush its
    output `UNFLUSHED` times, is not asked any more: the rest is ``not-asked``.

    Parameters
    ----------
    command : str
        As of `Program`.
    questions : iterable of (str, str)
        Case and input line.
    timeout, memory
        As of `Program`.
    on_done : callable
        Called with each outcome as it comes.

    Raises
    ------
    ProgramError
        The program cannot be started.
    """
    outcomes: dict[str, Outcome] = {}
    failed: Counter[str] = Counter()
    answered = hopeless = False
    with Program(command, timeout, memory) as program:
        for case, line in questions:
            outcome = Failure(case, "not-asked") if hopeless else program.ask(case, line)
            outcomes[case] = outcome
            on_done(outcome)
            if isinstance(outcome, Answer):
                answered = True
            else:
                failed[outcome.kind] += 1
            hopeless = not answered and (
                failed["not-flushed"] >= UNFLUSHED or failed.total() >= GIVE_UP
            )
    return outcomes
