"""Every limit of qbsym's catalogue against the reference: does it approach as it claims?

May import: qbsym, validation.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from mpmath import mp

from qbsym import limits
from validation.checks.base import MODEL, Check, Row, Verdict
from validation.limit_orders import TOLERANCE, Measurement, measure_all

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["CHECKS"]

POINTS = 2
"""The two smallest epsilons: the order is theirs; the farther ones are for a look at the table."""


def _orders(digits: int) -> Iterator[Row]:
    for family in limits.families():
        entries = [entry for entry in limits.limits() if entry.family == family]
        yield from map(_row, measure_all(entries, POINTS))


def _row(found: Measurement) -> Row:
    entry = found.entry
    at = ", ".join(f"{mp.nstr(d, 4)} at epsilon = {e}" for d, e in _seen(found))
    what = {"power": "order", "rate": "rate over claimed rate", "exact": "order"}[found.kind]
    return Row(
        check="limits",
        case=f"{entry.family}:{entry.order}",
        group=MODEL,
        observable=entry.observable,
        verdict=Verdict.AGREED if found.agreed else Verdict.DISAGREED,
        error=found.error if math.isfinite(found.error) else math.inf,
        tolerance=TOLERANCE,
        value=f"{what} {found.measured:.4f}: deviation {at}",
        expected=f"{what} {found.claimed:g}",
    )


def _seen(found: Measurement) -> list[tuple[object, object]]:
    return list(zip(found.differences, found.epsilons, strict=True))


CHECKS = (
    Check(
        name="limits",
        claim="Each analytic limit is approached with the order, or at the rate, that it claims.",
        tolerance=(
            f"the measured order (or rate over its claim) may be off by {TOLERANCE:g}: the term "
            "after the first of the remainder"
        ),
        run=_orders,
        counts_digits=False,
    ),
)
