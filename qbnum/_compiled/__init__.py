"""Compiled kernels, by numba, for ``engine="compiled"``.

Importing qbnum imports numba neither directly nor by this package: see `load`.
May import: numba, numpy, private modules.
"""

from __future__ import annotations

from types import ModuleType

from qbnum.errors import MissingDependencyError


def load() -> ModuleType:
    """Return the module of the kernels, compiled on first use and kept on disk.

    Raises
    ------
    MissingDependencyError
        There is no numba.
    """
    try:
        import numba  # noqa: F401
    except ImportError as error:
        raise MissingDependencyError(
            "engine = 'compiled' needs numba, which is not installed: pip install "
            "'qbval[compiled]', or use engine = 'numpy'"
        ) from error
    from qbnum._compiled import kernels

    return kernels
