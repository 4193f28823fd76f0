"""The command ``qbval``: options, help and exit codes; `validation.commands` does the work.

Heavy packages are imported inside the commands, so that help comes at once.
"""

from __future__ import annotations

from importlib import metadata
from pathlib import Path
from typing import Annotated

import typer

from validation import cli_conformance, cli_optimize, cli_paper, cli_reference, cli_sweep
from validation.clihelp import help_text

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


RUN_HELP = help_text(
    """
    Cross-validate all layers: the paper's cases, hard corners, random points.

    Symbolic closed forms against the reference, qbnum against the reference, invariants and
    identities against zero. Ends with a table of checks, a table of digits for each observable,
    and the command that repeats each of the worst cases. A machine-readable record is written
    beside it. A layer may refuse a corner or a random point with a typed error, which is counted;
    a refusal on the paper's cases is a failure.

    [bold]Examples[/]

        qbval run --quick
        qbval run --random 1000 --seed 7 --workers 8 --output deep.json
        qbval run --only observables --case 'cold-*' --case 'weak-*' --verbose

    Exit codes: 0 all agreed, 1 a disagreement was found, 2 bad input, 130 interrupted.
    """
)


@app.command("run", help=RUN_HELP)
def run_command(
    quick: Annotated[
        bool, typer.Option("--quick", help="A subset that covers every regime and figure.")
    ] = False,
    workers: Annotated[
        int | None,
        typer.Option(min=1, help="Processes.", show_default="one for each processor"),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(min=0, help="Seed of the random points.", show_default="a fixed one"),
    ] = None,
    random: Annotated[int, typer.Option(min=0, help="Number of random points.")] = 100,
    digits: Annotated[
        int, typer.Option(min=20, max=200, help="Digits asked of the reference.")
    ] = 30,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Where the JSON record goes.")
    ] = Path("qbval-record.json"),
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="CHECK", help="Make this check only; may be repeated."),
    ] = None,
    case: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PATTERN", help="Only cases whose name matches, e.g. 'cold-*'; repeatable."
        ),
    ] = None,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Also what each check claims; all failures.")
    ] = False,
) -> None:
    """Cross-validate all layers: the paper's cases, hard corners, random points."""
    from validation.cases import DEFAULT_SEED
    from validation.commands.run import run

    code = run(
        quick=quick,
        workers=workers,
        seed=DEFAULT_SEED if seed is None else seed,
        random=random,
        digits=digits,
        output=output,
        only=only or (),
        patterns=case or (),
        verbose=verbose,
    )
    raise typer.Exit(code)


Text = Annotated[str, typer.Option(metavar="NUMBER")]


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


EVALUATE_HELP = help_text(
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


@app.command("evaluate", help=EVALUATE_HELP)
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


DERIVE_HELP = help_text(
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
        qbval derive --all --format latex -o derivations.tex

    Exit codes: 0 every step shown is proven and every order confirmed, 1 one is not, 2 bad input.
    """
)


@app.command("derive", help=DERIVE_HELP)
def derive_command(
    name: Annotated[
        str | None,
        typer.Argument(help="A derivation's or a limit's name; without it, the list of all."),
    ] = None,
    form: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="FORMAT",
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
) -> None:
    """Show what SymPy derives and proves: derivations step by step, and analytic limits."""
    from validation.commands.derive import derive, document, table_of_limits

    given = {"NAME": name is not None, "--limits": limits, "--all": everything}
    if sum(given.values()) > 1:
        both = " and ".join(option for option, present in given.items() if present)
        raise typer.BadParameter(f"{both} exclude each other; give one of them")
    if measure and not limits:
        raise typer.BadParameter("--measure goes with --limits")
    if output is not None and not everything:
        raise typer.BadParameter("--output goes with --all; otherwise redirect the output")
    if everything:
        raise typer.Exit(document(form, output))
    if limits:
        raise typer.Exit(table_of_limits(measure))
    raise typer.Exit(derive(name, form))


app.command("sweep", help=cli_sweep.HELP)(cli_sweep.sweep_command)
app.command("optimize", help=cli_optimize.HELP)(cli_optimize.optimize_command)
app.add_typer(cli_paper.app, name="paper")
app.add_typer(cli_reference.app, name="reference")
app.add_typer(cli_conformance.app, name="conformance")


def main() -> None:
    """Run the command line."""
    app(prog_name="qbval")
