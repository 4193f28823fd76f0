"""The result object, arrays, reproducibility, and the two readings of Eq. (A5)."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import qbnum
from tests.qbnum.strategies import junctions, log_uniform


def test_an_array_gives_what_its_junctions_give_alone() -> None:
    j = qbnum.Junction.symmetric(
        level=np.linspace(-1.9, 1.9, 7)[:, None], bias=[0.0, 1e-9, 0.5], coupling=0.2
    )
    s = qbnum.steady_state(j)
    for index in np.ndindex(7, 3):
        one = qbnum.steady_state(j.at(*index))
        for name in qbnum.OBSERVABLES:
            allowed = one.error_estimate[name] + s.error_estimate[name][index]
            assert abs(getattr(s, name)[index] - getattr(one, name)) <= allowed


def test_results_are_reproducible_and_can_be_pickled() -> None:
    j = qbnum.Junction.symmetric(level=0.4, bias=0.5)
    a, b = qbnum.steady_state(j), qbnum.steady_state(j)
    c = pickle.loads(pickle.dumps(a))
    for name in qbnum.OBSERVABLES:
        assert getattr(a, name) == getattr(b, name) == getattr(c, name)
    assert c.error_estimate == a.error_estimate
    assert "exergy" in dir(a)


def test_an_empty_array_gives_empty_observables() -> None:
    s = qbnum.steady_state(qbnum.Junction.symmetric(level=np.empty((0, 2))))
    assert s.exergy.shape == (0, 2)


def test_unknown_names_and_arguments_are_refused() -> None:
    s = qbnum.steady_state(qbnum.Junction.symmetric(level=0.4))
    with pytest.raises(AttributeError, match="no attribute 'ergotropy'"):
        _ = s.ergotropy
    with pytest.raises(qbnum.ParameterError, match=r"must be a qbnum\.Junction"):
        qbnum.steady_state(0.4)  # type: ignore[arg-type]
    with pytest.raises(qbnum.ParameterError, match="'mean' and 'level'"):
        qbnum.steady_state(s.junction, two_state_reference="other")  # type: ignore[arg-type]


def test_the_level_reading_of_a5_breaks_what_the_mean_reading_keeps() -> None:
    equilibrium = qbnum.Junction.symmetric(level=0.4)
    mean = qbnum.steady_state(equilibrium)
    level = qbnum.steady_state(equilibrium, two_state_reference="level")
    assert mean.two_state_exergy == 0.0
    assert level.two_state_exergy > 1e-6
    assert level.exergy_gap < -1e-6
    assert level.exergy_gap == pytest.approx(level.exergy - level.two_state_exergy, abs=1e-15)


@given(log_uniform(-8, -4), st.sampled_from([0.1, 0.4, -1.2]))
def test_weak_coupling_closes_the_gaps_as_the_coupling_squared(v: float, level: float) -> None:
    one = qbnum.steady_state(qbnum.Junction.symmetric(level=level, coupling=v, bias=0.5))
    half = qbnum.steady_state(qbnum.Junction.symmetric(level=level, coupling=v / 2, bias=0.5))
    for name in ("entropy_gap", "exergy_gap"):
        # The next order, measured: 1.3e4 v^2 relative at level -1.2, far less at the others.
        assert getattr(one, name) / getattr(half, name) == pytest.approx(
            4.0, rel=1e-13 + 2e4 * v**2
        )


@given(junctions(coupling=(-4, 0), temperature=(-2, 2)), st.floats(-1, 1))
def test_near_equilibrium_exergy_and_entropy_production_are_quadratic_in_the_bias(
    j: qbnum.Junction, tilt: float
) -> None:
    def at(scale: float) -> qbnum.SteadyState:
        step = scale * j.temperature_eq
        left = qbnum.Lead(
            j.left.onsite, j.left.hopping, j.left.coupling, j.mu_eq + step, j.temperature_eq
        )
        right = qbnum.Lead(
            j.right.onsite, j.right.hopping, j.right.coupling, j.mu_eq, j.temperature_eq
        )
        return qbnum.steady_state(
            qbnum.Junction(j.level, left, right, j.mu_eq, j.temperature_eq), bound_states="exclude"
        )

    step = 2.0**-30
    large, small = at(step), at(step / 2)
    # The bias that was realised, after rounding mu + step.
    ratio = (large.junction.left.mu - j.mu_eq) / (small.junction.left.mu - j.mu_eq)
    for name, power in (("exergy", 2), ("entropy_production", 2), ("charge_current", 1)):
        a, b = getattr(large, name), getattr(small, name)
        if abs(b) < 1e-280:
            continue
        # The next order is relative to the step (a few of it where the level is far from mu).
        assert a / b == pytest.approx(ratio**power, rel=20 * step)


@pytest.mark.parametrize(("far", "count"), [(-100.0, "particles"), (100.0, "holes")])
def test_an_equilibrium_below_the_double_range_goes_on_as_its_exponent(
    far: float, count: str
) -> None:
    """With f_eq = e^-x, x above 745, X and X2 grow by N dx; with 1 - f_eq = e^x, by (1 - N) dx."""
    lead = qbnum.Lead(onsite=0.0, hopping=1.0, coupling=0.12, mu=0.5, temperature=0.2)
    other = qbnum.Lead(onsite=0.0, hopping=1.0, coupling=0.2, mu=0.1, temperature=0.1)
    near, beyond = (
        qbnum.steady_state(qbnum.Junction(0.4, lead, other, factor * far, 0.1)) for factor in (1, 2)
    )
    moved = near.particle_number if count == "particles" else 1 - near.particle_number
    for name in ("exergy", "two_state_exergy"):
        change = getattr(beyond, name) - getattr(near, name)
        assert change == pytest.approx(moved * abs(far) / 0.1, rel=1e-13)
    assert beyond.exergy_gap == pytest.approx(near.exergy_gap, rel=1e-12)
    assert near.exergy_gap > 1e-3


def test_no_floating_point_warning_escapes_in_the_corners() -> None:
    with np.errstate(all="raise"):
        for kw in (
            {"level": 0.4, "coupling": 1e-8},
            {"level": 0.4, "temperature_eq": 1e-8, "bias": 0.5},
            {"level": 0.4, "mu_eq": 1e3, "temperature_eq": 1e-3},
            {"level": 2.0, "coupling": 1e-8},
            {"level": 0.4, "temperature_eq": 1e6},
        ):
            s = qbnum.steady_state(qbnum.Junction.symmetric(**kw))  # type: ignore[arg-type]
            assert all(np.isfinite(getattr(s, name)) for name in s.available)
