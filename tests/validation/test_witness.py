"""The microscopic witness: propagation, plateau, bound states, both directions of time."""

import dataclasses
import itertools

import numpy as np
import pytest
from scipy.linalg import block_diag, expm

import qbnum
import qbsym
import validation
from qbnum import Junction, Lead
from validation.errors import ParameterError, PrecisionNotReachedError, UnknownNameError
from validation.paper.errata.numbers import at, direct
from validation.witness import (
    OBSERVABLES,
    agreements,
    bound_states,
    equilibrium_number,
    plateau,
)
from validation.witness.bound import oscillations, states_of
from validation.witness.chain import FiniteJunction, Parameters
from validation.witness.evolution import MEASURED, evolve
from validation.witness.propagation import diagonalised

UNEQUAL = Junction(0.3, Lead(0.1, 0.8, 0.4, 0.5, 0.2), Lead(-0.2, 1.1, 0.3, -0.1, 0.4), 0.1, 0.1)
PAPER = Junction.symmetric(level=0.4, bias=0.5)
BOUND = Junction.symmetric(level=3.5, coupling=0.4, bias=0.5, temperature_eq=0.5)
TWO_BOUND = Junction.symmetric(level=0.1, coupling=1.3, bias=0.5, temperature_eq=0.5)

ROUNDING = 1e-13
"""Of a propagation over some hundred times the inverse bandwidth; 3e-14 is the most seen."""

EASY = {
    "unequal": UNEQUAL,
    "isolated": Junction.symmetric(level=0.2, coupling=0.0),
}

HARD = {
    "one-lead": dataclasses.replace(UNEQUAL, left=Lead(0.1, 0.8, 0.0, 0.5, 0.2)),
    "disjoint": Junction(-2, Lead(-2, 0.8, 0.3, -2, 0.2), Lead(2, 0.7, 0.3, 0, 0.4), 0.1, 0.1),
    "other-units": UNEQUAL.scaled(2.0**-40),
    "offset": UNEQUAL.shifted(64.0),
    "empty": PAPER,
    "resonant": Junction.symmetric(level=0.1, bias=0.3, temperature_gradient=0.2),
    "full": Junction.symmetric(level=-0.2, bias=0.3, temperature_gradient=0.2),
    "fig-8b": Junction.symmetric(level=0.3, mu_eq=0.0, coupling=0.06, bias=0.7),
    "equilibrium": Junction.symmetric(level=0.3),
    "near-equilibrium": Junction.symmetric(level=0.3, bias=1e-6),
    "overlapping": Junction(
        0.3, Lead(-1, 0.8, 0.3, 0.5, 0.2), Lead(1, 0.7, 0.3, -0.1, 0.1), 0.1, 0.1
    ),
    "cold": Junction.symmetric(level=0.3, coupling=0.3, bias=0.5, temperature_eq=0.01),
    "hot": Junction.symmetric(level=0.3, coupling=0.3, bias=0.5, temperature_eq=20.0),
    "above": Junction.symmetric(level=2.3, bias=0.5),
    "two-bound": TWO_BOUND,
}


def reference_of(junction, found, digits=20):
    occupations = [state.occupation for state in found.bound_states]
    return validation.reference(junction, digits, OBSERVABLES, bound_states=occupations)


@pytest.fixture(scope="module")
def paper():
    return plateau(PAPER)


@pytest.fixture(scope="module")
def bound():
    return {initial: plateau(BOUND, initial) for initial in (0.0, 1.0)}


def test_observables_are_those_of_the_whole_correlation_matrix():
    """Dense matrices, expm and commutators, in both directions of time."""
    chain = FiniteJunction(Parameters.of(UNEQUAL), (9, 12))
    H = np.diag(chain.diagonal) + np.diag(chain.off_diagonal, 1) + np.diag(chain.off_diagonal, -1)
    at, p = chain.level_at, chain.parameters
    left = np.arange(len(H)) < at
    right = np.arange(len(H)) > at

    def fermi(block, lead):
        energies, states = np.linalg.eigh(block)
        return (states * lead.fermi(energies)) @ states.T

    start = block_diag(fermi(H[:at, :at], p.left), [[0.3]], fermi(H[at + 1 :, at + 1 :], p.right))
    times = np.array([0.0, 0.3, 4.0, -2.5])
    found = evolve(chain, times, 0.3)
    for time, row in zip(times, found, strict=True):
        U = expm(-1j * H * time)
        C = U.conj() @ start @ U.T

        def rate(part, C=C):
            operators = np.diag(part * 1.0), np.where(np.outer(part, part), H, 0.0)
            return [float((1j * np.sum(C * (H @ A - A @ H))).real) for A in operators]

        (number_left, energy_left), (number_right, energy_right) = rate(left), rate(right)
        expected = [
            C[at, at].real, (C[at] @ H[:, at]).real,
            -number_left, number_right, -energy_left, energy_right,
        ]  # fmt: skip
        # Matrices of 22 sites: 1e-15 of rounding, times ten.
        np.testing.assert_allclose(row, expected, rtol=0, atol=1e-14)


