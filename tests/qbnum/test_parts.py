"""The parts of the quadrature, each held against what defines it.

Whole results hide a wrong part where it costs nodes, or an estimate, and no digits.
"""

from __future__ import annotations

from importlib import import_module

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp, mpf

import qbnum
from qbnum import _careful, _poles, _results, _singularities, _statistics
from qbnum._fronts import fronts
from qbnum._geometry import Points
from qbnum._singularities import singularities
from qbnum._spectrum import Spectrum, spectrum
from qbnum._subtle import SubtleOccupations
from tests.qbnum.test_reference_table_values import carefully

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")  # the layer that calls silences

EPS = np.finfo(float).eps


def unequal(**changes: object) -> qbnum.Junction:
    """A left band from -2 to 2, a right one from -1 to 3."""
    left = {"onsite": 0.0, "hopping": 1.0, "coupling": 0.3, "mu": 0.0, "temperature": 0.5}
    right = {"onsite": 1.0, "hopping": 1.0, "coupling": 0.3, "mu": 0.0, "temperature": 0.5}
    for name, value in changes.items():
        side, _, field = name.partition("_")
        (left if side == "left" else right)[field] = value  # type: ignore[assignment]
    return qbnum.Junction(0.2, qbnum.Lead(**left), qbnum.Lead(**right), 0.0, 0.5)


def images(j: qbnum.Junction) -> list[tuple[qbnum.Junction, int]]:
    """The junction, its leads exchanged, both reflected about zero energy; the sign of energies."""

    def reflected(x: qbnum.Junction) -> qbnum.Junction:
        leads = (
            qbnum.Lead(-a.onsite, a.hopping, a.coupling, -a.mu, a.temperature)
            for a in (x.left, x.right)
        )
        return qbnum.Junction(-x.level, *leads, -x.mu_eq, x.temperature_eq)

    exchanged = qbnum.Junction(j.level, j.right, j.left, j.mu_eq, j.temperature_eq)
    return [(j, 1), (exchanged, 1), (reflected(j), -1), (reflected(exchanged), -1)]


# --- Tails ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("junction", "level", "currents"),
    [
        # mu = 5 is (5 - 3)/0.5 above both bands and (5 - 2)/0.5 above their overlap.
        (unequal(right_mu=5.0), 4.0, 6.0),
        (unequal(right_mu=-5.0), 6.0, 8.0),
        # An idle lead's band is none: the level sees the right one only.
        (unequal(left_coupling=0.0, right_mu=-5.0), 8.0, 8.0),
        (unequal(left_coupling=0.0, left_onsite=20.0, right_mu=5.0), 4.0, None),
        # mu_eq = 0, inside the bands, and nobody outside.
        (unequal(), 0.0, 0.0),
        # e^-745 is the least double.
        (unequal(right_mu=1e6), 745.0, 745.0),
    ],
)
def test_tails_are_counted_from_the_bands_that_matter(
    junction: qbnum.Junction, level: float, currents: float | None
) -> None:
    for j, _ in images(junction):
        found = [float(tail[0]) for tail in _results.tail_exponents(Points.of(j))]
        assert found[0] == pytest.approx(level)
        assert currents is None or found[1] == pytest.approx(currents)


def test_beside_an_idle_lead_too_a_far_reservoir_costs_the_estimate_its_ulps() -> None:
    def relative(mu: float) -> float:
        idle = unequal(left_coupling=0.0, right_mu=mu)
        state = qbnum.steady_state(idle)
        return float(state.error_estimate["entropy"] / state.entropy)

    # Holes are e^-(mu - 3)/0.5: 94 kT bring 94 ulps, and the estimate knows.
    assert relative(50.0) > 20 * relative(3.5)


