"""Leads and junctions: what they accept, what they refuse and how they say it."""

from __future__ import annotations

import pickle
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import qbnum

GOOD: dict[str, Any] = {
    "onsite": 0.0,
    "hopping": 1.0,
    "coupling": 0.12,
    "mu": 0.6,
    "temperature": 0.1,
}


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("hopping", 0.0, "finite and > 0"),
        ("hopping", -1.0, "finite and > 0"),
        ("temperature", 0.0, "finite and > 0"),
        ("temperature", -0.1, "finite and > 0"),
        ("temperature", [0.1, -0.1], r"at index \(1,\)"),
        ("coupling", -0.12, "finite and >= 0"),
        ("coupling", np.inf, "finite and >= 0"),
        ("mu", np.nan, "a finite number"),
        ("onsite", -np.inf, "a finite number"),
        ("mu", "0.6", "not a real number"),
        ("mu", None, "not a real number"),
        ("mu", True, "not a real number"),
        ("mu", 0.6 + 0j, "not a real number"),
        ("mu", Fraction(3, 5), "not a real number"),
        ("mu", [[1.0], [1.0, 2.0]], "not a number or a regular array"),
        ("mu", 2**53 + 1, "no exact double"),
    ],
)
def test_a_lead_refuses_a_bad_field_and_names_it(field: str, value: Any, message: str) -> None:
    with pytest.raises(qbnum.ParameterError, match=message) as caught:
        qbnum.Lead(**{**GOOD, field: value})
    assert f"Lead.{field}" in str(caught.value)


def test_fields_that_do_not_broadcast_are_refused_with_their_shapes() -> None:
    with pytest.raises(qbnum.ShapeError, match=r"Lead\.mu \(2,\), Lead\.temperature \(3,\)"):
        qbnum.Lead(0.0, 1.0, 0.1, [0.0, 1.0], [0.1, 0.2, 0.3])
    lead = qbnum.Lead(**{**GOOD, "mu": [0.0, 1.0]})
    with pytest.raises(qbnum.ShapeError, match=r"level \(3,\), left\.mu \(2,\)"):
        qbnum.Junction([0.0, 1.0, 2.0], lead, lead, 0.1, 0.1)


def test_a_junction_refuses_what_is_not_a_lead() -> None:
    with pytest.raises(qbnum.ParameterError, match=r"Junction\.right must be a qbnum\.Lead"):
        qbnum.Junction(0.4, qbnum.Lead(**GOOD), "right", 0.1, 0.1)  # type: ignore[arg-type]


def test_the_protocol_refuses_a_gradient_that_cools_below_zero() -> None:
    with pytest.raises(qbnum.ParameterError, match="left lead's temperature and must be > 0"):
        qbnum.Junction.symmetric(level=0.4, temperature_gradient=-0.1)


def test_the_protocol_rounds_the_left_reservoir_once() -> None:
    j = qbnum.Junction.symmetric(level=0.4, bias=0.5, temperature_gradient=0.2)
    assert (j.left.mu, j.left.temperature) == (0.1 + 0.5, 0.1 + 0.2)
    assert (j.right.mu, j.right.temperature) == (0.1, 0.1)


def test_what_the_protocol_is_not_told_is_as_in_the_paper() -> None:
    lead = qbnum.Lead(onsite=0.0, hopping=1.0, coupling=0.12, mu=0.1, temperature=0.1)
    assert qbnum.Junction.symmetric(level=0.4) == qbnum.Junction(0.4, lead, lead, 0.1, 0.1)


def test_records_are_values_that_nobody_can_change() -> None:
    given = np.array([0.1, 0.2])
    j = qbnum.Junction.symmetric(level=given)
    given[0] = 99.0
    assert np.array_equal(j.level, [0.1, 0.2])
    with pytest.raises(ValueError, match="read-only"):
        j.level[0] = 1.0  # type: ignore[index]
    with pytest.raises(AttributeError):
        j.level = 0.3  # type: ignore[misc]
    with pytest.raises(AttributeError):
        qbnum.bound_states(j).weight = 1.0  # type: ignore[misc]
    with pytest.raises(AttributeError):
        qbnum.OBSERVABLES["energy"].unit = "1"  # type: ignore[misc]
    assert j == pickle.loads(pickle.dumps(j))
    assert j != qbnum.Junction.symmetric(level=[0.1, 0.3])
    # Of masked arrays only a record itself is equal to itself.
    states = qbnum.bound_states(j)
    assert len({states, qbnum.bound_states(j)}) == 2
    assert states == states


def test_transformations_undo_themselves() -> None:
    left = qbnum.Lead(0.1, 1.0, 0.2, 0.3, 0.4)
    j = qbnum.Junction(0.7, left, qbnum.Lead(-0.1, 2.0, 0.3, 0.0, 0.5), 0.1, 0.2)
    assert j.exchanged().exchanged() == j
    assert j.reflected().reflected() == j
    assert j.scaled(4.0).scaled(0.25) == j
    assert j.scaled(4.0).left.hopping == 4.0
    assert j.reflected().left.mu == -0.3
    assert j.shifted(0.5).right.onsite == 0.4
    assert j.shifted(0.5).right.hopping == 2.0


def test_one_junction_is_taken_out_of_an_array() -> None:
    j = qbnum.Junction.symmetric(level=[[0.1], [0.2]], bias=[0.0, 0.5, 1.0])
    assert j.shape == (2, 3)
    assert j.at(1, 2) == qbnum.Junction.symmetric(level=0.2, bias=1.0)
