"""``qbval report``: the page of a record. May import: rich, validation.record, .report."""

from __future__ import annotations

from pathlib import Path

from rich.markup import escape

from validation.commands.console import (
    AGREED,
    DISAGREED,
    WORKER_DIED,
    bad_input,
    errors,
    out,
    progress,
)
from validation.pool import WorkerDiedError
from validation.record import RecordError, read_record
from validation.report import ReportError, check_directory, count_pieces, write_report

__all__ = ["report"]


def report(source: Path, directory: Path, paper: bool, figures: bool, workers: int | None) -> int:
    """Write the report and return the exit code.

    Parameters
    ----------
    source : Path
        The record.
    directory : Path
        Of the report.
    paper, figures : bool
        Whether errata and claims, and figures, are computed.
    workers : int or None
        Processes; None for one for each processor.
    """
    try:
        record = read_record(source)
        check_directory(directory)
    except RecordError as error:
        bad_input(f"RECORD: {error}")
    except ReportError as error:
        bad_input(f"--output: {error}")
    try:
        with progress("report", count_pieces(record, paper=paper, figures=figures)) as advance:
            page = write_report(
                record, directory,
                advance=advance, paper=paper, figures=figures, workers=workers,
            )  # fmt: skip
    except WorkerDiedError as error:
        errors().print(f"{error}: nothing was written.", soft_wrap=True, markup=False)
        return WORKER_DIED
    except OSError as error:
        bad_input(f"--output: {error.filename or directory}: {error.strerror or error}.")
    where = f"{escape(str(page))} ({page.stat().st_size / 1e6:.1f} MB)"
    out().print(f"The run {record['verdict']}. Report: {where}", soft_wrap=True)
    return AGREED if record["verdict"] == "agreed" else DISAGREED
