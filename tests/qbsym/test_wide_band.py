"""The wide-band limit: digamma functions against other closed forms, integrals and references."""

from fractions import Fraction

import pytest
from mpmath import mp, mpf
from sympy import Rational, polygamma

import qbsym
import validation
from qbsym import limits
from qbsym import symbols as s
from qbsym.limits import _wide_band as wide
from qbsym.limits._wide_band import wide_band
from tests.qbsym.cases import parameters
from tests.slow import few_by_default
from validation.exact import ExactJunction
from validation.limit_orders import measure_all

GENERIC = {
    "level": Fraction(3, 10),
    "left__onsite": Fraction(1, 10),
    "right__onsite": Fraction(-1, 5),
    "left__temperature": Fraction(1, 10),
    "right__temperature": Fraction(1, 8),
    "mu_eq": Fraction(1, 5),
    "temperature_eq": Fraction(3, 20),
}


def junction(bandwidth, **changes):
    """Return a junction of unequal broadenings 0.18 and 0.08 and a rational bandwidth scale."""
    return parameters(
        **GENERIC
        | {
            "left__hopping": Fraction(bandwidth) ** 2,
            "left__coupling": Fraction(3, 10) * bandwidth,
            "right__hopping": 2 * Fraction(bandwidth) ** 2,
            "right__coupling": Fraction(2, 5) * bandwidth / Fraction(7, 5),
        }
        | changes
    )


def value(name, order, values, digits=30):
    return limits.evaluate(wide_band(name, order), values, digits)


@pytest.fixture(scope="module")
def wide_junction():
    """Return a junction with h/Gamma of 1e8 and its reference."""
    values = junction(4096)
    return values, validation.reference(ExactJunction.from_parameters(values), digits=24)


@pytest.mark.parametrize("name", few_by_default(wide.NAMES, 2))
def test_a_wide_band_is_the_limit_to_one_over_its_width(name, wide_junction):
    values, reference = wide_junction
    with mp.workdps(30):
        exact = reference[name].mid
        scale = abs(exact) + abs(value("particle_number", 1, values))
        # Gamma/h is 2e-8; with ln(h/Gamma) about 20 in front for the energies.
        assert abs(value(name, 1, values) - exact) < scale * mpf(10) ** -6
        if "energy" not in name or "current" in name:
            assert abs(value(name, 2, values) - exact) < scale * mpf(10) ** -13


@pytest.mark.slow
def test_the_order_of_n_has_a_logarithm_off_the_band_centre():
    entry = limits.limit("wide_band", "particle_number", 2)
    # Centred the slope is 4; off it ln(h) takes some of it away, by about 1/ln(1/epsilon).
    (centred,) = measure_all([entry])
    assert centred.measured == pytest.approx(4, abs=0.01)
    found = []
    for step in (64, 128):
        values = junction(step)
        reference = validation.reference(ExactJunction.from_parameters(values), digits=30)
        with mp.workdps(30):
            off = reference["particle_number"].mid - value("particle_number", 2, values)
            found.append(float(abs(off)))
    assert found[0] / found[1] < 0.98 * 2**4
    assert found[0] / found[1] > 0.8 * 2**4


def test_low_temperatures_give_arctangents_and_logarithms():
    cold = Fraction(1, 10**6)
    values = junction(1, left__temperature=cold, right__temperature=cold, temperature_eq=cold)
    with mp.workdps(30):
        gammas = [float(wide.broadening(a).subs(_exact(values))) for a in "LR"]
        width, away = sum(gammas) / 2, float(values["mu_eq"] - values["level"])
        number = 0.5 + mp.atan(away / width) / mp.pi
        # Sommerfeld corrections are of the order T^2.
        assert value("equilibrium_particle_number", 1, values) == pytest.approx(number, abs=1e-9)
        # The entropy is (pi^2/3) T A(mu).
        density = width / mp.pi / (away**2 + width**2)
        assert value("equilibrium_entropy", 1, values) == pytest.approx(
            mp.pi**2 / 3 * float(cold) * density, rel=1e-9
        )


def _exact(values):
    return {
        p: Rational(v.numerator, v.denominator)
        for p, v in zip(s.PARAMETERS, values.values(), strict=True)
    }


def test_at_equilibrium_the_integrals_over_the_angle_are_the_closed_forms():
    equal = {
        f"{side}__{what}": GENERIC[name]
        for side in ("left", "right")
        for what, name in (("mu", "mu_eq"), ("temperature", "temperature_eq"))
    }
    values = junction(3, **equal)
    for order in (1, 2):
        assert mp.almosteq(
            value("entropy", order, values), value("equilibrium_entropy", order, values), 1e-25
        )
        for name in ("charge_current", "energy_current", "entropy_production"):
            assert abs(value(name, order, values)) < 1e-25, name


def test_the_energy_keeps_the_logarithm_of_the_bandwidth():
    narrow, broad = junction(100), junction(1000)
    with mp.workdps(30):
        gained = value("energy", 1, broad) - value("energy", 1, narrow)
        gamma = sum(float(wide.broadening(a).subs(_exact(broad))) for a in "LR")
        assert gained == pytest.approx(-gamma / (2 * mp.pi) * mp.log(100), rel=1e-12)


@pytest.mark.parametrize("name", ["particle_number", "energy_current", "equilibrium_entropy"])
def test_double_precision_has_the_functions_too(name):
    values = junction(5)
    compiled = qbsym.lambdify(wide_band(name), s.PARAMETERS)
    assert compiled(*map(float, values.values())) == pytest.approx(
        float(value(name, 1, values)), rel=1e-12
    )


def test_polygammas_of_higher_order_are_refused_in_double_precision():
    with pytest.raises(NotImplementedError, match="digamma"):
        qbsym.lambdify(polygamma(1, s.x), (s.x,))(2.0)


def test_what_is_not_derived_says_so():
    with pytest.raises(qbsym.NotDerivedError, match="nothing to approach"):
        wide_band("spectral_weight")
    with pytest.raises(qbsym.NotDerivedError, match="up to order 1"):
        wide_band("energy", 2)
    with pytest.raises(qbsym.NotDerivedError, match="up to order 2"):
        wide_band("exergy", 3)
    with pytest.raises(qbsym.UnknownNameError):
        wide_band("ergotropy")
