"""The observables' integrands: completeness, identities between integrals, kinds and units."""

import math

import mpmath
import numpy as np
import pytest
from mpmath import mp, mpf
from sympy import log, pi

import qbsym
from qbsym import symbols as s
from tests.qbsym.cases import EQUAL_BANDS, JUNCTIONS, integrals, numbers, parameters, segments


@pytest.mark.parametrize("name", [*qbsym.OBSERVABLES, *qbsym.AUXILIARY])
def test_every_observable_has_an_equation_a_unit_and_an_integrand_or_a_definition(name):
    entry = qbsym.observable(name)
    assert entry.name == name
    assert entry.equation
    assert entry.symbol
    assert entry.units in {"1", "energy", "energy^2"}
    assert (entry.integrand is None) == (name not in qbsym.INTEGRALS)
    assert (entry.definition is None) == (entry.kind == "integral")
    # Eqs. (7), (8): the currents' integrals over 2 pi; the rest needs no factor.
    current = name in ("charge_current", "energy_current") or "heat" in name
    current |= name == "entropy_production"
    assert entry.prefactor == (1 / (2 * pi) if current and entry.integrand is not None else 1)


def test_explicit_integrands_hold_nothing_but_omega_and_the_thirteen_parameters():
    for name in qbsym.INTEGRALS:
        explicit = qbsym.observable(name).explicit()
        assert explicit.free_symbols <= {s.omega, *s.PARAMETERS}


def test_only_the_occupied_weight_needs_a_bound_states_occupation():
    free = {n for n in qbsym.OBSERVABLES if not qbsym.observable(n).needs_bound_state_occupation}
    assert free == {
        "spectral_weight",
        "charge_current",
        "energy_current",
        "heat_current_left",
        "heat_current_right",
        "entropy_production",
    }


def test_combinations_without_an_integrand_say_so():
    with pytest.raises(qbsym.UnknownNameError, match="combination"):
        qbsym.observable("exergy_gap").explicit()
    with pytest.raises(qbsym.UnknownNameError, match="no observable 'ergotropy'"):
        qbsym.observable("ergotropy")


def test_no_states_are_left_where_both_leads_are_closed():
    for name in qbsym.INTEGRALS:
        assert qbsym.observable(name).explicit("above", "below") == 0


def test_combinations_equal_their_own_integrals(junction):
    value = integrals(junction)
    at = {
        **dict(zip(s.PARAMETERS, map(float, junction.values()), strict=True)),
        s.I_Q: value["charge_current"],
        s.J_E: value["energy_current"],
    }
    for name in ("heat_current_left", "heat_current_right", "entropy_production"):
        combined = float(qbsym.observable(name).definition.subs(at))
        assert combined == pytest.approx(value[name], rel=1e-12, abs=1e-16)


def test_exergy_is_energy_minus_mu_times_number_minus_temperature_times_entropy(junction):
    v = integrals(junction)
    mu, T = float(junction["mu_eq"]), float(junction["temperature_eq"])
    number = v["particle_number"] - v["equilibrium_particle_number"]
    energy = v["energy"] - v["equilibrium_energy"]
    entropy = v["entropy"] - v["equilibrium_entropy"]
    assert v["exergy"] == pytest.approx((energy - mu * number) / T - entropy, abs=2e-13)
    printed = (energy + mu * number) / T - entropy
    assert printed - v["exergy"] == pytest.approx(2 * mu * number / T, abs=2e-13)


def test_particles_and_holes_make_up_the_spectral_weight(junction):
    v = integrals(junction)
    assert v["particle_number"] + v["hole_number"] == pytest.approx(v["spectral_weight"], abs=1e-14)
    assert v["equilibrium_particle_number"] + v["equilibrium_hole_number"] == pytest.approx(
        v["spectral_weight"], abs=1e-14
    )


