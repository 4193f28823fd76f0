"""The commands ``qbval conformance``: options and help; `validation.commands` does the work.

Heavy packages are imported inside the commands, so that help comes at once.
May import: typer, validation.clihelp, .completion, .commands.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from validation.cli_options import real, whole
from validation.clihelp import help_text
from validation.completion import (
    completes,
    names_of_examples,
    names_of_observables,
    names_of_regimes,
    names_of_table_cases,
)

__all__ = ["app"]


app = typer.Typer(
    name="conformance",
    help=help_text(
        """
        How many digits of your own implementation are right, in any language.

        Your program reads one line of JSON for each junction and prints one line with the
        observables that it has. The answers are scored against the reference table, and
        well-known mistakes are recognised and named. Start with an example:

            qbval conformance example c -o conformance.c
            cc -O2 -o conformance conformance.c -lm
            qbval conformance check --exec ./conformance

        Exit codes: 0 it conforms, 1 it does not, 2 bad input, 130 interrupted.
        """
    ),
    rich_markup_mode="rich",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

SCOPE = "Selection"

TableOption = Annotated[
    Path | None,
    typer.Option(
        "--table",
        metavar="FILE",
        help="Another reference table than the shipped one.",
        show_default=False,
    ),
]
RegimeOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="REGIME",
        autocompletion=completes(names_of_regimes),
        help="Only this regime; may be repeated.",
        rich_help_panel=SCOPE,
        show_default=False,
    ),
]
CaseOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="PATTERN",
        autocompletion=completes(names_of_table_cases),
        help="Only cases whose name matches, e.g. 'paper-*'; may be repeated.",
        rich_help_panel=SCOPE,
        show_default=False,
    ),
]

EXPORT_HELP = help_text(
    """
    Write the junctions of the reference table, one line of JSON for each, without the answers.

    The numbers are doubles, written as the shortest decimal that reads back as the same double:
    that double is what is meant, exactly. hbar = e = k_B = 1.

    [bold]Examples[/]

        qbval conformance export -o cases.jsonl
        qbval conformance export | ./impl > results.jsonl
        qbval conformance export --regime weak --regime cold | ./impl
        qbval conformance export --list-regimes

    Exit codes: 0 written, 2 bad input, 130 interrupted.
    """
)


@app.command("export", help=EXPORT_HELP)
def export_command(
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="A file instead of stdout."),
    ] = None,
    regime: RegimeOption = None,
    case: CaseOption = None,
    list_regimes: Annotated[
        bool, typer.Option("--list-regimes", help="List the regimes instead, and what they mean.")
    ] = False,
    table: TableOption = None,
) -> None:
    """Write the junctions of the reference table, one line of JSON for each."""
    from validation.commands import conformance

    if list_regimes:
        raise typer.Exit(conformance.list_regimes(table))
    raise typer.Exit(conformance.export(table, output, regime or (), case or ()))


CHECK_HELP = help_text(
    """
    Score a file of answers, or a program that is asked case by case.

    RESULTS has one JSON object on each line, in any order; '-' reads standard input:

        {"id": "...", "values": {"particle_number": 0.45}}
        {"id": "...", "values": {...}, "error_estimates": {...}}
        {"id": "...", "error": "why it is refused"}

    Numbers may be JSON numbers, read as doubles, or text with more digits than a double has.
    With --exec the program stays up, gets one line, and must print its answer and flush before it
    gets the next. Crashes, timeouts and garbage are counted as failures, with what was received
    and the end of its stderr, and the program is started again. It is run without a shell, without
    a terminal and without core files, in this directory and with this environment; whatever it
    starts is ended with it. A program that may mean harm belongs into a container.

    By default it conforms if every line is an answer, no value is missing, none is NaN or has the
    wrong sign, and each has 6 digits or more: within reach of double precision in every case, but
    not of a wrong formula or an uncontrolled cancellation. Refusals are counted and
    shown, and are no failure. Whoever computes only some observables names them with --observable.

    [bold]Examples[/]

        qbval conformance check results.jsonl
        qbval conformance check --exec ./impl --picture digits.png
        qbval conformance check --exec 'julia impl.jl' --timeout 60
        qbval conformance check --exec ./impl --regime weak --min-digits 10
        qbval conformance check --exec ./impl --observable exergy
        qbval conformance check results.jsonl --json - | jq .verdict

    Exit codes: 0 it conforms, 1 it does not, 2 bad input, 130 interrupted.
    """
)

GOALS = "Thresholds"
FORMS = "Output"


def _goal(text: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(
        metavar="DIGITS", help=text, rich_help_panel=GOALS, **real(0)
    )
    return option


def _file(flag: str, text: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(
        flag, metavar="FILE", help=text, rich_help_panel=FORMS, show_default=False
    )
    return option


@app.command("check", help=CHECK_HELP)
def check_command(
    results: Annotated[
        str | None, typer.Argument(help="File of answers; '-' for stdin.", show_default=False)
    ] = None,
    program: Annotated[
        str | None,
        typer.Option(
            "--exec", metavar="PROGRAM", help="Ask this program, e.g. './impl' or 'node impl.mjs'."
        ),
    ] = None,
    timeout: Annotated[
        float,
        typer.Option(
            metavar="SECONDS",
            help="For each answer; the first one after a start may take three times as long.",
            **real(0.01, 86400),
        ),
    ] = 10.0,
    memory: Annotated[
        int,
        typer.Option(
            help="Megabytes of memory for each of the program's processes; 0 for no limit.",
            **whole(0, 10**9),
        ),
    ] = 0,
    regime: RegimeOption = None,
    case: CaseOption = None,
    observable: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            autocompletion=completes(names_of_observables),
            help="Only this observable; may be repeated.",
            rich_help_panel=SCOPE,
            show_default=False,
        ),
    ] = None,
    min_digits: Annotated[float, _goal("Digits of the worst value.")] = 6.0,
    min_median: Annotated[float | None, _goal("Median digits of every observable.")] = None,
    digits_lost: Annotated[
        float | None,
        _goal("Most digits that the method may lose beyond what the case's condition takes."),
    ] = None,
    json_file: Annotated[
        Path | None,
        _file("--json", "The whole report as JSON; '-' is stdout, in place of the text."),
    ] = None,
    markdown_file: Annotated[Path | None, _file("--markdown", "The report as Markdown.")] = None,
    picture_file: Annotated[
        Path | None,
        _file("--picture", "Digits by regime and observable: a .png, .svg or .pdf."),
    ] = None,
    table: TableOption = None,
) -> None:
    """Score a file of answers, or a program that is asked case by case."""
    from validation.commands.conformance import check
    from validation.conformance.thresholds import Thresholds

    code = check(
        table_path=table,
        results=results,
        program=program,
        timeout=timeout,
        memory=memory,
        regimes=regime or (),
        patterns=case or (),
        observables=observable or (),
        thresholds=Thresholds(min_digits, min_median, digits_lost),
        json_file=json_file,
        markdown_file=markdown_file,
        picture_file=picture_file,
    )
    raise typer.Exit(code)


EXAMPLE_HELP = help_text(
    """
    Print a small implementation to copy the protocol from: c, javascript or python.

    The one in Python integrates naively with scipy.integrate.quad: its score shows where that
    loses digits.

    [bold]Examples[/]

        qbval conformance example c -o conformance.c
        qbval conformance example python | less

    Exit codes: 0 printed, 2 bad input, 130 interrupted.
    """
)


@app.command("example", help=EXAMPLE_HELP)
def example_command(
    language: Annotated[
        str,
        typer.Argument(
            autocompletion=completes(names_of_examples), help="c, javascript or python."
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="A new file, or a directory, instead of stdout."
        ),
    ] = None,
) -> None:
    """Print a small implementation to copy the protocol from."""
    from validation.commands.conformance import example

    raise typer.Exit(example(language, output))
