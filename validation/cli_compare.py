"""``qbval compare``: options and help; `validation.commands.compare` does the work."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from validation.clihelp import help_text

__all__ = ["HELP", "compare_command"]

HELP = help_text(
    """
    Compare two records of runs: what got worse, what got better.

    Worse is a comparison that disagrees now and did not, that is refused or crashes now, or whose
    relative error lost a digit or more; errors of a few roundings of a double count as equal. What
    is in one record only is counted and is not worse. Versions, machines and options that differ
    are named. Each worse comparison comes with the command that makes it again, in JSON every one.

    [bold]Examples[/]

        qbval compare old.json new.json
        qbval compare old.json new.json --verbose
        qbval compare old.json new.json --json | jq '.worse[].command'

    Exit codes: 0 nothing got worse, 1 something did, 2 bad input, or nothing is in both.
    """
)


def compare_command(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="The record to compare with.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="The record that is judged.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Every comparison that changed.")
    ] = False,
) -> None:
    """Compare two records of runs: what got worse, what got better."""
    from validation.commands.compare import compare

    raise typer.Exit(compare(old, new, as_json, verbose))
