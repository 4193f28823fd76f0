"""Sweeps: names, dimensions, units, provenance, masks, and what is refused."""

import json

import numpy as np
import pytest
import xarray as xr

import qbnum
from qbnum.sweeps import AXES, STATUS, sweep

BASE = qbnum.Junction.symmetric(level=0.4)
LEVELS = np.linspace(-0.3, 0.5, 5)
BIASES = np.array([0.0, 0.2, 0.7])


def huge(axes_dim="scale", factors=(1.0, 2.0**600, 2.0)):
    """Return axes in which one junction's energy current is beyond the double range."""
    parameters = qbnum.Junction.symmetric(level=0.4, bias=0.5).parameters
    return {
        name.replace(".", "_"): (axes_dim, value * np.array(factors))
        for name, value in parameters.items()
        if value
    }


def test_crossed_axes_give_what_single_junctions_give():
    found = qbnum.sweep(BASE, level=LEVELS, bias=BIASES)
    assert dict(found.sizes) == {"level": 5, "bias": 3}
    for level in LEVELS:
        for bias in BIASES:
            state = qbnum.steady_state(qbnum.Junction.symmetric(level=level, bias=bias))
            point = found.sel(level=level, bias=bias)
            for name in qbnum.OBSERVABLES:
                assert float(point[name]) == getattr(state, name), name
                assert float(point[f"{name}_error"]) == state.error_estimate[name], name


def test_axes_that_share_a_dimension_are_zipped_and_crossed_with_the_rest():
    left, right = np.array([0.1, 0.2, 0.3]), np.array([0.3, 0.2, 0.05])
    found = sweep(
        BASE, {"left_coupling": ("step", left), "right_coupling": ("step", right)}, bias=[0.1, 0.5]
    )
    assert dict(found.sizes) == {"step": 3, "bias": 2}
    assert found.left_coupling.dims == found.right_coupling.dims == ("step",)
    lead = qbnum.Lead(0.0, 1.0, 0.3, 0.6, 0.1), qbnum.Lead(0.0, 1.0, 0.05, 0.1, 0.1)
    state = qbnum.steady_state(qbnum.Junction(0.4, *lead, 0.1, 0.1))
    assert float(found.exergy.isel(step=2, bias=1)) == state.exergy


def test_a_data_array_brings_its_dimensions_and_coordinates():
    biases = xr.DataArray([0.0, 0.3], dims="bias", coords={"name": ("bias", ["off", "on"])})
    levels = xr.DataArray([[0.0, 0.1], [0.2, 0.3], [0.4, 0.5]], dims=("gate", "bias"))
    found = sweep(BASE, {"bias": biases, "level": levels}, observables="energy")
    assert dict(found.sizes) == {"bias": 2, "gate": 3}
    assert found.name.values.tolist() == ["off", "on"]
    state = qbnum.steady_state(qbnum.Junction.symmetric(level=0.5, bias=0.3))
    assert float(found.energy.isel(gate=2, bias=1)) == state.energy


def test_a_number_is_the_same_for_all_points():
    found = sweep(BASE, {"bias": 0.3}, mu_eq=[0.0, 0.1])
    assert dict(found.sizes) == {"mu_eq": 2}
    assert found.bias.dims == ()
    left = qbnum.Lead(0.0, 1.0, 0.12, 0.1 + 0.3, 0.1)
    state = qbnum.steady_state(qbnum.Junction(0.4, left, BASE.right, 0.1, 0.1))
    assert float(found.entropy[1]) == state.entropy


def test_without_axes_there_is_one_point_without_dimensions():
    found = sweep(BASE)
    assert dict(found.sizes) == {}
    assert float(found.entropy) == qbnum.steady_state(BASE).entropy


@pytest.mark.parametrize("name", AXES)
def test_every_axis_sets_the_parameters_it_names_and_no_others(name):
    value = 0.35
    found = sweep(BASE, {name: [value]}, observables="spectral_weight")
    targets = AXES[name][0]
    fixed = {p: v for p, v in BASE.parameters.items() if p not in targets}
    kept = {p: found.attrs.get(p.replace(".", "_")) for p in BASE.parameters}
    assert {p: v for p, v in kept.items() if v is not None} == fixed
    parameters = BASE.parameters | dict.fromkeys(
        targets, value + (0.1 if name in ("bias", "temperature_gradient") else 0.0)
    )
    leads = (
        qbnum.Lead(*(parameters[f"{side}.{field}"] for field in qbnum.Lead.__dataclass_fields__))
        for side in ("left", "right")
    )
    junction = qbnum.Junction(
        parameters["level"], *leads, parameters["mu_eq"], parameters["temperature_eq"]
    )
    assert float(sweep(BASE, {name: [value]}).exergy[0]) == qbnum.steady_state(junction).exergy
    assert found[name].attrs["units"] == "energy"
    assert found[name].attrs["long_name"]


