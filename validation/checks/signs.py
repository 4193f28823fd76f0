"""Inequalities: what can never be negative, and what can never exceed a bound.

The relative entropy and the entropy production are >= 0, entropy lies between 0 and ln 2, and by
Jensen's inequality both gaps are >= 0 (the paper's (A6)-(A7), with the right reading of (A5)).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

import qbnum
from validation.checks.base import Check, Context, Row, Verdict
from validation.junctions import bound_energies

if TYPE_CHECKING:
    from collections.abc import Iterator

    from validation.cases import Case

__all__ = ["CHECKS"]

NOT_NEGATIVE = (
    "spectral_weight",
    "particle_number",
    "equilibrium_particle_number",
    "entropy",
    "equilibrium_entropy",
    "two_state_entropy",
    "exergy",
    "two_state_exergy",
    "entropy_production",
    "entropy_gap",
    "exergy_gap",
)
BOUNDED = {
    "spectral_weight": 1.0,
    "particle_number": 1.0,
    "equilibrium_particle_number": 1.0,
    "entropy": math.log(2),
    "equilibrium_entropy": math.log(2),
    "two_state_entropy": math.log(2),
}
ROUNDING = 8 * float(np.finfo(float).eps)
"""A value at its upper bound (N = 1, S = ln 2) may be rounded past it, by a few units."""

POINTS = 400
"""Energies at which tau is looked at; its bounds hold at every one."""


def _violation(case: Case, observable: str, value: float, bound: str, excess: float) -> Row:
    """Return the row for a bound exceeded by ``excess``; zero or less is agreement."""
    error = math.inf if math.isnan(excess) else max(excess, 0.0)
    return Row(
        check="bounds",
        case=case.slug,
        group=case.group,
        observable=observable,
        verdict=Verdict.AGREED if error <= ROUNDING else Verdict.DISAGREED,
        error=error,
        plain=error,
        scaled=error,
        tolerance=ROUNDING,
        value=repr(value),
        expected=bound,
    )


def _bounds(context: Context) -> Iterator[Row]:
    case, state = context.case, context.state
    for name in NOT_NEGATIVE:
        value = float(getattr(state, name))
        # Negative at all is wrong, whatever the size: the sign is the claim.
        excess = 0.0 if value >= 0 else math.inf
        yield _violation(case, name, value, ">= 0", excess)
    for name, bound in BOUNDED.items():
        value = float(getattr(state, name))
        yield _violation(case, name, value, f"<= {bound:.16g}", value / bound - 1)
    junction = case.junction
    tau = np.asarray(qbnum.transmission(junction, _energies(case)))
    worst = tau[np.argmax(np.abs(tau - 0.5))]
    excess = max(-float(tau.min()), float(tau.max()) - 1)
    yield _violation(case, "transmission", float(worst), "in [0, 1]", excess)


def _energies(case: Case) -> np.ndarray:
    """Spread energies over both bands and beyond, and crowd them around the level.

    Band edges and bound states are left out: G may have a pole there.
    """
    p = case.parameters
    low = min(p[f"{s}.onsite"] - 2.5 * p[f"{s}.hopping"] for s in ("left", "right"))
    high = max(p[f"{s}.onsite"] + 2.5 * p[f"{s}.hopping"] for s in ("left", "right"))
    spread = (high - low) * np.logspace(-12, -1, POINTS // 4)
    found = np.concatenate(
        [np.linspace(low, high, POINTS // 2), p["level"] - spread, p["level"] + spread]
    )
    poles = [*bound_energies(case.junction).values()]
    poles += [p[f"{s}.onsite"] + e * p[f"{s}.hopping"] for s in ("left", "right") for e in (-2, 2)]
    return found[~np.isin(found, poles)]


CHECKS = (
    Check(
        name="bounds",
        claim=(
            "X, sigma, N, S and both gaps are never negative; N <= 1, S <= ln 2, 0 <= tau <= 1."
        ),
        tolerance="none for signs; 8 units of rounding at the upper bounds",
        run=_bounds,
        applies=lambda case: True,
        counts_digits=False,
    ),
)
