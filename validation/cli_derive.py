"""``qbval derive``: options and help; `validation.commands.derive` does the work."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from validation.clihelp import help_text
from validation.completion import completes, formula_forms, names_of_formulas

__all__ = ["HELP", "derive_command"]

HELP = help_text(
    """
    Show what SymPy derives and proves: derivations step by step, and analytic limits.

    NAME is a derivation, whose steps are checked again by SymPy as they are shown, or a limit,
    FAMILY:OBSERVABLE or FAMILY:OBSERVABLE:ORDER. A limit may also be written as a self-contained
    function in c, fortran, julia, rust or javascript. Without NAME both are listed.

    [bold]Examples[/]

        qbval derive
        qbval derive exergy_identity --format markdown
        qbval derive weak_coupling:exergy:2
        qbval derive weak_coupling:charge_current --format c > current.c
        qbval derive --limits --measure
        qbval derive exergy_identity --json
        qbval derive --all --format latex -o derivations.tex

    Exit codes: 0 every step shown is proven and every order confirmed, 1 one is not, 2 bad input,
    130 interrupted.
    """
)


def derive_command(
    name: Annotated[
        str | None,
        typer.Argument(
            autocompletion=completes(names_of_formulas),
            help="A derivation's or a limit's name; without it, the list of all.",
        ),
    ] = None,
    form: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="FORMAT",
            autocompletion=completes(formula_forms),
            help="text, latex or markdown; of a limit also c, fortran, julia, rust, javascript.",
        ),
    ] = "text",
    limits: Annotated[
        bool,
        typer.Option(
            "--limits", help="The table of limits: how fast each claims to be approached."
        ),
    ] = False,
    measure: Annotated[
        bool,
        typer.Option("--measure", help="With --limits: measure it against the reference as well."),
    ] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="Everything in one document, latex or markdown.")
    ] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="With --all: the file to write.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object instead, of whatever is asked for.")
    ] = False,
) -> None:
    """Show what SymPy derives and proves: derivations step by step, and analytic limits."""
    from validation.commands.derive import derive, document, table_of_limits

    given = {"NAME": name is not None, "--limits": limits, "--all": everything}
    if sum(given.values()) > 1:
        both = " and ".join(option for option, present in given.items() if present)
        raise typer.BadParameter(f"{both} exclude each other; give one of them")
    if measure and not limits:
        raise typer.BadParameter("--measure goes with --limits")
    if as_json and form != "text":
        raise typer.BadParameter(f"--json and --format {form} exclude each other")
    if output is not None and not everything:
        raise typer.BadParameter("--output goes with --all; otherwise redirect the output")
    if everything:
        raise typer.Exit(document(form, output, as_json))
    if limits:
        raise typer.Exit(table_of_limits(measure, as_json))
    raise typer.Exit(derive(name, form, as_json))