def test_every_variable_has_its_unit_and_every_observable_its_equation():
    found = sweep(BASE, level=LEVELS)
    for name, info in qbnum.OBSERVABLES.items():
        assert found[name].attrs["units"] == found[f"{name}_error"].attrs["units"] == info.unit
        assert found[name].attrs["equation"] == info.equation
    assert found.status.dtype == np.int8
    assert found.status.attrs["flag_meanings"].split() == list(STATUS)
    assert found.status.attrs["flag_values"].tolist() == list(STATUS.values())


def test_the_attributes_say_how_the_numbers_were_made():
    attributes = sweep(BASE, level=LEVELS, bound_states={"above": 0.25}).attrs
    assert "hbar = e = k_B = 1" in attributes["conventions"]
    assert attributes["bound_states"] == "occupied: {'above': 0.25}"
    assert attributes["numpy_version"] == np.__version__
    assert np.datetime64(attributes["created"].removesuffix("+00:00")) <= np.datetime64("now")
    json.dumps(attributes)


def test_only_the_chosen_observables_are_kept_in_the_order_of_the_table():
    found = sweep(BASE, level=LEVELS, observables=["exergy", "energy"])
    values = [name for name in found.data_vars if name in qbnum.OBSERVABLES]
    assert values == ["energy", "exergy"]
    assert set(found.data_vars) == {
        "energy", "energy_error", "exergy", "exergy_error", "bound_state_weight", "status",
    }  # fmt: skip


def test_where_a_bound_state_is_unoccupied_values_are_nan_and_status_says_why():
    found = sweep(BASE, level=[0.4, 2.5], bias=[0.1, 0.5])
    bound = found.sel(level=2.5)
    assert np.all(bound.bound_state_weight > 0.5)
    assert np.all(np.isnan(bound.entropy))
    assert np.all(np.isnan(bound.entropy_error))
    assert np.all(np.isfinite(bound.charge_current))
    assert np.all(bound.status == STATUS["bound_state_occupation_not_fixed"])
    assert np.all(found.sel(level=0.4).status == STATUS["ok"])


def test_status_speaks_of_the_chosen_observables_only():
    found = sweep(BASE, level=[0.4, 2.5], observables="charge_current")
    assert np.all(found.status == STATUS["ok"])


def test_excluded_bound_states_leave_the_band_part():
    found = sweep(BASE, level=[2.5], bound_states="exclude")
    assert np.isfinite(found.entropy[0])
    assert np.isnan(found.entropy_gap[0])


def test_an_occupation_may_vary_over_the_sweep():
    occupation = np.array([[0.1, 0.2], [0.3, 0.4]])
    given = {"level": [2.4, 2.5], "bias": [0.0, 0.3]}
    arrays = xr.DataArray(occupation, dims=("level", "bias")).transpose()
    for bound_states in (occupation, {"above": occupation}, {"above": arrays}):
        found = sweep(BASE, given, bound_states=bound_states)
        junction = qbnum.Junction.symmetric(level=2.5, bias=0.3)
        state = qbnum.steady_state(junction, bound_states=0.4)
        assert float(found.particle_number[1, 1]) == state.particle_number
        assert np.all(found.status == STATUS["ok"])


def test_a_bound_state_stops_the_sweep_where_it_is_an_error():
    with pytest.raises(qbnum.BoundStateError, match="occupation"):
        sweep(BASE, level=[0.4, 2.5], bound_states="error")
    with pytest.raises(qbnum.BoundStateError, match="occupation"):
        sweep(BASE, level=[0.4, 2.5], bound_states={"below": 1.0})
    kept = sweep(BASE, level=[0.4, 2.5], bound_states="error", observables="charge_current")
    assert np.all(np.isfinite(kept.charge_current))


