"""The pytest plugin, as pytest finds it: an entry point, in projects of its own."""

import os
import subprocess
import sys
from importlib.metadata import entry_points

import pytest

from validation.reference_table import load_table


def run_tests(directory, text, *arguments, **environment):
    """Write a test file and run it in a process of its own, with strict markers and warnings."""
    (directory / "test_mine.py").write_text(text, encoding="utf-8")
    options = ["-p", "no:cacheprovider", "--strict-markers", "-W", "error", "--rootdir", "."]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *options, *arguments],
        capture_output=True,
        text=True,
        cwd=directory,
        check=False,
        env=os.environ | environment,
    )


def test_pytest_finds_the_plugin_by_its_entry_point():
    (point,) = {p.value for p in entry_points(group="pytest11", name="qbval")}
    assert point == "validation.pytest_plugin"


def test_a_project_that_does_not_use_it_pays_nothing(tmp_path):
    text = """
import sys

def test_nothing_of_it_is_loaded():
    loaded = {name.partition(".")[0] for name in sys.modules}
    assert not {"numpy", "sympy", "mpmath", "rich", "matplotlib", "qbnum", "qbsym"} & loaded
    assert {n for n in sys.modules if n.startswith("validation.")} == {"validation.pytest_plugin"}
"""
    # Other plugins may load what they like.
    done = run_tests(tmp_path, text, "-p", "qbval", PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
    assert done.returncode == 0, done.stdout


GOOD = """
import pytest

@pytest.mark.qbval(cases=["weak-1e-6", "weak-cold"])
def test_a(qbval_case):
    assert qbval_case.left.hopping == 1.0

@pytest.mark.qbval("touching")
class TestB:
    def test_b(self, qbval_case, qbval_reference):
        assert qbval_reference.reference_junctions(regime="touching") == (qbval_case,)

def test_every_junction(qbval_case):
    pass
"""


@pytest.mark.slow
def test_each_junction_that_the_marker_names_is_a_test(tmp_path):
    bad = {
        "unknown": 'regime="weka"',
        "misspelt": 'regimes="weak"',
        "nothing": 'cases="paper-level9*"',
    }
    for name, arguments in bad.items():
        text = (
            "import pytest\n\n@pytest.mark.qbval("
            + arguments
            + ")\ndef test(qbval_case):\n  pass\n"
        )
        (tmp_path / f"test_{name}.py").write_text(text, encoding="utf-8")
    done = run_tests(tmp_path, GOOD, "-v", "--continue-on-collection-errors")
    for name in ("test_a[weak-1e-6]", "test_a[weak-cold]", "TestB::test_b["):
        assert name in done.stdout
    assert f"{3 + len(load_table().cases)} passed, 3 errors" in done.stdout
    # One sentence for each mistake in a marker, and no traceback.
    assert "@pytest.mark.qbval: no regime 'weka'; there are" in done.stdout
    assert "unexpected keyword argument 'regimes'" in done.stdout
    assert "no case matches cases = 'paper-level9*'" in done.stdout
    assert "Error: " not in done.stdout


@pytest.mark.slow
def test_the_tests_can_be_spread_over_processes(tmp_path):
    done = run_tests(tmp_path, GOOD, "-n", "2")
    assert f"{3 + len(load_table().cases)} passed" in done.stdout, done.stdout
