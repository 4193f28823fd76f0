"""qbnum against every case of the shipped reference table, by each way of integration."""

from __future__ import annotations

import importlib

import numpy as np
import pytest

import qbnum
from qbnum import _integrate
from validation.metrics import SIGN_CHANGING
from validation.reference_table import load_table

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
    cases = load_table().cases
    p = {name: np.array([float.fromhex(c.hex[name]) for c in cases]) for name in cases[0].hex}
    left, right = (
        qbnum.Lead(**{n.partition(".")[2]: p[n] for n in p if n.startswith(side)})
        for side in ("left", "right")
    )
    junction = qbnum.Junction(
        level=p["level"],
        left=left,
        right=right,
        mu_eq=p["mu_eq"],
        temperature_eq=p["temperature_eq"],
    )
    present = ~qbnum.bound_states(junction).energy.mask
    assert [len(case.occupations) for case in cases] == present.sum(axis=-1).tolist()
    occupied = np.zeros(present.shape)
    occupied[present] = [n for case in cases for n in case.occupations]
    state = qbnum.steady_state(
        junction, bound_states=dict(zip(qbnum.BOUND_STATE_POSITIONS, occupied.T, strict=True))
    )
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
