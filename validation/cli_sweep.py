"""``qbval sweep``: options and help; `validation.commands.sweep` does the work."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from validation.clihelp import help_text

__all__ = ["HELP", "sweep_command"]

HELP = help_text(
    """
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

    Exit codes: 0 done, 1 some points were not resolved, 2 bad input, 130 interrupted.
    """
)


def _protocol(text: str, default: str | None = None) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(
        metavar="VALUES",
        help=text,
        rich_help_panel="The paper's protocol",
        show_default=default or False,
    )
    return option


def _side(field: str, text: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(
        f"--{field}", metavar="VALUES", help=text, rich_help_panel="One lead", show_default=False
    )
    return option


DEFAULTS = {
    "coupling": "0.12",
    "hopping": "1",
    "onsite": "0",
    "mu_eq": "0.1",
    "temperature_eq": "0.1",
    "bias": "0",
    "temperature_gradient": "0",
}


def sweep_command(
    level: Annotated[str, _protocol("Energy of the battery's level.")],
    coupling: Annotated[
        str | None, _protocol("Tunnelling amplitude of both leads, >= 0.", DEFAULTS["coupling"])
    ] = None,
    hopping: Annotated[
        str | None, _protocol("Hopping of both leads, > 0.", DEFAULTS["hopping"])
    ] = None,
    onsite: Annotated[
        str | None, _protocol("Band centre of both leads.", DEFAULTS["onsite"])
    ] = None,
    mu_eq: Annotated[
        str | None, _protocol("Chemical potential of the equilibrium.", DEFAULTS["mu_eq"])
    ] = None,
    temperature_eq: Annotated[
        str | None, _protocol("Temperature of the equilibrium, > 0.", DEFAULTS["temperature_eq"])
    ] = None,
    bias: Annotated[
        str | None, _protocol("mu_L - mu_eq, added and rounded once.", DEFAULTS["bias"])
    ] = None,
    temperature_gradient: Annotated[
        str | None,
        _protocol("T_L - T_eq, added and rounded once.", DEFAULTS["temperature_gradient"]),
    ] = None,
    left_onsite: Annotated[str | None, _side("left-onsite", "Band centre.")] = None,
    left_hopping: Annotated[str | None, _side("left-hopping", "Hopping, > 0.")] = None,
    left_coupling: Annotated[str | None, _side("left-coupling", "Coupling, >= 0.")] = None,
    left_mu: Annotated[str | None, _side("left-mu", "Chemical potential.")] = None,
    left_temperature: Annotated[str | None, _side("left-temperature", "Temperature, > 0.")] = None,
    right_onsite: Annotated[str | None, _side("right-onsite", "Band centre.")] = None,
    right_hopping: Annotated[str | None, _side("right-hopping", "Hopping, > 0.")] = None,
    right_coupling: Annotated[str | None, _side("right-coupling", "Coupling, >= 0.")] = None,
    right_mu: Annotated[str | None, _side("right-mu", "Chemical potential.")] = None,
    right_temperature: Annotated[
        str | None, _side("right-temperature", "Temperature, > 0.")
    ] = None,
    zips: Annotated[
        list[str] | None,
        typer.Option("--zip", metavar="A,B", help="Axes that vary together; may be repeated."),
    ] = None,
    observables: Annotated[
        str | None,
        typer.Option(
            metavar="NAMES",
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
            help=(
                "Observables that need the occupation of a bound state: 'mask' (NaN), 'exclude' "
                "(the band part), 'error', or the occupation N, or below=N,between=N,above=N."
            ),
        ),
    ] = "mask",
    on_error: Annotated[
        str,
        typer.Option(
            metavar="POLICY", help="Points that are not resolved: 'mask' (NaN) or 'raise'."
        ),
    ] = "mask",
    processes: Annotated[
        int | None,
        typer.Option(
            min=1, help="Processes.", show_default="one for each processor, if the sweep is large"
        ),
    ] = None,
    block: Annotated[
        int,
        typer.Option(min=1, help="Points at a time: what an interruption can lose."),
    ] = 16384,
) -> None:
    """Compute observables over a grid of parameters: into a file, a table and a picture."""
    from validation.commands.console import bad_input
    from validation.commands.sweep import run

    if on_error not in ("mask", "raise"):
        bad_input(f"--on-error = {on_error!r}; give mask or raise.")
    given = {
        "level": level,
        "coupling": coupling,
        "hopping": hopping,
        "onsite": onsite,
        "mu_eq": mu_eq,
        "temperature_eq": temperature_eq,
        "bias": bias,
        "temperature_gradient": temperature_gradient,
        "left_onsite": left_onsite,
        "left_hopping": left_hopping,
        "left_coupling": left_coupling,
        "left_mu": left_mu,
        "left_temperature": left_temperature,
        "right_onsite": right_onsite,
        "right_hopping": right_hopping,
        "right_coupling": right_coupling,
        "right_mu": right_mu,
        "right_temperature": right_temperature,
    }
    code = run(
        given,
        {"level": level} | DEFAULTS,
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
    )
    raise typer.Exit(code)
