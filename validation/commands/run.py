"""``qbval run``: the cross-validation of all layers. May import: everything."""

from __future__ import annotations

import fnmatch
import os
import time
from concurrent.futures.process import BrokenProcessPool
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from validation.cases import Case, corner_cases, paper_cases, quick_subset, random_cases
from validation.checks import CHECKS
from validation.commands.console import (
    AGREED,
    DISAGREED,
    INTERRUPTED,
    bad_input,
    errors,
    out,
    progress,
)
from validation.record import build_record, overall, write_record
from validation.runner import execute, plan, summarise
from validation.tables import check_table, digits_table, print_failures, print_worst

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["run", "select_cases"]

QUICK_RANDOM = 4
"""Random points in a quick run."""

FAILURES_SHOWN = 5


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
) -> int:
    """Cross-validate, print the tables, write the record, and return the exit code."""
    unknown = [name for name in only if name not in CHECKS]
    if unknown:
        bad_input(f"--only {unknown[0]!r} is not a check; there are {', '.join(CHECKS)}.")
    if output.is_dir() or not os.access(output.parent, os.W_OK):
        bad_input(
            f"--output {str(output)!r} cannot be written; give a file in a directory you own."
        )
    cases = select_cases(quick=quick, seed=seed, random=random, patterns=patterns)
    if patterns and not cases:
        bad_input(f"--case {patterns[0]!r} matches no case; try 'paper-*', 'weak-*' or 'random-*'.")
    tasks = plan(cases, only, digits)
    count = min(workers or os.cpu_count() or 1, max(len(tasks), 1))
    started, clock = datetime.now(UTC), time.perf_counter()
    try:
        with progress("cross-validating", len(tasks)) as advance:
            rows = execute(tasks, count, lambda index: advance())
    except KeyboardInterrupt:
        errors().print("Interrupted: nothing was written.")
        return INTERRUPTED
    except BrokenProcessPool:
        errors().print("A worker process died (out of memory?): nothing was written.")
        return DISAGREED
    seconds = time.perf_counter() - clock
    summaries = summarise(rows)
    verdict = overall(summaries)
    if verdict == "empty":
        bad_input("nothing could be compared; widen --only or --case.")

    options = {
        "quick": quick,
        "seed": seed,
        "random": random,
        "digits": digits,
        "only": list(only),
        "case": list(patterns),
    }
    record = build_record(
        options,
        cases,
        rows,
        summaries,
        {
            "started": started.isoformat(timespec="seconds"),
            "seconds": round(seconds, 1),
            "workers": count,
        },
    )
    write_record(record, output)

    console, by_slug = out(), {case.slug: case for case in cases}
    console.print(check_table(summaries))
    table = digits_table(rows)
    if table is not None:
        console.print(table)
    if any(summary.failures for summary in summaries):
        console.print("Not agreed:" if verdict != "agreed" else "Refused, with the reason:")
        limit = len(rows) if verbose else FAILURES_SHOWN
        print_failures(console, summaries, by_slug, limit)
    print_worst(console, summaries, by_slug)
    if verbose:
        for summary in summaries:
            console.print(f"{summary.check.name}: {summary.check.claim}")
            console.print(f"    tolerated: {summary.check.tolerance}")
    refused = sum(summary.refused for summary in summaries)
    console.print(
        f"{'[green]Agreed' if verdict == 'agreed' else '[bold red]DISAGREED'}[/]: "
        f"{record['comparisons']} comparisons at {len(cases)} junctions, {refused} refused, "
        f"in {seconds:.0f} s. Record: {output}",
        soft_wrap=True,
    )
    return AGREED if verdict == "agreed" else DISAGREED
