"""The example implementations, run as programs over the protocol: they answer, as well as they say.

Judged by the reference itself on a handful of cases, one of each kind that matters.
"""

import json
import shutil
import subprocess
import sys
from importlib import resources

import pytest

from validation import reference
from validation.cases import corner_cases, paper_cases
from validation.cases.case import by_slug
from validation.metrics import SIGN_CHANGING, compare
from validation.references import OBSERVABLES

EXAMPLES = resources.files("validation.conformance") / "examples"

PAPER = ("paper-level0.4-bias0.5-gradient0", "paper-level-0.2-bias0.2-gradient0")
GRADED = ("unequal-hoppings", "overlapping-bands", "left-decoupled", "mu-at-edge", "scale-1e12")
"""Corners that the graded rule masters: other bands, one lead only, cold, other units."""
NARROW = "weak-gap"
"""A resonance of width 1e-8."""
NEAR_EQUILIBRIUM = "bias-1e-9"
BOUND = "level-2.3"
SLUGS = (*PAPER, *GRADED, NARROW, NEAR_EQUILIBRIUM, BOUND)


@pytest.fixture(scope="module")
def cases():
    everything = (*paper_cases(), *corner_cases())
    return {slug: by_slug(everything, slug) for slug in SLUGS}


@pytest.fixture(scope="module")
def right(cases):
    return {
        slug: reference(case.junction, digits=20) for slug, case in cases.items() if slug != BOUND
    }


def line_of(case):
    p = case.parameters
    fields = ("onsite", "hopping", "coupling", "mu", "temperature")
    sides = {side: {f: p[f"{side}.{f}"] for f in fields} for side in ("left", "right")}
    occupations = [case.occupation] if case.slug == BOUND else []
    return {
        "id": case.slug, "level": p["level"], **sides, "mu_eq": p["mu_eq"],
        "temperature_eq": p["temperature_eq"], "bound_state_occupations": occupations,
    }  # fmt: skip


def answers(command, cases, **layout):
    """Run a program over all cases and return what it answered, by case, in the order given."""
    lines = "".join(json.dumps(line_of(case), **layout) + "\n" for case in cases.values())
    done = subprocess.run(
        command, input=lines, capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    read = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["id"] for answer in read] == list(cases)
    return {answer["id"]: answer for answer in read}


def digits(answer, right):
    return {
        name: compare(
            answer["values"][name], right[name], sign_changing=name in SIGN_CHANGING
        ).digits
        for name in OBSERVABLES
    }


@pytest.fixture(scope="module")
def c_program(tmp_path_factory):
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler (cc) on this machine")
    program = tmp_path_factory.mktemp("c") / "conformance"
    done = subprocess.run(
        [compiler, "-std=c99", "-Wall", "-Wextra", "-pedantic", "-O2", "-o", str(program),
         str(EXAMPLES / "conformance.c"), "-lm"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    return [str(program)]


@pytest.fixture(scope="module")
def node_program():
    node = shutil.which("node")
    if node is None:
        pytest.skip("no Node (node) on this machine")
    return [node, str(EXAMPLES / "conformance.mjs")]


@pytest.fixture(scope="module", params=["c_program", "node_program"])
def graded(request, cases):
    """Return the command and the answers of one of the two programs with graded panels."""
    command = request.getfixturevalue(request.param)
    return command, answers(command, cases)


@pytest.fixture(scope="module")
def naive(cases):
    return answers([sys.executable, str(EXAMPLES / "quad.py")], cases)


def test_graded_panels_give_eleven_digits_on_ordinary_cases(graded, right):
    # Measured: 12.6 or more.
    for slug in (*PAPER, *GRADED):
        assert min(digits(graded[1][slug], right[slug]).values()) > 11, slug


def test_graded_panels_find_a_narrow_resonance(graded, right):
    # Rounding of omega - level at a width of 1e-8 leaves eight digits, half of them to the gaps.
    found = digits(graded[1][NARROW], right[NARROW])
    assert min(found.values()) > 6
    assert found["particle_number"] > 8


def test_graded_panels_keep_the_exergy_near_equilibrium(graded, right):
    assert digits(graded[1][NEAR_EQUILIBRIUM], right[NEAR_EQUILIBRIUM])["exergy"] > 12


def test_order_and_spaces_of_the_input_do_not_matter(graded, cases):
    command, expected = graded
    assert answers(command, cases, separators=(",", ":"), sort_keys=True) == expected
    assert answers(command, cases, separators=(" , ", " : ")) == expected


def test_bound_states_are_refused_honestly(graded, naive):
    for found in (graded[1], naive):
        assert found[BOUND] == {"id": BOUND, "error": "bound states are not implemented"}


def test_quad_is_good_where_everything_is_wide(naive, right):
    # The default tolerance is 1.5e-8 absolute; measured: 8.9 digits or more.
    for slug in PAPER:
        assert min(digits(naive[slug], right[slug]).values()) > 8, slug


def test_quad_misses_a_narrow_resonance_and_does_not_notice(naive, right):
    value = naive[NARROW]["values"]["spectral_weight"]
    estimate = naive[NARROW]["error_estimates"]["spectral_weight"]
    assert digits(naive[NARROW], right[NARROW])["spectral_weight"] < 1
    assert abs(value - 1) > 100 * estimate


def test_quad_loses_the_exergy_near_equilibrium(naive, right):
    assert digits(naive[NEAR_EQUILIBRIUM], right[NEAR_EQUILIBRIUM])["exergy"] < 3


def test_every_estimate_of_quad_has_its_value(naive):
    for slug, answer in naive.items():
        if slug != BOUND:
            assert set(answer["error_estimates"]) == set(answer["values"]) <= set(OBSERVABLES)
