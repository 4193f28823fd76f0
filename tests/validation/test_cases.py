"""The cases are data: complete, unambiguous, reproducible, and covering what they claim."""

import math

import pytest

from qbnum import Junction
from validation.cases import (
    DIFFICULTIES,
    GROUPS,
    REGIMES,
    corner_cases,
    difficulties_of,
    paper_cases,
    quick_subset,
    random_cases,
)

ALL = (*paper_cases(), *corner_cases(), *random_cases(n=56))

PANELS = {
    *(f"Fig. {n}" for n in (2, 3, 6, 7)),
    *(f"Fig. {n}{letter}" for n in (4, 5, 9, 10, 11, 12, 13, 14) for letter in "abc"),
    *(f"Fig. {n}{letter}" for n in (8, 15) for letter in "ab"),
}


def test_every_case_has_one_known_regime_and_known_difficulties():
    for case in ALL:
        assert case.regime in REGIMES
        assert case.group in GROUPS
        assert case.difficulties
        assert case.difficulties <= set(DIFFICULTIES)
        assert case.difficulties == {"smooth"} or "smooth" not in case.difficulties


def test_every_regime_and_every_difficulty_occurs():
    assert {case.regime for case in ALL} == set(REGIMES)
    assert set().union(*(case.difficulties for case in ALL)) == set(DIFFICULTIES)


def test_slugs_are_unique():
    assert len({case.slug for case in ALL}) == len(ALL)


def test_no_two_paper_cases_are_the_same_junction():
    points = {tuple(case.parameters.values()) for case in paper_cases()}
    assert len(points) == len(paper_cases())


def test_every_panel_of_figures_2_to_15_is_there():
    assert set().union(*(case.sources for case in paper_cases())) == PANELS


def test_paper_cases_follow_the_paper_s_protocol():
    for case in paper_cases():
        j = case.junction
        assert (j.right.mu, j.right.temperature) == (j.mu_eq, j.temperature_eq)
        assert j.left.onsite == j.right.onsite == 0
        assert j.left.hopping == j.right.hopping == 1
        assert j.left.coupling == j.right.coupling
        assert j.left.coupling == 0.12 or "Fig. 8b" in case.sources
        assert j.mu_eq == 0.1 or case.sources[0].startswith("Fig. 8")


def test_fig_8_keeps_its_own_parameters():
    points = [c.junction for c in paper_cases() if {"Fig. 8a", "Fig. 8b"} & set(c.sources)]
    assert {(j.level, j.mu_eq) for j in points} == {(0.3, 0.0)}
    assert {j.left.coupling for j in points} == {0.12, 0.06}


def test_a_point_shared_by_figures_names_them_all():
    (case,) = (c for c in paper_cases() if c.slug == "paper-level0.4-bias0.5-gradient0")
    assert {"Fig. 5c", "Fig. 12a", "Fig. 15a"} <= set(case.sources)


def test_every_corner_says_why_it_exists():
    assert len(corner_cases()) >= 30
    for case in corner_cases():
        assert case.reason.endswith(".")
        assert len(case.reason.split()) >= 4


@pytest.mark.parametrize(
    ("slug", "difficulty"),
    [
        ("weak-1e-6", "narrow-resonance"),
        ("cold-1e-5", "sharp-fermi"),
        ("bias-1e-9", "cancellation"),
        ("level-1.97", "edge"),
        ("level-2.3", "pole-outside"),
        ("unequal-hoppings", "unequal-bands"),
        ("reservoirs-200T-outside", "tails"),
        ("scale-1e12", "scale"),
        ("shifted-far", "offset"),
        ("unequal-couplings", "smooth"),
    ],
)
def test_difficulty_is_read_off_the_junction(slug, difficulty):
    (case,) = (c for c in corner_cases() if c.slug == slug)
    assert difficulty in case.difficulties


def test_a_corner_with_a_bound_state_names_its_occupation():
    for case in corner_cases():
        if "pole-outside" in case.difficulties:
            assert case.occupation is not None, case.slug


def test_difficulty_does_not_depend_on_the_unit_of_energy():
    j = Junction.symmetric(level=1.97, coupling=1e-3, bias=0.5)
    assert difficulties_of(j.scaled(1024.0)) == difficulties_of(j)


def test_random_cases_are_reproducible_and_extendable():
    few, more = random_cases(seed=7, n=5), random_cases(seed=7, n=20)
    assert [c.parameters for c in few] == [c.parameters for c in more[:5]]
    assert random_cases(seed=8, n=1)[0].parameters != few[0].parameters
    assert "seed 7" in few[0].sources[0]


def test_random_cases_span_many_decades():
    cases = random_cases(n=280)
    couplings = [c.parameters["left.coupling"] / c.parameters["left.hopping"] for c in cases]
    temperatures = [c.parameters["temperature_eq"] / c.parameters["left.hopping"] for c in cases]
    for values in (couplings, temperatures):
        assert math.log10(max(values) / min(values)) > 8


def test_the_quick_subset_is_small_deterministic_and_covers():
    for cases in (paper_cases(), corner_cases()):
        few = quick_subset(cases)
        assert few == quick_subset(cases)
        assert len(few) <= 20
        assert {c.regime for c in few} == {c.regime for c in cases}
    driven = [c for c in quick_subset(paper_cases()) if c.regime != "equilibrium"]
    assert set().union(*(c.sources for c in driven)) >= PANELS - {"Fig. 2"}


def test_the_quick_subset_can_be_sized():
    assert len(quick_subset(paper_cases(), 3)) == 3
    assert len(quick_subset(corner_cases(), 40)) == 40


def test_a_case_prints_the_command_that_repeats_it():
    (case,) = (c for c in corner_cases() if c.slug == "strong-two-bound-states")
    command = case.command()
    assert command.startswith("qbval evaluate --level 0.4 ")
    assert "--left-mu 0.6 " in command
    assert command.endswith("--bound-state 0.9,0.2")
