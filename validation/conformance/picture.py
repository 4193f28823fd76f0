"""The picture of a report: digits by regime and observable, worst and median.

May import: matplotlib (inside the function), validation.plotting, .conformance.report, .scoring.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from validation.plotting import FORMATS, SEQUENTIAL, save

if TYPE_CHECKING:
    from pathlib import Path

    from validation.conformance.report import Report
    from validation.conformance.scoring import Summary

__all__ = ["FORMATS", "draw"]

MOST = 16
"""Digits at the end of the colour scale: those of a double."""

DARK = 9.5
"""Digits below which the colour is dark, so that text on it is white."""

NO_NUMBER = "#d9d9d9"

MARKS = {"failed": "fail", "not a number": "NaN", "missing": "miss", "refused": "ref"}
"""What stands in a cell without any number: the gravest of its outcomes."""

LEGEND = (
    "*: some values have no number. Without any number, miss: missing, ref: refused, "
    "NaN: not a number, fail: no answer."
)


def draw(report: Report, path: Path) -> None:
    """Draw the worst and the median digits, and write them to ``path``, whole or not at all.

    Each cell shows its digits; a grey one has no number and says why.

    Raises
    ------
    ImportError
        matplotlib is not installed.
    OSError
        The file cannot be written.
    """
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    observables = [summary.name[0] for summary in report.by_observable]
    regimes = [summary.name[0] for summary in report.by_regime]
    cells = {(s.name[1], s.name[0]): s for s in report.by_both}
    # Sized by the cells, so that neither many nor few of them are stretched.
    size = (3.4 + max(0.46 * len(regimes), 2.3), 2.8 + 2 * 0.31 * len(observables))
    figure = Figure(figsize=size, layout=ConstrainedLayoutEngine(w_pad=0.1, h_pad=0.08))
    figure.suptitle(f"Digits of {report.source}", fontsize=13, fontweight="bold")
    panels = figure.subplots(2, 1, sharex=True)
    for axes, title in zip(panels, ("worst", "median"), strict=True):
        rows = [[_figure(cells.get((o, r)), title) for r in regimes] for o in observables]
        image = axes.imshow(
            [[float("nan") if value is None else value for value in row] for row in rows],
            cmap=SEQUENTIAL, vmin=0, vmax=MOST, aspect="auto",
        )  # fmt: skip
        axes.set_facecolor(NO_NUMBER)
        axes.set_title(title, fontsize=11)
        axes.set_xticks(range(len(regimes)), regimes, rotation=90, fontsize=9)
        axes.set_yticks(range(len(observables)), observables, fontsize=9)
        axes.tick_params(length=0)
        axes.set_xticks([x - 0.5 for x in range(1, len(regimes))], minor=True)
        axes.set_yticks([y - 0.5 for y in range(1, len(observables))], minor=True)
        axes.grid(which="minor", color="white", linewidth=0.8)
        axes.tick_params(which="minor", length=0)
        axes.spines[:].set_visible(False)
        for y, row in enumerate(rows):
            for x, value in enumerate(row):
                text = _mark(cells.get((observables[y], regimes[x])), value)
                colour = "white" if value is not None and value < DARK else "black"
                axes.text(x, y, text, ha="center", va="center", fontsize=8, color=colour)
    if report.total.outcomes["number"] < report.total.count:
        figure.supxlabel(LEGEND, fontsize=9)
    bar = figure.colorbar(image, ax=panels, fraction=0.02, pad=0.01, ticks=range(0, MOST + 1, 2))
    bar.set_label("decimal digits", fontsize=9)
    bar.outline.set_visible(False)
    save(figure, path)


def _figure(summary: Summary | None, which: str) -> float | None:
    """Return the digits of a cell; None if it has no number."""
    if summary is None or summary.worst is None:
        return None
    return summary.worst.digits if which == "worst" else summary.median


def _mark(summary: Summary | None, value: float | None) -> str:
    if summary is None:
        return ""
    if value is not None:
        complete = summary.outcomes["number"] == summary.count
        return f"{value:.1f}" if complete else f"{value:.1f}*"
    return next((mark for kind, mark in MARKS.items() if summary.outcomes[kind]), "")
