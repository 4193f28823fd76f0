"""Options that several commands share: a junction's parameters, one by one or from a TOML file.

May import: typer, validation.parameters and .commands.console inside functions.
"""

from __future__ import annotations

import functools
import inspect
import math
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

__all__ = [
    "LEADS",
    "PROTOCOL",
    "JunctionTexts",
    "WorkersOption",
    "domain_of",
    "junction_options",
    "option_of",
    "real",
    "whole",
]

PROTOCOL = {
    "level": ("Energy of the battery's level.", None),
    "coupling": ("Tunnelling amplitude of both leads, >= 0.", "0.12"),
    "hopping": ("Hopping of both leads, > 0.", "1"),
    "onsite": ("Band centre of both leads.", "0"),
    "mu_eq": ("Chemical potential of the equilibrium.", "0.1"),
    "temperature_eq": ("Temperature of the equilibrium, > 0.", "0.1"),
    "bias": ("mu_L - mu_eq, added and rounded once.", "0"),
    "temperature_gradient": ("T_L - T_eq, > -temperature_eq, added and rounded once.", "0"),
}
"""The paper's protocol: what each parameter is, and its default."""

LEADS = {
    f"{side}_{name}": text
    for side in ("left", "right")
    for name, text in {
        "onsite": "Band centre.",
        "hopping": "Hopping, > 0.",
        "coupling": "Coupling, >= 0.",
        "mu": "Chemical potential.",
        "temperature": "Temperature, > 0.",
    }.items()
}
"""What one lead may have for itself."""

LABELS = "validation.labels"
"""Where a context keeps how messages name the options that came from a file."""


@dataclass(frozen=True)
class JunctionTexts:
    """A junction's parameters as they were written.

    Attributes
    ----------
    protocol, own : mapping of str to str
        Texts of the protocol's parameters, and of those of one lead that were given, in the order
        of the options.
    given : frozenset of str
        Those of the protocol that are no defaults.
    from_file : frozenset of str
        All parameters of the command that a file gave, and the command line did not.
    """

    protocol: Mapping[str, str]
    own: Mapping[str, str]
    given: frozenset[str]
    from_file: frozenset[str]


def whole(low: int, high: int | None = None) -> dict[str, Any]:
    """Return what makes an option take a whole number from ``low``, up to ``high`` if given."""
    metavar = f"N>={low}" if high is None else f"{low}<=N<={high}"
    return {"parser": _within(int, "a whole number", low, high), "metavar": metavar}


def real(low: float, high: float | None = None) -> dict[str, Any]:
    """Return what makes an option take a finite number from ``low``, up to ``high`` if given."""
    return {"parser": _within(float, "a finite number", low, high)}


def _within(
    kind: Callable[[str], float], what: str, low: float, high: float | None
) -> Callable[[Any], float]:
    """Return a parser whose refusal names the value and the domain; Typer names the option."""
    domain = f"{what} >= {low}" if high is None else f"{what} from {low} to {high}"
    most = sys.float_info.max if high is None else high

    def number(given: Any) -> float:
        try:
            value = kind(str(given))
        except ValueError:
            value = math.nan
        if not low <= value <= most:
            raise typer.BadParameter(f"{str(given)!r} is outside its domain; give {domain}")
        return value

    return number


WorkersOption = Annotated[
    int | None,
    typer.Option(help="Processes.", show_default="one for each processor", **whole(1)),
]


def domain_of(name: str) -> str:
    """Return the domain of a parameter, a key of `validation.commands.console.DOMAINS`."""
    if name.endswith(("hopping", "temperature", "temperature_eq")):
        return "positive"
    return "nonnegative" if name.endswith("coupling") else "finite"


def option_of(name: str) -> str:
    """Return the option that sets a parameter."""
    return "--" + name.replace("_", "-")


def junction_options(
    command: str, metavar: str, *, defaults: Mapping[str, str] | None = None, leads: bool = True
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Put a junction's options and ``--file`` in the place of a command's argument ``junction``.

    Parameters
    ----------
    command : str
        What the command is called in the schema of parameter files.
    metavar : str
        What each option takes.
    defaults : mapping of str to str, optional
        In place of those in `PROTOCOL`; a parameter without any is required.
    leads : bool, optional
        Whether each lead may have its own fields.

    Returns
    -------
    callable
        A decorator of a function whose arguments are keyword-only; ``junction`` is then a
        `JunctionTexts`.
    """
    options = _protocol(metavar, defaults or {}) + (_leads(metavar) if leads else [])
    names = [option.name for option in options]

    def decorate(function: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(function)
        def wrapped(ctx: typer.Context, **arguments: Any) -> None:
            from validation.commands.console import named_by_file

            del arguments["file"]  # Read before all others.
            source = {name: _source(ctx, name) for name in ctx.params}
            texts = {name: arguments.pop(name) for name in names}
            junction = JunctionTexts(
                protocol={k: text for k, text in texts.items() if k in PROTOCOL},
                own={k: text for k, text in texts.items() if k in LEADS and text is not None},
                given=frozenset(k for k in PROTOCOL if source[k] != "DEFAULT"),
                from_file=frozenset(k for k, found in source.items() if found == "DEFAULT_MAP"),
            )
            labels = {
                option: ctx.meta[LABELS][parameter.name]
                for parameter in ctx.command.params
                if parameter.name in junction.from_file
                for option in parameter.opts
            }
            with named_by_file(labels):
                function(junction=junction, **arguments)

        parameters = [_keyword("ctx", typer.Context)]
        for parameter in inspect.signature(function, eval_str=True).parameters.values():
            if parameter.name == "junction":
                parameters += [*options, _file(command)]
            else:
                parameters.append(parameter)
        # What Typer reads the options from.
        wrapped.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        wrapped.__annotations__ = {p.name: p.annotation for p in parameters}
        return wrapped

    return decorate


def _source(ctx: typer.Context, name: str) -> str:
    found = ctx.get_parameter_source(name)
    return "" if found is None else found.name


def _keyword(name: str, annotation: Any, default: Any = inspect.Parameter.empty) -> Any:
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation
    )


def _protocol(metavar: str, defaults: Mapping[str, str]) -> list[inspect.Parameter]:
    parameters = []
    for name, (text, usual) in PROTOCOL.items():
        option = typer.Option(metavar=metavar, help=text, rich_help_panel="The paper's protocol")
        default = defaults.get(name, usual)
        given = inspect.Parameter.empty if default is None else default
        parameters.append(_keyword(name, Annotated[str, option], given))
    return parameters


def _leads(metavar: str) -> list[inspect.Parameter]:
    parameters = []
    for name, text in LEADS.items():
        option = typer.Option(
            metavar=metavar, help=text, rich_help_panel="One lead", show_default=False
        )
        parameters.append(_keyword(name, Annotated[str | None, option], None))
    return parameters


def _file(command: str) -> inspect.Parameter:
    def read(ctx: typer.Context, path: Path | None) -> Path | None:
        if path is not None and not ctx.resilient_parsing:
            from validation.commands.console import bad_input
            from validation.parameters import ParameterFileError, read_parameters

            try:
                values = read_parameters(path, command)
            except ParameterFileError as error:
                bad_input(f"{error}.")
            ctx.default_map = {name: value.given for name, value in values.items()}
            ctx.meta[LABELS] = {name: f"{path}: {v.key}" for name, v in values.items()}
        return path

    option = typer.Option(
        metavar="FILE",
        is_eager=True,
        callback=read,
        help="A TOML file of parameters, the level included; options override it.",
    )
    return _keyword("file", Annotated[Path | None, option], None)
