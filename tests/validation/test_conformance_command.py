"""The command of the conformance kit as a process: what it writes, how it fails, its exit codes."""

import io
import json
import math
import os
import signal
import subprocess
import sys
import time

import pytest

from tests.validation.processes import let_interrupts_through, qbval_here
from validation.cli_conformance import app
from validation.exact import PARAMETERS
from validation.reference_table import load_table
from validation.references import OBSERVABLES

TABLE = load_table()
FULL, EQUILIBRIUM, BOUND = CASES = tuple(
    next(case for case in TABLE.cases if case.regime == regime)
    for regime in ("full", "equilibrium", "bound-state")
)


def rounded(case):
    """Return the right values as the doubles next to them."""
    return {name: float(value.value) for name, value in case.values.items()}


def lines(cases=CASES, **extra):
    """Return a results file of right answers; ``extra`` values replace the right ones."""
    return "".join(
        json.dumps({"id": case.slug, "values": rounded(case) | extra}) + "\n" for case in cases
    )


ENVIRONMENT = {k: v for k, v in os.environ.items() if k not in ("FORCE_COLOR", "COLUMNS")}


def conformance(*arguments, cwd, stdin=None):
    """Run the command in this process, and return what became of it."""
    return qbval_here("conformance", *arguments, cwd=cwd, stdin=stdin)


