"""Pointwise functions: the retarded branch and its consequences."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import qbnum
from tests.qbnum.strategies import junctions, log_uniform

LEAD = qbnum.Lead(onsite=0.25, hopping=1.5, coupling=0.5, mu=0.0, temperature=0.1)
ULPS = 4 * np.finfo(float).eps


@given(junctions(), st.floats(-5, 5), log_uniform(-12, 3))
def test_the_self_energy_solves_dysons_equation_on_the_decaying_branch(
    j: qbnum.Junction, position: float, height: float
) -> None:
    lead = j.left
    omega = lead.onsite + lead.hopping * (position + 1j * height)
    sigma = complex(qbnum.self_energy(lead, omega))
    g = sigma / lead.coupling**2
    residue = g * (omega - lead.onsite) - lead.hopping**2 * g * g - 1.0
    assert abs(residue) <= 8 * ULPS * max(1.0, abs(g * (omega - lead.onsite)))
    assert abs(lead.hopping * g) <= 1.0 + ULPS
    assert sigma.imag <= 0.0


@given(junctions(), st.floats(-5, 5), log_uniform(-6, 3))
def test_the_green_function_solves_dysons_equation_and_its_imaginary_part_is_the_density(
    j: qbnum.Junction, position: float, height: float
) -> None:
    omega = j.left.onsite + j.left.hopping * (position + 1j * height)
    G = complex(qbnum.green_retarded(j, omega))
    sigma = sum(complex(qbnum.self_energy(lead, omega)) for lead in (j.left, j.right))
    terms = abs(omega) + abs(j.level) + abs(sigma)
    assert abs(G * (omega - j.level - sigma) - 1.0) <= 8 * ULPS * max(1.0, abs(G) * terms)
    assert G.imag < 0.0
    omega = omega.real
    A = float(qbnum.spectral_function(j, omega))
    if A > 0.0:  # in a band
        G = complex(qbnum.green_retarded(j, omega))
        terms = abs(omega) + abs(j.level) + abs(sigma)
        assert abs(A + G.imag / np.pi) <= 8 * ULPS * A * max(1.0, abs(G) * terms)


@given(junctions(), st.floats(-5, 5))
def test_retarded_functions_have_their_signs_on_the_real_axis(
    j: qbnum.Junction, position: float
) -> None:
    omega = j.left.onsite + j.left.hopping * position
    assert complex(qbnum.self_energy(j.left, omega)).imag <= 0.0
    assert float(qbnum.spectral_function(j, omega)) >= 0.0
    assert 0.0 <= float(qbnum.transmission(j, omega)) <= 1.0 + 8 * ULPS


def test_the_self_energy_is_continuous_onto_the_axis_and_across_the_edges() -> None:
    inside_and_outside = 0.25 + np.array([-6.0, -3.1, -2.9, -1.0, 0.0, 1.0, 2.9, 3.1, 40.0])
    axis = qbnum.self_energy(LEAD, inside_and_outside)
    above = qbnum.self_energy(LEAD, inside_and_outside + 1e-13j)
    np.testing.assert_allclose(above, axis, atol=1e-12)
    for edge in (-2.75, 3.25):
        near = qbnum.self_energy(LEAD, edge + np.array([-1e-14, 0.0, 1e-14]))
        np.testing.assert_allclose(near, near[1], atol=1e-7)  # a square root of 1e-14


def test_the_self_energy_decays_as_one_over_omega() -> None:
    omega = np.array([1e4, -1e4, 1e150, -1e150, 1e4j])
    # v^2/omega [1 + onsite/omega + O(h^2/omega^2)]
    np.testing.assert_allclose(qbnum.self_energy(LEAD, omega) * omega / 0.25, 1.0, rtol=3e-5)


def test_real_and_imaginary_part_are_a_kramers_kronig_pair() -> None:
    """Re Sigma(w) = P/pi integral Im Sigma(w')/(w'-w) dw', the subtracted integrand in k."""
    n = 4000
    k = (np.arange(n) + 0.5) * (np.pi / n)
    nodes = LEAD.onsite - 2 * LEAD.hopping * np.cos(k)
    measure = 2 * LEAD.hopping * np.sin(k) * (np.pi / n)
    imaginary = qbnum.self_energy(LEAD, nodes).imag
    # Between two nodes, so that none coincides; the principal value of 1/(w'-w) over the band is
    # ln|(b-w)/(a-w)|, here the subtraction's counterterm.
    for w in (LEAD.onsite - 2 * LEAD.hopping * np.cos(x) for x in (0.3, 1.1, 2.5)):
        at = complex(qbnum.self_energy(LEAD, w))
        a, b = LEAD.onsite - 2 * LEAD.hopping, LEAD.onsite + 2 * LEAD.hopping
        smooth = np.sum(measure * (imaginary - at.imag) / (nodes - w))
        principal = smooth + at.imag * np.log((b - w) / (w - a))
        assert principal / np.pi == pytest.approx(at.real, abs=1e-6)


