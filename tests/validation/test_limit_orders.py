"""Measured orders of convergence: right claims are confirmed, wrong ones are found out."""

from dataclasses import replace

import pytest
from sympy import Rational, oo

from qbsym import limits
from qbsym import symbols as s
from validation.checks.base import Verdict
from validation.checks.limits import _row
from validation.limit_orders import TOLERANCE, measure, measure_all


def changed(entry, **changes):
    """Return an entry whose limit claims something else."""
    return replace(entry, build=lambda: replace(entry.limit, **changes))


def weak(name, order):
    return limits.limit("weak_coupling", name, order)


def test_the_order_of_each_observable_is_confirmed_at_both_orders():
    names = ("particle_number", "exergy", "charge_current", "entropy_gap")
    entries = [e for e in limits.limits() if e.family == "weak_coupling" and e.observable in names]
    found = measure_all(entries)
    assert [m.entry for m in found] == entries
    for one in found:
        assert one.agreed
        assert len(one.differences) == 3
        # Far below the tolerance: these epsilons are small enough.
        assert one.error < TOLERANCE / 10
        assert _row(one).verdict is Verdict.AGREED


@pytest.mark.parametrize(
    "changes",
    [
        {"remainder": Rational(3)},
        {"remainder": Rational(5)},
        {"remainder": oo},
        {"logarithms": 1},
        {"remainder": None, "rate": 1 / s.coupling_L},
    ],
    ids=["too low", "too high", "equal", "logarithm", "exponential"],
)
def test_a_wrong_claim_is_found_out(changes):
    wrong = measure(changed(weak("entropy", 2), **changes), points=2)
    assert not wrong.agreed
    assert _row(wrong).verdict is Verdict.DISAGREED


def test_a_wrong_coefficient_costs_an_order():
    right = weak("energy", 2)
    leading = weak("energy", 1).limit.expression
    nearly = leading + (right.limit.expression - leading) * Rational(1001, 1000)
    wrong = measure(changed(right, expression=nearly), points=2)
    assert not wrong.agreed
    assert wrong.measured < 3.5


def test_an_exact_limit_is_equal_within_the_error_of_the_reference():
    found = measure(weak("spectral_weight", 1))
    assert (found.kind, found.agreed) == ("exact", True)
    off = changed(weak("spectral_weight", 1), expression=1 + s.coupling_L**2)
    assert not measure(off).agreed


def test_a_combination_is_measured_with_its_own_error():
    entry = replace(
        weak("charge_current", 1),
        observable="conductance",
        of=lambda values, parameters: values["charge_current"] / parameters["left.mu"],
        build=lambda: replace(
            weak("charge_current", 1).limit,
            expression=weak("charge_current", 1).limit.expression / s.mu_L,
        ),
    )
    assert measure(entry, points=2).agreed
