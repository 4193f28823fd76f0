"""Steady states as xarray, pandas and JSON, through pickle and copy, and when two are equal."""

from __future__ import annotations

import copy
import json
import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings

import qbnum
from tests.qbnum.strategies import junctions

LEVELS, BIASES = np.linspace(-0.5, 2.5, 4), np.array([0.1, 0.5, 0.7])
GRID = qbnum.Junction.symmetric(level=LEVELS[:, None], bias=BIASES)
"""The last level is above the band: a bound state at each bias."""


@pytest.fixture(scope="module")
def masked() -> qbnum.SteadyState:
    return qbnum.steady_state(GRID, bound_states="mask")


def test_the_data_set_is_that_of_the_sweep_over_the_same_points(masked: qbnum.SteadyState) -> None:
    base = qbnum.Junction.symmetric(level=0.0)
    swept = qbnum.sweep(base, level=LEVELS, left_mu=base.mu_eq + BIASES)
    made = masked.to_xarray()
    assert set(made.variables) == set(swept.variables)
    for name in swept.variables:
        xr.testing.assert_identical(made[name], swept[name])
    same = {"title", "conventions", "left_hopping", "right_mu", "temperature_eq", "qbnum_version"}
    assert {name: made.attrs[name] for name in same} == {name: swept.attrs[name] for name in same}


def test_the_data_set_can_be_written_and_read(masked: qbnum.SteadyState, tmp_path: Path) -> None:
    made = masked.to_xarray()
    made.to_netcdf(tmp_path / "state.nc", engine="h5netcdf")
    with xr.open_dataset(tmp_path / "state.nc", engine="h5netcdf") as read:
        xr.testing.assert_identical(made["exergy"], read["exergy"].load())


def test_dimensions_are_named_after_what_alone_varies_along_them() -> None:
    left, right = (qbnum.Lead(0.0, 1.0, [[0.1], [0.2]], mu, 0.1) for mu in (0.6, 0.1))
    s = qbnum.steady_state(qbnum.Junction([0.3, 0.4, 0.5], left, right, 0.1, 0.1))
    data = s.to_xarray()
    assert dict(data.sizes) == {"dim_0": 2, "level": 3}
    assert data.left_coupling.dims == data.right_coupling.dims == ("dim_0",)
    named = s.to_xarray(dims=("coupling", "level"))
    assert dict(named.sizes) == {"coupling": 2, "level": 3}
    assert float(named.exergy.sel(level=0.4)[1]) == s.exergy[1, 1]


@pytest.mark.parametrize(
    ("dims", "message"),
    [
        (("level",), "one name for each dimension"),
        (("x", "x"), "one name for each dimension"),
        (("exergy", "x"), "'exergy', which is the name of a variable"),
        (("left_mu", "x"), "'left_mu', which is the name of a variable"),
    ],
)
def test_dimensions_that_cannot_be_are_refused(
    masked: qbnum.SteadyState, dims: Any, message: str
) -> None:
    with pytest.raises(qbnum.ParameterError, match=message):
        masked.to_xarray(dims=dims)


def test_a_single_junction_is_a_data_set_and_a_row() -> None:
    s = qbnum.steady_state(qbnum.Junction.symmetric(level=0.4, bias=0.5))
    assert dict(s.to_xarray().sizes) == {}
    (row,) = s.to_pandas().to_dict("records")
    assert (row["level"], row["exergy"]) == (0.4, s.exergy)
    assert row["exergy_error"] == s.error_estimate["exergy"]


def test_the_table_has_a_row_for_each_junction(masked: qbnum.SteadyState) -> None:
    frame = masked.to_pandas()
    assert len(frame) == 12
    for k, index in enumerate(np.ndindex(GRID.shape)):
        row, single = frame.iloc[k], GRID.at(*index)
        for name, value in single.parameters.items():
            assert row[name.replace(".", "_")] == value
        assert row["charge_current"] == masked.charge_current[index]
        assert np.isnan(row["exergy"]) == (row["level"] > 2) == (row["bound_state_weight"] > 0.5)


def test_what_is_undefined_is_left_out_or_said() -> None:
    s = qbnum.steady_state(GRID.at(3, 0))
    assert "exergy" not in s.to_xarray()
    assert "exergy_error" not in s.to_pandas().columns
    assert "bound states" in s.to_dict()["undefined"]["exergy"]
    assert set(s.to_dict()["observables"]) == set(s.available)


def test_json_holds_every_number(masked: qbnum.SteadyState) -> None:
    data = json.loads(json.dumps(masked.to_dict(), allow_nan=False))
    assert data["parameters"]["level"] == LEVELS[:, None].tolist()
    values = data["observables"]["energy"]
    assert values["value"] == masked.energy.tolist()
    assert values["value"][3] == [None] * 3
    assert values["error_estimate"][:3] == masked.error_estimate["energy"][:3].tolist()
    assert values["unit"] == "energy"


@given(junctions())
@settings(max_examples=10)
def test_a_state_survives_pickle_and_copy(j: qbnum.Junction) -> None:
    s = qbnum.steady_state(j, bound_states="exclude")
    for again in (pickle.loads(pickle.dumps(s)), copy.deepcopy(s), copy.copy(s)):
        assert again == s
        assert again.junction == j
        assert repr(again) == repr(s)


def test_masked_states_survive_too(masked: qbnum.SteadyState) -> None:
    again = pickle.loads(pickle.dumps(masked))
    assert again == masked
    assert again.exergy.mask.tolist() == masked.exergy.mask.tolist()
    with pytest.raises(TypeError):
        again.error_estimate["exergy"] = 0.0


def test_states_differ_if_any_number_does(masked: qbnum.SteadyState) -> None:
    assert masked != qbnum.steady_state(GRID, bound_states=0.5)
    assert masked != qbnum.steady_state(GRID, bound_states="exclude")
    assert masked != replace(masked, bound_state_weight=masked.bound_state_weight + 1e-16)
    assert masked != replace(masked, junction=GRID.shifted(1.0))
    assert masked != GRID


def test_gradients_and_optima_survive_pickle_and_copy() -> None:
    junction = qbnum.Junction.symmetric(level=0.4, bias=0.5)
    g = qbnum.gradients(junction, ["exergy"], ["level", "bias"])
    for again in (pickle.loads(pickle.dumps(g)), copy.deepcopy(g)):
        assert dict(again) == dict(g)
        assert again.state == g.state
        assert again.error_estimate == g.error_estimate
    best = qbnum.maximize("exergy", junction, {"level": (0.3, 0.6)}, points=9)
    for again in (pickle.loads(pickle.dumps(best)), copy.deepcopy(best)):
        assert repr(again) == repr(best)
        with pytest.raises(TypeError):
            again.fields["level"] = ()


def test_a_sweep_survives_pickle_and_copy() -> None:
    data = qbnum.sweep(qbnum.Junction.symmetric(level=0.4), bias=BIASES)
    assert pickle.loads(pickle.dumps(data)).identical(data)
    assert copy.deepcopy(data).identical(data)
