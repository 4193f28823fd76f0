"""Linear response: Onsager's relations and the named coefficients against the reference."""

from fractions import Fraction

import pytest
from mpmath import mp, mpf

import qbsym
import validation
from qbsym import limits
from qbsym.limits._linear_response import COEFFICIENTS, linear_response, onsager
from tests.qbsym.cases import parameters
from validation.exact import ExactJunction

STEP = Fraction(1, 10**8)
"""A bias and gradient whose second-order response is eight digits smaller."""

DIGITS = 20

EQUILIBRIUM = {
    "left__mu": Fraction(1, 5),
    "right__mu": Fraction(1, 5),
    "mu_eq": Fraction(1, 5),
    "left__temperature": Fraction(3, 10),
    "right__temperature": Fraction(3, 10),
    "temperature_eq": Fraction(3, 10),
    "left__coupling": Fraction(2, 5),
    "right__coupling": Fraction(1, 4),
}


def response(**driven):
    """Return (I_Q, J_H) of the reference per STEP."""
    changed = EQUILIBRIUM | {k: EQUILIBRIUM[k] + v for k, v in driven.items()}
    reference = validation.reference(
        ExactJunction.from_parameters(parameters(**changed)), digits=DIGITS
    )
    with mp.workdps(30):
        charge, energy = (reference[n].mid for n in ("charge_current", "energy_current"))
        mu = mpf(1) / 5
        return charge * 10**8, (energy - mu * charge) * 10**8


@pytest.fixture(scope="module")
def matrix():
    """Return the response to a bias and to a gradient, each symmetric in the leads."""
    # Symmetric drives have no second order of I at all in the drive's parity.
    half = STEP / 2
    return (
        response(left__mu=half, right__mu=-half),
        response(left__temperature=half, right__temperature=-half),
    )


def test_heat_by_a_bias_is_charge_by_a_gradient(matrix):
    (_, heat), (charge, _) = matrix
    # Forces dmu/T and dT/T^2.
    assert heat == pytest.approx(charge * mpf(3) / 10, rel=1e-7)


@pytest.mark.parametrize("name", COEFFICIENTS)
def test_the_coefficients_are_those_of_two_junctions(name, matrix):
    (g, peltier), (thermo, heat) = matrix
    temperature = mpf(3) / 10
    seebeck = thermo / g
    thermal = heat - peltier * thermo / g
    expected = {
        "conductance": g,
        "seebeck": seebeck,
        "thermal_conductance": thermal,
        "figure_of_merit": g * seebeck**2 * temperature / thermal,
        "lorenz_ratio": thermal / (g * temperature),
    }[name]
    found = limits.evaluate(linear_response(name), parameters(**EQUILIBRIUM), DIGITS)
    # The response is nonlinear from the eighth digit on.
    assert found == pytest.approx(expected, rel=1e-6)


def test_the_matrix_is_symmetric_and_positive():
    found = onsager()
    assert found.is_symmetric()
    k0, k1, _, k2 = (limits.evaluate(k, parameters(**EQUILIBRIUM), DIGITS) for k in found)
    assert k0 > 0
    assert k0 * k2 > k1**2


FAR = Fraction(3)

ARRANGED = {
    "LRLR": {"left__onsite": Fraction(-1, 4), "right__onsite": Fraction(1, 4)},
    "LRRL": {"right__onsite": Fraction(1, 3), "right__hopping": Fraction(1, 3)},
    "LLRR": {
        "left__onsite": Fraction(-1),
        "left__hopping": Fraction(3, 5),
        "right__onsite": Fraction(3),
    },
}
"""Junctions whose band edges come in these orders."""


@pytest.mark.parametrize("bands", ARRANGED)
def test_unequal_bands_by_their_arrangement(bands):
    values = parameters(**EQUILIBRIUM | ARRANGED[bands])
    values |= {"level": Fraction(-1, 2) if bands == "LLRR" else Fraction(1, 5)}
    values["left.mu"] += STEP
    values["left.temperature"] += STEP
    reference = validation.reference(
        ExactJunction.from_parameters(values), digits=DIGITS, bound_states="exclude"
    )
    names = ("charge_current", "entropy_production", "exergy")
    for name in names:
        found = limits.evaluate(linear_response(name, bands=bands), values, DIGITS)
        if bands == "LLRR" and name != "exergy":
            assert found == 0
            assert reference[name].mid == 0
        else:
            assert found == pytest.approx(reference[name].mid, rel=1e-6), name


def test_the_exergy_is_quadratic_and_not_less_than_that_of_two_states():
    values = parameters(**EQUILIBRIUM | {"left__mu": Fraction(3, 10)})
    twice = parameters(**EQUILIBRIUM | {"left__mu": Fraction(2, 5)})
    first, second = (
        limits.evaluate(linear_response("exergy"), at, DIGITS) for at in (values, twice)
    )
    assert second == pytest.approx(4 * first, rel=1e-15)
    assert first > limits.evaluate(linear_response("two_state_exergy"), values, DIGITS) > 0


def test_what_is_not_derived_says_so():
    with pytest.raises(qbsym.NotDerivedError, match="does not depend"):
        linear_response("equilibrium_energy")
    with pytest.raises(qbsym.NotDerivedError, match="up to order 1"):
        linear_response("exergy", 2)
    with pytest.raises(qbsym.NotDerivedError, match="up to order 1"):
        linear_response("conductance", 2)
    with pytest.raises(qbsym.UnknownNameError):
        linear_response("ergotropy")
    with pytest.raises(qbsym.UnknownNameError, match="arrangement"):
        linear_response("exergy", bands="LR")
