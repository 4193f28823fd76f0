"""``qbval sweep``: files, tables, pictures, interruptions, bad input."""

import csv
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import xarray as xr
from typer.testing import CliRunner

import qbnum
from qbnum.sweeps import open_result
from tests.validation.processes import let_interrupts_through
from validation.cli import app

ENVIRONMENT = {k: v for k, v in os.environ.items() if k not in ("FORCE_COLOR", "COLUMNS")}
OPTIONS = {"text": True, "env": ENVIRONMENT | {"TERM": "dumb", "PYTHONPATH": ":".join(sys.path)}}
PNG = b"\x89PNG\r\n\x1a\n"


def command(*arguments):
    return [sys.executable, "-m", "validation", "sweep", *map(str, arguments)]


def process(*arguments, cwd):
    """Run ``qbval sweep`` as a process and return it when it has finished."""
    return subprocess.run(command(*arguments), capture_output=True, cwd=cwd, timeout=300, **OPTIONS)


@pytest.fixture
def qbval(tmp_path, monkeypatch):
    """Run ``qbval sweep`` in this process, which is quicker, and return its result."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TERM", "dumb")
    return lambda *arguments: CliRunner().invoke(app, ["sweep", *arguments])


def test_a_map_goes_to_a_file_a_table_and_a_picture(tmp_path):
    done = process(
        "--level", "-0.5:1.5:9", "--bias", "0:1:5", "--out", "map.nc", "--plot",
        "--observables", "exergy,charge-current", cwd=tmp_path,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["map.nc", "map.png"]
    assert (tmp_path / "map.png").read_bytes().startswith(PNG)
    expected = qbnum.sweep(
        qbnum.Junction.symmetric(level=0.0), level=np.linspace(-0.5, 1.5, 9),
        bias=np.linspace(0, 1, 5), observables=("exergy", "charge_current"), on_error="mask",
    )  # fmt: skip
    with xr.open_dataset(tmp_path / "map.nc", engine="h5netcdf") as found:
        xr.testing.assert_equal(found.load(), expected)
    row = next(line.split() for line in done.stdout.splitlines() if "exergy" in line)
    assert float(row[5]) == pytest.approx(float(expected.exergy.max()), rel=1e-5)
    assert row[6:8] == ["1,", "1"]
    assert "45 points" in done.stdout
    assert "points/s" in done.stdout


def test_a_line_is_drawn_without_a_file_of_values(tmp_path, qbval):
    done = qbval("--level", "-3:3:13", "--picture", "line.svg")
    assert (done.exit_code, done.stderr) == (0, "")
    drawn = (tmp_path / "line.svg").read_text()
    assert drawn.startswith("<?xml")
    assert [path.name for path in tmp_path.iterdir()] == ["line.svg"]
    assert "with an unoccupied bound state" in done.stdout


def read(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_lists_ratios_and_zipped_axes_become_the_points_they_say(tmp_path, qbval):
    done = qbval(
        "--level", "0.4", "--coupling", "log:1e-3:1e-1:3", "--left-mu", "0.1,0.2",
        "--right-mu", "0.3:0.4:2", "--zip", "left-mu,right-mu", "-o", "x.csv"
    )  # fmt: skip
    assert (done.exit_code, done.stderr) == (0, "")
    points = [
        tuple(float(line[name]) for name in ("coupling", "left_mu", "right_mu"))
        for line in read(tmp_path / "x.csv")
    ]
    couplings = np.geomspace(1e-3, 1e-1, 3)
    assert points == [(v, *mus) for v in couplings for mus in ((0.1, 0.3), (0.2, 0.4))]


def test_a_swept_equilibrium_takes_the_leads_with_it(tmp_path, qbval):
    done = qbval(
        "--level", "0.4", "--mu-eq", "0,0.2", "--temperature-eq", "0.1,0.3", "--bias", "0.5",
        "--temperature-gradient", "0.05", "-o", "x.csv"
    )  # fmt: skip
    assert (done.exit_code, done.stderr) == (0, "")
    lines = read(tmp_path / "x.csv")
    junction = qbnum.Junction.symmetric(
        level=0.4, mu_eq=0.2, temperature_eq=0.3, bias=0.5, temperature_gradient=0.05
    )
    state = qbnum.steady_state(junction)
    for name in qbnum.OBSERVABLES:
        assert float(lines[-1][name]) == getattr(state, name)


def test_a_lead_s_own_option_overrides_a_swept_one_of_both(tmp_path, qbval):
    done = qbval(
        "--level", "0.4", "--coupling", "0.1,0.3", "--right-coupling", "0x1p-3", "-o", "x.csv"
    )  # fmt: skip
    assert (done.exit_code, done.stderr) == (0, "")
    lead = [qbnum.Lead(0.0, 1.0, v, 0.1, 0.1) for v in (0.3, 0.125)]
    state = qbnum.steady_state(qbnum.Junction(0.4, *lead, 0.1, 0.1))
    assert float(read(tmp_path / "x.csv")[1]["entropy"]) == state.entropy


def test_bound_states_are_occupied_by_position(tmp_path, qbval):
    done = qbval("--level", "-2.6,2.6", "--bound-state", "below=0.9,above=0.2", "-o", "x.csv")
    assert (done.exit_code, done.stderr) == (0, "")
    for line, occupation in zip(read(tmp_path / "x.csv"), (0.9, 0.2), strict=True):
        junction = qbnum.Junction.symmetric(level=float(line["level"]))
        state = qbnum.steady_state(junction, bound_states=occupation)
        assert float(line["particle_number"]) == state.particle_number


HUGE = [
    "--level", "0.4,1e200", "--coupling", "0.12,1e199", "--hopping", "1,1e200",
    "--bias", "0.5,1e200", "--mu-eq", "0.1,1e199", "--temperature-eq", "0.1,1e199",
    "--zip", "level,coupling,hopping,bias,mu-eq,temperature-eq",
]  # fmt: skip


def test_points_that_are_not_resolved_are_masked_counted_and_exit_1(tmp_path, qbval):
    done = qbval(*HUGE)
    assert (done.exit_code, done.stderr) == (1, "")
    assert "1 not resolved" in done.stdout
    done = qbval(*HUGE, "--on-error", "raise")
    assert done.exit_code == 1
    assert "qbnum refuses" in done.stderr
    assert "Traceback" not in done.stderr


LONG = ("--level", "-0.5:1.5:80", "--bias", "0:1:400", "--out", "map.nc", "--block", "40")
SHORT = ("--observables", "exergy")


def begin(tmp_path, *arguments):
    return subprocess.Popen(
        command(*LONG, *SHORT, *arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        cwd=tmp_path, preexec_fn=let_interrupts_through, start_new_session=True, **OPTIONS,
    )  # fmt: skip


def wait_for_blocks(directory, count):
    """Wait until so many blocks are done; return how many are."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if (directory / "settings.json").exists():
            done = np.count_nonzero(np.fromfile(directory / "marks.bin", np.uint64))
            if done >= count:
                return done
        time.sleep(0.01)
    raise AssertionError("no blocks were done within a minute")


