"""Wrong implementations are recognised by what they got wrong; right and rough ones are not."""

import json
import random
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from tests.slow import few_by_default
from tests.validation import wrong_implementations
from validation.conformance.mistakes import HARD, MISTAKES, recognise
from validation.exact import PARAMETERS
from validation.reference_table import load_table
from validation.references import OBSERVABLES

NAMES = tuple(mistake.name for mistake in MISTAKES)

TOGETHER = (
    ("two-spins", "missing-two-pi"),
    ("current-reversed", "missing-two-pi"),
    ("printed-self-energy", "missing-two-pi"),
    ("band-follows-level", "log-base-2"),
    ("two-spins", "bound-states-dropped"),
    ("log-base-2", "exergy-in-energy-units"),
    ("plus-mu-n", "exergy-in-energy-units"),
    ("energies-from-mu-eq", "missing-two-pi"),
    ("missing-two-pi", "log-base-2", "level-reference"),
    ("half-broadening", "current-reversed", "gap-sign"),
    ("printed-self-energy", "two-spins", "missing-two-pi"),
)

CASES = 60


@pytest.fixture(scope="module")
def table():
    return load_table()


def line_of(case):
    p = {name: float.fromhex(case.hex[name]) for name in PARAMETERS}
    sides = {
        side: {n.partition(".")[2]: p[n] for n in PARAMETERS if n.startswith(f"{side}.")}
        for side in ("left", "right")
    }
    return {
        "id": case.slug, "level": p["level"], **sides, "mu_eq": p["mu_eq"],
        "temperature_eq": p["temperature_eq"], "bound_state_occupations": list(case.occupations),
    }  # fmt: skip


