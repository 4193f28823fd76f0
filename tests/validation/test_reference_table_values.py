"""The certified reference against the shipped table, which earlier versions of it computed."""

from __future__ import annotations

import pytest

import validation
from validation.enclosure import distance
from validation.reference_table import load_table

DIGITS = 15


@pytest.mark.parametrize("slug", ["unequal-couplings", "strong-two-bound-states"])
def test_shipped_values_come_out_again_from_the_certified_backend(slug):
    case = load_table().by_slug[slug]
    states = case.occupations or "error"
    found = validation.reference(case.junction, digits=DIGITS, bound_states=states)
    assert set(found) == set(case.values)
    for name, value in case.values.items():
        shipped, new = value.enclosure, found[name]
        assert distance(new.mid, shipped.mid) <= new.radius + shipped.radius, name
        assert new.radius <= 10.0**-DIGITS * new.absolute_integral, name
