"""How commands end: exit codes, Ctrl-C, readers that stop, strict JSON, plain output in pipes."""

import importlib
import json
import os
import re
import signal
import subprocess
import sys

import pytest

from tests.slow import few_by_default
from tests.validation.processes import let_interrupts_through, qbval_here
from validation.commands.console import json_text, out

ENVIRONMENT = {k: v for k, v in os.environ.items() if k not in ("FORCE_COLOR", "COLUMNS")}
ENVIRONMENT["PYTHONPATH"] = os.pathsep.join(sys.path)

WORK = {
    "evaluate --level 0.4": "evaluate.evaluate",
    "derive": "derive.derive",
    "derive --limits": "derive.table_of_limits",
    "derive --all --format latex": "derive.document",
    "sweep --level 0.4": "sweep.sweep",
    "optimize --points 9": "optimize.maximize",
    "paper figures": "paper_figures._make",
    "paper claims": "paper_claims.judge",
    "paper errata": "paper_errata.run",
    "paper charging --level 0.4": "paper_charging._charged",
    "reference build --output x": "reference._compute",
    "reference export x": "reference.export",
    "reference show": "reference_show.show",
    "conformance export": "conformance.export",
    "conformance check x": "conformance._read",
    "conformance example c": "conformance.example",
}
"""What each command does while it may be interrupted."""


@pytest.mark.parametrize("line", WORK)
def test_an_interrupted_command_says_so_in_one_line_and_leaves_no_half_file(
    line, monkeypatch, tmp_path
):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    module, name = WORK[line].split(".")
    monkeypatch.setattr(importlib.import_module(f"validation.commands.{module}"), name, interrupted)
    done = qbval_here(*line.split(), cwd=tmp_path)
    assert (done.returncode, done.stdout) == (130, "")
    assert done.stderr.startswith("Interrupted")
    assert len(done.stderr.splitlines()) == 1
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_ctrl_c_ends_a_process_quietly(tmp_path):
    script = (
        "import sys, time, validation.commands.conformance as module\n"
        "def endless(*_):\n"
        "    print('ready', file=sys.stderr, flush=True)\n"
        "    time.sleep(600)\n"
        "module.list_regimes = endless\n"
        "sys.argv = 'qbval conformance export --list-regimes'.split()\n"
        "from validation.cli import main\n"
        "main()\n"
    )
    begun = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        cwd=tmp_path, env=ENVIRONMENT, preexec_fn=let_interrupts_through,
    )  # fmt: skip
    assert begun.stderr.readline() == "ready\n"
    begun.send_signal(signal.SIGINT)
    output, messages = begun.communicate(timeout=120)
    assert (begun.returncode, output) == (130, "")
    assert messages == "Interrupted: no file was left half-written.\n"


@pytest.mark.parametrize(
    "line",
    few_by_default(
        ["reference show", "reference show cold-1e-8 --json", "conformance example c"], 3
    ),
)
def test_a_reader_that_has_gone_is_met_with_silence(line, tmp_path):
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "validation", *line.split()], stdout=writing,
        stderr=subprocess.PIPE, text=True, cwd=tmp_path, env=ENVIRONMENT, check=False, timeout=300,
    )  # fmt: skip
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, "")


ANSWERS = '{"id": "weak-1e-6", "values": {"exergy": 1.0, "entropy": "NaN"}}\n'

JSON = {
    "evaluate --level 0.4 --digits 15 --json": 0,
    "evaluate --level 2.3 --bound-state exclude --digits 15 --json": 0,
    "derive --json": 0,
    "derive dispersion --json": 0,
    "derive weak_coupling:charge_current --json": 0,
    "sweep --level -3:3:3 --json": 0,
    "sweep --level 2.3 --observables two_state_exergy --json": 0,
    "optimize --level 0:1 --points 9 --no-certify --json": 0,
    "reference show --json": 0,
    "reference show cold-1e-8 --json": 0,
    "conformance check answers.jsonl --case weak-1e-6 --json -": 1,
}


SLOW_JSON = {
    "optimize --points 65 --json": ("qbval-optimum", pytest.mark.slow),
    "paper charging --level 0.4 --bias 0.5 --json": ("qbval-charging", pytest.mark.slow),
    "paper claims exergy-peak-at-bias --json": (None, pytest.mark.slow),
    "paper errata self-energy-sign --json": (None, pytest.mark.slow),
    # A quarter and half a minute.
    "paper figures --only 4b --points 11 --output figures --json": (
        "qbval-figures",
        pytest.mark.deep,
    ),
    "derive --limits --json": ("qbval-limits", pytest.mark.deep),
}


