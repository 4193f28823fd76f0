"""``qbval run`` and ``qbval compare``: exit codes, files, the comparison with a record before."""

import dataclasses
import functools
import json
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import qbnum
from tests.validation.processes import let_interrupts_through, qbval_here
from tests.validation.records import record_of, row
from validation.cases import paper_cases
from validation.checks import Verdict
from validation.record import read_record, record_text, write_record
from validation.report import write_report

CASE = "paper-level0.4-bias0.5-gradient0"
ONE = ("run", "--case", CASE, "--workers", "1", "--random", "0", "--digits", "20")
ONLY = ("--only", "observables")
PAPER_CASE = next(case for case in paper_cases() if case.slug == CASE)


@pytest.fixture(scope="module")
def record(tmp_path_factory):
    """Return the file of a record of one check at one case."""
    directory = tmp_path_factory.mktemp("run")
    done = qbval_here(*ONE, *ONLY, "--output", "record.json", cwd=directory)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Agreed: 17 comparisons at 1 junction, 0 refused" in done.stdout
    assert done.stdout.rstrip().endswith("Record: record.json")
    return directory / "record.json"


def _wrong_by(monkeypatch, factor):
    """Make qbnum's exergy wrong by a factor."""
    right = qbnum.steady_state

    def wrong(junction, **options):
        state = right(junction, **options)
        values = dict(state._values)
        values["exergy"] *= factor
        return dataclasses.replace(state, _values=values)

    monkeypatch.setattr(qbnum, "steady_state", wrong)


def test_a_wrong_number_makes_the_run_disagree(tmp_path, monkeypatch):
    _wrong_by(monkeypatch, 1 + 1e-9)
    done = qbval_here(*ONE, *ONLY, "--only", "honesty", cwd=tmp_path)
    assert done.returncode == 1
    assert "DISAGREED" in done.stdout
    assert f"disagreed observables, {CASE}, exergy" in done.stdout
    assert f"disagreed honesty, {CASE}, exergy" in done.stdout
    assert PAPER_CASE.command() in done.stdout
    found = read_record(tmp_path / "qbval-record.json")
    assert [check["disagreed"] for check in found["checks"]] == [1, 1]


def test_two_runs_write_the_same_record_but_for_the_run_itself(tmp_path):
    found = []
    for workers in ("1", "2"):
        done = qbval_here(
            "run", "--case", CASE, "--case", "cold-1e-5", "--only", "sum-rule", "--only", "bounds",
            "--workers", workers, "--output", f"{workers}.json", cwd=tmp_path,
        )  # fmt: skip
        assert done.returncode == 0
        found.append(read_record(tmp_path / f"{workers}.json"))
    assert [record.pop("run")["workers"] for record in found] == [1, 2]
    assert found[0] == found[1]


def test_only_junctions_where_something_was_checked_are_counted(tmp_path):
    done = qbval_here("run", "--only", "erratum", "--workers", "1", cwd=tmp_path)
    assert done.returncode == 0
    assert "3 comparisons at 0 junctions" in done.stdout
    cases = read_record(tmp_path / "qbval-record.json")["cases"]
    assert cases == {"paper": 0, "corner": 0, "random": 0}


def test_json_is_the_record_and_nothing_else(tmp_path, record):
    done = qbval_here(*ONE, *ONLY, "--json", "--compare", record, cwd=tmp_path)
    assert done.returncode == 0
    found = read_record(tmp_path / "qbval-record.json")
    assert json.loads(done.stdout) == found
    assert "Nothing got worse" in done.stderr
    old = read_record(record)
    assert found.pop("run") | old.pop("run")
    assert found == old


def test_a_digit_lost_within_the_tolerance_agrees_and_is_worse(tmp_path, monkeypatch, record):
    """The comparison sees what the verdict does not."""
    _wrong_by(monkeypatch, 1 + 1e-13)
    new = tmp_path / "new.json"
    assert qbval_here(*ONE, *ONLY, "--output", new).returncode == 0
    done = qbval_here("compare", record, new, "--json")
    assert done.returncode == 1
    found = json.loads(done.stdout)
    assert found["got_worse"] is True
    (change,) = found["worse"]
    assert (change["case"], change["observable"], change["verdict"]) == (CASE, "exergy", "agreed")
    assert change["new"] == pytest.approx(1e-13, rel=0.02)
    assert (found["versions"], found["options"]) == ({}, {})
    # The command makes the comparison again, into a file of its own.
    program, *arguments = shlex.split(change["command"])
    assert program == "qbval"
    again = qbval_here(*arguments, "--compare", new, cwd=tmp_path)
    assert again.returncode == 0
    assert f"observables, {CASE}, exergy" in again.stdout
    assert (tmp_path / "again.json").exists()