@pytest.mark.parametrize("detuning", [1e-9, 1e-5, 0.3])
@pytest.mark.parametrize("mu", [1.0, 10.0])
def test_rare_holes_are_integrated_and_estimated_as_rare_particles_are(
    mu: float, detuning: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The name in the package is the function's.
    monkeypatch.setattr(import_module("qbnum.steady_state"), "integrate", carefully)
    leads = (
        qbnum.Lead(0.0, 1.0, 0.5, mu + detuning, 0.5),
        qbnum.Lead(0.0, 1.0, 0.35, mu - 0.3 * detuning, 0.5 * (1.0 + detuning / 3)),
    )
    j, _, reflected, _ = (x for x, _ in images(qbnum.Junction(0.2, *leads, mu, 0.5)))
    state, other = qbnum.steady_state(j), qbnum.steady_state(reflected)
    for name in ("entropy_gap", "exergy_gap", "exergy", "two_state_entropy"):
        # The same sums in another order.
        same = other.error_estimate[name] / state.error_estimate[name]
        assert same == pytest.approx(1.0, rel=1e-3)
        allowed = other.error_estimate[name] + state.error_estimate[name]
        assert abs(getattr(other, name) - getattr(state, name)) <= allowed


# --- Statistics -----------------------------------------------------------------------------------


def exact_fermi(x: mpf) -> mpf:
    return 1 / (mp.exp(x) + 1)


@given(
    st.floats(-40, 40, allow_subnormal=False),
    st.floats(0.01, 0.99),
    st.floats(-14, 1),
    st.floats(-14, 1),
    st.booleans(),
)
def test_departures_from_equilibrium_keep_their_digits_however_small(
    x: float, share: float, log_d: float, log_e: float, opposed: bool
) -> None:
    """Of reservoirs placed about equilibrium so that the first order cancels, too."""
    weights = (0.5, 0.5) if opposed else (share, 1.0 - share)
    d = 10.0**log_d
    exponents = (d, -d) if opposed else (d, 10.0**log_e)
    with mp.workdps(60):
        xs = [mpf(x) - mpf(e) for e in exponents]
        g, f = exact_fermi(mpf(x)), [exact_fermi(y) for y in xs]
        exact = sum(mpf(w) * (fa - g) for w, fa in zip(weights, f, strict=True))
        weighted = float(sum(mpf(w) * mpf(e) for w, e in zip(weights, exponents, strict=True)))
        leads = tuple(
            _statistics.Fermi(np.array(float(y)), np.array(float(fa)), np.array(float(1 - fa)))
            for y, fa in zip(xs, f, strict=True)
        )
        equilibrium = _statistics.Fermi(np.array(x), np.array(float(g)), np.array(float(1 - g)))
        moved = _statistics.departure(
            tuple(map(np.array, weights)),
            leads,
            equilibrium,
            tuple(map(np.array, exponents)),
            np.array(weighted),
        )
        size = sum(mpf(w) * abs(fa - g) for w, fa in zip(weights, f, strict=True))
        second = abs(exact)
        # To some ulps of itself while kT apart by less than a half; else of its terms.
        near = max(map(abs, exponents)) < 0.5
        allowed = 64 * EPS * (second + size * size if near else size)
        assert abs(mpf(float(moved.difference)) - exact) <= allowed
        assert abs(mpf(float(moved.ratio)) - exact / g) <= allowed / g
        assert abs(mpf(float(moved.ratio_bar)) + exact / (1 - g)) <= allowed / (1 - g)


@pytest.mark.parametrize("ratio", [1e-14, -1e-9, 1e-3, -0.4, 0.49, -0.6, 3.0])
def test_the_logarithm_of_a_ratio_near_one_keeps_its_digits(ratio: float) -> None:
    d_eq = 0.3
    found = _results.log_ratio(np.array(ratio), np.array(d_eq * (1 + ratio)), np.array(d_eq))
    with mp.workdps(40):
        assert abs(mpf(float(found)) / mp.log1p(mpf(ratio)) - 1) < 8 * EPS


# --- Where the spectrum and its singularities are ------------------------------------------------


def laid_out(junction: qbnum.Junction) -> tuple[Points, Spectrum]:
    points = Points.of(junction)
    with np.errstate(all="ignore"):
        return points, spectrum(points)


@pytest.mark.parametrize(
    ("junction", "ends"),
    [
        (unequal(), (-2.0, 3.0)),
        (unequal(left_coupling=0.0), (-1.0, 3.0)),
        (unequal(right_coupling=0.0), (-2.0, 2.0)),
    ],
)
def test_the_spectrum_ends_where_the_outermost_coupled_band_does(
    junction: qbnum.Junction, ends: tuple[float, float]
) -> None:
    for j, sign in images(junction):
        points, where = laid_out(j)
        found = sorted(
            sign * float(e.value()[0] / points.scale[0]) for e in (where.bottom, where.top)
        )
        assert found == list(ends)


def test_the_spectrum_ends_at_the_bound_states_beyond_the_bands() -> None:
    strong = unequal(left_coupling=2.0, right_coupling=2.0)
    points, where = laid_out(strong)
    energies = qbnum.bound_states(strong).energy.compressed()
    ends = (float(e.value()[0] / points.scale[0]) for e in (where.bottom, where.top))
    assert [*ends] == pytest.approx([energies.min(), energies.max()])
    assert energies.min() < -2
    assert energies.max() > 3


@pytest.mark.parametrize("level", [-9.0, -2.0, 0.3])
@pytest.mark.parametrize("coupling", [1e-6, 0.3])
def test_the_centre_lies_inside_a_band_by_the_level(level: float, coupling: float) -> None:
    """At an edge, or outside, the leads' shares are 0/0."""
    base = unequal(left_coupling=coupling, right_coupling=coupling)
    for j, sign in images(qbnum.Junction(level, base.left, base.right, 0.0, 0.5)):
        points, where = laid_out(j)
        centre = sign * float(where.centre.value()[0] / points.scale[0])
        assert -2.0 < centre < 3.0
        assert min(abs(centre - edge) for edge in (-2.0, -1.0, 2.0, 3.0)) > 1e-4
        # By the level's shift of some v^2.
        assert abs(centre - np.clip(level, -2.0, 3.0)) < 4e-3 + coupling


def test_the_noise_of_a_comparison_is_that_of_both_its_terms() -> None:
    loud = np.array(1e3)
    far, near = np.array(3.0), np.array(0.1)
    for a, mean in ((far, near), (near, far)):
        relative, size = _careful._quieter((a, mean), (a, mean), loud, (a, mean))
        assert float(relative) == pytest.approx(float((a - mean) / (1.0 + mean)))
        assert float(size) == pytest.approx(float((a + mean) / (1.0 + mean)))
    # The departures' form where its terms are smaller, whatever its value is.
    relative, size = _careful._quieter(
        (far, near), (np.array(1e-3), np.array(0.0)), np.array(2e-3), (far, near)
    )
    assert (float(relative), float(size)) == (1e-3, 2e-3)


def test_a_gaps_noise_is_an_ulp_of_no_less_than_the_gap() -> None:
    gap = np.array([[0.3], [0.4]])
    for size in (0.0, 0.1, 10.0):
        sizes = {"filling": np.array([size]), "comparison": np.array([size])}
        for noise, value in zip(SubtleOccupations.noise(sizes, gap), gap, strict=True):
            assert noise >= value + size


def test_a_fermi_function_is_spent_at_the_energy_at_which_it_is_spent() -> None:
    # low and high are given in t: omega - r = +-t (alpha + beta t).
    points, where = laid_out(unequal(left_temperature=0.01, right_temperature=0.02, right_mu=0.7))
    with np.errstate(all="ignore"):
        b = fronts(points, where)
        s = singularities(where, b)
    reservoirs = [*zip(b.from_mu, b.points.temperature, strict=True)]
    seen = 0
    for k, (from_mu, T) in enumerate(reservoirs):
        for t, sign in ((s.low[k], -1.0), (s.high[k], 1.0)):
            D = b.direction * -from_mu + sign * 45.0 * T
            on_axis = np.isfinite(t)
            found = t * (b.alpha + b.beta * t)
            assert np.allclose(found[on_axis], D[on_axis], rtol=1e-12, atol=1e-14)
            seen += int(on_axis.sum())
    assert seen >= 8


def test_the_filling_vanishes_where_it_is_said_to_beside_a_fermi_functions_pole() -> None:
    """f, or 1 - f: one lead's exponential against the other lead, or both exponentials."""
    left = qbnum.Lead(0.0, 1.0, 0.3, 0.3, 0.05)
    right = qbnum.Lead(0.0, 1.0, 0.02, -0.2, 0.08)
    for j, _ in images(qbnum.Junction(0.2, left, right, 0.0, 0.05)):
        points, where = laid_out(j)
        with np.errstate(all="ignore"):
            b = fronts(points, where)
            listed = _singularities._zeros_aside(b.points, b)
        assert len(listed) == 4  # of the lead that couples more, and of both
        gamma = [lead.coupling**2 for lead in (j.left, j.right)]
        for x, y in listed:
            omega = (b.reference + x)[0] / points.scale[0] + 1j * y[0] / points.scale[0]
            e = [np.exp((omega - lead.mu) / lead.temperature) for lead in (j.left, j.right)]
            vanishing = [
                gamma[0] * e[0] / e[1] / gamma[1] + 1,
                gamma[0] * e[1] / e[0] / gamma[1] + 1,
            ]
            for one, other in ((0, 1), (1, 0)):
                share = gamma[one] / gamma[other]
                vanishing += [share / (1 + e[one]) + 1, share / (1 + 1 / e[one]) + 1]
            assert min(map(abs, vanishing)) < 1e-12


def test_the_filling_vanishes_where_it_is_said_to_beside_an_edge() -> None:
    """On the other sheet, t < 0, the edge's own broadening is negative: equal terms cancel."""
    # The right band's lower edge, -1, lies in the band of a left lead that hardly couples.
    for j, sign in images(unequal(left_coupling=1e-3, right_coupling=0.5)):
        points, where = laid_out(j)
        with np.errstate(all="ignore"):
            b = fronts(points, where)
            near = np.flatnonzero(
                (b.beta > 0)
                & (np.abs(sign * b.reference / points.scale[0] + 1.0) < 1e-12)
                & (b.open.all(axis=0))
            )
            zeros = _singularities._filling_zeros(b, near, np.zeros(near.size))
        assert near.size == 1
        for kind, t in enumerate(zeros.real[:, 0]):
            assert -1e-2 < t < 0
            omega = float((b.reference[near] + b.direction[near] * t * t)[0] / points.scale[0])
            parts = []
            for lead in (j.left, j.right):
                f = 1.0 / (1.0 + np.exp((omega - lead.mu) / lead.temperature))
                parts.append(qbnum.broadening(lead, omega) * (1.0 - f if kind == (sign > 0) else f))
            # To leading order in t.
            assert parts[0] == pytest.approx(parts[1], rel=2e-2)


def test_a_pole_that_newton_has_not_found_is_not_corrected_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    j = qbnum.Junction.symmetric(level=0.4, bias=0.5, coupling=0.1)
    _, where = laid_out(j)
    assert where.pole.corrected.all()
    exact = qbnum.steady_state(j)
    monkeypatch.setattr(_poles, "_NEWTON_STEPS", 1)
    _, where = laid_out(j)
    assert not where.pole.corrected.any()
    resolved = qbnum.steady_state(j)
    for name in qbnum.OBSERVABLES:
        allowed = exact.error_estimate[name] + resolved.error_estimate[name]
        assert abs(getattr(resolved, name) - getattr(exact, name)) <= allowed, name
