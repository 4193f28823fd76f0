"""``qbval run``: the cross-validation of all layers. May import: everything."""

from __future__ import annotations

import fnmatch
import os
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import typer
from rich.markup import escape

from validation.cases import Case, corner_cases, paper_cases, quick_subset, random_cases
from validation.checks import CHECKS
from validation.commands.compare import NOTHING_IN_COMMON, load, print_comparison
from validation.commands.console import (
    AGREED,
    DISAGREED,
    INTERRUPTED,
    WORKER_DIED,
    bad_input,
    check_output,
    errors,
    out,
    progress,
    write_text,
)
from validation.compare import compare
from validation.parts import PartsError, keeping_parts, parts_path
from validation.pool import WorkerDiedError
from validation.record import build_record, overall, record_text, write_record
from validation.report import ReportError, check_directory, count_pieces, write_report
from validation.runner import execute, plan, summarise
from validation.tables import print_results

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


__all__ = ["run", "select_cases"]

QUICK_RANDOM = 4
"""Random points in a quick run."""


def select_cases(
    *, quick: bool, seed: int, random: int, patterns: Sequence[str] = ()
) -> tuple[Case, ...]:
    """Return the cases of a run.

    Parameters
    ----------
    quick : bool
        Only a subset of the paper's cases and the corners that still covers every regime, figure
        and difficulty, and at most `QUICK_RANDOM` random points.
    seed, random : int
        Seed and number of random points.
    patterns : sequence of str
        Shell patterns of slugs: the cases that match any of them, from the whole list.
    """
    paper, corners = paper_cases(), corner_cases()
    drawn = random_cases(seed, random)
    if patterns:
        cases = (*paper, *corners, *drawn)
        return tuple(c for c in cases if any(fnmatch.fnmatchcase(c.slug, p) for p in patterns))
    if quick:
        return (*quick_subset(paper), *quick_subset(corners), *drawn[:QUICK_RANDOM])
    return (*paper, *corners, *drawn)


def run(
    *,
    quick: bool,
    workers: int | None,
    seed: int,
    random: int,
    digits: int,
    output: Path,
    only: Sequence[str],
    patterns: Sequence[str],
    verbose: bool,
    report: Path | None = None,
    baseline: Path | None = None,
    as_json: bool = False,
) -> int:
    """Cross-validate, write the record, print what came of it, and return the exit code.

    Parameters
    ----------
    quick, seed, random, patterns
        Which cases; see `select_cases`.
    workers : int or None
        Processes; as many as there are processors with None.
    digits : int
        Digits asked of the reference.
    output : Path
        Where the record goes.
    only : sequence of str
        Names of the checks to make; all of them when empty.
    verbose : bool
        Print every failure, every change, and what each check claims.
    report : Path, optional
        Directory that the report goes to.
    baseline : Path, optional
        A record to compare with, which may be ``output``.
    as_json : bool
        Print the record to stdout and nothing else there; the comparison goes to stderr.
    """
    old = None if baseline is None else load("--compare", baseline)
    unknown = [name for name in only if name not in CHECKS]
    if unknown:
        bad_input(f"--only {unknown[0]!r} is not a check; there are {', '.join(CHECKS)}.")
    check_output("--output", output)
    selected = select_cases(quick=quick, seed=seed, random=random, patterns=patterns)
    if patterns and not selected:
        bad_input(f"--case {patterns[0]!r} matches no case; try 'paper-*', 'weak-*' or 'random-*'.")
    if report is not None:
        try:
            check_directory(report)
        except ReportError as error:
            bad_input(f"--report: {error}")

    tasks = plan(selected, only, digits)
    cases = tuple(task.case for task in tasks if task.case is not None)
    count = min(workers or os.cpu_count() or 1, max(len(tasks), 1))
    started, clock = datetime.now(UTC), time.perf_counter()
    finished: list[int] = []
    try:
        with keeping_parts(parts_path(output)) as parts:
            with progress("cross-validating", len(tasks)) as advance:

                def on_done(index: int) -> None:
                    finished.append(index)
                    advance()

                rows = execute(tasks, count, on_done, parts)
            seconds = time.perf_counter() - clock
            summaries = summarise(rows)
            if overall(summaries) == "empty":
                parts.remove()
                bad_input("nothing could be compared; widen --only or --case.")
            options = {
                "quick": quick,
                "seed": seed,
                "random": random,
                "digits": digits,
                "only": list(only),
                "case": list(patterns),
            }
            this_time = {
                "started": started.isoformat(timespec="seconds"),
                "seconds": round(seconds, 1),
                "workers": count,
            }
            record = build_record(options, cases, rows, summaries, this_time)
            unwritten = _write(record, output)
            if unwritten is None:
                parts.remove()
    except KeyboardInterrupt:
        errors().print(
            f"Interrupted after {len(finished)} of {len(tasks)} tasks, which are kept: the same "
            "command goes on.",
            soft_wrap=True,
        )
        return INTERRUPTED
    except PartsError as error:
        bad_input(f"--output: {error}.")

    if as_json:
        write_text(record_text(record))
    else:
        place = output if unwritten is None else None
        print_results(out(), record, cases, rows, summaries, place, verbose)
    found = None if old is None else compare(old, record)
    if old is not None and found is not None:
        print_comparison(errors() if as_json else out(), found, old, record, verbose=verbose)
    if unwritten is not None:
        bad_input(f"--output {str(output)!r} could not be written: {unwritten}.")
    if report is not None:
        page = _write_report(record, report, output, workers)
        if not as_json:
            out().print(f"Report: {escape(str(page))}", soft_wrap=True)
    if found is not None and not found.compared:
        bad_input(f"--compare {str(baseline)!r}: {NOTHING_IN_COMMON}")
    worse = found is not None and found.got_worse
    return DISAGREED if worse or record["verdict"] != "agreed" else AGREED


def _write(record: Mapping[str, Any], output: Path) -> str | None:
    """Write the record; return why it could not be written, so that the results still show."""
    try:
        write_record(record, output)
    except OSError as error:
        return error.strerror
    return None


def _write_report(
    record: Mapping[str, Any], directory: Path, output: Path, workers: int | None
) -> Path:
    """Write the report and return its page, or say that the record at least is there, and exit."""
    try:
        with progress("report", count_pieces(record)) as advance:
            page = write_report(record, directory, advance=advance, workers=workers)
    except KeyboardInterrupt:
        raise _unreported("Interrupted", output, INTERRUPTED) from None
    except WorkerDiedError as error:
        raise _unreported(str(error), output, WORKER_DIED) from None
    except (ReportError, OSError) as error:
        bad_input(f"--report {str(directory)!r} could not be written: {error}")
    return page


def _unreported(why: str, output: Path, code: int) -> typer.Exit:
    errors().print(
        f"{why}: the record was written to {escape(str(output))}, the report was not.",
        soft_wrap=True,
    )
    return typer.Exit(code)
