"""The conformance kit: its protocol, its scores, its thresholds."""

import json
import math
from dataclasses import replace
from fractions import Fraction

import pytest

from validation.conformance.protocol import (
    Answer,
    Failure,
    ProtocolError,
    input_line,
    parse_answer,
    read_answers,
)
from validation.conformance.scoring import DIGITS_OF_DOUBLES, OUTCOMES, score, summarise
from validation.conformance.thresholds import Thresholds, requirements
from validation.exact import PARAMETERS
from validation.reference_table import load_table
from validation.references import OBSERVABLES

TABLE = load_table()


def first_of(regime):
    """Return the first case of a regime in the shipped table."""
    return next(case for case in TABLE.cases if case.regime == regime)


FULL, EQUILIBRIUM, BOUND = first_of("full"), first_of("equilibrium"), first_of("bound-state")
CASES = (FULL, EQUILIBRIUM, BOUND)


def rounded(case):
    """Return the right values as the doubles next to them."""
    return {name: float(value.value) for name, value in case.values.items()}


def scores_of(case, answer):
    """Return the scores of one answer by observable."""
    return {s.observable: s for s in score([case], {case.slug: answer}, OBSERVABLES)}


# The protocol


def test_input_lines_read_back_as_exactly_the_doubles_of_the_table():
    for case in TABLE.cases:
        line = json.loads(input_line(case))
        for name in PARAMETERS:
            value = line
            for part in name.split("."):
                value = value[part]
            assert value.hex() == case.hex[name], (case.slug, name)
        assert tuple(line["bound_state_occupations"]) == case.occupations
        assert len(case.occupations) == len(case.bound_states)
        assert line["id"] == case.slug
        assert not set(OBSERVABLES) & set(line)


NUMBERS = {
    "0.1": 0.1,
    "3": 3.0,
    "1e-320": 1e-320,
    '"0.1"': Fraction(1, 10),
    '" 0x1p-60 "': Fraction(1, 2**60),
    '"1e-400"': Fraction(1, 10**400),
}
NO_NUMBERS = [
    "null", "NaN", "-Infinity", "true", "[1]", "{}", '"NaN"', '"0.1 "x', '"one"', "1e400",
    '"1e400"', "1" + "0" * 400, '"1e99999999999"', '""',
]  # fmt: skip


@pytest.mark.parametrize(("text", "value"), NUMBERS.items(), ids=NUMBERS)
def test_numbers_are_doubles_and_texts_are_exact(text, value):
    answer = parse_answer(f'{{"id": "a", "values": {{"energy": {text}}}}}')
    assert (answer.values, answer.not_numbers) == ({"energy": value}, {})
    assert type(answer.values["energy"]) is type(value)


@pytest.mark.parametrize("text", [t for t in NO_NUMBERS if not t.endswith("x")])
def test_what_is_no_number_is_never_taken_for_one(text):
    line = f'{{"id": "a", "values": {{"energy": {text}}}, "error_estimates": {{"energy": {text}}}}}'
    answer = parse_answer(line)
    assert answer.values == answer.estimates == {}
    assert set(answer.not_numbers) == set(answer.bad_estimates) == {"energy"}


def test_a_negative_error_estimate_is_no_estimate():
    answer = parse_answer('{"id": "a", "values": {}, "error_estimates": {"energy": -1e-9}}')
    assert answer.bad_estimates == {"energy": "-1e-09"}


@pytest.mark.parametrize(
    "line",
    ["", "{", "[]", "3", "{}", '{"id": 3, "values": {}}', '{"id": "a"}', '{"id": "a", "values": 3}',
     '{"id": "a", "values": {}, "error_estimates": 1}', "[" * 100_000, "9" * 5000],
    ids=lambda line: line[:30],
)  # fmt: skip
def test_a_line_that_is_no_answer_is_a_typed_error(line):
    with pytest.raises(ProtocolError):
        parse_answer(line)


def test_a_file_is_read_in_any_order_and_what_is_wrong_with_it_is_kept():
    a, b = '{"id": "a", "values": {}}', '{"id": "b", "error": "too hot"}'
    found = read_answers([b, "", "noise", a, a, '{"id": "c", "values": {}}'], {"a", "b"})
    assert list(found.outcomes) == ["b", "a"]
    assert found.outcomes["b"].refusal == "too hot"
    assert [f.kind for f in found.failures] == ["garbage", "answered-twice"]
    assert found.failures[0].received == "noise"
    assert "line 3" in found.failures[0].detail
    assert found.unknown == ("c",)


