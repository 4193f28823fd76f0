"""``qbval run``: options and help; `validation.commands.run` does the work."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from validation.cli_options import WorkersOption, whole
from validation.clihelp import help_text
from validation.completion import completes, names_of_cases, names_of_checks

__all__ = ["HELP", "run_command"]

DEEP_JUNCTIONS, DEEP_CERTIFIED, DEEP_DIGITS = 100_000, 5_000, 20
"""The campaign that the repository keeps the summary of; about an hour on two cores."""

HELP = help_text(
    """
    Cross-validate all layers: the paper's cases, hard corners, random points.

    Symbolic closed forms against the reference, qbnum against the reference, invariants and
    identities against zero. Ends with a table of checks, a table of digits for each observable,
    and the command that repeats each of the worst cases. A machine-readable record is written
    beside it, for qbval compare and qbval report. A layer may refuse a corner or a random point
    with a typed error, which is counted; a refusal on the paper's cases is a failure.

    --deep is another run, the accuracy campaign: random junctions over the whole domain, qbnum's
    error estimates against true errors (certified) and against exact symmetries.

    [bold]Examples[/]

        qbval run --quick
        qbval run --quick --report report
        qbval run --random 1000 --seed 7 --workers 8 --output deep.json
        qbval run --only observables --case 'cold-*' --case 'weak-*' --verbose
        qbval run --quick --output new.json --compare old.json
        qbval run --quick --json | jq .verdict
        qbval run --deep --random 2000 --certified 100

    Exit codes: 0 all agreed, 1 a disagreement was found or something got worse, 2 bad input,
    130 interrupted.
    """
)


def run_command(
    quick: Annotated[
        bool, typer.Option("--quick", help="A subset that covers every regime and figure.")
    ] = False,
    deep: Annotated[
        bool,
        typer.Option(
            "--deep", help="The accuracy campaign; interrupted, the same command goes on."
        ),
    ] = False,
    workers: WorkersOption = None,
    seed: Annotated[
        int | None,
        typer.Option(help="Seed of the random points.", show_default="a fixed one", **whole(0)),
    ] = None,
    random: Annotated[
        int | None,
        typer.Option(
            help="Number of random points.",
            show_default="100; with --deep 100000",
            **whole(0, 10**6),
        ),
    ] = None,
    certified: Annotated[
        int | None,
        typer.Option(
            help="With --deep: how many of them are compared with the certified reference.",
            show_default="5000",
            **whole(0, 10**6),
        ),
    ] = None,
    digits: Annotated[
        int | None,
        typer.Option(
            help="Digits asked of the reference.",
            show_default="30; with --deep 20",
            **whole(20, 200),
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="Where the JSON record goes.",
            show_default="qbval-record.json; with --deep qbval-campaign.json",
        ),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Write the report there too: index.html, a page of its own."
        ),
    ] = None,
    compare: Annotated[
        Path | None,
        typer.Option(
            metavar="OLD",
            help=(
                "Compare with this record: what got worse, what better. It may be the file that "
                "--output replaces. With --json the comparison goes to stderr."
            ),
        ),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CHECK",
            help="Make this check only; may be repeated.",
            autocompletion=completes(names_of_checks),
        ),
    ] = None,
    case: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PATTERN",
            help="Only cases whose name matches, e.g. 'cold-*'; repeatable.",
            autocompletion=completes(names_of_cases),
        ),
    ] = None,
    as_json: Annotated[
        bool,
        typer.Option(
            "--json", help="Print the record instead of tables; it goes to --output all the same."
        ),
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Also what each check claims; all failures.")
    ] = False,
) -> None:
    """Cross-validate all layers: the paper's cases, hard corners, random points."""
    from validation.cases import DEFAULT_SEED
    from validation.commands.console import bad_input

    seed = DEFAULT_SEED if seed is None else seed
    if deep:
        from validation.campaign.summary import Settings
        from validation.commands.campaign import campaign

        others = {
            "--quick": quick,
            "--report": report,
            "--compare": compare,
            "--only": only,
            "--case": case,
        }
        for option, given in others.items():
            if given:
                bad_input(f"{option} does not go with --deep; leave out one of them.")
        settings = Settings(
            seed,
            junctions=DEEP_JUNCTIONS if random is None else random,
            certified=DEEP_CERTIFIED if certified is None else certified,
            digits=DEEP_DIGITS if digits is None else digits,
        )
        code = campaign(
            settings,
            workers=workers,
            output=output or Path("qbval-campaign.json"),
            as_json=as_json,
            verbose=verbose,
        )
    else:
        from validation.commands.run import run

        if certified is not None:
            bad_input("--certified goes with --deep only; leave it out or add --deep.")
        code = run(
            quick=quick,
            workers=workers,
            seed=seed,
            random=100 if random is None else random,
            digits=30 if digits is None else digits,
            output=output or Path("qbval-record.json"),
            only=only or (),
            patterns=case or (),
            verbose=verbose,
            report=report,
            baseline=compare,
            as_json=as_json,
        )
    raise typer.Exit(code)
