"""The run: nothing is passed over, and the result does not depend on the number of workers."""

import math
import time

import pytest

import qbnum
from validation import checks, runner
from validation.cases import corner_cases, paper_cases
from validation.checks import CHECKS, Check, Row, Verdict
from validation.commands.run import select_cases
from validation.record import overall
from validation.runner import digits_of, execute, perform, plan, summarise

CHEAP = ("sum-rule", "bounds", "exchange")
CASE = "paper-level0.4-bias0.5-gradient0"


def _paper(slug=CASE):
    return next(case for case in paper_cases() if case.slug == slug)


def _corner(slug):
    return next(case for case in corner_cases() if case.slug == slug)


def _row(verdict=Verdict.AGREED, group="corner", error=1e-14, check="observables"):
    return Row(check, "cold-1e-5", group, "exergy", verdict, error=error, tolerance=1e-10)


@pytest.fixture
def fake(monkeypatch):
    """Return a function that registers a check made of one callable."""

    def register(run):
        check = Check("fake", "A claim.", "none", run, applies=lambda case: True)
        monkeypatch.setitem(CHECKS, "fake", check)

    return register


def test_every_check_states_a_claim_and_a_reasoned_tolerance():
    for name, check in CHECKS.items():
        assert name == check.name
        assert check.claim.endswith(".")
        assert check.tolerance


def test_the_plan_holds_one_task_for_each_case_and_each_caseless_check():
    cases = select_cases(quick=True, seed=1, random=2)
    tasks = plan(cases)
    assert [t.case for t in tasks if t.case is not None] == list(cases)
    assert {t.checks for t in tasks if t.case is None} == {
        (name,) for name, check in CHECKS.items() if check.applies is None
    }


@pytest.mark.slow
def test_the_result_does_not_depend_on_the_number_of_workers():
    tasks = plan([_paper(), _corner("cold-1e-5"), _corner("level-2.3")], CHEAP)
    assert execute(tasks, workers=1) == execute(tasks, workers=2)


def test_progress_is_reported_for_every_task():
    seen = []
    tasks = plan([_paper(), _corner("level-2.3")], ["sum-rule"])
    execute(tasks, 1, seen.append)
    assert sorted(seen) == [0, 1]


def test_a_crash_becomes_a_row_that_disagrees(fake):
    def crash(context):
        yield _row(check="fake")
        raise ZeroDivisionError("no such luck")

    fake(crash)
    rows = perform(runner.Task(("fake",), 30, _corner("cold-1e-5")))
    assert [row.verdict for row in rows] == [Verdict.AGREED, Verdict.CRASHED]
    assert "no such luck" in rows[1].value
    assert summarise(rows)[0].verdict == "disagreed"


def test_a_check_that_never_ends_becomes_a_crash(fake, monkeypatch):
    def sleepy(context):
        time.sleep(30)
        yield _row(check="fake")

    fake(sleepy)
    monkeypatch.setattr(runner, "PATIENCE", 1)
    (row,) = perform(runner.Task(("fake",), 30, _corner("cold-1e-5")))
    assert row.verdict is Verdict.CRASHED
    assert "no answer within 1 s" in row.value


def test_a_typed_refusal_is_counted_and_not_passed(fake):
    def refuse(context):
        raise qbnum.ConvergenceError("not resolved")

    fake(refuse)
    for case, verdict in ((_corner("cold-1e-5"), "empty"), (_paper(), "disagreed")):
        rows = perform(runner.Task(("fake",), 30, case))
        assert [row.verdict for row in rows] == [Verdict.REFUSED]
        (summary,) = summarise(rows)
        assert (summary.refused, summary.verdict) == (1, verdict)


def test_a_refusal_is_allowed_on_a_corner_but_not_on_the_paper_s_cases():
    on_corner = [_row(), _row(Verdict.REFUSED)]
    on_paper = [_row(group="paper"), _row(Verdict.REFUSED, group="paper")]
    assert summarise(on_corner)[0].verdict == "agreed"
    assert summarise(on_paper)[0].verdict == "disagreed"


def test_the_overall_verdict_needs_something_compared():
    assert overall([]) == "empty"
    assert overall(summarise([_row(Verdict.REFUSED)])) == "empty"
    assert overall(summarise([_row()])) == "agreed"
    assert overall(summarise([_row(), _row(Verdict.DISAGREED)])) == "disagreed"


def test_the_worst_rows_are_those_that_use_most_of_their_tolerance():
    rows = [_row(error=10.0**-n) for n in (13, 11, 12, 15, 16, 14, 17)]
    (summary,) = summarise(rows)
    assert [row.error for row in summary.worst] == [1e-11, 1e-12, 1e-13, 1e-14, 1e-15]
    assert summary.worst_error == 1e-11
    assert summary.digits == 11


def test_an_error_that_is_no_number_is_the_worst_wherever_it_stands():
    rows = [_row(error=1e-13), _row(Verdict.DISAGREED, error=math.nan), _row(error=1e-12)]
    for order in (rows, rows[::-1]):
        (summary,) = summarise(order)
        assert math.isnan(summary.worst_error)
        assert [row.error for row in summary.worst[1:]] == [1e-12, 1e-13]


@pytest.mark.parametrize(
    ("error", "digits"),
    [(0.0, 17.0), (1e-12, 12.0), (1e-30, 17.0), (2.0, 0.0), (math.inf, 0.0), (math.nan, 0.0)],
)
def test_digits_are_total(error, digits):
    assert digits_of(error) == digits


def test_the_fast_checks_agree_on_a_paper_case_and_on_corners():
    cases = [_paper(), _corner("cold-1e-5"), _corner("strong-two-bound-states")]
    names = [
        "pointwise", "sum-rule", "moments", "identities", "bounds", "exchange", "particle-hole",
        "scale", "shift", "equilibrium", "onsager",
    ]  # fmt: skip
    rows = execute(plan(cases, names))
    assert [row for row in rows if row.verdict is not Verdict.AGREED] == []
    assert {row.check for row in rows} == set(names)


def test_the_printed_self_energy_is_told_from_the_right_one():
    rows = execute(plan([], ["erratum"]))
    assert {row.case: row.verdict for row in rows} == {
        "right Sigma": Verdict.AGREED,
        "printed Sigma": Verdict.AGREED,
        "printed Sigma misses 1": Verdict.AGREED,
    }
    printed = next(row for row in rows if row.case == "printed Sigma")
    assert printed.value.startswith("0.972006")


def test_the_erratum_check_fails_if_the_printed_form_kept_the_sum_rule(monkeypatch):
    import qbsym

    monkeypatch.setattr(qbsym, "printed_spectral_function", qbsym.spectral_function)
    rows = execute(plan([], ["erratum"]))
    assert summarise(rows)[0].disagreed == 2


def test_checks_are_reachable_by_name():
    assert checks.CHECKS["observables"].counts_digits
