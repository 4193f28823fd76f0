"""``qbval optimize``: options and help; `validation.commands.optimize` does the work."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from validation.cli_options import JunctionTexts, junction_options, whole
from validation.clihelp import help_text
from validation.completion import completes, names_of_objectives

__all__ = ["HELP", "optimize_command"]

HELP = help_text(
    r"""
    Find the protocol that charges best: where an observable is largest within bounds.

    Each parameter is a number, which stays fixed, or a range A:B, which is searched; the defaults
    are the paper's protocol with the bias of Fig. 7. A scan of the whole box finds the maxima,
    exact gradients refine each to rounding, and the certified reference confirms the best one:
    its value, its gradient, and that the points beside it are worse. That no higher maximum hides
    between the points of the scan is not proven.

    Besides the observables there are exergy_per_current, exergy_per_entropy_production,
    entropy_per_current and entropy_per_entropy_production. A range of positive numbers over more
    than a decade is searched in equal ratios.

    [bold]Examples[/]

        qbval optimize
        qbval optimize --level=-1:1.5 --bias 0:1 --picture map.png
        qbval optimize --level=-1:1.5 --bias 0 --temperature-gradient 0.3
        qbval optimize --maximize exergy_per_entropy_production --level 0.4 --bias 0.01:1
        qbval optimize --file examples/junction.toml --level=-1:1.5
        qbval optimize --minimize entropy --level=-0.5:1 --coupling 0.01:0.5 --json

    [bold]What a TOML file says[/]

        maximize = "exergy"
        level = \[-1, 1.5]
        bias = 0.5

    Exit codes: 0 found and certified, 1 the certificate fails, 2 bad input, 130 interrupted.
    """
)


DEFAULTS = {"level": "-1:1.5", "bias": "0.5"}
"""Where the search differs from the protocol's defaults: the bias is that of Fig. 7."""


@junction_options("optimize", "VALUE|A:B", defaults=DEFAULTS)
def optimize_command(
    *,
    largest: Annotated[
        str | None,
        typer.Option(
            "--maximize",
            metavar="NAME",
            autocompletion=completes(names_of_objectives),
            help="What to make large.",
            show_default="exergy",
        ),
    ] = None,
    smallest: Annotated[
        str | None,
        typer.Option(
            "--minimize",
            metavar="NAME",
            autocompletion=completes(names_of_objectives),
            help="What to make small instead.",
        ),
    ] = None,
    junction: JunctionTexts,
    bound_state: Annotated[
        str,
        typer.Option(
            metavar="POLICY",
            autocompletion=completes(("mask", "exclude")),
            help="Junctions with a bound state: 'mask' leaves them out of the search; 'exclude' "
            "takes the band part; or the occupation N, from 0 to 1.",
        ),
    ] = "mask",
    points: Annotated[
        int | None,
        typer.Option(
            help="Points of the scan, about.",
            show_default="513, 65x65, or 4096 by number",
            **whole(9),
        ),
    ] = None,
    digits: Annotated[
        int, typer.Option(help="Digits asked of the reference.", **whole(10, 40))
    ] = 20,
    certify: Annotated[
        bool, typer.Option("--certify/--no-certify", help="Hold it against the reference.")
    ] = True,
    picture: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Draw the search, of one or two parameters, here: .png, .svg or .pdf.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Find the protocol that charges best: where an observable is largest within bounds."""
    from validation.commands.optimize import run

    # What the command line says of the objective replaces what a file says of it.
    if largest is not None and smallest is not None:
        largest = None if "largest" in junction.from_file else largest
        smallest = None if "smallest" in junction.from_file else smallest
    raise typer.Exit(
        run(
            junction,
            largest=largest,
            smallest=smallest,
            bound_state=bound_state,
            points=points,
            digits=digits if certify else None,
            picture=picture,
            as_json=as_json,
        )
    )
