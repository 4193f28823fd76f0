"""Fixtures of the qbsym tests."""

import pytest

from tests.qbsym.cases import EQUAL_BANDS, JUNCTIONS, parameters


@pytest.fixture(params=JUNCTIONS)
def junction(request):
    """Every junction in turn."""
    return JUNCTIONS[request.param]


@pytest.fixture(params=EQUAL_BANDS)
def equal_bands(request):
    """The junctions with equal bands."""
    return JUNCTIONS[request.param]


@pytest.fixture
def paper():
    return parameters()
