"""Judging claims by one route, and again by a second one that shares no code with it.

May import: validation.paper.routes, .claims.claim.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from validation.paper.claims.claim import Claim, Finding
from validation.paper.routes import Route

__all__ = ["Judgement", "judge"]

RELATIVE = 1e-6
"""Two routes agree in a number within this. The places of zeros and maxima are conditioned worst,
and a gap at v = 0.01 is a difference that the second route takes as it stands: 1e-7 is met."""

ABSOLUTE = 1e-12
"""... or within this, the rounding of a sum of thousands of terms of order one."""


@dataclass(frozen=True)
class Judgement:
    """A claim with what one route found, and a second one if it was asked."""

    claim: Claim
    finding: Finding
    second: Finding | None

    @property
    def difference(self) -> float:
        """The largest difference between the routes' numbers, in units of what is tolerated."""
        if self.second is None:
            return 0.0
        if len(self.finding.numbers) != len(self.second.numbers):
            return float("inf")
        return max(
            abs(a.value - b.value) / (RELATIVE * abs(a.value) + ABSOLUTE)
            for a, b in zip(self.finding.numbers, self.second.numbers, strict=True)
        )

    @property
    def agreed(self) -> bool:
        """Whether both routes come to the same verdict by the same numbers; true if only one."""
        if self.second is None:
            return True
        return self.second.sentence == self.finding.sentence and self.difference <= 1


def judge(claims: Iterable[Claim], route: Route, second: Route | None) -> Iterator[Judgement]:
    """Judge claims one after the other.

    Parameters
    ----------
    claims : iterable of Claim
    route : Route
        What decides.
    second : Route or None
        What is asked as well.
    """
    for claim in claims:
        yield Judgement(claim, claim.judge(route), claim.judge(second) if second else None)