# Scores


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.slug)
def test_right_doubles_have_all_digits_and_right_texts_those_of_the_table(case):
    doubles = scores_of(case, Answer(case.slug, rounded(case)))
    exact = {name: Fraction(value.value) for name, value in case.values.items()}
    texts = {name: value.value for name, value in case.values.items()}
    long = scores_of(case, Answer(case.slug, exact, texts))
    for name in OBSERVABLES:
        # Rounding to nearest costs at most half a unit in the last place.
        assert DIGITS_OF_DOUBLES <= doubles[name].digits <= 17
        assert doubles[name].lost == 0
        # The radius of a decimal of 40 digits is at least half a unit of the last.
        assert TABLE.digits - 2 < long[name].digits <= TABLE.digits
        assert not doubles[name].wrong_sign


@pytest.mark.parametrize("error", [1e-3, 1e-8, 1e-13])
def test_digits_are_the_logarithm_of_the_relative_error(error):
    found = scores_of(
        FULL, Answer(FULL.slug, {n: v * (1 + error) for n, v in rounded(FULL).items()})
    )
    for name in ("particle_number", "exergy", "exergy_gap"):
        # The perturbed double is itself rounded: 2^-53 beside 1e-13 moves the logarithm by 5e-4.
        assert found[name].digits == pytest.approx(-math.log10(error), abs=1e-3)
        assert found[name].error == pytest.approx(error, rel=3e-3)


def test_a_value_that_is_exactly_zero_is_measured_by_the_size_it_may_have():
    assert EQUILIBRIUM.values["charge_current"].value == "0"
    hopping = float(max(EQUILIBRIUM.junction.left.hopping, EQUILIBRIUM.junction.right.hopping))
    values = rounded(EQUILIBRIUM) | {"charge_current": 1e-12 * hopping, "exergy": -1e-9}
    found = scores_of(EQUILIBRIUM, Answer(EQUILIBRIUM.slug, values))
    assert found["charge_current"].digits == pytest.approx(12)
    assert found["exergy"].digits == pytest.approx(9)
    assert not found["exergy"].wrong_sign


def test_each_way_of_giving_no_number_has_its_own_outcome():
    answer = parse_answer(json.dumps({"id": FULL.slug, "values": {"energy": None, "exergy": 0.1}}))
    found = scores_of(FULL, answer)
    assert found["energy"].outcome == "not a number"
    assert found["exergy"].outcome == "number"
    assert found["entropy"].outcome == "missing"
    partly = scores_of(FULL, replace(answer, refusal="not implemented"))
    assert (partly["entropy"].outcome, partly["entropy"].got) == ("refused", "not implemented")
    assert partly["exergy"].outcome == "number"
    failed = scores_of(FULL, Failure(FULL.slug, "timeout"))
    assert {s.outcome for s in failed.values()} == {"failed"}
    unanswered = score([FULL], {}, OBSERVABLES)
    assert {s.outcome for s in unanswered} == {"missing"}
    assert set(OUTCOMES) == {"number", "missing", "not a number", "refused", "failed"}


def test_a_flipped_sign_is_called_wrong_and_a_rounding_error_across_zero_is_not():
    flipped = scores_of(FULL, Answer(FULL.slug, {n: -v for n, v in rounded(FULL).items()}))
    assert all(s.wrong_sign for s in flipped.values() if float(s.expected) != 0)
    # An energy that all but cancels: its scale is the integral of the magnitude.
    value = replace(
        FULL.values["energy"], value="1e-17", radius="1e-50", absolute_integral="1", condition=1e17
    )
    case = replace(FULL, values=FULL.values | {"energy": value})
    noise = scores_of(case, Answer(case.slug, {"energy": -1e-17}))["energy"]
    assert not noise.wrong_sign
    assert noise.digits == pytest.approx(-math.log10(2e-17))
    mistake = scores_of(case, Answer(case.slug, {"energy": -1e-3}))["energy"]
    assert mistake.wrong_sign


