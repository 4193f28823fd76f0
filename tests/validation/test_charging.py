"""The charging in time, as a function and as ``qbval paper charging``."""

import csv
import json

import numpy as np
import pytest
import xarray as xr
from scipy.integrate import cumulative_simpson
from typer.testing import CliRunner

from qbnum import Junction, Lead
from validation.cli import app
from validation.errors import ParameterError, PrecisionNotReachedError
from validation.witness import VARIABLES, charging, half_time

UNEQUAL = Junction(0.3, Lead(0.1, 0.8, 0.4, 0.5, 0.2), Lead(-0.2, 1.1, 0.3, -0.1, 0.4), 0.1, 0.1)

QUICK = ("--level", "3.5", "--coupling", "0.4", "--bias", "0.5", "--temperature-eq", "0.5")
"""A bound state far from the band: the plateau is soon reached."""


@pytest.fixture(scope="module", params=[0.0, 1.0], ids=["from empty", "from full"])
def charged(request):
    return charging(UNEQUAL, request.param, np.linspace(0.0, 40.0, 801))


def test_it_begins_with_the_decoupled_state(charged):
    first = charged.isel(time=0)
    initial = charged.attrs["initial"]
    assert float(first.particle_number) == initial
    assert float(first.energy) == pytest.approx(UNEQUAL.level * initial, abs=1e-15)
    for side in ("left", "right"):
        assert abs(float(first[f"charge_current_{side}"])) < 1e-15
    d_eq = charged.attrs["equilibrium_particle_number"]
    assert float(first.two_state_entropy) == 0
    expected = -np.log(d_eq if initial else 1 - d_eq)
    assert float(first.two_state_exergy) == pytest.approx(expected, rel=1e-12)


def test_entropy_is_produced_on_the_whole_at_every_time(charged):
    """Delta S_2 + integral of the reservoirs' sigma is a relative entropy, hence never negative."""
    time = charged.time.values
    reservoirs = cumulative_simpson(charged.entropy_production.values, x=time, initial=0.0)
    produced = reservoirs + charged.two_state_entropy.values - float(charged.two_state_entropy[0])
    # Simpson's rule at steps of 0.05: some 1e-6.
    assert produced.min() > -1e-5
    assert produced[-1] > 1.0


def test_every_variable_has_a_unit_and_a_meaning(charged):
    assert set(charged.data_vars) == set(VARIABLES)
    for name in VARIABLES:
        assert charged[name].attrs["units"]
        assert charged[name].attrs["long_name"]
    assert charged.attrs["left_coupling"] == 0.4


def test_half_of_the_way_takes_the_logarithm_of_two_lifetimes():
    """Weak coupling: N relaxes as exp(-Gamma t), Gamma = 4 v^2/h sqrt(1 - (level/2h)^2)."""
    junction = Junction.symmetric(level=0.0, coupling=0.08, bias=20.0, temperature_eq=5.0)
    dataset = charging(junction, 0.0, np.linspace(0, 250, 501))
    found = half_time(dataset, float(dataset.particle_number[-1]))
    # Corrections are of the order of the band's memory, 1/h, and of v^2.
    assert found == pytest.approx(np.log(2) / (4 * 0.08**2), rel=0.05)
    with pytest.raises(ParameterError, match="later times"):
        half_time(dataset.isel(time=slice(0, 3)), 0.5)


def test_times_past_what_the_chains_allow_are_refused():
    with pytest.raises(PrecisionNotReachedError, match="earlier last time"):
        charging(UNEQUAL, times=[0.0, 1e5])


@pytest.mark.parametrize("times", [[0.0], [[0.0, 1.0]], [0.0, np.inf]])
def test_times_that_are_none_are_refused(times):
    with pytest.raises(ParameterError, match="two finite numbers"):
        charging(UNEQUAL, times=times)


def test_times_out_of_order_are_refused():
    with pytest.raises(ParameterError, match="ascend"):
        charging(UNEQUAL, times=[0.0, 2.0, 1.0])


@pytest.fixture
def qbval(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TERM", "dumb")
    return lambda *arguments: CliRunner().invoke(app, ["paper", "charging", *arguments])


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """One run of the command with every file that it writes."""
    folder = tmp_path_factory.mktemp("charging")
    runner = CliRunner(env={"TERM": "dumb"})
    done = runner.invoke(
        app,
        ["paper", "charging", *QUICK, "--initial", "1", "--time", "12",
         "--out", str(folder / "c.nc"), "--picture", str(folder / "c.svg")],
    )  # fmt: skip
    return done, folder


@pytest.mark.slow
def test_the_command_compares_the_plateau_with_the_steady_state(written):
    done, _ = written
    assert done.exit_code == 0, done.output
    row = next(line.split() for line in done.stdout.splitlines() if "particle_number" in line)
    assert float(row[1]) == pytest.approx(float(row[3]), rel=1e-10)
    assert float(row[4]) > 10


def test_the_command_explains_a_bound_state_s_memory(written):
    done, _ = written
    text = " ".join(done.stdout.split())
    assert "never forgets how it began" in text
    assert "(= Z²) larger for a full level than for an empty one" in text


def test_the_command_writes_values_and_picture(written):
    _, folder = written
    assert sorted(path.name for path in folder.iterdir()) == ["c.nc", "c.svg"]
    assert (folder / "c.svg").read_text().startswith("<?xml")
    with xr.open_dataset(folder / "c.nc", engine="h5netcdf") as found:
        assert set(found.data_vars) == set(VARIABLES)
        assert float(found.time[-1]) == 12.0
        assert float(found.particle_number[0]) == 1.0


@pytest.mark.deep
def test_json_and_csv_hold_the_same_numbers(tmp_path, qbval):
    done = qbval(*QUICK, "--time", "12", "--out", "c.csv", "--json")
    assert done.exit_code == 0
    data = json.loads(done.stdout)
    lines = (tmp_path / "c.csv").read_text().splitlines()
    rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    assert [float(row["time"]) for row in rows] == data["time"]
    for name in VARIABLES:
        assert [float(row[name]) for row in rows] == data["values"][name]
    assert data["inputs"]["level"] == 3.5
    assert data["plateau"]["particle_number"]["digits"] > 10


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--level", "x"), "--level"),
        (("--level", "0.4", "--initial", "2"), "from 0 to 1"),
        (("--level", "0.4", "--time", "-1"), "> 0"),
        (("--level", "0.4", "--out", "c.txt"), ".nc, .csv"),
        (("--level", "0.4", "--picture", "no/where.png"), "cannot be written"),
        (("--level", "0.4", "--temperature-gradient", "-0.1"), "temperature"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_code_2(qbval, arguments, message):
    done = qbval(*arguments)
    assert done.exit_code == 2
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


def test_a_coupling_too_weak_for_the_chains_is_said(qbval):
    done = qbval("--level", "0.4", "--temperature-eq", "1e-5")
    assert done.exit_code == 1
    assert "No answer" in done.stderr
    assert done.stdout == ""
