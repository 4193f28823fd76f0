"""``qbval optimize``: the optimum, its certificate, pictures, bad input."""

import _thread
import json
import os
import signal
import subprocess
import sys
import threading

import pytest
from typer.testing import CliRunner

from validation.cli import app

ENVIRONMENT = {k: v for k, v in os.environ.items() if k not in ("FORCE_COLOR", "COLUMNS")}
OPTIONS = {"text": True, "env": ENVIRONMENT | {"TERM": "dumb", "PYTHONPATH": ":".join(sys.path)}}

QUICK = ("--points", "33")


def command(*arguments):
    return [sys.executable, "-m", "validation", "optimize", *map(str, arguments)]


@pytest.fixture
def qbval(tmp_path, monkeypatch):
    """Run ``qbval optimize`` in this process, which is quicker, and return its result."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TERM", "dumb")
    return lambda *arguments: CliRunner().invoke(app, ["optimize", *arguments])


@pytest.mark.slow
def test_the_papers_best_level_is_found_and_certified(tmp_path):
    done = subprocess.run(
        command(*QUICK), capture_output=True, cwd=tmp_path, timeout=300, **OPTIONS
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "0.48567081" in done.stdout
    assert "an optimum is proven to lie within 1e-10" in done.stdout
    assert "level = bias = 0.5: here it is -0.0143" in done.stdout


def test_the_map_over_level_and_bias_has_the_ridge_and_the_papers_line(qbval, tmp_path):
    done = qbval("--bias", "0:1", "--points", "400", "--no-certify", "--picture", "map.svg")
    assert done.exit_code == 0
    assert "at the bound" in done.stdout
    # Text is drawn as paths, whose comments keep the words.
    drawn = (tmp_path / "map.svg").read_text()
    for label in ("best level (computed)", "level = bias (paper)", "weak coupling"):
        assert f"<!-- {label} -->" in drawn


def test_both_maxima_of_a_hot_gradient_are_named_and_drawn(qbval, tmp_path):
    done = qbval(
        *QUICK, "--bias", "0", "--temperature-gradient", "0.3", "--no-certify",
        "--picture", "hot.png",
    )  # fmt: skip
    assert (tmp_path / "hot.png").read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    assert "0.8078699" in done.stdout
    assert "Another local maximum" in done.stdout
    assert "-0.610068" in done.stdout


def test_a_limit_that_is_not_attained_is_said_so(qbval):
    done = qbval(
        *QUICK, "--maximize", "exergy-per-entropy-production", "--level=-0.2", "--bias", "0:1"
    )
    assert done.exit_code == 0
    assert "Not attained" in done.stdout
    assert "equilibrium" in done.stdout


def test_json_has_a_minimum_and_its_certificate(qbval):
    done = qbval(
        "--minimize", "exergy_per_current", "--level", "0.4", "--bias", "0.2:0.4",
        "--points", "9", "--json",
    )  # fmt: skip
    assert done.exit_code == 0
    data = json.loads(done.stdout)
    assert (data["objective"], data["goal"]) == ("exergy_per_current", "minimum")
    (best,) = data["local"]
    assert best["parameters"] == {"bias": 0.2}
    assert best["at_bounds"] == {"bias": "lower"}
    certificate = data["certificate"]
    assert certificate["holds"]
    assert certificate["certified"]
    assert float(certificate["value"]) == pytest.approx(best["value"], rel=1e-13)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--level", "0.4"), "no parameter is searched"),
        (("--level", "1:0"), "the lower end first"),
        (("--level", "0:1:5"), "give A:B"),
        (("--level", "a:b"), "a finite number"),
        (("--maximize", "work"), "no objective 'work'"),
        (("--maximize", "energy", "--minimize", "entropy"), "exclude each other"),
        (("--coupling=-1",), "--coupling = '-1'"),
        (("--left-mu", "0:1", "--bias", "0:1"), "both set left.mu"),
        (("--maximize", "exergy_per_current", "--coupling", "0:1"), "a lower bound > 0"),
        (("--maximize", "entropy_per_current", "--bias", "0:1"), "has no maximum"),
        (("--level", "2.5:3"), "--bound-state N"),
        (("--bound-state", "2"), "from 0 to 1"),
        (("--picture", "map.jpg"), "no known suffix"),
        (("--picture", "nowhere/map.png"), "cannot be written"),
        (("--bias", "0:1", "--coupling", "0.1:0.2", "--picture", "m.png"), "there are 3"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(qbval, arguments, message):
    done = qbval("--points", "9", "--no-certify", *arguments)
    assert done.exit_code == 2
    assert message in done.stderr
    assert done.stderr.startswith("Error: ")
    assert done.stderr.count("\n") == 1


@pytest.fixture
def interruptible():
    """Give Ctrl-C its meaning: who starts tests in the background has them ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_an_interrupted_search_says_so(qbval):
    ctrl_c = threading.Timer(1.0, _thread.interrupt_main)
    ctrl_c.start()
    # A search of many seconds.
    done = qbval("--bias", "0:1", "--coupling", "0.01:0.5", "--points", "1000000")
    assert done.exit_code == 130
    assert done.stdout == ""
    assert "Interrupted" in done.stderr
