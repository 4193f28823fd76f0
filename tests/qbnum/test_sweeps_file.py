"""Sweeps into files: what is read back, and what becomes of an interrupted one."""

import csv
import errno
import os
import signal
import subprocess
import sys
import textwrap
import time

import numpy as np
import pytest
import xarray as xr

import qbnum
from qbnum.sweeps import open_result, partial_path, sweep, sweep_to_file
from qbnum.sweeps.partial import take_room
from tests.qbnum.test_sweeps_run import assert_identical

BASE = qbnum.Junction.symmetric(level=0.4)
AXES = {"level": np.linspace(-0.5, 2.4, 10), "bias": np.linspace(0, 1, 6)}
NAMES = ("energy", "exergy", "charge_current")


@pytest.fixture(scope="module")
def expected():
    return sweep(BASE, AXES, observables=NAMES, on_error="mask")


def plain(attributes):
    """Return attributes as Python numbers, lists and texts, whatever the format made of them."""
    return {
        key: value.tolist() if isinstance(value, (np.ndarray, np.generic)) else value
        for key, value in attributes.items()
        if key != "created"
    }


def write(path, **settings):
    return sweep_to_file(BASE, path, AXES, **({"observables": NAMES} | settings))


def interrupted(path, points, **settings):
    """Begin a sweep into a file and interrupt it when so many points are done."""

    def progress(done, total):
        if done >= points:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(path, progress=progress, block=7, **settings)


@pytest.mark.parametrize("suffix", ["nc", "zarr"])
def test_a_file_gives_back_values_units_and_attributes(tmp_path, expected, suffix):
    if suffix == "zarr":
        pytest.importorskip("zarr")
    path = write(tmp_path / f"map.{suffix}", block=7)
    with open_result(path) as found:
        assert_identical(found.load(), expected)
        assert plain(found.attrs) == plain(expected.attrs)
        for name in expected.variables:
            assert plain(found[name].attrs) == plain(expected[name].attrs)
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_xarray_s_own_methods_write_every_sweep(tmp_path, expected):
    expected.to_netcdf(tmp_path / "eager.nc", engine="h5netcdf")
    with xr.open_dataset(tmp_path / "eager.nc", engine="h5netcdf") as found:
        assert_identical(found.load(), expected)
    pytest.importorskip("dask")
    pytest.importorskip("zarr")
    lazy = sweep(BASE, AXES, observables=NAMES, on_error="mask", chunks=4)
    lazy.to_zarr(tmp_path / "lazy.zarr", consolidated=False)
    with open_result(tmp_path / "lazy.zarr") as found:
        assert_identical(found.load(), expected)


def test_a_csv_file_has_a_line_a_point_and_the_same_doubles(tmp_path, expected):
    path = write(tmp_path / "map.csv")
    with path.open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert len(lines) == 60
    for name in ("level", "bias", "exergy", "exergy_error", "status"):
        column = expected[name].broadcast_like(expected.status).transpose("level", "bias")
        found = np.array([float(line[name]) for line in lines]).reshape(10, 6)
        np.testing.assert_array_equal(found, column.values)


@pytest.mark.parametrize("settings", [{}, {"executor": "threads", "workers": 2}])
def test_an_interrupted_sweep_goes_on_and_ends_the_same(tmp_path, expected, settings):
    path = tmp_path / "map.nc"
    interrupted(path, 21, **settings)
    assert not path.exists()
    calls = []
    write(path, progress=lambda *counts: calls.append(counts), **settings)
    assert calls[0] == (21, 60)
    assert calls[-1] == (60, 60)
    with open_result(path) as found:
        assert_identical(found.load(), expected)
    assert not partial_path(path).exists()


def test_a_finished_sweep_is_not_computed_again(tmp_path):
    path = write(tmp_path / "map.nc")
    before = path.stat().st_mtime_ns
    seen = []
    write(path, progress=lambda *counts: seen.append(counts), then=lambda d: seen.append(d.sizes))
    assert seen == [{"level": 10, "bias": 6}]
    assert path.stat().st_mtime_ns == before


OTHER = {
    "an axis": ({"axes": AXES | {"bias": np.linspace(0, 2, 6)}}, "axes bias: 0.0 to 1.0"),
    "the junction": (
        {"junction": qbnum.Junction.symmetric(level=0.4, coupling=0.2)},
        "coupling: 0.12",
    ),
    "the observables": ({"observables": "energy"}, "observables"),
    "bound states": ({"bound_states": "exclude"}, 'bound_states: "mask", now "exclude"'),
    "the two-state reference": ({"two_state_reference": "level"}, "two_state_reference"),
}


