"""Far-away reservoirs: every side against the reference, and the rate of what is neglected."""

from fractions import Fraction
from itertools import product

import pytest
from mpmath import mp, mpf

import qbsym
import validation
from qbsym import limits
from qbsym.limits._far_reservoirs import NAMES, SIDES, far_reservoirs, rate
from tests.qbsym.cases import parameters
from tests.slow import few_by_default
from validation.exact import ExactJunction

DIGITS = 20


def junction(left, right, equilibrium):
    """Return a junction whose chemical potentials are about 4 beyond edges at -+1."""
    sign = {"above": 1, "below": -1}
    return parameters(
        level=Fraction(3, 10),
        left__hopping=Fraction(1, 2),
        right__hopping=Fraction(1, 2),
        left__coupling=Fraction(1, 4),
        right__coupling=Fraction(1, 5),
        left__mu=sign[left] * Fraction(5),
        right__mu=sign[right] * Fraction(26, 5),
        mu_eq=sign[equilibrium] * Fraction(27, 5),
    )


@pytest.mark.parametrize("sides", few_by_default(product(SIDES, repeat=3), 2), ids="-".join)
def test_every_side_is_approached_to_the_claimed_rate(sides):
    values = junction(*sides)
    left, right, equilibrium = sides
    reference = validation.reference(ExactJunction.from_parameters(values), digits=DIGITS)
    by_lead = {"L": left, "R": right, "eq": equilibrium}
    for name in NAMES:
        found = limits.evaluate(
            far_reservoirs(name, left=left, right=right, equilibrium=equilibrium),
            values,
            DIGITS,
        )
        with mp.workdps(DIGITS + 10):
            exponent = limits.evaluate(rate(name, by_lead), values, DIGITS)
            # Distances over temperatures are about 50: exp(-40) with powers of them.
            bound = 1000 * mp.exp(-exponent) + abs(found) * mpf(10) ** (2 - DIGITS)
            assert abs(found - reference[name].mid) < bound, name


def test_the_largest_bias_drives_the_largest_current():
    values = junction("above", "below", "below")
    current = limits.evaluate(far_reservoirs("charge_current"), values, DIGITS)
    back = far_reservoirs("charge_current", left="below", right="above")
    assert limits.evaluate(back, values, DIGITS) == pytest.approx(-current, rel=1e-15)
    near = values | {"left.mu": Fraction(4, 5), "right.mu": Fraction(-4, 5)}
    reference = validation.reference(ExactJunction.from_parameters(near), digits=DIGITS)
    assert 0 < reference["charge_current"].mid < current


def test_what_is_not_derived_says_so():
    with pytest.raises(qbsym.NotDerivedError, match="does not depend on the reservoirs"):
        far_reservoirs("spectral_weight")
    with pytest.raises(qbsym.UnknownNameError, match="side"):
        far_reservoirs("energy", left="inside")
    with pytest.raises(qbsym.UnknownNameError):
        far_reservoirs("ergotropy")
