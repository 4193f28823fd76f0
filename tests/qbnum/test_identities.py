"""The identities of the model over its whole domain, and the metamorphic relations.

Every tolerance is one of the two below.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

import qbnum
from tests.qbnum.strategies import equilibrium_junctions, junctions, log_uniform, occupations

# Sums over some thousand nodes of weight 1: measured worst 1.1e-15 over 10^4 random junctions.
SUM_RULE = 5e-15
# Two evaluations of one number, or two sides of an identity, may differ by their own estimates.
ESTIMATES = 2.0

EXTENSIVE = [name for name, info in qbnum.OBSERVABLES.items() if info.unit == "1"]


def agree(
    a: qbnum.SteadyState,
    b: qbnum.SteadyState,
    name: str,
    factor: float = 1.0,
    slack: float = 0.0,
) -> None:
    """Assert that observable ``name`` of ``b`` is ``factor`` times that of ``a``."""
    left, right = getattr(a, name) * factor, getattr(b, name)
    allowed = ESTIMATES * (abs(factor) * a.error_estimate[name] + b.error_estimate[name]) + slack
    assert abs(left - right) <= allowed, f"{name}: {left!r} != {right!r} (+- {allowed:.1e})"


@given(junctions())
@example(qbnum.Junction.symmetric(level=2.3, coupling=0.3))
@example(qbnum.Junction.symmetric(level=0.4, coupling=1e-8))
@example(qbnum.Junction.symmetric(level=0.0, coupling=1.0))
def test_spectral_weight_of_bands_and_bound_states_is_one(j: qbnum.Junction) -> None:
    s = qbnum.steady_state(j)
    weight = s.spectral_weight + qbnum.bound_states(j).total_weight
    assert weight == pytest.approx(1.0, abs=SUM_RULE)


@given(equilibrium_junctions(), occupations)
def test_exergy_and_currents_vanish_at_equilibrium(j: qbnum.Junction, n: float) -> None:
    s = qbnum.steady_state(j, bound_states="exclude")
    for name in ("exergy", "charge_current", "energy_current", "entropy_production"):
        assert getattr(s, name) == 0.0
    for name in ("particle_number", "energy", "entropy"):
        other = "equilibrium_" + name
        allowed = s.error_estimate[name] + s.error_estimate[other]
        assert abs(getattr(s, name) - getattr(s, other)) <= allowed


@given(junctions(), occupations)
def test_observables_keep_their_signs_and_bounds(j: qbnum.Junction, n: float) -> None:
    s = qbnum.steady_state(j, bound_states=n)
    for name in ("exergy", "entropy_production", "entropy_gap", "exergy_gap", "two_state_exergy"):
        assert getattr(s, name) >= 0.0
    assert 0.0 <= s.particle_number <= 1.0 + SUM_RULE
    assert 0.0 <= s.entropy <= math.log(2) * (1 + SUM_RULE)
    assert 0.0 <= s.two_state_entropy <= math.log(2) * (1 + SUM_RULE)


@given(junctions(), occupations)
def test_gaps_are_the_differences_of_what_they_separate(j: qbnum.Junction, n: float) -> None:
    s = qbnum.steady_state(j, bound_states=n)
    for gap, larger, smaller in (
        ("entropy_gap", "two_state_entropy", "entropy"),
        ("exergy_gap", "exergy", "two_state_exergy"),
    ):
        error = sum(s.error_estimate[name] for name in (gap, larger, smaller))
        difference = getattr(s, larger) - getattr(s, smaller)
        assert abs(getattr(s, gap) - difference) <= ESTIMATES * error


@given(junctions(), occupations)
def test_exergy_is_the_grand_potential_difference(j: qbnum.Junction, n: float) -> None:
    """Eq. (2) with the sign of mu (N - N_eq) that makes it true."""
    s = qbnum.steady_state(j, bound_states=n)
    beta = 1 / j.temperature_eq
    work = (
        s.energy
        - s.equilibrium_energy
        - j.mu_eq * (s.particle_number - s.equilibrium_particle_number)
    )
    allowed = s.error_estimate["exergy"]
    allowed += beta * (s.error_estimate["energy"] + s.error_estimate["equilibrium_energy"])
    allowed += (
        beta
        * abs(j.mu_eq)
        * (s.error_estimate["particle_number"] + s.error_estimate["equilibrium_particle_number"])
    )
    allowed += s.error_estimate["entropy"] + s.error_estimate["equilibrium_entropy"]
    right = beta * work - (s.entropy - s.equilibrium_entropy)
    assert abs(s.exergy - right) <= ESTIMATES * allowed


@given(junctions())
def test_heat_currents_and_entropy_production_follow_from_the_currents(j: qbnum.Junction) -> None:
    s = qbnum.steady_state(j)
    e = s.error_estimate
    for side, lead in (("left", j.left), ("right", j.right)):
        name = f"heat_current_{side}"
        allowed = e[name] + e["energy_current"] + abs(lead.mu) * e["charge_current"]
        expected = s.energy_current - lead.mu * s.charge_current
        assert abs(getattr(s, name) - expected) <= ESTIMATES * allowed
    beta_L, beta_R = 1 / j.left.temperature, 1 / j.right.temperature
    sigma = (beta_L * j.left.mu - beta_R * j.right.mu) * s.charge_current
    sigma -= (beta_L - beta_R) * s.energy_current
    # The affinities are themselves rounded differences here: a few ulps of their terms.
    scale = beta_L * abs(j.left.mu) + beta_R * abs(j.right.mu)
    allowed = e["entropy_production"] + scale * e["charge_current"]
    allowed += (beta_L + beta_R) * e["energy_current"]
    allowed += 1e-15 * (
        scale * s.absolute_integral["charge_current"]
        + (beta_L + beta_R) * s.absolute_integral["energy_current"]
    )
    assert abs(s.entropy_production - sigma) <= ESTIMATES * allowed


@given(junctions(), occupations)
def test_exchanging_the_leads_reverses_the_currents(j: qbnum.Junction, n: float) -> None:
    a = qbnum.steady_state(j, bound_states=n)
    b = qbnum.steady_state(j.exchanged(), bound_states=n)
    for name in EXTENSIVE:
        agree(a, b, name)
    agree(a, b, "entropy_production")
    agree(a, b, "energy")
    for name in ("charge_current", "energy_current"):
        agree(a, b, name, -1.0)


@given(junctions(), occupations)
def test_reflection_exchanges_particles_and_holes(j: qbnum.Junction, n: float) -> None:
    a = qbnum.steady_state(j, bound_states=n)
    b = qbnum.steady_state(j.reflected(), bound_states=1.0 - n)
    for name in ("entropy", "exergy", "entropy_gap", "exergy_gap", "two_state_entropy"):
        # 1 - n is rounded: one ulp of n moves S, X by a logarithm of an ulp.
        agree(a, b, name, slack=1e-14 * (1 + abs(j.level - j.mu_eq) / j.temperature_eq))
    for name in ("two_state_exergy", "energy_current", "entropy_production"):
        agree(a, b, name, slack=1e-14 * (1 + abs(j.level - j.mu_eq) / j.temperature_eq))
    agree(a, b, "charge_current", -1.0)
    allowed = a.error_estimate["particle_number"] + b.error_estimate["particle_number"]
    assert abs(a.particle_number + b.particle_number - 1.0) <= ESTIMATES * allowed + SUM_RULE


@given(junctions(), occupations, st.integers(-40, 40))
def test_units_of_energy_drop_out_exactly(j: qbnum.Junction, n: float, power: int) -> None:
    scale = 2.0**power
    a = qbnum.steady_state(j, bound_states=n)
    b = qbnum.steady_state(j.scaled(scale), bound_states=n)
    for name, info in qbnum.OBSERVABLES.items():
        factor = scale ** {"1": 0, "energy": 1, "energy^2": 2}[info.unit]
        assert getattr(b, name) == getattr(a, name) * factor


@given(
    st.integers(-8, 8), log_uniform(-6, 0), st.sampled_from([0.25, 0.5, 1.75, 2.25]), occupations
)
def test_shifting_all_energies_adds_to_energy_and_energy_current(
    steps: int, coupling: float, level: float, n: float
) -> None:
    j = qbnum.Junction.symmetric(
        level=level, coupling=coupling, mu_eq=0.125, bias=0.5, temperature_eq=0.125
    )
    c = steps * 0.25  # every sum is exact
    a = qbnum.steady_state(j, bound_states=n)
    b = qbnum.steady_state(j.shifted(c), bound_states=n)
    for name in (*EXTENSIVE, "charge_current", "entropy_production"):
        agree(a, b, name)
    for name, quantity in (("energy", "particle_number"), ("energy_current", "charge_current")):
        expected = getattr(a, name) + c * getattr(a, quantity)
        allowed = a.error_estimate[name] + b.error_estimate[name]
        allowed += abs(c) * a.error_estimate[quantity]
        assert abs(getattr(b, name) - expected) <= ESTIMATES * allowed


@given(junctions(coupling=(-4, 0.3), temperature=(-2, 2)))
def test_linear_response_is_symmetric_and_positive(j: qbnum.Junction) -> None:
    """Onsager: d I/d(-dbeta) = d J/d(beta dmu), from differences that the code resolves exactly."""
    T = j.temperature_eq
    step = 2.0**-20  # second order in it is dropped: 1e-12 relative after symmetrisation

    def currents(dmu: float, dT: float) -> tuple[float, float, float, float]:
        mu = j.mu_eq
        # Affinities: X1 = beta_L mu_L - beta_R mu_R, X2 = -(beta_L - beta_R), about (mu, beta).
        up, down = T * (1 + dT), T * (1 - dT)
        left = qbnum.Lead(j.left.onsite, j.left.hopping, j.left.coupling, mu + dmu, up)
        right = qbnum.Lead(j.right.onsite, j.right.hopping, j.right.coupling, mu - dmu, down)
        s = qbnum.steady_state(qbnum.Junction(j.level, left, right, mu, T))
        # From differences of the inputs, which are exact: of nearly equal 1/T six digits would be
        # left, too few where the currents nearly cancel in L.
        X1 = ((left.mu - right.mu) * down - right.mu * (up - down)) / (up * down)
        return s.charge_current, s.energy_current, X1, (up - down) / (up * down)

    rows = [currents(T * step, 0.0), currents(0.0, step)]
    flows = np.array([row[:2] for row in rows]).T
    forces = np.array([row[2:] for row in rows]).T
    assume(np.abs(flows).min() > 1e-250)
    L = flows @ np.linalg.inv(forces)
    scale = math.sqrt(abs(L[0, 0] * L[1, 1]))
    assert abs(L[0, 1] - L[1, 0]) <= 1e-8 * scale
    assert L[0, 0] > 0
    assert L[1, 1] > 0
    assert np.linalg.det(L) >= -1e-8 * scale**2


MOMENT_NODES = 20000
NEAREST_POLE = 1e-3
"""In k: the rule is then exact to exp(-2 MOMENT_NODES NEAREST_POLE) = 4e-18."""


@given(log_uniform(-1, 0.3), st.sampled_from([-2.4, -0.7, 0.0, 0.4, 1.97]), st.booleans())
def test_moments_of_the_spectral_function_are_those_of_the_hamiltonian(
    coupling: float, level: float, equal: bool
) -> None:
    """Integral omega^n A + bound states = <0|H^n|0>, n = 0..3, by the midpoint rule in k."""
    left = qbnum.Lead(0.0, 1.0, coupling, 0.0, 0.1)
    right = left if equal else qbnum.Lead(0.25, 1.125, 0.5 * coupling, 0.0, 0.1)
    j = qbnum.Junction(level, left, right, 0.0, 0.1)
    # Between all band edges omega = mid - half cos k, whose integrand is smooth in k.
    edges = sorted({-2.0, 2.0} if equal else {-2.0, 2.0, -2.0, 2.5})
    # At a bound state's threshold 1/G^r is v^2 times the pole's distance from the edge in k.
    at_edges = qbnum.green_retarded(j, np.array(edges) * (1 - 1e-9))
    assume(np.all(np.abs(at_edges) * coupling**2 * NEAREST_POLE < 1))
    b = qbnum.bound_states(j)
    k = (np.arange(MOMENT_NODES) + 0.5) * (np.pi / MOMENT_NODES)
    moments = np.zeros(4)
    for low, high in itertools.pairwise(edges):
        omega = 0.5 * (low + high) - 0.5 * (high - low) * np.cos(k)
        weight = 0.5 * (high - low) * np.sin(k) * (np.pi / MOMENT_NODES)
        A = qbnum.spectral_function(j, omega)
        moments += [float(np.sum(weight * A * omega**n)) for n in range(4)]
    moments += [float((b.weight.filled(0.0) * b.energy.filled(0.0) ** n).sum()) for n in range(4)]
    v2 = [lead.coupling**2 for lead in (left, right)]
    expected = [
        1.0,
        level,
        level**2 + sum(v2),
        level**3 + 2 * level * sum(v2) + left.onsite * v2[0] + right.onsite * v2[1],
    ]
    # The rule converges as nodes^-2 at worst, where only one of the bands ends.
    np.testing.assert_allclose(moments, expected, atol=2e-6)


@given(junctions(), st.sampled_from(["left", "right"]), occupations)
@example(
    # The level's band and the other one share the point that increments are measured from.
    qbnum.Junction(
        0.3, qbnum.Lead(0.1, 0.8, 0.2, 0.5, 0.2), qbnum.Lead(-0.2, 1.3, 0.3, -0.1, 0.1), 0.1, 0.1
    ),
    "left",
    0.5,
)
# The level some ulps below an edge, and hardly coupled.
@example(
    qbnum.Junction(
        1.9001229314040007,
        qbnum.Lead(0.0, 0.9500614657020013, 9.500614657020033e-09, 1.71, 9.5e-07),
        qbnum.Lead(0.0, 0.9500614657020013, 9.500614657020033e-09, 1.71, 9.5e-07),
        1.71,
        9.5e-07,
    ),
    "left",
    0.5,
)
def test_the_band_of_an_uncoupled_lead_has_no_say(j, side, n_b):
    idle, own = getattr(j, side), j.right if side == "left" else j.left
    alone = replace(idle, coupling=0.0)
    as_the_other = replace(alone, onsite=own.onsite, hopping=own.hopping)
    a = qbnum.steady_state(replace(j, **{side: alone}), bound_states=n_b)
    b = qbnum.steady_state(replace(j, **{side: as_the_other}), bound_states=n_b)
    for name in qbnum.OBSERVABLES:
        agree(a, b, name)
    assert a.charge_current == a.energy_current == 0