def test_a_run_compares_with_the_record_that_it_replaces(tmp_path, monkeypatch, record):
    kept = tmp_path / "record.json"
    kept.write_bytes(record.read_bytes())
    _wrong_by(monkeypatch, 1 + 1e-13)
    done = qbval_here(*ONE, *ONLY, "--output", kept, "--compare", kept)
    assert done.returncode == 1
    assert "Agreed: 17 comparisons" in done.stdout
    assert "Worse: 1" in done.stdout
    assert "WORSE: of 17 results in both records 1 are worse" in done.stdout
    assert qbval_here("compare", record, kept).returncode == 1
    better = qbval_here("compare", kept, record)
    assert better.returncode == 0
    assert "Better: 1" in better.stdout
    assert "qbval run" not in better.stdout


def test_a_record_without_anything_in_common_is_no_comparison(tmp_path, record):
    other = tmp_path / "other.json"
    write_record(record_of([row()]), other)
    done = qbval_here("compare", record, other)
    assert (done.returncode, done.stdout) == (2, "")
    assert "no comparison in common" in done.stderr
    done = qbval_here(*ONE, *ONLY, "--compare", other, cwd=tmp_path)
    assert done.returncode == 2
    assert f"--compare '{other}'" in done.stderr
    assert (tmp_path / "qbval-record.json").exists()


def test_long_lists_are_cut_and_say_so(tmp_path):
    names = [f"observable_{k}" for k in range(12)]
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    write_record(record_of([row(1e-15, observable=name) for name in names]), old)
    write_record(
        record_of([row(1e-13 * (k + 1), observable=name) for k, name in enumerate(names)]), new
    )
    done = qbval_here("compare", old, new)
    assert "Worse: 12" in done.stdout
    assert "and 2 more" in done.stdout
    # The worst are first, so the least bad are those left out.
    assert [name for name in names if f" {name} " not in done.stdout] == names[:2]
    assert all(f" {name} " in qbval_here("compare", old, new, "-v").stdout for name in names)


def test_text_of_a_record_is_shown_as_it_is(tmp_path):
    """Square brackets are markup to what draws the tables."""
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    hostile = "[bold]x[/nonsense]"
    write_record(record_of([row(1e-15, observable=hostile)]), old)
    changed = record_of([row(0.0, Verdict.CRASHED, hostile)])
    changed["versions"][hostile] = hostile
    write_record(changed, new)
    done = qbval_here("compare", old, new)
    assert done.returncode == 1
    assert f"Version {hostile}: None, now {hostile}" in done.stdout
    assert done.stdout.count(hostile) == 3


BAD = {
    "missing": (lambda path: None, "No such file"),
    "a directory": (lambda path: path.mkdir(), "Is a directory"),
    "no JSON": (lambda path: path.write_text("{"), "not JSON"),
    "a key missing": (
        lambda path: path.write_text(
            json.dumps({k: v for k, v in record_of([row()]).items() if k != "results"})
        ),
        "'results' is a required property",
    ),
}


@pytest.mark.parametrize(("make", "named"), BAD.values(), ids=BAD)
def test_a_bad_record_exits_2_before_anything_is_computed(tmp_path, record, make, named):
    bad = tmp_path / "bad.json"
    make(bad)
    for option, arguments in (
        ("OLD", ("compare", bad, record)),
        ("NEW", ("compare", record, bad)),
        ("--compare", ("run", "--compare", bad)),
    ):
        began = time.monotonic()
        done = qbval_here(*arguments, cwd=tmp_path)
        assert (done.returncode, done.stdout) == (2, "")
        assert f"Error: {option}: {bad}" in done.stderr
        assert named in done.stderr
        assert time.monotonic() - began < 10
    assert not (tmp_path / "qbval-record.json").exists()


