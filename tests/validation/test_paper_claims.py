"""The paper's claims: verdicts come from numbers, and the numbers from two routes."""

import json

import numpy as np
import pytest

import validation
from tests.validation.processes import qbval
from validation.paper.claims import Claim, Finding, Number, Verdict, claims, judge
from validation.paper.claims.claim import (
    ABOUT,
    above,
    by_conditions,
    by_deviation,
    by_intervals,
    by_readings,
    maximum,
    zeros,
)
from validation.paper.claims.judging import Judgement
from validation.paper.protocol import FIG_8, battery
from validation.paper.routes import Fast, Symbolic, fejer_weights

SLUGS = [claim.slug for claim in claims()]


def test_there_are_claims_from_every_part_of_the_paper():
    assert len(SLUGS) >= 25
    assert len(set(SLUGS)) == len(SLUGS)
    text = " ".join(f"{claim.section} {claim.figure}" for claim in claims())
    for part in ("IV A", "IV B 1", "IV B 2", "V", "App. A", "App. B"):
        assert part in text
    for claim in claims():
        assert all((claim.quotation, claim.quantity, claim.decided)), claim.slug


@pytest.mark.slow
def test_every_verdict_rests_on_finite_numbers():
    judged = list(judge(claims(), Fast(), None))
    for judgement in judged:
        numbers = judgement.finding.numbers
        assert numbers, judgement.claim.slug
        assert all(np.isfinite(n.value) for n in numbers), judgement.claim.slug
    # No rule of deciding is idle.
    assert {j.finding.verdict for j in judged} == set(Verdict)


@pytest.mark.parametrize(
    "chosen",
    [
        # All of them cost 20 s; the command asks both routes by itself.
        pytest.param(claims()[::4], id="some"),
        pytest.param(claims(), id="all", marks=pytest.mark.deep),
    ],
)
def test_both_routes_come_to_the_verdicts_by_the_same_numbers(chosen):
    judged = judge(chosen, Fast(), Symbolic())
    differing = [(j.claim.slug, j.finding, j.second) for j in judged if not j.agreed]
    assert differing == []


POINTS = [
    (0.4, 0.5, -0.05, {}),
    (0.1, 0.1, 0.0, {}),
    (-0.2, 1.0, 0.05, {}),
    (-0.2, -0.1, -0.08, {}),
    (FIG_8["level"], 0.5, 0.0, {"coupling": 0.06, "mu_eq": FIG_8["mu_eq"]}),
]
NAMES = "particle_number entropy exergy charge_current energy_current heat_current_left"


@pytest.mark.parametrize("route", [Fast(), Symbolic()], ids=lambda route: route.name)
@pytest.mark.parametrize("point", POINTS, ids=str)
def test_a_route_gives_the_certified_values(route, point):
    level, bias, gradient, other = point
    names = f"{NAMES} entropy_production two_state_entropy two_state_exergy equilibrium_entropy"
    certified = validation.reference(battery(level, bias, gradient, **other), digits=20)
    for name, value in zip(
        names.split(), route(names, level, bias, gradient, **other), strict=True
    ):
        # The exergy's terms are of order one before they cancel in the second route; sums of 2000
        # terms lose 1e-14 of that.
        expected = float(certified[name].mid)
        assert abs(float(value) - expected) <= 1e-11 * abs(expected) + 1e-15, name


def test_the_routes_share_arrays_shapes():
    level = np.array([[0.1], [0.4]])
    bias = np.array([0.1, 0.2, 0.3])
    fast, symbolic = (r("exergy", level, bias) for r in (Fast(), Symbolic()))
    assert fast.shape == symbolic.shape == (2, 3)


@pytest.mark.parametrize("degree", [0, 2, 8])
def test_fejers_rule_integrates_polynomials(degree):
    nodes = np.cos((np.arange(12) + 0.5) * np.pi / 12)
    exact = 2 / (degree + 1)
    assert fejer_weights(12) @ nodes**degree == pytest.approx(exact, rel=1e-14)


def test_a_wrong_number_is_told_from_a_right_one():
    claim = next(c for c in claims() if c.slug == "level-mostly-empty")
    right = claim.judge(Fast())
    (number,) = right.numbers
    wrong = Finding(
        right.verdict, "", (Number(number.label, number.value * (1 + 2e-6), number.unit),)
    )
    assert Judgement(claim, right, right).agreed
    assert not Judgement(claim, right, wrong).agreed