def test_chebyshev_propagation_agrees_with_diagonalisation():
    chain = FiniteJunction.until(UNEQUAL, 60.0)
    times = np.array([0.0, 0.7, 11.0, 40.0, 60.0])
    np.testing.assert_allclose(
        evolve(chain, times, 0.4),
        evolve(chain, times, 0.4, diagonalised),
        rtol=0,
        atol=ROUNDING,
    )


def test_longer_chains_change_nothing_before_the_echo_and_everything_after_it():
    times = np.array([20.0, 40.0])
    right_length = FiniteJunction.until(UNEQUAL, 40.0)
    longer = FiniteJunction.until(UNEQUAL, 70.0)
    np.testing.assert_allclose(
        evolve(right_length, times), evolve(longer, times), rtol=0, atol=ROUNDING
    )
    too_short = FiniteJunction(Parameters.of(UNEQUAL), (12, 16))
    assert np.max(np.abs(evolve(too_short, times) - evolve(longer, times))) > 1e-3


def test_the_level_gains_what_the_leads_lose():
    chain = FiniteJunction.until(UNEQUAL, 12.0)
    times = np.linspace(0, 12.0, 241)
    number, _, left, right, _, _ = evolve(chain, times, 0.2).T
    rate = np.gradient(number, times, edge_order=2)
    # Second-order differences at steps of 0.05: 1e-3 of the rate's own size, 0.5.
    np.testing.assert_allclose(rate[1:-1], (left - right)[1:-1], atol=1e-3)


def test_the_paper_s_plateau_has_ten_digits_of_the_reference(paper):
    expected = reference_of(PAPER, paper)
    for name in OBSERVABLES:
        value, mid = getattr(paper, name), float(expected[name].mid)
        assert abs(value - mid) <= 1e-10 * abs(mid), name
        assert abs(value - mid) <= paper.error_estimate[name], name
        # An estimate that is honest but useless would pass the line above.
        assert paper.error_estimate[name] <= 1e-9 * abs(mid), name


@pytest.mark.parametrize("name", EASY)
def test_the_plateau_is_the_steady_state_within_its_own_estimate(name):
    junction = EASY[name]
    found = plateau(junction, 0.3)
    expected = reference_of(junction, found)
    for observable in OBSERVABLES:
        gap = abs(getattr(found, observable) - float(expected[observable].mid))
        assert gap <= found.error_estimate[observable], observable


@pytest.mark.deep
@pytest.mark.parametrize("name", HARD)
def test_hard_plateaus_are_the_steady_state_within_their_own_estimate(name):
    junction = HARD[name]
    found = plateau(junction, 0.3)
    expected = reference_of(junction, found)
    for observable in OBSERVABLES:
        gap = abs(getattr(found, observable) - float(expected[observable].mid))
        assert gap <= found.error_estimate[observable], observable


def test_the_finite_chains_decide_the_sign_of_re_sigma(paper):
    candidates = {
        name: {"particle_number": direct(PAPER, at(PAPER, sigma))["particle_number"]}
        for name, sigma in (
            ("derived", qbsym.self_energy("L")),
            ("printed", qbsym.printed_self_energy("L")),
        )
    }
    derived, printed = agreements(paper, candidates)
    assert derived.agrees
    assert derived.digits > 10
    assert not printed.agrees
    # A weight 2.8 per cent too small, and a level 1.4 per cent too low, which makes up for most.
    assert 1.5 < printed.digits < 3
    with pytest.raises(UnknownNameError, match="exergy"):
        agreements(paper, {"x": {"exergy": 1.0}})


def test_backward_evolution_reverses_the_currents_and_nothing_else():
    """The state exp(i H t) rho_0 exp(-i H t) at t -> +infinity is the time-reversed one."""
    times = np.array([30.0, 60.0])
    chain = FiniteJunction.until(UNEQUAL, 60.0)
    forward, backward = evolve(chain, times, 0.4), evolve(chain, -times, 0.4)
    signs = np.array([1, 1, -1, -1, -1, -1])
    np.testing.assert_allclose(backward, signs * forward, rtol=0, atol=ROUNDING)
    assert np.all(np.abs(forward[:, 2:]) > 1e-3)


@pytest.mark.deep
def test_the_past_s_plateau_has_the_currents_reversed(paper):
    backward = plateau(PAPER, direction=-1)
    for name in ("particle_number", "energy"):
        assert getattr(backward, name) == pytest.approx(getattr(paper, name), abs=1e-12)
    for name in OBSERVABLES[2:]:
        assert getattr(backward, name) == pytest.approx(-getattr(paper, name), abs=1e-12)
    assert paper.entropy_production > 0.01
    assert max(backward.window) < 0 < min(paper.window)


