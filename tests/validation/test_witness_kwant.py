"""Kwant, an independent code of the field, as a second witness; skipped where it is not installed.

Only numpy and the layers under test are needed besides Kwant.
"""

import importlib.util
import warnings

import numpy as np
import pytest

import qbnum
from qbnum import Junction, Lead
from validation.witness.kwant_witness import KwantMissingError, level_density, transmission

INSTALLED = importlib.util.find_spec("kwant") is not None

needs_kwant = pytest.mark.skipif(not INSTALLED, reason="Kwant is not installed (extra: kwant)")

JUNCTIONS = {
    "paper": Junction.symmetric(level=0.4, bias=0.5),
    "strong": Junction.symmetric(level=-0.3, coupling=0.9),
    "overlapping": Junction(
        0.3, Lead(-1, 0.8, 0.3, 0.5, 0.2), Lead(1, 0.7, 0.4, -0.1, 0.1), 0.1, 0.1
    ),
}

ENERGIES = np.linspace(-2.93, 2.91, 61)
"""Both sides of every band edge, none on it."""


@pytest.fixture(autouse=True)
def quiet():
    """Kwant warns at import that MUMPS would be faster."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@needs_kwant
@pytest.mark.parametrize("name", JUNCTIONS)
def test_kwant_s_transmission_is_tau(name):
    found = transmission(JUNCTIONS[name], ENERGIES)
    expected = qbnum.transmission(JUNCTIONS[name], ENERGIES)
    # A few roundings of a number <= 1; 4e-16 is the most seen.
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-13)
    assert found.max() > 0.05


@needs_kwant
@pytest.mark.parametrize("name", JUNCTIONS)
def test_kwant_s_local_density_of_states_is_the_spectral_function(name):
    found = level_density(JUNCTIONS[name], ENERGIES)
    expected = qbnum.spectral_function(JUNCTIONS[name], ENERGIES)
    np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-13)


@needs_kwant
def test_kwant_s_peak_is_where_the_derived_sigma_puts_it():
    """Above the level by 1/(1 - v^2/h^2); the printed sign would put it below."""
    level, s = 0.4, 0.5**2
    junction = Junction.symmetric(level=level, coupling=0.5)
    derived, printed = level / (1 - s), level / (1 + s)
    at_derived, at_printed = transmission(junction, [derived, printed])
    # Equal leads: tau is exactly 1 where omega - level - Re Sigma vanishes.
    assert at_derived == pytest.approx(1.0, abs=1e-12)
    assert at_printed < 0.99


@pytest.mark.skipif(INSTALLED, reason="Kwant is installed")
def test_without_kwant_the_error_says_what_to_install():
    with pytest.raises(KwantMissingError, match="qbval"):
        transmission(JUNCTIONS["paper"], [0.0])
