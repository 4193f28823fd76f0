"""``qbval evaluate``: options and help; `validation.commands.evaluate` does the work."""

from __future__ import annotations

from typing import Annotated

import typer

from validation.cli_options import JunctionTexts, junction_options, whole
from validation.clihelp import help_text
from validation.completion import completes

__all__ = ["HELP", "evaluate_command"]


HELP = help_text(
    r"""
    Compute one junction by both layers, side by side, with the digits that agree.

    Numbers are decimal or hexadecimal (0x1.eb851eb851eb8p-4); each is read as the nearest double,
    and both layers take that double exactly. Energies are in one unit of your choice, with
    hbar = e = k_B = 1. The protocol's options set both leads; those of one lead override them.

    [bold]Examples[/]

        qbval evaluate --level 0.4 --bias 0.5
        qbval evaluate --level 0.4 --bias 0.5 --left-coupling 0.3 --right-onsite 0.2
        qbval evaluate --level 2.3 --bias 0.5 --bound-state 0.3 --digits 50
        qbval evaluate --file examples/junction.toml --bias 1
        qbval evaluate --level 0.4 --coupling 1e-6 --bias 0.5 --json

    [bold]What a TOML file says[/]

        level = 0.4
        temperature_eq = "0x1p-3"   # text may be hexadecimal
        bound_state = \[0.3, 0.7]
        digits = 50

        \[right]                     # what one lead has for itself
        coupling = 0.3

    Exit codes: 0 both layers agree, 1 they differ by more than 1e-10 or one refuses, 2 bad input,
    130 interrupted.
    """
)


@junction_options("evaluate", "NUMBER")
def evaluate_command(
    *,
    junction: JunctionTexts,
    bound_state: Annotated[
        str,
        typer.Option(
            metavar="POLICY",
            autocompletion=completes(("error", "exclude")),
            help=(
                "What to do with bound states outside the bands: 'exclude' for the band part, "
                "or their occupations N or N1,N2 in order of energy; 'error' refuses."
            ),
        ),
    ] = "error",
    digits: Annotated[
        int, typer.Option(help="Digits asked of the reference.", **whole(15, 200))
    ] = 30,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Compute one junction by both layers, side by side, with the digits that agree."""
    from validation.commands.evaluate import evaluate

    raise typer.Exit(evaluate(junction.protocol, junction.own, bound_state, digits, as_json))