@pytest.mark.parametrize("processes", ["1", "2"])
def test_ctrl_c_says_how_to_go_on(tmp_path, qbval, processes):
    begun = begin(tmp_path, "--processes", processes)
    wait_for_blocks(tmp_path / "map.nc.partial", 3)
    os.killpg(begun.pid, signal.SIGINT)
    output, messages = begun.communicate(timeout=60)
    assert (begun.returncode, output) == (130, "")
    assert "points are kept in map.nc.partial; the same command goes on" in messages
    assert "Traceback" not in messages
    kept = int(messages.split("Interrupted: ")[1].split()[0])
    marks = np.fromfile(tmp_path / "map.nc.partial" / "marks.bin", np.uint64)
    stored = 40 * np.count_nonzero(marks)
    assert kept in (stored, stored - 40)  # the last may be stored and not yet counted
    assert 0 < kept < 32000
    refused = qbval(*LONG, "--observables", "energy")
    assert refused.exit_code == 2
    assert "begun with other settings: observables" in refused.stderr


@pytest.mark.deep
def test_a_killed_command_goes_on_and_ends_with_the_same_file(tmp_path):
    begun = begin(tmp_path, "--processes", "2")
    wait_for_blocks(tmp_path / "map.nc.partial", 20)
    os.killpg(begun.pid, signal.SIGKILL)
    begun.communicate()
    done = process(*LONG, *SHORT, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert process(*LONG[:-4], "--out", "whole.nc", *SHORT, cwd=tmp_path).returncode == 0
    with open_result(tmp_path / "map.nc") as found, open_result(tmp_path / "whole.nc") as expected:
        xr.testing.assert_equal(found.load(), expected.load())


BAD = {
    "no level": (["--bias", "0:1:3"], ["--level"]),
    "no number": (["--level", "x"], ["--level", "'x'", "START:STOP:COUNT"]),
    "half a range": (["--level", "0:1"], ["'0:1'", "START:STOP:COUNT"]),
    "no count": (["--level", "0:1:1.5"], ["'1.5'", "from 2 to"]),
    "a logarithm of zero": (["--level", "log:0:1:3"], ["not 0"]),
    "not finite": (["--level", "0,inf"], ["'inf'"]),
    "outside the domain": (["--level", "0.4", "--coupling", "0.1,-1"], ["coupling", ">= 0"]),
    "a cold lead": (
        ["--level", "0.4", "--temperature-gradient", "-0.2:0:3"],
        ["temperature_gradient", "must be > 0"],
    ),
    "twice": (["--level", "0.4", "--bias", "0.1", "--left-mu", "0,1"], ["--bias and --left-mu"]),
    "zip of one": (["--level", "0,1", "--zip", "level"], ["--zip", "two or more"]),
    "zip of a number": (["--level", "0,1", "--zip", "level,bias"], ["--bias"]),
    "zip of other lengths": (
        ["--level", "0,1", "--bias", "0,1,2", "--zip", "level,bias"],
        ["level has 2", "bias has 3"],
    ),
    "zip of nothing": (["--level", "0,1", "--zip", "level,foo"], ["'foo'", "left-mu"]),
    "unknown observable": (["--level", "0,1", "--observables", "exergie"], ["'exergie'", "exergy"]),
    "unknown format": (["--level", "0,1", "--out", "x.txt"], [".nc, .zarr, .csv"]),
    "no such directory": (["--level", "0,1", "--out", "no/x.nc"], ["no/x.nc"]),
    "picture of a number": (["--level", "0.4", "--plot"], ["one or two axes", "0"]),
    "picture of no format": (["--level", "0,1", "--picture", "x.jpg"], [".png, .svg, .pdf"]),
    "bound state": (["--level", "0,3", "--bound-state", "error"], ["--bound-state", "exclude"]),
    "bound state's place": (["--level", "3", "--bound-state", "up=1"], ["'up'", "above"]),
    "occupation": (["--level", "3", "--bound-state", "2"], ["--bound-state", "0 to 1"]),
    "policy": (["--level", "3", "--on-error", "stop"], ["'stop'", "mask or raise"]),
}


@pytest.mark.parametrize(("arguments", "named"), BAD.values(), ids=BAD)
def test_bad_input_exits_2_with_a_clear_sentence(arguments, named, tmp_path, qbval):
    done = qbval(*arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
    for word in named:
        assert word in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_help_teaches_by_examples(tmp_path, qbval):
    done = qbval("--help")
    assert done.exit_code == 0
    for word in ("--level -0.5:1.5:201", "log:1e-4:1:81", "--zip level,bias", "Exit codes"):
        assert word in done.stdout
