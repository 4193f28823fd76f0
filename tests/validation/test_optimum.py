"""Certificates of optima, and the ridge of the exergy."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import sympy
from mpmath import mp

import qbnum
import qbsym
import validation
from qbsym import symbols as s
from qbsym.limits import exergy_stationarity
from tests.qbsym.cases import numbers, parameters
from validation.errors import ParameterError
from validation.optimum import certify
from validation.paper.ridge import ridge, weak_coupling_level

DIGITS = 20


@pytest.fixture(scope="module")
def best_level():
    return qbnum.maximize("exergy", {"bias": 0.5}, {"level": (0, 1)}, points=33)


@pytest.fixture(scope="module")
def certificate(best_level):
    return certify(best_level, DIGITS)


def test_the_papers_maximum_is_proven_to_lie_within_a_billionth_of_the_temperature(certificate):
    assert certificate.holds
    assert certificate.proven == pytest.approx(1e-10)
    assert all(n.worse and n.drop.certified for n in certificate.neighbours)


def test_the_certified_value_is_the_references(best_level, certificate):
    exact = validation.reference(best_level.junction, digits=30, observables=["exergy"])["exergy"]
    assert certificate.value.certified
    assert certificate.value.overlaps(exact)
    # A fast value is good to some ulps.
    assert certificate.relative_error < 1e-14


def test_the_exact_maximum_is_where_the_search_says_it_may_be(best_level, certificate):
    assert certificate.distance["level"] <= best_level.location_error["level"]
    # What is lost is of second order in the distance.
    assert certificate.shortfall < certificate.distance["level"] ** 2 * 100


@pytest.mark.deep
def test_the_gradient_is_that_of_the_references_own_differences(best_level):
    wrong = moved(best_level, level=1e-3)
    given = certify(wrong, DIGITS).gradient["level"]
    exact = validation.reference_gradient(
        wrong.local[0].junction, 8, observables=["exergy"], parameters=["level"]
    )["exergy", "level"]
    assert given.overlaps(exact)
    # The truncation is (1e-9)^2 of the exergy over the temperature.
    assert given.radius < 1e-16


def moved(optimum, **by):
    """Return the optimum at a wrong place, its values those of that place."""
    junction = optimum.junction
    level = junction.level + by["level"]
    wrong = replace(
        optimum.local[0],
        parameters={"level": level},
        junction=replace(junction, level=level),
        value=qbnum.steady_state(replace(junction, level=level)).exergy,
    )
    return replace(optimum, local=(wrong,))


def test_a_misplaced_maximum_gets_no_certificate(best_level):
    refused = certify(moved(best_level, level=1e-5), DIGITS)
    assert not refused.holds
    assert refused.distance["level"] == pytest.approx(1e-5, rel=1e-3)
    # On the side of the true maximum the neighbour is better.
    assert [n.worse for n in refused.neighbours] == [True, False]


def test_a_wrong_value_gets_no_certificate(best_level):
    wrong = replace(best_level.local[0], value=best_level.value * (1 + 1e-9))
    refused = certify(replace(best_level, local=(wrong,)), DIGITS)
    assert any("value is wrong by 1.0e-09" in failure for failure in refused.failures)


def test_a_bound_that_holds_nothing_back_gets_no_certificate(best_level):
    wrong = replace(moved(best_level, level=-0.1).local[0], at_bounds={"level": "lower"})
    refused = certify(replace(best_level, local=(wrong,)), DIGITS)
    assert any("rises inwards" in failure for failure in refused.failures)
    assert not refused.neighbours[0].worse


def test_a_maximum_on_a_bound_is_certified_by_the_slopes_sign():
    found = qbnum.maximize(
        "exergy_per_entropy_production",
        {"level": 0.4},
        {"bias": (0.1, 0.6), "temperature_gradient": (0.05, 0.1)},
        points=64,
    )
    assert found.at_bounds == {"temperature_gradient": "upper"}
    given = certify(found, 10)
    assert given.holds
    assert given.proven is None
    assert given.gradient["temperature_gradient"].mid > 0
    assert len(given.neighbours) == 3


def test_the_least_exergy_is_certified_to_be_that_of_equilibrium():
    found = qbnum.minimize("exergy", {"level": 0.4}, {"bias": (-0.2, 0.3)}, points=33)
    given = certify(found, DIGITS)
    assert given.holds
    assert given.value.mid == found.value == 0


@pytest.mark.deep
def test_with_two_free_parameters_the_distance_is_newtons_step():
    bounds = {"level": (0, 1), "left_coupling": (0.12, 0.5)}
    found = qbnum.maximize("exergy", {"bias": 0.5, "right_coupling": 0.12}, bounds, points=81)
    assert not found.at_bounds
    away = 1e-6
    level = found.parameters["level"] + away
    coupling = found.parameters["left_coupling"] + away
    left = replace(found.junction.left, coupling=coupling)
    junction = replace(found.junction, level=level, left=left)
    wrong = replace(
        found.local[0],
        parameters={"level": level, "left_coupling": coupling},
        junction=junction,
        value=qbnum.steady_state(junction).exergy,
    )
    given = certify(replace(found, local=(wrong,)), 10)
    assert not given.holds
    assert len(given.neighbours) == 4
    # A bound, since the contributions of both slopes are added without their signs.
    for name in bounds:
        assert away * (1 - 1e-3) < given.distance[name] < 10 * away


@pytest.mark.parametrize(
    ("settings", "message"),
    [({"digits": 5}, "from 10 to 40"), ({"which": 3}, "there are 1 local optima")],
)
def test_certificates_that_make_no_sense_are_refused(best_level, settings, message):
    with pytest.raises(ParameterError, match=message):
        certify(best_level, **settings)


def test_a_limit_that_is_not_attained_has_nothing_to_certify():
    found = qbnum.maximize(
        "exergy_per_entropy_production", {"level": -0.2}, {"bias": (0, 1)}, points=17
    )
    with pytest.raises(ParameterError, match="nothing to certify"):
        certify(found)


@pytest.fixture(scope="module")
def weak():
    return ridge(np.array([0.3, 0.5, 1.0]), {"coupling": 1e-3})


def test_the_weak_ridge_solves_qbsyms_stationarity_condition(weak):
    condition = qbsym.lambdify(exergy_stationarity(), s.PARAMETERS, "mpmath")
    for bias, level in zip(weak.bias.values, weak.level.values, strict=True):
        junction = parameters(level=Fraction(0), left__mu=Fraction(1, 10) + Fraction(bias))
        junction |= dict.fromkeys(("left.coupling", "right.coupling"), Fraction(1, 1000))
        junction |= dict.fromkeys(
            ("left.temperature", "right.temperature", "temperature_eq"), Fraction(1, 10)
        )
        rest = numbers(junction)[1:]
        root = mp.findroot(lambda e, rest=rest: condition(e, *rest), mp.mpf(level))
        # The coupling shifts it by v^2 = 1e-6 times bias/T^2.
        assert level == pytest.approx(float(root), abs=2e-4)


def test_the_closed_form_nears_the_ridge_as_temperature_over_bias_squared(weak):
    gap = np.abs(weak.level - weak.weak_coupling_level).values
    # tests/qbsym: 4 T (T/bias)^2 at most for a bias of several temperatures.
    assert np.all(gap <= 0.1 * 4 * (0.1 / weak.bias.values) ** 2)
    assert gap[2] < gap[0]


def test_the_closed_form_is_what_lamberts_equation_says():
    level = float(weak_coupling_level(0.5))
    w = sympy.exp((0.6 - level) / 0.1)
    assert float(w * sympy.exp(w)) == pytest.approx(float(sympy.exp(4)), rel=1e-12)
    assert np.isnan(weak_coupling_level(0.1))


def test_no_point_of_the_ridge_is_beaten_by_the_papers_line():
    found = ridge(np.array([0.05, 0.3, 0.5, 0.9]))
    assert np.all(found.exergy >= found.exergy_at_paper_level)
    assert np.all(found.level_error < 1e-12)


def test_the_ridge_is_what_the_search_finds(best_level):
    found = ridge(np.array([0.5]))
    assert float(found.level[0]) == pytest.approx(best_level.parameters["level"], abs=1e-13)
    assert float(found.exergy[0]) == pytest.approx(best_level.value, rel=1e-14)


def test_a_maximum_beyond_the_levels_is_not_made_up():
    assert np.isnan(ridge(np.array([1.0]), levels=(-0.5, 0.5)).level).all()


def test_biases_that_are_no_line_are_refused():
    with pytest.raises(ParameterError, match="one-dimensional"):
        ridge(0.5)
