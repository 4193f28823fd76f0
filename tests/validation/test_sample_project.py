"""The sample project: another implementation, whose tests use the plugin, run as its users do."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SAMPLE = Path(__file__).parents[2] / "examples" / "sample_project"


@pytest.fixture
def project(tmp_path):
    """Return a copy of the project, to be changed."""
    return shutil.copytree(
        SAMPLE, tmp_path / "sample", ignore=shutil.ignore_patterns("__pycache__")
    )


def run_tests(project, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "pytest", *arguments],
        capture_output=True,
        text=True,
        cwd=project,
        check=False,
    )


def plant(project, right, wrong):
    """Put a mistake into the implementation."""
    source = project / "battery.py"
    text = source.read_text(encoding="utf-8")
    assert text.count(right) == 1
    source.write_text(text.replace(right, wrong), encoding="utf-8")


# The documentation runs these two: see howto/test-your-package.md.
@pytest.mark.deep
def test_the_samples_tests_pass(project):
    done = run_tests(project)
    assert done.returncode == 0, done.stdout
    # Each of the paper's junctions is a test.
    assert int(done.stdout.split(" passed")[0].split()[-1]) > 8


@pytest.mark.deep
def test_the_printed_sign_makes_them_fail_and_is_named(project):
    plant(project, "(x - 1j * root)", "(-x - 1j * root)")
    done = run_tests(project, "-k", "out_of_scope")
    assert done.returncode == 1
    assert "Likely mistake: the printed sign of Re Sigma (printed-self-energy)" in done.stdout
    assert "qbval reference show" in done.stdout


@pytest.mark.slow
def test_half_the_broadening_makes_them_fail_and_is_named(project):
    plant(
        project,
        "-2 * sigma_left.imag, -2 * sigma_right.imag",
        "-sigma_left.imag, -sigma_right.imag",
    )
    done = run_tests(project, "-k", "out_of_scope")
    assert done.returncode == 1
    assert "(half-broadening)" in done.stdout
