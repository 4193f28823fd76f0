"""Where in a box an observable is largest: against closed forms, symmetries and direct search."""

import math
import re

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

import qbnum
from qbnum.optimize import NoOptimumError, UnboundedObjectiveError
from qbnum.optimize.search import scan_points
from qbnum.optimize.space import Space

HOT = {"temperature_gradient": 0.3}


@pytest.fixture(scope="module")
def best_level():
    return qbnum.maximize("exergy", {"bias": 0.5}, {"level": (-1, 1.5)})


@pytest.fixture(scope="module")
def hot():
    return qbnum.maximize("exergy", HOT, {"level": (-1, 1.5)}, points=65)


def test_the_exergy_at_the_papers_bias_is_largest_below_the_bias(best_level):
    # tests/qbsym finds 0.48 < level < 0.49 from parabolas through certified values.
    assert best_level.parameters["level"] == pytest.approx(0.4856, abs=1e-4)
    assert best_level.location_error["level"] < 1e-13
    assert abs(best_level.gradient["level"]) < 1e-13
    assert best_level.attained
    assert not best_level.at_bounds


def test_a_bracketing_search_finds_the_same_maximum(best_level):
    def loss(level):
        junction = qbnum.Junction.symmetric(level=level, bias=0.5)
        return -qbnum.steady_state(junction).exergy

    found = minimize_scalar(loss, bounds=(0, 1), method="bounded", options={"xatol": 1e-9})
    # Values alone locate a maximum to the square root of rounding.
    assert best_level.parameters["level"] == pytest.approx(found.x, abs=1e-7)
    assert best_level.value == pytest.approx(-found.fun, rel=1e-14)


def test_equilibrium_entropy_of_a_weakly_coupled_level_is_largest_at_mu_eq():
    found = qbnum.maximize(
        "equilibrium_entropy", {"coupling": 1e-3}, {"level": (-1, 1.5)}, points=65
    )
    # The level's shift moves it by mu_eq v^2/h^2 = 1e-7.
    assert found.parameters["level"] == pytest.approx(0.1, abs=2e-7)
    assert found.value == pytest.approx(math.log(2), abs=1e-5)


def test_a_hot_gradient_has_a_maximum_on_each_side_of_mu_and_the_larger_is_chosen(hot):
    assert len(hot.local) == 2
    electrons, holes = hot.local
    assert holes.parameters["level"] < 0.1 < electrons.parameters["level"]
    assert hot.value == electrons.value > holes.value


def test_particle_hole_reflection_exchanges_the_two_maxima(hot):
    mirrored = qbnum.maximize("exergy", {**HOT, "mu_eq": -0.1}, {"level": (-1.5, 1)}, points=65)
    for one, other in zip(hot.local, mirrored.local, strict=True):
        assert one.parameters["level"] == pytest.approx(-other.parameters["level"], abs=1e-12)
        assert one.value == pytest.approx(other.value, rel=1e-13)


def test_the_exergy_rises_with_the_bias_up_to_its_bound():
    found = qbnum.maximize("exergy", {}, {"level": (-1, 1.5), "bias": (0, 1)}, points=400)
    assert found.at_bounds == {"bias": "upper"}
    assert found.parameters["bias"] == 1.0
    assert found.gradient["bias"] > 0
    at_bound = qbnum.maximize("exergy", {"bias": 1.0}, {"level": (-1, 1.5)}, points=65)
    assert found.parameters["level"] == pytest.approx(at_bound.parameters["level"], abs=1e-12)


def test_the_search_on_scattered_points_finds_the_couplings_that_are_best(best_level):
    bounds = {"level": (0, 1), "left_coupling": (0.12, 0.5), "right_coupling": (0.12, 0.3)}
    found = qbnum.maximize("exergy", {"bias": 0.5}, bounds, points=32)
    assert found.scanned == 32 + 2**3
    # The right lead, at equilibrium, only discharges; the left one charges until it broadens A.
    assert found.at_bounds == {"right_coupling": "lower"}
    assert 0.12 < found.parameters["left_coupling"] < 0.5
    assert found.value > best_level.value


