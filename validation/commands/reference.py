"""``qbval reference``: make, prove and hand out the table. May import: everything."""

from __future__ import annotations

import fnmatch
import os
from collections import defaultdict
from typing import TYPE_CHECKING

from rich.table import Table

from validation.commands.console import (
    AGREED,
    DISAGREED,
    INTERRUPTED,
    WORKER_DIED,
    bad_input,
    errors,
    out,
    progress,
)
from validation.commands.reference_show import load, plain_table
from validation.files import write_atomically
from validation.parts import PartsError, keeping_parts, parts_path
from validation.pool import WorkerDiedError
from validation.reference_table.table import (
    CASES_FILE,
    DATA,
    JSON_FILE,
    PAGE_FILE,
    SCHEMA_FILE,
    VALUES_FILE,
    TableCase,
    write_table,
)
from validation.references import BACKENDS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from validation.cases import Case
    from validation.parts import Parts
    from validation.reference_table.build import Outcome

__all__ = ["build", "check", "export"]

FILES = (JSON_FILE, SCHEMA_FILE, CASES_FILE, VALUES_FILE, PAGE_FILE)

PROBLEMS_SHOWN = 20


def build(
    *, output: Path | None, workers: int | None, digits: int, patterns: Sequence[str], backend: str
) -> int:
    """Compute the table, write it, and return the exit code."""
    from validation.reference_table.build import assemble
    from validation.reference_table.selection import select

    _known(backend)
    if patterns and output is None:
        bad_input("--case makes a table of some cases only; say where it goes with --output DIR.")
    directory = output or DATA
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        bad_input(f"--output {str(directory)!r} cannot be made: {error.strerror}.")
    if not os.access(directory, os.W_OK):
        bad_input(f"{str(directory)!r} cannot be written; give a directory of yours with --output.")
    cases = _matching(select(patterns), patterns)
    try:
        with keeping_parts(parts_path(directory / JSON_FILE)) as parts:
            outcomes = _compute(cases, digits, backend, workers, parts)
            if isinstance(outcomes, int):
                return outcomes
            table = assemble(outcomes, digits=digits, backend=backend, patterns=patterns)
            if table.cases:
                write_table(table, directory)
            parts.remove()
    except PartsError as error:
        bad_input(f"{error}.")
    except OSError as error:
        bad_input(
            f"{str(directory)!r} cannot be written ({error.strerror}); what was computed is kept."
        )
    if not table.cases:
        for outcome in outcomes:
            errors().print(f"{outcome.slug}: {outcome.refusal}", soft_wrap=True)
        errors().print("No case has all its values: nothing was written.")
        return DISAGREED

    console = out()
    console.print(_regimes_table(table.cases))
    for entry in table.provenance["dropped"]:
        console.print(f"Left out: {entry['slug']}: {entry['reason']}", soft_wrap=True)
    kind = "certified" if table.provenance["certified"] else "estimated"
    console.print(
        f"{len(table.cases)} cases to {digits} digits, radii {kind}, "
        f"{len(table.provenance['dropped'])} left out. Table: {directory}",
        soft_wrap=True,
    )
    return AGREED


