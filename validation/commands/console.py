"""Where the command line writes: results to stdout, progress and messages to stderr.

Exit codes, the one way to report bad input, the one progress bar. May import: rich, typer,
validation.files.
"""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from validation.files import try_writing, write_atomically

__all__ = [
    "AGREED",
    "BAD_INPUT",
    "DISAGREED",
    "INTERRUPTED",
    "WORKER_DIED",
    "bad_input",
    "check_output",
    "errors",
    "json_text",
    "named_by_file",
    "number",
    "out",
    "print_json",
    "progress",
    "write_file",
    "write_text",
]

AGREED = 0
DISAGREED = 1
BAD_INPUT = 2
WORKER_DIED = 3
INTERRUPTED = 130

FROM_FILE: ContextVar[Mapping[str, str]] = ContextVar("FROM_FILE")
"""How messages name the options that a parameter file gave."""

PIPED_WIDTH = 120
"""Columns when the output is not a terminal: wide enough for every table unfolded."""


def out() -> Console:
    """Return the console for results."""
    console = _Results(highlight=False, emoji=False)
    if console.is_terminal:
        return console
    return _Results(highlight=False, emoji=False, width=PIPED_WIDTH)


def errors() -> Console:
    """Return the console for progress and messages."""
    return Console(stderr=True, highlight=False, emoji=False)


class _Results(Console):
    def on_broken_pipe(self) -> None:
        # The command line ends quietly, in one place for all that is written.
        raise BrokenPipeError


def write_text(text: str) -> None:
    """Write text to stdout as it is: no wrapping, no markup."""
    sys.stdout.write(text)


def print_json(data: Any) -> None:
    """Write one document of strict JSON to stdout: numbers that are not finite are null."""
    write_text(json_text(data))


def json_text(data: Any) -> str:
    """Return strict JSON: numbers that are not finite are null."""
    return json.dumps(_finite(data), indent=1, allow_nan=False) + "\n"


def _finite(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _finite(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_finite(value) for value in data]
    return None if isinstance(data, float) and not math.isfinite(data) else data


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


@contextmanager
def named_by_file(labels: Mapping[str, str]) -> Iterator[None]:
    """Have `bad_input` name these options by their place in a parameter file."""
    before = FROM_FILE.set(labels)
    try:
        yield
    finally:
        FROM_FILE.reset(before)


def bad_input(message: str) -> NoReturn:
    """Say in one sentence what is wrong with the input, and exit with `BAD_INPUT`.

    An option at its head is named by its place in the parameter file if it came from there.
    """
    labels = FROM_FILE.get({})
    message = re.sub(r"^--[\w-]+", lambda found: labels.get(found[0], found[0]), message)
    errors().print(f"[bold red]Error:[/] {_plain(message)}", soft_wrap=True)
    raise typer.Exit(BAD_INPUT)


def check_output(
    option: str, path: Path | None, suffixes: tuple[str, ...] = (), *, directory: bool = False
) -> None:
    """Exit if nothing can be written there: before the work, not after it.

    Parameters
    ----------
    option : str
        What gave the path.
    path : path or None
        None passes.
    suffixes : tuple of str, optional
        Those that are allowed.
    directory : bool, optional
        It may be a directory that is there already.
    """
    if path is None:
        return
    if suffixes and path.suffix not in suffixes:
        bad_input(f"{option} {str(path)!r} has no known suffix; give one of {', '.join(suffixes)}.")
    try:
        if path.is_dir() and not directory:
            bad_input(f"{option} {str(path)!r} is a directory; give a file.")
        try_writing(path)
    except (OSError, ValueError) as error:
        _not_written(option, path, error)


def write_file(option: str, path: Path, content: str | bytes) -> None:
    """Write a file whole, or exit with the reason why it cannot be written."""
    try:
        write_atomically(path, content)
    except OSError as error:
        _not_written(option, path, error)


def _not_written(option: str, path: Path, error: OSError | ValueError) -> NoReturn:
    reason = getattr(error, "strerror", None) or error
    bad_input(
        f"{option} {str(path)!r} cannot be written ({reason}); give a file in a directory of yours."
    )


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