def test_exergy_and_entropy_production_are_nonnegative_and_vanish_at_equilibrium(junction):
    v = integrals(junction)
    assert v["exergy"] > 0
    assert v["entropy_production"] >= 0
    assert 0 <= v["entropy"] <= math.log(2)
    rest = integrals(
        junction
        | {f"{a}.mu": junction["mu_eq"] for a in ("left", "right")}
        | {f"{a}.temperature": junction["temperature_eq"] for a in ("left", "right")}
    )
    assert abs(rest["exergy"]) < 1e-15
    for name in ("charge_current", "energy_current", "entropy_production"):
        assert rest[name] == 0


@pytest.mark.parametrize("name", EQUAL_BANDS)
def test_jensen_gaps_are_nonnegative_and_printed_reference_breaks_their_sign(name):
    values = JUNCTIONS[name]
    v = integrals(values)
    at = {
        s.d: v["particle_number"],
        s.d_bar: v["hole_number"],
        s.d_eq: v["equilibrium_particle_number"],
        s.d_eq_bar: v["equilibrium_hole_number"],
    }
    two_state = {
        n: float(qbsym.observable(f"two_state_{n}").definition.subs(at))
        for n in ("entropy", "exergy")
    }
    assert two_state["entropy"] > v["entropy"]
    assert v["exergy"] > two_state["exergy"]
    # With f_eq(level) for d_eq an equilibrium junction has X = 0 < X2.
    level = float(values["level"] - values["mu_eq"]) / float(values["temperature_eq"])
    wrong = {s.d_eq: 1 / (math.exp(level) + 1), s.d_eq_bar: 1 / (math.exp(-level) + 1)}
    equilibrium = {s.d: at[s.d_eq], s.d_bar: at[s.d_eq_bar]}
    other = qbsym.observable("two_state_exergy").definition.subs({**equilibrium, **wrong})
    assert float(other) > 1e-6


def test_textbook_forms_of_the_integrands_agree_with_the_stable_ones(junction):
    generator = np.random.default_rng(5)
    with mp.workdps(40):
        values = numbers(junction)
        for low, high, left, right in segments(junction):
            omega = mp.convert(low) + mp.convert(high - low) * mpf(generator.random())
            stable = qbsym.integrands(left, right, "mpmath")(omega, *values)
            args = (s.omega, *s.PARAMETERS)
            f, A, tau, f_L, f_R, f_eq = (
                qbsym.lambdify(e, args, "mpmath")(omega, *values)
                for e in (
                    qbsym.occupation(left, right),
                    qbsym.spectral_function(left, right),
                    qbsym.transmission(left, right),
                    qbsym.fermi("L"),
                    qbsym.fermi("R"),
                    qbsym.fermi("eq"),
                )
            )
            ln = mpmath.log
            textbook = {
                "entropy": -A * (f * ln(f) + (1 - f) * ln(1 - f)),
                "exergy": A * (f * ln(f / f_eq) + (1 - f) * ln((1 - f) / (1 - f_eq))),
                "charge_current": tau * (f_L - f_R),
                "energy_current": omega * tau * (f_L - f_R),
                "equilibrium_entropy": -A * (f_eq * ln(f_eq) + (1 - f_eq) * ln(1 - f_eq)),
                "hole_number": A * (1 - f),
            }
            for name, value in textbook.items():
                got = stable[qbsym.INTEGRALS.index(name)]
                assert abs(got - value) < mpf(10) ** -20 * (1 + abs(A))


def test_integrals_do_not_depend_on_how_the_logarithm_is_written():
    definition = qbsym.observable("two_state_entropy").definition
    assert definition == -s.d * log(s.d) - s.d_bar * log(s.d_bar)


def test_scaling_every_energy_scales_the_integrals_by_their_units():
    factor = 3
    values = parameters()
    scaled = {n: v * factor for n, v in values.items()}
    power = {"1": 0, "energy": 1, "energy^2": 2}
    before, after = integrals(values), integrals(scaled)
    for name in qbsym.INTEGRALS:
        expected = before[name] * factor ** power[qbsym.observable(name).units]
        assert after[name] == pytest.approx(expected, rel=1e-12)
