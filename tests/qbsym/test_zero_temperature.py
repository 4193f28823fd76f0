"""Zero-temperature limits: antiderivatives against quadrature, limits against certified values."""

from fractions import Fraction
from functools import cache
from itertools import pairwise

import pytest
import sympy
from mpmath import mp, mpf

import qbsym
import validation
from qbsym import symbols as s
from qbsym.limits import _antiderivatives as band
from qbsym.limits import _low_temperature as low
from qbsym.limits import _sommerfeld as warm
from qbsym.limits import _zero_temperature as cold
from tests.qbsym.cases import numbers
from tests.slow import few_by_default
from validation.exact import ExactJunction

NAMES = tuple(low.POWERS)

SMALL = Fraction(1, 256)
"""Of the temperatures: T is 5e-4 at most, 1/400 of the width of the level."""


def junction(**changes):
    """Return the entries' example with its temperatures times SMALL, and changes."""
    values = {name: Fraction(text) for name, text in low.EXAMPLE.items()}
    values |= {name.replace("__", "."): value for name, value in changes.items()}
    return {n: v * SMALL if "temperature" in n else v for n, v in values.items()}


JUNCTIONS = {
    "unequal couplings": junction(),
    "negative bias": junction(left__mu=Fraction(-1, 2), right__mu=Fraction(2, 5)),
    "level near an edge": junction(
        level=Fraction(3, 2), left__mu=Fraction(17, 10), right__mu=Fraction(9, 10)
    ),
}


@cache
def compiled(expression):
    # SymPy's own lambdify: dilogarithms are no function of qbsym.lambdify.
    return sympy.lambdify(s.PARAMETERS, expression, "mpmath")


def value_of(expression, values):
    return compiled(expression)(*numbers(values))


@pytest.fixture(scope="module", params=JUNCTIONS)
def cold_junction(request):
    values = JUNCTIONS[request.param]
    reference = validation.reference(ExactJunction.from_parameters(values), digits=40)
    return values, reference


@pytest.mark.parametrize("name", few_by_default(NAMES, 3, pytest.mark.deep))
def test_what_a_partial_sum_leaves_out_is_the_next_term(name, cold_junction):
    values, reference = cold_junction
    with mp.workdps(50):
        total = mpf(0)
        terms = [value_of(low.term(name, power), values) for power in low.POWERS[name][:-1]]
        for this, following in pairwise(terms):
            total += this
            left_out = reference[name].mid - total
            # The term after next is smaller by pi T/width, or by its square; at most 0.006.
            assert abs(left_out / following - 1) < 0.03
        left_out = reference[name].mid - total - terms[-1]
        step = low.POWERS[name][-1] - low.POWERS[name][-2]
        # One or two more powers of pi T/width = 0.02, with the series' own factors.
        assert abs(left_out) < abs(terms[-1]) * mpf("0.05") ** step


@pytest.mark.parametrize("power", [0, 1])
@pytest.mark.parametrize(
    ("kind", "function"),
    [("A", qbsym.spectral_function), ("tau", qbsym.transmission)],
    ids=["A", "tau"],
)
def test_antiderivatives_are_integrals_of_the_spectral_function_and_the_transmission(
    kind, function, power
):
    integrand = qbsym.lambdify(function() * s.omega**power, backend="mpmath", variables=1)
    primitive = band.antiderivative(kind, power, s.mu_L)
    for values in JUNCTIONS.values():
        with mp.workdps(30):
            there = numbers(values)
            low_end, high_end = mpf("-1.25"), mpf("1.75")
            expected = mp.quad(integrand.bind(*there), [low_end, there[0], high_end])
            ends = [
                value_of(primitive, values | {"left.mu": Fraction(text)})
                for text in ("-1.25", "1.75")
            ]
            assert mp.almosteq(ends[1] - ends[0], expected, mpf(10) ** -20)


def test_equal_couplings_have_ln_2_times_the_weight_of_the_bias_window():
    values = junction(right__coupling=Fraction(7, 20))
    weight = band.antiderivative("A", 0, s.mu_L) - band.antiderivative("A", 0, s.mu_R)
    with mp.workdps(30):
        expected = mp.log(2) * value_of(weight, values)
        assert mp.almosteq(value_of(cold.zero_temperature("entropy"), values), expected)


def test_every_observable_has_an_entry_or_a_reason():
    for family, module in (("zero_temperature", cold), ("sommerfeld", warm)):
        there = {(e.family, e.observable) for e in module.ENTRIES}
        assert there | set(module.ABSENT) == {(family, name) for name in qbsym.OBSERVABLES}
        assert not there & set(module.ABSENT)


@pytest.mark.slow
def test_entries_hold_the_partial_sums_and_their_powers():
    for entry in (*cold.ENTRIES, *warm.ENTRIES):
        powers = low.POWERS[entry.observable]
        assert entry.limit.starts == powers[0]
        assert entry.limit.remainder == powers[entry.order]
        assert set(entry.limit.example) == set(s.PARAMETER_NAMES)
        assert entry.limit.expression.free_symbols <= set(s.PARAMETERS)
        qbsym.lambdify(entry.limit.expression, s.PARAMETERS, "mpmath")


def test_orders_and_names_that_are_not_there_are_refused():
    with pytest.raises(qbsym.NotDerivedError, match=r"orders 1 to 1, not 2; .* in sommerfeld"):
        cold.zero_temperature("energy", order=2)
    with pytest.raises(qbsym.NotDerivedError, match="does not depend on the temperature"):
        cold.zero_temperature("spectral_weight")
    with pytest.raises(qbsym.UnknownNameError):
        cold.zero_temperature("ergotropy")
