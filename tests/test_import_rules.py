"""Independence is the product: which package may import which, held statically and at run time."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.imports import imported_modules

ROOT = Path(__file__).resolve().parent.parent

FORBIDDEN = {
    "qbsym": {"qbnum", "validation"},
    "qbnum": {"sympy", "mpmath", "gmpy2", "flint", "qbsym", "validation"},
    "validation/exact.py": {"qbnum"},
    "validation/enclosure.py": {"qbnum"},
    "validation/metrics.py": {"qbnum"},
    "validation/errors.py": {"qbnum"},
    "validation/references.py": {"qbnum"},
    "validation/reference_result.py": {"qbnum"},
    "validation/_display.py": {"qbnum"},
    "validation/backends": {"qbnum"},
    "validation/reference_table": {"qbnum"},
    "validation/conformance": {"qbnum"},
    "validation/witness": {"qbnum", "qbsym", "sympy", "mpmath", "flint"},
}
"""What a package, or a part of one, must never import."""


def _files(part):
    path = ROOT / part
    return sorted(path.rglob("*.py")) if path.is_dir() else [path]


def _imported(path):
    """Return the top-level packages that a file imports."""
    return {name.partition(".")[0] for name in imported_modules(path)}


@pytest.mark.parametrize("part", FORBIDDEN)
def test_no_file_imports_what_it_must_be_independent_of(part):
    files = _files(part)
    assert files, f"{part} is gone: adapt the rules"
    offenders = {
        str(path.relative_to(ROOT)): sorted(_imported(path) & FORBIDDEN[part]) for path in files
    }
    assert {name: found for name, found in offenders.items() if found} == {}


def test_a_reference_module_that_imports_qbnum_would_be_noticed(tmp_path):
    spy = tmp_path / "spy.py"
    spy.write_text("def f():\n    from qbnum.model import Junction\n")
    assert "qbnum" in _imported(spy)


LOADED = [
    ("qbnum", {"sympy", "mpmath", "gmpy2", "flint", "matplotlib", "xarray", "qbsym", "validation"}),
    ("qbsym", {"qbnum", "validation", "scipy.integrate", "matplotlib"}),
    ("validation.references", {"qbnum", "matplotlib", "xarray", "pandas"}),
    ("validation.backends.mpmath_backend", {"qbnum", "matplotlib", "xarray"}),
    # Help must come at once.
    ("validation.cli", {"qbnum", "qbsym", "numpy", "scipy", "sympy", "mpmath"}),
    # pytest loads it in every project of the environment.
    ("validation.pytest_plugin", {"qbnum", "qbsym", "numpy", "sympy", "mpmath", "rich"}),
]


@pytest.mark.parametrize(("module", "absent"), LOADED, ids=[module for module, _ in LOADED])
def test_importing_a_module_loads_nothing_it_must_be_independent_of(module, absent):
    script = f"import sys, {module}; print('\\n'.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert absent & set(done.stdout.split()) == set()
