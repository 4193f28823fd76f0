"""Processes under test."""

import signal
import subprocess
import sys


def qbval(*arguments, **options):
    """Run the command line in a process of its own and return what became of it."""
    return subprocess.run(
        [sys.executable, "-m", "validation", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        **options,
    )


def let_interrupts_through():
    """Give Ctrl-C back its meaning in a child (``preexec_fn``).

    A shell that starts the tests in the background has them ignore it, and children inherit that.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
