"""``qbval run``: options and help; `validation.commands.run` does the work."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from validation.cli_options import WorkersOption, whole
from validation.clihelp import help_text
from validation.completion import completes, names_of_cases, names_of_checks

__all__ = ["HELP", "run_command"]

HELP = help_text(
    """
    Cross-validate all layers: the paper's cases, hard corners, random points.

    Symbolic closed forms against the reference, qbnum against the reference, invariants and
    identities against zero. Ends with a table of checks, a table of digits for each observable,
    and the command that repeats each of the worst cases. A machine-readable record is written
    beside it, for qbval compare and qbval report. A layer may refuse a corner or a random point
    with a typed error, which is counted; a refusal on the paper's cases is a failure.

    [bold]Examples[/]

        qbval run --quick
        qbval run --quick --report report
        qbval run --random 1000 --seed 7 --workers 8 --output deep.json
        qbval run --only observables --case 'cold-*' --case 'weak-*' --verbose
        qbval run --quick --output new.json --compare old.json
        qbval run --quick --json | jq .verdict

    Exit codes: 0 all agreed, 1 a disagreement was found or something got worse, 2 bad input,
    130 interrupted.
    """
)


def run_command(
    quick: Annotated[
        bool, typer.Option("--quick", help="A subset that covers every regime and figure.")
    ] = False,
    workers: WorkersOption = None,
    seed: Annotated[
        int | None,
        typer.Option(help="Seed of the random points.", show_default="a fixed one", **whole(0)),
    ] = None,
    random: Annotated[int, typer.Option(help="Number of random points.", **whole(0, 10**6))] = 100,
    digits: Annotated[
        int, typer.Option(help="Digits asked of the reference.", **whole(20, 200))
    ] = 30,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Where the JSON record goes.")
    ] = Path("qbval-record.json"),
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
        report=report,
        baseline=compare,
        as_json=as_json,
    )
    raise typer.Exit(code)
