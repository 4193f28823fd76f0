"""``qbval paper``: options and help; `validation.commands.paper_*` do the work.

Heavy packages are imported inside the commands, so that help comes at once.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from validation.cli_options import JunctionTexts, junction_options, whole
from validation.clihelp import help_text
from validation.completion import (
    completes,
    forms,
    names_of_claims,
    names_of_errata,
    names_of_figures,
)

__all__ = ["app"]

app = typer.Typer(
    help=help_text(
        """
        The paper, reproduced and judged: its figures, its claims, its errata, the charging in time.

        Exit codes: 0 agreed, 1 a disagreement was found, 2 bad input, 130 interrupted.
        """
    ),
    no_args_is_help=True,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


FIGURES_HELP = help_text(
    """
    Compute and draw Figs. 2-15, every panel, and one page that shows them all.

    The data come from the fast layer; points spread along each curve are checked against the
    certified reference, and the worst error is printed and stored with the data. Each panel's
    data go to netCDF and CSV, each figure to vector and pixel pictures, and index.html shows all
    of them with the captions' parameters. Where the captions leave a parameter open, a round value
    is chosen, and marked as chosen.

    [bold]Examples[/]

        qbval paper figures
        qbval paper figures --only 4 --only 8b --output figures --format png
        qbval paper figures --points 401 --no-check
        qbval paper figures --only 4 --json | jq .figures

    Exit codes: 0 every spot check agreed, 1 one did not, 2 bad input, 130 interrupted.
    """
)


@app.command("figures", help=FIGURES_HELP)
def figures_command(
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="DIR", help="Where everything is written.")
    ] = Path("paper-figures"),
    only: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FIGURE",
            autocompletion=completes(names_of_figures),
            help="One figure (4) or panel (4b) only; repeatable.",
        ),
    ] = None,
    form: Annotated[
        list[str] | None,
        typer.Option(
            "--format",
            metavar="FORMAT",
            autocompletion=completes(forms),
            help="png, svg or pdf; repeatable.",
            show_default="all three",
        ),
    ] = None,
    points: Annotated[int, typer.Option(help="Points along each curve.", **whole(11))] = 201,
    check: Annotated[
        bool, typer.Option("--check/--no-check", help="Check points against the reference.")
    ] = True,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object instead of the table.")
    ] = False,
) -> None:
    """Compute and draw Figs. 2-15, every panel, and one page that shows them all."""
    from validation.commands.paper_figures import run

    raise typer.Exit(run(output, only or (), form or (), points, check, as_json))


CLAIMS_HELP = help_text(
    """
    Judge every checkable sentence of the paper by computing what it speaks of.

    Each verdict is decided by the computed numbers and a stated margin: holds, holds within a
    stated deviation, holds only under a stated condition, does not hold, or not decidable from
    the text. A verdict against the paper is a result, not an error.

    The fast layer decides; SymPy's integrands, summed on other nodes by other rules, are asked for
    the same verdicts and the same numbers.

    [bold]Examples[/]

        qbval paper claims
        qbval paper claims --verbose
        qbval paper claims exergy-peak-at-bias
        qbval paper claims --no-check --json > claims.json

    Exit codes: 0 all claims were judged, and alike by both routes, 1 the routes differ,
    2 bad input, 130 interrupted.
    """
)


@app.command("claims", help=CLAIMS_HELP)
def claims_command(
    name: Annotated[
        str | None,
        typer.Argument(
            autocompletion=completes(names_of_claims),
            help="One claim, in full; without it, the table of all.",
        ),
    ] = None,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Every claim in full, below one another.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check/--no-check", help="Ask the second route as well.")
    ] = True,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON array.")] = False,
) -> None:
    """Judge every checkable sentence of the paper by computing what it speaks of."""
    from validation.commands.paper_claims import run

    raise typer.Exit(run(name, verbose, check, as_json))


ERRATA_HELP = help_text(
    """
    Show and prove the paper's errata: printed form, right form, proof, number, consequence.

    Each proof is decided again by SymPy as it is shown, and each number is computed.

    [bold]Examples[/]

        qbval paper errata
        qbval paper errata self-energy-sign
        qbval paper errata --verbose
        qbval paper errata --json > errata.json

    Exit codes: 0 every proof and every number agreed, 1 one did not, 2 bad input,
    130 interrupted.
    """
)


@app.command("errata", help=ERRATA_HELP)
def errata_command(
    name: Annotated[
        str | None,
        typer.Argument(
            autocompletion=completes(names_of_errata),
            help="One erratum, in full; without it, the table of all.",
        ),
    ] = None,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Every erratum in full, below one another.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON array.")] = False,
) -> None:
    """Show and prove the paper's errata: printed form, right form, proof, number, consequence."""
    from validation.commands.paper_errata import run

    raise typer.Exit(run(name, verbose, as_json))


CHARGING_HELP = help_text(
    """
    Charge the battery in time: two finite chains, exactly propagated, no Green function.

    Prints N, currents, entropy production and the two-state exergy along the time, the plateau
    that they reach before the ends' echo with its error, and how far the steady-state formulas
    are from it.

    [bold]Examples[/]

        qbval paper charging --level 0.4 --bias 0.5
        qbval paper charging --level 0.4 --bias 0.5 --initial 1 --picture charging.pdf
        qbval paper charging --level 2.3 --bias 0.5 --out charging.nc
        qbval paper charging --level 0.4 --bias 0.5 --json

    Exit codes: 0 the plateau agrees with the steady state, 1 it does not or it has no plateau,
    2 bad input, 130 interrupted.
    """
)


@app.command("charging", help=CHARGING_HELP)
@junction_options("charging", "NUMBER", leads=False)
def charging_command(
    *,
    junction: JunctionTexts,
    initial: Annotated[
        str, typer.Option(metavar="NUMBER", help="Initial occupation of the level, 0 to 1.")
    ] = "0",
    time: Annotated[
        str | None,
        typer.Option(
            metavar="NUMBER",
            help="Last time, in hbar over the unit of energy.",
            show_default="until the plateau is reached",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE", help="Where the values go: .nc or .csv."),
    ] = None,
    picture: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw it here: .png, .svg or .pdf.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Charge the battery in time: two finite chains, exactly propagated, no Green function."""
    from validation.commands.paper_charging import run

    raise typer.Exit(run(junction.protocol, initial, time, output, picture, as_json))
