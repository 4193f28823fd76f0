"""Moments of tau, and what high temperatures make of them."""

from fractions import Fraction

import pytest
from mpmath import mp, mpf
from sympy import Rational

import qbsym
import validation
from qbsym import limits
from qbsym import symbols as s
from qbsym.limits._high_temperature import STARTS, high_temperature, powers
from qbsym.limits._moments import shares, spectral_moment, transmission_moment
from tests.qbsym.cases import numbers, parameters
from tests.slow import few_by_default
from validation.exact import ExactJunction

JUNCTION = parameters(
    level=Fraction(3, 10),
    left__onsite=Fraction(1, 10),
    right__onsite=Fraction(1, 10),
    left__coupling=Fraction(2, 5),
    right__coupling=Fraction(3, 10),
    left__mu=Fraction(1, 2),
)


@pytest.mark.parametrize("level", [Fraction(1, 10), Fraction(-6, 5)])
@pytest.mark.parametrize("power", few_by_default(range(5), 2))
def test_moments_are_integrals_over_the_band(power, level):
    values = JUNCTION | {"level": level}
    tau = qbsym.lambdify(
        [qbsym.transmission(), qbsym.spectral_function()],
        (s.omega, *s.PARAMETERS),
        "mpmath",
        variables=1,
    )
    with mp.workdps(30):
        bound = tau.bind(*numbers(values))
        closed = [
            qbsym.lambdify(moment(power), s.PARAMETERS, "mpmath")(*numbers(values))
            for moment in (transmission_moment, spectral_moment)
        ]

        def at(k, which):
            omega = mpf(1) / 10 - 2 * mp.cos(k)
            return omega**power * bound(omega)[which] * 2 * mp.sin(k)

        for which, found in enumerate(closed):
            value = mp.quad(lambda k, w=which: at(k, w), mp.linspace(0, mp.pi, 17))
            assert abs(value - found) < mpf(10) ** -20


def hot(scale, **changes):
    return JUNCTION | {
        "left.temperature": Fraction(3, 2) * scale,
        "right.temperature": Fraction(scale),
        "temperature_eq": Fraction(2) * scale,
        **changes,
    }


@pytest.mark.parametrize("name", few_by_default(STARTS, 2))
def test_the_series_is_that_of_the_reference(name, hot_reference):
    for values, reference in hot_reference:
        first, second = (limits.evaluate(high_temperature(name, n), values, 24) for n in (1, 2))
        exact = reference[name].mid
        # 1/T is 1e-3; what remains is some powers of it less than the leading term.
        start, following, remainder = powers(name)
        assert abs(first - exact) <= mpf(10) ** (1 - 3 * following)
        assert abs(second - exact) <= mpf(10) ** (1 - 3 * remainder)
        if start:
            # Two powers of 1/T less, with coefficients of order 1 to 100.
            assert abs(first / exact - 1) < 1e-4


@pytest.fixture(scope="module")
def hot_reference():
    junctions = (hot(1000), hot(1000, **{"left.mu": Fraction(-2), "level": Fraction(-1)}))
    return [
        (values, validation.reference(ExactJunction.from_parameters(values), digits=24))
        for values in junctions
    ]


def test_the_gaps_measure_the_variance_of_the_level():
    v2 = s.coupling_L**2 + s.coupling_R**2
    beta = {a: 1 / s.LEADS[a].temperature for a in "LR"}
    mean = sum(shares()[a] * beta[a] for a in "LR")
    at = {p: n + 2 for n, p in enumerate(s.PARAMETERS)}
    gap = high_temperature("entropy_gap").subs(at)
    assert gap == (mean**2 * v2 / 8).subs(at)
    gap = high_temperature("exergy_gap").subs(at)
    assert gap == ((mean - 1 / s.temperature_eq) ** 2 * v2 / 8).subs(at)


def test_the_leading_terms_are_free_of_what_they_do_not_depend_on():
    assert high_temperature("particle_number") == Rational(1, 2)
    assert not high_temperature("entropy").free_symbols
    assert s.mu_L not in high_temperature("energy").free_symbols


def test_what_is_not_derived_says_so():
    with pytest.raises(qbsym.NotDerivedError, match="does not depend on temperature"):
        high_temperature("spectral_weight")
    with pytest.raises(qbsym.NotDerivedError, match="up to order 2"):
        high_temperature("entropy", 3)
    with pytest.raises(qbsym.UnknownNameError):
        high_temperature("ergotropy")