@pytest.fixture(scope="module")
def cases(table):
    """Return a spread of the table with one band, bound states and unequal couplings included."""
    special = [c for c in table.cases if c.bound_states or c.slug == "unequal-couplings"]
    others = [c for c in table.cases if c not in special]
    step = max(1, len(others) // CASES)
    chosen = (*special[: CASES // 2], *others[::step])
    return [c for c in chosen if len({c.inputs[f"{s}.hopping"] for s in ("left", "right")}) == 1]


def answers_of(cases, *wrong, **options):
    """Return what an implementation with these mistakes answers; refusals are left out."""
    answers = {}
    for case in cases:
        try:
            with np.errstate(all="ignore"):
                answers[case.slug] = wrong_implementations.solve(line_of(case), *wrong, **options)
        except NotImplementedError:
            continue
    return answers


def right_answers(table):
    return {
        case.slug: {name: float(value.value) for name, value in case.values.items()}
        for case in table.cases
    }


def changed(answers, change):
    return {s: {n: change(n, v) for n, v in values.items()} for s, values in answers.items()}


def names(findings):
    return {finding.mistake.name for finding in findings}


@pytest.mark.parametrize("name", few_by_default(NAMES, 4))
def test_a_mistake_is_recognised_as_exactly_that(table, cases, name):
    (finding,) = recognise(table, answers_of(cases, name))
    assert finding.mistake.name == name
    assert 3 <= finding.explained <= finding.wrong
    assert finding.explained >= 0.9 * finding.wrong
    assert set(finding.observables) <= set(OBSERVABLES)
    assert finding.observables


@pytest.mark.parametrize("wrong", few_by_default(TOGETHER, 6), ids=" and ".join)
def test_several_mistakes_are_told_apart(table, cases, wrong):
    assert names(recognise(table, answers_of(cases, *wrong))) == set(wrong)


def test_a_right_implementation_has_no_finding(table, cases):
    answers = answers_of(cases)
    assert len(answers) > 10
    assert recognise(table, answers) == ()
    assert recognise(table, right_answers(table)) == ()
    assert recognise(table, {}) == ()


@pytest.mark.parametrize("panels", [2, 4, 8, 16])
def test_a_rule_that_is_too_coarse_is_no_mistake(table, cases, panels):
    answers = answers_of(cases, panels=panels)
    right = right_answers(table)
    errors = [
        abs(answers[s]["entropy"] / right[s]["entropy"] - 1)
        for s in answers
        if right[s]["entropy"] > 0.1
    ]
    assert max(errors) > 1e-3
    assert recognise(table, answers) == ()


@pytest.mark.parametrize("noise", [1e-6, 1e-4, 1e-2, 1.0])
def test_noise_is_no_mistake(table, noise):
    draw = random.Random(1)
    relative = changed(right_answers(table), lambda _, v: v * (1 + noise * draw.uniform(-1, 1)))
    absolute = changed(right_answers(table), lambda _, v: v + noise * draw.uniform(-1, 1))
    assert recognise(table, relative) == ()
    assert recognise(table, absolute) == ()


@pytest.mark.parametrize(
    "change",
    [lambda n, v: 0.0, lambda n, v: float("nan"), lambda n, v: 3 * v, lambda n, v: abs(v)],
    ids=["zeros", "nan", "three times", "absolute values"],
)
def test_what_no_mistake_explains_has_no_finding(table, change):
    assert recognise(table, changed(right_answers(table), change)) == ()


def test_a_mistake_in_an_inaccurate_method_is_recognised(table, cases):
    # Half of the ordinary values are then right to three digits or less.
    draw = random.Random(2)
    rough = changed(
        answers_of(cases, "missing-two-pi"),
        lambda _, v: v * (1 + 1e-2 * max(0.0, draw.uniform(-1, 1))),
    )
    assert names(recognise(table, rough)) == {"missing-two-pi"}


def test_one_case_is_enough_where_five_values_agree(table, cases):
    case = next(c for c in cases if c.difficulties == ("smooth",) and c.regime == "empty")
    assert names(recognise(table, answers_of([case], "missing-two-pi"))) == {"missing-two-pi"}


def test_hard_cases_are_judged_if_there_are_no_others(table):
    hard = {c.slug for c in table.cases if HARD & set(c.difficulties)}
    answers = {s: values for s, values in right_answers(table).items() if s in hard}
    doubled = changed(answers, lambda _, v: 2 * v)
    assert names(recognise(table, doubled)) == {"two-spins"}


def test_what_is_no_number_and_no_name_is_passed_over(table, cases):
    answers = answers_of(cases, "log-base-2")
    spoilt = {"no-such-case": {"entropy": 1.0}} | {
        s: values | {"energy": None, "exergy": "text", "colour": 1.0}
        for s, values in answers.items()
    }
    (finding,) = recognise(table, spoilt)
    assert finding.mistake.name == "log-base-2"
    assert "exergy" not in finding.observables


def test_a_finding_shows_its_evidence_and_goes_into_json(table, cases):
    (finding,) = recognise(table, answers_of(cases, "log-base-2"))
    slug, _, rest = finding.example.partition(", ")
    assert slug in table.by_slug
    name, _, numbers = rest.partition(": ")
    assert name in finding.observables
    came, right, predicted = (float(part.split()[0]) for part in numbers.split(", "))
    assert came == pytest.approx(predicted, rel=1e-6)
    assert right == pytest.approx(came * np.log(2), rel=1e-6)
    assert json.loads(json.dumps(asdict(finding)))["mistake"]["remedy"]


def test_the_wrong_implementation_speaks_the_protocol(table, cases):
    program = Path(wrong_implementations.__file__)
    lines = "".join(json.dumps(line_of(case)) + "\n" for case in cases)
    done = subprocess.run(
        [sys.executable, str(program), "--mistake", "printed-self-energy"],
        input=lines, capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    read = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["id"] for answer in read] == [case.slug for case in cases]
    answers = {answer["id"]: answer.get("values", {}) for answer in read}
    assert names(recognise(table, answers)) == {"printed-self-energy"}
