"""What the tests of faults share."""

import os
import sys

import pytest


@pytest.fixture
def importing():
    """The environment of a process that is to import what these tests import."""
    return os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
