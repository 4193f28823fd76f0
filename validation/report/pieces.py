"""What a report computes itself: errata, claims, claimed orders of limits, figures.

Each is made of pieces that can be computed in any process; a piece returns plain frozen records of
text, so that nothing but text comes back. A layer that refuses makes a `Refusal`, which the page
shows in place. May import: everything; heavy packages inside the functions.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from validation.checks import REFUSALS
from validation.report.formulas import mathml

__all__ = ["STAGES", "ClaimView", "ErratumView", "FigureView", "Piece", "Refusal", "pieces"]

STAGES = ("limits", "errata", "claims", "figures")

POINTS = 101
"""Along each curve of a figure: smooth at the size shown."""

TOGETHER = 8
"""Claims judged in one piece: neighbours ask for the same curves."""


@dataclass(frozen=True)
class Refusal:
    """A piece that could not be computed, and why."""

    what: str
    reason: str


@dataclass(frozen=True)
class Piece:
    """A part of a stage: what it is called, and what computes a list of views."""

    stage: str
    name: str
    make: Callable[[], list[Any]]

    def compute(self) -> list[Any]:
        """Return the views, or the refusal in their place."""
        try:
            return self.make()
        except REFUSALS as refusal:
            return [Refusal(self.name, str(refusal))]


def pieces(paper: bool = True, figures: bool = True, limits: bool = True) -> list[Piece]:
    """Return what is to be computed; what may take longest comes first.

    Parameters
    ----------
    paper : bool
        Whether errata and claims are wanted.
    figures : bool
    limits : bool
        Whether what the limits claim is wanted, which SymPy derives for it.
    """
    wanted: list[Piece] = []
    if limits:
        from qbsym.limits import families

        wanted += [Piece("limits", f, partial(_claimed_orders, f)) for f in families()]
    if paper:
        from validation.paper.claims import claims
        from validation.paper.errata import errata

        slugs = [claim.slug for claim in claims()]
        wanted += [Piece("errata", e.slug, partial(_erratum, e.slug)) for e in errata()]
        wanted += [
            Piece("claims", f"claims from {slugs[k]} on", partial(_claims, slugs[k : k + TOGETHER]))
            for k in range(0, len(slugs), TOGETHER)
        ]
    if figures:
        from validation.paper.figures import panels

        numbers = sorted({panel.figure for panel in panels()})
        wanted += [Piece("figures", f"Fig. {n}", partial(_figure, n)) for n in numbers]
    return wanted


# --- Limits --------------------------------------------------------------------------------------


def _claimed_orders(family: str) -> list[tuple[tuple[str, str, str], str]]:
    """Return what the family's limits claim of their remainder, by family, order, observable."""
    from qbsym import limits
    from validation.commands.derive_forms import claim

    return [
        ((family, str(entry.order), entry.observable), claim(entry))
        for entry in limits.limits()
        if entry.family == family
    ]


# --- Errata --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ErratumView:
    """An erratum as the page shows it; ``printed`` and ``right`` are text or MathML.

    Attributes
    ----------
    proofs : tuple of (str, str, int, bool)
        Derivation, statement, number of steps, whether all of them hold.
    numbers : tuple of (str, str, bool)
        What it is, the comparison, whether it is as it must be.
    shifts : tuple of (str, str, str)
        Figure, observable, and how far it moves.
    moves : str
        The largest of these in a few words; empty if no figure moves.
    """

    slug: str
    kind: str
    where: str
    summary: str
    printed: Any
    right: Any
    why: str
    proofs: tuple[tuple[str, str, int, bool], ...]
    numbers: tuple[tuple[str, str, bool], ...]
    consequence: str
    shifts: tuple[tuple[str, str, str], ...]
    moves: str
    proven: bool
    agreed: bool


def _erratum(slug: str) -> list[ErratumView]:
    from sympy import Basic

    from validation.paper.errata import Written, erratum
    from validation.paper.errata.shown import SYMBOLS, show

    def written(form: Any) -> Any:
        if isinstance(form, Basic):
            return mathml(form)
        return form.text if isinstance(form, Written) else form

    shown = show(erratum(slug))
    entry, shifts = shown.entry, shown.consequence.shifts
    largest = sorted(shifts, key=lambda shift: shift.relative)[-1:]
    return [
        ErratumView(
            entry.slug, entry.kind, entry.where, entry.summary,
            written(entry.printed), written(entry.right), entry.why,
            proofs=tuple(
                (d.name, d.statement, len(d.steps), all(s.passed for s in shown.proofs[d.name]))
                for d in entry.derivations
            ),
            numbers=tuple(
                (n.what, f"{n.value:.9g} {n.relation} {n.other:.9g}", n.agreed)
                for n in shown.numbers
            ),
            consequence=shown.consequence.sentence,
            shifts=tuple(
                (s.figure, SYMBOLS[s.observable], f"{s.change:.2g}, {s.relative:.1%}")
                for s in shifts
            ),
            moves="".join(
                f"{SYMBOLS[s.observable]} by {s.relative:.1%} in {s.figure}" for s in largest
            ),
            proven=shown.proven,
            agreed=shown.agreed,
        )
    ]  # fmt: skip


# --- Claims --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ClaimView:
    """A claim as the page shows it; ``numbers`` are label, value and unit."""

    slug: str
    section: str
    figure: str
    quotation: str
    quantity: str
    decided: str
    remark: str
    verdict: str
    sentence: str
    numbers: tuple[tuple[str, str, str], ...]


def _claims(slugs: list[str]) -> list[ClaimView]:
    from validation.paper.claims import claims, judge
    from validation.paper.routes import Fast

    chosen = [claim for claim in claims() if claim.slug in slugs]
    return [
        ClaimView(
            judged.claim.slug, judged.claim.section, judged.claim.figure, judged.claim.quotation,
            judged.claim.quantity, judged.claim.decided, judged.claim.remark,
            str(judged.finding.verdict), judged.finding.sentence,
            tuple((n.label, f"{n.value:.6g}", n.unit) for n in judged.finding.numbers),
        )
        for judged in judge(chosen, Fast(), None)
    ]  # fmt: skip


# --- Figures -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class FigureView:
    """A figure as the page shows it, the picture being a data URI."""

    number: int
    titles: str
    caption: str
    chosen: tuple[str, ...]
    image: str
    wide: bool


def _figure(number: int) -> list[FigureView]:
    from validation.paper.figures import figure_data, select
    from validation.paper.figures.drawing import draw_figure, pictures

    shown = select([str(number)])
    data = {panel.id: figure_data(panel.id, POINTS) for panel in shown}
    drawn = pictures(draw_figure(shown, data), [".svg"])[".svg"]
    return [
        FigureView(
            number,
            ", ".join(panel.title for panel in shown),
            shown[0].caption,
            tuple(dict.fromkeys(text for panel in shown for text in panel.chosen)),
            "data:image/svg+xml;base64," + base64.b64encode(drawn).decode(),
            wide=len(shown) > 1,
        )
    ]