def check(
    *,
    output: Path | None,
    workers: int | None,
    patterns: Sequence[str],
    backend: str | None,
    quick: bool,
) -> int:
    """Recompute a table, hold it against the files, and return the exit code."""
    from validation.reference_table.check import (
        EXTRA_DIGITS,
        check_files,
        check_selection,
        compare_cases,
    )
    from validation.reference_table.selection import sample_per_regime, select

    table, directory = load(output), output or DATA
    if not directory.is_dir():
        bad_input(f"--output {str(directory)!r} is not a directory; give the one of the table.")
    backend = table.provenance["backend"] if backend is None else backend
    _known(backend)
    for pattern in patterns:
        if not fnmatch.filter(table.by_slug, pattern):
            bad_input(f"--case {pattern!r} matches no case; 'qbval reference show' lists them.")
    problems = check_files(directory, table)
    if problems:
        return _verdict(problems, "nothing was computed anew")
    selection = select(table.provenance["patterns"])
    problems += check_selection(table, selection)
    chosen = [case for case in selection if case.slug in table.by_slug]
    if patterns:
        wanted = {case.slug for case in select(patterns)}
        chosen = _matching([case for case in chosen if case.slug in wanted], patterns)
    if quick:
        chosen = list(sample_per_regime(chosen))
    digits = table.digits + EXTRA_DIGITS
    outcomes = _compute(chosen, digits, backend, workers, conditions=not quick)
    if isinstance(outcomes, int):
        return outcomes

    compared = []
    for outcome in outcomes:
        if outcome.case is None:
            problems.append(f"{outcome.slug}: computed anew, it is refused: {outcome.refusal}")
        else:
            compared.append(
                compare_cases(table.by_slug[outcome.slug], outcome.case, conditions=not quick)
            )
            problems += compared[-1].problems

    grouped = defaultdict(list)
    for comparison in compared:
        grouped[comparison.regime].append(comparison)
    report = plain_table("regime", "cases", "values", "worst distance", "fewest digits", "verdict")
    for regime, group in grouped.items():
        report.add_row(
            regime,
            str(len(group)),
            str(sum(c.values for c in group)),
            f"{max(c.worst for c in group):.2g}",
            f"{min(c.right_digits for c in group):.1f}",
            "[red]disagreed[/]" if any(c.problems for c in group) else "[green]agreed[/]",
        )
    console = out()
    console.print(report)
    console.print(
        "Distances of midpoints are in units of the sum of the two radii: up to 1, they overlap. "
        "The radius of a shipped value is mostly its rounding, so that some come close to 1."
    )
    return _verdict(
        problems,
        f"{len(compared)} of {len(table.cases)} cases computed anew by {backend}, files and "
        "selection compared",
    )


def _verdict(problems: Sequence[str], done: str) -> int:
    console = out()
    for problem in problems[:PROBLEMS_SHOWN]:
        console.print(f"- {problem}", markup=False, soft_wrap=True)
    if len(problems) > PROBLEMS_SHOWN:
        console.print(f"- ... and {len(problems) - PROBLEMS_SHOWN} more")
    kind = "[bold red]DISAGREED[/]" if problems else "[green]Agreed[/]"
    console.print(f"{kind}: {done}, problems: {len(problems)}.", soft_wrap=True)
    return DISAGREED if problems else AGREED


def export(directory: Path) -> int:
    """Copy the shipped files into a directory, and return the exit code."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name in FILES:
            write_atomically(directory / name, (DATA / name).read_bytes())
    except OSError as error:
        bad_input(f"{str(directory)!r} cannot be written: {error.strerror}.")
    for name in FILES:
        out().print(str(directory / name), soft_wrap=True)
    return AGREED


def _compute(
    cases: Sequence[Case],
    digits: int,
    backend: str,
    workers: int | None,
    parts: Parts | None = None,
    *,
    conditions: bool = True,
) -> list[Outcome] | int:
    """Return what came of the cases, or an exit code."""
    from validation.reference_table.build import compute_all

    count = min(workers or os.cpu_count() or 1, max(len(cases), 1))
    finished = 0

    with progress("computing", len(cases)) as shown:

        def advance(outcome: Outcome) -> None:
            nonlocal finished
            finished += 1
            shown()

        try:
            return compute_all(
                cases,
                digits=digits,
                backend=backend,
                conditions=conditions,
                workers=count,
                parts=parts,
                on_done=advance,
            )
        except KeyboardInterrupt:
            message, code = "Interrupted", INTERRUPTED
        except WorkerDiedError as error:
            message, code = str(error), WORKER_DIED
    kept = f" {finished} of {len(cases)} cases are kept: the same command goes on."
    errors().print(f"{message}.{kept if parts is not None else ''}", soft_wrap=True, markup=False)
    return code


def _known(backend: str) -> None:
    if backend not in BACKENDS:
        bad_input(f"--backend {backend!r} does not exist; there are {', '.join(BACKENDS)}.")


def _matching(cases: Sequence[Case], patterns: Sequence[str]) -> list[Case]:
    if not cases:
        bad_input(f"--case {patterns[0]!r} matches no case; 'qbval reference show' lists them.")
    return list(cases)


def _regimes_table(cases: Sequence[TableCase]) -> Table:
    counts: defaultdict[str, int] = defaultdict(int)
    for case in cases:
        counts[case.regime] += 1
    table = plain_table("regime", "cases")
    for regime, count in counts.items():
        table.add_row(regime, str(count))
    return table
