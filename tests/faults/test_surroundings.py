"""Commands in strange surroundings: closed streams, no home, other locales, ten columns."""

import os
import subprocess
import sys

import pytest

from tests.faults.disks import frozen  # noqa: F401

LINES = {
    "evaluate": "evaluate --level 0.4 --digits 15",
    "sweep": "sweep --level 0:1:5 --observables exergy --picture map.png --out map.nc",
    "run": "run --only erratum --workers 1 -o record.json",
}

SURROUNDINGS = {
    "poor": {
        "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0", "COLUMNS": "10", "LINES": "2",
        "NO_COLOR": "1", "TERM": "dumb", "TMPDIR": "/nowhere", "PYTHONOPTIMIZE": "2",
        "PYTHONHASHSEED": "12345",
    },
    "rich": {
        "LC_ALL": "de_DE.UTF-8", "FORCE_COLOR": "1", "PYTHONWARNINGS": "default",
        "TZ": "Pacific/Apia", "COLUMNS": "500",
    },
}  # fmt: skip


def run(line, directory, environment, redirect=""):
    """Run a command through a shell, which can close its streams."""
    return subprocess.run(
        ["sh", "-c", f'exec "$@" {redirect}', "sh", sys.executable, "-m", "validation",
         *line.split()],
        cwd=directory, capture_output=True, text=True, errors="replace", check=False,
        env=environment,
    )  # fmt: skip


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(SURROUNDINGS["poor"], marks=pytest.mark.deep),
        pytest.param(SURROUNDINGS["rich"], marks=pytest.mark.deep),
    ],
    ids=SURROUNDINGS,
)
def test_the_numbers_are_the_same_in_any_surroundings(given, importing, tmp_path):
    wide = {"COLUMNS": "200", "NO_COLOR": "1"}
    plain = run(LINES["evaluate"] + " --json", tmp_path, importing | wide)
    done = run(LINES["evaluate"] + " --json", tmp_path, importing | given)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == plain.stdout
    for line in ("evaluate", "sweep"):
        done = run(LINES[line], tmp_path, importing | given)
        assert done.returncode == 0
        # Where colour is forced, progress is shown as in a terminal.
        assert done.stderr == "" or "FORCE_COLOR" in given
        assert "Warning" not in done.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"map.nc", "map.png"}


@pytest.mark.slow
@pytest.mark.parametrize(("line", "redirect"), [("sweep", "<&- >&-"), ("run", "<&- >&- 2>&-")])
def test_closed_streams_do_not_reach_any_file(line, redirect, importing, tmp_path):
    """A file that is opened next would get the number of a closed stream."""
    done = run(LINES[line], tmp_path, importing, redirect)
    assert (done.returncode, done.stderr) == (0, "")
    for path in tmp_path.iterdir():
        assert path.read_bytes()[:8] in (b"\x89HDF\r\n\x1a\n", b"\x89PNG\r\n\x1a\n", b'{\n "sche')


@pytest.mark.parametrize(
    "home",
    [
        pytest.param(None, marks=pytest.mark.deep),
        pytest.param("read-only", marks=pytest.mark.slow),
    ],
)
def test_without_a_home_the_caches_do_without(home, frozen, importing, tmp_path):  # noqa: F811
    """Matplotlib's and Numba's, beside the code or at home, and neither can be written."""
    work, place = tmp_path / "work", tmp_path / "home"
    work.mkdir()
    place.mkdir()
    environment = {k: v for k, v in importing.items() if not k.startswith(("HOME", "XDG", "MPL"))}
    if home is not None:
        frozen(place)
        environment["HOME"] = str(place)
    done = run(LINES["sweep"], work, environment)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert {path.name for path in work.iterdir()} == {"map.nc", "map.png"}
    script = (
        "import qbnum; j = qbnum.Junction.symmetric(level=0.4, bias=0.5);"
        "print(float(qbnum.steady_state(j, engine='compiled').exergy))"
    )
    pytest.importorskip("numba")
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd=work,
        env=environment | {"NUMBA_CACHE_DIR": str(place)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) > 0


def test_no_code_relies_on_a_directory_that_is_gone(importing, tmp_path):
    gone = tmp_path / "gone"
    gone.mkdir()
    done = subprocess.run(
        ["sh", "-c", 'cd "$1"; rmdir "$1"; shift; exec "$@"', "sh", str(gone), sys.executable, "-P",
         "-m", "validation", "reference", "show", "cold-1e-8"],
        capture_output=True, text=True, check=False, env=importing,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert os.path.exists(tmp_path)
