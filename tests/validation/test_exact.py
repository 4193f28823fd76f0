"""Parameters are exactly what was given: doubles as doubles, text as text."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbnum import Junction, Lead
from validation.errors import ParameterError
from validation.exact import PARAMETERS, ExactJunction, ExactLead, exact_number, parse_number

TEXT = dict.fromkeys(PARAMETERS, "0") | {
    "level": "0.4",
    "left.hopping": "1",
    "left.coupling": "0.12",
    "left.temperature": "1/10",
    "right.hopping": "1e0",
    "right.coupling": "3/25",
    "right.temperature": "0x1p-3",
    "temperature_eq": "1e-1",
}


def test_the_double_012_is_not_the_text_012():
    text = ExactJunction.from_text(TEXT)
    doubles = ExactJunction.from_junction(Junction.symmetric(level=0.4, coupling=0.12))
    gap = doubles.left.coupling - text.left.coupling
    # 0.12 lies in [2^-4, 2^-3), where doubles are 2^-56 apart.
    assert 0 < abs(gap) <= Fraction(1, 2**57)


def test_a_decimal_and_a_rational_text_of_the_same_number_agree():
    j = ExactJunction.from_text(TEXT)
    assert j.left.coupling == j.right.coupling == Fraction(3, 25)
    assert j.right.temperature == Fraction(1, 8)


@settings(deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_double_survives_its_hexadecimal_text(value):
    assert parse_number(value.hex()) == exact_number(value) == Fraction(value)


@settings(deadline=None)
@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**40), max_value=10**40))
def test_every_decimal_survives_its_text(value):
    assert parse_number(str(value)) == Fraction(value)


def test_a_hexadecimal_text_longer_than_a_double_is_not_rounded():
    assert parse_number("0x1.00000000000000000001p0") == 1 + Fraction(1, 16**20)


def test_a_junction_is_read_by_its_attributes_in_the_fixed_order():
    lead = Lead(onsite=-0.5, hopping=1.5, coupling=0.25, mu=0.75, temperature=0.125)
    j = Junction(level=0.5, left=lead, right=lead, mu_eq=-1.0, temperature_eq=2.0)
    exact = ExactJunction.from_junction(j)
    assert tuple(exact.parameters) == PARAMETERS == tuple(j.parameters)
    assert exact.parameters == {name: Fraction(v) for name, v in j.parameters.items()}
    assert ExactJunction.from_junction(exact) is exact
    assert exact.left.band == (Fraction(-7, 2), Fraction(5, 2))


def test_a_numpy_scalar_and_a_long_double_are_taken_exactly():
    assert exact_number(np.float32(0.1)) == Fraction(float(np.float32(0.1)))
    assert exact_number(np.array(3)) == 3
    third = np.longdouble(1) / 3
    assert exact_number(third) == Fraction(*third.as_integer_ratio())


@pytest.mark.parametrize("value", [np.nan, np.inf, "0.1", None, True, 1j, np.array([1.0, 2.0])])
def test_what_is_not_one_finite_real_number_is_refused_by_name(value):
    with pytest.raises(ParameterError, match=r"left\.mu"):
        exact_number(value, "left.mu")


@pytest.mark.parametrize(
    "text",
    ["", "nan", "inf", "1/0", "0x", "0x.p3", "1e999999999", "0x1p99999999", "twelve", "1e-9999"],
)
def test_a_text_that_is_no_finite_number_is_refused(text):
    with pytest.raises(ParameterError, match="rational"):
        parse_number(text, "level")


@pytest.mark.parametrize(
    ("name", "text", "allowed"),
    [
        ("left.hopping", "0", "> 0"),
        ("right.temperature", "-1e-3", "> 0"),
        ("temperature_eq", "0", "> 0"),
        ("left.coupling", "-0x1p-9", ">= 0"),
    ],
)
def test_a_parameter_outside_its_domain_is_named_with_its_value(name, text, allowed):
    with pytest.raises(ParameterError, match=f"{name} = .*{allowed}"):
        ExactJunction.from_text(TEXT | {name: text})


def test_missing_and_unknown_parameters_are_listed():
    wrong = {name: text for name, text in TEXT.items() if name != "mu_eq"} | {"mu": "0"}
    with pytest.raises(ParameterError, match=r"missing: \['mu_eq'\], unknown: \['mu'\]"):
        ExactJunction.from_text(wrong)
    with pytest.raises(ParameterError, match="no 'level'"):
        ExactJunction.from_junction(SimpleNamespace())


def test_a_number_where_text_is_expected_is_refused():
    with pytest.raises(ParameterError, match="not text"):
        ExactJunction.from_text(TEXT | {"level": 0.4})


def test_an_array_of_junctions_must_be_indexed_first():
    j = Junction.symmetric(level=np.array([0.1, 0.2]))
    with pytest.raises(ParameterError, match=r"level.*at"):
        ExactJunction.from_junction(j)
    assert ExactJunction.from_junction(j.at(1)).level == Fraction(0.2)


def test_the_records_validate_whatever_builds_them():
    j = ExactJunction.from_text(TEXT)
    with pytest.raises(ParameterError, match="hopping"):
        replace(j.left, hopping=Fraction(0))
    with pytest.raises(ParameterError, match="ExactLead"):
        replace(j, left=Lead(0.0, 1.0, 0.1, 0.0, 0.1))
    assert ExactLead(0, 1, Decimal("0.5"), 0, 0.25).coupling == Fraction(1, 2)
