"""What the default run leaves to the slow one."""

import pytest


def few_by_default(values, every):
    """Return parameters of which only one in ``every`` is in the default run, the rest slow."""
    return [
        pytest.param(value, marks=[] if k % every == 0 else pytest.mark.slow)
        for k, value in enumerate(values)
    ]
