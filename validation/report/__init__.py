"""The report of a run: one self-contained HTML page, and the record beside it.

`content`, `routes`, `digits` and `limits` read off the record, `pieces` computes what a record
does not hold, `page` puts it together. May import: everything; heavy packages inside the functions.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from validation.errors import ValidationError
from validation.files import try_writing, write_atomically

if TYPE_CHECKING:
    from validation.report.pieces import Piece

__all__ = ["PAGE", "RECORD", "ReportError", "check_directory", "count_pieces", "write_report"]

PAGE = "index.html"
RECORD = "record.json"


class ReportError(ValidationError, ValueError):
    """A report cannot be written where it was asked for."""


def check_directory(directory: Path) -> None:
    """Make a directory for a report, so that a long run does not end without one.

    Raises
    ------
    ReportError
        It cannot be made or written.
    """
    cure = "give a directory that can be written"
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name in (PAGE, RECORD):
            if (directory / name).is_dir():
                raise ReportError(f"{directory / name} is a directory; {cure}.")
        try_writing(directory / PAGE)
    except OSError as error:
        raise ReportError(f"{directory} cannot hold a report ({error.strerror}); {cure}.") from None


def count_pieces(record: Mapping[str, Any], *, paper: bool = True, figures: bool = True) -> int:
    """Return how often `write_report` calls ``advance`` with the same arguments."""
    return len(_pieces(record, paper, figures)) + 1


def write_report(
    record: Mapping[str, Any],
    directory: Path,
    *,
    advance: Callable[[str], None] | None = None,
    paper: bool = True,
    figures: bool = True,
    workers: int | None = None,
) -> Path:
    """Write ``index.html`` and ``record.json``, each whole or not at all.

    Parameters
    ----------
    record : mapping
        Of a run, as `validation.record` builds it.
    directory : Path
        Made if need be.
    advance : callable, optional
        Called after each piece of work with the name of its stage; see `count_pieces`.
    paper : bool
        Whether errata, claims and what the limits claim are computed; without them the page is
        there at once.
    figures : bool
        Whether the paper's figures are computed and drawn.
    workers : int, optional
        Processes; by default one for each processor; with 1 everything happens in this one.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    ReportError
        The directory cannot be made or written.
    OSError
        A file cannot be written.
    """
    from validation.record import record_text
    from validation.report.page import page

    check_directory(directory)
    note = advance or (lambda stage: None)
    made = _made(_pieces(record, paper, figures), workers or os.cpu_count() or 1, note)
    text = page(record, made, directory, paper)
    write_atomically(directory / RECORD, record_text(record))
    write_atomically(directory / PAGE, text)
    note("page")
    return directory / PAGE


def _pieces(record: Mapping[str, Any], paper: bool, figures: bool) -> list[Piece]:
    from validation.report.pieces import pieces

    return pieces(paper, figures, limits=paper and "limits" in record["results"])


def _made(pieces: list[Piece], workers: int, note: Callable[[str], None]) -> dict[str, list[Any]]:
    """Compute the pieces and return the views by stage, in the order of the pieces."""
    from validation.pool import finished
    from validation.report.pieces import STAGES

    named = {f"{piece.stage}: {piece.name}": piece for piece in pieces}
    done: dict[str, list[Any]] = {}
    calls = {name: piece.compute for name, piece in named.items()}
    for name, views in finished(calls, min(workers, len(pieces))):
        done[name] = views
        note(named[name].stage)
    made: dict[str, list[Any]] = {stage: [] for stage in STAGES}
    for name, piece in named.items():
        made[piece.stage] += done[name]
    return made
