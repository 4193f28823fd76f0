"""Bound states against their closed forms for equal leads, and how results treat them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import qbnum
from tests.qbnum.strategies import log_uniform


@given(log_uniform(-6, 0.5), st.floats(-3, 3, allow_subnormal=False))
def test_equal_leads_bind_beyond_the_threshold(coupling: float, level: float) -> None:
    b = qbnum.bound_states(qbnum.Junction.symmetric(level=level, coupling=coupling))
    threshold = 2 * (1 - coupling**2)
    assume(min(abs(level - threshold), abs(level + threshold)) > 1e-12)
    below, between, above = (~np.ma.getmaskarray(b.energy)).tolist()
    assert (below, between, above) == (level < -threshold, False, level > threshold)


@given(log_uniform(-3, 0.5), st.floats(0.0, 3.0, allow_subnormal=False))
def test_the_energy_above_the_band_solves_the_quadratic(coupling: float, level: float) -> None:
    """omega - level = 2 Sigma(omega): with omega = zeta + 1/zeta, Sigma = v^2 zeta, |zeta| < 1."""
    assume(level > 2 * (1 - coupling**2) + 1e-6)
    j = qbnum.Junction.symmetric(level=level, coupling=coupling)
    b = qbnum.bound_states(j)
    # (1 - 2 v^2) zeta^2 - level zeta + 1 = 0, the root inside the unit circle in stable form.
    a = 1 - 2 * coupling**2
    zeta = 2 / (level + math.sqrt(level**2 - 4 * a))
    assert float(b.energy[2]) == pytest.approx(zeta + 1 / zeta, rel=1e-13)
    weight = (1 - zeta**2) / (1 - zeta**2 + 2 * coupling**2 * zeta**2)
    # Near threshold 1 - zeta^2 is small and this test's own formula loses digits.
    assert float(b.weight[2]) == pytest.approx(weight, rel=1e-15 / (1 - zeta) + 1e-13)


def test_a_gap_between_disjoint_bands_can_bind() -> None:
    left = qbnum.Lead(0.0, 1.0, 0.4, 0.0, 0.1)
    right = qbnum.Lead(10.0, 1.0, 0.4, 0.0, 0.1)
    for level in (5.0, 3.0, 7.0):
        b = qbnum.bound_states(qbnum.Junction(level, left, right, 0.0, 0.1))
        assert b.count == 1
        omega = float(b.energy[1])
        assert 2.0 < omega < 8.0
        j = qbnum.Junction(level, left, right, 0.0, 0.1)
        inverse = omega - level - (qbnum.self_energy(left, omega) + qbnum.self_energy(right, omega))
        assert abs(inverse) < 1e-14
        s = qbnum.steady_state(j)
        assert s.spectral_weight + b.total_weight == pytest.approx(1.0, abs=4e-15)


def test_the_isolated_level_is_one_bound_state_of_weight_one() -> None:
    lead = qbnum.Lead(0.0, 1.0, 0.0, 0.6, 0.1)
    j = qbnum.Junction(0.4, lead, lead, 0.1, 0.1)
    s = qbnum.steady_state(j, bound_states=0.25)
    assert (s.spectral_weight, s.bound_state_weight) == (0.0, 1.0)
    assert (s.particle_number, s.energy, s.charge_current) == (0.25, 0.1, 0.0)
    entropy = -0.25 * math.log(0.25) - 0.75 * math.log(0.75)
    assert s.entropy == pytest.approx(entropy, rel=1e-15)
    f = 1 / (math.exp(3.0) + 1)
    exergy = 0.25 * math.log(0.25 / f) + 0.75 * math.log(0.75 / (1 - f))
    assert s.exergy == pytest.approx(exergy, rel=1e-14)
    assert s.exergy_gap <= s.error_estimate["exergy_gap"]


BOUND = qbnum.Junction.symmetric(level=2.3, coupling=0.3, bias=0.5)


def test_an_occupation_that_nobody_named_is_never_assumed() -> None:
    s = qbnum.steady_state(BOUND)
    assert s.charge_current > 0
    with pytest.raises(qbnum.BoundStateError, match="bound_states=<occupation"):
        _ = s.particle_number
    assert set(s.available) == {
        *("spectral_weight", "charge_current", "energy_current", "entropy_production"),
        *("heat_current_left", "heat_current_right"),
    }


def test_the_band_part_is_given_when_asked_for_and_has_no_two_state_form() -> None:
    s = qbnum.steady_state(BOUND, bound_states="exclude")
    named = qbnum.steady_state(BOUND, bound_states=0.5)
    Z = s.bound_state_weight
    assert named.particle_number == pytest.approx(s.particle_number + 0.5 * Z, rel=1e-15)
    with pytest.raises(qbnum.BoundStateError, match="two_state_entropy"):
        _ = s.two_state_entropy
    two_state = {"two_state_entropy", "two_state_exergy", "entropy_gap", "exergy_gap"}
    assert set(qbnum.OBSERVABLES) - set(s.available) == two_state


def test_arrays_are_masked_only_where_a_junction_binds() -> None:
    j = qbnum.Junction.symmetric(level=[0.4, 2.3], coupling=0.3, bias=0.5)
    for policy, name in (("mask", "particle_number"), ("exclude", "exergy_gap")):
        value = getattr(qbnum.steady_state(j, bound_states=policy), name)  # type: ignore[arg-type]
        assert np.ma.getmaskarray(value).tolist() == [False, True]
    with pytest.raises(qbnum.BoundStateError, match="1 of 2 junctions"):
        _ = qbnum.steady_state(j).exergy


def test_bound_states_that_no_double_holds_are_refused_and_counted() -> None:
    j = qbnum.Junction.symmetric(level=0.4, coupling=np.array([0.3, 1e160, 1.5, 1e170]))
    with pytest.raises(qbnum.ConvergenceError, match="2 of 4 junctions leave the range"):
        qbnum.bound_states(j)


def test_an_array_of_junctions_counts_and_sums_its_bound_states() -> None:
    level, coupling = np.array([[0.1], [2.3]]), np.array([0.1, 0.4, 1.5])
    b = qbnum.bound_states(qbnum.Junction.symmetric(level=level, coupling=coupling))
    assert b.count.tolist() == [[0, 0, 2], [1, 1, 2]]
    assert b.energy.shape == b.weight.shape == (2, 3, 3)
    assert not b.weight.mask[1, 2, 2]
    band = qbnum.steady_state(
        qbnum.Junction.symmetric(level=level, coupling=coupling), bound_states="exclude"
    )
    assert np.allclose(b.total_weight, 1.0 - band.spectral_weight, rtol=0, atol=1e-12)
    assert b.total_weight[0, 0] == 0.0


def test_each_bound_state_may_have_its_own_occupation() -> None:
    j = qbnum.Junction.symmetric(level=0.1, coupling=1.5)
    b = qbnum.bound_states(j)
    assert b.count == 2
    s = qbnum.steady_state(j, bound_states={"below": 1.0, "above": 0.0})
    band = qbnum.steady_state(j, bound_states="exclude")
    assert s.particle_number == pytest.approx(band.particle_number + float(b.weight[0]), rel=1e-14)
    with pytest.raises(qbnum.BoundStateError):
        _ = qbnum.steady_state(j, bound_states={"below": 1.0}).particle_number


@pytest.mark.parametrize("bad", [-0.1, 1.1, np.nan, "half", {"left": 0.5}, [0.1, 0.2], None])
def test_bad_occupations_are_refused(bad: object) -> None:
    with pytest.raises(qbnum.ParameterError):
        qbnum.steady_state(BOUND, bound_states=bad)  # type: ignore[arg-type]
