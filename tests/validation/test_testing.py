"""`validation.testing`: another implementation's tests against the reference table."""

import json
import re
from dataclasses import asdict
from fractions import Fraction

import numpy as np
import pytest

import qbnum
from tests.validation.wrong_implementations import solve
from validation.conformance.protocol import input_line
from validation.conformance.scoring import DIGITS_OF_DOUBLES
from validation.junctions import by_position
from validation.reference_table import load_table
from validation.references import OBSERVABLES
from validation.testing import assert_matches_reference, reference_junctions

CASE = "paper-level0.4-bias0.5-gradient0"


def right(junction):
    """Return what qbnum gives, bound states included."""
    occupations = by_position(junction, junction.bound_state_occupations)
    return qbnum.steady_state(junction, bound_states=occupations)


def answers(**changed):
    """Return a function that is right but for these observables."""

    def fn(junction):
        state = right(junction)
        return {name: getattr(state, name) for name in OBSERVABLES} | changed

    return fn


def refusal_of(fn, **options):
    """Return the message of the assertion that must fail."""
    with pytest.raises(AssertionError) as caught:
        assert_matches_reference(fn, **options)
    return str(caught.value)


def row(message, observable):
    """Return the cells of an observable's row, which are two or more spaces apart."""
    (line,) = (line for line in message.splitlines() if observable in line.split()[1:2])
    return re.split(r"  +", line.strip())


def test_a_right_implementation_passes_bound_states_included():
    scores = assert_matches_reference(right, regime="bound-state", digits=12)
    junctions = reference_junctions("bound-state")
    assert any(junction.bound_state_occupations for junction in junctions)
    assert len(scores) == 17 * len(junctions)
    assert min(score.digits for score in scores) >= 12


def test_the_junctions_carry_the_names_and_numbers_of_the_protocol():
    cases = load_table().by_slug
    for junction in reference_junctions():
        # JSON knows no tuples.
        assert json.loads(json.dumps(asdict(junction))) == json.loads(
            input_line(cases[junction.id])
        )


def test_a_well_known_mistake_is_named_with_its_remedy_and_the_worst_case_first():
    message = refusal_of(
        lambda junction: solve(asdict(junction), "printed-self-energy"),
        cases="paper-level0.4-bias0.*-gradient0",
    )
    assert "Likely mistake: the printed sign of Re Sigma (printed-self-energy)" in message
    assert "Remedy: Sigma = v^2/(2 h^2)" in message
    lines = message.split("needed\n")[1].split("  ... and")[0].splitlines()
    rows = [line.split() for line in lines if "wrong sign" not in line]
    shortfalls = [float(cells[-1]) - float(cells[-2]) for cells in rows]
    assert len(shortfalls) > 5
    assert shortfalls == sorted(shortfalls, reverse=True)
    worst = lines[0].split()[0]
    assert f"qbval reference show {worst}" in message
    assert f"reference_junctions(cases='{worst}')[0]" in message
    assert re.search(r"\.\.\. and \d+ more", message)


def test_a_row_shows_what_came_what_is_right_and_how_far_it_is():
    exact = load_table().by_slug[CASE].values["energy"].enclosure.mid
    off = float(exact) * (1 + 1e-4)
    message = refusal_of(answers(energy=off), cases=CASE, digits=10)
    assert row(message, "energy")[:3] == [CASE, "energy", repr(off)]
    assert float(row(message, "energy")[3]) == pytest.approx(float(exact), rel=1e-15)
    assert row(message, "energy")[4:] == ["4.0", "10.0"]
    assert message.startswith("1 of 17 values at 1 junctions")


def test_a_wrong_sign_is_said():
    state = right(reference_junctions(cases=CASE)[0])
    message = refusal_of(answers(charge_current=-state.charge_current), cases=CASE)
    assert row(message, "charge_current")[4] == "0.0 wrong sign"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "0.4", 0.4 + 0j, [0.4], True])
def test_what_is_no_number_is_shown_as_it_is(value):
    message = refusal_of(answers(exergy=value), cases=CASE)
    assert row(message, "exergy")[2] == repr(value)
    assert row(message, "exergy")[4] == "not a number"


def test_numbers_of_any_kind_are_numbers():
    state = right(reference_junctions(cases=CASE)[0])
    kinds = {
        "energy": np.float64(state.energy),
        "entropy": np.array(state.entropy),
        "exergy": Fraction(state.exergy),
    }
    assert_matches_reference(answers(**kinds), cases=CASE)


def test_a_missing_observable_is_wrong_unless_it_is_not_asked_for():
    def fn(junction):
        return {"energy": right(junction).energy}

    message = refusal_of(fn, cases=CASE)
    assert row(message, "exergy")[-2] == "missing"
    assert "observables=[...]" in message
    (score,) = assert_matches_reference(fn, cases=CASE, observables="energy")
    assert score.observable == "energy"


def test_an_exception_is_reported_and_chained():
    def fn(junction):
        if junction.id == CASE:
            return 1 / 0
        return right(junction)

    with pytest.raises(AssertionError) as caught:
        assert_matches_reference(fn, cases=[CASE, "weak-1e-6"])
    assert f"{CASE}: ZeroDivisionError: division by zero" in str(caught.value)
    assert "raised at 1 of them" in str(caught.value)
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_refusals_are_not_compared_but_not_everything_may_be_refused():
    def fn(junction):
        # Without an occupation: its currents are there, what needs an occupation raises.
        return qbnum.steady_state(junction)

    bound = next(j.id for j in reference_junctions("bound-state"))
    scores = assert_matches_reference(fn, cases=[bound, CASE], refusals=qbnum.BoundStateError)
    by_name = {(score.case, score.observable): score.outcome for score in scores}
    assert by_name[bound, "exergy"] == "refused"
    assert by_name[bound, "charge_current"] == by_name[CASE, "exergy"] == "number"
    assert "BoundStateError" in refusal_of(fn, cases=bound)
    message = refusal_of(
        fn, cases=bound, observables=["exergy", "entropy"], refusals=qbnum.BoundStateError
    )
    assert message.startswith("nothing was compared")


def test_less_is_asked_where_the_inputs_rounding_takes_more():
    case = load_table().by_slug["weak-cold"]
    kappa = case.values["charge_current"].condition
    exact = float(case.values["charge_current"].enclosure.mid)

    def off(relative):
        return lambda junction: {"charge_current": exact * (1 + relative)}

    options = {"cases": "weak-cold", "observables": "charge_current"}
    attainable = DIGITS_OF_DOUBLES - np.log10(kappa)
    assert attainable < 11
    assert_matches_reference(off(10 ** -(attainable - 0.9)), **options)
    message = refusal_of(off(10 ** -(attainable - 1.1)), **options)
    assert float(row(message, "charge_current")[-1]) == pytest.approx(attainable - 1, abs=0.06)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"regime": "weka"}, "no regime 'weka'; there are .*weak"),
        ({"regime": []}, "no case matches"),
        ({"cases": "paper-level9*"}, "no case matches.*paper-level9.*qbval reference show"),
        ({"cases": CASE, "regime": "weak"}, "no case matches"),
        ({"observables": "exegy"}, "exegy.*there are .*exergy"),
        ({"observables": []}, "there are .*exergy"),
        ({"digits": 0}, "outside its domain"),
        ({"digits": 16}, "outside its domain"),
        ({"digits": float("nan")}, "outside its domain"),
    ],
)
def test_a_bad_request_is_refused_before_anything_is_computed(options, message):
    with pytest.raises(ValueError, match=message):
        assert_matches_reference(lambda junction: pytest.fail("was called"), **options)
