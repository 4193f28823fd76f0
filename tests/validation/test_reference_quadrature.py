"""The quadrature rules of the reference, and the mesh that keeps them away from singularities."""

import math
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp, mpc, mpf

from validation.backends import assembly, bands, features, rules
from validation.backends.assembly import Value
from validation.errors import PrecisionNotReachedError
from validation.exact import ExactJunction, ExactLead

DIGITS = 40


def total(rule, function):
    with mp.workdps(DIGITS + 10):
        return mp.fsum(weight * function(distance - 1) for distance, weight in rule)


@pytest.mark.parametrize("nodes", [24, 48])
def test_gauss_legendre_is_exact_for_polynomials_up_to_twice_its_order(nodes):
    rule = rules.gauss_legendre(nodes, DIGITS)
    assert len(rule) == nodes
    for power in (0, 2, nodes, 2 * nodes - 2):
        with mp.workdps(DIGITS + 10):
            assert abs(total(rule, lambda x, p=power: x**p) * (power + 1) - 2) < mpf(10) ** -DIGITS


def test_tanh_sinh_integrates_what_is_singular_at_the_ends():
    rule = rules.tanh_sinh(16, DIGITS)
    with mp.workdps(DIGITS + 10):
        found = mp.fsum(w * mp.sqrt(d) for d, w in rule)
        assert abs(found - mpf(4) * mp.sqrt(2) / 3) < mpf(10) ** -(DIGITS - 5)
        # Distances to the left end keep their digits: 1/sqrt is integrated to half of them.
        found = mp.fsum(w / mp.sqrt(d) for d, w in rule)
        assert abs(found - 2 * mp.sqrt(2)) < mpf(10) ** -(DIGITS // 2 - 2)


def test_the_two_rules_converge_at_the_rates_that_the_mesh_counts_on():
    """1/(x^2 + a^2): Gauss as rho^(-2n), tanh-sinh as exp(-2 pi width steps)."""
    height = mpf(1)
    with mp.workdps(DIGITS + 10):
        exact = 2 * mp.atan(1 / height) / height
        rho = 1 + math.sqrt(2)

        def function(x):
            return 1 / (x * x + height**2)

        error = abs(total(rules.gauss_legendre(48, DIGITS), function) - exact)
        assert error < 10 * rho ** (-2 * 48)
        width = rules.strip_half_width([1j])
        assert width == pytest.approx(math.pi / 6)
        error = abs(total(rules.tanh_sinh(16, DIGITS), function) - exact)
        assert error < 10 * math.exp(-2 * math.pi * width * 16)


singularity = st.builds(
    lambda position, exponent: mpc(position, mpf(10) ** exponent),
    st.floats(-1, 4),
    st.integers(-30, 0),
)


@settings(deadline=None, max_examples=60)
@given(st.lists(singularity, min_size=1, max_size=4), st.floats(1.8, 8))
def test_every_panel_of_the_mesh_keeps_its_ellipse_free(points, rho):
    with mp.workdps(50):
        mesh = rules.graded_mesh(points, +mp.pi, rho)
        assert mesh[0] == 0
        assert mesh[-1] == mp.pi
        for a, b in pairwise(mesh):
            for z in points:
                axis = (abs(z - a) + abs(z - b)) / (b - a)
                assert axis >= (rho + 1 / rho) / 2 * (1 - mpf(10) ** -10)
        # Graded, not uniform: each decade of a distance costs a bounded number of panels.
        assert len(mesh) < 2 + len(points) * 2 * 32 * (1 + 2.4 / math.log10(rho / (rho - 1) + 1))


def test_a_singularity_on_the_interval_is_refused():
    with pytest.raises(PrecisionNotReachedError, match="narrower"):
        rules.graded_mesh([mpc(1, 0)], +mp.pi, 2.0)


def test_a_wider_ellipse_asks_for_fewer_nodes():
    assert rules.sharpness(30, 48) < rules.sharpness(30, 24)
    assert rules.sharpness(30, 48) == pytest.approx(10 ** (30 / 96))


def test_the_strip_is_no_wider_than_that_of_the_map_itself():
    """The map is singular at +-i pi/2, however far away all else is."""
    assert rules.strip_half_width([]) == math.pi / 2
    assert rules.strip_half_width([mpc(3, 10**6)]) == pytest.approx(math.pi / 2, rel=1e-2)
    assert rules.strip_half_width([1j, mpc("0.3", 0)]) == 0.0


@pytest.mark.parametrize("error", [1e-10, 1e-15])
def test_at_equal_fillings_the_two_state_exergy_is_known_to_second_order(error):
    """X2 and its slope vanish where d = d_eq: how far off it may be is its curvature's."""
    with mp.workdps(DIGITS):
        p, q = mpf(3) / 10, mpf(7) / 10

        def filling(name):
            return {f"{name}particle_number": Value(p, mpf(error), p),
                    f"{name}hole_number": Value(q, mpf(error), q)}  # fmt: skip

        found = assembly._two_state(filling("") | filling("equilibrium_"))["two_state_exergy"]
        for d, d_eq in ((p + error, p - error), (p - error, p + error), (p + error, p)):
            true = d * mp.log(d / d_eq) + (1 - d) * mp.log((1 - d) / (1 - d_eq))
            assert 0 < abs(true - found.mid) <= found.error
        # No more than it takes.
        assert found.error < 10 * mpf(error) ** 2 / (p * q)


def test_the_mesh_keeps_away_from_the_fermi_functions_poles_where_these_are():
    """omega = centre - width cos(theta), in bands that do not lie about zero."""
    third = Fraction(1, 3)
    lead = ExactLead(third, 1, Fraction(1, 5), third, Fraction(1, 10))
    other = ExactLead(third, 1, Fraction(1, 7), 1 + third, Fraction(1, 4))
    j = ExactJunction(Fraction(1, 2), lead, other, Fraction(-1), Fraction(1, 20))
    (segment,) = bands.segments(j)
    with mp.workdps(DIGITS):
        thetas = features.singularities(j, segment, ())
        energies = [mpf(1) / 3 - 2 * mp.cos(theta) for theta in thetas]
        for mu, T in ((lead.mu, lead.temperature), (other.mu, other.temperature),
                      (j.mu_eq, j.temperature_eq)):  # fmt: skip
            pole = mpc(features.to_mpf(mu), mp.pi * features.to_mpf(T))
            found = min(abs(mpc(e.real, abs(e.imag)) - pole) for e in energies)
            assert found < mpf(10) ** -(DIGITS - 5)
