"""How two bands may lie with respect to each other, and the pieces on which f_NE is analytic.

May import: sympy, qbsym.symbols, .errors.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from sympy import Expr

from qbsym import symbols as s
from qbsym.errors import UnknownNameError

__all__ = ["ARRANGEMENTS", "Piece", "pieces"]

ARRANGEMENTS = ("equal", "LRLR", "RLRL", "LRRL", "RLLR", "LLRR", "RRLL")
"""Equal bands, or the order of the four band edges from low to high energy."""


@dataclass(frozen=True)
class Piece:
    """A range of energies in which each lead is either open or closed throughout."""

    low: Expr
    high: Expr
    left: str
    right: str


def pieces(bands: str = "equal") -> tuple[Piece, ...]:
    """Return the pieces where at least one lead is open, from low to high.

    Raises
    ------
    UnknownNameError
        Not one of `ARRANGEMENTS`.
    """
    if bands not in ARRANGEMENTS:
        raise UnknownNameError(
            f"no arrangement {bands!r} of the bands; there are {', '.join(ARRANGEMENTS)}"
        )
    if bands == "equal":
        # The left lead's symbols stand for both.
        return (Piece(_edge("L", -1), _edge("L", 1), "inside", "inside"),)
    region = {"L": "below", "R": "below"}
    found: list[Piece] = []
    edges: list[tuple[Expr, dict[str, str]]] = []
    for lead in bands:
        entering = region[lead] == "below"
        region = region | {lead: "inside" if entering else "above"}
        edges.append((_edge(lead, -1 if entering else 1), region))
    for (low, here), (high, _) in pairwise(edges):
        if "inside" in here.values():
            found.append(Piece(low, high, here["L"], here["R"]))
    return tuple(found)


def _edge(lead: str, side: int) -> Expr:
    p = s.LEADS[lead]
    return p.onsite + side * 2 * p.hopping