def test_in_the_protocol_the_reservoirs_follow_the_equilibrium():
    # All energies shifted: the best mu_eq at a fixed level is the best level's distance from mu.
    by_level = qbnum.maximize(
        "exergy", {"bias": 0.3, "hopping": 50.0, "coupling": 0.05}, {"level": (-1, 1)}, points=65
    )
    by_mu = qbnum.maximize(
        "exergy",
        {"bias": 0.3, "hopping": 50.0, "coupling": 0.05, "level": 0.2},
        {"mu_eq": (-0.5, 0.5)},
        points=65,
    )
    # A band of width 200 is flat over the shift to (shift/h)^2.
    assert by_level.parameters["level"] - 0.1 == pytest.approx(
        0.2 - by_mu.parameters["mu_eq"], abs=1e-5
    )


def test_a_junctions_own_reservoirs_stay_where_they_are():
    junction = qbnum.Junction.symmetric(level=0.4, bias=0.5)
    found = qbnum.maximize("exergy", junction, {"mu_eq": (-0.5, 1.0)}, points=33)
    assert found.junction.left == junction.left
    assert found.junction.right == junction.right
    assert found.junction.mu_eq == found.parameters["mu_eq"]


@pytest.mark.parametrize("name", ["exergy_per_entropy_production", "exergy_per_current"])
def test_the_gradient_of_a_quotient_is_the_slope_of_its_values(name):
    found = qbnum.maximize(
        name, {"level": 0.4}, {"bias": (0.05, 0.2), "temperature_gradient": (0.05, 0.1)}, points=16
    )
    top, below = qbnum.optimize.RATIOS[name]

    def value(bias, gradient):
        junction = qbnum.Junction.symmetric(level=0.4, bias=bias, temperature_gradient=gradient)
        state = qbnum.steady_state(junction)
        return getattr(state, top) / abs(getattr(state, below))

    bias, gradient = found.parameters.values()
    assert found.value == pytest.approx(value(bias, gradient), rel=1e-13)
    step = 1e-5
    slopes = [
        (value(bias + step, gradient) - value(bias - step, gradient)) / (2 * step),
        (value(bias, gradient + step) - value(bias, gradient - step)) / (2 * step),
    ]
    # Differences lose rounding/step = 1e-10 and (step/T)^2 = 1e-8 of the value over T.
    assert list(found.gradient.values()) == pytest.approx(slopes, abs=1e-6 * found.value / 0.1)


def test_an_interior_maximum_of_a_quotient_is_stationary():
    found = qbnum.maximize(
        "exergy_per_entropy_production", {"level": 0.4}, {"bias": (0, 1)}, points=33
    )
    assert found.attained
    assert 0.2 < found.parameters["bias"] < 0.5
    assert found.location_error["bias"] < 1e-11


@pytest.mark.parametrize(("level", "bounds", "near"), [(-0.2, (0, 1), 1e-5), (0.4, (-1, 0), -1e-5)])
def test_a_quotient_that_is_largest_at_equilibrium_is_only_approached(level, bounds, near):
    # A full level driven to more, an empty one to less: the larger the bias, the less exergy for
    # the entropy produced.
    found = qbnum.maximize(
        "exergy_per_entropy_production", {"level": level}, {"bias": bounds}, points=33
    )
    assert not found.attained
    assert "equilibrium" in found.note
    state = qbnum.steady_state(qbnum.Junction.symmetric(level=level, bias=near))
    assert found.value == pytest.approx(state.exergy / state.entropy_production, rel=1e-4)


def test_the_least_exergy_is_none_at_equilibrium():
    found = qbnum.minimize("exergy", {"level": 0.4}, {"bias": (-0.4, 0.5)}, points=33)
    assert found.goal == "minimum"
    assert found.parameters["bias"] == pytest.approx(0, abs=1e-9)
    assert 0 <= found.value < 1e-17


