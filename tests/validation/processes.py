"""Processes under test."""

import signal


def let_interrupts_through():
    """Give Ctrl-C back its meaning in a child (``preexec_fn``).

    A shell that starts the tests in the background has them ignore it, and children inherit that.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
