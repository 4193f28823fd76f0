"""Where the bands lie: segments between band edges, and what lies outside.

Exact rational arithmetic only: which lead is open where, and whether a bound state exists, is
decided without rounding. Sec. III of the paper. May import: validation.exact.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

from validation.exact import ExactJunction, ExactLead

__all__ = ["Gap", "Segment", "gaps_with_bound_state", "segments", "without_idle_leads"]


@dataclass(frozen=True)
class Segment:
    """An interval between neighbouring band edges in which at least one lead is open.

    Parameters
    ----------
    lower, upper : Fraction
        Its ends.
    left, right : "inside", "above" or "below"
        Where the segment lies with respect to each lead's band.
    """

    lower: Fraction
    upper: Fraction
    left: str
    right: str

    @property
    def regions(self) -> tuple[str, str]:
        """The two regions, as `qbsym.integrands` takes them."""
        return self.left, self.right

    @property
    def both_open(self) -> bool:
        """Whether a current can flow here."""
        return self.regions == ("inside", "inside")


@dataclass(frozen=True)
class Gap:
    """An interval outside both bands; ``None`` stands for an infinite end.

    1/G^r = omega - level - Re Sigma is real and strictly increasing here.
    """

    lower: Fraction | None
    upper: Fraction | None
    left: str
    right: str

    @property
    def regions(self) -> tuple[str, str]:
        """Where the gap lies with respect to each lead's band."""
        return self.left, self.right


def without_idle_leads(j: ExactJunction) -> ExactJunction:
    """Return the junction with each uncoupled lead moved below every other energy.

    A lead with coupling 0 has no part in any observable. Moved away, its band adds no edges and
    every segment lies "above" it, where its self-energy is a plain zero; so do bound states, which
    are sought no farther from the level than twice v^2/h.
    """
    coupled = [lead for lead in (j.left, j.right) if lead.coupling]
    reach = sum((lead.coupling**2 / lead.hopping for lead in coupled), start=Fraction(0))
    floor = min([j.level - 2 * reach, *(lead.band[0] for lead in coupled)])

    def moved(lead: ExactLead) -> ExactLead:
        return lead if lead.coupling else replace(lead, onsite=floor - 4 * lead.hopping)

    return replace(j, left=moved(j.left), right=moved(j.right))


def _coupled(j: ExactJunction) -> list[ExactLead]:
    return [lead for lead in (j.left, j.right) if lead.coupling]


def region(lead: ExactLead, omega: Fraction) -> str:
    """Return where ``omega`` lies with respect to the lead's band; an edge counts as outside."""
    lower, upper = lead.band
    if omega <= lower:
        return "below"
    return "above" if omega >= upper else "inside"


def segments(j: ExactJunction) -> list[Segment]:
    """Return the segments of the union of the coupled leads' bands, from low to high."""
    edges = sorted({edge for lead in _coupled(j) for edge in lead.band})
    found = []
    for lower, upper in pairwise(edges):
        middle = (lower + upper) / 2
        segment = Segment(lower, upper, region(j.left, middle), region(j.right, middle))
        if "inside" in segment.regions:
            found.append(segment)
    return found


def gaps_with_bound_state(j: ExactJunction) -> list[Gap]:
    """Return the intervals outside both bands that hold a bound state, from low to high.

    With F = omega - level - Re Sigma strictly increasing, an interval holds one exactly if F is
    negative at its lower and positive at its upper end. Both couplings must not vanish.
    """
    edges: list[Fraction] = []
    for lower, upper in sorted(lead.band for lead in _coupled(j)):
        if edges and lower <= edges[-1]:
            edges[-1] = max(edges[-1], upper)
        else:
            edges += [lower, upper]
    ends: list[Fraction | None] = [None, *edges, None]
    gaps = []
    for start, end in zip(ends[::2], ends[1::2], strict=True):
        below = start is None or sign_at_edge(j, start) < 0
        above = end is None or sign_at_edge(j, end) > 0
        if below and above:
            inner = _between(start, end)
            gaps.append(Gap(start, end, region(j.left, inner), region(j.right, inner)))
    return gaps


def _between(lower: Fraction | None, upper: Fraction | None) -> Fraction:
    if lower is not None and upper is not None:
        return (lower + upper) / 2
    # The edge itself counts as outside; farther out an uncoupled lead may lie.
    return upper or Fraction(0) if lower is None else lower


def sign_at_edge(j: ExactJunction, edge: Fraction) -> int:
    """Return the sign of omega - level - Re Sigma at an edge of the bands, without rounding.

    The lead whose edge it is contributes no square root, so that the value is p + r sqrt(q) with
    rational p, r, q >= 0: its sign follows from those of p, r and p^2 - r^2 q.
    """
    p, r, q = edge - j.level, Fraction(0), Fraction(0)
    for lead in _coupled(j):
        x = edge - lead.onsite
        strength = lead.coupling**2 / (2 * lead.hopping**2)
        p -= strength * x
        beyond = x**2 - 4 * lead.hopping**2
        if beyond > 0:
            r, q = (strength if x > 0 else -strength), beyond
    sign_p, sign_r = _sign(p), _sign(r)
    if sign_r == 0 or sign_p == sign_r:
        return sign_p
    return sign_r if sign_p == 0 else sign_p * _sign(p**2 - r**2 * q)


def _sign(value: Fraction) -> int:
    return (value > 0) - (value < 0)
