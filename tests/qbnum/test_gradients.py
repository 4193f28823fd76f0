"""`qbnum.gradients` against the reference, identities of its own, and its interface.

Tolerances are error estimates, or said where they are not.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import numpy as np
import pytest
from hypothesis import assume, example, given, settings

import qbnum
from qbnum.gradients import COMBINED, PARAMETERS, Gradients
from tests.qbnum import gradient_table
from tests.qbnum.strategies import junctions
from validation.campaign.draws import draw, joined
from validation.gradients import reference_gradient

PAPER = qbnum.Junction.symmetric(level=0.4, coupling=0.12, bias=0.5)
BOUND = qbnum.Junction.symmetric(level=2.3, coupling=0.3, bias=0.5)
# A bound state of the strong lead in the weak one's band: a resonance 1e-16 wide.
STRONG_BESIDE_WEAK = qbnum.Junction(
    0.0, qbnum.Lead(0.0, 1.0, 1e-8, 0.1, 0.2), qbnum.Lead(0.0, 0.1, 0.3, 0.0, 0.3), 0.0, 0.25
)
TABLE = gradient_table.load()
CASES = {case.slug: case for case in gradient_table.cases()}

# Two sides of an identity may differ by their own estimates; products and sums round besides.
ESTIMATES = 2.0
ULPS = 64 * np.finfo(np.float64).eps


@pytest.mark.parametrize("slug", TABLE)
def test_every_derivative_of_a_case_is_within_its_estimate_of_the_reference(slug: str) -> None:
    g = qbnum.gradients(CASES[slug].junction, bound_states=gradient_table.OCCUPATION)
    assert TABLE[slug]
    for key, (value, radius) in TABLE[slug].items():
        error = abs(g[key] - value)
        assert error <= g.error_estimate[key] + radius, f"{key}: {g[key]!r} is not {value!r}"


def test_well_conditioned_derivatives_keep_thirteen_digits() -> None:
    # Of the paper's junction and of a resonance 1e-16 wide: all but what nearly vanishes.
    for slug in (gradient_table.PAPER, "weak-1e-8"):
        g = qbnum.gradients(CASES[slug].junction, bound_states=gradient_table.OCCUPATION)
        wrong = [
            abs(g[key] / value - 1.0)
            for key, (value, radius) in TABLE[slug].items()
            if radius and g.error_estimate[key] < 1e-12 * abs(value)
        ]
        assert len(wrong) > 20
        assert max(wrong) < 1e-13


@pytest.mark.parametrize(
    ("slug", "observables", "parameter"),
    [
        (gradient_table.PAPER, ["charge_current", "exergy"], "level"),
        pytest.param("level-2.3", None, "level", marks=pytest.mark.deep),
        pytest.param("cold-1e-5", None, "right.mu", marks=pytest.mark.deep),
        pytest.param("weak-1e-8", None, "left.coupling", marks=pytest.mark.deep),
    ],
)
def test_the_table_is_what_the_reference_gives(
    slug: str, observables: list[str] | None, parameter: str
) -> None:
    found = reference_gradient(
        CASES[slug].junction,
        gradient_table.DIGITS,
        bound_states=gradient_table.OCCUPATION,
        observables=observables,
        parameters=[parameter],
    )
    assert len(found)
    for key, derivative in found.items():
        value, radius = TABLE[slug][key]
        assert abs(float(derivative.mid) - value) <= radius + float(derivative.radius)


def weighted(g: Gradients, name: str, weights: Mapping[str, float]) -> tuple[float, float]:
    """Return the derivative in a direction, and what it may be wrong by."""
    terms = [w * g[name, p] for p, w in weights.items()]
    errors = [abs(w) * g.error_estimate[name, p] for p, w in weights.items()]
    return math.fsum(terms), ESTIMATES * sum(errors) + ULPS * sum(map(abs, terms))


def differentiable(g: Gradients) -> bool:
    """Whether there is a derivative at all: no bound state just appears."""
    return all(math.isfinite(d) for d in g.values())


# Each example costs two evaluations or more; a third of the profile's number will do.
FEWER = settings(max_examples=max(1, settings().max_examples // 3))

SHIFTED = dict.fromkeys(
    ("level", "left.onsite", "right.onsite", "left.mu", "right.mu", "mu_eq"), 1.0
)
COUNTING = {
    "energy": "particle_number",
    "equilibrium_energy": "equilibrium_particle_number",
    "energy_current": "charge_current",
}
"""What a common shift of all energies by 1 adds to."""


@FEWER
@given(junctions())
@example(PAPER)
@example(BOUND)
@example(qbnum.Junction.symmetric(level=0.4, coupling=1e-8, bias=0.5))
@example(STRONG_BESIDE_WEAK)
def test_observables_scale_with_energies_and_count_what_a_shift_moves(j: qbnum.Junction) -> None:
    g = qbnum.gradients(j, bound_states=0.3)
    assume(differentiable(g))
    energies = {p: float(value) for p, value in j.parameters.items()}
    for name, info in qbnum.OBSERVABLES.items():
        power = {"1": 0, "energy": 1, "energy^2": 2}[info.unit]
        total, allowed = weighted(g, name, energies)
        allowed += power * g.state.error_estimate[name]
        assert abs(total - power * g.value(name)) <= allowed, name
        total, allowed = weighted(g, name, SHIFTED)
        expected = 0.0
        if name in COUNTING:
            expected = g.value(COUNTING[name])
            allowed += g.state.error_estimate[COUNTING[name]]
        assert abs(total - expected) <= allowed, name


# Where f nearly is d at the pole of a narrow resonance, ln(f/d) is rounded there.
NARROW = qbnum.Junction(
    0.0, qbnum.Lead(0.0, 1.0, 1e-3, 2.0, 1.0), qbnum.Lead(0.5, 1.0, 1e-4, 2.0, 0.5), 2.0, 1.0
)

# Its exponent is the difference of two large ones, if it is counted from the hot lead.
COLD_ON_THE_RIGHT = qbnum.Junction(
    0.4, qbnum.Lead(0.1, 1.0, 0.12, -0.2, 10.0), qbnum.Lead(-0.2, 1.3, 0.12, 0.5, 1e-8), 0.1, 0.35
)
# The one lead's exponent nearly vanishes where the current flows, the other's does not.
AT_THE_LEFT_POTENTIAL = qbnum.Junction(
    0.0, qbnum.Lead(0.0, 1.0, 1e-8, 0.0, 1.0), qbnum.Lead(0.0, 1.0, 1e-8, -1e-12, 1.5), 0.0, 1.0
)
# Beyond 700 temperatures, above an occupation half filled, f is below the double range.
COLD_RESONANCE_AND_HOT_EQUILIBRIUM = qbnum.Junction(
    *(-0.327, qbnum.Lead(-0.709, 0.182, 3e-9, -0.3876, 81.0)),
    *(qbnum.Lead(0.0, 0.173, 9e-8, -0.327, 1e-6), -0.3876, 81.0),
)
# The state hardly moves with the edge next to it.
STATE_NEXT_TO_AN_EDGE = qbnum.Junction(
    *(2.73, qbnum.Lead(0.725, 1.0, 9e-5, 1.1, 1.28), qbnum.Lead(0.725, 1.0, 1.7e-4, 1.1, 1.28)),
    *(1.1, 1.280000001),
)


@FEWER
@given(junctions())
@example(PAPER)
@example(NARROW)
@example(COLD_ON_THE_RIGHT)
@example(AT_THE_LEFT_POTENTIAL)
@example(COLD_RESONANCE_AND_HOT_EQUILIBRIUM)
@example(STATE_NEXT_TO_AN_EDGE)
def test_exchanging_the_leads_exchanges_their_derivatives(j: qbnum.Junction) -> None:
    g, mirrored = (qbnum.gradients(x, bound_states=0.3) for x in (j, j.exchanged()))
    assume(differentiable(g))
    hold_against_the_exchanged(g, mirrored)


@pytest.mark.deep
@pytest.mark.parametrize("start", range(0, 5200, 260))
def test_exchanging_the_leads_of_the_campaigns_junctions_does(start: int) -> None:
    hold_the_campaigns(range(start, start + 260))


def test_far_from_a_narrow_band_no_velocity_is_a_difference_of_two_at_the_band() -> None:
    # A band ten million times narrower than the other.
    hold_the_campaigns([4119])


@pytest.mark.parametrize(
    ("seed", "number"),
    [
        (20240731, 953),  # a resonance narrows: the terms of its weights' velocities cancel
        (7, 752),  # f/f_eq near 0, less its average
        (7, 2441),  # both gaps' integrands go as the square of a small difference
        (7, 5172),
        (20240731, 14822),
        (20240731, 15571),
    ],
)
def test_gaps_count_the_rounding_of_what_they_are_made_of(seed: int, number: int) -> None:
    hold_the_campaigns([number], seed)


def hold_the_campaigns(numbers: Iterable[int], seed: int = 20240731) -> None:
    j, occupation = joined([draw(seed, number) for number in numbers])
    g, mirrored = (qbnum.gradients(x, bound_states=occupation) for x in (j, j.exchanged()))
    hold_against_the_exchanged(g, mirrored, estimates=1.0)


def hold_against_the_exchanged(
    g: Gradients, mirrored: Gradients, estimates: float = ESTIMATES
) -> None:
    """Where there is no derivative, for a bound state that just appears, the other has none."""
    heat = {"heat_current_left": "heat_current_right", "heat_current_right": "heat_current_left"}
    signs = dict.fromkeys(("charge_current", "energy_current", *heat), -1.0)
    side = {"left": "right", "right": "left"}
    for name, parameter in g:
        head, dot, tail = parameter.rpartition(".")
        key = heat.get(name, name), side.get(head, head) + dot + tail
        there = np.isfinite(g[name, parameter])
        np.testing.assert_array_equal(there, np.isfinite(mirrored[key]), str(key))
        allowed = g.error_estimate[name, parameter] + mirrored.error_estimate[key]
        allowed = estimates * allowed + ULPS * np.abs(mirrored[key])
        apart = np.abs(g[name, parameter] - signs.get(name, 1.0) * mirrored[key])
        assert (apart <= allowed)[there].all(), (key, np.flatnonzero(there & ~(apart <= allowed)))


SMOOTH = qbnum.Junction(
    0.3, qbnum.Lead(0.1, 1.0, 0.5, 0.6, 0.4), qbnum.Lead(-0.2, 1.3, 0.4, 0.1, 0.3), 0.1, 0.35
)


def differenced(
    j: qbnum.Junction, parameter: str, **options: object
) -> dict[str, tuple[float, float]]:
    """Return central differences of two steps, extrapolated, and what they may be wrong by."""

    def moved(step: float) -> qbnum.SteadyState:
        values = {p: float(value) for p, value in j.parameters.items()}
        for field in COMBINED.get(parameter, (parameter,)):
            values[field] += step
        left, right = (
            qbnum.Lead(*(values[f"{side}.{f}"] for f in LEAD)) for side in ("left", "right")
        )
        k = qbnum.Junction(values["level"], left, right, values["mu_eq"], values["temperature_eq"])
        return qbnum.steady_state(k, **options)

    steps = (2e-3, 1e-3)
    ends = [(moved(h), moved(-h)) for h in steps]
    found = {}
    for name in ends[0][0].available:
        rises = [
            (getattr(up, name) - getattr(down, name)) / (2 * h)
            for h, (up, down) in zip(steps, ends, strict=True)
        ]
        correction = (rises[1] - rises[0]) / 3
        # The next order is about the step's square, in units of what the junction varies on.
        found[name] = rises[1] + correction, 1e-3 * abs(correction) + 1e-11
    return found


LEAD = ("onsite", "hopping", "coupling", "mu", "temperature")


@pytest.mark.parametrize("parameter", ["level", "right.hopping", "coupling", "temperature_eq"])
def test_derivatives_are_what_differences_tend_to(parameter: str) -> None:
    g = qbnum.gradients(SMOOTH, parameters=[parameter])
    for name, (value, allowed) in differenced(SMOOTH, parameter).items():
        assert abs(g[name, parameter] - value) <= allowed, name


@pytest.mark.parametrize("parameter", ["level", "mu_eq", "left.coupling"])
@pytest.mark.parametrize("junction", [SMOOTH, BOUND], ids=["plain", "bound"])
def test_the_other_two_state_reference_is_differentiated_too(
    junction: qbnum.Junction, parameter: str
) -> None:
    options: dict[str, object] = {"two_state_reference": "level", "bound_states": 0.7}
    g = qbnum.gradients(junction, None, [parameter], **options)
    for name, (value, allowed) in differenced(junction, parameter, **options).items():
        assert abs(g[name, parameter] - value) <= allowed, name


def test_exclude_gives_the_derivatives_of_the_band_part() -> None:
    g = qbnum.gradients(BOUND, None, ["level"], bound_states="exclude")
    assert {name for name, _ in g} == set(g.state.available)
    for name, (value, allowed) in differenced(BOUND, "level", bound_states="exclude").items():
        assert abs(g[name, "level"] - value) <= allowed, name


def test_each_bound_state_keeps_the_occupation_that_it_was_given() -> None:
    both = qbnum.Junction.symmetric(level=0.1, coupling=1.5, bias=0.5)
    options = {"bound_states": {"below": 0.9, "above": 0.2}}
    g = qbnum.gradients(both, None, ["level"], **options)
    for name, (value, allowed) in differenced(both, "level", **options).items():
        assert abs(g[name, "level"] - value) <= allowed, name


def test_what_needs_an_occupation_is_refused_masked_or_absent() -> None:
    refused = qbnum.gradients(BOUND)
    assert ("charge_current", "level") in refused
    assert ("exergy", "level") not in refused
    with pytest.raises(qbnum.BoundStateError, match="occupation"):
        refused["exergy", "level"]
    with pytest.raises(qbnum.BoundStateError, match="occupation"):
        qbnum.gradients(BOUND, ["exergy"])
    mixed = qbnum.Junction.symmetric(level=[0.4, 2.3], coupling=0.3, bias=0.5)
    masked = qbnum.gradients(mixed, ["exergy"], ["level", "bias"], bound_states="mask")
    assert masked["exergy", "level"].mask.tolist() == [False, True]
    assert masked.error_estimate["exergy", "level"].mask.tolist() == [False, True]
    assert np.isnan(masked.jacobian("exergy")).tolist() == [[False, False], [True, True]]


def test_combined_parameters_are_sums_of_their_fields() -> None:
    fields = qbnum.gradients(PAPER)
    combined = qbnum.gradients(PAPER, None, list(COMBINED))
    for name, parameter in combined:
        total, allowed = weighted(fields, name, dict.fromkeys(COMBINED[parameter], 1.0))
        allowed += combined.error_estimate[name, parameter]
        assert abs(combined[name, parameter] - total) <= allowed, (name, parameter)


def test_what_does_not_depend_on_a_parameter_has_the_derivative_zero() -> None:
    g = qbnum.gradients(PAPER)
    one = qbnum.gradients(
        qbnum.Junction(
            0.4, qbnum.Lead(0.0, 1.0, 0.0, 0.6, 0.1), qbnum.Lead(0.0, 1.0, 0.2, 0.1, 0.2), 0.1, 0.1
        )
    )
    for p in PARAMETERS:
        assert g["spectral_weight", p] == 0.0
        if p.startswith("left"):
            assert one["particle_number", p] == one["exergy", p] == 0.0
    assert g["charge_current", "mu_eq"] == g["entropy", "temperature_eq"] == 0.0
    assert g["equilibrium_energy", "left.mu"] == 0.0
    assert one["exergy", "right.mu"] != 0.0


@pytest.mark.parametrize("side", [-1.0, 1.0], ids=["below", "above"])
def test_there_is_no_derivative_where_a_bound_state_appears(side: float) -> None:
    # |F| = 2 - |level| - 2 v^2/h = 0 at the edge, in numbers that are exact.
    at_edge = qbnum.Junction.symmetric(level=side * 1.5, coupling=0.5, bias=0.5)
    g = qbnum.gradients(at_edge, bound_states="exclude")
    assert math.isnan(g["charge_current", "level"])
    assert math.isnan(g.error_estimate["charge_current", "level"])
    assert g["charge_current", "mu_eq"] == 0.0
    levels = [0.4, side * 1.5, side * (1.5 + 1e-9), side * 1.5]
    beside = qbnum.gradients(
        qbnum.Junction.symmetric(level=levels, coupling=0.5, bias=0.5),
        ["charge_current"],
        "level",
        bound_states="exclude",
    )
    found = np.isfinite(beside["charge_current", "level"])
    assert found.tolist() == [True, False, True, False]


def test_there_is_no_derivative_where_a_bound_state_appears_in_a_gap() -> None:
    # Bands from -2 to 2 and from 2.5 to 6.5: F = 2 - level - v_L^2 + v_R^2/2 at 2.
    leads = (qbnum.Lead(0.0, 1.0, 0.5, 0.1, 0.1), qbnum.Lead(4.5, 1.0, 0.5, 0.1, 0.1))
    levels = [1.875, 1.875 - 1e-9, 0.0]
    g = qbnum.gradients(
        qbnum.Junction(np.array(levels), *leads, 0.1, 0.1),
        ["particle_number"],
        "level",
        bound_states="exclude",
    )
    assert np.isfinite(g["particle_number", "level"]).tolist() == [False, True, True]


def test_shapes_are_the_junctions_and_neighbours_do_not_matter() -> None:
    level = np.linspace(-2.4, 2.4, 7)[:, None]
    grid = qbnum.Junction.symmetric(
        level=level, coupling=np.array([1e-8, 0.12, 1.1]), bias=0.5, temperature_eq=0.02
    )
    g = qbnum.gradients(grid, ["charge_current", "energy"], ["level", "coupling"], bound_states=0.5)
    assert g.value("energy").shape == g["energy", "coupling"].shape == (7, 3)
    assert g.jacobian("energy").shape == (7, 3, 2)
    for index in np.ndindex(7, 3):
        alone = qbnum.gradients(
            grid.at(*index), ["charge_current", "energy"], ["level", "coupling"], bound_states=0.5
        )
        for key in alone:
            allowed = alone.error_estimate[key]
            assert abs(alone[key] - g[key][index]) <= allowed, (index, key)
    none = qbnum.gradients(qbnum.Junction.symmetric(level=np.zeros(0)))
    assert none["exergy", "level"].shape == (0,)


def test_keys_are_checked() -> None:
    g = qbnum.gradients(PAPER, ["energy"], "level")
    assert list(g) == [("energy", "level")]
    assert g.observables == ("energy",)
    assert g.value("energy") == qbnum.steady_state(PAPER).energy
    with pytest.raises(KeyError, match="a key is"):
        g["entropy", "level"]
    with pytest.raises(KeyError, match="a key is"):
        g["energy"]
    with pytest.raises(qbnum.ParameterError, match="no parameter 'voltage'"):
        qbnum.gradients(PAPER, ["energy"], ["voltage"])
    with pytest.raises(qbnum.ParameterError, match="no observable 'power'"):
        qbnum.gradients(PAPER, ["power"])
    with pytest.raises(qbnum.ParameterError, match="twice"):
        qbnum.gradients(PAPER, ["energy", "energy"])
    with pytest.raises(qbnum.ParameterError, match="Junction"):
        qbnum.gradients(3.0)