def no_constant(name):
    raise AssertionError(f"{name} is not JSON")


@pytest.mark.parametrize(("line", "code"), JSON.items(), ids=list(JSON))
def test_json_is_one_strict_document_alone_on_stdout(line, code, tmp_path):
    (tmp_path / "answers.jsonl").write_text(ANSWERS)
    done = qbval_here(*line.split(), cwd=tmp_path)
    assert (done.returncode, done.stderr) == (code, "")
    data = json.loads(done.stdout, parse_constant=no_constant)
    assert data["schema"].startswith("qbval-")
    assert data["schema_version"] == 1


@pytest.mark.parametrize(
    ("line", "schema"),
    [pytest.param(line, schema, marks=when) for line, (schema, when) in SLOW_JSON.items()],
)
def test_json_that_takes_longer_is_strict_too(line, schema, tmp_path):
    done = qbval_here(*line.split(), cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    data = json.loads(done.stdout, parse_constant=no_constant)
    assert data[0] if schema is None else data["schema"] == schema
    if schema == "qbval-figures":
        files = [name for figure in data["figures"].values() for name in figure["files"]]
        assert files
        assert all((tmp_path / "figures" / name).is_file() for name in [*files, data["page"]])
        assert data["disagreements"] == []


def test_numbers_that_are_not_finite_are_null_in_json():
    data = {"a": [1.5, float("nan")], "b": {"c": float("inf")}, "d": (2, None, "x")}
    expected = {"a": [1.5, None], "b": {"c": None}, "d": [2, None, "x"]}
    assert json.loads(json_text(data), parse_constant=no_constant) == expected


def test_the_json_of_a_derivation_and_of_a_limit_says_what_their_texts_say():
    shown = json.loads(qbval_here("derive", "dispersion", "--json").stdout)
    assert shown["proven"] is True
    text = qbval_here("derive", "dispersion").stdout
    assert shown["statement"] in text
    assert all(step["text"] in text and step["method"] in text for step in shown["steps"])
    limit = json.loads(qbval_here("derive", "weak_coupling:charge_current", "--json").stdout)
    text = qbval_here("derive", "weak_coupling:charge_current").stdout
    assert f"starts with {limit['starts']}" in text
    assert f"remainder {limit['remainder']}" in text
    assert all(assumption in text for assumption in limit["assumptions"])


def test_the_json_of_a_case_has_the_digits_of_the_table():
    shown = json.loads(qbval_here("reference", "show", "cold-1e-8", "--json").stdout)
    text = qbval_here("reference", "show", "cold-1e-8").stdout
    assert len(shown["values"]) == 17
    for name, value in shown["values"].items():
        assert re.search(rf"{name} +{re.escape(value['value'])} ", text)


def test_the_json_of_a_sweep_says_where_the_extremes_are():
    line = "sweep --level 0.1,0.5,0.9 --bias 0.5 --observables exergy"
    found = json.loads(qbval_here(*line.split(), "--json").stdout)
    greatest = found["observables"]["exergy"]["greatest"]
    assert greatest["at"] == {"level": 0.5}
    assert f"{greatest['value']:.6g}" in qbval_here(*line.split()).stdout
    assert found["statuses"] == {
        "ok": 3, "not_resolved": 0, "bound_state_occupation_not_fixed": 0
    }  # fmt: skip


TABLES = [
    "derive",
    "reference show",
    "reference show cold-1e-8",
    "conformance export --list-regimes",
    "sweep --level 0:1:3 --bias 0:1:2",
    "evaluate --level 0.4 --digits 60",
]


@pytest.mark.parametrize("line", TABLES)
def test_piped_output_is_plain_and_nothing_is_cut(line):
    done = qbval_here(*line.split())
    assert done.returncode == 0
    assert "\x1b" not in done.stdout + done.stderr
    assert "…" not in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 120


@pytest.mark.parametrize(("variable", "coloured"), [("NO_COLOR", False), ("FORCE_COLOR", True)])
def test_colours_come_and_go_by_the_usual_variables(variable, coloured, monkeypatch):
    monkeypatch.setenv(variable, "1")
    with (console := out()).capture() as shown:
        console.print("[bold red]x[/]")
    assert ("\x1b[1;31m" in shown.get()) is coloured
