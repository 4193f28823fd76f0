"""What the default run leaves to the slow one, or to the deep one."""

import pytest


def few_by_default(values, every, rest=pytest.mark.slow):
    """Return parameters of which only one in ``every`` is in the default run.

    The ``rest`` is slow, or deep where `qbval run` holds the same against each other.
    """
    return [
        pytest.param(value, marks=[] if k % every == 0 else rest) for k, value in enumerate(values)
    ]