def test_occupation_is_the_open_leads_and_undefined_outside() -> None:
    j = qbnum.Junction(
        0.0, qbnum.Lead(0.0, 1.0, 0.2, 0.3, 0.1), qbnum.Lead(2.0, 1.0, 0.2, 1.0, 0.2), 0.0, 0.1
    )
    fermi = 1 / (np.exp((-1.0 - 0.3) / 0.1) + 1)
    assert float(qbnum.occupation(j, -1.0)) == pytest.approx(fermi, rel=ULPS)
    both = qbnum.occupation(j, np.array([-3.0, -1.0, 1.0, 5.0]))
    assert np.ma.getmaskarray(both).tolist() == [True, False, False, True]
    with pytest.raises(qbnum.ParameterError, match="outside both bands"):
        qbnum.occupation(j, -3.0)


def test_occupation_is_the_mean_weighted_with_the_broadenings() -> None:
    other = qbnum.Lead(onsite=-0.5, hopping=1.0, coupling=0.2, mu=0.4, temperature=0.3)
    j = qbnum.Junction(0.1, LEAD, other, 0.0, 0.1)
    omega = np.linspace(-1.9, 1.4, 12)
    gammas = [qbnum.broadening(lead, omega) for lead in (LEAD, other)]
    fermis = [1 / (np.exp((omega - lead.mu) / lead.temperature) + 1) for lead in (LEAD, other)]
    expected = (gammas[0] * fermis[0] + gammas[1] * fermis[1]) / (gammas[0] + gammas[1])
    assert np.ptp(gammas[0] / gammas[1]) > 0.1
    np.testing.assert_allclose(qbnum.occupation(j, omega), expected, rtol=1e-13)
    assert not np.ma.isMaskedArray(qbnum.occupation(j, omega))


def test_a_pole_and_bad_energies_are_refused() -> None:
    isolated = qbnum.Junction(
        0.5, qbnum.Lead(0.0, 1.0, 0.0, 0.0, 0.1), qbnum.Lead(0.0, 1.0, 0.0, 0.0, 0.1), 0.0, 0.1
    )
    with pytest.raises(qbnum.ParameterError, match="pole of G"):
        qbnum.green_retarded(isolated, 0.5)
    with pytest.raises(qbnum.ParameterError, match=r"omega = 0\.5 is a pole of G"):
        qbnum.green_retarded(isolated, [0.1, 0.5, 0.9])
    for bad in ("a", np.nan, np.inf, -1j):
        with pytest.raises(qbnum.ParameterError):
            qbnum.self_energy(LEAD, bad)
    with pytest.raises(qbnum.ParameterError, match="real"):
        qbnum.transmission(isolated, 0.1 + 1j)
    with pytest.raises(qbnum.ShapeError):
        qbnum.green_retarded(qbnum.Junction.symmetric(level=[0.1, 0.2]), [1.0, 2.0, 3.0])