def test_a_junction_that_is_not_resolved_stops_the_sweep_or_is_masked_alone():
    with pytest.raises(qbnum.ConvergenceError, match="energy_current"):
        sweep(BASE, huge())
    factors = np.ones(21)
    factors[[3, 4, 17]] = 2.0**600
    found = sweep(BASE, huge(factors=factors), on_error="mask")
    assert np.flatnonzero(found.status == STATUS["not_resolved"]).tolist() == [3, 4, 17]
    resolved = found.status == STATUS["ok"]
    state = qbnum.steady_state(qbnum.Junction.symmetric(level=0.4, bias=0.5))
    for name in qbnum.OBSERVABLES:
        assert np.array_equal(np.isfinite(found[name]), resolved)
        assert np.all(found[name].values[resolved] == getattr(state, name))


ZIPPED = {"left_mu": ("step", [0.1, 0.2]), "right_mu": ("step", [0.1, 0.2, 0.3])}
REFUSED = {
    "unknown axis": ({"width": [1.0]}, "width.*left_coupling"),
    "no values": ({"level": []}, "no values"),
    "two dimensions without names": ({"level": [[0.1, 0.2]]}, r"\(1, 2\)"),
    "not numbers": ({"level": ["a"]}, "not a real number"),
    "not finite": ({"level": [0.1, np.nan]}, "finite"),
    "too large for a double": ({"level": [2**53 + 1]}, "exact double"),
    "outside the domain": ({"left_coupling": [0.1, -0.1]}, "coupling"),
    "unequal lengths": (ZIPPED, "left_mu has 2 .* right_mu has 3"),
    "two for one": ({"bias": [0.1], "left_mu": [0.1]}, "bias and left_mu both set left.mu"),
    "both leads and one": ({"coupling": [0.1], "right_coupling": [0.2]}, "right.coupling"),
    "the name of a result": ({"level": ("exergy", [0.1])}, "exergy.*rename"),
    "a dimension and a zipped axis": (
        {"level": ("bias", [0.1, 0.2]), "bias": ("step", [0.1])},
        "rename the dimension",
    ),
    "half a pair": ({"level": ("step",)}, "pair"),
    "gradient of a zipped equilibrium": (
        {"temperature_eq": ("t", [0.1, 0.3]), "temperature_gradient": ("t", [-0.1, 0.0])},
        "must be > 0",
    ),
    "gradient of a crossed equilibrium": (
        {"temperature_eq": [0.3, 0.1, 0.5], "temperature_gradient": [0.0, -0.2]},
        "-0.1",
    ),
    "bias beyond the double range": ({"mu_eq": [1e308], "bias": [1e308]}, "finite"),
}


@pytest.mark.parametrize(("axes", "message"), REFUSED.values(), ids=REFUSED)
def test_bad_axes_are_refused_before_anything_is_computed(axes, message):
    calls = []
    with pytest.raises(qbnum.ParameterError, match=message):
        sweep(BASE, axes, progress=lambda *counts: calls.append(counts))
    assert calls == []


SETTINGS = {
    "observables": ("exergie", "exergie.*exergy"),
    "on_error": ("ignore", "'raise' and 'mask'"),
    "bound_states": ("keep", "'error', 'mask', 'exclude'"),
    "two_state_reference": ("eq", "'mean' and 'level'"),
    "workers": (0, "at least 1"),
    "executor": ("gpu", "'processes', 'threads'"),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_bad_settings_are_refused(name):
    value, message = SETTINGS[name]
    with pytest.raises(qbnum.ParameterError, match=message):
        sweep(BASE, level=LEVELS, **{name: value})


def test_occupations_of_another_shape_are_refused():
    with pytest.raises(qbnum.ParameterError, match="'level': 5"):
        sweep(BASE, level=LEVELS, bound_states=[0.1, 0.2])


def test_an_array_of_junctions_is_no_starting_point():
    with pytest.raises(qbnum.ParameterError, match=r"\(5,\)"):
        sweep(qbnum.Junction.symmetric(level=LEVELS), bias=BIASES)


def test_an_axis_given_twice_is_refused():
    with pytest.raises(qbnum.ParameterError, match="level is given twice"):
        sweep(BASE, {"level": LEVELS}, level=LEVELS)


def test_data_arrays_that_are_not_aligned_are_refused():
    first = xr.DataArray([0.1, 0.2], dims="gate", coords={"gate": [1, 2]})
    second = xr.DataArray([0.1, 0.2], dims="gate", coords={"gate": [1, 3]})
    with pytest.raises(qbnum.ParameterError, match=r"gate.*align"):
        sweep(BASE, {"left_mu": first, "right_mu": second})
