"""The Sommerfeld terms: their factors, the derivatives they take, and the edges' entropy."""

import pytest
import sympy
from mpmath import mp, mpf
from sympy import Rational, Symbol

import qbsym
from qbsym import symbols as s
from qbsym.limits import _antiderivatives as band
from qbsym.limits import _low_temperature as low
from qbsym.limits._sommerfeld import sommerfeld
from qbsym.limits._zero_temperature import zero_temperature
from tests.qbsym.cases import numbers, parameters


@pytest.mark.parametrize("order", [2, 4, 6])
def test_moments_are_integrals_against_the_fermi_functions(order):
    with mp.workdps(30):
        expected = 2 * mp.quad(
            lambda x: x**order * mp.exp(-x) / (1 + mp.exp(-x)) ** 2, [0, 10, 40, 160]
        )
        assert mp.almosteq(mp.convert(low.moment(order).evalf(30)), expected, mpf(10) ** -20)


@pytest.mark.parametrize("share", [Rational(1, 10), Rational(1, 2), Rational(4, 5), 1])
def test_the_entropy_of_an_edge_is_its_integral(share):
    with mp.workdps(30):
        p = mp.convert(share)

        def entropy(f):
            return sum((-q * mp.log(q) for q in (f, 1 - f) if q > 0), mpf(0))

        def integrand(x):
            occupied = p / (1 + mp.exp(x))
            return entropy(occupied) - (entropy(p) if x < 0 else 0)

        expected = mp.quad(integrand, [-90, -20, -5, 0, 5, 20, 90])
        probability = Symbol("p", positive=True)
        closed = low.edge_entropy(probability)
        value = (
            sympy.limit(closed, probability, 1, "-")
            if share == 1
            else closed.subs(probability, share)
        )
        # 90 temperatures away exp(-90) = 1e-39 is left.
        assert mp.almosteq(mp.convert(value.evalf(30)), expected, mpf(10) ** -18)


@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize("power", [0, 1])
@pytest.mark.parametrize(
    ("kind", "function"),
    [("A", qbsym.spectral_function), ("tau", qbsym.transmission)],
    ids=["A", "tau"],
)
def test_derivatives_are_those_of_the_spectral_function_and_the_transmission(
    kind, function, power, order
):
    integrand = qbsym.lambdify(function() * s.omega**power, backend="mpmath", variables=1)
    derivative = qbsym.lambdify(band.derivative(kind, power, order, s.mu_L), s.PARAMETERS, "mpmath")
    with mp.workdps(40):
        values = numbers(parameters())
        expected = mp.diff(integrand.bind(*values), values[4], order)
        assert mp.almosteq(derivative(*values), expected, mpf(10) ** -12)


def test_orders_continue_those_of_zero_temperature():
    assert sommerfeld("energy") == sommerfeld("energy", order=2)
    slopes = sum(
        low.share(a) * p.temperature**2 * band.derivative("A", 0, 1, p.mu)
        for a, p in s.LEADS.items()
    )
    two, one = sommerfeld("particle_number"), zero_temperature("particle_number")
    function = qbsym.lambdify([two - one, sympy.pi**2 / 6 * slopes], s.PARAMETERS, "mpmath")
    with mp.workdps(30):
        added, expected = function(*numbers(parameters()))
        assert mp.almosteq(added, expected, mpf(10) ** -20)
    with pytest.raises(qbsym.NotDerivedError, match=r"orders 2 to 3, not 1; .* zero_temperature"):
        sommerfeld("energy", order=1)
    with pytest.raises(qbsym.NotDerivedError, match="orders 2 to 2, not 3"):
        sommerfeld("entropy", order=3)
    with pytest.raises(qbsym.NotDerivedError, match="does not depend on the temperature"):
        sommerfeld("spectral_weight")
    with pytest.raises(qbsym.UnknownNameError):
        sommerfeld("ergotropy")
