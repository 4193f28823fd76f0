"""qbnum against every case of the shipped reference table, by each way of integration."""

from __future__ import annotations

import importlib

import numpy as np
import pytest

import qbnum
from qbnum import _integrate
from tests.shipped import shipped_junctions
from validation.metrics import SIGN_CHANGING

TOLERANCE = 1e-10
"""Ten digits: what the project promises at the corners, which most of the cases are."""


def carefully(points, occupation, engine):
    return _integrate._integrate(points, occupation, np.ones(len(points), dtype=bool))


def never(points):
    return np.zeros(len(points), dtype=bool)


@pytest.mark.parametrize("way", ["chosen", "without the ordinary one", "careful"])
def test_every_case_of_the_table_is_right_and_its_estimate_honest(way, monkeypatch) -> None:
    if way == "careful":
        # The name in the package is the function's.
        module = importlib.import_module("qbnum.steady_state")
        monkeypatch.setattr(module, "integrate", carefully)
    elif way != "chosen":
        monkeypatch.setattr(_integrate, "seems_ordinary", never)
    cases, junction, bound_states = shipped_junctions()
    state = qbnum.steady_state(junction, bound_states=bound_states)
    for name in qbnum.OBSERVABLES:
        value, estimate = getattr(state, name), state.error_estimate[name]
        exact = np.array([float(case.values[name].value) for case in cases])
        size = np.array([float(case.values[name].absolute_integral) for case in cases])
        vanishes = (name in SIGN_CHANGING) | (exact == 0)
        scale = np.where(vanishes, size, np.abs(exact))
        # To the nearest double, or to the nearest that is not subnormal.
        rounding = 2**-53 * np.abs(exact) + np.finfo(float).tiny
        error = np.abs(value - exact) - rounding
        where = [case.slug for case, bad in zip(cases, error > estimate, strict=True) if bad]
        assert not where, f"{name}: dishonest at {where}"
        wrong = error > TOLERANCE * scale
        where = [case.slug for case, bad in zip(cases, wrong, strict=True) if bad]
        assert not where, f"{name}: inaccurate at {where}"