def test_junctions_with_bound_states_are_left_out_and_counted():
    found = qbnum.maximize("entropy", {"bias": 0.5}, {"level": (-3, 3)}, points=61)
    levels = np.linspace(-3, 3, 61)
    # Equal leads: |level| > 2 (h - v^2/h).
    assert found.undefined == np.sum(np.abs(levels) > 2 * (1 - 0.12**2))
    with pytest.raises(NoOptimumError, match="bound state"):
        qbnum.maximize("entropy", {"bias": 0.5}, {"level": (2.5, 3)}, points=9)
    occupied = qbnum.maximize(
        "particle_number", {"bias": 0.5}, {"level": (2.5, 3)}, bound_states=1.0, points=9
    )
    # A filled bound state of nearly all the weight, the more so the farther it is.
    assert occupied.at_bounds == {"level": "upper"}
    assert occupied.value > 0.99


@pytest.mark.parametrize(
    ("objective", "bounds", "points"),
    [("energy", (-3, 0), 61), ("particle_number", (0, 3), 17)],  # steeply, and hardly any more
)
def test_an_objective_that_rises_into_the_undefined_is_not_attained(objective, bounds, points):
    found = qbnum.minimize(objective, {"bias": 0.5}, {"level": bounds}, points=points)
    assert not found.attained
    assert "bound state" in found.note


@pytest.mark.parametrize(
    ("objective", "fixed", "bounds", "where"),
    [
        ("entropy_per_current", {"level": 0.4}, {"bias": (0, 1)}, "the leads are alike"),
        (
            "exergy_per_current",
            {"level": 0.4},
            {"bias": (-0.5, 1), "temperature_gradient": (-0.05, 0.2)},
            "the current changes its sign",
        ),
        (
            "exergy_per_entropy_production",
            {"level": 0.4, "left_temperature": 0.1},
            {"left_mu": (0, 1), "right_mu": (0, 1)},
            "the leads are alike",
        ),
    ],
)
def test_quotients_without_a_maximum_are_refused(objective, fixed, bounds, where):
    with pytest.raises(UnboundedObjectiveError, match=where) as refusal:
        qbnum.maximize(objective, fixed, bounds, points=25)
    # It says where: the denominator is next to nothing there.
    at = {name: float(re.search(rf"{name} (\S+),", str(refusal.value))[1]) for name in bounds}
    there = qbnum.steady_state(Space.of(fixed, bounds).junction(np.array([*at.values()])))
    denominator = {"entropy_per_current": "charge_current", "exergy_per_current": "charge_current"}
    assert abs(getattr(there, denominator.get(objective, "entropy_production"))) < 1e-6


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("work", {"level": 0.4}, {"bias": (0, 1)}), "no objective 'work'"),
        (("exergy", {}, {"bias": (0, 1)}), "level is missing"),
        (("exergy", {"level": 0.4}, {}), "bounds is empty"),
        (("exergy", {"level": 0.4}, {"voltage": (0, 1)}), "'voltage' cannot be searched"),
        (("exergy", {"level": 0.4}, {"bias": (1, 0)}), "the lower one first"),
        (("exergy", {"level": 0.4}, {"bias": 0.5}), "a pair of numbers"),
        (("exergy", {"level": 0.4}, {"level": (0, 1)}), "a value and bounds"),
        (("exergy", {"level": 0.4}, {"coupling": (-1, 1)}), "finite and >= 0"),
        (("exergy", {"level": 0.4}, {"temperature_gradient": (-0.2, 0)}), "must be > 0"),
        (("exergy", {"level": 0.4, "bias": 0.1}, {"left_mu": (0, 1)}), "both set left.mu"),
        (
            ("exergy", {"level": 0.4}, {"coupling": (0, 1), "left_coupling": (0, 1)}),
            "both set left.coupling",
        ),
        (("exergy_per_current", {"level": 0.4}, {"coupling": (0, 1)}), "a lower bound > 0"),
        (("exergy", 0.4, {"bias": (0, 1)}), "neither a qbnum.Junction nor a mapping"),
    ],
)
def test_bad_searches_are_refused_with_a_reason(arguments, message):
    with pytest.raises(qbnum.ParameterError, match=message):
        qbnum.maximize(*arguments, points=9)


def test_the_same_search_twice_gives_the_same_bits(best_level):
    again = qbnum.maximize("exergy", {"bias": 0.5}, {"level": (-1, 1.5)})
    assert again.parameters == best_level.parameters
    assert again.value == best_level.value
    assert np.array_equal(scan_points(5, 64), scan_points(5, 64))
