"""Worker processes that die, and what is said of it."""

import os
import signal
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest

import qbnum
from qbnum.sweeps import sweep_to_file
from qbnum.sweeps.recipe import Recipe
from tests.faults.work import die, double, fail, perform
from tests.validation.processes import qbval_here
from validation import runner
from validation.cases import corner_cases
from validation.checks import Verdict
from validation.commands.console import WORKER_DIED
from validation.pool import WorkerDiedError, finished
from validation.runner import execute, plan


def calls_with(number, times, directory):
    calls = {k: partial(double, k) for k in range(6)}
    calls[number] = partial(die, number, times, directory)
    return calls


@pytest.mark.parametrize("number", [0, 5])
def test_a_worker_that_dies_once_is_made_good(tmp_path, number):
    found = dict(finished(calls_with(number, 1, tmp_path), 2))
    assert found == {k: 2 * k for k in range(6)}


def test_what_kills_its_worker_twice_is_named(tmp_path):
    with pytest.raises(WorkerDiedError, match=r"died twice at 3 \(out of memory\?\)"):
        dict(finished(calls_with(3, 2, tmp_path), 2))


def test_or_is_given_a_result_and_all_others_theirs(tmp_path):
    found = dict(finished(calls_with(3, 99, tmp_path), 2, lambda key: f"{key} is lost"))
    assert found == {k: 2 * k for k in range(6)} | {3: "3 is lost"}


@pytest.mark.parametrize("workers", [1, 2])
def test_an_error_of_a_call_comes_through(workers):
    with pytest.raises(ZeroDivisionError, match="as it is"):
        dict(finished({"a": fail, "b": partial(time.sleep, 600)}, workers))


@pytest.mark.slow
def test_a_task_that_kills_its_worker_is_a_crash_of_its_checks_and_is_not_kept(
    tmp_path, monkeypatch
):
    from validation.parts import keeping_parts

    cases = [case for case in corner_cases() if case.slug in ("cold-1e-5", "weak-1e-6")]
    tasks = plan(cases, ["sum-rule", "bounds"])
    monkeypatch.setattr(runner, "perform", perform)
    with keeping_parts(tmp_path / "x.parts") as parts:
        rows = execute(tasks, 2, parts=parts)
        assert len(parts) == 1
    crashed = [row for row in rows if row.verdict is Verdict.CRASHED]
    assert {(row.case, row.check) for row in crashed} == {
        ("weak-1e-6", "sum-rule"), ("weak-1e-6", "bounds")
    }  # fmt: skip
    assert "worker process died" in crashed[0].value


class Deadly(Recipe):
    """Dies at one block, as long as a file is there."""

    def compute(self, columns, size):
        if columns["level"][0] > 0.5 and Path(os.environ["QBVAL_TEST_DEADLY"]).exists():
            os.kill(os.getpid(), signal.SIGKILL)
        return super().compute(columns, size)


@pytest.mark.slow
def test_a_sweep_whose_worker_dies_keeps_its_blocks_and_goes_on(tmp_path, monkeypatch):
    deadly = tmp_path / "deadly"
    deadly.touch()
    monkeypatch.setenv("QBVAL_TEST_DEADLY", str(deadly))
    from qbnum.sweeps import recipe

    monkeypatch.setattr(recipe, "Recipe", Deadly)
    junction = qbnum.Junction.symmetric(level=0.4)
    axes = {"level": np.linspace(0, 1, 40), "bias": np.linspace(0, 1, 3)}
    settings = {"observables": "exergy", "block": 10, "workers": 2}
    with pytest.raises(qbnum.WorkerDiedError, match=r"died .* of 120 points"):
        sweep_to_file(junction, tmp_path / "map.nc", axes, **settings)
    deadly.unlink()
    counts = []
    sweep_to_file(
        junction, tmp_path / "map.nc", axes, progress=lambda *c: counts.append(c), **settings
    )
    assert 0 < counts[0][0] < 70
    assert counts[-1] == (120, 120)


def test_a_command_whose_worker_dies_says_so_with_a_code_of_its_own(tmp_path, monkeypatch):
    from validation.reference_table import build

    def died(calls, workers):
        raise WorkerDiedError("A worker process died twice at cold-1e-5 (out of memory?)")

    monkeypatch.setattr(build, "finished", died)
    done = qbval_here("reference", "build", "--case", "cold-1e-5", "--output", tmp_path)
    assert done.returncode == WORKER_DIED == 3
    assert done.stderr.startswith("A worker process died twice at cold-1e-5 (out of memory?).")
    assert "the same command goes on" in done.stderr