def test_a_route_with_the_wrong_sign_of_the_bias_turns_verdicts():
    class Reversed(Fast):
        def __call__(self, names, level, bias=0.0, gradient=0.0, **other):
            return super().__call__(names, level, -np.asarray(bias), gradient, **other)

    chosen = [c for c in claims() if c.slug in ("bias-sets-direction", "exergy-peak-at-bias")]
    for judgement in judge(chosen, Fast(), Reversed()):
        assert not judgement.agreed


NUMBERS = (Number("a", 1.0),)


def test_conditions_decide():
    assert by_conditions({"a": True, "b": True}, NUMBERS).sentence == "holds"
    assert by_conditions({"a": False, "b": False}, NUMBERS).sentence == "does not hold"
    half = by_conditions({"a": True, "b": False}, NUMBERS)
    assert half.sentence == "holds only for a; not for b"
    most = by_conditions({"a": True, "b": False, "c": True}, NUMBERS)
    assert (most.verdict, most.sentence) == (Verdict.ONLY, "holds except for b")


def test_deviations_decide():
    assert by_deviation({"a": 1e-12}, ABOUT, NUMBERS).sentence == "holds"
    assert by_deviation({"a": -0.07, "b": 0.01}, ABOUT, NUMBERS).sentence == "holds within 7 %"
    assert by_deviation({"a": 0.3}, ABOUT, NUMBERS, " of T").sentence == (
        "does not hold: off by 30 % of T or more"
    )
    mixed = by_deviation({"a": 0.3, "b": 0.1}, ABOUT, NUMBERS)
    assert mixed.sentence == "holds only for b; not for a (30 %); within 10 % otherwise"


def test_readings_that_disagree_leave_it_open():
    found = by_readings({"one": True, "the other": False}, NUMBERS)
    assert found.verdict is Verdict.OPEN
    assert by_readings({"one": True, "the other": True}, NUMBERS).verdict is Verdict.HOLDS


def test_intervals_decide():
    whole = (0.0, 1.0)
    assert by_intervals({"": [whole]}, whole, "bias", NUMBERS).sentence == "holds"
    assert by_intervals({"": []}, whole, "bias", NUMBERS).sentence == "does not hold"
    part = by_intervals({"": [(0.25, 1.0)]}, whole, "bias", NUMBERS)
    assert part.sentence == "holds only for bias > 0.25"


def test_zeros_and_maxima_are_found_to_the_digits_that_they_are_shown_with():
    grid = np.linspace(0.0, 3.0, 31)
    assert zeros(np.cos, grid) == pytest.approx([np.pi / 2], rel=1e-12)
    assert above(np.cos, grid) == [(0.0, pytest.approx(np.pi / 2, rel=1e-12))]
    place, value = maximum(np.sin, grid)
    # A maximum's place is known to the square root of what its height is.
    assert place == pytest.approx(np.pi / 2, abs=1e-7)
    assert value == pytest.approx(1.0, rel=1e-14)


def test_the_command_prints_one_claim_as_json():
    done = qbval("paper", "claims", "level-almost-full", "--no-check", "--json")
    assert done.returncode == 0
    (entry,) = json.loads(done.stdout)
    assert entry["claim"] == "level-almost-full"
    assert entry["verdict"] == "holds within"
    assert entry["numbers"][0]["value"] == pytest.approx(0.924567, abs=1e-6)


def test_an_unknown_claim_is_refused_with_near_names():
    done = qbval("paper", "claims", "exergy-peak")
    assert done.returncode == 2
    assert "exergy-peak-at-bias" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_claim_is_shown_in_full_with_its_quotation():
    done = qbval("paper", "claims", "entropy-maximum-close-to-ln-2", "--no-check")
    assert done.returncode == 0
    claim = next(c for c in claims() if c.slug == "entropy-maximum-close-to-ln-2")
    assert isinstance(claim, Claim)
    assert claim.quotation.split("…")[0] in done.stdout.replace("\n", " ")
    assert "0.6185" in done.stdout
