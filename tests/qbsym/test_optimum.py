"""The best level: closed forms against maxima of certified values."""

from fractions import Fraction
from itertools import pairwise

import pytest
import sympy
from mpmath import mp

import qbsym
import validation
from qbsym import symbols as s
from qbsym.limits import _optimum as best
from qbsym.limits import weak_coupling
from tests.qbsym.cases import numbers, parameters
from validation.exact import ExactJunction

BIAS = Fraction(1, 2)


def value_of(expression, values):
    # SymPy's own lambdify: Lambert's W is no function of qbsym.lambdify.
    return sympy.lambdify(s.PARAMETERS, expression, "mpmath")(*numbers(values))


def reference(values, name, digits=20):
    return validation.reference(ExactJunction.from_parameters(values), digits=digits)[name].mid


def driven(level=Fraction(0), coupling=Fraction(1, 500), temperature=Fraction(1, 10), bias=BIAS):
    """Return the paper's junction with a bias, all temperatures the same."""
    temperatures = ("left.temperature", "right.temperature", "temperature_eq")
    return parameters(
        level=level,
        left__coupling=coupling,
        right__coupling=coupling,
        left__mu=Fraction(1, 10) + bias,
    ) | dict.fromkeys(temperatures, temperature)


def largest(level, step, **junction):
    """Return the vertex of the parabola through the reference's exergy at three levels."""
    below, there, above = (
        reference(driven(level + n * step, **junction), "exergy") for n in (-1, 0, 1)
    )
    # The second difference is negative where there is a maximum.
    assert below - 2 * there + above < 0
    return float(level + step * (below - above) / (below - 2 * there + above) / 2)


def weak_root(**junction):
    """Return where the stationarity condition vanishes."""
    values = driven(**junction)
    condition = qbsym.lambdify(best.exergy_stationarity(), s.PARAMETERS, "mpmath")
    start = value_of(best.optimum("exergy_level"), values)
    return mp.findroot(lambda level: condition(level, *numbers(values)[1:]), start)


@pytest.mark.parametrize("name", ["equilibrium_entropy", "entropy"])
def test_each_order_of_the_largest_entropy_is_what_the_one_before_leaves_out(name):
    entries = [entry for entry in best.ENTRIES if entry.observable == name]
    limit = entries[0].limit
    at = limit.epsilons[0]
    example = {
        p: sympy.Rational(limit.example[n])
        for p, n in zip(s.PARAMETERS, s.PARAMETER_NAMES, strict=True)
    }
    values = {}
    for symbol, parameter in zip(s.PARAMETERS, s.PARAMETER_NAMES, strict=True):
        value = limit.path.get(symbol, symbol).subs(best.epsilon, at).subs(example)
        values[parameter] = Fraction(value.p, value.q)
    with mp.workdps(40):
        exact = reference(values, name, digits=30)
        sums = [value_of(entry.limit.expression, values) for entry in entries]
        for this, following in pairwise(sums):
            # At epsilon = 1/8 and 1/16 the next order is a tenth at most.
            assert abs((exact - this) / (following - this) - 1) < 0.1
        assert abs(exact - sums[-1]) < 0.1 * abs(sums[-1] - sums[-2])


def test_equilibrium_entropy_is_largest_at_mu_eq():
    values = {
        level: reference(driven(level, bias=Fraction(0)), "equilibrium_entropy")
        for level in (Fraction(9, 100), Fraction(1, 10), Fraction(11, 100))
    }
    assert max(values, key=values.get) == Fraction(1, 10)
    closed = best.optimum("equilibrium_entropy", order=3)
    deficit = mp.log(2) - values[Fraction(1, 10)]
    expected = mp.log(2) - value_of(closed, driven(Fraction(1, 10), bias=Fraction(0)))
    # Left out is the band's curvature over a width T = 0.1: pi^2 T^2/(8 h^2) of it.
    assert float(deficit) == pytest.approx(float(expected), rel=0.02)


def test_the_stationarity_condition_is_the_slope_of_the_weak_coupling_exergy():
    values = parameters(
        left__coupling=Fraction(1, 5),
        left__temperature=Fraction(1, 7),
        right__temperature=Fraction(1, 8),
        right__mu=Fraction(1, 4),
    )
    exergy = qbsym.lambdify(weak_coupling("exergy"), s.PARAMETERS, "mpmath")
    condition = qbsym.lambdify(best.exergy_stationarity(), s.PARAMETERS, "mpmath")
    with mp.workdps(30):
        level, *rest = numbers(values)
        slope = mp.diff(lambda e: exergy(e, *rest), level)
        assert mp.almosteq(condition(level, *rest), rest[-1] * slope, mp.mpf(10) ** -12)


@pytest.mark.parametrize("bias", [Fraction(1), Fraction(16, 10)])
def test_far_bias_forms_are_short_by_the_square_of_temperature_over_bias(bias):
    values = driven(bias=bias)
    ratio = 0.1 / float(bias)
    root = weak_root(bias=bias)
    level = value_of(best.optimum("exergy_level"), values)
    # The derived remainder is 1/((1 - p) s^2), s = bias/T less a logarithm: 2 grows to 4 at b = 10.
    assert abs(root - level) < 0.1 * 4 * ratio**2
    exergy = qbsym.lambdify(weak_coupling("exergy"), s.PARAMETERS, "mpmath")
    there = exergy(root, *numbers(values)[1:])
    assert abs(there - value_of(best.optimum("exergy"), values)) < 2 * ratio**2


def test_the_largest_certified_exergy_lies_at_the_root_of_the_stationarity_condition():
    root = weak_root()
    found = largest(Fraction(round(root * 1000), 1000), Fraction(1, 100))
    # The coupling shifts it by v^2 = 4e-6 times bias/T^2, the parabola by step^2/T = 1e-3 at most.
    assert found == pytest.approx(float(root), abs=1e-3)


def test_at_the_papers_coupling_the_exergy_is_largest_around_the_bias():
    found = largest(Fraction(486, 1000), Fraction(1, 100), coupling=Fraction(3, 25))
    # Figs. 6, 7: "around the bias" of 0.5, which T ln W = 0.107 below mu_L = 0.6 is by chance.
    assert 0.48 < found < 0.49


def test_a_cold_level_is_best_a_tail_below_the_chemical_potential():
    junction = {"coupling": Fraction(1, 1000), "temperature": Fraction(1, 10**7)}
    level = value_of(best.optimum("exergy_level_at_zero_temperature"), driven(**junction))
    distance = 0.6 - float(level)
    rounded = Fraction(round(level * 10**7), 10**7)
    found = largest(rounded, Fraction(round(distance * 10**5), 10**6), **junction)
    # What is left out is of the order distance/bias = 1e-3 and T/distance = 2e-4, with logarithms.
    assert 0.6 - found == pytest.approx(distance, rel=0.02)


def test_names_and_orders_that_are_not_there_are_refused():
    with pytest.raises(qbsym.UnknownNameError, match="there are equilibrium_entropy"):
        best.optimum("energy")
    with pytest.raises(qbsym.NotDerivedError, match="orders 1 to 2, not 3"):
        best.optimum("entropy", order=3)


def test_every_observable_has_an_entry_or_a_reason():
    there = {(e.family, e.observable) for e in best.ENTRIES}
    assert there | set(best.ABSENT) == {("optimum", name) for name in qbsym.OBSERVABLES}
    assert not there & set(best.ABSENT)
