"""A program of its own that runs another one and ends it with everything that it has started.

The driver starts it as ``python -I -S keeper.py CONTROL MEMORY PROGRAM...`` with the program's
standard streams; MEMORY is in bytes of address space, 0 for no limit. It takes in descendants that
outlive their parents, also from sessions of their own, so that none is out of reach, and ends as
the program does. When the driver closes its end of CONTROL, or is killed, it ends them all. On
systems other than Linux it reaches the program's own session only. May import: little of the
standard library, since every start of a program waits for it.
"""

import contextlib
import os
import resource
import select
import signal
import sys
import time
from collections.abc import Iterator

__all__: list[str] = []

PR_SET_CHILD_SUBREAPER = 36

HURRY = 5.0
"""Seconds in which it does nothing but kill; after that it pauses between rounds."""

SOON = 0.01


def main() -> None:
    """Run the program, report on CONTROL whether it could be started, and end as it ends."""
    control, memory = int(sys.argv[1]), int(sys.argv[2])
    words = sys.argv[3:]
    os.set_inheritable(control, False)
    _adopt()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    if memory:
        resource.setrlimit(resource.RLIMIT_AS, (memory, hard))
    try:
        # In a session of its own it has no terminal. Python ignores these signals, others do not.
        program = os.posix_spawnp(
            words[0], words, os.environ, setsid=True, setsigmask=(),
            setsigdef=(signal.SIGPIPE, signal.SIGXFSZ, signal.SIGINT),
        )  # fmt: skip
    except OSError as error:
        os.write(control, str(error.errno).encode())
        os._exit(1)
    os.write(control, b"0")
    # The program has inherited it.
    resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
    # The ends of the pipes are the program's alone.
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    _wait(program, control)
    status = _end_all(program)
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        if number != signal.SIGKILL:
            signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    os._exit(os.waitstatus_to_exitcode(status))


def _adopt() -> None:
    """Become the parent of descendants that lose theirs."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _wait(program: int, control: int) -> None:
    """Return when the program has ended, or the driver has let go of it; do not bury it yet."""
    # A child's end makes the wakeup pipe readable.
    waking, end = os.pipe()
    os.set_blocking(end, False)
    signal.set_wakeup_fd(end, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    while not _has_ended(program):
        ready, _, _ = select.select([waking, control], [], [])
        if control in ready:
            return
        os.read(waking, 4096)


def _has_ended(program: int) -> bool:
    """Say so, and bury other dead."""
    while True:
        dead = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if dead is None or dead.si_pid == program:
            return dead is not None
        os.waitpid(dead.si_pid, 0)


def _end_all(program: int) -> int:
    """Kill every descendant until none is left, and return how the program ended."""
    # All of its session at once: no fork escapes that. Its number is taken until it is buried.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(program, signal.SIGKILL)
    status = os.waitpid(program, 0)[1]
    # One that forks and ends, over and over, lives for less than a millisecond under each number:
    # none is lost by a pause, or by giving up, after which it would go on for ever.
    with contextlib.suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, -20)
    deadline = time.monotonic() + HURRY
    # A list of processes is out of date when it is read; no child, dead or alive, is a proof.
    while _bury_all():
        for process in _children():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(process, signal.SIGKILL)
        if time.monotonic() > deadline:
            time.sleep(SOON)
    return status


def _bury_all() -> bool:
    """Bury the dead; say whether any child is left."""
    while True:
        try:
            process, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return False
        if not process:
            return True


def _children() -> Iterator[int]:
    """Give the children of this process; those of a dead one become its own."""
    own = os.getpid()
    with contextlib.suppress(OSError), open(f"/proc/self/task/{own}/children", "rb") as file:
        yield from map(int, file.read().split())
        return
    # As any Linux tells, more slowly, so that each is killed before the next is looked for.
    with contextlib.suppress(OSError):
        for process in sorted(map(int, filter(str.isdecimal, os.listdir("/proc"))), reverse=True):
            with contextlib.suppress(OSError), open(f"/proc/{process}/stat", "rb") as file:
                if int(file.read().rpartition(b")")[2].split()[1]) == own:
                    yield process


if __name__ == "__main__":
    main()
