"""The command ``qbval``: options, help and exit codes; `validation.commands` does the work.

Heavy packages are imported inside the commands, so that help comes at once.
"""

from __future__ import annotations

from importlib import metadata
from typing import Annotated

import typer

from validation import (
    cli_conformance,
    cli_derive,
    cli_evaluate,
    cli_optimize,
    cli_paper,
    cli_reference,
    cli_run,
    cli_sweep,
)

__all__ = ["app", "main"]

EXIT_CODES = "Exit codes: 0 all agreed, 1 a disagreement was found, 2 bad input."


app = typer.Typer(
    name="qbval",
    help=(
        "How right is a number? Cross-validation of a quantum battery charged by steady-state "
        "currents: SymPy's closed forms, arbitrary-precision references, and fast double "
        "precision, held against each other.\n\n"
        "Start with [bold]qbval run --quick[/], then [bold]qbval evaluate --level 0.4[/].\n\n"
        + EXIT_CODES
    ),
    rich_markup_mode="rich",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"qbval {metadata.version('qbval')}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    pass


app.command("run", help=cli_run.HELP)(cli_run.run_command)
app.command("evaluate", help=cli_evaluate.HELP)(cli_evaluate.evaluate_command)
app.command("derive", help=cli_derive.HELP)(cli_derive.derive_command)
app.command("sweep", help=cli_sweep.HELP)(cli_sweep.sweep_command)
app.command("optimize", help=cli_optimize.HELP)(cli_optimize.optimize_command)
app.add_typer(cli_paper.app, name="paper")
app.add_typer(cli_reference.app, name="reference")
app.add_typer(cli_conformance.app, name="conformance")


def main() -> None:
    """Run the command line."""
    app(prog_name="qbval")
