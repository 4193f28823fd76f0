"""Matsubara sums and the periodic form in k, against integrals of another kind."""

from fractions import Fraction

import numpy as np
import pytest
from mpmath import mp, mpf
from sympy import Rational, lambdify

import qbsym
from qbsym import matsubara
from qbsym import symbols as s
from qbsym._matsubara_forms import transmission_moments
from tests.qbsym.cases import EQUAL_BANDS, JUNCTIONS, integrals, parameters


def trapezoid(values, digits, points):
    """Return name -> value for the integrals even in k, by the trapezoidal rule."""
    with mp.workdps(digits + 10):
        f = qbsym.periodic_integrands("gmpy2").bind(*values.values())
        total = [mp.zero] * len(qbsym.INTEGRALS)
        for n in range(1, points):
            total = [t + v for t, v in zip(total, f(mp.pi * n / points), strict=True)]
        return {
            name: t * mp.pi / points
            for name, t in zip(qbsym.INTEGRALS, total, strict=True)
            if qbsym.PARITY[name] == "even"
        }


def test_sums_agree_with_the_trapezoidal_rule_to_twenty_five_digits(paper):
    even = trapezoid(paper, 30, 6000)
    assert abs(even["spectral_weight"] - 1) < mpf(10) ** -28
    sums = matsubara.evaluate_all(paper, 30, tuple(matsubara.OCCUPATIONS))
    for name, value in sums.items():
        assert abs(value / even[name] - 1) < mpf(10) ** -25, name


def test_current_sums_agree_with_quadrature_to_twenty_digits(paper):
    split = [mpf(x) for x in ("-2", "-.5", "0", ".1", ".3", ".37", ".39", ".4", ".41", ".43")]
    split += [mpf(x) for x in (".5", ".6", ".7", "1", "2")]
    names = ("charge_current", "energy_current")
    sums = matsubara.evaluate_all(paper, 25, names)
    with mp.workdps(30):
        f = qbsym.integrands(backend="gmpy2").bind(*paper.values())
        for name in names:
            i = qbsym.INTEGRALS.index(name)
            value = mp.quad(lambda e, i=i: f(e)[i], split, method="gauss-legendre") / (2 * mp.pi)
            assert abs(value / sums[name] - 1) < mpf(10) ** -20, name


def test_moments_of_the_transmission_are_integrals_over_the_band():
    values = parameters(
        left__hopping=Fraction(13, 10), right__hopping=Fraction(13, 10),
        left__onsite=Fraction(1, 5), right__onsite=Fraction(1, 5),
        left__coupling=Fraction(1, 2), right__coupling=Fraction(2, 5),
    )  # fmt: skip
    rational = {
        symbol: Rational(v.numerator, v.denominator)
        for symbol, v in zip(s.PARAMETERS, values.values(), strict=True)
    }
    generic = dict(zip((s.hopping, s.onsite), (s.hopping_L, s.onsite_L), strict=True))
    tau = qbsym.transmission().subs(rational)
    # omega = centre - width cos k: periodic and analytic in k, where the midpoint rule converges.
    k = np.pi * (np.arange(2000) + 0.5) / 2000
    x = -2.6 * np.cos(k)
    weight = lambdify(s.omega, tau, "numpy")(0.2 + x) * 2.6 * np.sin(k) * np.pi / k.size
    for power, found in enumerate(transmission_moments()):
        exact = complex(found.subs(generic).subs(rational).evalf(20))
        assert abs(exact - np.sum(weight * x**power)) < 1e-12


@pytest.mark.parametrize("name", EQUAL_BANDS)
def test_every_sum_agrees_with_the_integral_in_double_precision(name):
    values = JUNCTIONS[name]
    sums = matsubara.evaluate_all(values, 20)
    expected = integrals(values)
    for key, value in sums.items():
        assert float(value) == pytest.approx(expected[key], rel=1e-11, abs=1e-14), key


@pytest.mark.parametrize("temperature", [Fraction(1, 500), Fraction(1, 20), Fraction(50)])
def test_sums_hold_from_low_to_high_temperature(temperature):
    values = parameters(left__temperature=temperature, temperature_eq=temperature)
    sums = matsubara.evaluate_all(values, 20)
    expected = integrals(values)
    for key, value in sums.items():
        assert float(value) == pytest.approx(expected[key], rel=1e-10, abs=1e-14), key


def test_sums_reach_the_weak_coupling_limit_where_quadrature_needs_care():
    tiny = Fraction(1, 10**9)
    values = parameters(left__coupling=tiny, right__coupling=tiny)
    for name in matsubara.NAMES:
        limit = qbsym.lambdify(qbsym.limits.weak_coupling(name), qbsym.symbols.PARAMETERS, "mpmath")
        with mp.workdps(40):
            expected = limit(*values.values())
            value = matsubara.evaluate(name, values, 20)
            assert abs(value / expected - 1) < mpf(10) ** -14, name