def conformance_process(*arguments, cwd, stdin=None):
    """Run the command and return the finished process."""
    script = "from validation.cli_conformance import app; app(prog_name='qbval conformance')"
    return subprocess.run(
        [sys.executable, "-c", script, *arguments],
        capture_output=True, text=True, cwd=cwd, timeout=300, input=stdin,
        env=ENVIRONMENT | {"TERM": "dumb", "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip


PICKED = [word for case in CASES for word in ("--case", case.slug)]


@pytest.mark.parametrize("command", ["export", "check", "example"])
def test_help_shows_examples(command, tmp_path):
    done = conformance(command, "--help", cwd=tmp_path)
    assert done.returncode == 0
    assert f"qbval conformance {command}" in done.stdout
    assert "Exit codes" in done.stdout


def test_export_writes_the_chosen_cases_to_stdout_or_a_file(tmp_path):
    piped = conformance_process("export", *PICKED, cwd=tmp_path)
    assert (piped.returncode, piped.stderr) == (0, "")
    found = [json.loads(line)["id"] for line in piped.stdout.splitlines()]
    assert found == [case.slug for case in TABLE.cases if case in CASES]
    written = conformance("export", *PICKED, "-o", "cases.jsonl", cwd=tmp_path)
    assert (written.returncode, written.stdout) == (0, "")
    assert (tmp_path / "cases.jsonl").read_text() == piped.stdout


def test_export_lists_the_regimes_of_the_table(tmp_path):
    done = conformance("export", "--list-regimes", cwd=tmp_path)
    counted = {
        row.split()[0]: row.split()[1] for row in done.stdout.splitlines()[3:] if row.split()
    }
    assert sum(map(int, counted.values())) == len(TABLE.cases)
    assert set(counted) == {case.regime for case in TABLE.cases}


def test_right_answers_conform_in_every_form_of_the_report(tmp_path):
    (tmp_path / "results.jsonl").write_text(lines())
    done = conformance(
        "check", "results.jsonl", *PICKED, "--min-median", "15", "--digits-lost", "1",
        "--json", "r.json", "--markdown", "r.md", "--picture", "r.svg", cwd=tmp_path,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert "Conforms" in done.stdout
    assert all(name in done.stdout for name in OBSERVABLES)
    data = json.loads((tmp_path / "r.json").read_text())
    assert data["conforms"]
    assert data["mistakes"] == []
    assert data["total"]["outcomes"]["number"] == len(CASES) * len(OBSERVABLES)
    assert set(data["regimes"]) == {"full", "equilibrium", "bound-state"}
    worst = data["observables"]["exergy"]["worst"]["case"]
    assert set(data["inputs"][worst]) == {*PARAMETERS, "bound_state_occupations"}
    page = (tmp_path / "r.md").read_text()
    assert "**Conforms**" in page
    assert page.count("\n| ") == 2 * 2 + len(OBSERVABLES) + 3
    assert (tmp_path / "r.svg").read_text().lstrip().startswith("<?xml")


def test_wrong_answers_do_not_conform_and_the_worst_comes_with_its_inputs(tmp_path):
    text = lines((FULL, EQUILIBRIUM)) + lines((BOUND,), entropy=0.01, energy=None, energie=1)
    done = conformance(
        "check", "-", *PICKED, "--json", "r.json", "--picture", "r.png", cwd=tmp_path, stdin=text
    )
    assert done.returncode == 1
    assert "DOES NOT CONFORM" in done.stdout
    assert f"entropy of {BOUND.slug}" in done.stdout
    assert f"level {BOUND.inputs['level']}" in done.stdout
    assert "did you mean energy?" in done.stdout
    data = json.loads((tmp_path / "r.json").read_text())
    assert not data["conforms"]
    assert data["total"]["outcomes"]["not a number"] == 1
    assert (tmp_path / "r.png").read_bytes().startswith(b"\x89PNG")


def test_only_the_named_observables_are_asked_for(tmp_path):
    text = json.dumps({"id": FULL.slug, "values": {"energy": rounded(FULL)["energy"]}})
    alone = ("check", "-", "--case", FULL.slug)
    assert conformance(*alone, cwd=tmp_path, stdin=text).returncode == 1
    done = conformance(*alone, "--observable", "energy", cwd=tmp_path, stdin=text)
    assert done.returncode == 0
    assert "1 of 1 values" in done.stdout


def test_a_program_is_driven_and_its_failures_shown(tmp_path):
    answers = {case.slug: rounded(case) for case in CASES}
    (tmp_path / "answers.json").write_text(json.dumps(answers))
    (tmp_path / "impl.py").write_text(
        "import json, sys\n"
        "answers = json.load(open('answers.json'))\n"
        "for line in sys.stdin:\n"
        "    case = json.loads(line)['id']\n"
        f"    if case == {BOUND.slug!r}:\n"
        "        sys.exit('no bound states here')\n"
        "    print(json.dumps({'id': case, 'values': answers[case]}), flush=True)\n"
    )
    drive = ("check", "--exec", f"'{sys.executable}' -S impl.py")
    right = conformance(*drive, "--regime", "full", "--case", FULL.slug, cwd=tmp_path)
    assert (right.returncode, right.stderr) == (0, "")
    wrong = conformance(*drive, *PICKED, "--markdown", "r.md", cwd=tmp_path)
    assert wrong.returncode == 1
    for shown in (wrong.stdout, (tmp_path / "r.md").read_text()):
        assert "crash (1)" in shown
        assert f"{BOUND.slug}; exit code 1" in shown
        assert "stderr: no bound states here" in shown


def test_ctrl_c_ends_the_program_too_and_exits_130(tmp_path):
    (tmp_path / "impl.py").write_text(
        "import os, time\nopen('started', 'w').write(str(os.getpid()))\ntime.sleep(600)\n"
    )
    started = tmp_path / "started"
    script = "from validation.cli_conformance import app; app()"
    process = subprocess.Popen(
        [sys.executable, "-c", script, "check", "--exec", f"'{sys.executable}' -S impl.py"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path,
        env=ENVIRONMENT | {"PYTHONPATH": os.pathsep.join(sys.path)},
        preexec_fn=let_interrupts_through,
    )  # fmt: skip
    while process.poll() is None and not (started.exists() and started.read_text()):
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    output, message = process.communicate(timeout=60)
    assert (process.returncode, output) == (130, "")
    assert "Interrupted" in message
    # Reaped by its parent, so that the number stands for nothing any more.
    with pytest.raises(ProcessLookupError):
        os.kill(int(started.read_text()), 0)


def test_a_well_known_mistake_is_named_at_the_top(tmp_path):
    driven = [c for c in TABLE.cases if c.regime in ("full", "empty", "resonant")]
    currents = [n for n in OBSERVABLES if "current" in n or n == "entropy_production"]
    text = "".join(
        lines((case,), **{name: 2 * math.pi * rounded(case)[name] for name in currents})
        for case in driven
    )
    picked = [word for case in driven for word in ("--case", case.slug)]
    done = conformance("check", "-", *picked, "--json", "r.json", cwd=tmp_path, stdin=text)
    assert done.returncode == 1
    assert done.stdout.index("Remedy") < done.stdout.index("Digits by observable")
    (finding,) = json.loads((tmp_path / "r.json").read_text())["mistakes"]
    assert set(finding["observables"]) == set(currents)


BAD = {
    "neither file nor program": (["check"], ["results file", "--exec"]),
    "both": (["check", "x", "--exec", "y"], ["either"]),
    "no such file": (["check", "none.jsonl"], ["none.jsonl", "No such file"]),
    "a directory": (["check", "."], ["directory"]),
    "no answer": (["check", "-"], ["no answer", "it is empty"]),
    "no such program": (["check", "--exec", "./none"], ["--exec", "./none"]),
    "unbalanced quote": (["check", "--exec", "'"], ["quotation"]),
    "no such observable": (["check", "-", "--observable", "x"], ["'x'", "exergy"]),
    "no such regime": (["check", "-", "--regime", "x"], ["'x'", "weak"]),
    "no such case": (["export", "--case", "x*"], ["'x*'"]),
    "timeout 0": (["check", "-", "--timeout", "0"], ["--timeout"]),
    "timeout nan": (["check", "-", "--timeout", "nan"], ["--timeout"]),
    "digits nan": (["check", "-", "--min-digits", "nan"], ["--min-digits"]),
    "picture format": (["check", "-", "--picture", "x.bmp"], ["x.bmp", ".svg"]),
    "json elsewhere": (["check", "-", "--json", "no/such/r.json"], ["--json", "no/such"]),
    "output": (["export", "-o", "no/such/c.jsonl"], ["--output"]),
    "table": (["export", "--table", "none.json"], ["none.json"]),
    "language": (["example", "fortran"], ["'fortran'", "javascript"]),
}


@pytest.fixture
def here(tmp_path, monkeypatch, capsys):
    """Run the command in this process, which is faster: exit code and stderr."""

    def run(*arguments, stdin=""):
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        with pytest.raises(SystemExit) as stopped:
            app(arguments, prog_name="qbval conformance")
        return stopped.value.code, capsys.readouterr().err

    return run


@pytest.mark.parametrize(("arguments", "named"), BAD.values(), ids=BAD)
def test_bad_input_exits_2_with_a_clear_sentence(arguments, named, here, tmp_path):
    code, message = here(*arguments)
    assert code == 2
    for word in named:
        assert word in message
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["noise\n", '{"id": "x", "values": {}}\n', "\x00\n"])
def test_a_file_without_a_single_answer_is_bad_input(text, here):
    code, message = here("check", "-", stdin=text)
    assert code == 2
    assert '{"id"' in message


def test_bad_input_of_a_process_shows_no_traceback(tmp_path):
    done = conformance("check", "none.jsonl", cwd=tmp_path)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_a_reader_that_stops_early_is_no_error(tmp_path):
    script = "from validation.cli import app; app(['conformance', 'export'])"
    done = subprocess.run(
        ["sh", "-c", '"$0" -c "$1" | head -n 1', sys.executable, script],
        capture_output=True, text=True, cwd=tmp_path, timeout=300,
        env=ENVIRONMENT | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert done.stderr == ""
    assert json.loads(done.stdout)["id"] == TABLE.cases[0].slug


@pytest.mark.slow
def test_examples_are_printed_and_never_overwrite(tmp_path):
    printed = conformance("example", "c", cwd=tmp_path)
    assert printed.returncode == 0
    assert "int main" in printed.stdout
    assert conformance("example", "c", "-o", ".", cwd=tmp_path).returncode == 0
    assert (tmp_path / "conformance.c").read_text() == printed.stdout
    again = conformance("example", "c", "-o", "conformance.c", cwd=tmp_path)
    assert again.returncode == 2
    assert "exists" in again.stderr
