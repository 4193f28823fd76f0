"""The implementation against the certified reference table, by the pytest plugin of qbval."""

import battery
import pytest

# Textbook formulas lose the entropies where occupations nearly agree, or are very small.
ROBUST = [
    *("spectral_weight", "particle_number", "energy"),
    *("charge_current", "energy_current", "heat_current_left", "heat_current_right"),
]


def test_weak_coupling(qbval_reference):
    """Resonances down to 1e-16 of the band: a failure names the mistake behind its pattern."""
    qbval_reference.assert_matches_reference(
        battery.observables, regime="weak", digits=10, observables=ROBUST
    )


def test_what_is_out_of_scope_is_refused_and_the_rest_is_right(qbval_reference):
    """Regimes in which only some junctions are in scope; refusals are no mistakes."""
    qbval_reference.assert_matches_reference(
        battery.observables,
        regime=["moderate", "bound-state", "unequal"],
        digits=9,
        observables=ROBUST,
        refusals=battery.OutOfScopeError,
    )


@pytest.mark.qbval(cases="paper-level0.4-bias*-gradient0")
def test_the_papers_junctions(qbval_case, qbval_reference):
    """One test for each junction."""
    qbval_reference.assert_matches_reference(
        battery.observables,
        digits=12,
        observables=[*ROBUST, "entropy", "exergy"],
        cases=qbval_case.id,
    )


def test_the_spectral_function_is_normalised(qbval_reference):
    """The junctions are plain records of numbers, for any test of one's own."""
    for junction in qbval_reference.reference_junctions(regime="weak"):
        assert battery.observables(junction)["spectral_weight"] == pytest.approx(1, abs=1e-11)
