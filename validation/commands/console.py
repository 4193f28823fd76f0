"""Where the command line writes: results to stdout, progress and messages to stderr.

Exit codes, the one way to report bad input, the one progress bar. May import: rich, typer.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

__all__ = [
    "AGREED",
    "BAD_INPUT",
    "DISAGREED",
    "INTERRUPTED",
    "bad_input",
    "errors",
    "number",
    "out",
    "progress",
]

AGREED = 0
DISAGREED = 1
BAD_INPUT = 2
INTERRUPTED = 130

PIPED_WIDTH = 120
"""Columns when the output is not a terminal: wide enough for every table unfolded."""


def out() -> Console:
    """Return the console for results."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=PIPED_WIDTH)


def errors() -> Console:
    """Return the console for progress and messages."""
    return Console(stderr=True, highlight=False)


@contextmanager
def progress(description: str, total: int) -> Iterator[Callable[..., None]]:
    """Show on stderr, if it is a terminal, how much of ``total`` is done.

    What is yielded is called once for each piece, with a new description if there is one.
    """
    console = errors()
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as bar:
        handle = bar.add_task(description, total=total)

        def advance(description: str | None = None) -> None:
            bar.update(handle, advance=1, description=description)

        yield advance


def bad_input(message: str) -> NoReturn:
    """Say in one sentence what is wrong with the input, and exit with `BAD_INPUT`."""
    Console(stderr=True, highlight=False, soft_wrap=True).print(
        f"[bold red]Error:[/] {_plain(message)}"
    )
    raise typer.Exit(BAD_INPUT)


def _plain(message: str) -> str:
    return message.replace("[", r"\[")


DOMAINS = {
    "finite": (lambda value: True, "a finite number"),
    "positive": (lambda value: value > 0, "a finite number > 0"),
    "nonnegative": (lambda value: value >= 0, "a finite number >= 0"),
    "probability": (lambda value: 0 <= value <= 1, "a number from 0 to 1"),
}


def number(option: str, text: str, domain: str = "finite") -> float:
    """Return the double that ``text`` denotes, decimal or hexadecimal; exit if there is none.

    A decimal is rounded to the nearest double, which from then on is the input, exactly.
    """
    holds, allowed = DOMAINS[domain]
    try:
        value = float.fromhex(text) if "0x" in text.lower() else float(text)
    except (ValueError, OverflowError):
        value = math.nan
    if not math.isfinite(value) or not holds(value):
        bad_input(f"{option} = {text!r} is outside its domain; give {allowed}.")
    return value