def test_more_digits_do_not_change_the_digits_already_given(paper):
    few, many = (matsubara.evaluate_all(paper, digits) for digits in (15, 45))
    for name in matsubara.NAMES:
        assert abs(few[name] / many[name] - 1) < mpf(10) ** -15


def test_small_differences_keep_their_relative_digits():
    bias = Fraction(1, 10**12)
    values = parameters(left__mu=Fraction(1, 10) + bias)
    few, many = (matsubara.evaluate_all(values, digits) for digits in (20, 60))
    for name in ("charge_current", "energy_current", "entropy_production"):
        assert many[name] > 0
        assert abs(few[name] / many[name] - 1) < mpf(10) ** -19


@pytest.mark.parametrize("name", JUNCTIONS)
def test_equilibrium_sums_hold_for_bands_of_any_kind(name):
    values = JUNCTIONS[name]
    names = ("equilibrium_particle_number", "equilibrium_energy")
    sums = matsubara.evaluate_all(values, 20, names)
    expected = integrals(values)
    for key, value in sums.items():
        assert float(value) == pytest.approx(expected[key], rel=1e-11, abs=1e-14), key


def test_a_bound_state_in_a_gap_is_noticed():
    with pytest.raises(qbsym.NotDerivedError, match="bound state"):
        matsubara.evaluate(
            "equilibrium_energy", JUNCTIONS["disjoint_bands"] | {"level": Fraction(-1, 6)}
        )


def test_a_lead_that_is_not_coupled_does_not_matter():
    values = parameters(right__coupling=Fraction(0), right__mu=Fraction(-3))
    sums = matsubara.evaluate_all(values, 20)
    expected = integrals(values)
    for key in matsubara.OCCUPATIONS:
        assert float(sums[key]) == pytest.approx(expected[key], rel=1e-11)
    assert sums["charge_current"] == 0


def test_temperatures_too_low_for_a_sum_are_refused():
    values = parameters(left__temperature=Fraction(1, 10**6))
    with pytest.raises(qbsym.NotDerivedError, match="terms"):
        matsubara.evaluate("particle_number", values)


def test_nothing_flows_at_equilibrium():
    values = parameters(left__mu=Fraction(1, 10))
    sums = matsubara.evaluate_all(values, 20)
    assert sums["charge_current"] == sums["energy_current"] == sums["entropy_production"] == 0
    assert sums["particle_number"] == sums["equilibrium_particle_number"]


def test_sums_refuse_what_has_no_closed_form(paper):
    with pytest.raises(qbsym.NotDerivedError, match="no integral-free form of 'entropy'"):
        qbsym.closed_form("entropy")
    with pytest.raises(qbsym.NotDerivedError, match="equal bands"):
        matsubara.evaluate("energy", JUNCTIONS["nested_bands"])
    with pytest.raises(qbsym.NotDerivedError, match="bound state"):
        matsubara.evaluate("energy", parameters(level=Fraction(199, 100)))
    uniform = parameters(level=0) | {"left.coupling": 1, "right.coupling": 1}
    with pytest.raises(qbsym.NotDerivedError, match="uniform chain"):
        matsubara.evaluate("charge_current", uniform)
    with pytest.raises(qbsym.UnknownNameError, match=r"left\.mu"):
        matsubara.evaluate("energy", {k: v for k, v in paper.items() if k != "left.mu"})


@pytest.mark.parametrize("name", matsubara.NAMES)
def test_closed_forms_carry_a_constant_a_summand_and_their_combination(name):
    form = qbsym.closed_form(name)
    assert qbsym.symbols.w in form.summand.free_symbols
    assert qbsym.symbols.w not in form.constant.free_symbols
    assert "sum" in form.combination or "definition" in form.combination


def test_periodic_integrands_are_the_integrands_times_the_jacobian(equal_bands):
    doubles = [float(v) for v in equal_bands.values()]
    k = np.linspace(0.05, np.pi - 0.05, 57)
    energy = doubles[1] - 2 * doubles[2] * np.cos(k)
    jacobian = 2 * doubles[2] * np.sin(k)
    in_k = qbsym.periodic_integrands()(k, *doubles)
    in_energy = qbsym.integrands()(energy, *doubles)
    for name, a, b in zip(qbsym.INTEGRALS, in_k, in_energy, strict=True):
        scale = np.abs(in_energy[0] * jacobian) if name == "exergy" else np.abs(a)
        assert np.all(np.abs(a - b * jacobian) <= 1e-10 * scale), name


@pytest.mark.parametrize("name", qbsym.INTEGRALS)
def test_parity_in_k_is_as_stated(name):
    integrand = qbsym.periodic_integrand(name)
    f = qbsym.lambdify(integrand, (qbsym.symbols.k, *qbsym.symbols.PARAMETERS))
    doubles = [float(v) for v in parameters().values()]
    sign = 1 if qbsym.PARITY[name] == "even" else -1
    for k in (0.3, 1.7, 2.9):
        assert f(-k, *doubles) == sign * f(k, *doubles)
