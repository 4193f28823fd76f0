"""The command ``qbval``: options, help and exit codes; `validation.commands` does the work.

Heavy packages are imported inside the commands, so that help comes at once.
"""

from __future__ import annotations

import io
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from validation import (
    cli_compare,
    cli_conformance,
    cli_derive,
    cli_evaluate,
    cli_optimize,
    cli_paper,
    cli_reference,
    cli_report,
    cli_run,
    cli_sweep,
)
from validation.clihelp import help_text

__all__ = ["app", "main"]

BAD_INPUT, INTERRUPTED, READER_STOPPED = 2, 130, 141
"""The last two as a shell has it for what a signal ended: 128 and its number."""

HELP = help_text(
    """
    How right is a number? Cross-validation of a quantum battery charged by steady-state currents:
    SymPy's closed forms, arbitrary-precision references, and fast double precision, held against
    each other.

    [bold]Where to start[/]

        qbval run --quick --report report       # is everything right?
        qbval evaluate --level 0.4 --bias 0.5   # one junction, both layers
        qbval sweep --level -0.5:1.5:201 --plot # a picture
        qbval derive exergy_identity            # a proof, decided again
        qbval paper errata                      # what is wrong in the paper
        qbval conformance example c             # check your own program

    [bold]Exit codes[/] of every command; its own help says what they mean there:

        0    done, and all agreed
        1    a disagreement was found, or something was refused or not resolved
        2    bad input, or a file that cannot be written; one sentence on stderr says which
        3    a worker process died twice at the same piece of work; one line says at which
        130  interrupted by Ctrl-C or SIGTERM; one line on stderr says what is kept
        141  whoever read the output stopped, as head does

    Results go to stdout, everything else to stderr. With --json there is one JSON document.
    Shell completion, also of names: qbval --install-completion.
    """
)

VERIFY, COMPUTE, PAPER, OTHERS = "Verify", "Compute", "The paper", "For other implementations"


class Commands(TyperGroup):
    """Where every command ends that is interrupted, or cannot write, or whose reader stops."""

    def make_context(self, *args: Any, **kwargs: Any) -> Any:
        """Read the command line, and print help if it asks for it."""
        with _ending_in_order():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: typer.Context) -> Any:  # type: ignore[override]
        """Run the command, and end quietly what was ended from outside."""
        with _ending_in_order():
            return super().invoke(ctx)


@contextmanager
def _ending_in_order() -> Iterator[None]:
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except KeyboardInterrupt:
        # Files are written whole or not at all; commands that keep more say so themselves.
        typer.echo("Interrupted: no file was left half-written.", err=True)
        raise typer.Exit(INTERRUPTED) from None
    except (BrokenPipeError, SystemExit):  # which is Rich's way, while it prints help
        _give_up_stdout()
        raise typer.Exit(READER_STOPPED) from None
    except OSError as error:
        # Commands report the files that they were given; this is stdout, or the machine.
        _give_up_stdout()
        place = error.filename or "stdout"
        typer.echo(f"Error: {place}: {error.strerror or error}.", err=True)
        raise typer.Exit(BAD_INPUT) from None


def _give_up_stdout() -> None:
    """Have nothing written any more: Python would complain again when it closes stdout."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


app = typer.Typer(
    name="qbval",
    cls=Commands,
    help=HELP,
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


app.command("run", help=cli_run.HELP, rich_help_panel=VERIFY)(cli_run.run_command)
app.command("compare", help=cli_compare.HELP, rich_help_panel=VERIFY)(cli_compare.compare_command)
app.command("report", help=cli_report.HELP, rich_help_panel=VERIFY)(cli_report.report_command)
app.command("derive", help=cli_derive.HELP, rich_help_panel=VERIFY)(cli_derive.derive_command)
app.command("evaluate", help=cli_evaluate.HELP, rich_help_panel=COMPUTE)(
    cli_evaluate.evaluate_command
)
app.command("sweep", help=cli_sweep.HELP, rich_help_panel=COMPUTE)(cli_sweep.sweep_command)
app.command("optimize", help=cli_optimize.HELP, rich_help_panel=COMPUTE)(
    cli_optimize.optimize_command
)
app.add_typer(cli_paper.app, name="paper", rich_help_panel=PAPER)
app.add_typer(cli_reference.app, name="reference", rich_help_panel=OTHERS)
app.add_typer(cli_conformance.app, name="conformance", rich_help_panel=OTHERS)


def main() -> None:
    """Run the command line."""
    # Who ends it, or closes its terminal, interrupts it: its processes end, what is kept is said.
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, signal.default_int_handler)
    # A file that is opened later would get a closed stream's number, and what is written to it.
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            os.dup2(os.open(os.devnull, os.O_RDWR), number)
            setattr(sys, name, os.fdopen(number, "r" if number == 0 else "w"))
    # A sign that the terminal does not have is no reason to end.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        app(prog_name="qbval")
    except KeyboardInterrupt:  # before a command began, or after it
        sys.exit(INTERRUPTED)
