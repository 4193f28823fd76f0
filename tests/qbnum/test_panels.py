"""The layout of the nodes: panels cover the bands, keep their distance, and poles need none."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

import qbnum
from qbnum import _poles
from qbnum._adaptive import integrate_carefully
from qbnum._fronts import Fronts, fronts
from qbnum._geometry import Points
from qbnum._nodes import panel_nodes
from qbnum._panels import Panels, graded
from qbnum._rule import GRADING
from qbnum._singularities import singularities
from qbnum._spectrum import Spectrum, spectrum

from .strategies import junctions

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")  # the layer that calls silences


def laid_out(junction: qbnum.Junction) -> tuple[Points, Spectrum, Fronts, Panels]:
    points = Points.of(junction)
    with np.errstate(all="ignore"):
        where = spectrum(points)
        b = fronts(points, where)
        return points, where, b, graded(where, b)


@given(junctions())
def test_panels_cover_every_interval_once(junction: qbnum.Junction) -> None:
    _, _, b, panels = laid_out(junction)
    intervals = len(b) // 2
    covered = np.bincount(panels.front[0] % intervals, np.abs(panels.slope[0]), minlength=intervals)
    # Rounding alone, of a sum of lengths that shrink towards the features.
    assert np.allclose(covered, b.length[:intervals], rtol=1e-14, atol=0)


@given(junctions(coupling=(-4, -0.5), temperature=(-1, 1)))
def test_panels_of_warm_junctions_keep_fermi_poles_outside_their_ellipses(
    junction: qbnum.Junction,
) -> None:
    _, where, b, panels = laid_out(junction)
    with np.errstate(all="ignore"):
        s = singularities(where, b)
    thermal = len(s.low)
    z = (s.x + 1j * s.y)[:thermal, panels.front[0]]
    start, end = panels.start[0], panels.start[0] + panels.slope[0]
    kept = np.abs(z - start) + np.abs(z - end) >= GRADING * np.abs(panels.slope[0]) * (1 - 1e-9)
    a, c = np.minimum(start, end), np.maximum(start, end)
    spent = (c <= s.low[:, panels.front[0]] * (1 + 1e-9)) | (a >= s.high[:, panels.front[0]])
    assert (kept | spent | ~np.isfinite(z)).all()


def nodes_of(coupling: float) -> int:
    _, _, _, panels = laid_out(qbnum.Junction.symmetric(level=0.4, bias=0.5, coupling=coupling))
    return 16 * len(panels)


def test_a_narrow_resonance_needs_no_more_nodes_than_a_broad_one() -> None:
    assert nodes_of(1e-8) == nodes_of(1e-3) == nodes_of(0.12) <= 128


@pytest.mark.parametrize("coupling", [1e-1, 1e-3, 1e-6])
def test_the_correction_for_the_pole_gives_what_resolving_the_resonance_gives(
    coupling: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    j = qbnum.Junction.symmetric(level=0.4, bias=0.5, coupling=coupling)
    occupation = np.zeros((1, 3))

    def integrals() -> tuple[bool, np.ndarray, np.ndarray]:
        points = Points.of(j)
        with np.errstate(all="ignore"):
            where = spectrum(points)
            found = integrate_carefully(points, where, occupation)
        return bool(where.pole.corrected.all()), found.value, found.gap

    corrected, value, gap = integrals()
    monkeypatch.setattr(_poles, "_HEIGHT", 0.0)  # no pole is low enough: panels resolve it
    resolved, resolved_value, resolved_gap = integrals()
    assert corrected
    assert not resolved
    # Both are right to some ulps of a sum over several hundred nodes; measured: 2e-15.
    assert np.allclose(value, resolved_value, rtol=2e-14, atol=1e-300)
    assert np.allclose(gap, resolved_gap, rtol=5e-14, atol=0)


def test_the_nodes_alone_miss_what_the_pole_adds() -> None:
    j = qbnum.Junction.symmetric(level=0.4, bias=0.5, coupling=0.12)
    points, where, b, panels = laid_out(j)
    nodes = panel_nodes(points, b, panels, where.pole.corrected)
    omega = nodes.offset(b.reference) / points.scale
    N = float((nodes.weight * qbnum.occupation(j, omega)).sum())
    # The pole's share is what the nodes alone miss: they are far coarser than the resonance.
    assert abs(N - qbnum.steady_state(j).particle_number) > 1e-6
    assert np.all(nodes.weight > 0)


@pytest.mark.parametrize("coupling", [0.05, 1e-3, 1e-6])
@pytest.mark.parametrize("level", [-1.2, 0.3])
def test_the_pole_of_a_narrow_resonance_is_that_of_the_quadratic(
    level: float, coupling: float
) -> None:
    """With omega = zeta + 1/zeta on the second sheet, omega - level = 2 v^2 zeta, abs(zeta) > 1."""
    points = Points.of(qbnum.Junction.symmetric(level=level, coupling=coupling))
    where = spectrum(points)
    assert where.pole.corrected.all()
    a = 1 - 2 * coupling**2
    # The upper root is the advanced pole's; both in the units of `Points`.
    zeta = (level - 1j * np.sqrt(4 * a - level**2)) / (2 * a)
    omega = (zeta + 1 / zeta) * points.scale
    residue = 1 / (1 - 2 * coupling**2 / (1 - zeta**-2))
    found = where.resonance.value() + where.pole.offset
    assert found.real == pytest.approx(omega.real, rel=1e-14)
    assert found.imag == pytest.approx(omega.imag, rel=1e-15 / coupling**2 + 1e-13)
    assert where.pole.residue == pytest.approx(residue, rel=1e-12)
