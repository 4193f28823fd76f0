"""Puts altered source in the place of modules, in memory: no file is touched.

A process that has imported nothing of this project forks a child for each alteration, so that no
cache outlives it. May import: the standard library, third-party packages.
"""

from __future__ import annotations

import gc
import multiprocessing
import sys
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType

ROOT = Path(__file__).resolve().parents[2]

FORK = multiprocessing.get_context("fork")
"""How the children are made."""


def load_packages() -> None:
    """Load what every child needs and nobody alters."""
    import flint  # noqa: F401
    import hypothesis.strategies  # noqa: F401
    import mpmath  # noqa: F401
    import numpy.testing  # noqa: F401
    import pandas  # noqa: F401
    import pytest  # noqa: F401
    import scipy.integrate
    import scipy.optimize
    import scipy.special  # noqa: F401
    import sympy  # noqa: F401
    import xarray  # noqa: F401

    gc.freeze()  # the children need not look through all this


def path_of(module: str) -> Path:
    """Return the file of a module of this checkout."""
    plain = ROOT / (module.replace(".", "/") + ".py")
    return plain if plain.exists() else plain.with_suffix("") / "__init__.py"


def module_of(path: Path) -> str:
    """Return the name of the module in a file of this checkout."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


class _Loader(SourceFileLoader):
    def __init__(self, name: str, path: str, source: str) -> None:
        super().__init__(name, path)
        self.source = source

    def get_code(self, fullname: str) -> CodeType:
        return compile(self.source, self.path, "exec", dont_inherit=True)


class _Finder:
    def __init__(self, sources: dict[str, str]) -> None:
        self.sources = sources

    def find_spec(self, name: str, path=None, target=None) -> ModuleSpec | None:
        if name not in self.sources:
            return None
        spec = PathFinder.find_spec(name, path, target)
        assert spec is not None
        assert spec.origin is not None
        spec.loader = _Loader(name, spec.origin, self.sources[name])
        return spec


def plant(sources: dict[str, str]) -> None:
    """Have these modules, by name, made from these sources when they are imported."""
    early = sorted(set(sources) & set(sys.modules))
    assert not early, f"already imported: {early}"
    sys.meta_path.insert(0, _Finder(sources))
