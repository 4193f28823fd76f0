"""Error measures are total, and do not round the reference before comparing."""

import math
import sys
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp, mpf

from validation.enclosure import Enclosure, distance
from validation.errors import MetricError
from validation.metrics import compare, digits_of_agreement, relative_error, ulps

finite = st.floats(allow_nan=False, allow_infinity=False)
ordinary = st.builds(
    lambda sign, exponent, mantissa: sign * mantissa * 10.0**exponent,
    st.sampled_from([-1.0, 1.0]),
    st.integers(-290, 290),
    st.floats(1.0, 9.0),
)


def enclosure(mid, radius=0, absolute=None):
    with mp.workdps(60):
        mid, radius = mpf(mid), mpf(radius)
        return Enclosure(mid, radius, mpf(absolute) if absolute else abs(mid))


@settings(deadline=None)
@given(ordinary, ordinary)
def test_the_relative_error_of_doubles_is_that_of_exact_fractions(value, reference):
    exact = abs(Fraction(value) - Fraction(reference)) / abs(Fraction(reference))
    expected = float(exact) if exact <= Fraction(sys.float_info.max) else math.inf
    for given_as in (reference, Fraction(reference), mpf(reference), enclosure(reference)):
        assert relative_error(value, given_as) == pytest.approx(expected, rel=1e-15)


@settings(deadline=None)
@given(finite)
def test_only_equality_has_no_error(value):
    assert relative_error(value, Fraction(value)) == 0
    assert ulps(value, value) == 0
    following = math.nextafter(value, math.inf)
    if math.isfinite(following):
        assert relative_error(following, Fraction(value)) > 0


@settings(deadline=None)
@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_a_correctly_rounded_value_is_within_half_an_ulp(numerator, denominator):
    exact = Fraction(numerator, denominator)
    error = ulps(float(exact), exact)
    assert error <= 0.5
    assert (error == 0) == (Fraction(float(exact)) == exact)


def test_the_reference_is_not_rounded_to_a_double_first():
    third = Fraction(1, 3)
    with mp.workdps(50):
        reference = mpf(1) / 3
    assert 0 < relative_error(1 / 3, third) <= 2**-54
    assert relative_error(1 / 3, reference) == pytest.approx(
        relative_error(1 / 3, third), rel=1e-12
    )


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("reference", [0, 1.5, Fraction(-1, 3), mpf(2)])
def test_a_value_that_is_no_number_is_infinitely_wrong(value, reference):
    assert relative_error(value, reference) == math.inf
    assert ulps(value, reference) == math.inf
    assert digits_of_agreement(value, reference) == 0


@pytest.mark.parametrize("reference", [math.nan, math.inf, mpf("-inf"), mpf("nan")])
def test_a_reference_that_is_no_number_is_refused(reference):
    for figure in (relative_error, ulps, digits_of_agreement, compare):
        with pytest.raises(MetricError, match="not a finite number"):
            figure(1.0, reference)


def test_zero_agrees_with_zero_of_either_sign_and_with_nothing_else():
    assert relative_error(0.0, 0) == relative_error(-0.0, 0.0) == 0
    assert relative_error(5e-324, 0) == math.inf
    assert relative_error(0.0, 5e-324) == 1
    assert digits_of_agreement(0.0, 0) == math.inf
    assert digits_of_agreement(5e-324, 0) == 0


def test_an_error_below_the_smallest_double_is_not_reported_as_none():
    assert relative_error(1.0, 1 + Fraction(1, 10**400)) > 0


def test_a_reference_far_below_the_doubles_is_reached_by_zero():
    with mp.workdps(30):
        tiny = enclosure(mp.exp(-(mpf(10) ** 7)))
    assert relative_error(0.0, tiny) == 1
    assert compare(0.0, tiny).judged < 1e-300
    assert compare(1e-300, tiny).judged > 1


def test_ulps_are_defined_beyond_the_largest_double():
    huge = Fraction(10) ** 400
    assert ulps(sys.float_info.max, huge) > 2**53
    assert ulps(sys.float_info.max, Fraction(sys.float_info.max) + 1) < 1


