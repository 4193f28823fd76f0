"""The derived Green functions against their defining properties, numerically and at the edges."""

import random
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from mpmath import mp, mpf
from sympy import I, Rational

import qbsym
from qbsym import symbols as s
from qbsym.proofs import is_zero
from tests.qbsym.cases import JUNCTIONS, integrals, numbers, parameters, segments

ARGS = (s.omega, *s.PARAMETERS)


@pytest.mark.parametrize("region", qbsym.REGIONS)
@pytest.mark.parametrize("lead", "LR")
def test_self_energy_solves_its_own_recursion(lead, region):
    p = s.LEADS[lead]
    sigma = qbsym.self_energy(lead, region)
    g = sigma / p.coupling**2
    assert is_zero(g * (s.omega - p.onsite - p.hopping**2 * g) - 1)


@pytest.mark.parametrize("lead", "LR")
def test_self_energy_is_continuous_at_the_band_edges(lead):
    p = s.LEADS[lead]
    for edge, region in ((2 * p.hopping, "above"), (-2 * p.hopping, "below")):
        at = {s.omega: p.onsite + edge}
        assert is_zero((qbsym.self_energy(lead) - qbsym.self_energy(lead, region)).subs(at))


def test_retarded_self_energy_has_a_nonpositive_imaginary_part_across_the_band():
    energies = np.linspace(-1.999, 1.999, 401)
    sigma = qbsym.lambdify(qbsym.self_energy("L"), ARGS)(
        energies, *map(float, numbers(parameters()))
    )
    assert np.all(sigma.imag < 0)


def test_self_energy_outside_the_band_decays():
    values = numbers(parameters())
    for region, sign in (("above", 1), ("below", -1)):
        sigma = qbsym.lambdify(qbsym.self_energy("L", region), ARGS, "mpmath")
        with mp.workdps(30):
            far = sign * mpf(10) ** 6
            assert abs(far * sigma(far, *values) / values[3] ** 2 - 1) < mpf(10) ** -11


def test_real_part_of_the_self_energy_is_the_hilbert_transform_of_its_broadening():
    # Re Sigma(omega) = P integral Gamma(e)/(2 pi (omega - e)); the principal value by subtraction.
    values = numbers(parameters(left__coupling=Fraction(1, 2)))
    gamma = qbsym.lambdify(qbsym.broadening("L"), ARGS, "mpmath", variables=1).bind(*values)
    for omega in (mpf("0.3"), mpf("-1.1")):
        at = gamma(omega)

        def integrand(k, omega=omega, at=at):
            e = -2 * mpmath.cos(k)
            if e == omega:
                return mp.zero
            return (gamma(e) - at) / (2 * mp.pi * (omega - e)) * 2 * mpmath.sin(k)

        transform = mp.quad(integrand, [0, mpmath.acos(-omega / 2), mp.pi])
        transform += at / (2 * mp.pi) * mp.log((omega + 2) / (2 - omega))
        sigma = qbsym.lambdify(qbsym.self_energy("L"), ARGS, "mpmath")(omega, *values)
        assert abs(transform - mp.re(sigma)) < mpf(10) ** -12
        printed = qbsym.lambdify(qbsym.printed_self_energy("L"), ARGS, "mpmath")(omega, *values)
        assert abs(transform - mp.re(printed)) > mpf(10) ** -2


def test_printed_self_energy_has_the_same_broadening_and_the_opposite_real_part():
    values = numbers(parameters())
    right, printed = (
        qbsym.lambdify(e, ARGS, "mpmath")(mpf("0.7"), *values)
        for e in (qbsym.self_energy("R"), qbsym.printed_self_energy("R"))
    )
    assert mp.almosteq(printed, -mp.conj(right))


