"""``qbval sweep``: options and help; `validation.commands.sweep` does the work."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from validation.cli_options import JunctionTexts, junction_options, whole
from validation.clihelp import help_text
from validation.completion import completes, names_of_axes, names_of_observables

__all__ = ["HELP", "sweep_command"]

HELP = help_text(
    r"""
    Compute observables over a grid of parameters: into a file, a table and a picture.

    Each parameter is a number, or several of them, which make it an axis: a list 0.1,0.2,0.4, a
    range START:STOP:COUNT with both ends, or log:START:STOP:COUNT in equal ratios. Axes are
    crossed, in the order of the options below; those named together by --zip vary together. The
    protocol's options set both leads as in 'qbval evaluate'; those of one lead override them.

    With --out blocks of points are kept in FILE.partial as they are finished: after Ctrl-C, or
    whatever else ended it, the same command goes on where it stopped and ends with the same file.
    Every observable has its error estimate beside it, and 'status' says why a value is NaN.

    [bold]Examples[/]

        qbval sweep --level -0.5:1.5:201 --bias 0:1:101 --out map.nc --plot
        qbval sweep --level 0.4 --coupling log:1e-4:1:81 --bias 0.5 --plot
        qbval sweep --level 0.2:0.7:51 --bias 0:1:51 --zip level,bias --plot
        qbval sweep --level -3:3:601 --bias 0.5 --observables energy,exergy -o x.csv
        qbval sweep --level -3:3:601 --bias 0.5 --bound-state below=1,above=0
        qbval sweep --file examples/sweep.toml --bias 1 --json

    [bold]What a TOML file says[/]

        level = "-0.5:1.5:41"
        bias = \[0, 0.25, 0.5]
        zip = \[\["left.coupling", "right.coupling"]]
        observables = \["exergy", "entropy"]
        bound_state = {below = 1, above = 0}

        \[left]
        coupling = "0.1:0.3:21"

        \[right]
        coupling = "0.3:0.1:21"

    Exit codes: 0 done, 1 some points were not resolved, 2 bad input, 130 interrupted.
    """
)


@junction_options("sweep", "VALUES")
def sweep_command(
    *,
    junction: JunctionTexts,
    zips: Annotated[
        list[str] | None,
        typer.Option(
            "--zip",
            metavar="A,B",
            autocompletion=completes(names_of_axes, listed=True),
            help="Axes that vary together; may be repeated.",
        ),
    ] = None,
    observables: Annotated[
        str | None,
        typer.Option(
            metavar="NAMES",
            autocompletion=completes(names_of_observables, listed=True),
            help="Those to keep and draw, separated by commas.",
            show_default="all are kept, six are drawn",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", metavar="FILE", help="Where the values go: .nc (netCDF), .zarr or .csv."
        ),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace a finished file of another sweep.")
    ] = False,
    plot: Annotated[
        bool,
        typer.Option(
            "--plot", help="Draw it, beside the output: lines for one axis, maps for two."
        ),
    ] = False,
    picture: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Draw it here: .png, .svg or .pdf."),
    ] = None,
    bound_state: Annotated[
        str,
        typer.Option(
            metavar="POLICY",
            autocompletion=completes(("mask", "exclude", "error")),
            help=(
                "Observables that need the occupation of a bound state: 'mask' (NaN), 'exclude' "
                "(the band part), 'error', or the occupation N, or below=N,between=N,above=N."
            ),
        ),
    ] = "mask",
    on_error: Annotated[
        str,
        typer.Option(
            metavar="POLICY",
            autocompletion=completes(("mask", "raise")),
            help="Points that are not resolved: 'mask' (NaN) or 'raise'.",
        ),
    ] = "mask",
    processes: Annotated[
        int | None,
        typer.Option(
            help="Processes.",
            show_default="one for each processor, if the sweep is large",
            **whole(1),
        ),
    ] = None,
    block: Annotated[
        int,
        typer.Option(help="Points at a time: what an interruption can lose.", **whole(1)),
    ] = 16384,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object instead of the table.")
    ] = False,
) -> None:
    """Compute observables over a grid of parameters: into a file, a table and a picture."""
    from validation.commands.console import bad_input
    from validation.commands.sweep import run

    if on_error not in ("mask", "raise"):
        bad_input(f"--on-error = {on_error!r}; give mask or raise.")
    code = run(
        junction,
        zips=zips or (),
        observables=observables,
        bound_state=bound_state,
        on_error=on_error,
        output=output,
        overwrite=overwrite,
        plot=plot,
        picture=picture,
        processes=processes,
        block=block,
        as_json=as_json,
    )
    raise typer.Exit(code)