def test_digits_lost_by_nature_are_not_held_against_the_method():
    kappa = 1e6
    value = replace(FULL.values["exergy"], condition=kappa)
    case = replace(FULL, values=FULL.values | {"exergy": value})
    right = float(value.value)
    nature = scores_of(case, Answer(case.slug, {"exergy": right * (1 + kappa * 2.0**-54)}))[
        "exergy"
    ]
    assert nature.attainable == pytest.approx(DIGITS_OF_DOUBLES - 6)
    assert nature.digits < 10.5
    assert nature.lost == 0
    method = scores_of(case, Answer(case.slug, {"exergy": right * (1 + 1e-4)}))["exergy"]
    assert method.lost == pytest.approx(DIGITS_OF_DOUBLES - 6 - 4, abs=1e-3)


def test_an_estimate_is_honest_if_it_bounds_the_true_error():
    right = rounded(FULL)
    values = {name: right[name] * (1 + 1e-6) for name in ("energy", "entropy", "exergy")}
    error = {name: abs(values[name] - right[name]) for name in values}
    answer = Answer(
        FULL.slug,
        values,
        estimates={"energy": 2 * error["energy"], "entropy": 0.1 * error["entropy"]},
        bad_estimates={"exergy": "NaN"},
    )
    found = scores_of(FULL, answer)
    # The errors of 1e-6 are known to 1e-10 from doubles.
    assert found["energy"].ratio == pytest.approx(0.5, rel=1e-8)
    assert found["entropy"].ratio == pytest.approx(10, rel=1e-8)
    assert [found[n].understated for n in values] == [False, True, True]
    assert found["particle_number"].ratio is None
    summary = summarise(found.values(), lambda s: ())[()]
    assert (summary.estimates, summary.understated, summary.ratio) == (3, 2, math.inf)


def test_a_summary_keeps_worst_tenth_and_median():
    values = rounded(FULL)
    names = [name for name in OBSERVABLES if values[name] != 0][:11]
    wrong = {name: values[name] * (1 + 10.0**-n) for n, name in enumerate(names, start=1)}
    found = [s for s in scores_of(FULL, Answer(FULL.slug, wrong)).values() if s.observable in names]
    summary = summarise(found, lambda s: (s.regime,))["full",]
    digits = sorted(s.digits for s in found)
    assert summary.worst.digits == digits[0]
    assert (summary.tenth, summary.median) == (digits[1], digits[5])
    assert summary.outcomes["number"] == summary.count == 11


FAULTS = {
    "line": ({}, (Failure("", "garbage"),)),
    "missing": ({"energy": "drop"}, ()),
    "a number": ({"energy": "nan"}, ()),
    "sign": ({"exergy": -1.0}, ()),
    "6 digits": ({"exergy": 1.0 + 1e-5}, ()),
    "median": ({}, ()),
    "lost": ({"exergy": 1.0 + 1e-9}, ()),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_threshold_is_broken_by_its_fault(fault):
    changes, failures = FAULTS[fault]
    answer = Answer(FULL.slug, rounded(FULL))
    for name, change in changes.items():
        value = answer.values.pop(name)
        if change == "nan":
            answer.not_numbers[name] = "NaN"
        elif change != "drop":
            answer.values[name] = value * change
    goals = Thresholds(6.0, min_median=17.5 if fault == "median" else 12, digits_lost=4)
    verdicts = requirements(score([FULL], {FULL.slug: answer}, OBSERVABLES), failures, goals)
    broken = [r.claim for r in verdicts if not r.met]
    assert any(fault in claim for claim in broken)
    right = requirements(
        score([FULL], {FULL.slug: Answer(FULL.slug, rounded(FULL))}, OBSERVABLES),
        (),
        Thresholds(6.0, 12, 4),
    )
    assert all(r.met for r in right)


def test_refusals_break_no_threshold_but_nothing_at_all_does_not_conform():
    refused = Answer(BOUND.slug, refusal="bound states")
    both = {FULL.slug: Answer(FULL.slug, rounded(FULL)), BOUND.slug: refused}
    assert all(
        r.met for r in requirements(score((FULL, BOUND), both, OBSERVABLES), (), Thresholds())
    )
    alone = score((BOUND,), {BOUND.slug: refused}, OBSERVABLES)
    assert not all(r.met for r in requirements(alone, (), Thresholds()))
