"""The command line as a process: what it prints, how it fails, what it exits with."""

import json
import os
import subprocess
import sys

import pytest

from tests.validation.processes import qbval_here
from validation.cases import corner_cases

ENVIRONMENT = {k: v for k, v in os.environ.items() if k not in ("FORCE_COLOR", "COLUMNS")}


def qbval(*arguments, cwd=None):
    """Run the command and return the finished process."""
    return subprocess.run(
        [sys.executable, "-m", "validation", *arguments],
        capture_output=True, text=True, cwd=cwd, timeout=300,
        env=ENVIRONMENT | {"TERM": "dumb", "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip


@pytest.mark.parametrize("command", [(), ("run",), ("evaluate",), ("derive",)])
def test_help_shows_examples(command):
    done = qbval(*command, "--help")
    assert done.returncode == 0
    assert "qbval run --quick" in done.stdout if command in ((), ("run",)) else True
    assert f"qbval {' '.join(command) or 'evaluate'}" in done.stdout
    assert "Exit codes" in done.stdout


def test_version():
    done = qbval("--version")
    assert done.returncode == 0
    assert done.stdout.startswith("qbval ")


def test_evaluate_prints_both_layers_side_by_side():
    done = qbval("evaluate", "--level", "0.4", "--bias", "0.5")
    assert (done.returncode, done.stderr) == (0, "")
    line = next(row for row in done.stdout.splitlines() if row.split()[:1] == ["exergy"])
    _, unit, value, estimate, reference, digits = line.split()
    assert unit == "1"
    assert value[:12] == reference[:12] == "0.6967372330"
    assert float(estimate) < 1e-12
    assert float(digits) > 13
    assert "read as doubles" in done.stdout


def test_evaluate_writes_json_with_the_digits_asked_for():
    done = qbval_here("evaluate", "--level", "0.4", "--bias", "0.5", "--digits", "40", "--json")
    assert done.returncode == 0
    data = json.loads(done.stdout)
    assert len(data["observables"]) == 17
    exergy = data["observables"]["exergy"]
    assert len(exergy["reference"]) >= 40
    assert float(exergy["reference"]) == pytest.approx(exergy["qbnum"], rel=1e-12)
    assert abs(exergy["qbnum"] - float(exergy["reference"])) <= exergy["error_estimate"]
    assert data["inputs"]["left.coupling"]["hex"] == (0.12).hex()


def test_a_lead_s_own_option_overrides_the_protocol():
    done = qbval_here(
        "evaluate", "--level", "0.4", "--coupling", "0.2", "--right-coupling", "0x1.8p-3", "--json"
    )
    inputs = json.loads(done.stdout)["inputs"]
    assert float(inputs["left.coupling"]["repr"]) == 0.2
    assert float(inputs["right.coupling"]["repr"]) == 0.1875


def test_the_command_of_a_case_repeats_it_exactly():
    case = next(c for c in corner_cases() if c.slug == "strong-two-bound-states")
    done = qbval_here(*case.command().split()[1:], "--digits", "20", "--json")
    assert done.returncode == 0
    data = json.loads(done.stdout)
    inputs = {name: float.fromhex(entry["hex"]) for name, entry in data["inputs"].items()}
    assert inputs == case.parameters
    assert data["bound_states"]["policy"] == [0.9, 0.2]


def test_excluded_bound_states_leave_the_two_state_observables_undefined():
    done = qbval_here("evaluate", "--level", "2.3", "--bound-state", "exclude", "--digits", "20")
    assert done.returncode == 0
    undefined = [line.split()[0] for line in done.stdout.splitlines() if "undefined" in line]
    assert undefined == ["two_state_entropy", "two_state_exergy", "entropy_gap", "exergy_gap"]
    assert "bound state at 2.316526" in done.stdout


BAD = [
    (["evaluate", "--level", "abc"], ["--level", "'abc'", "finite number"]),
    (["evaluate", "--level", "nan"], ["--level", "finite number"]),
    (["evaluate", "--level", "0.4", "--coupling", "-1"], ["--coupling", "'-1'", ">= 0"]),
    (["evaluate", "--level", "0.4", "--hopping", "0"], ["--hopping", "'0'", "> 0"]),
    (
        ["evaluate", "--level", "0.4", "--temperature-gradient", "-0.1"],
        ["--temperature-gradient", "must be > 0"],
    ),
    (["evaluate", "--level", "0.4", "--left-temperature", "0"], ["--left-temperature", "> 0"]),
    (["evaluate", "--level", "2.3"], ["--bound-state", "exclude"]),
    (["evaluate", "--level", "2.3", "--bound-state", "2"], ["--bound-state", "0 to 1"]),
    (["evaluate", "--level", "2.3", "--bound-state", "0.1,0.2"], ["--bound-state", "1 bound"]),
    (["evaluate"], ["--level"]),
    (["evaluate", "--level", "0.4", "--digits", "0"], ["--digits"]),
    (["run", "--only", "everything"], ["--only", "'everything'", "observables"]),
    (["run", "--case", "nothing-*"], ["--case", "'nothing-*'"]),
    (["run", "--output", "no/such/directory/record.json"], ["--output"]),
    (["run", "--workers", "0"], ["--workers"]),
    (["derive", "everything"], ["'everything'", "self_energy"]),
    (["derive", "--format", "html"], ["--format", "latex"]),
    (["no-such-command"], ["no-such-command"]),
]


@pytest.mark.parametrize(("arguments", "named"), BAD, ids=[" ".join(a) for a, _ in BAD])
def test_bad_input_exits_2_with_a_clear_sentence(arguments, named, tmp_path):
    done = qbval_here(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr + done.stdout
    for word in named:
        assert word in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_small_run_agrees_writes_its_record_and_exits_0(tmp_path):
    done = qbval(
        "run", "--quick", "--only", "erratum", "--only", "sum-rule", "--workers", "2", cwd=tmp_path
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "sum-rule" in done.stdout
    assert "Agreed" in done.stdout
    record = json.loads((tmp_path / "qbval-record.json").read_text())
    assert record["verdict"] == "agreed"
    assert [check["name"] for check in record["checks"]] == ["erratum", "sum-rule"]


def test_a_run_that_finds_a_disagreement_exits_1(tmp_path):
    script = (
        "import qbnum, qbnum.bound, sys\n"
        "right = qbnum.bound.bound_states\n"
        "class Heavier:\n"
        "    def __init__(self, states): self._states = states\n"
        "    def __getattr__(self, name): return getattr(self._states, name)\n"
        "    @property\n"
        "    def total_weight(self): return self._states.total_weight + 1e-6\n"
        "qbnum.bound_states = lambda junction: Heavier(right(junction))\n"
        "sys.argv = 'qbval run --only sum-rule --case level-2.3 --workers 1'.split()\n"
        "from validation.cli import main\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=tmp_path,
        env=ENVIRONMENT | {"PYTHONPATH": os.pathsep.join(sys.path)}, timeout=300,
    )  # fmt: skip
    assert done.returncode == 1
    assert "DISAGREED" in done.stdout
    assert "qbval evaluate --level 2.3" in done.stdout


@pytest.mark.slow
def test_derive_lists_and_shows_in_every_format():
    listed = qbval("derive")
    assert listed.returncode == 0
    assert "self_energy" in listed.stdout
    for form, sign in (("text", "1. "), ("latex", r"\["), ("markdown", "## dispersion")):
        shown = qbval("derive", "dispersion", "--format", form)
        assert shown.returncode == 0
        assert sign in shown.stdout
        assert "proven" in shown.stdout
