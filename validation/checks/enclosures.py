"""The certified enclosures against the independent quadrature: do the two references overlap?

Arb's enclosures are proofs as long as the code that makes them is right; mpmath's quadrature, in
another variable, with other panels, rules and arithmetic, would show if it is not.
May import: everything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import validation
from qbnum import OBSERVABLES
from validation.checks.base import REFUSALS, Check, Context, Row, Verdict, refused
from validation.enclosure import distance

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["CHECKS"]


def _overlap(context: Context) -> Iterator[Row]:
    case = context.case
    certified = context.reference
    independent = validation.reference(
        case.junction, context.digits, bound_states=case.bound_states, backend="mpmath"
    )
    for name in OBSERVABLES:
        try:
            proven, estimated = certified[name], independent[name]
        except REFUSALS as refusal:
            yield refused("enclosures", case, name, refusal)
            continue
        gap, room = distance(proven, estimated.mid), proven.radius + estimated.radius
        used = float(gap / room) if room else float(gap > 0)
        scale = proven.absolute_integral
        yield Row(
            check="enclosures",
            case=case.slug,
            group=case.group,
            observable=name,
            verdict=Verdict.AGREED if proven.overlaps(estimated) else Verdict.DISAGREED,
            error=used,
            plain=float(gap / abs(proven.mid)) if proven.mid else 0.0,
            scaled=float(gap / scale) if scale else 0.0,
            tolerance=1.0,
            value=str(proven),
            expected=str(estimated),
        )


CHECKS = (
    Check(
        name="enclosures",
        claim="The certified enclosures overlap those of the independent mpmath quadrature.",
        tolerance=(
            "the two radii: the figure is the distance of the midpoints over the sum of the radii"
        ),
        run=_overlap,
        applies=lambda case: True,
        counts_digits=False,
        precise=True,
    ),
)
