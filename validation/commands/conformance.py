"""``qbval conformance``: write the cases out, score what comes back. May import: everything."""

from __future__ import annotations

import fnmatch
import os.path
import sys
from collections import Counter
from difflib import get_close_matches
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from rich import box
from rich.table import Table

from validation.cases import REGIMES
from validation.commands.console import (
    AGREED,
    DISAGREED,
    INTERRUPTED,
    bad_input,
    check_output,
    errors,
    json_text,
    out,
    print_json,
    progress,
    write_file,
    write_text,
)
from validation.conformance import picture
from validation.conformance.driver import ProgramError, drive
from validation.conformance.mistakes import recognise
from validation.conformance.protocol import Answer, Failure, input_line, read_answers
from validation.conformance.rendering import markdown, print_report
from validation.conformance.report import Report, as_data
from validation.conformance.scoring import score
from validation.conformance.thresholds import Thresholds, requirements
from validation.reference_table import TableError, load_table
from validation.references import OBSERVABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from validation.conformance.protocol import Outcome
    from validation.reference_table import ReferenceTable, TableCase

__all__ = ["EXAMPLES", "check", "example", "export", "list_regimes"]

EXAMPLES = {"c": "conformance.c", "javascript": "conformance.mjs", "python": "quad.py"}
"""Example implementations by language: files of ``validation/conformance/examples``."""

STDOUT = Path("-")
"""What ``--json`` calls stdout."""

MEGABYTE = 10**6


def export(
    table_path: Path | None, output: Path | None, regimes: Sequence[str], patterns: Sequence[str]
) -> int:
    """Write the input lines to a file or to stdout, and return the exit code."""
    cases = _chosen(_table(table_path), regimes, patterns)
    text = "".join(f"{input_line(case)}\n" for case in cases)
    if output is None:
        write_text(text)
        return AGREED
    check_output("--output", output)
    write_file("--output", output, text)
    errors().print(f"{len(cases)} cases: {output}", soft_wrap=True, markup=False)
    return AGREED


def list_regimes(table_path: Path | None) -> int:
    """Print the regimes with their number of cases and meaning."""
    counts = Counter(case.regime for case in _table(table_path).cases)
    grid = Table(box=box.SIMPLE_HEAD)
    grid.add_column("regime", no_wrap=True)
    grid.add_column("cases", justify="right", no_wrap=True)
    grid.add_column("meaning")
    for name, meaning in REGIMES.items():
        if counts[name]:
            grid.add_row(name, str(counts[name]), meaning)
    out().print(grid)
    return AGREED


def example(language: str, output: Path | None) -> int:
    """Write an example implementation to a file or to stdout, and return the exit code."""
    if language not in EXAMPLES:
        bad_input(f"there is no example in {language!r}; there are {', '.join(EXAMPLES)}.")
    name = EXAMPLES[language]
    text = (resources.files("validation.conformance") / "examples" / name).read_text("utf-8")
    if output is None:
        write_text(text)
        return AGREED
    target = output / name if os.path.isdir(output) else output
    check_output("--output", target)
    if target.exists():
        bad_input(f"--output {str(target)!r} exists already; give another name.")
    write_file("--output", target, text)
    errors().print(f"Written: {target}", soft_wrap=True, markup=False)
    return AGREED


def check(
    *,
    table_path: Path | None,
    results: str | None,
    program: str | None,
    timeout: float,
    memory: int,
    regimes: Sequence[str],
    patterns: Sequence[str],
    observables: Sequence[str],
    thresholds: Thresholds,
    json_file: Path | None,
    markdown_file: Path | None,
    picture_file: Path | None,
) -> int:
    """Score a results file or a program, print the report, and return the exit code."""
    if (results is None) == (program is None):
        bad_input("give either a results file or --exec PROGRAM.")
    for name in observables:
        if name not in OBSERVABLES:
            bad_input(f"--observable {name!r} is none; there are {', '.join(OBSERVABLES)}.")
    for option, path in (
        ("--json", json_file), ("--markdown", markdown_file), ("--picture", picture_file)
    ):  # fmt: skip
        if path is not None and not (option == "--json" and path == STDOUT):
            check_output(option, path)
    if picture_file is not None:
        _checked_picture(picture_file)
    table = _table(table_path)
    cases = _chosen(table, regimes, patterns)
    names = [name for name in OBSERVABLES if name in observables or not observables]
    stray: tuple[Failure, ...] = ()
    notes: list[str] = []
    try:
        if program is not None:
            outcomes = _driven(program, cases, timeout, memory)
        else:
            assert results is not None
            outcomes, stray, notes = _read(results, table)
    except KeyboardInterrupt:
        errors().print("Interrupted: nothing was written.")
        return INTERRUPTED
    wanted = {case.slug: case for case in cases}
    outcomes = {slug: outcome for slug, outcome in outcomes.items() if slug in wanted}
    scores = score(cases, outcomes, names)
    failures = (*(o for o in outcomes.values() if isinstance(o, Failure)), *stray)
    answers = {slug: outcome for slug, outcome in outcomes.items() if isinstance(outcome, Answer)}
    report = Report(
        source=program or results or "",
        command=program or "",
        options={
            "table_version": table.version,
            "regimes": list(regimes),
            "cases": list(patterns),
            "observables": names,
            "timeout": timeout,
            "memory": memory,
            "min_digits": thresholds.min_digits,
            "min_median": thresholds.min_median,
            "digits_lost": thresholds.digits_lost,
        },
        cases=wanted,
        scores=scores,
        failures=failures,
        findings=recognise(
            table,
            {
                slug: {name: float(v) for name, v in answer.values.items() if name in names}
                for slug, answer in answers.items()
            },
        ),
        requirements=requirements(scores, failures, thresholds),
        notes=(*notes, *_strange_names(answers.values())),
    )
    if json_file == STDOUT:
        print_json(as_data(report))
    else:
        print_report(out(), report)
        if json_file is not None:
            write_file("--json", json_file, json_text(as_data(report)))
    if markdown_file is not None:
        write_file("--markdown", markdown_file, markdown(report))
    if picture_file is not None:
        picture.draw(report, picture_file)
    return AGREED if report.met else DISAGREED


