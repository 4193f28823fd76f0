"""``qbval compare``: two records of runs held against each other. May import: everything."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Any

from rich import box
from rich.markup import escape
from rich.table import Table

from validation.checks import CHECKS
from validation.commands.console import AGREED, DISAGREED, bad_input, out, print_json
from validation.compare import THRESHOLD, Change, RecordComparison
from validation.compare import compare as compare_records
from validation.record import RecordError, read_record
from validation.report.content import command_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from rich.console import Console

__all__ = ["NOTHING_IN_COMMON", "compare", "load", "print_comparison"]

SHOWN = 10
"""Lines shown of each list, if not all are asked for."""

NOTHING_IN_COMMON = (
    "the two records have no comparison in common; choose the same checks and cases."
)

STYLES = {"agreed": "green", "refused": "yellow", "disagreed": "bold red", "crashed": "bold red"}


def compare(old_file: Path, new_file: Path, as_json: bool, verbose: bool) -> int:
    """Compare two files, print what differs, and return the exit code.

    Parameters
    ----------
    old_file, new_file : Path
        Records that ``qbval run`` wrote.
    as_json : bool
        One JSON object instead of tables.
    verbose : bool
        Every line of every list, instead of the first `SHOWN`.
    """
    old, new = load("OLD", old_file), load("NEW", new_file)
    found = compare_records(old, new)
    if not found.compared:
        bad_input(NOTHING_IN_COMMON)
    if as_json:
        print_json(_as_data(found, new["options"]))
    else:
        print_comparison(out(), found, old, new, verbose=verbose)
    return DISAGREED if found.got_worse else AGREED


def load(option: str, path: Path) -> dict[str, Any]:
    """Return the record in a file, or exit with a sentence that names the option."""
    try:
        return read_record(path)
    except RecordError as error:
        bad_input(f"{option}: {error}")


def print_comparison(
    console: Console,
    found: RecordComparison,
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    *,
    verbose: bool = False,
) -> None:
    """Print what differs between two records, the worst first.

    Parameters
    ----------
    console : rich.console.Console
    found : RecordComparison
        What `validation.compare.compare` made of the two.
    old, new : mapping
        The records.
    verbose : bool
        Every line of every list, instead of the first `SHOWN`.
    """
    console.print(f"Old: {_title(old)}", soft_wrap=True)
    console.print(f"New: {_title(new)}", soft_wrap=True)
    limit = None if verbose else SHOWN
    _print_differences(console, found)
    for change in found.verdicts:
        style = "bold red" if change.worse else "green"
        console.print(f"[{style}]Verdict[/] of {change.check}: {change.old}, now {change.new}")
    for title, style, changes, to_repeat in (
        ("Refused or crashed now", "bold red", found.refused, True),
        ("Worse", "bold red", found.worse, True),
        ("Answered now", "green", found.answered, False),
        ("Better", "green", found.better, False),
    ):
        if changes:
            console.print(_table(f"[{style}]{title}[/]: {len(changes)}", changes[:limit]))
            if len(changes) > SHOWN and not verbose:
                console.print(f"  ... and {len(changes) - SHOWN} more: --verbose shows all")
        if changes and to_repeat:
            _print_commands(console, changes[:limit], new["options"])
    if not found.compared:
        return
    same = found.compared - sum(
        map(len, (found.worse, found.refused, found.better, found.answered))
    )
    console.print(
        f"{'[bold red]WORSE' if found.got_worse else '[green]Nothing got worse'}[/]: of "
        f"{found.compared} results in both records {len(found.worse)} are worse, "
        f"{len(found.refused)} refused or crashed now, {len(found.better)} better, "
        f"{len(found.answered)} answered now; the other {same} lost or gained less than "
        f"{'a digit' if THRESHOLD == 1 else f'{THRESHOLD} digits'}.",
        soft_wrap=True,
    )


def _title(record: Mapping[str, Any]) -> str:
    style = "green" if record["verdict"] == "agreed" else "bold red"
    return (
        f"[{style}]{record['verdict']}[/], {record['comparisons']} comparisons at "
        f"{sum(record['cases'].values())} junctions, {escape(record['run']['started'])}"
    )


def _print_differences(console: Console, found: RecordComparison) -> None:
    for name, (old, new) in {**found.versions, **found.options}.items():
        kind = "Version" if name in found.versions else "Option"
        console.print(
            f"{kind} {escape(name)}: {escape(str(old))}, now {escape(str(new))}", soft_wrap=True
        )
    for which, only in (("old", found.only_old), ("new", found.only_new)):
        if only:
            counts = ", ".join(f"{escape(check)} {count}" for check, count in only.items())
            console.print(f"Results only in the {which} record: {counts}", soft_wrap=True)


def _table(title: str, changes: Sequence[Change]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left")
    for heading in ("check", "case", "observable"):
        table.add_column(heading, overflow="fold")
    for heading in ("error", "now", "digits"):
        table.add_column(heading, justify="right", no_wrap=True)
    for change in changes:
        style = STYLES[change.verdict]
        table.add_row(
            escape(change.check),
            escape(change.case),
            escape(change.observable),
            _shown(change.old),
            f"[{style}]{_shown(change.new)}[/]",
            _shown_digits(change.digits),
        )
    return table


def _shown(entry: float | str) -> str:
    return entry if isinstance(entry, str) else f"{entry:.1e}"


def _shown_digits(digits: float | None) -> str:
    return "" if digits is None or math.isinf(digits) else f"{digits:+.1f}"


def _print_commands(
    console: Console, changes: Sequence[Change], options: Mapping[str, Any]
) -> None:
    commands = dict.fromkeys(_command(change, options) for change in changes)
    for command in filter(None, commands):
        # Never wrapped, so that it can be pasted.
        console.print(f"    {escape(command)}", soft_wrap=True)


def _command(change: Change, options: Mapping[str, Any]) -> str | None:
    """Return the command that makes the check there again, if this version has the check."""
    check = CHECKS.get(change.check)
    if check is None:
        return None
    case = "" if check.applies is None else change.case
    # Into a file of its own: the default may be one of the two records.
    return f"{command_of(options, change.check, case)} --output again.json"


def _as_data(found: RecordComparison, options: Mapping[str, Any]) -> dict[str, Any]:
    data = dataclasses.asdict(found)
    for name in ("worse", "refused", "better", "answered"):
        for entry, change in zip(data[name], getattr(found, name), strict=True):
            if change.digits is not None and math.isinf(change.digits):
                entry["digits"] = repr(change.digits)
            entry["command"] = _command(change, options)
    return {"got_worse": found.got_worse, **data}