def test_a_sign_changing_observable_is_judged_by_its_scale_near_its_zero_only():
    near_zero = enclosure("1e-6", absolute=1)
    far = enclosure("0.5", absolute=1)
    value = 1e-6 + 1e-14
    assert compare(value, near_zero, sign_changing=True).judged == pytest.approx(1e-14, rel=1e-2)
    assert compare(value, near_zero).judged == pytest.approx(1e-8, rel=1e-2)
    assert compare(0.5 + 1e-10, far, sign_changing=True).judged == pytest.approx(2e-10, rel=1e-4)
    assert compare(value, near_zero).condition == pytest.approx(1e6)


def test_both_figures_and_their_ratio_are_kept():
    found = compare(1e-6 + 1e-14, enclosure("1e-6", absolute=1), sign_changing=True)
    assert found.relative / found.scaled == pytest.approx(found.condition, rel=1e-9)


def test_digits_are_capped_by_what_the_reference_vouches_for():
    vague = enclosure("0.5", radius="1e-9")
    found = compare(0.5, vague)
    assert found.digits == pytest.approx(8.7, abs=0.01)
    assert found.digits_are_a_bound
    assert str(found).startswith(">=")
    assert not compare(0.5001, vague).digits_are_a_bound


def test_disagreement_gives_no_digits_rather_than_negative_ones():
    assert digits_of_agreement(-3.0, 0.001) == 0


def test_an_exact_zero_reference_from_an_enclosure_is_comparable():
    zero = enclosure(0)
    assert compare(0.0, zero, sign_changing=True).judged == 0
    assert compare(1e-20, zero, sign_changing=True).judged == math.inf


@settings(deadline=None)
@given(ordinary, ordinary)
def test_the_distance_of_doubles_is_exact_to_sixty_four_bits(a, b):
    exact = abs(Fraction(a) - Fraction(b))
    for left, right in ((a, b), (mpf(a), Fraction(b)), (Fraction(a), mpf(b))):
        found = distance(left, right)
        error = abs(Fraction(int(found.man)) * Fraction(2) ** int(found.exp) - exact)
        assert error <= exact / 2**60


def test_an_enclosure_shows_only_digits_that_are_right():
    with mp.workdps(40):
        third = Enclosure(mpf(1) / 3, mpf("1e-12"), mpf(1), digits=12, backend="mpmath")
    shown = str(third).split()[0]
    assert shown == "0.33333333333"
    assert "certified" not in repr(third)
    assert "no digit" in str(enclosure("1e-9", radius="1e-8"))
    assert str(enclosure(0)) == "0.0"


@settings(deadline=None)
@given(st.integers(2, 30), st.integers(1, 10**30))
def test_the_shown_digits_lie_within_the_radius_and_a_rounding(digits, seed):
    with mp.workdps(60):
        mid = mpf(seed) / mpf(10) ** 29 + 1
        shown = mpf(str(Enclosure(mid, mid * mpf(10) ** -digits, mid)).split()[0])
        assert abs(shown - mid) <= mid * mpf(10) ** (1 - digits)


def test_enclosures_know_what_they_contain():
    unit = enclosure(1, radius="0.25")
    assert unit.contains(Fraction(5, 4))
    assert not unit.contains(Fraction(5, 4) + Fraction(1, 10**18))
    assert unit.contains(0.75)
    assert unit.overlaps(enclosure("1.5", radius="0.25"))
    assert not unit.overlaps(enclosure("1.5", radius="0.24"))
    assert float(unit) == 1.0
    assert unit.right_digits == pytest.approx(0.602, abs=1e-3)


def test_what_is_exactly_zero_but_has_a_scale_is_judged_by_it():
    zero = enclosure(0, absolute="0.25")
    assert compare(0.0, zero).digits == math.inf
    assert compare(1e-20, zero).judged == pytest.approx(4e-20)
    assert compare(1e-20, zero).digits == pytest.approx(19.4, abs=0.01)
    assert compare(0.1, zero).judged == pytest.approx(0.4)
