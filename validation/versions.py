"""Versions of what numbers depend on: packages, and this program's own source.

May import: nothing.
"""

from __future__ import annotations

import hashlib
import platform
from functools import cache
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

__all__ = ["code_digest", "version", "versions"]

PACKAGES = ("qbval", "gmpy2", "mpmath", "numpy", "python-flint", "scipy", "sympy")

OWN = ("qbnum", "qbsym", "validation")


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that the numbers depend on."""
    return {"python": platform.python_version()} | {name: version(name) for name in PACKAGES}


@cache
def version(name: str) -> str:
    """Return the version of a distribution, or that it is not installed."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed"


@cache
def code_digest() -> str:
    """Return a hash of all that computes: parts of a run that has another one are not its parts."""
    digest = hashlib.sha256(repr((versions(), version("numba"))).encode())
    for package in OWN:
        found = find_spec(package)
        assert found is not None
        for root in found.submodule_search_locations or ():
            for path in sorted(Path(root).rglob("*.py")):
                digest.update(path.relative_to(root).as_posix().encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()
