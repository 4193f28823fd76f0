"""Poles of the rational Green function: thresholds, energies, weights, and the missing weight."""

from fractions import Fraction

import pytest
from mpmath import mp
from sympy import Rational

import qbsym
from qbsym import symbols as s
from tests.qbsym.cases import integrals, parameters

ARGS = (s.level, s.onsite, s.hopping, s.coupling_L, s.coupling_R)

STRONG = {
    "above": (Fraction(5, 2), Fraction(1, 4), Fraction(1), Fraction(2, 5), Fraction(3, 5)),
    "below": (Fraction(-9, 4), Fraction(1, 8), Fraction(1), Fraction(1, 2), Fraction(1, 2)),
}


def as_junction(values):
    level, onsite, hopping, left, right = values
    return parameters(
        level=level,
        left__onsite=onsite,
        right__onsite=onsite,
        left__hopping=hopping,
        right__hopping=hopping,
        left__coupling=left,
        right__coupling=right,
    )


def evaluate(expression, values):
    return qbsym.lambdify(expression, ARGS, "mpmath")(*values)


@pytest.mark.parametrize("side", STRONG)
def test_the_bound_state_is_a_zero_of_the_inverse_green_function_outside_the_band(side):
    values = STRONG[side]
    state = qbsym.bound_state(side)
    energy = evaluate(state.energy, values)
    assert abs(energy - values[1].numerator / values[1].denominator) > 2
    inverse = 1 / qbsym.green_retarded(side, side)
    at = qbsym.lambdify(inverse, (s.omega, *s.PARAMETERS), "mpmath")
    slope = qbsym.lambdify(inverse.diff(s.omega), (s.omega, *s.PARAMETERS), "mpmath")
    junction = [mp.convert(v) for v in as_junction(values).values()]
    assert abs(at(energy, *junction)) < 1e-13
    assert mp.almosteq(evaluate(state.weight, values), 1 / slope(energy, *junction), 1e-12)


@pytest.mark.parametrize("side", STRONG)
def test_band_weight_and_bound_weight_make_one(side):
    values = STRONG[side]
    weight = float(evaluate(qbsym.bound_state(side).weight, values))
    assert 0 < weight < 1
    assert integrals(as_junction(values))["spectral_weight"] + weight == pytest.approx(1, abs=1e-12)


def test_two_bound_states_share_the_weight_with_the_band_at_strong_coupling():
    values = (Fraction(0), Fraction(0), Fraction(1), Fraction(2), Fraction(1))
    weights = [float(evaluate(qbsym.bound_state(side).weight, values)) for side in STRONG]
    assert weights[0] == pytest.approx(weights[1])
    total = integrals(as_junction(values))["spectral_weight"] + sum(weights)
    assert total == pytest.approx(1, abs=1e-12)


def test_the_threshold_is_twice_hopping_less_coupling_squared_over_hopping():
    state = qbsym.bound_state("above")
    equal = {s.coupling_L: Rational(1, 5), s.coupling_R: Rational(1, 5), s.onsite: 0, s.hopping: 1}
    threshold = 2 * (1 - Rational(1, 25))
    assert state.condition.subs(equal).subs(s.level, threshold + Rational(1, 10**9)) == True  # noqa: E712
    assert state.condition.subs(equal).subs(s.level, threshold) == False  # noqa: E712


def test_the_weight_goes_to_zero_at_the_threshold_and_to_one_far_from_the_band():
    values = [Fraction(2) - Fraction(2, 25), 0, 1, Fraction(1, 5), Fraction(1, 5)]
    weight = qbsym.bound_state("above").weight
    near = evaluate(weight, [values[0] + Fraction(1, 10**9), *values[1:]])
    far = evaluate(weight, [Fraction(1000), *values[1:]])
    assert 0 < near < 1e-6
    assert 1 - 1e-6 < far < 1


def test_another_side_is_refused():
    with pytest.raises(qbsym.UnknownNameError, match="no side"):
        qbsym.bound_state("left")