@pytest.mark.slow
def test_a_bound_state_remembers_the_square_of_its_weight(bound):
    (state,) = bound[0.0].bound_states
    exact = qbnum.bound_states(BOUND)
    assert state.energy == pytest.approx(float(exact.energy.compressed()[0]), rel=1e-12)
    assert state.weight == pytest.approx(float(exact.weight.compressed()[0]), rel=1e-12)
    remembered = bound[1.0].particle_number - bound[0.0].particle_number
    errors = sum(found.error_estimate["particle_number"] for found in bound.values())
    assert abs(remembered - state.weight**2) <= errors < 1e-10
    assert remembered > 0.5


def test_a_bound_state_s_occupation_is_what_the_formulas_need(bound):
    for found in bound.values():
        expected = reference_of(BOUND, found)
        for name in OBSERVABLES:
            gap = abs(getattr(found, name) - float(expected[name].mid))
            assert gap <= found.error_estimate[name], name


@pytest.mark.deep
def test_without_a_bound_state_the_beginning_is_forgotten():
    empty, full = plateau(UNEQUAL, 0.0), plateau(UNEQUAL, 1.0)
    for name in OBSERVABLES:
        error = empty.error_estimate[name] + full.error_estimate[name]
        assert abs(getattr(empty, name) - getattr(full, name)) <= error


def test_two_bound_states_beat_for_ever():
    chain = FiniteJunction.until(TWO_BOUND, 200.0)
    (beat,) = oscillations(chain, 1.0)
    energies, _ = states_of(chain)
    assert beat.frequency == pytest.approx(energies[1] - energies[0], rel=1e-14)
    period = 2 * np.pi / beat.frequency
    times = 190.0 + period * np.linspace(0, 1, 16, endpoint=False)
    number = evolve(chain, times, 1.0)[:, MEASURED.index("particle_number")]
    amplitude = 2 * np.mean(number * np.cos(beat.frequency * times))
    # The edges' own oscillations are still 1e-4 at this time, measured at twice it: 3e-5.
    assert amplitude == pytest.approx(beat.amplitude, abs=1e-3)
    assert abs(beat.amplitude) > 0.05


@pytest.mark.deep
def test_equal_reservoirs_settle_to_the_gibbs_state_of_the_coupled_chains():
    lead = Lead(0.0, 1.0, 0.4, 0.1, 0.2)
    junction = Junction(0.3, lead, lead, 0.1, 0.2)
    found = plateau(junction)
    gap = abs(found.particle_number - equilibrium_number(junction))
    assert gap <= found.error_estimate["particle_number"]
    assert abs(found.charge_current) <= found.error_estimate["charge_current"]


@pytest.mark.parametrize("junction", [PAPER, BOUND, TWO_BOUND, UNEQUAL])
def test_the_gibbs_state_has_the_equilibrium_number_of_the_formulas(junction):
    states = qbnum.bound_states(junction).energy.compressed()
    occupations = [1 / (np.exp((e - junction.mu_eq) / junction.temperature_eq) + 1) for e in states]
    expected = validation.reference(
        junction, 20, ["equilibrium_particle_number"], bound_states=occupations
    )
    mid = float(expected["equilibrium_particle_number"].mid)
    assert equilibrium_number(junction) == pytest.approx(mid, abs=ROUNDING)


def test_very_weak_coupling_is_refused_with_the_numbers():
    with pytest.raises(PrecisionNotReachedError, match=r"no plateau within 900 sites.*max_sites"):
        plateau(Junction.symmetric(level=0.4, coupling=0.01), max_sites=900)


def test_a_reservoir_too_cold_for_the_chains_is_refused():
    with pytest.raises(PrecisionNotReachedError, match="so cold"):
        plateau(Junction.symmetric(level=0.4, temperature_eq=1e-5))
    with pytest.raises(PrecisionNotReachedError, match="temperature_eq"):
        equilibrium_number(Junction.symmetric(level=0.4, temperature_eq=1e-5))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"initial": 1.5}, "from 0 to 1"),
        ({"initial": "full"}, "from 0 to 1"),
        ({"direction": 0}, "forward"),
        ({"tolerance": 0.0}, "positive"),
    ],
)
def test_what_is_outside_its_domain_is_refused(arguments, message):
    with pytest.raises(ParameterError, match=message):
        plateau(UNEQUAL, **arguments)


def test_arrays_of_junctions_are_refused():
    with pytest.raises(ParameterError, match="at"):
        plateau(Junction.symmetric(level=np.array([0.1, 0.2])))


def test_no_bound_state_is_seen_where_there_is_none():
    levels, couplings = (-1.5, 0.0, 1.9), (0.05, 0.12)
    for level, coupling in itertools.product(levels, couplings):
        assert bound_states(Junction.symmetric(level=level, coupling=coupling)) == ()