@pytest.mark.parametrize(("change", "message"), OTHER.values(), ids=OTHER)
def test_other_settings_do_not_go_on_with_what_was_begun(tmp_path, change, message):
    path = tmp_path / "map.nc"
    interrupted(path, 14)
    before = (partial_path(path) / "values.bin").read_bytes()
    given = {"junction": BASE, "axes": AXES, "observables": NAMES} | change
    with pytest.raises(qbnum.ParameterError, match=f"begun with other settings.*{message}"):
        sweep_to_file(given.pop("junction"), path, **given)
    assert (partial_path(path) / "values.bin").read_bytes() == before


def test_a_finished_file_is_replaced_only_if_asked(tmp_path):
    path = write(tmp_path / "map.nc")
    with pytest.raises(qbnum.ParameterError, match=r"another sweep.*overwrite"):
        write(path, observables="energy")
    write(path, observables="energy", overwrite=True)
    with open_result(path) as found:
        assert "exergy" not in found


def test_a_foreign_file_is_left_alone(tmp_path):
    for name in ("notes.nc", "notes.csv"):
        (tmp_path / name).write_text("mine")
        with pytest.raises(qbnum.ParameterError, match=r"exists.*overwrite"):
            write(tmp_path / name)
        assert (tmp_path / name).read_text() == "mine"


@pytest.mark.parametrize(
    ("name", "message"), [("map.txt", r"\.nc, \.zarr, \.csv"), ("no/such/map.nc", "directory")]
)
def test_a_file_that_cannot_be_is_refused_at_once(tmp_path, name, message):
    with pytest.raises(qbnum.ParameterError, match=message):
        write(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "posix_fallocate"), reason="the system cannot tell")
@pytest.mark.parametrize("refusal", [None, errno.EINVAL, errno.EOPNOTSUPP, errno.ENOSPC])
def test_room_for_the_values_is_taken_before_they_are_computed(tmp_path, monkeypatch, refusal):
    asked = []

    def allocate(file, start, size):
        asked.append((start, size))
        if refusal is not None:
            raise OSError(refusal, os.strerror(refusal))

    monkeypatch.setattr(os, "posix_fallocate", allocate)
    with (tmp_path / "values").open("wb") as file:
        if refusal == errno.ENOSPC:
            with pytest.raises(OSError, match="No space"):
                take_room(file, 2**20)
        else:
            take_room(file, 2**20)
    assert asked == [(0, 2**20)]
    # Where the file system cannot tell either, the file is that long at least.
    long = refusal in (errno.EINVAL, errno.EOPNOTSUPP)
    assert (tmp_path / "values").stat().st_size == (2**20 if long else 0)


def test_an_error_after_the_values_leaves_the_finished_file(tmp_path):
    path = tmp_path / "map.nc"
    with pytest.raises(ZeroDivisionError):
        write(path, then=lambda dataset: 1 / 0)
    assert path.exists()
    assert not partial_path(path).exists()


SCRIPT = """
import sys, time
import numpy as np, qbnum
from qbnum.sweeps import sweep_to_file

if __name__ == "__main__":
    axes = {"level": np.linspace(-0.5, 2.4, 10), "bias": np.linspace(0, 1, 6)}
    names = ("energy", "exergy", "charge_current")

    def slowly(done, total):
        print(done, flush=True)
        time.sleep(0.1)

    base = qbnum.Junction.symmetric(level=0.4)
    sweep_to_file(base, sys.argv[1], axes, observables=names, block=4, workers=2,
                  progress=slowly)
"""


@pytest.mark.skipif(not os.path.isdir("/proc"), reason="looks for processes in /proc")
def test_a_killed_sweep_has_its_file_alone_then_goes_on_and_ends_the_same(tmp_path, expected):
    path = tmp_path / "map.nc"
    script = tmp_path / "script.py"
    script.write_text(textwrap.dedent(SCRIPT))
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, script, path], stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        next(line for line in process.stdout if int(line) >= 12)
        with pytest.raises(qbnum.ParameterError, match="another process"):
            write(path)
        workers = _children(process.pid)
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    assert not path.exists()

    assert workers
    deadline = time.monotonic() + 20
    while any(_alive(pid) for pid in workers):
        assert time.monotonic() < deadline, f"the workers {workers} outlive their parent"
        time.sleep(0.02)

    calls = []
    write(path, progress=lambda *counts: calls.append(counts))
    assert 12 <= calls[0][0] < 60
    assert calls[0][0] % 4 == 0
    with open_result(path) as found:
        assert_identical(found.load(), expected)


def _children(parent):
    """Return the ids of a process' children, by /proc."""
    found = []
    for entry in filter(str.isdecimal, os.listdir("/proc")):
        try:
            with open(f"/proc/{entry}/stat") as file:
                fields = file.read().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent:
            found.append(int(entry))
    return found


def _alive(pid):
    """Say whether a process runs; one that waits for its parent to take note does not."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
