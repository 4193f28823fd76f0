"""``qbval evaluate``: options and help; `validation.commands.evaluate` does the work."""

from __future__ import annotations

from typing import Annotated

import typer

from validation.clihelp import help_text

__all__ = ["HELP", "evaluate_command"]


def _side(field: str, text: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(
        f"--{field}", metavar="NUMBER", help=text, rich_help_panel="One lead", show_default=False
    )
    return option


def _protocol(text: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(
        metavar="NUMBER", help=text, rich_help_panel="The paper's protocol"
    )
    return option


HELP = help_text(
    """
    Compute one junction by both layers, side by side, with the digits that agree.

    Numbers are decimal or hexadecimal (0x1.eb851eb851eb8p-4); each is read as the nearest double,
    and both layers take that double exactly. Energies are in one unit of your choice, with
    hbar = e = k_B = 1. The protocol's options set both leads; those of one lead override them.

    [bold]Examples[/]

        qbval evaluate --level 0.4 --bias 0.5
        qbval evaluate --level 0.4 --bias 0.5 --left-coupling 0.3 --right-onsite 0.2
        qbval evaluate --level 2.3 --bias 0.5 --bound-state 0.3 --digits 50
        qbval evaluate --level 0.4 --coupling 1e-6 --bias 0.5 --json

    Exit codes: 0 both layers agree, 1 they differ by more than 1e-10 or one refuses, 2 bad input.
    """
)


def evaluate_command(
    level: Annotated[str, _protocol("Energy of the battery's level.")],
    coupling: Annotated[str, _protocol("Tunnelling amplitude of both leads, >= 0.")] = "0.12",
    hopping: Annotated[str, _protocol("Hopping of both leads, > 0.")] = "1",
    onsite: Annotated[str, _protocol("Band centre of both leads.")] = "0",
    mu_eq: Annotated[str, _protocol("Chemical potential of the equilibrium.")] = "0.1",
    temperature_eq: Annotated[str, _protocol("Temperature of the equilibrium, > 0.")] = "0.1",
    bias: Annotated[str, _protocol("mu_L - mu_eq, added and rounded once.")] = "0",
    temperature_gradient: Annotated[
        str, _protocol("T_L - T_eq, > -temperature_eq, added and rounded once.")
    ] = "0",
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
            help=(
                "What to do with bound states outside the bands: 'exclude' for the band part, "
                "or their occupations N or N1,N2 in order of energy; 'error' refuses."
            ),
        ),
    ] = "error",
    digits: Annotated[
        int, typer.Option(min=15, max=200, help="Digits asked of the reference.")
    ] = 30,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Compute one junction by both layers, side by side, with the digits that agree."""
    from validation.commands.evaluate import evaluate

    common = {
        "level": level,
        "coupling": coupling,
        "hopping": hopping,
        "onsite": onsite,
        "mu_eq": mu_eq,
        "temperature_eq": temperature_eq,
        "bias": bias,
        "temperature_gradient": temperature_gradient,
    }
    leads = {
        "left": {
            "onsite": left_onsite,
            "hopping": left_hopping,
            "coupling": left_coupling,
            "mu": left_mu,
            "temperature": left_temperature,
        },
        "right": {
            "onsite": right_onsite,
            "hopping": right_hopping,
            "coupling": right_coupling,
            "mu": right_mu,
            "temperature": right_temperature,
        },
    }
    raise typer.Exit(evaluate(common, leads, bound_state, digits, as_json))
