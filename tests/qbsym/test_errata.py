"""The printed forms against what they are said to be, by other routes than their derivations."""

import itertools
import random

import numpy as np
import pytest
from mpmath import mp, mpf
from sympy import Matrix, Rational, eye, zeros

import qbsym
from qbsym import _catalogue_errata_states as states
from qbsym import printed
from qbsym import symbols as s
from qbsym.proofs import is_zero

ARGS = (s.omega, *s.PARAMETERS)
DIGITS = 30


def compiled(form, arguments=ARGS):
    return qbsym.lambdify(form, arguments, "mpmath")


def random_junctions(count=6):
    """Return parameters, all of them different, with couplings up to the hoppings."""
    generator = random.Random(5)
    for _ in range(count):
        draw = lambda low, high: mpf(generator.uniform(low, high))  # noqa: E731
        leads = [
            value
            for _ in "LR"
            for value in (
                draw(-0.5, 0.5),
                draw(0.8, 1.5),
                draw(0.1, 1.0),
                draw(-1, 1),
                draw(0.1, 1),
            )
        ]
        yield (draw(-1, 1), *leads, draw(-1, 1), draw(0.1, 1))


def mapped(values):
    """Return the parameters of the mapped junction and 1 + s, written out here once more."""
    level, o_L, h_L, v_L, mu_L, t_L, o_R, h_R, v_R, *rest = values
    s_L, s_R = (v_L / h_L) ** 2, (v_R / h_R) ** 2
    total = 1 + s_L + s_R
    level = (level + s_L * o_L + s_R * o_R) / total
    return (
        level,
        o_L,
        h_L,
        v_L / mp.sqrt(total),
        mu_L,
        t_L,
        o_R,
        h_R,
        v_R / mp.sqrt(total),
        *rest,
    ), total


@pytest.mark.parametrize(
    "regions", [("inside", "inside"), ("inside", "above"), ("below", "inside")]
)
def test_the_printed_transmission_is_the_mapped_junctions_and_the_printed_density_is_less(regions):
    with mp.workdps(DIGITS):
        for values in random_junctions():
            other, total = mapped(values)
            # Where a region is not that of the energy, root and energy still belong together.
            omega = mpf("0.21")
            if "above" in regions:
                omega = values[6] + 2 * values[7] + mpf("0.001")
                if not abs(omega - values[1]) < 2 * values[2]:
                    continue
            if "below" in regions:
                omega = values[1] - 2 * values[2] - mpf("0.001")
                if not abs(omega - values[6]) < 2 * values[7]:
                    continue
            pairs = (
                (qbsym.printed_transmission, qbsym.transmission, 1),
                (qbsym.printed_spectral_function, qbsym.spectral_function, total),
            )
            for wrong, right, scale in pairs:
                a = compiled(wrong(*regions))(omega, *values)
                b = compiled(right(*regions))(omega, *other) / scale
                assert abs(a - b) <= mpf(10) ** (5 - DIGITS) * max(abs(b), 1)


def test_the_mapping_needs_the_bands_centres():
    without = dict(printed.mapped_junction())
    without[s.level] = s.level / (1 + printed.coupling_ratio())
    inverse = s.omega - s.level - qbsym.printed_self_energy("L") - qbsym.printed_self_energy("R")
    image = 1 / qbsym.green_retarded()
    total = 1 + printed.coupling_ratio()
    assert is_zero(inverse - total * image.subs(printed.mapped_junction(), simultaneous=True))
    assert not is_zero(inverse - total * image.subs(without, simultaneous=True))


def test_no_coupling_is_its_own_image():
    bare = {s.coupling_L: 0, s.coupling_R: 0}
    assert printed.coupling_ratio().subs(bare) == 0
    assert printed.mapped_junction()[s.level].subs(bare) == s.level


def test_the_printed_chain_is_that_of_a_level_at_the_second_site():
    # A long finite chain at a complex energy: the end is forgotten as exp(-sites Im omega/h).
    h, sites, omega = 0.9, 3000, 0.37 + 0.02j
    beyond = 0.0
    for _ in range(sites):
        beyond = 1 / (omega - h**2 * beyond)
    second = 1 / (omega - h**2 * beyond - h**2 / omega)
    at = {s.x: s.omega, s.hopping: Rational(9, 10)}
    form = printed.printed_surface_green().subs(at)
    with mp.workdps(DIGITS):
        found = complex(qbsym.lambdify(form, (s.omega,), "mpmath")(mp.mpc(omega)))
    assert found == pytest.approx(second, rel=1e-12)


def test_annihilators_anticommute_and_the_first_needs_no_sign_string():
    operators = states.annihilators(3)
    for (i, a), (j, b) in itertools.product(enumerate(operators), repeat=2):
        assert a * b + b * a == zeros(8)
        assert a * b.T + b.T * a == (eye(8) if i == j else zeros(8))
    first = operators[0]
    assert first[:4, 4:] == eye(4)


def test_the_partial_trace_of_a_product_state_is_its_first_factor():
    local = Matrix([[Rational(1, 3), 5], [7, Rational(2, 3)]])
    rest = Matrix.diag(*(Rational(n, 10) for n in (1, 2, 3, 4)))
    product = Matrix(np.kron(np.array(local), np.array(rest)))
    assert states.reduced(product) == local


def test_correlations_of_an_uncoupled_level_stand_still():
    still = states.correlations(3).subs({s.coupling_L: 0, s.coupling_R: 0})
    assert still == states.correlations(0)
