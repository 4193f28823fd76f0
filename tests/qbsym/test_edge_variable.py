"""The integrands in t, omega = edge +- t^2, against the plain ones; what a ball must contain."""

from fractions import Fraction
from itertools import product

import pytest
from flint import acb, arb, ctx
from mpmath import mp, mpf

import qbsym
from qbsym import edge_variable
from qbsym._flint import to_ball
from qbsym.edge_variable import INGREDIENTS, composition, ingredients

NAMES = qbsym.INTEGRALS

# level, then (onsite, hopping, coupling, mu, T) of each lead, mu_eq, T_eq: exact decimals.
EQUAL = ("0.4", "0", "1", "0.12", "0.6", "0.1", "0", "1", "0.3", "0.1", "0.2", "0.1", "0.1")
NESTED = ("0.4", "0", "1", "0.5", "0.6", "0.1", "0.4", "0.25", "0.3", "0.1", "0.2", "0.1", "0.1")
TOUCHING = ("1.9", "0", "1", "0.5", "0.6", "0.1", "4", "1", "0.3", "0.1", "0.2", "0.1", "0.1")
# 1/G^r vanishes at the common edge: level = 2 - v_L^2/h_L + v_R^2/h_R.
AT_THRESHOLD = ("1.84", *TOUCHING[1:])
UNIFORM = ("0", "0", "1", "1", "0.6", "0.1", "0", "1", "1", "0.1", "0.2", "0.1", "0.1")

# parameters, regions, edges, edge, side, threshold
PLACES = {
    "both, lower": (EQUAL, ("inside", "inside"), ("lower", "lower"), "-2", 1, False),
    "both, upper": (EQUAL, ("inside", "inside"), ("upper", "upper"), "2", -1, False),
    "nested, outer": (NESTED, ("inside", "below"), ("lower", None), "-2", 1, False),
    "nested, from below": (NESTED, ("inside", "below"), (None, "lower"), "-0.1", -1, False),
    "nested, within": (NESTED, ("inside", "inside"), (None, "lower"), "-0.1", 1, False),
    "nested, above": (NESTED, ("inside", "above"), (None, "upper"), "0.9", 1, False),
    "touching, left": (TOUCHING, ("inside", "below"), ("upper", "lower"), "2", -1, False),
    "touching, right": (TOUCHING, ("above", "inside"), ("upper", "lower"), "2", 1, False),
    "threshold, left": (AT_THRESHOLD, ("inside", "below"), ("upper", "lower"), "2", -1, True),
    "threshold, right": (AT_THRESHOLD, ("above", "inside"), ("upper", "lower"), "2", 1, True),
    "uniform chain": (UNIFORM, ("inside", "inside"), ("lower", "lower"), "-2", 1, True),
}


def functions(place, names=NAMES):
    """Return the integrands as one function of t, flags passed on."""
    values, regions, edges, edge, side, threshold = PLACES[place]
    parameters = [Fraction(v) for v in values]
    parts = ingredients(*regions, *edges, side, threshold).bind(Fraction(edge), *parameters)
    form = composition(names, *(r == "inside" for r in regions)).bind(*parameters)
    return lambda t, analytic=False: form(*parts(t, analytic=analytic), analytic=analytic)


@pytest.mark.parametrize("place", PLACES)
def test_they_are_the_integrands_times_the_jacobian(place):
    """At points of the half segment: mpmath's plain forms lie within the balls, which are small."""
    values, regions, _, edge, side, _ = PLACES[place]
    function = functions(place)
    plain = qbsym.integrands(*regions, backend="mpmath")
    for t in ("1e-3", "0.1", "0.3"):
        with ctx.workprec(200), mp.workdps(75):
            parameters = [mpf(Fraction(v).numerator) / Fraction(v).denominator for v in values]
            omega = mpf(edge) + side * mpf(t) ** 2
            expected = [2 * mpf(t) * value for value in plain(omega, *parameters)]
            for name, got, value in zip(NAMES, function(Fraction(t)), expected, strict=True):
                # 75 digits of mpmath, 60 of the ball, and nothing between them.
                room = abs(value) * mpf(10) ** -45
                assert abs(float(got.real.rad())) <= float(room), name
                assert abs(float(got.real - to_ball(value))) <= float(room), name


@pytest.mark.parametrize("place", PLACES)
def test_a_wide_ball_contains_the_values_at_its_points(place):
    function = functions(place)
    with ctx.workprec(150):
        for centre, radius in ((0.1, 0.02), (0.3, 0.1), (0.2, 0.001)):
            wide = function(acb(arb(centre, radius), arb(0, radius)), analytic=True)
            for a, b in product((-0.9, 0.0, 0.7), repeat=2):
                point = acb(centre + a * radius, b * radius)
                for name, ball, value in zip(NAMES, wide, function(point), strict=True):
                    assert not ball.is_finite() or acb(ball).contains(acb(value)), name


def test_the_edge_itself_is_no_singularity():
    """A ball around t = 0 is analytic, at a threshold too; in omega the edge is a branch point."""
    for place in PLACES:
        around = functions(place, NAMES[:4])(acb(arb(0, 1e-4), arb(0, 1e-4)), analytic=True)
        assert all(value.is_finite() for value in around), place


def test_a_ball_across_a_band_edge_is_flagged():
    """Across the other band's edge an integrand is not analytic, and the flag must say so."""
    function = functions("nested, outer", NAMES[:1])
    across = acb(arb("1.378", "0.01"), arb(0, "0.01"))  # t^2 = 1.9: omega = -0.1
    assert not function(across, analytic=True)[0].is_finite()
    assert function(acb("1.378"), analytic=False)[0].is_finite()


@pytest.mark.parametrize("temperature", ["1e-2", "1e-4", "1e-6", "1e-8"])
def test_wide_balls_far_from_mu_stay_finite_at_any_temperature(temperature):
    """Entropy and exergy included: the linear part of the logarithms is taken out."""
    values = [Fraction(v) for v in EQUAL]
    for at in (5, 10, 12):
        values[at] = Fraction(temperature)
    parts = ingredients("inside", "inside", "lower", "lower").bind(Fraction(-2), *values)
    form = composition(NAMES).bind(*values)
    # omega between -1.9 and -1.2, and between 1.1 and 1.4: below and above mu = 0.1 and 0.6, and
    # at 1e-8 tens of millions of temperatures wide.
    for centre, radius in ((0.6, 0.3), (1.8, 0.04)):
        ball = acb(arb(centre, radius), arb(0, radius / 2))
        found = form(*parts(ball, analytic=True), analytic=True)
        assert all(value.is_finite() for value in found)


def test_names_of_edges_and_observables_are_checked():
    with pytest.raises(qbsym.UnknownNameError, match="'lower', 'upper' or None"):
        ingredients("inside", "inside", "left", None)
    with pytest.raises(qbsym.UnknownNameError, match="side"):
        ingredients("inside", "inside", "lower", None, 2)
    with pytest.raises(qbsym.UnknownNameError, match="no integrand"):
        composition(("exergy_gap",))
    assert len(INGREDIENTS) == 9
    assert edge_variable.t.is_positive
