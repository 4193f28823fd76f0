"""The weak-coupling limits against the integrals at small couplings."""

from fractions import Fraction

import pytest
from mpmath import mp, mpf

import qbsym
from qbsym import limits
from qbsym import symbols as s
from tests.qbsym.cases import integrals, parameters


def weak(factor, **changes):
    return parameters(
        left__coupling=Fraction(1, 5) * factor,
        right__coupling=Fraction(3, 10) * factor,
        left__temperature=Fraction(1, 4),
        right__temperature=Fraction(1, 5),
        temperature_eq=Fraction(3, 10),
        **changes,
    )


def observables(values):
    """Return every observable's value from integrals in double precision."""
    value = integrals(values)
    at = {
        s.d: value["particle_number"],
        s.d_bar: value["hole_number"],
        s.d_eq: value["equilibrium_particle_number"],
        s.d_eq_bar: value["equilibrium_hole_number"],
    }
    for name in ("entropy", "exergy"):
        two = float(qbsym.observable(f"two_state_{name}").definition.subs(at))
        value[f"two_state_{name}"] = two
        sign = 1 if name == "entropy" else -1
        value[f"{name}_gap"] = sign * (two - value[name])
    return value


def limit_value(name, values, **regions):
    expression = limits.weak_coupling(name, **regions)
    return float(qbsym.lambdify(expression, s.PARAMETERS)(*map(float, values.values())))


SMOOTH = [n for n in qbsym.OBSERVABLES if n not in ("entropy_gap", "exergy_gap")]


@pytest.fixture(scope="module")
def values_at_two_couplings():
    return {n: observables(weak(Fraction(1, n))) for n in (40, 80)}


@pytest.mark.parametrize("name", SMOOTH)
def test_the_limit_is_approached_with_the_square_of_the_coupling(name, values_at_two_couplings):
    errors = []
    for n, values in values_at_two_couplings.items():
        errors.append(values[name] / limit_value(name, weak(Fraction(1, n))) - 1)
    assert abs(errors[1]) < 1e-4
    if abs(errors[1]) > 1e-11:
        assert errors[0] / errors[1] == pytest.approx(4, rel=0.1)


@pytest.mark.parametrize("name", ["entropy_gap", "exergy_gap"])
def test_gaps_vanish_with_the_square_of_the_coupling_and_the_derived_coefficient(
    name, values_at_two_couplings
):
    values = weak(Fraction(1, 40))
    expression = limits.weak_coupling(name)
    _, low, high = expression.limits[0]
    assert (high - low).equals(4 * s.hopping_L)
    integrand = qbsym.lambdify(expression.function, (s.omega, *s.PARAMETERS), "gmpy2", variables=1)
    with mp.workdps(40):
        bound = integrand.bind(*values.values())
        # No node near the level: the integrand is 0/0 there, and cancels next to it.
        coefficient = mp.quad(bound, [mpf(-2), mpf(-1), mpf(0), mpf(1), mpf(2)])
    ratios = [
        values_at_two_couplings[n][name] * (n / 40) ** 2 / float(coefficient) - 1 for n in (40, 80)
    ]
    assert abs(ratios[1]) < 2e-4
    assert ratios[0] / ratios[1] == pytest.approx(4, rel=0.2)


def test_a_level_in_one_band_only_takes_that_leads_occupation():
    changes = {"right__onsite": Fraction(3), "right__hopping": Fraction(1, 2)}
    values = weak(Fraction(1, 80), **changes)
    computed = observables(values)
    for name in ("particle_number", "energy", "entropy", "exergy", "two_state_entropy"):
        expected = limit_value(name, values, right="below")
        assert computed[name] == pytest.approx(expected, rel=1e-4), name
    with pytest.raises(qbsym.NotDerivedError, match="fourth-order"):
        limits.weak_coupling("charge_current", right="below")


def test_coupling_powers_are_those_of_the_expressions():
    scale = Fraction(1, 2)
    for name in SMOOTH:
        full, half = (limit_value(name, weak(f)) for f in (Fraction(1), scale))
        assert half / full == pytest.approx(float(scale) ** limits.COUPLING_POWER[name])
    for name in ("entropy_gap", "exergy_gap"):
        assert limits.COUPLING_POWER[name] == 2


def test_orders_that_are_not_derived_say_what_is():
    with pytest.raises(qbsym.NotDerivedError, match="order 1"):
        limits.weak_coupling("exergy", order=2)
    with pytest.raises(qbsym.NotDerivedError, match="bound state"):
        limits.weak_coupling("exergy", left="above", right="above")
    with pytest.raises(qbsym.NotDerivedError, match="equal bands"):
        limits.weak_coupling("entropy_gap", right="above")
    with pytest.raises(qbsym.UnknownNameError):
        limits.weak_coupling("ergotropy")
