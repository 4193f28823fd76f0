"""Made-up rows and the records made of them."""

import math

from hypothesis import strategies as st

from validation.cases import corner_cases, paper_cases
from validation.checks import MODEL, Row, Verdict
from validation.record import build_record
from validation.runner import summarise

CASES = (paper_cases()[0], *corner_cases()[:3])
OPTIONS = {"quick": True, "seed": 3, "random": 4, "digits": 30, "only": [], "case": ["cold-*"]}
RUN = {"started": "2024-07-31T12:00:00+00:00", "seconds": 1.5, "workers": 2}


def record_of(rows, options=OPTIONS):
    """Return the record of a run that ended with these rows."""
    return build_record(options, CASES, rows, summarise(rows), RUN)


def row(error=1e-14, verdict=Verdict.AGREED, observable="exergy", case=CASES[1], **changed):
    """Return one row of the check ``observables``."""
    given = {
        "check": "observables", "case": case.slug, "group": case.group, "observable": observable,
        "verdict": verdict, "error": error, "tolerance": 1e-10,
    }  # fmt: skip
    return Row(**(given | changed))


def _errors():
    scales = st.floats(-40, 3).map(lambda exponent: math.pow(10, exponent))
    return st.one_of(scales, st.sampled_from([0.0, math.inf, math.nan]))


@st.composite
def rows(draw):
    """Draw the rows of a run: of checks with and without cases, with every verdict."""
    found = []
    for check in draw(st.sets(st.sampled_from(["derivations", "observables", "sum-rule"]))):
        cases = [(MODEL, MODEL)] if check == "derivations" else [(c.slug, c.group) for c in CASES]
        for slug, group in cases:
            for observable in draw(st.sets(st.sampled_from(["", "energy", "entropy", "exergy"]))):
                unanswered = not observable or draw(st.integers(0, 4)) == 0
                verdicts = ("refused", "crashed") if unanswered else ("agreed", "disagreed")
                verdict = Verdict(draw(st.sampled_from(verdicts)))
                error = 0.0 if unanswered else draw(_errors())
                found.append(
                    Row(check, slug, group, observable, verdict, error, error, 0.0, 1e-10, "a")
                )
    return found


def records():
    """Draw records."""
    return rows().map(record_of)
