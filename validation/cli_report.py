"""``qbval report``: options and help; `validation.commands.report` does the work."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from validation.cli_options import WorkersOption
from validation.clihelp import help_text

__all__ = ["HELP", "report_command"]

HELP = help_text(
    """
    Write the report of a run: one HTML page that needs no network, from the record of the run.

    It shows the verdict, digits of agreement by observable and regime, the worst cases with the
    commands that repeat them, every check, the errata and claims, Figs. 2-15, and certified values.
    Errata, claims and figures are no part of a record and are computed now, in a minute or so;
    --no-paper and --no-figures leave them out, and both together are done in seconds.

    [bold]Examples[/]

        qbval run --quick --output run.json
        qbval report run.json --output report
        qbval report run.json --output report --no-paper --no-figures

    Exit codes: 0 written, and the run agreed, 1 written, and it disagreed, 2 bad input,
    130 interrupted.
    """
)


def report_command(
    record: Annotated[
        Path, typer.Argument(metavar="RECORD", help="What 'qbval run --output' wrote.")
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="DIR", help="Directory of the report.")
    ] = Path("qbval-report"),
    no_paper: Annotated[
        bool, typer.Option("--no-paper", help="Without errata, claims and claimed orders.")
    ] = False,
    no_figures: Annotated[bool, typer.Option("--no-figures", help="Without Figs. 2-15.")] = False,
    workers: WorkersOption = None,
) -> None:
    """Write the report of a run: one HTML page that needs no network."""
    from validation.commands.report import report

    raise typer.Exit(report(record, output, not no_paper, not no_figures, workers))
