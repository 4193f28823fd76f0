"""Bound states of the reference: closed forms, thresholds, and what their occupation adds."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from mpmath import mp, mpf

from validation.backends.bands import gaps_with_bound_state, segments, sign_at_edge
from validation.errors import BoundStateError, ParameterError
from validation.exact import ExactJunction, ExactLead
from validation.references import OBSERVABLES, bound_states, reference

DIGITS = 25
BAND_ONLY_HAS_NO_VALUE = {"two_state_entropy", "two_state_exergy", "entropy_gap", "exergy_gap"}


def equal_leads(level, coupling, hopping=1, bias=0.5):
    hot = ExactLead(0, hopping, coupling, 0.1 + bias, 0.1)
    cold = ExactLead(0, hopping, coupling, 0.1, 0.1)
    return ExactJunction(level, hot, cold, 0.1, 0.1)


def disjoint(level=Fraction(2, 5)):
    left = ExactLead(-3, 1, 0.12, 0.6, 0.1)
    right = ExactLead(3, 1, 0.2, 0.1, 0.1)
    return ExactJunction(level, left, right, 0.1, 0.1)


def closed_form(level, coupling):
    """Energies and weights for equal leads with onsite 0 and hopping 1, from the poles in z.

    omega = z + 1/z with abs(z) < 1 outside the band, Sigma = 2 v^2 z in all:
    (1 - 2 v^2) z^2 - level z + 1 = 0, and Z = (1 - z^2)/(1 - (1 - 2 v^2) z^2).
    """
    level, coupling = (mpf(x.numerator) / x.denominator for x in (level, coupling))
    leading = 1 - 2 * coupling**2
    if leading:
        root = mp.sqrt(level**2 - 4 * leading)
        poles = [(level + s * root) / (2 * leading) for s in (-1, 1)]
    else:
        poles = [1 / level]
    found = []
    for z in poles:
        if mp.im(z) == 0 and abs(z) < 1:
            found.append((z + 1 / z, (1 - z * z) / (1 - leading * z * z)))
    return sorted(found)


@settings(deadline=None, max_examples=40, derandomize=True)
@given(st.fractions(-4, 4, max_denominator=1000), st.fractions(0, 3, max_denominator=1000))
def test_equal_leads_have_the_bound_states_of_the_quadratic(level, coupling):
    assume(coupling > 0)
    found = bound_states(equal_leads(level, coupling), DIGITS)
    with mp.workdps(80):
        expected = closed_form(level, coupling)
        # At the threshold itself z = +-1 is no bound state, whichever way it rounds.
        expected = [(w, z) for w, z in expected if z > mpf(10) ** -60]
        assert len(found) == len(expected)
        for state, (energy, weight) in zip(found, expected, strict=True):
            assert abs(state.energy.mid - energy) <= state.energy.radius
            assert abs(state.weight.mid - weight) <= state.weight.radius
            assert state.weight.radius <= weight * mpf(10) ** -DIGITS


@pytest.mark.parametrize("side", [1, -1])
def test_the_threshold_is_decided_exactly(side):
    """A state exists above the band for level > 2 (h - v^2/h), and not at equality."""
    coupling = Fraction(3, 10)
    threshold = 2 * (1 - coupling**2)
    tiny = Fraction(1, 10**40)
    assert bound_states(equal_leads(side * threshold, coupling)) == ()
    assert bound_states(equal_leads(side * (threshold - tiny), coupling)) == ()
    (state,) = bound_states(equal_leads(side * (threshold + tiny), coupling), DIGITS)
    with mp.workdps(150):
        ((energy, weight),) = closed_form(side * (threshold + tiny), coupling)
        assert state.weight.contains(weight)
        assert 0 < state.weight.mid < mpf(10) ** -38
        assert side * state.energy.mid > 2
        assert state.energy.contains(energy)


def test_a_strongly_coupled_level_has_a_state_on_either_side():
    states = bound_states(equal_leads(Fraction(2, 5), 4))
    assert [s.energy.mid > 0 for s in states] == [False, True]
    assert 0 < sum(s.weight.mid for s in states) < 1


def test_between_disjoint_bands_there_is_one_state():
    (state,) = bound_states(disjoint(), DIGITS)
    assert -1 < state.energy.mid < 1
    with mp.workdps(60):
        energy, one = state.energy.mid, mpf(1)
        v = [
            mpf(j.coupling.numerator) / j.coupling.denominator
            for j in (disjoint().left, disjoint().right)
        ]
        x, y = energy + 3, energy - 3
        sigma = v[0] ** 2 * (x - mp.sqrt(x * x - 4)) / 2 + v[1] ** 2 * (y + mp.sqrt(y * y - 4)) / 2
        assert abs(energy - mpf(2) / 5 - sigma) < mpf(10) ** -DIGITS * one


def test_the_sign_at_an_edge_is_that_of_the_function_there():
    """For unequal leads the value at an edge is irrational: compare with 60 digits."""
    for level in (Fraction(k, 7) for k in range(-30, 31)):
        wide, narrow = ExactLead(0, 1, 0.9, 0, 1), ExactLead(1, Fraction(1, 3), 2, 0, 1)
        j = ExactJunction(level, wide, narrow, 0, 1)
        for edge in (Fraction(-2), Fraction(2)):
            with mp.workdps(60):
                value = mpf(edge.numerator) - mpf(level.numerator) / level.denominator
                for lead in (j.left, j.right):
                    v, h = (mpf(a.numerator) / a.denominator for a in (lead.coupling, lead.hopping))
                    x = (mpf(edge.numerator) - int(lead.onsite)) / (2 * h)
                    value -= v * v / h * (x - mp.sign(x) * mp.sqrt(x * x - 1))
            assert sign_at_edge(j, edge) == mp.sign(value)
            # Another unit of energy changes no sign.
            unit = Fraction(1, 1000)
            leads = (ExactLead(o * unit, h * unit, v * unit, 0, 1) for o, h, v in
                     ((0, 1, Fraction(0.9)), (1, Fraction(1, 3), 2)))  # fmt: skip
            small = ExactJunction(level * unit, *leads, 0, 1)
            assert sign_at_edge(small, edge * unit) == mp.sign(value)


def test_an_isolated_level_is_one_bound_state_of_weight_one():
    j = equal_leads(0.4, 0)
    (state,) = bound_states(j, DIGITS)
    assert state.energy.mid == mpf(0.4)
    assert state.weight.mid == 1
    assert segments(j) == []
    r = reference(j, DIGITS, bound_states=0.25)
    with mp.workdps(50):
        entropy = -mp.log(mpf(1) / 4) / 4 - 3 * mp.log(mpf(3) / 4) / 4
        f = 1 / (1 + mp.exp((mpf(0.4) - mpf(0.1)) / mpf(0.1)))
        relative = mp.log(mpf(1) / 4 / f) / 4 + 3 * mp.log(mpf(3) / 4 / (1 - f)) / 4
        for name, expected in {
            "particle_number": mpf(1) / 4,
            "energy": mpf(0.4) / 4,
            "entropy": entropy,
            "exergy": relative,
            "two_state_entropy": entropy,
            "two_state_exergy": relative,
            "equilibrium_particle_number": f,
            "charge_current": 0,
        }.items():
            assert abs(r[name].mid - expected) <= mpf(10) ** -DIGITS
    for name in ("spectral_weight", "entropy_gap", "exergy_gap", "charge_current"):
        assert r[name].mid == r[name].radius == 0


@pytest.mark.parametrize("occupation", [0, 1])
def test_a_certain_occupation_carries_no_entropy(occupation):
    r = reference(equal_leads(0.4, 0), DIGITS, bound_states=occupation)
    assert r["entropy"].mid == r["two_state_entropy"].mid == 0
    assert r["exergy"].mid > 0


def test_occupations_add_what_the_design_says():
    j = equal_leads(3.0, 0.5)
    (state,) = bound_states(j, 60)
    bands = reference(j, DIGITS, bound_states="exclude")
    n = Fraction(1, 8)
    whole = reference(j, DIGITS, bound_states=[n])
    weight, energy = state.weight.mid, state.energy.mid
    with mp.workdps(60):
        p, q = mpf(1) / 8, mpf(7) / 8
        f = 1 / (mp.exp((energy - mpf(0.1)) / mpf(0.1)) + 1)
        gains = {
            "spectral_weight": 0,
            "particle_number": weight * p,
            "energy": weight * energy * p,
            "entropy": -weight * (p * mp.log(p) + q * mp.log(q)),
            "exergy": weight * (p * mp.log(p / f) + q * mp.log(q / (1 - f))),
            "equilibrium_particle_number": weight * f,
            "equilibrium_energy": weight * energy * f,
            "equilibrium_entropy": -weight * (f * mp.log(f) + (1 - f) * mp.log(1 - f)),
            "charge_current": 0,
        }
        for name, gain in gains.items():
            added = whole[name].mid - bands[name].mid
            assert abs(added - gain) <= (1 + abs(whole[name].mid)) * mpf(10) ** -DIGITS
    assert whole["entropy_gap"].mid >= 0
    assert whole["exergy_gap"].mid >= 0


@pytest.mark.parametrize("occupation", [0.0, 0.5, 1.0, Fraction(1, 3)])
@pytest.mark.parametrize("j", [equal_leads(3.0, 0.5), equal_leads(0.4, 4), disjoint()])
def test_with_occupations_the_gaps_are_those_of_a_probability(j, occupation):
    r = reference(j, 15, bound_states=occupation)
    assert set(r) == set(OBSERVABLES)
    assert r["entropy_gap"].mid >= 0
    assert r["exergy_gap"].mid >= 0


def test_the_bands_alone_have_no_two_state_observables():
    r = reference(equal_leads(3.0, 0.5), 15, bound_states="exclude")
    assert set(OBSERVABLES) - set(r) == BAND_ONLY_HAS_NO_VALUE
    for name in BAND_ONLY_HAS_NO_VALUE:
        with pytest.raises(BoundStateError, match="whole probability"):
            r[name]
    assert 0 < r["spectral_weight"].mid < 1


def test_a_policy_is_idle_where_there_is_no_bound_state():
    j = equal_leads(0.4, 0.12)
    plain = reference(j, 15)
    assert plain.bound_states == ()
    for policy in ("exclude", 0.5, []):
        other = reference(j, 15, bound_states=policy)
        assert {n: e.mid for n, e in other.items()} == {n: e.mid for n, e in plain.items()}


@pytest.mark.parametrize(
    "policy", [[0.5], [0.1, 0.2, 0.3], -0.1, 1.5, "half", [0.5, 2.0], ["0.5", 0]]
)
def test_occupations_that_do_not_fit_are_refused(policy):
    with pytest.raises(ParameterError, match="bound"):
        reference(equal_leads(0.4, 4), 15, bound_states=policy)


@pytest.mark.parametrize("j", [equal_leads(1.9999, 0.01), equal_leads(3.0, 0.5), disjoint()])
def test_a_lead_without_coupling_leaves_no_trace(j):
    idle = replace(j.right, coupling=Fraction(0))
    elsewhere = replace(idle, onsite=Fraction(1, 3), hopping=Fraction(5), mu=Fraction(7))
    here, there = (
        reference(replace(j, right=lead), 15, bound_states=0.5) for lead in (idle, elsewhere)
    )
    for name in OBSERVABLES:
        assert here[name].overlaps(there[name])
    assert gaps_with_bound_state(replace(j, right=idle)) or not here.bound_states


@pytest.mark.parametrize(
    ("idle", "own", "level"),
    [
        # Where bound states are looked for, the idle lead's own band lies.
        (ExactLead(-0.25, 0.15, 0, 0.3, 0.7), ExactLead(0.25, 0.4, 0.026, 0.5, 0.3), -0.84),
        (ExactLead(0.03, 0.21, 0, -0.1, 0.6), ExactLead(0.93, 0.1, 0.135, -0.3, 0.3), 0.56),
        (ExactLead(2.5, 0.3, 0, -0.1, 0.6), ExactLead(0, 1, 0.4, -0.3, 0.3), 2.3),
        # A wide band, coupled strongly.
        (ExactLead(0, 1, 0, -0.1, 0.6), ExactLead(0, 10, 20, -0.3, 0.3), -25),
    ],
)
@pytest.mark.parametrize("backend", ["arb", "mpmath"])
def test_the_band_of_an_uncoupled_lead_hides_no_bound_state(idle, own, level, backend):
    as_the_other = replace(idle, onsite=own.onsite, hopping=own.hopping)
    found, expected = (
        reference(ExactJunction(level, lead, own, 0.1, 0.1), digits=15, bound_states=0.3,
                  backend=backend, observables=["spectral_weight", "exergy"])
        for lead in (idle, as_the_other)
    )  # fmt: skip
    assert len(found.bound_states) == len(expected.bound_states) == 1
    for name in ("spectral_weight", "exergy"):
        assert found[name].overlaps(expected[name]), name
