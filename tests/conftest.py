"""Test-wide settings: hypothesis profiles."""

import os

from hypothesis import HealthCheck, settings

# Numerics have no deadline; CI replays the same examples.
settings.register_profile(
    "quick",
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.differing_executors],
)
settings.register_profile(
    "deep", settings.get_profile("quick"), max_examples=2000, derandomize=False
)
settings.load_profile(os.environ.get("QBVAL_HYPOTHESIS_PROFILE", "quick"))