def test_a_report_that_cannot_be_written_exits_2_before_the_run(tmp_path):
    (tmp_path / "file").write_text("")
    done = qbval_here("run", "--report", "file", cwd=tmp_path)
    assert done.returncode == 2
    assert "--report" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_record_that_cannot_be_written_still_shows_the_results(tmp_path, monkeypatch):
    def full(record, path):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("validation.commands.run.write_record", full)
    done = qbval_here(*ONE, *ONLY, cwd=tmp_path)
    assert done.returncode == 2
    assert "Agreed: 17 comparisons" in done.stdout
    assert "--output 'qbval-record.json' could not be written: No space left" in done.stderr


def test_an_interrupted_report_says_that_the_record_is_there(tmp_path, monkeypatch):
    def interrupted(record, directory, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr("validation.commands.run.write_report", interrupted)
    done = qbval_here(*ONE, *ONLY, "--report", "report", cwd=tmp_path)
    assert done.returncode == 130
    assert done.stderr == (
        "Interrupted: the record was written to qbval-record.json, the report was not.\n"
    )
    assert read_record(tmp_path / "qbval-record.json")["verdict"] == "agreed"


def test_a_run_writes_its_report(tmp_path, monkeypatch):
    quickly = functools.partial(write_report, paper=False, figures=False)
    monkeypatch.setattr("validation.commands.run.write_report", quickly)
    done = qbval_here(*ONE, *ONLY, "--report", "report", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.rstrip().endswith(f"Report: {Path('report/index.html')}")
    text = (tmp_path / "report" / "record.json").read_text()
    assert text == (tmp_path / "qbval-record.json").read_text()
    assert text == record_text(read_record(tmp_path / "qbval-record.json"))
    assert CASE in (tmp_path / "report" / "index.html").read_text()


def _start(script, tmp_path, **options):
    return subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        cwd=tmp_path, preexec_fn=let_interrupts_through, start_new_session=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}, **options,
    )  # fmt: skip


SLOW_CHECK = """
import sys, time
from pathlib import Path
from validation.checks import CHECKS, Check, Row, Verdict

def run(context):
    if Path("first").exists():
        Path("second").touch()
        time.sleep(600)
    Path("first").touch()
    yield Row("slow", context.case.slug, context.case.group, "x", Verdict.AGREED)

CHECKS["slow"] = Check("slow", "A claim.", "none", run, applies=lambda case: True)
sys.argv = "qbval run --only slow --case cold-1e-* --workers 1".split()
from validation.cli import main
main()
"""


def test_ctrl_c_says_how_far_the_run_was(tmp_path):
    begun = _start(SLOW_CHECK, tmp_path)
    _wait_for(begun, (tmp_path / "second").exists)
    begun.send_signal(signal.SIGINT)
    output, messages = begun.communicate(timeout=60)
    assert (begun.returncode, output) == (130, "")
    assert messages == (
        "Interrupted after 1 of 2 tasks, which are kept: the same command goes on.\n"
    )
    kept = "qbval-record.json.parts"
    assert {path.name for path in tmp_path.iterdir()} == {"first", "second", kept}


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc to see processes")
def test_ctrl_c_leaves_no_worker_over(tmp_path):
    script = (
        "import sys\n"
        "sys.argv = 'qbval run --quick --only observables --workers 2'.split()\n"
        "from validation.cli import main\n"
        "main()\n"
    )
    begun = _start(script, tmp_path)
    children = Path(f"/proc/{begun.pid}/task/{begun.pid}/children")
    # Two workers and what keeps track of them.
    _wait_for(begun, lambda: len(children.read_text().split()) >= 3)
    os.killpg(begun.pid, signal.SIGINT)
    output, messages = begun.communicate(timeout=60)
    assert (begun.returncode, output) == (130, "")
    assert messages.startswith("Interrupted after ")
    assert messages.endswith(" of 38 tasks, which are kept: the same command goes on.\n")
    assert not (tmp_path / "qbval-record.json").exists()
    deadline = time.monotonic() + 30
    while _group_exists(begun.pid):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def _wait_for(process, holds):
    deadline = time.monotonic() + 120
    while not holds():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _group_exists(number):
    try:
        os.killpg(number, 0)
    except ProcessLookupError:
        return False
    return True
