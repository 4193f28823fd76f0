"""``qbval reference``: options and help; `validation.commands.reference` does the work."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from validation.cli_options import WorkersOption, whole
from validation.clihelp import help_text
from validation.completion import completes, names_of_backends, names_of_table_cases

__all__ = ["app"]

app = typer.Typer(
    name="reference",
    help=help_text(
        """
        The reference table: several hundred junctions with every observable to 40 digits and a
        radius that contains the exact value.

        It is shipped with the package: 'export' copies it out as JSON and CSV, 'show' prints it,
        'build --check' proves it.

        Exit codes: 0 done or agreed, 1 a disagreement was found, 2 bad input, 130 interrupted.
        """
    ),
    rich_markup_mode="rich",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

BUILD_HELP = help_text(
    """
    Compute the reference table anew, or prove the shipped one with --check.

    Finished cases are kept beside the output: after Ctrl-C the same command goes on. --check holds
    files, inputs and selection against each other and demands that every value computed anew
    overlaps the one in the table, and that condition numbers come out again; with --backend,
    computed by another integrator. All of it takes as long as the building, half an hour on two
    processors; --quick a quarter of a minute.

    [bold]Examples[/]

        qbval reference build --output mine
        qbval reference build --check --quick
        qbval reference build --check --backend mpmath --case 'cold-*'

    Exit codes: 0 done or agreed, 1 a disagreement was found, 2 bad input, 130 interrupted.
    """
)


@app.command("build", help=BUILD_HELP)
def build_command(
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="DIR", help="Where the table is.", show_default="the package"
        ),
    ] = None,
    workers: WorkersOption = None,
    digits: Annotated[
        int | None,
        typer.Option(
            help="Digits of the values.", show_default="40; --check: the table's", **whole(30, 100)
        ),
    ] = None,
    case: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PATTERN",
            autocompletion=completes(names_of_table_cases),
            help="Only cases whose name matches, e.g. 'cold-*'; repeatable.",
        ),
    ] = None,
    backend: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            autocompletion=completes(names_of_backends),
            help="The integrator.",
            show_default="arb; --check: the table's",
        ),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Prove the table instead of writing it.")
    ] = False,
    quick: Annotated[
        bool, typer.Option("--quick", help="With --check: values of two cases of each regime.")
    ] = False,
) -> None:
    """Compute the reference table anew, or prove the shipped one with --check."""
    from validation.commands import reference
    from validation.commands.console import bad_input
    from validation.reference_table.build import DEFAULT_DIGITS

    if check:
        if digits is not None:
            bad_input("--digits cannot go with --check, which takes the table's own.")
        code = reference.check(
            output=output, workers=workers, patterns=case or (), backend=backend, quick=quick
        )
        raise typer.Exit(code)
    if quick:
        bad_input("--quick goes with --check; to compute some cases only, give --case.")
    code = reference.build(
        output=output,
        workers=workers,
        digits=digits or DEFAULT_DIGITS,
        patterns=case or (),
        backend="arb" if backend is None else backend,
    )
    raise typer.Exit(code)


EXPORT_HELP = help_text(
    """
    Copy the table out for other languages: JSON, its schema, CSV, and the page on both.

    [bold]Examples[/]

        qbval reference export reference

    Exit codes: 0 written, 2 bad input, 130 interrupted.
    """
)


@app.command("export", help=EXPORT_HELP)
def export_command(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Where the files go.")],
) -> None:
    """Copy the table out for other languages: JSON, its schema, CSV, and the page on both."""
    from validation.commands.reference import export

    raise typer.Exit(export(directory))


SHOW_HELP = help_text(
    """
    List the cases, or print one with its inputs and values.

    [bold]Examples[/]

        qbval reference show
        qbval reference show cold-1e-8
        qbval reference show cold-1e-8 --json | jq .values.exergy
        qbval reference show --table mine

    Exit codes: 0 printed, 2 bad input, 130 interrupted.
    """
)


@app.command("show", help=SHOW_HELP)
def show_command(
    slug: Annotated[
        str | None,
        typer.Argument(
            autocompletion=completes(names_of_table_cases),
            help="A case's name; without it, the list of all.",
        ),
    ] = None,
    table: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Another table.", show_default="the shipped one"),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """List the cases, or print one with its inputs and values."""
    from validation.commands.reference_show import show

    raise typer.Exit(show(slug, table, as_json))
