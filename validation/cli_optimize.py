"""``qbval optimize``: options and help; `validation.commands.optimize` does the work."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from validation.clihelp import help_text

__all__ = ["HELP", "optimize_command"]

HELP = help_text(
    """
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
        qbval optimize --minimize entropy --level=-0.5:1 --coupling 0.01:0.5 --json

    Exit codes: 0 found and certified, 1 the certificate fails, 2 bad input, 130 interrupted.
    """
)


def _protocol(text: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(
        metavar="VALUE|A:B", help=text, rich_help_panel="The paper's protocol"
    )
    return option


def _side(field: str, text: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(
        f"--{field}",
        metavar="VALUE|A:B",
        help=text,
        rich_help_panel="One lead",
        show_default=False,
    )
    return option


def optimize_command(
    largest: Annotated[
        str | None,
        typer.Option(
            "--maximize", metavar="NAME", help="What to make large.", show_default="exergy"
        ),
    ] = None,
    smallest: Annotated[
        str | None, typer.Option("--minimize", metavar="NAME", help="What to make small instead.")
    ] = None,
    level: Annotated[str, _protocol("Energy of the battery's level.")] = "-1:1.5",
    coupling: Annotated[str, _protocol("Tunnelling amplitude of both leads, >= 0.")] = "0.12",
    hopping: Annotated[str, _protocol("Hopping of both leads, > 0.")] = "1",
    onsite: Annotated[str, _protocol("Band centre of both leads.")] = "0",
    mu_eq: Annotated[str, _protocol("Chemical potential of the equilibrium.")] = "0.1",
    temperature_eq: Annotated[str, _protocol("Temperature of the equilibrium, > 0.")] = "0.1",
    bias: Annotated[str, _protocol("mu_L - mu_eq.")] = "0.5",
    temperature_gradient: Annotated[str, _protocol("T_L - T_eq, > -temperature_eq.")] = "0",
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
    bound_state: Annotated[
        str,
        typer.Option(
            metavar="POLICY",
            help="Junctions with a bound state: 'mask' leaves them out of the search; 'exclude' "
            "takes the band part; or the occupation N, from 0 to 1.",
        ),
    ] = "mask",
    points: Annotated[
        int | None,
        typer.Option(
            min=9, help="Points of the scan, about.", show_default="513, 65x65, or 4096 by number"
        ),
    ] = None,
    digits: Annotated[
        int, typer.Option(min=10, max=40, help="Digits asked of the reference.")
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

    protocol = {
        "level": level,
        "coupling": coupling,
        "hopping": hopping,
        "onsite": onsite,
        "mu_eq": mu_eq,
        "temperature_eq": temperature_eq,
        "bias": bias,
        "temperature_gradient": temperature_gradient,
    }
    own = {
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
    raise typer.Exit(
        run(
            protocol,
            own,
            largest=largest,
            smallest=smallest,
            bound_state=bound_state,
            points=points,
            digits=digits if certify else None,
            picture=picture,
            as_json=as_json,
        )
    )
