"""Band edges: A next to them, bound states next to their threshold, and strong coupling."""

from fractions import Fraction

import pytest
from mpmath import mp, mpf
from sympy import Rational

import qbsym
import validation.references
from qbsym import limits
from qbsym import symbols as s
from qbsym.limits import _band_edge as edge
from tests.qbsym.cases import numbers, parameters
from validation.exact import ExactJunction

COUPLINGS = {"left__coupling": Fraction(2, 5), "right__coupling": Fraction(3, 10)}
"""v^2 = 1/4: thresholds at -+7/4."""

SIGN = {"above": 1, "below": -1}


def generic(expression, values):
    """Put numbers into the generic onsite and hopping as well."""
    at = {s.onsite: values["left.onsite"], s.hopping: values["left.hopping"]}
    at |= dict(zip(s.PARAMETERS, values.values(), strict=True))
    return expression.subs({k: Rational(v.numerator, v.denominator) for k, v in at.items()})


@pytest.mark.parametrize("side", edge.SIDES)
@pytest.mark.parametrize("at_threshold", [False, True])
def test_a_follows_its_law_next_to_an_edge(side, at_threshold):
    level = SIGN[side] * (Fraction(7, 4) if at_threshold else Fraction(6, 5))
    values = parameters(level=level, **COUPLINGS)
    law = generic(edge.edge_spectral_function(side, at_threshold=at_threshold), values)
    exact = qbsym.lambdify(qbsym.spectral_function(), (s.omega, *s.PARAMETERS), "mpmath")
    ratios = []
    with mp.workdps(40):
        for distance in (mpf(10) ** -6, mpf(10) ** -8):
            omega = SIGN[side] * (2 - distance)
            expected = law.subs(edge.distance, Rational(1, round(1 / distance))).evalf(40)
            ratios.append(exact(omega, *numbers(values)) / mp.convert(expected) - 1)
    # The next term is one whole power of the distance smaller at either law.
    assert abs(ratios[1]) < 1e-5
    assert ratios[0] / ratios[1] == pytest.approx(100, rel=0.01)


@pytest.mark.parametrize("side", edge.SIDES)
def test_a_bound_state_starts_linearly_in_weight_and_quadratically_in_energy(side):
    found = {"bound_state_weight": [], "bound_state_energy": []}
    for beyond in (Fraction(1, 10**4), Fraction(1, 2 * 10**4)):
        values = parameters(level=SIGN[side] * (Fraction(7, 4) + beyond), **COUPLINGS)
        (state,) = validation.references.bound_states(ExactJunction.from_parameters(values), 30)
        for name, exact in (
            ("bound_state_weight", state.weight.mid),
            ("bound_state_energy", state.energy.mid),
        ):
            law = limits.evaluate(edge.band_edge(name, 2, side=side), values, 30)
            with mp.workdps(40):
                found[name].append(abs(law - exact))
    # Remainders D^3 and D^4.
    assert float(found["bound_state_weight"][0] / found["bound_state_weight"][1]) == (
        pytest.approx(8, rel=0.05)
    )
    assert float(found["bound_state_energy"][0] / found["bound_state_energy"][1]) == (
        pytest.approx(16, rel=0.05)
    )


@pytest.mark.parametrize("side", edge.SIDES)
def test_there_is_a_bound_state_beyond_the_threshold_only(side):
    tiny = Fraction(1, 10**9)
    for beyond, count in ((tiny, 1), (-tiny, 0)):
        values = parameters(level=SIGN[side] * (Fraction(7, 4) + beyond), **COUPLINGS)
        junction = ExactJunction.from_parameters(values)
        assert len(validation.references.bound_states(junction, 20)) == count
    threshold = generic(edge.threshold(side), values)
    assert threshold == SIGN[side] * Rational(7, 4)


@pytest.mark.parametrize("side", edge.SIDES)
def test_g_at_an_edge_is_real_and_continues_g_inside(side):
    values = parameters(level=Fraction(3, 10), **COUPLINGS)
    at_edge = mp.convert(float(generic(edge.edge_green(side), values)))
    green = qbsym.lambdify(qbsym.green_retarded(), (s.omega, *s.PARAMETERS), "mpmath")
    with mp.workdps(30):
        near = green(SIGN[side] * (2 - mpf(10) ** -20), *numbers(values))
    # G - G(edge) goes with the square root of the distance.
    assert abs(near - at_edge) < 1e-9


@pytest.mark.slow
def test_strong_coupling_leaves_half_of_the_level_on_either_side():
    values = parameters(
        left__coupling=Fraction(30), right__coupling=Fraction(40), left__temperature=Fraction(1, 4)
    )
    reference = validation.reference(
        ExactJunction.from_parameters(values), digits=20, bound_states="exclude"
    )
    for name in ("spectral_weight", "charge_current", "energy_current", "entropy_production"):
        for order in (1, 2):
            found = limits.evaluate(edge.strong_coupling(name, order), values, 20)
            # h^2/v^2 = 4e-4 per order.
            error = abs(found / reference[name].mid - 1)
            assert error < 2 * mpf("4e-4") ** order, (name, order)
    # tau -> 4 p (1 - p) sin^2 k with the shares 0.36 and 0.64.
    leading = edge.strong_transmission(1).subs(s.x, 0)
    assert generic(leading, values) == 4 * Rational(9, 25) * Rational(16, 25)


def test_what_is_not_derived_says_so():
    with pytest.raises(qbsym.NotDerivedError, match="occupation of the bound states"):
        edge.strong_coupling("particle_number")
    with pytest.raises(qbsym.NotDerivedError, match="up to order 2"):
        edge.strong_coupling("charge_current", 3)
    with pytest.raises(qbsym.NotDerivedError, match="occupation of the bound states"):
        edge.band_edge("energy")
    with pytest.raises(qbsym.NotDerivedError, match="up to order 2"):
        edge.band_edge("bound_state_weight", 3)
    with pytest.raises(qbsym.UnknownNameError, match="side"):
        edge.threshold("left")
    with pytest.raises(qbsym.UnknownNameError):
        edge.strong_coupling("ergotropy")
