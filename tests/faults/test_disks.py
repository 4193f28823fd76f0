"""Commands whose disk is full or cannot be written: one sentence, exit 2, and nothing half-made."""

import os
import subprocess
import sys

import numpy as np
import pytest

import qbnum
from qbnum.sweeps import open_result, partial_path, sweep, sweep_to_file
from tests.faults.disks import frozen, small_disk  # noqa: F401
from tests.slow import few_by_default
from tests.validation.processes import qbval, qbval_here

SWEEP = "sweep --level -0.5:1.5:11 --bias 0:1:3 --observables exergy --out map.nc"

WRITES = {
    "run": "run --only erratum --workers 1 --output record.json",
    "report": "run --only erratum --workers 1 --report .",
    "sweep": SWEEP,
    "sweep to csv": SWEEP.replace(".nc", ".csv"),
    "picture": SWEEP.replace("--out map.nc", "--picture map.png"),
    "reference build": "reference build --case both-decoupled --output .",
    "reference export": "reference export .",
    "conformance export": "conformance export --output cases.jsonl",
    "conformance example": "conformance example c --output .",
    "paper figures": "paper figures --only 4b --points 11 --output . --no-check",
    "optimize": "optimize --level 0:1 --points 9 --no-certify --picture map.png",
}


def files(directory):
    return [path for path in directory.rglob("*") if path.is_file()]


def filled(directory, left):
    """Fill a disk but for so many bytes; return the file that fills it."""
    ballast = directory / "ballast"
    free = os.statvfs(directory)
    ballast.write_bytes(b"x" * (free.f_bavail * free.f_frsize - left))
    return ballast


def ended_as_it_should(done):
    assert done.returncode == 2, (done.returncode, done.stderr)
    assert "Error: " in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", few_by_default(WRITES, 4))
def test_where_nothing_can_be_written_it_is_said_before_the_work(name, frozen, tmp_path):  # noqa: F811
    frozen(tmp_path)
    done = qbval_here(*WRITES[name].split(), cwd=tmp_path)
    ended_as_it_should(done)
    assert "ead-only" in done.stderr or "cannot be written" in done.stderr
    assert files(tmp_path) == []


@pytest.mark.parametrize("name", few_by_default(WRITES, 4))
def test_a_full_disk_is_an_error_that_leaves_no_half_file(name, small_disk):  # noqa: F811
    ballast = filled(small_disk, 0)
    done = qbval_here(*WRITES[name].split(), cwd=small_disk)
    ended_as_it_should(done)
    assert "No space left" in done.stderr or "cannot be written" in done.stderr
    assert [path for path in files(small_disk) if path.stat().st_size] == [ballast]


def test_a_sweep_that_would_not_fit_is_refused_before_it_begins(small_disk):  # noqa: F811
    """A hole in a file would be filled later, or end the process with a bus error."""
    junction = qbnum.Junction.symmetric(level=0.4)
    axes = {"level": np.linspace(0, 1, 200), "bias": np.linspace(0, 1, 200)}
    calls = []
    with pytest.raises(OSError, match="No space left"):
        sweep_to_file(junction, small_disk / "map.nc", axes, progress=lambda *c: calls.append(c))
    assert calls == []
    assert [path for path in files(small_disk) if path.stat().st_size] == []


def test_a_sweep_whose_file_does_not_fit_keeps_what_it_has_and_goes_on(small_disk):  # noqa: F811
    junction = qbnum.Junction.symmetric(level=0.4)
    axes = {"level": np.linspace(0, 1, 60), "bias": np.linspace(0, 1, 50)}
    path = small_disk / "map.nc"
    kept = 4 * 3000 * 8  # value, error, weight, status
    ballast = filled(small_disk, kept + 40_000)
    with pytest.raises(OSError, match="No space left"):
        sweep_to_file(junction, path, axes, observables="exergy")
    assert not path.exists()
    assert {p.name for p in small_disk.iterdir()} == {"ballast", "map.nc.partial"}
    ballast.unlink()
    counts = []
    sweep_to_file(junction, path, axes, observables="exergy", progress=lambda *c: counts.append(c))
    assert counts == [(3000, 3000)]
    with open_result(path) as found:
        np.testing.assert_array_equal(
            found.exergy, sweep(junction, axes, observables="exergy").exergy
        )
    assert not partial_path(path).exists()


@pytest.mark.slow
def test_a_record_that_does_not_fit_is_shown_and_its_tasks_are_kept(tmp_path):
    """A limit on the size of files does what a full disk does."""
    limited = ["sh", "-c", 'ulimit -f 4; exec "$@"', "sh", sys.executable, "-m", "validation"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [*limited, "run", "--only", "erratum", "--workers", "1", "--output", "record.json"],
        cwd=tmp_path, capture_output=True, text=True, check=False, env=environment,
    )  # fmt: skip
    assert done.returncode == 2, done.stderr
    assert "could not be written: File too large" in done.stderr
    assert "3 comparisons" in done.stdout
    assert {path.name for path in tmp_path.iterdir()} == {"record.json.parts"}
    again = qbval("run", "--only", "erratum", "--workers", "1", "--output", "record.json",
                  cwd=tmp_path)  # fmt: skip
    assert again.returncode == 0
    assert {path.name for path in tmp_path.iterdir()} == {"record.json"}


@pytest.mark.parametrize(
    "line", few_by_default(["--help", "reference show", "conformance export"], 3)
)
def test_output_into_a_full_device_is_an_error_without_a_traceback(line, tmp_path):
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "validation", *line.split()], stdout=full,
            stderr=subprocess.PIPE, text=True, cwd=tmp_path, check=False,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        )  # fmt: skip
    assert "Traceback" not in done.stderr
    assert done.returncode == 2
    assert "No space left" in done.stderr
