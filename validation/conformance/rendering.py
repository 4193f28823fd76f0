"""A report in words and tables: for the terminal, and as Markdown.

Both are drawn from the same grids and sentences. May import: rich,
validation.conformance.report, .scoring, .protocol.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich import box
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from validation.conformance.protocol import FAILURES
from validation.conformance.scoring import OUTCOMES, Score, Summary

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console

    from validation.conformance.mistakes import Finding
    from validation.conformance.report import Report
    from validation.conformance.thresholds import Requirement

__all__ = ["markdown", "print_report"]

FAILURES_SHOWN = 3
REFUSALS_SHOWN = 5


@dataclass(frozen=True)
class Grid:
    """A table as text, for every output."""

    title: str
    headings: tuple[str, ...]
    rows: list[tuple[str, ...]]


def _grid(
    title: str, heading: str, summaries: Sequence[Summary], columns: dict[str, list[str]]
) -> Grid:
    names = [" ".join(summary.name) for summary in summaries]
    rows = list(zip(names, *columns.values(), strict=True))
    return Grid(title, (heading, *columns), rows)


def _digits_grid(heading: str, summaries: Sequence[Summary], *, cases: bool) -> Grid:
    columns = {
        "values": [str(s.outcomes["number"]) for s in summaries],
        "worst": [_digits(s.worst.digits if s.worst else None) for s in summaries],
        "10 %": [_digits(s.tenth) for s in summaries],
        "median": [_digits(s.median) for s in summaries],
        "lost": [
            "-" if s.lost is None else f"{_digits(s.lost)} ({_digits(s.lost_median)})"
            for s in summaries
        ],
    }
    if cases:
        columns["worst case"] = [s.worst.case if s.worst else "" for s in summaries]
    return _grid(f"Digits by {heading}", heading, summaries, columns)


def _counts_grid(heading: str, summaries: Sequence[Summary]) -> Grid:
    """Return what is amiss besides digits; only rows and columns in which anything is."""
    kinds = [kind for kind in OUTCOMES if kind != "number"]
    amiss = [s for s in summaries if s.wrong_signs or any(s.outcomes[kind] for kind in kinds)]
    columns = {"wrong sign": [_count(s.wrong_signs) for s in amiss]}
    columns |= {kind: [_count(s.outcomes[kind]) for s in amiss] for kind in kinds}
    columns = {name: cells for name, cells in columns.items() if any(cells)}
    return _grid(f"No number, or a wrong sign, by {heading}", heading, amiss, columns)


def _estimates_grid(heading: str, summaries: Sequence[Summary]) -> Grid:
    columns = {
        "estimates": [str(s.estimates) for s in summaries],
        "error/estimate": [_ratio(s.ratio) for s in summaries],
        "understated": [_count(s.understated) for s in summaries],
    }
    return _grid(f"Own error estimates by {heading}", heading, summaries, columns)


def _grids(report: Report, *, cases: bool = False) -> Iterator[Grid]:
    """Yield the tables that have anything to say."""
    both = (("observable", report.by_observable), ("regime", report.by_regime))
    for heading, summaries in both:
        yield _digits_grid(heading, summaries, cases=cases)
    for heading, summaries in both:
        counts = _counts_grid(heading, summaries)
        if len(counts.headings) > 1:
            yield counts
    if report.total.estimates:
        yield _estimates_grid("observable", report.by_observable)


def _digits(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"


def _count(number: int) -> str:
    return str(number) if number else ""


def _ratio(value: float | None) -> str:
    return "" if value is None else f"{value:.2g}"


LEGEND = (
    "Digits: -log10 of the relative error (energies and currents near their zero: relative to the "
    "integral of the magnitude; values that are exactly 0: to their scale, else to 1, h or h^2).\n"
    "10 %: nine tenths of the values have as many or more. Lost: digits that the method loses "
    "beyond what the case's condition number takes from doubles, most (median)."
)
ESTIMATES_LEGEND = (
    "error/estimate: the largest true error over the implementation's own estimate; above 1 the "
    "estimate understates."
)


def _legend(report: Report) -> str:
    return f"{LEGEND}\n{ESTIMATES_LEGEND}" if report.total.estimates else LEGEND


def _worst_lines(report: Report, entry: Score) -> tuple[str, str, str]:
    """Return what is wrong with a score, its inputs, and how to repeat it."""
    case = report.cases[entry.case]
    what = (
        f"{entry.observable} of {entry.case} ({entry.regime}): {entry.digits:.1f} digits, "
        f"{entry.attainable:.1f} attainable; got {entry.got}, right {entry.expected}"
        + (", wrong sign" if entry.wrong_sign else "")
        + (f", own estimate {entry.estimate:.1e}" if entry.estimate is not None else "")
    )
    inputs = ", ".join(f"{name} {text}" for name, text in case.inputs.items())
    if case.occupations:
        inputs += f", bound states {', '.join(map(repr, case.occupations))}"
    repeat = f"qbval conformance export --case {entry.case}"
    return what, inputs, repeat + (f" | {report.command}" if report.command else "")


def _evidence(finding: Finding) -> str:
    return (
        f"explains {finding.explained} of {finding.wrong} wrong values of "
        f"{', '.join(finding.observables)}; {finding.example}"
    )


def _why(requirement: Requirement) -> str:
    return f" ({requirement.evidence})" if requirement.evidence else ""


def _failure_lines(report: Report) -> Iterator[str]:
    """Yield failures by kind: how many, what it means, the first few with what was received."""
    for kind, count in Counter(f.kind for f in report.failures).items():
        yield f"{kind} ({count}): {FAILURES[kind]}."
        shown = [f for f in report.failures if f.kind == kind]
        for failure in shown[: 1 if kind == "not-asked" else FAILURES_SHOWN]:
            parts = [failure.case, failure.detail]
            parts.append(f"received {failure.received}" if failure.received else "")
            yield "  " + "; ".join(part for part in parts if part)
            yield from (f"    stderr: {line}" for line in failure.stderr)


def _refusal_lines(report: Report) -> Iterator[str]:
    """Yield refusals by their text: how many values, and the first case."""
    refused = [s for s in report.scores if s.outcome == "refused"]
    counts = Counter(s.got for s in refused)
    for text, count in counts.most_common(REFUSALS_SHOWN):
        first = next(s.case for s in refused if s.got == text)
        yield f"{count} values, e.g. of {first}: {text or '(no text)'}"
    if len(counts) > REFUSALS_SHOWN:
        yield f"... and {len(counts) - REFUSALS_SHOWN} more texts"


def print_report(console: Console, report: Report) -> None:
    """Print the report to a terminal."""

    def say(text: str, style: str = "") -> None:
        # Never wrapped, so that inputs and commands can be pasted.
        console.print(text, style=style, soft_wrap=True, markup=False)

    for finding in report.findings:
        mistake = finding.mistake
        console.print(
            Panel(
                f"{escape(mistake.explanation)}\n\n"
                f"[bold]Evidence[/]: {escape(_evidence(finding))}\n"
                f"[bold]Remedy[/]: {escape(mistake.remedy)}",
                title=f"[bold]{escape(mistake.title)}[/] ({escape(mistake.name)})",
                title_align="left",
                border_style="red",
            )
        )
    for grid in _grids(report):
        table = Table(box=box.SIMPLE_HEAD, title=grid.title, title_justify="left")
        for index, heading in enumerate(grid.headings):
            table.add_column(heading, justify="right" if index else "left", no_wrap=not index)
        for row in grid.rows:
            table.add_row(*map(escape, row))
        console.print(table)
    say(_legend(report), "dim")
    if report.worst:
        say("\nWorst, with inputs:")
    for entry in report.worst:
        what, inputs, repeat = _worst_lines(report, entry)
        say(f"  {what}")
        say(f"    {inputs}", "dim")
        say(f"    {repeat}")
    for title, lines in (
        ("Failures:", list(_failure_lines(report))),
        ("Refused:", list(_refusal_lines(report))),
        ("Notes:", list(report.notes)),
    ):
        if lines:
            say(f"\n{title}")
        for line in lines:
            say(f"  {line}")
    console.print()
    for requirement in report.requirements:
        mark = "[green]met    [/]" if requirement.met else "[bold red]NOT MET[/]"
        console.print(
            f"  {mark}  {escape(requirement.claim)}{escape(_why(requirement))}",
            soft_wrap=True,
        )
    console.print(
        f"{'[green]Conforms' if report.met else '[bold red]DOES NOT CONFORM'}[/]: "
        f"{escape(report.verdict)}.",
        soft_wrap=True,
    )


def markdown(report: Report) -> str:
    """Return the report as Markdown."""
    lines = [
        f"# Conformance of {_code(report.source)}",
        "",
        f"**{'Conforms' if report.met else 'Does not conform'}**: {report.verdict}.",
        "",
    ]
    lines += [f"- {'met' if r.met else '**not met**'}: {_cell(r.claim)}{_cell(_why(r))}"
              for r in report.requirements]  # fmt: skip
    for finding in report.findings:
        mistake = finding.mistake
        lines += ["", f"## Mistake: {_cell(mistake.title)} ({_code(mistake.name)})", ""]
        lines += [_cell(mistake.explanation), ""]
        lines += [f"- Evidence: {_cell(_evidence(finding))}", f"- Remedy: {_cell(mistake.remedy)}"]
    for grid in _grids(report, cases=True):
        lines += ["", f"## {grid.title}", "", _row(grid.headings)]
        lines += [_row((":--", *("--:" for _ in grid.headings[1:])))]
        lines += [_row(tuple(map(_cell, row))) for row in grid.rows]
    lines += ["", *_legend(report).splitlines()]
    if report.worst:
        lines += ["", "## Worst, with inputs", ""]
    for entry in report.worst:
        what, inputs, repeat = _worst_lines(report, entry)
        lines += [f"- {_cell(what)}", f"  - {_cell(inputs)}", f"  - {_code(repeat)}"]
    for title, found in (
        ("Failures", list(_failure_lines(report))),
        ("Refused", list(_refusal_lines(report))),
    ):
        if found:
            # Received texts are shown as they are, and never read as Markdown.
            lines += ["", f"## {title}", "", *(f"    {line}" for line in found)]
    if report.notes:
        lines += ["", "## Notes", "", *(f"- {_cell(note)}" for note in report.notes)]
    return "\n".join(lines) + "\n"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(text: str) -> str:
    """Return text that Markdown shows as it is, in a table too."""
    return "".join(f"\\{c}" if c in "\\`*_|<>[]#" else c for c in text)


def _code(text: str) -> str:
    return f"`{text.replace('`', chr(39))}`"
