"""Two records held against each other: what got worse is found, and nothing else is."""

import copy
import dataclasses
import math

import pytest
from hypothesis import given

from tests.validation.records import CASES, OPTIONS, record_of, records, row
from validation.checks import MODEL, Row, Verdict
from validation.compare import FLOOR, compare

DISAGREED, REFUSED, CRASHED = Verdict.DISAGREED, Verdict.REFUSED, Verdict.CRASHED


def _compare(old, new):
    return compare(record_of(old), record_of(new))


def _names(changes):
    return {(c.check, c.case, c.observable, c.old, c.new, c.digits) for c in changes}


def _turned(changes):
    return {
        (c.check, c.case, c.observable, c.new, c.old, None if c.digits is None else -c.digits)
        for c in changes
    }


@given(records())
def test_a_record_differs_in_nothing_from_itself(record):
    found = compare(record, copy.deepcopy(record))
    assert not found.got_worse
    assert (found.worse, found.better, found.refused, found.answered) == ((), (), (), ())
    assert (found.verdicts, found.only_old, found.only_new) == ((), {}, {})
    assert (found.versions, found.options) == ({}, {})
    assert found.compared == sum(
        len(case) for cases in record["results"].values() for case in cases.values()
    )


@given(records(), records())
def test_what_is_worse_one_way_is_better_the_other_way(old, new):
    there, back = compare(old, new), compare(new, old)
    assert there.compared == back.compared
    assert _names(there.worse) == _turned(back.better)
    assert _names(there.better) == _turned(back.worse)
    assert _names(there.refused) == _turned(back.answered)
    assert _names(there.answered) == _turned(back.refused)
    assert (there.only_old, there.only_new) == (back.only_new, back.only_old)
    assert [(v.check, v.old, v.new) for v in there.verdicts] == [
        (v.check, v.new, v.old) for v in back.verdicts
    ]
    changed = [*there.worse, *there.better, *there.refused, *there.answered]
    assert len({(c.check, c.case, c.observable) for c in changed}) == len(changed)
    # What changed verdict is worse one way and better the other, never both and never neither.
    assert [v.worse for v in there.verdicts] == [not v.worse for v in back.verdicts]


def test_a_lost_digit_is_worse_and_less_is_not():
    (change,) = _compare([row(1e-14)], [row(1e-13)]).worse
    assert (change.old, change.new, change.digits, change.verdict) == (1e-14, 1e-13, -1, "agreed")
    assert (change.check, change.case, change.observable) == (
        "observables", CASES[1].slug, "exergy",
    )  # fmt: skip
    assert not _compare([row(1e-14)], [row(9.9e-14)]).got_worse
    assert len(_compare([row(1e-13)], [row(1e-14)]).better) == 1


def test_errors_of_a_few_roundings_count_as_equal():
    found = _compare([row(0.0), row(1e-40, observable="energy")],
                     [row(8e-16), row(8e-16, observable="energy")])  # fmt: skip
    assert (found.compared, found.worse, found.better) == (2, (), ())
    (change,) = _compare([row(0.0)], [row(FLOOR * 100)]).worse
    assert change.digits == pytest.approx(-2, abs=0.01)


def test_of_an_error_that_is_no_relative_one_only_leaving_its_tolerance_counts():
    """A hundredth or a millionth of the error that qbnum claims: it kept its word either way."""
    old = row(1e-8, check="honesty", tolerance=1.0)
    found = _compare([old], [dataclasses.replace(old, error=1e-2)])
    assert (found.compared, found.worse, found.better) == (1, (), ())
    wrong = dataclasses.replace(old, error=2.0, verdict=DISAGREED)
    (change,) = _compare([old], [wrong]).worse
    assert (change.new, change.digits) == (2.0, None)


def test_a_comparison_that_disagrees_now_is_worse_by_however_little():
    """Also in a check that disagreed before, whose verdict tells nothing of it."""
    other = row(1e-3, DISAGREED, "energy")
    found = _compare([row(0.9e-10), other], [row(1.1e-10, DISAGREED), other])
    (change,) = found.worse
    assert (change.observable, change.verdict) == ("exergy", "disagreed")
    assert found.verdicts == ()
    assert found.got_worse


@pytest.mark.parametrize("error", [math.inf, math.nan])
def test_an_error_that_is_no_number_is_worse_than_any(error):
    found = _compare([row(1e-3, DISAGREED)], [row(error, DISAGREED)])
    (change,) = found.worse
    assert (change.new, change.digits) == (repr(error), -math.inf)


def test_the_standing_of_an_answer_falls_from_agreed_to_refused_to_wrong_to_crashed():
    steps = [row(), row(0.0, REFUSED), row(1e-3, DISAGREED), row(0.0, CRASHED)]
    for i, old in enumerate(steps):
        for j, new in enumerate(steps):
            found = _compare([old], [new])
            assert found.got_worse == (j > i)
            assert bool(found.worse or found.refused) == (j > i)
            assert bool(found.better or found.answered) == (j < i)
            # A refusal of what was answered is told apart from what is answered worse.
            assert bool(found.refused) == (j > i and j in (1, 3) and i in (0, 2))


def test_a_check_refused_as_a_whole_stands_against_all_that_it_answered():
    answered = [row(), row(observable="energy")]
    found = _compare(answered, [row(0.0, REFUSED, "")])
    (change,) = found.refused
    assert (change.observable, change.old, change.new) == ("", "answered", "refused")
    assert (found.only_old, found.only_new) == ({}, {})
    (change,) = _compare(answered, [answered[0], row(0.0, CRASHED, "")]).refused
    assert (change.observable, change.new) == ("", "crashed")


def test_the_worst_comes_first():
    names = ("energy", "entropy", "exergy")
    old = [row(1e-14, observable=name) for name in names]
    new = [
        row(error, verdict, name)
        for name, error, verdict in zip(
            names, (1e-12, 1e-9, 1e-11), (Verdict.AGREED, DISAGREED, Verdict.AGREED), strict=True
        )
    ]
    assert [c.observable for c in _compare(old, new).worse] == ["entropy", "exergy", "energy"]


def test_what_is_in_one_record_only_is_counted_and_not_worse():
    step = Row("derivations", "dispersion", MODEL, "step 1", Verdict.AGREED)
    old = [row(), row(observable="energy"), row(case=CASES[0])]
    found = _compare(old, [row(), step])
    assert (found.only_old, found.only_new) == ({"observables": 2}, {"derivations": 1})
    assert (found.compared, found.got_worse) == (1, False)


def test_a_check_whose_verdict_falls_is_worse():
    """Here because nothing is left to agree: the comparison is not in the new record."""
    found = _compare([row()], [row(0.0, REFUSED, case=CASES[2])])
    (change,) = found.verdicts
    assert (change.check, change.old, change.new, change.worse) == (
        "observables", "agreed", "empty", True,
    )  # fmt: skip
    assert found.got_worse


def test_versions_and_options_that_differ_are_named():
    old = record_of([row()])
    new = record_of([row()], OPTIONS | {"digits": 40})
    new["versions"]["numpy"] = "9.9"
    new["run"]["platform"] = "elsewhere"
    del new["versions"]["gmpy2"]
    found = compare(old, new)
    assert found.options == {"digits": (30, 40)}
    assert found.versions == {
        "numpy": (old["versions"]["numpy"], "9.9"),
        "gmpy2": (old["versions"]["gmpy2"], None),
        "platform": (old["run"]["platform"], "elsewhere"),
    }
    assert not found.got_worse
