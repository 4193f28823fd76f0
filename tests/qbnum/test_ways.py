"""The three ways to integrate agree, and no junction's bits depend on its neighbours."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

import qbnum
from qbnum._adaptive import integrate_carefully
from qbnum._geometry import Points
from qbnum._ordinary import Occupations, integrate_ordinary, seems_ordinary
from qbnum._results import RESULTS, Integrals
from qbnum._spectrum import spectrum
from qbnum._subtle import SubtleOccupations

from .strategies import junctions

# Differences of rounded sums over some hundred nodes, as shares of the absolute integrals; measured
# over 3000 junctions: 2e-14, of gaps 6e-14.
TOLERANCE = 1e-13
ABOVE_UNDERFLOW = 1e-280


def agree(one: Integrals, other: Integrals) -> bool:
    scale = np.maximum(one.absolute, other.absolute) + ABOVE_UNDERFLOW
    spread = np.abs(one.value - other.value) / scale
    errors = (one.error + other.error) / scale
    gaps = np.abs(one.gap - other.gap)
    allowed = one.gap_error + other.gap_error + TOLERANCE * one.gap + ABOVE_UNDERFLOW
    assert (spread <= TOLERANCE + errors).all(), dict(zip(RESULTS, spread[:, 0], strict=True))
    return bool((gaps <= allowed).all())


@given(junctions())
def test_every_way_that_declares_itself_clean_agrees_with_the_careful_one(
    junction: qbnum.Junction,
) -> None:
    points = Points.of(junction)
    with np.errstate(all="ignore"):
        where = spectrum(points)
        if where.states.present.any():
            return  # the careful way is the only one
        careful = integrate_carefully(points, where, np.zeros((1, 3)))
        for kind in (Occupations, SubtleOccupations):
            if kind is Occupations and not seems_ordinary(points).all():
                continue
            clean, found = integrate_ordinary(points, where, kind)
            assert not clean.all() or agree(found, careful)


def test_the_papers_sweeps_take_one_pass() -> None:
    level, bias = np.meshgrid(np.linspace(-0.5, 1.5, 41), np.linspace(0.1, 1.0, 19))
    points = Points.of(qbnum.Junction.symmetric(level=level, bias=bias))
    with np.errstate(all="ignore"):
        clean, _ = integrate_ordinary(points, spectrum(points))
    assert clean.mean() > 0.95


@pytest.mark.parametrize("bias", [1e-12, 1e-6, 0.5])
@pytest.mark.parametrize("temperature", [1e-3, 0.1])
def test_junctions_that_are_cold_or_nearly_balanced_take_one_subtle_pass(
    bias: float, temperature: float
) -> None:
    # The careful way would give the same, at several times the price.
    levels = np.linspace(-1.5, 1.5, 21)
    points = Points.of(
        qbnum.Junction.symmetric(
            level=levels, coupling=0.3, bias=bias, mu_eq=0.1, temperature_eq=temperature
        )
    )
    with np.errstate(all="ignore"):
        clean, _ = integrate_ordinary(points, spectrum(points), SubtleOccupations)
    assert clean.mean() > 0.9


@pytest.mark.parametrize("seed", range(3))
def test_no_bit_depends_on_the_neighbours(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 40
    hopping = np.where(rng.random(n) < 0.5, 1.0, 10 ** rng.uniform(-0.5, 0.5, n))
    j = qbnum.Junction(
        level=rng.uniform(-2.2, 2.2, n),
        left=qbnum.Lead(0.0, 1.0, 10 ** rng.uniform(-8, 0, n), rng.uniform(-2, 2, n), 0.1),
        right=qbnum.Lead(0.0, hopping, 0.12, 0.1, 10 ** rng.uniform(-6, 2, n)),
        mu_eq=0.1,
        temperature_eq=0.1,
    )
    together = qbnum.steady_state(j, bound_states=0.3)
    for k in rng.choice(n, 8, replace=False):
        alone = qbnum.steady_state(j.at(int(k)), bound_states=0.3)
        for name in qbnum.OBSERVABLES:
            assert getattr(alone, name) == getattr(together, name)[k], name
            assert alone.error_estimate[name] == together.error_estimate[name][k], name