def _table(path: Path | None) -> ReferenceTable:
    try:
        return load_table(path)
    except TableError as error:
        bad_input(f"{error}.")


def _chosen(
    table: ReferenceTable, regimes: Sequence[str], patterns: Sequence[str]
) -> tuple[TableCase, ...]:
    """Return the cases of these regimes that match any pattern, all if none are given."""
    there = {case.regime for case in table.cases}
    for name in regimes:
        if name not in there:
            known = [regime for regime in REGIMES if regime in there]
            bad_input(f"--regime {name!r} has no case in the table; there are {', '.join(known)}.")
    cases = tuple(
        case
        for case in table.cases
        if (not regimes or case.regime in regimes)
        and (not patterns or any(fnmatch.fnmatchcase(case.slug, p) for p in patterns))
    )
    if not cases:
        bad_input(
            f"no case matches --case {' --case '.join(map(repr, patterns))}"
            + (f" in {', '.join(regimes)}" if regimes else "")
            + "; 'qbval conformance export' lists all."
        )
    return cases


def _checked_picture(path: Path) -> None:
    if path.suffix.lower() not in picture.FORMATS:
        bad_input(f"--picture {str(path)!r} has no format; end it in {', '.join(picture.FORMATS)}.")


def _driven(
    program: str, cases: Sequence[TableCase], timeout: float, memory: int
) -> dict[str, Outcome]:
    questions = [(case.slug, input_line(case)) for case in cases]
    try:
        with progress("asking the program", len(questions)) as advance:
            failed = 0

            def on_done(outcome: Outcome) -> None:
                nonlocal failed
                failed += isinstance(outcome, Failure)
                advance(f"asking the program ({failed} failed)" if failed else None)

            return drive(program, questions, timeout, on_done, memory * MEGABYTE)
    except ProgramError as error:
        bad_input(f"--exec: {error}.")


def _read(
    results: str, table: ReferenceTable
) -> tuple[dict[str, Outcome], tuple[Failure, ...], list[str]]:
    """Return outcomes, stray lines and notes of a results file; ``-`` is stdin."""
    try:
        # Whatever bytes there are: a line that is no UTF-8 is no answer, and is shown.
        data = sys.stdin.buffer.read() if results == "-" else Path(results).read_bytes()
    except OSError as error:
        bad_input(f"{results!r} cannot be read ({error.strerror}); give a file of JSON lines.")
    reading = read_answers(data.decode("utf-8-sig", "replace").split("\n"), table.by_slug)
    if not reading.outcomes:
        detail = "; "
        if reading.failures:
            detail += f"{reading.failures[0].detail}"
        elif reading.unknown:
            detail += f"it answers {reading.unknown[0]!r}, which is no case of this table"
        else:
            detail += "it is empty"
        bad_input(
            f"{results!r} holds no answer to any case{detail}. Give one JSON object on each line: "
            '{"id": "...", "values": {"particle_number": 0.5}}.'
        )
    notes = []
    if reading.unknown:
        notes.append(
            f"{len(reading.unknown)} answers are to cases that are not in this table, e.g. "
            f"{reading.unknown[0]}"
        )
    return reading.outcomes, reading.failures, notes


def _strange_names(answers: Iterable[Answer]) -> Iterator[str]:
    """Yield a note on every name among the values that is no observable."""
    strange = Counter(
        name
        for answer in answers
        for name in (*answer.values, *answer.not_numbers)
        if name not in OBSERVABLES
    )
    for name, count in strange.items():
        close = get_close_matches(name, OBSERVABLES, 1)
        guess = f"; did you mean {close[0]}?" if close else ""
        yield f"{count} answers give {name!r}, which is no observable{guess}"
