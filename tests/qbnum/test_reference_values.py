"""qbnum against arbitrary precision at every named corner: accuracy and honesty.

The same corners feed `qbval run`; here each is one test, whose failure shows the inputs, both
values and the error.
"""

from __future__ import annotations

import pytest

import qbnum
import validation
from tests.slow import few_by_default
from validation import metrics
from validation.cases import Case, corner_cases
from validation.checks.base import CORNER_TOLERANCE
from validation.junctions import by_position

# Two digits beyond a double's, so that the reference's own radius does not count.
DIGITS = 18


# `qbval run` makes the same comparison, and `test_reference_table_values` one with stored values.
@pytest.mark.parametrize(
    "case", few_by_default(corner_cases(), 6, pytest.mark.deep), ids=lambda case: case.slug
)
def test_every_observable_is_right_and_its_estimate_honest(case: Case) -> None:
    given = case.bound_states
    state = qbnum.steady_state(case.junction, bound_states=by_position(case.junction, given))
    reference = validation.reference(case.junction, digits=DIGITS, bound_states=given)
    inaccurate, dishonest, compared = [], [], 0
    for name in state.available:
        if name in reference.refusals:
            continue  # counted by `qbval run`; never the larger part, see below
        compared += 1
        value, estimate = getattr(state, name), state.error_estimate[name]
        found = metrics.compare(value, reference[name], sign_changing=name in metrics.SIGN_CHANGING)
        shown = f"{name}: {value!r} +- {estimate:.1e}, reference {reference[name]}"
        if not found.judged <= CORNER_TOLERANCE:
            inaccurate.append(f"{shown}, relative error {found.judged:.1e}")
        if not abs(value - reference[name].mid) <= estimate + reference[name].radius:
            dishonest.append(shown)
    assert not inaccurate, "\n".join([case.command(), *inaccurate])
    assert not dishonest, "\n".join([case.command(), *dishonest])
    assert compared >= len(state.available) - 2
