"""The paper's claims, each judged by computing what it speaks of.

`claims` lists them; ``claim.judge(route)`` decides one by numbers from a `Route`, so that two
routes that share no code can be asked for the same verdict. May import: validation.paper.
"""

from __future__ import annotations

from validation.paper.claims import (
    amplitudes,
    comparison,
    crossover,
    driving,
    equilibrium,
    gradient,
    level,
    two_state,
)
from validation.paper.claims.claim import Claim, Finding, Number, Verdict
from validation.paper.claims.judging import Judgement, judge

__all__ = ["Claim", "Finding", "Judgement", "Number", "Verdict", "claims", "judge"]


def claims() -> tuple[Claim, ...]:
    """Return the claims in the order of the paper's sections."""
    return (
        *equilibrium.CLAIMS,
        *driving.CLAIMS,
        *gradient.CLAIMS,
        *comparison.CLAIMS,
        *level.CLAIMS,
        *two_state.CLAIMS,
        *crossover.CLAIMS,
        *amplitudes.CLAIMS,
    )
