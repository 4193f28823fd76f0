"""The platforms: every supported Python, the lowest dependencies, the packages as they are built.

    nox --list              what there is
    nox -s tests            the default tests, on every Python that is found
    nox -s lowest           the default tests, with the lowest versions that pyproject.toml declares
    nox -s package          wheel and sdist: built, checked, installed alone, run without a network
    nox -s agreement        the same values on every platform, to how many ulps

A Python that is not on the PATH is skipped, and said so.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import nox

nox.needs_version = ">=2025.5"
nox.options.sessions = ["tests", "lowest", "package", "agreement"]
nox.options.reuse_venv = "yes"

PYTHONS = ["3.11", "3.12", "3.13", "3.14"]
LOWEST, NEWEST = PYTHONS[0], PYTHONS[-1]
# NumPy's instruction sets past its baseline: without them other code computes exp and log.
SIMD = "X86_V3 X86_V4 AVX512_ICL AVX512_SPR"


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Run the default tests with the newest dependencies; arguments go to pytest."""
    session.install("-e", ".[test]")
    session.run("python", "-m", "pytest", *session.posargs)


@nox.session(python=LOWEST, venv_backend="uv")
def lowest(session: nox.Session) -> None:
    """Run the default tests with the lowest declared version of every dependency."""
    session.install("--resolution=lowest-direct", "-e", ".[test]")
    session.run("python", "-m", "pytest", *session.posargs)
    session.run("python", "-m", "tests.platforms", "write", _values(session, "lowest"))


@nox.session(python=PYTHONS)
def agreement(session: nox.Session) -> None:
    """Write this platform's values and compare them with those of the first Python."""
    session.install("-e", ".")
    written = _values(session, session.python)
    session.run("python", "-m", "tests.platforms", "write", written)
    plain = _values(session, f"{session.python}-baseline")
    session.run(
        "python", "-m", "tests.platforms", "write", plain, env={"NPY_DISABLE_CPU_FEATURES": SIMD}
    )
    base = _values(session, LOWEST)
    session.run("python", "-m", "tests.platforms", "compare", base, written, plain)


@nox.session(python=[LOWEST, NEWEST])
@nox.parametrize("kind", ["wheel", "sdist"])
def package(session: nox.Session, kind: str) -> None:
    """Build a wheel or an sdist, install it alone, and run the main job without a network."""
    session.install("build", "twine")
    work = Path(session.create_tmp()).resolve()
    shutil.rmtree(work / "dist", ignore_errors=True)
    session.run("python", "-m", "build", f"--{kind}", "--outdir", str(work / "dist"), ".")
    (built,) = (work / "dist").iterdir()
    session.run("twine", "check", "--strict", str(built))
    session.run("python", "-m", "venv", "--clear", str(work / "alone"))
    here = work / "alone" / "bin"
    session.run(str(here / "pip"), "install", "--quiet", str(built), external=True)
    # A network of its own, with nothing in it; another working directory, so that no checkout is
    # imported.
    session.chdir(work)
    offline = ["unshare", "--map-root-user", "--net"] if shutil.which("unshare") else []
    if not offline:
        session.warn("no unshare here: the run is not kept from the network")
    session.run(
        *offline, str(here / "qbval"), "run", "--quick", "--report", "report", external=True
    )


def _values(session: nox.Session, name: object) -> str:
    """Return where a platform's values go."""
    directory = session.cache_dir / "platforms"
    directory.mkdir(parents=True, exist_ok=True)
    return str(directory / f"{name}.json")
