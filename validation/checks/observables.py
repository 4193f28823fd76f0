"""qbnum against the reference: is every observable accurate, and is its error estimate honest?

Two separate contracts: a value may be poor, or its estimate may understate how poor; each is a
defect of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mpmath import mpf

from qbnum import OBSERVABLES
from validation import metrics
from validation.checks.base import REFUSALS, Check, Context, Row, Verdict, compare, goal, refused
from validation.enclosure import Enclosure, distance

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["CHECKS"]


def _each(check: str, context: Context) -> Iterator[Row | tuple[str, float, Enclosure]]:
    """Yield every observable's value and reference, or the row of a refusal."""
    reference, state = context.reference, context.state
    for name in OBSERVABLES:
        try:
            value, enclosure = float(getattr(state, name)), reference[name]
        except REFUSALS as refusal:
            yield refused(check, context.case, name, refusal)
        else:
            yield name, value, enclosure


def _accurate(context: Context) -> Iterator[Row]:
    case = context.case
    for item in _each("observables", context):
        if isinstance(item, Row):
            yield item
        else:
            yield compare("observables", case, *item, tolerance=goal(case.group))


def _honest(context: Context) -> Iterator[Row]:
    case, state = context.case, context.state
    for item in _each("honesty", context):
        if isinstance(item, Row):
            yield item
            continue
        name, value, enclosure = item
        estimate = float(state.error_estimate[name])
        found = metrics.compare(value, enclosure)
        # What the reference itself does not know cannot be held against the estimate.
        error = max(distance(value, enclosure) - enclosure.radius, mpf(0))
        ratio = float(error / max(mpf(estimate), mpf(metrics.SMALLEST_NORMAL)))
        yield Row(
            check="honesty",
            case=case.slug,
            group=case.group,
            observable=name,
            verdict=Verdict.AGREED if ratio <= 1 else Verdict.DISAGREED,
            error=ratio,
            plain=found.relative,
            scaled=found.scaled,
            tolerance=1.0,
            value=f"{value!r} +- {estimate:.2g}",
            expected=str(enclosure),
        )


CHECKS = (
    Check(
        name="observables",
        claim="Every observable of qbnum agrees with the arbitrary-precision reference.",
        tolerance="1e-12 on the paper's cases, 1e-10 elsewhere: the project's stated goals",
        run=_accurate,
        applies=lambda case: True,
    ),
    Check(
        name="honesty",
        claim="The true error of every observable lies within qbnum's own error estimate.",
        tolerance="the estimate itself: the figure is |error| / estimate, and must not exceed 1",
        run=_honest,
        applies=lambda case: True,
        counts_digits=False,
    ),
)
