"""What workers do in the tests: a module that they import quickly."""

import os
import signal


def double(number):
    return 2 * number


def die(number, times, directory):
    """Kill this process the first so many times, then answer."""
    count = len(list(directory.iterdir()))
    if count < times:
        (directory / str(count)).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return 2 * number


def fail():
    raise ZeroDivisionError("as it is")


def perform(task):
    """As `runner.perform`, in a worker where only this module is changed."""
    if task.case.slug == "weak-1e-6":
        os.kill(os.getpid(), signal.SIGKILL)
    from validation.runner import perform as truly

    return truly(task)
