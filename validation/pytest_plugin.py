"""The pytest plugin: the reference table in another project's tests.

Installed as the entry point ``qbval``, so pytest loads it everywhere: it must import nothing but
pytest until a test asks for one of its fixtures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["pytest_configure", "pytest_generate_tests", "qbval_reference"]

MARKER = (
    "qbval(regime=None, cases=None): which junctions of the reference table a test with the "
    "argument qbval_case runs for, one at a time; all by default"
)


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line("markers", MARKER)


@pytest.fixture(scope="session")
def qbval_reference() -> ModuleType:
    """Return `validation.testing`: ``assert_matches_reference`` and ``reference_junctions``."""
    from validation import testing

    return testing


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that has the argument ``qbval_case`` for each junction that its marker names."""
    if "qbval_case" not in metafunc.fixturenames:
        return
    from validation.errors import ParameterError
    from validation.testing import reference_junctions

    mark = metafunc.definition.get_closest_marker("qbval")
    try:
        junctions = (
            reference_junctions(*mark.args, **mark.kwargs) if mark else reference_junctions()
        )
    except (ParameterError, TypeError) as error:  # TypeError: it has no such argument
        pytest.fail(f"@pytest.mark.qbval: {error}", pytrace=False)
    metafunc.parametrize("qbval_case", junctions, ids=[junction.id for junction in junctions])