def test_spectral_weight_is_one_with_the_derived_and_less_with_the_printed_self_energy(paper):
    weight = integrals(paper)["spectral_weight"]
    ratio = 2 * paper["left.coupling"] ** 2 / paper["left.hopping"] ** 2

    def printed(left, right):
        return qbsym.lambdify(
            [qbsym.printed_spectral_function(left, right)] * len(qbsym.INTEGRALS), ARGS
        )

    assert weight == pytest.approx(1, abs=1e-13)
    assert integrals(paper, printed)["spectral_weight"] == pytest.approx(
        float(1 / (1 + ratio)), abs=1e-13
    )


def test_spectral_weight_of_bands_without_bound_states_is_one(junction):
    assert integrals(junction)["spectral_weight"] == pytest.approx(1, abs=1e-12)


def test_a_bound_state_between_disjoint_bands_takes_the_missing_weight():
    values = JUNCTIONS["disjoint_bands"] | {
        "level": Fraction(-1, 6),
        "left.coupling": Fraction(1, 3),
        "right.coupling": Fraction(1, 2),
    }
    inverse = 1 / qbsym.green_retarded("above", "below")
    at, slope = (
        qbsym.lambdify(e, ARGS, "mpmath", variables=1).bind(*numbers(values))
        for e in (inverse, inverse.diff(s.omega))
    )
    low = values["left.onsite"] + 2 * values["left.hopping"]
    high = values["right.onsite"] - 2 * values["right.hopping"]
    energy = mp.findroot(at, (mp.convert(low), mp.convert(high)), solver="anderson")
    assert float(low) < energy < float(high)
    bound = 1 / float(slope(energy))
    assert 0.1 < bound < 0.9
    assert integrals(values)["spectral_weight"] + bound == pytest.approx(1, abs=1e-12)


def test_spectral_function_is_minus_the_imaginary_part_of_green_over_pi(junction):
    generator = random.Random(3)
    for low, high, left, right in segments(junction):
        omega = mp.convert(low + (high - low) * Fraction(generator.randint(1, 99), 100))
        values = numbers(junction)
        green = qbsym.lambdify(qbsym.green_retarded(left, right), ARGS, "mpmath")(omega, *values)
        A = qbsym.lambdify(qbsym.spectral_function(left, right), ARGS, "mpmath")(omega, *values)
        assert mp.almosteq(A, -mp.im(green) / mp.pi, 1e-13)


def test_transmission_lies_between_zero_and_one_and_needs_both_leads_open():
    tau = qbsym.lambdify(qbsym.transmission(), ARGS)
    energies = np.linspace(-1.99, 1.99, 1001)
    for v_L, v_R in ((0.12, 0.12), (0.9, 0.9), (1.0, 0.1)):
        values = parameters(left__coupling=v_L, right__coupling=v_R)
        there = tau(energies, *map(float, values.values()))
        assert np.all(there >= 0)
        assert np.all(there <= 1 + 1e-15)
    assert qbsym.transmission("inside", "above") == 0


def test_occupation_is_the_open_lead_alone_where_the_other_is_closed():
    assert qbsym.occupation("inside", "below") == qbsym.fermi("L")
    assert qbsym.occupation("above", "inside", holes=True) == qbsym.fermi("R", holes=True)
    assert qbsym.occupation("above", "above") == 0
    assert qbsym.spectral_function("above", "below") == 0


def test_complement_of_the_fermi_function_is_never_one_minus_it():
    holes = qbsym.fermi("eq", holes=True)
    assert isinstance(holes, qbsym.functions.Fermi)
    assert holes.args[0] == -qbsym.fermi("eq").args[0]


@pytest.mark.parametrize("lead", ["M", "left", 0])
def test_unknown_leads_and_regions_are_refused_by_name(lead):
    with pytest.raises(qbsym.UnknownNameError, match="lead"):
        qbsym.self_energy(lead)
    with pytest.raises(qbsym.UnknownNameError, match="no region"):
        qbsym.self_energy("L", "outside")


def test_exact_rational_substitution_stays_exact():
    middle = {s.omega: 0, s.onsite_L: 0, s.hopping_L: 1, s.coupling_L: Rational(3, 25)}
    assert qbsym.self_energy("L").subs(middle) == -I * Rational(9, 625)
