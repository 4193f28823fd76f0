"""What ``qbval run`` prints at its end. May import: rich, validation.runner, .record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich import box
from rich.markup import escape
from rich.table import Table

from validation.cases import GROUPS
from validation.checks import Row, Verdict
from validation.record import digits_by

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from rich.console import Console

    from validation.cases import Case
    from validation.runner import CheckSummary

__all__ = ["print_results"]

STYLES = {"agreed": "green", "disagreed": "bold red", "empty": "yellow"}

WORST_SHOWN = 3

FAILURES_SHOWN = 5


def print_results(
    console: Console,
    record: Mapping[str, Any],
    cases: Sequence[Case],
    rows: Sequence[Row],
    summaries: Sequence[CheckSummary],
    output: Path | None,
    verbose: bool,
) -> None:
    """Print everything that the run found, as it stands in the record.

    Parameters
    ----------
    console : rich.console.Console
    record : mapping
        Of the run.
    cases, rows, summaries : sequences
        What it was made of.
    output : Path or None
        Where the record is, if it could be written.
    verbose : bool
        Every failure, and what each check claims.
    """
    by_slug = {case.slug: case for case in cases}
    agreed = record["verdict"] == "agreed"
    console.print(_check_table(summaries))
    table = _digits_table(rows)
    if table is not None:
        console.print(table)
    if any(summary.failures for summary in summaries):
        console.print("Refused, with the reason:" if agreed else "Not agreed:")
        limit = len(rows) if verbose else FAILURES_SHOWN
        _print_failures(console, summaries, by_slug, limit)
    _print_worst(console, summaries, by_slug)
    if verbose:
        for summary in summaries:
            console.print(f"{summary.check.name}: {summary.check.claim}")
            console.print(f"    tolerated: {summary.check.tolerance}")
    refused = sum(summary.refused for summary in summaries)
    where = "" if output is None else f" Record: {escape(str(output))}"
    console.print(
        f"{'[green]Agreed' if agreed else '[bold red]DISAGREED'}[/]: "
        f"{record['comparisons']} comparisons at {len(cases)} "
        f"junction{'' if len(cases) == 1 else 's'}, {refused} refused, "
        f"in {record['run']['seconds']:.0f} s.{where}",
        soft_wrap=True,
    )


def _check_table(summaries: Sequence[CheckSummary]) -> Table:
    """Return the table of checks: cases, worst error, digits, refusals, verdict."""
    table = Table(box=box.SIMPLE_HEAD, title="Cross-validation", title_justify="left")
    table.add_column("check", no_wrap=True)
    for heading in ("cases", "comparisons", "worst error", "digits", "refused"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    for summary in summaries:
        digits = summary.digits
        table.add_row(
            summary.check.name,
            str(summary.cases),
            str(summary.comparisons),
            f"{summary.worst_error:.1e}" if summary.comparisons else "-",
            "-" if digits is None else f"{digits:.1f}",
            str(summary.refused) if summary.refused else "",
            f"[{STYLES[summary.verdict]}]{summary.verdict}[/]",
        )
    return table


def _digits_table(rows: Sequence[Row]) -> Table | None:
    """Return the table of qbnum's digits per observable and group, worst and median."""
    figures = digits_by(rows, lambda row: row.observable)
    groups = [g for g in GROUPS if any(g in found for found in figures.values())]
    if not groups:
        return None
    table = Table(
        box=box.SIMPLE_HEAD,
        title="Digits of qbnum: worst (median)",
        title_justify="left",
    )
    table.add_column("observable", no_wrap=True)
    for group in groups:
        table.add_column(group, justify="right", no_wrap=True)
    for name, found in figures.items():
        table.add_row(
            name,
            *(
                f"{found[g]['min']:.1f} ({found[g]['median']:.1f})" if g in found else "-"
                for g in groups
            ),
        )
    return table


def _print_worst(
    console: Console, summaries: Sequence[CheckSummary], cases: Mapping[str, Case]
) -> None:
    """Print the comparisons that use most of their tolerance, with the command to repeat them."""
    ranked = sorted(
        (
            row
            for s in summaries
            for row in s.worst
            if row.case in cases and row.verdict is Verdict.AGREED and row.error > 0
        ),
        key=lambda row: row.error / row.tolerance if row.tolerance else row.error,
        reverse=True,
    )
    # One case is shown once: its worst row speaks for it.
    chosen = list({row.case: row for row in reversed(ranked)}.values())[::-1][:WORST_SHOWN]
    if chosen:
        console.print("Closest to their tolerance:")
    for row in chosen:
        _print_row(console, row, cases)


def _print_failures(
    console: Console, summaries: Sequence[CheckSummary], cases: Mapping[str, Case], limit: int
) -> None:
    """Print what disagreed, crashed or was refused, at most ``limit`` rows of each check."""
    for summary in summaries:
        for row in summary.failures[:limit]:
            _print_row(console, row, cases)
        hidden = len(summary.failures) - limit
        if hidden > 0:
            console.print(f"  ... and {hidden} more of {summary.check.name}: see the record")


def _print_row(console: Console, row: Row, cases: Mapping[str, Case]) -> None:
    style = {"agreed": "green", "refused": "yellow"}.get(row.verdict.value, "bold red")
    where = f"{row.check}, {row.case}" + (f", {row.observable}" if row.observable else "")
    if row.verdict in (Verdict.REFUSED, Verdict.CRASHED):
        console.print(
            f"  [{style}]{row.verdict.value}[/] {where}: {escape(row.value)}",
            soft_wrap=True,
        )
    else:
        console.print(
            f"  [{style}]{row.verdict.value}[/] {where}: got {escape(row.value)}, "
            f"expected {escape(row.expected)}; error {row.error:.1e}, "
            f"tolerated {row.tolerance:.1e}",
            soft_wrap=True,
        )
    if row.case in cases:
        # Never wrapped, so that it can be pasted.
        console.print(f"    {cases[row.case].command()}", soft_wrap=True)
