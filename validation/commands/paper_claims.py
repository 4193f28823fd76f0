"""``qbval paper claims``: the paper's sentences, each with the verdict that numbers decide.

May import: rich, validation.paper.
"""

from __future__ import annotations

from collections import Counter
from difflib import get_close_matches
from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from validation.commands.console import (
    AGREED,
    DISAGREED,
    INTERRUPTED,
    bad_input,
    errors,
    out,
    print_json,
    progress,
)
from validation.paper.claims import Claim, Judgement, Verdict, claims, judge
from validation.paper.routes import Fast, Symbolic

__all__ = ["run"]

COLOURS = {
    Verdict.HOLDS: "green",
    Verdict.WITHIN: "green",
    Verdict.ONLY: "yellow",
    Verdict.FAILS: "red",
    Verdict.OPEN: "cyan",
}


def run(name: str | None, verbose: bool, check: bool, as_json: bool) -> int:
    """Judge one claim or all, print them, and return the exit code.

    Parameters
    ----------
    name : str or None
        A claim's slug; None for all.
    verbose : bool
        All in full.
    check : bool
        Ask the second route as well.
    as_json : bool
        One JSON array instead.
    """
    chosen = _chosen(name)
    judged: list[Judgement] = []
    try:
        with progress("claims", total=len(chosen)) as advance:
            for judgement in judge(chosen, Fast(), Symbolic() if check else None):
                judged.append(judgement)
                advance(judgement.claim.slug)
    except KeyboardInterrupt:
        errors().print("Interrupted: nothing was written.")
        return INTERRUPTED
    if as_json:
        print_json([_as_json(j) for j in judged])
    elif name is not None or verbose:
        for judgement in judged:
            _print_in_full(out(), judgement)
    else:
        _print_table(out(), judged)
    if not as_json and name is None:
        _print_summary(out(), judged, check)
    return AGREED if all(j.agreed for j in judged) else DISAGREED


def _chosen(name: str | None) -> tuple[Claim, ...]:
    everything = claims()
    if name is None:
        return everything
    found = tuple(claim for claim in everything if claim.slug == name)
    if not found:
        slugs = [claim.slug for claim in everything]
        near = get_close_matches(name, slugs, n=3, cutoff=0.4)
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        bad_input(f"no claim {name!r}{hint or '; qbval paper claims lists them.'}")
    return found


def _print_table(console: Console, judged: list[Judgement]) -> None:
    table = Table(box=box.SIMPLE_HEAD, show_lines=False)
    table.add_column("claim, and where it stands", no_wrap=True)
    table.add_column("verdict, and a number")
    for judgement in judged:
        claim = judgement.claim
        first = judgement.finding.numbers[0]
        shown = f"[dim]{escape(first.label)}: {first.value:.4g}[/]"
        table.add_row(f"{claim.slug}\n[dim]{_where(claim)}[/]", f"{_verdict(judgement)}\n{shown}")
    console.print(table)


def _where(claim: Claim) -> str:
    section = claim.section if claim.section.startswith(("App", "Abs")) else f"Sec. {claim.section}"
    return f"{section}, {claim.figure}" if claim.figure else section


def _verdict(judgement: Judgement) -> str:
    colour = COLOURS[judgement.finding.verdict]
    text = f"[{colour}]{escape(judgement.finding.sentence)}[/]"
    return text if judgement.agreed else f"{text} [bold red](the second route differs)[/]"


def _print_in_full(console: Console, judgement: Judgement) -> None:
    claim, finding = judgement.claim, judgement.finding
    console.print(f"[bold]{claim.slug}[/]  {_where(claim)}")
    console.print(Padding(f"“{escape(claim.quotation)}”", (0, 0, 0, 2)), style="italic")
    for label, text in (
        ("computed", claim.quantity),
        ("decided by", claim.decided),
        ("verdict", _verdict(judgement)),
        ("remark", claim.remark),
    ):
        if text:
            plain = text if label == "verdict" else escape(text)
            console.print(Padding(f"[dim]{label}:[/] {plain}", (0, 0, 0, 2)))
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(justify="left")
    table.add_column(justify="right", no_wrap=True)
    table.add_column()
    if judgement.second is not None:
        table.add_column(justify="right", no_wrap=True)
    for i, number in enumerate(finding.numbers):
        cells = [escape(number.label), f"{number.value:.9g}", number.unit.replace("1", "", 1)]
        if judgement.second is not None:
            cells.append(f"{judgement.second.numbers[i].value:.9g}")
        table.add_row(*cells)
    console.print(Padding(table, (0, 0, 1, 4)))


def _print_summary(console: Console, judged: list[Judgement], check: bool) -> None:
    counts = Counter(judgement.finding.verdict for judgement in judged)
    parts = ", ".join(f"{counts[v]} {_in_words(v)}" for v in Verdict if counts[v])
    console.print(f"{len(judged)} claims: {parts}.")
    differing = [j.claim.slug for j in judged if not j.agreed]
    if differing:
        console.print(f"[bold red]The second route differs:[/] {', '.join(differing)}.")
    elif check:
        console.print("Both routes, qbnum and qbsym, come to every verdict by the same numbers.")
    console.print("One in full: qbval paper claims CLAIM.")


def _in_words(verdict: Verdict) -> str:
    return {
        Verdict.HOLDS: "hold",
        Verdict.WITHIN: "hold within a stated deviation",
        Verdict.ONLY: "hold in part",
        Verdict.FAILS: "do not hold",
        Verdict.OPEN: "not decidable from the text",
    }[verdict]


def _as_json(judgement: Judgement) -> dict[str, Any]:
    claim, finding = judgement.claim, judgement.finding
    content: dict[str, Any] = {
        "claim": claim.slug,
        "section": claim.section,
        "figure": claim.figure,
        "quotation": claim.quotation,
        "quantity": claim.quantity,
        "decided": claim.decided,
        "verdict": str(finding.verdict),
        "sentence": finding.sentence,
        "remark": claim.remark,
        "numbers": [
            {"label": n.label, "value": float(n.value), "unit": n.unit} for n in finding.numbers
        ],
    }
    if judgement.second is not None:
        content["second_route"] = {
            "sentence": judgement.second.sentence,
            "values": [float(n.value) for n in judgement.second.numbers],
            "agreed": judgement.agreed,
        }
    return content
