"""Bound states without an occupation: both layers must refuse, and refuse the same observables.

The steady state does not fix a bound state's occupation; an observable that needs it must raise a
typed error, never be a number. May import: everything.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import qbnum
import validation
from validation.checks.base import Check, Context, Row, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["CHECKS"]

DIGITS = 10
"""Of the observables that are not refused; their values are not looked at here."""


def _refusals(context: Context) -> Iterator[Row]:
    case = context.case
    for policy in ("error", "exclude"):
        state = qbnum.steady_state(case.junction, bound_states=policy)
        by_qbnum = {name for name in qbnum.OBSERVABLES if name not in state.available}
        reference = validation.reference(case.junction, digits=DIGITS, bound_states=policy)
        by_reference = {
            name
            for name, error in reference.refusals.items()
            if isinstance(error, validation.BoundStateError)
        }
        agreed = by_qbnum == by_reference and bool(by_qbnum)
        yield Row(
            check="refusals",
            case=case.slug,
            group=case.group,
            observable=f"bound_states={policy!r}",
            verdict=Verdict.AGREED if agreed else Verdict.DISAGREED,
            error=0.0 if agreed else math.inf,
            value=", ".join(sorted(by_qbnum)),
            expected=", ".join(sorted(by_reference)),
        )


CHECKS = (
    Check(
        name="refusals",
        claim="Without a bound state's occupation both layers refuse the same observables.",
        tolerance="none: the two lists are equal",
        run=_refusals,
        applies=lambda case: "pole-outside" in case.difficulties,
        counts_digits=False,
    ),
)
