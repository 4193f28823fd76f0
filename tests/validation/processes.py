"""The command line under test: in a process of its own, or in this one, which is quicker."""

import contextlib
import signal
import subprocess
import sys

from typer.testing import CliRunner


def qbval(*arguments, **options):
    """Run the command line in a process of its own and return what became of it."""
    return subprocess.run(
        [sys.executable, "-m", "validation", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        **options,
    )


def qbval_here(*arguments, cwd=".", stdin=None):
    """Run the command line in this process; its imports are paid for once."""
    from validation.cli import app

    with contextlib.chdir(cwd):
        done = CliRunner().invoke(app, [*map(str, arguments)], input=stdin, env={"TERM": "dumb"})
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return subprocess.CompletedProcess(arguments, done.exit_code, done.stdout, done.stderr)


def let_interrupts_through():
    """Give Ctrl-C back its meaning in a child (``preexec_fn``).

    A shell that starts the tests in the background has them ignore it, and children inherit that.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
